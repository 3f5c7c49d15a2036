/// Work of a known size, to hold counters against.
#ifndef CLINUX_KNOWN_WORK_H
#define CLINUX_KNOWN_WORK_H

#include <stdint.h>

/// Retires two instructions a round, and the same few others for any number of rounds. `rounds` is 1 or more.
static inline __attribute__((noinline)) void nm_known_instructions(uint64_t rounds) {
  __asm__ volatile(".p2align 6\n1:\n\tdecq %0\n\tjnz 1b" : "+r"(rounds) : : "cc", "memory");
}

/// A system call that does next to nothing, and is never answered from the C library's memory.
static inline void nm_known_system_calls(uint64_t count) {
  while (count-- > 0) (void)syscall(SYS_getppid);
}

#endif
