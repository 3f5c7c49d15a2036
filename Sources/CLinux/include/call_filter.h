#ifndef NM_CALL_FILTER_H
#define NM_CALL_FILTER_H

#include <stdbool.h>

enum nm_filtered_call {
  NM_CALL_IO_URING,
  NM_CALL_PERF_EVENT_OPEN,
  NM_CALL_GET_MEMPOLICY,
  NM_CALL_MBIND,
  NM_CALL_MOVE_PAGES,
  NM_CALL_USERFAULTFD,
};

// Whether this thread runs under a seccomp filter that refuses the call. Nothing is done but a call with senseless arguments.
bool nm_filter_refuses(enum nm_filtered_call call);

// Has the calling thread, and what it starts, refused the call with an errno from now on (seccomp(2)); for tests of the above.
// Returns 0 or an errno.
int nm_refuse_call(enum nm_filtered_call call, int code);

#endif
