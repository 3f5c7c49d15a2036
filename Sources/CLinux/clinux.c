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

#ifndef FSOPEN_CLOEXEC
#define FSOPEN_CLOEXEC 1u
#define FSMOUNT_CLOEXEC 1u
#define FSCONFIG_CMD_CREATE 6
#endif

int nm_detached_mount(const char *type) {
  int context = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  int mount = -1;
  if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
    mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
  int code = errno;
  close(context);
  errno = code;
  return mount;
}
