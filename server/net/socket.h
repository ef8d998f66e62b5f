// Listening sockets of the kinds that addresses name.
#ifndef THIDUA_NET_SOCKET_H
#define THIDUA_NET_SOCKET_H

#include "server/net/address.h"

// Opens a listening, non-blocking socket. `v6_only` matters for [::] alone. Of a Unix socket the path is made; one that
// nobody answers on any more is replaced. With a backlog of 0 the address is taken, and a TCP connection to it refused,
// until the caller listens. Negative: `error` says why.
int socket_listen(const struct address *address, bool v6_only, int backlog, char *error, size_t error_size);

// Removes the path of a Unix socket that socket_listen made.
void socket_remove(const struct address *address);

// What a listening socket that someone else opened is: Unix, else TLS. False: neither.
bool socket_describe(int fd, struct address *address);

#endif
