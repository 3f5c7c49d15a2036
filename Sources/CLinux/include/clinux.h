/// What the Clang importer cannot bring into Swift by itself: request macros, flexible array members, variadic system
/// calls, and the handful of calls that the Glibc module leaves out. No logic lives here.
#ifndef CLINUX_H
#define CLINUX_H

#define _GNU_SOURCE
// With _GNU_SOURCE glibc names fd_set's member otherwise than without. Foundation's and Dispatch's modules see it without,
// and Swift refuses two definitions of one structure in one program: this header keeps the default name.
#include <features.h>
#undef __USE_XOPEN
#include <sys/select.h>
#define __USE_XOPEN 1

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/// `ioctl` with an integer and with a pointer argument: the C function is variadic, which Swift does not import.
static inline int nm_ioctl_value(int fd, unsigned long request, unsigned long argument) {
  return ioctl(fd, request, argument);
}
static inline int nm_ioctl_pointer(int fd, unsigned long request, void *argument) {
  return ioctl(fd, request, argument);
}

/// `errno`, read at once after a failed call.
static inline int nm_errno(void) { return errno; }

/// The process's environment, for children.
static inline char **nm_environ(void) {
  extern char **environ;
  return environ;
}
/// Whether a child was ended by a signal, and its number or else its exit status, without taking it from its owner. -1 where it runs.
static inline int nm_child_ending(pid_t pid, int *status) {
  siginfo_t information = {0};
  if (waitid(P_PID, (id_t)pid, &information, WEXITED | WNOHANG | WNOWAIT) != 0 || information.si_pid == 0) return -1;
  *status = information.si_status;
  return information.si_code == CLD_EXITED ? 0 : 1;
}

/// fork(2), which Swift has no name for.
static inline pid_t nm_fork(void) { return fork(); }
/// Has the kernel kill this process when the thread that forked it ends. -1 where that happened already.
static inline int nm_die_with_parent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent ? 0 : -1;
}

static inline int nm_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }
/// Sends a signal to the process of a descriptor (Linux 5.1).
static inline int nm_pidfd_send_signal(int descriptor, int number) {
  return (int)syscall(SYS_pidfd_send_signal, descriptor, number, NULL, 0);
}
/// Waits for a child's end and takes it.
static inline int nm_reap(pid_t pid) { return waitid(P_PID, (id_t)pid, NULL, WEXITED); }
static inline int nm_set_nonblocking(int fd) { return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

/// System calls of the data paths, which are no points of cancellation: glibc's own mark the thread by two locked instructions each.
/// Results are theirs.
static inline ssize_t nm_pread(int fd, void *buffer, size_t count, off_t offset) {
  return syscall(SYS_pread64, fd, buffer, count, offset);
}
static inline ssize_t nm_pwrite(int fd, const void *buffer, size_t count, off_t offset) {
  return syscall(SYS_pwrite64, fd, buffer, count, offset);
}
static inline ssize_t nm_write(int fd, const void *buffer, size_t count) {
  return syscall(SYS_write, fd, buffer, count);
}
/// Waits for any of an epoll set, and leaves what it was for as it is: one edge-triggered signal ends one wait.
static inline int nm_epoll_wait(int fd, int milliseconds) {
  struct epoll_event events[2];
  return (int)syscall(SYS_epoll_wait, fd, events, 2, milliseconds);
}

static inline pid_t nm_gettid(void) { return (pid_t)syscall(SYS_gettid); }

static inline uint64_t nm_read_tsc(void) {
  uint32_t low, high;
  __asm__ __volatile__("lfence; rdtsc; lfence" : "=a"(low), "=d"(high)::"memory");
  return (uint64_t)high << 32 | low;
}
/// The time-stamp counter, not ordered against anything.
static inline uint64_t nm_read_tsc_unordered(void) {
  uint32_t low, high;
  __asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high));
  return (uint64_t)high << 32 | low;
}
static inline void nm_relax(void) { __builtin_ia32_pause(); }

