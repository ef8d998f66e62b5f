// One peer: its socket, TLS, deadlines and back-pressure, and the one door through which it goes.
// What its frames ask is exchange.h's.
#ifndef THIDUA_NET_CONNECTION_H
#define THIDUA_NET_CONNECTION_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "server/net/admission.h"
#include "server/net/request_queue.h"
#include "server/net/server.h"

enum {
    CONNECTION_AUTHENTICATE_MS = 5 * 1000, // handshake and authentication together
    CONNECTION_FRAME_MS = 10 * 1000,       // from a frame's first byte to its last
    CONNECTION_OUTPUT_MS = 30 * 1000,      // without the peer taking a byte of what waits for it
    CONNECTION_LINGER_MS = 1000,           // for the peer to read the last answer and to close
};

enum connection_state {
    CONNECTION_WAITING,   // parked, or nothing has come yet
    CONNECTION_OPEN,      // has a stream
    CONNECTION_LINGERING, // all is said; what still comes is thrown away
    CONNECTION_CLOSED,    // through the door; memory until the last reference
};

struct connection {
    struct connection *next, *previous;         // among the server's
    struct connection *next_ready, *next_stuck; // in the server's lists of these names
    struct server *server;
    unsigned references;
    enum connection_state state;
    enum address_kind kind;
    evutil_socket_t fd;         // the stream's, once there is one
    struct bufferevent *stream; // NULL until the first byte of TLS
    struct event *first_byte, *timer;
    struct guest guest;
    struct identity identity;
    struct request_queue queue;
    struct watcher *watcher; // NULL: it does not watch
    size_t shared;           // bytes in the output that are shared with others
    const char *ending;      // why no more requests are taken; NULL: they are
    int64_t timer_at;        // when the timer fires; 0: it does not
    int64_t open_until;      // to authenticate
    int64_t frame_until;     // to complete the frame that has begun; 0: none has
    int64_t progress_at;     // when output last went out, or began to wait
    int64_t linger_until;    // 0: no haste
    bool in_ready, in_stuck;
    bool handshaken, broken; // of TLS: done; failed, so that nothing more may be said
    bool reading;            // the stream is being read
    bool output_full;        // from OUTPUT_HIGH down to OUTPUT_LOW
    bool peer_done;          // it has closed its side
    bool busy_at_end;        // the server stops while requests of it are in flight
    bool barred;             // an authentication or a watch stands in the queue: what follows depends on it
    char peer[ADDRESS_TEXT_MAX];
};

// Takes over an accepted socket. Parks it, opens it, or closes it again.
void connection_accept(struct server *server, enum address_kind kind, evutil_socket_t fd, const struct sockaddr *from,
                       socklen_t from_size);

// Opens parked connections for which there are places now.
void connection_admit_next(struct server *server);

void connection_hold(struct connection *connection);
void connection_release(struct connection *connection);

// The one door. Once only; harmless after that. `why` is static text.
void connection_close(struct connection *connection, enum log_level level, const char *why);

// Frees what has gone through the door. Not from a callback of a connection.
void connection_bury(struct server *server);

// Takes no more requests: what is queued is answered and sent, then it closes.
void connection_end(struct connection *connection, enum log_level level, const char *why);

// Ends it and forgets what is queued: the peer has lost its account.
void connection_expel(struct connection *connection, const char *why);

// To be called once a turn's work on it is done: reading on or off, deadlines, the end.
void connection_settle(struct connection *connection);

// The identity has changed: limits follow, a place among the guests becomes free.
void connection_identified(struct connection *connection);

// Has the connection advanced within this turn, or at the next.
void connection_ready(struct connection *connection);
void connection_ready_run(struct server *server);

#endif
