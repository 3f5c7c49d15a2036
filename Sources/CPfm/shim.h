// perfmon's perf_event.h redefines what linux/perf_event.h defines: this module includes only perfmon's.
#include <perfmon/pfmlib.h>
#include <perfmon/pfmlib_perf_event.h>
