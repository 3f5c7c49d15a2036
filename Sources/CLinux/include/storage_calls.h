/// Calls on disks that Swift cannot make by itself: request macros and structures newer than the C library's headers.
#ifndef CLINUX_STORAGE_CALLS_H
#define CLINUX_STORAGE_CALLS_H

#include <linux/falloc.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>

/// Stores the bytes of a block device. Returns 0 or an errno.
int nm_block_device_size(int fd, uint64_t *bytes);

/// Stores what O_DIRECT asks of buffer addresses and of offsets and lengths, as `statx` reports it. Returns 0 or an errno;
/// ENOTSUP where the kernel or the file system does not say.
int nm_direct_alignment(int fd, uint32_t *memory, uint32_t *offset);

/// `rename` with flags (`renameat2`); the C library declares it for C with extensions only.
int nm_renameat2(const char *from, const char *to, unsigned flags);
static const unsigned nm_RENAME_NOREPLACE = 1;
static const unsigned nm_RENAME_EXCHANGE = 2;

#endif