/// One word of memory that a guest shares.
static inline uint32_t nm_load_acquire(const volatile uint32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
static inline void nm_store_release(volatile uint32_t *word, uint32_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/// The CPUID leaf's EAX, EBX, ECX and EDX, in this order.
static inline void nm_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t registers[4]) {
  __asm__ __volatile__("cpuid"
                       : "=a"(registers[0]), "=b"(registers[1]), "=c"(registers[2]), "=d"(registers[3])
                       : "a"(leaf), "c"(subleaf));
}

/// Pins the calling thread to one CPU. Returns 0 or an errno.
static inline int nm_pin_current_thread(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : errno;
}
/// Has a thread that is made with these attributes start on one CPU and stay there. Returns 0 or an errno.
static inline int nm_attributes_pin(pthread_attr_t *attributes, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return pthread_attr_setaffinity_np(attributes, sizeof set, &set);
}
/// Pins any thread to the CPUs of a list. Returns 0 or an errno.
static inline int nm_pin_thread(pid_t thread, const int *cpus, int count) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int index = 0; index < count; index++) CPU_SET(cpus[index], &set);
  return sched_setaffinity(thread, sizeof set, &set) == 0 ? 0 : errno;
}
/// Stores the CPUs that the calling thread may run on, at most `limit`; returns how many there are, or a negative errno.
static inline int nm_allowed_cpus(int *cpus, int limit) {
  // The kernel refuses a set that is smaller than its own, which has a bit for each CPU that could ever be there.
  enum { MOST = 1 << 16 };
  cpu_set_t *set = CPU_ALLOC(MOST);
  if (set == NULL) return -ENOMEM;
  size_t size = CPU_ALLOC_SIZE(MOST);
  int count = sched_getaffinity(0, size, set) == 0 ? 0 : -errno;
  for (int cpu = 0; count >= 0 && cpu < MOST; cpu++)
    if (CPU_ISSET_S(cpu, size, set)) {
      if (count < limit) cpus[count] = cpu;
      count++;
    }
  CPU_FREE(set);
  return count;
}

/// `MAP_HUGE_2MB` of linux/mman.h, which clashes with the C library's.
static const int nm_MAP_HUGE_2MB = 21 << 26;
/// Touches every page for writing, or says why one cannot be had: `MADV_POPULATE_WRITE` of Linux 5.14. Returns 0 or an errno.
static inline int nm_populate(void *base, size_t count) { return madvise(base, count, 23) == 0 ? 0 : errno; }

/// Lets the process have transparent huge pages or not; children inherit it. Returns 0 or an errno.
int nm_allow_transparent_huge_pages(int allow);
/// Has the calling thread's sleeps end as exactly as the clock allows. Returns 0 or an errno.
int nm_minimise_timer_slack(void);
/// Has what was printed to standard output written. Returns 0, or the errno where some of it could not be, now or earlier.
int nm_flush_standard_output(void);

// O_TMPFILE, which is no plain number.
int nm_o_tmpfile(void);

// Whether the process ignores a signal: 1 or 0.
int nm_ignores_signal(int number);
/// Stores a network interface's driver and firmware version as its driver tells them (`ETHTOOL_GDRVINFO`), each at most 32
/// bytes with the terminating zero. Returns 0 or an errno.
int nm_network_driver(const char *interface, char driver[32], char firmware[32]);

/// What the calling thread has used: `getrusage(RUSAGE_THREAD)`, whose header is kept out of this module.
struct nm_thread_usage {
  uint64_t user_microseconds, system_microseconds, minor_faults, major_faults, voluntary_switches, involuntary_switches;
};
/// Returns 0 or an errno.
int nm_current_thread_usage(struct nm_thread_usage *usage);

#include "call_filter.h"
#include "confinement.h"
#include "perf_requests.h"
#include "known_work.h"
#include "network_calls.h"
#include "shared_memory.h"
#include "socket_calls.h"
#include "storage_calls.h"
#include "vhost_requests.h"

#endif
