// What traps.S provides in the guest.
#include "probe.h"
volatile uint64_t probe_interrupts[VECTOR_COUNT];
