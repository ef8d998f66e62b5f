// The sockets that connections come in by.
#ifndef THIDUA_NET_LISTENER_H
#define THIDUA_NET_LISTENER_H

#include "server/net/server.h"
#include "server/service.h"

enum {
    LISTENER_PAUSE_MS = 100,     // after descriptors ran out
    LISTENER_LOCAL_RESERVE = 32, // connections beyond max_connections, for the local socket
    LISTENER_BACKLOG = 1024,
};

// Opens these addresses, and takes over the listening sockets that systemd has opened; an address that one of those
// has already is left to it. A passed socket is told by its name: "admin" is a Unix socket, "tls" a TCP one; one
// without a name of its own by its family; any other name is refused. False: `error` says why.
bool listeners_open(struct server *server, const struct address *addresses, size_t n_addresses,
                    const struct service_socket *passed, int n_passed, char *error, size_t error_size);

// Where the accounts of a restored backup wait to be confirmed, TCP addresses are taken, but not listened on (a
// connection is refused), and TCP sockets that systemd has passed are left alone. Opens them once that has been done.
void listeners_confirm(struct server *server);

// Accepts or waits, as the number of connections allows.
void listeners_update(struct server *server);

// Gives the local sockets to the administrators' group as it is now.
void listeners_share(struct server *server);

// One line for each, with the port that it really has: "unix:PATH", "tls HOST:PORT", "plain:HOST:PORT". Free it.
// NULL: out of memory.
char *listeners_text(const struct server *server);

void listeners_close(struct server *server);

#endif
