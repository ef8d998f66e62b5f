// The daemon's numbers for Prometheus: GET /metrics, and nothing else, over HTTP on listeners of their own: a Unix
// socket or a loopback address. There are few connections at a time, each for one request and a few seconds.
#ifndef THIDUA_NET_METRICS_H
#define THIDUA_NET_METRICS_H

#include "server/net/server.h"
#include "server/service.h"

enum {
    METRICS_LISTENERS_MAX = 4,
    METRICS_VISITS_MAX = 8,        // connections at a time; others wait to be accepted
    METRICS_VISIT_MS = 3 * 1000,   // from accepting a connection to its end, whatever it does
    METRICS_TICK_MS = 100,         // in which connections that have ended or lasted too long are noticed,
    METRICS_IDLE_MS = 1000,        // and in which, without any, a listener that had no descriptors tries again
    METRICS_HEADERS_MAX = 4 * 1024 // bytes of a request; it has no body
};

struct metrics;

// Moves the sockets meant for this (named "metrics") to the end; returns how many others there are.
int metrics_pick(struct service_socket *passed, int n_passed);

// Opens the listeners: the sockets passed, or where there are none, `address` (NULL: there are none at all). The
// server must have its writer. False: `error` says why.
bool metrics_open(struct server *server, const struct address *address, const struct service_socket *passed,
                  int n_passed, char *error, size_t error_size);

// Ends all that metrics_open has begun. Harmless where it has not.
void metrics_close(struct server *server);

#endif
