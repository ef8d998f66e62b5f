// The loop's side of the daemon: everything it owns hangs from one struct server; a process may have several.
#ifndef THIDUA_NET_SERVER_H
#define THIDUA_NET_SERVER_H

#include <event2/event.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/clock.h"
#include "server/commands/dispatch.h"
#include "server/key.h"
#include "server/log.h"
#include "server/net/address.h"
#include "server/net/admission.h"
#include "server/net/identity.h"

struct connection;
struct feed;
struct listener;
struct metrics;

// What can change while the server runs.
struct server_settings {
    const char *public_at;    // HOST:PORT for invitations; NULL: the TLS listener's
    const char *admin_group;  // NULL: none
    uint32_t max_connections; // beyond a few that are kept for the local socket
};

// What a server is given; none of it is owned, all of it outlives the server.
struct server_parts {
    struct log *log;
    struct store *store;
    struct journal *journal;
    const struct key *key;
};

struct server {
    struct server_parts parts;
    struct event_base *base;
    SSL_CTX *tls;
    struct ledger *ledger; // for reading, on the loop's thread
    struct commands *commands;
    struct arena *scratch; // for one answer at a time
    struct writer *writer;
    struct feed *feed;
    int spare_fd;    // given up to turn a peer away when descriptors have run out
    int handover_fd; // the writer's thread makes it readable
    struct event *handover, *again, *tidy, *upkeep;

    struct listener *listeners;
    struct metrics *metrics; // NULL: none are served
    struct admission admission;
    struct connection *connections;        // all that are not closed
    struct connection *closed;             // to be freed from a callback of their own
    struct connection *ready, **ready_end; // to be advanced within this turn
    struct connection *stuck, **stuck_end; // whose next write found the writer's queue full
    struct connection *fetching;           // whose backup is being made; NULL: nobody's

    char *public_at;                   // as configured; NULL: not
    char own_public[ADDRESS_TEXT_MAX]; // of the TLS listener; empty: an office could not use it
    struct admin_group admin_group;
    uint32_t max_connections;
    struct live_numbers live;
    int64_t started_ms, started_wall_ms; // monotonic; by the wall clock
    struct {
        bool compared;       // with the last entry's, as the server found it
        int64_t ahead_ms;    // of the monotonic clock, at the last look
        uint64_t steps_back; // entries that went back, as far as the log has told of them
    } clock;
    int64_t drain_until; // no output is waited for after it; 0: the writer is not done yet
    struct {
        int64_t watchdog_at, sweep_at, readers_at, space_at, status_at;
    } due;
    bool unconfirmed; // the accounts of a restored backup are to be confirmed: nobody comes in over TCP
    bool draining;
    int status; // of the process, once the loop has ended
};

// NULL: `error` says why.
struct server *server_new(const struct server_parts *parts, char *error, size_t error_size);
void server_free(struct server *server); // NULL is accepted

// Starts the writer: founds an empty store, appends what is overdue. False: `error` says why.
bool server_start_writer(struct server *server, char *error, size_t error_size);

// Takes these settings from now on. False: out of memory.
bool server_apply(struct server *server, const struct server_settings *settings);

// Runs until it has drained or failed; returns the exit status of the process.
int server_run(struct server *server);

// Takes no new connection and no new request; what is queued is committed and answered, then server_run returns.
void server_drain(struct server *server);

#endif
