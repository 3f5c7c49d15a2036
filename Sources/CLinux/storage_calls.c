#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int nm_block_device_size(int fd, uint64_t *bytes) { return ioctl(fd, BLKGETSIZE64, bytes) == 0 ? 0 : errno; }

int nm_direct_alignment(int fd, uint32_t *memory, uint32_t *offset) {
  struct statx status;
  if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &status) != 0) return errno;
  if (!(status.stx_mask & STATX_DIOALIGN) || status.stx_dio_mem_align == 0 || status.stx_dio_offset_align == 0)
    return ENOTSUP;
  *memory = status.stx_dio_mem_align;
  *offset = status.stx_dio_offset_align;
  return 0;
}

int nm_renameat2(const char *from, const char *to, unsigned flags) {
  return renameat2(AT_FDCWD, from, AT_FDCWD, to, flags);
}
