/// What a process gives up before it runs a guest.
#ifndef CLINUX_CONFINEMENT_H
#define CLINUX_CONFINEMENT_H

#include <stddef.h>
#include <stdint.h>

/// Gives up every capability of all threads of the process. Each is interrupted once by a signal that none of them blocks, whose handler
/// is as before afterwards. 0 or an errno; ETIMEDOUT where a thread did not answer.
int nm_drop_capabilities(int signal);

/// No program that this process starts gains privileges. 0 or an errno.
int nm_no_new_privileges(void);

/// Holds all threads of the process, and those that they start, to a filter of system calls (a classic BPF program of `count`
/// instructions). 0 or an errno.
int nm_filter_calls(const void *program, size_t count);

/// Has a call that the filter traps stored, its number plus one, in a word of memory, and the process ended with status 159. 0 or an errno.
int nm_report_trapped_calls(uint64_t *word);

/// A crash ends the process at once, by its signal: whatever would make a report of it needs calls that the filter does not admit.
void nm_crash_plainly(void);

/// Limits of the process: no core file, so many descriptors, so many bytes of address space. 0 or an errno.
int nm_limit_process(uint64_t descriptors, uint64_t address_space);

#endif
