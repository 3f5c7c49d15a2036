/// What Swift cannot say about network interfaces: request macros, a structure of unions, and what the Glibc module leaves out.
#ifndef CLINUX_NETWORK_CALLS_H
#define CLINUX_NETWORK_CALLS_H

#include <linux/if_packet.h>
#include <linux/rtnetlink.h>

/// Gives the calling thread a network namespace of its own. Returns 0 or an errno.
int nm_unshare_network(void);

/// Puts the calling thread into the network namespace that a descriptor stands for. Returns 0 or an errno.
int nm_enter_network(int fd);

/// Makes an open `/dev/net/tun` a TAP interface whose frames are preceded by a `virtio_net_hdr` of 10 bytes.
/// `name` has room for 16 bytes and is empty or a pattern such as `nm%d`; the name chosen is stored there. Returns 0 or an errno.
int nm_tap_attach(int fd, char *name);

/// Says whether the reader of a TAP takes unfinished checksums, and TCP segments over IPv4 whole. Returns 0 or an errno.
int nm_tap_accept(int fd, int checksums, int segments);

/// Sets the bytes before each frame of a TAP, at least 10. Returns 0 or an errno.
int nm_tap_header_size(int fd, int bytes);

/// Sets an interface's queue length, in frames, and has it up. Returns 0 or an errno.
int nm_interface_start(const char *name, int queue_length);

/// Gives an interface an IPv4 address, in dots, of a network of so many bits. Returns 0 or an errno.
int nm_interface_address(const char *name, const char *address, int bits);

/// The index of an interface in the calling thread's network namespace, 0 where there is none.
unsigned nm_interface_index(const char *name);

/// Numbers that are macros of types that Swift does not import, or of headers that quarrel with others.
#define NM_ETH_P_ALL 0x0003
#define NM_VETH_INFO_PEER 1

#endif
