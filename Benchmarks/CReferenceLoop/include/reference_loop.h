/// The tightest loop around KVM_RUN that can still run the probe: the yardstick for the monitor's own exit loop. One
/// vCPU on the calling thread, no lock, no watchdog, no device model; what the probe needs is answered in one switch.
#ifndef REFERENCE_LOOP_H
#define REFERENCE_LOOP_H

#include <stdint.h>

struct nm_reference_guest {
  void *memory;          ///< RAM from guest-physical 0, with a PVH image loaded; page-aligned
  uint64_t size;         ///< bytes of it, at most 3 GiB
  uint32_t entry;        ///< 32-bit entry
  uint32_t start_info;   ///< guest-physical address of the start info
  uint8_t *output;       ///< takes what the guest sends on COM1
  uint64_t capacity;     ///< bytes that fit there; the rest is dropped
  uint64_t length;       ///< bytes that came
  uint32_t exit_value;   ///< what the guest wrote to the debug-exit port
};

/// Runs the guest until it writes to the debug-exit port. Blocks for as long as that takes. Returns 0, an errno, or -1
/// for an exit that it does not know.
int nm_reference_run(struct nm_reference_guest *guest);

#endif
