#include "clinux.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

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

int nm_allow_transparent_huge_pages(int allow) {
  return prctl(PR_SET_THP_DISABLE, allow ? 0UL : 1UL, 0UL, 0UL, 0UL) == 0 ? 0 : errno;
}

int nm_minimise_timer_slack(void) { return prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL) == 0 ? 0 : errno; }

int nm_flush_standard_output(void) {
  // What an earlier write lacked is not known any more.
  if (fflush(stdout) != 0) return errno;
  return ferror(stdout) ? EIO : 0;
}

int nm_o_tmpfile(void) { return O_TMPFILE; }

int nm_ignores_signal(int number) {
  struct sigaction action;
  return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int nm_network_driver(const char *interface, char driver[32], char firmware[32]) {
  struct ethtool_drvinfo information = {.cmd = ETHTOOL_GDRVINFO};
  struct ifreq request = {.ifr_data = (char *)&information};
  if (strlen(interface) >= sizeof request.ifr_name) return ENAMETOOLONG;
  strcpy(request.ifr_name, interface);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  int code = ioctl(fd, SIOCETHTOOL, &request) == 0 ? 0 : errno;
  close(fd);
  if (code != 0) return code;
  memcpy(driver, information.driver, 32);
  memcpy(firmware, information.fw_version, 32);
  driver[31] = firmware[31] = 0;
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
