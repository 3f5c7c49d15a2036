#define _GNU_SOURCE
#include "network_calls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int nm_unshare_network(void) { return unshare(CLONE_NEWNET) == 0 ? 0 : errno; }

int nm_enter_network(int fd) { return setns(fd, CLONE_NEWNET) == 0 ? 0 : errno; }

int nm_tap_attach(int fd, char *name) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (ioctl(fd, TUNSETIFF, &request) != 0) return errno;
  memcpy(name, request.ifr_name, IFNAMSIZ);
  return 0;
}

int nm_tap_accept(int fd, int checksums, int segments) {
  unsigned long offloads = (checksums ? TUN_F_CSUM : 0) | (checksums && segments ? TUN_F_TSO4 : 0);
  return ioctl(fd, TUNSETOFFLOAD, offloads) == 0 ? 0 : errno;
}

int nm_tap_header_size(int fd, int bytes) { return ioctl(fd, TUNSETVNETHDRSZ, &bytes) == 0 ? 0 : errno; }

int nm_interface_start(const char *name, int queue_length) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_qlen = queue_length;
  int code = ioctl(fd, SIOCSIFTXQLEN, &request) == 0 ? 0 : errno;
  if (code == 0) {
    code = ioctl(fd, SIOCGIFFLAGS, &request) == 0 ? 0 : errno;
    request.ifr_flags |= IFF_UP;
  }
  if (code == 0) code = ioctl(fd, SIOCSIFFLAGS, &request) == 0 ? 0 : errno;
  close(fd);
  return code;
}

int nm_interface_address(const char *name, const char *address, int bits) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  struct sockaddr_in value = {.sin_family = AF_INET};
  if (bits < 1 || bits > 32 || inet_pton(AF_INET, address, &value.sin_addr) != 1) return EINVAL;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  memcpy(&request.ifr_addr, &value, sizeof value);
  int code = ioctl(fd, SIOCSIFADDR, &request) == 0 ? 0 : errno;
  value.sin_addr.s_addr = htonl(~0U << (32 - bits));
  memcpy(&request.ifr_netmask, &value, sizeof value);
  if (code == 0) code = ioctl(fd, SIOCSIFNETMASK, &request) == 0 ? 0 : errno;
  close(fd);
  return code;
}

unsigned nm_interface_index(const char *name) { return if_nametoindex(name); }
