#define _GNU_SOURCE
#include "confinement.h"

#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int drop_own_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
  return syscall(SYS_capset, &header, none) == 0 ? 0 : errno;
}

static int answers;

static void on_drop(int number) {
  (void)number;
  int before = errno;
  if (drop_own_capabilities() == 0) __atomic_fetch_add(&answers, 1, __ATOMIC_RELEASE);
  errno = before;
}

// Capabilities are a thread's own (capabilities(7)), and nobody can take those of another one.
int nm_drop_capabilities(int number) {
  int problem = drop_own_capabilities();
  DIR *threads = problem ? NULL : opendir("/proc/self/task");
  if (!threads) return problem ? problem : errno;
  struct sigaction action, before;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_drop;
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, &before);
  __atomic_store_n(&answers, 0, __ATOMIC_RELEASE);
  int asked = 0;
  pid_t self = (pid_t)syscall(SYS_gettid), process = getpid();
  for (struct dirent *entry; (entry = readdir(threads));) {
    pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
    if (thread > 0 && thread != self && syscall(SYS_tgkill, process, thread, number) == 0) asked++;
  }
  closedir(threads);
  for (int wait = 0; __atomic_load_n(&answers, __ATOMIC_ACQUIRE) < asked; wait++) {
    if (wait == 20000) {
      problem = ETIMEDOUT;
      break;
    }
    usleep(50);
  }
  sigaction(number, &before, NULL);
  return problem;
}

int nm_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno; }

int nm_filter_calls(const void *program, size_t count) {
  struct sock_fprog filter = {.len = (unsigned short)count, .filter = (struct sock_filter *)program};
  long answer = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
  // A positive number is a thread that has a filter of its own.
  return answer == 0 ? 0 : answer > 0 ? EBUSY : errno;
}

static uint64_t *trapped_call;

static void on_trap(int number, siginfo_t *information, void *context) {
  (void)number, (void)context;
  __atomic_store_n(trapped_call, (uint64_t)information->si_syscall + 1, __ATOMIC_RELEASE);
  for (;;) syscall(SYS_exit_group, 128 + SIGSYS);
}

int nm_report_trapped_calls(uint64_t *word) {
  trapped_call = word;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = on_trap;
  action.sa_flags = SA_SIGINFO;
  return sigaction(SIGSYS, &action, NULL) == 0 ? 0 : errno;
}

void nm_crash_plainly(void) {
  static const int crashes[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGQUIT, SIGSEGV, SIGTRAP};
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) signal(crashes[i], SIG_DFL);
}

static int limit(int resource, uint64_t most) {
  struct rlimit now;
  if (getrlimit(resource, &now) != 0) return errno;
  if (now.rlim_max < most) most = now.rlim_max;
  struct rlimit wanted = {most, most};
  return setrlimit(resource, &wanted) == 0 ? 0 : errno;
}

int nm_limit_process(uint64_t descriptors, uint64_t address_space) {
  int problem = limit(RLIMIT_CORE, 0);
  if (!problem) problem = limit(RLIMIT_NOFILE, descriptors);
  if (!problem) problem = limit(RLIMIT_AS, address_space);
  return problem;
}
