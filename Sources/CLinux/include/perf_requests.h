/// Requests on perf events, and the calls that make a mount that no path leads to.
#ifndef CLINUX_PERF_REQUESTS_H
#define CLINUX_PERF_REQUESTS_H

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/// The codes of linux/perf_event.h, which cannot be included beside perfmon's copy of it.
static const unsigned long nm_PERF_EVENT_IOC_ENABLE = _IO('$', 0);
static const unsigned long nm_PERF_EVENT_IOC_DISABLE = _IO('$', 1);
static const unsigned long nm_PERF_EVENT_IOC_RESET = _IO('$', 3);
static const unsigned long nm_PERF_EVENT_IOC_SET_FILTER = _IOW('$', 6, char *);

/// A new instance of a file system that needs no source and no options, mounted nowhere: a descriptor of its root for
/// `openat`, gone when it is closed (fsopen(2), fsmount(2); Linux 5.2). Returns a negative value with errno otherwise.
int nm_detached_mount(const char *type);

/// `openat`, which is variadic in C.
static inline int nm_openat(int folder, const char *path, int flags) { return openat(folder, path, flags); }

#endif
