#define _GNU_SOURCE
#include "socket_calls.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int make_address(const char *path, struct sockaddr_un *address) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  if (strlen(path) >= sizeof address->sun_path) return ENAMETOOLONG;
  strcpy(address->sun_path, path);
  return 0;
}

int nm_bind_to_path(int socket, const char *path) {
  struct sockaddr_un address;
  int code = make_address(path, &address);
  if (code != 0) return code;
  return bind(socket, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
}

int nm_connect_to_path(int socket, const char *path) {
  struct sockaddr_un address;
  int code = make_address(path, &address);
  if (code != 0) return code;
  return connect(socket, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
}

long nm_send_with_descriptors(int socket, const void *bytes, size_t count, const int *descriptors, size_t number) {
  union {
    char bytes[CMSG_SPACE(NM_MOST_DESCRIPTORS * sizeof(int))];
    struct cmsghdr head;
  } control;
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (number > NM_MOST_DESCRIPTORS) {
    errno = EINVAL;
    return -1;
  }
  if (number > 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(number * sizeof(int));
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(number * sizeof(int));
    memcpy(CMSG_DATA(head), descriptors, number * sizeof(int));
  }
  return (long)sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}
