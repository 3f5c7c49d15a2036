#include "clinux.h"

#include <sys/resource.h>

int nm_current_thread_usage(struct nm_thread_usage *usage) {
  struct rusage raw;
  if (getrusage(RUSAGE_THREAD, &raw) != 0) return errno;
  usage->user_microseconds = (uint64_t)raw.ru_utime.tv_sec * 1000000 + (uint64_t)raw.ru_utime.tv_usec;
  usage->system_microseconds = (uint64_t)raw.ru_stime.tv_sec * 1000000 + (uint64_t)raw.ru_stime.tv_usec;
  usage->minor_faults = (uint64_t)raw.ru_minflt;
  usage->major_faults = (uint64_t)raw.ru_majflt;
  usage->voluntary_switches = (uint64_t)raw.ru_nvcsw;
  usage->involuntary_switches = (uint64_t)raw.ru_nivcsw;
  return 0;
}
