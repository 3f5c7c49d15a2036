/// Sockets of the local domain, whose addresses and control messages are macros and structures of several sizes.
#ifndef CLINUX_SOCKET_CALLS_H
#define CLINUX_SOCKET_CALLS_H

#include <stddef.h>

/// Gives a socket a name in the file system, or connects it to the one that has it. Returns 0 or an errno; ENAMETOOLONG where the path does
/// not fit an address.
int nm_bind_to_path(int socket, const char *path);
int nm_connect_to_path(int socket, const char *path);

/// Sends what of the bytes can be sent without waiting, and with the first of them at most `NM_MOST_DESCRIPTORS` descriptors. Returns how
/// many bytes were sent, or -1.
long nm_send_with_descriptors(int socket, const void *bytes, size_t count, const int *descriptors, size_t number);
#define NM_MOST_DESCRIPTORS 8

#endif
