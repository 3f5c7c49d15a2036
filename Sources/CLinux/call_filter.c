#include "call_filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static long number(enum nm_filtered_call call) {
  switch (call) {
  case NM_CALL_IO_URING: return SYS_io_uring_setup;
  case NM_CALL_PERF_EVENT_OPEN: return SYS_perf_event_open;
  case NM_CALL_GET_MEMPOLICY: return SYS_get_mempolicy;
  case NM_CALL_MBIND: return SYS_mbind;
  case NM_CALL_MOVE_PAGES: return SYS_move_pages;
  case NM_CALL_USERFAULTFD: return SYS_userfaultfd;
  }
  return -1;
}

static long senseless(enum nm_filtered_call call) {
  switch (call) {
  // No queue has no entries, and no parameters lie at 0.
  case NM_CALL_IO_URING: return syscall(SYS_io_uring_setup, 0, (void *)0);
  // No such flags.
  case NM_CALL_PERF_EVENT_OPEN: return syscall(SYS_perf_event_open, (void *)0, 0, -1, -1, ~0ul);
  case NM_CALL_GET_MEMPOLICY: return syscall(SYS_get_mempolicy, (void *)0, (void *)0, 0ul, (void *)0, ~0ul);
  case NM_CALL_MBIND: return syscall(SYS_mbind, (void *)0, 0ul, ~0ul, (void *)0, 0ul, ~0u);
  case NM_CALL_MOVE_PAGES: return syscall(SYS_move_pages, 0, 0ul, (void *)0, (void *)0, (void *)0, ~0);
  // User mode only, which needs no privilege, and a flag that does not exist.
  case NM_CALL_USERFAULTFD: return syscall(SYS_userfaultfd, 1 | 1 << 20);
  }
  return -1;
}

bool nm_filter_refuses(enum nm_filtered_call call) {
  if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_FILTER) return false;
  if (senseless(call) >= 0) return false;
  return errno == EPERM || errno == ENOSYS || errno == EACCES;
}

int nm_refuse_call(enum nm_filtered_call call, int code) {
  struct sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number(call), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (code & SECCOMP_RET_DATA)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog filter = {.len = sizeof program / sizeof *program, .filter = program};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0 ? 0 : errno;
}
