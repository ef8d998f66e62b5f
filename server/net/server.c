#include "server/net/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "server/ledger/writer.h"
#include "server/net/connection.h"
#include "server/net/exchange.h"
#include "server/net/feed.h"
#include "server/net/listener.h"
#include "server/net/metrics.h"
#include "server/net/tls.h"
#include "server/net/upkeep.h"

enum {
    SCRATCH_BUDGET = 64 * 1024 * 1024, // of one answer on its way to its frame
    DRAIN_OUTPUT_MS = 10 * 1000,       // for peers to take their last answers
};

// ---- the hand-over from the writer ----

// On the writer's thread, or a backup's: the one thing that they do to the loop.
static void on_writer_done(void *ctx) {
    const struct server *server = ctx;
    const uint64_t one = 1;
    ssize_t n;
    do
        n = write(server->handover_fd, &one, sizeof one);
    while (n < 0 && errno == EINTR);
}

static void stop_if_failed(struct server *server) {
    if (!writer_failed(server->writer))
        return;
    log_write(server->parts.log, LOG_ERROR, "the writer has failed; nothing is acknowledged any more");
    server->status = EX_SOFTWARE;
    event_base_loopbreak(server->base);
}

// Connections whose next write found the queue full, in the order in which they did.
static void retry_stuck(struct server *server) {
    while (server->stuck) {
        struct connection *connection = server->stuck;
        bool waits = connection->state == CONNECTION_OPEN && connection->queue.first;
        if (waits && !exchange_retry(connection))
            return;
        server->stuck = connection->next_stuck;
        if (!server->stuck)
            server->stuck_end = &server->stuck;
        connection->in_stuck = false;
        connection_ready(connection);
        connection_release(connection);
    }
}

static void collect(struct server *server) {
    bool accounts_changed = false;
    for (struct job *job = writer_collect(server->writer), *next; job; job = next) {
        next = job->next;
        accounts_changed |= job->accounts_changed;
        exchange_take_back(job);
    }
    retry_stuck(server);
    if (server->fetching)
        connection_ready(server->fetching);
    connection_ready_run(server);
    if (accounts_changed)
        upkeep_sweep(server);
}

static void on_handover(evutil_socket_t fd, short what, void *arg) {
    (void)what;
    struct server *server = arg;
    uint64_t count;
    if (read(fd, &count, sizeof count) < 0 && errno != EAGAIN)
        log_limited(server->parts.log, LOG_BY_PEERS, LOG_ERROR, "the hand-over cannot be read: %s", strerror(errno));
    listeners_confirm(server); // before anybody is told that the accounts are confirmed
    collect(server);
    feed_changed(server->feed);
    stop_if_failed(server);
}

// ---- turns ----

static void on_again(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    connection_ready_run(arg);
}

static void stop_if_drained(struct server *server) {
    if (server->draining && !server->connections && !server->closed && writer_idle(server->writer)) {
        collect(server);
        event_base_loopbreak(server->base);
    }
}

static void on_tidy(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    struct server *server = arg;
    connection_bury(server);
    if (!server->draining)
        connection_admit_next(server);
    listeners_update(server);
    stop_if_drained(server);
}

static void close_all(struct server *server, const char *why) {
    while (server->connections)
        connection_close(server->connections, LOG_INFORM, why);
}

// Peers that do not take their last answers are waited for once nothing can be added to them.
static void drain_step(struct server *server) {
    int64_t now = clock_monotonic_ms();
    collect(server);
    if (server->drain_until == 0 && writer_idle(server->writer))
        server->drain_until = now + DRAIN_OUTPUT_MS;
    if (server->drain_until != 0 && now >= server->drain_until)
        close_all(server, "the server is stopping");
    stop_if_drained(server);
}

static void set_tick(struct server *server) {
    int ms = server->draining ? UPKEEP_DRAIN_TICK_MS : UPKEEP_TICK_MS;
    const struct timeval tick = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    evtimer_add(server->upkeep, &tick);
}

static void on_upkeep(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    struct server *server = arg;
    upkeep_run(server);
    stop_if_failed(server);
    if (server->draining)
        drain_step(server);
    set_tick(server);
}

void server_drain(struct server *server) {
    if (server->draining)
        return;
    server->draining = true;
    server->due.status_at = 0;
    metrics_close(server);
    writer_drain(server->writer);
    listeners_close(server);
    retry_stuck(server);
    for (struct connection *connection = server->connections, *next; connection; connection = next) {
        next = connection->next;
        connection->busy_at_end = connection->queue.first != NULL;
        if (connection->state == CONNECTION_OPEN)
            connection_ready(connection);
        else
            connection_close(connection, LOG_TRACE, "the server is stopping");
    }
    set_tick(server);
}

int server_run(struct server *server) {
    set_tick(server);
    if (event_base_dispatch(server->base) < 0)
        server->status = EX_SOFTWARE;
    return server->status;
}

// ---- the beginning and the end ----

bool server_apply(struct server *server, const struct server_settings *settings) {
    char *public_at = settings->public_at ? strdup(settings->public_at) : NULL;
    if (settings->public_at && !public_at)
        return false;
    free(server->public_at);
    server->public_at = public_at;
    server->admin_group = admin_group_find(settings->admin_group);
    server->max_connections = settings->max_connections;
    listeners_share(server);
    listeners_update(server);
    return true;
}

static bool make_events(struct server *server) {
    struct event_config *config = event_config_new();
    if (!config)
        return false;
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK); // the loop's thread alone uses it
    server->base = event_base_new_with_config(config);
    event_config_free(config);
    if (!server->base)
        return false;
    server->handover = event_new(server->base, server->handover_fd, EV_READ | EV_PERSIST, on_handover, server);
    server->again = evtimer_new(server->base, on_again, server);
    server->tidy = evtimer_new(server->base, on_tidy, server);
    server->upkeep = evtimer_new(server->base, on_upkeep, server);
    return server->handover && server->again && server->tidy && server->upkeep &&
           event_add(server->handover, NULL) == 0;
}

static bool make_parts(struct server *server) {
    server->tls = tls_context(server->parts.key);
    server->ledger = ledger_new(server->parts.store, server->parts.journal);
    const struct commands_source source = {.store = server->parts.store, .done = on_writer_done, .ctx = server};
    server->commands = commands_new(&source);
    server->scratch = arena_new(SCRATCH_BUDGET);
    server->handover_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return server->tls && server->ledger && server->commands && server->scratch && server->handover_fd >= 0 &&
           server->spare_fd >= 0 && make_events(server) && (server->feed = feed_new(server));
}

struct server *server_new(const struct server_parts *parts, char *error, size_t error_size) {
    struct server *server = calloc(1, sizeof *server);
    if (server) {
        *server = (struct server){.parts = *parts, .handover_fd = -1, .spare_fd = -1};
        server->ready_end = &server->ready;
        server->stuck_end = &server->stuck;
        server->started_ms = clock_monotonic_ms();
        server->started_wall_ms = clock_wall_ms();
        server->clock.ahead_ms = server->started_wall_ms - server->started_ms;
        if (make_parts(server))
            return server;
    }
    snprintf(error, error_size, "the server cannot be set up: %s",
             server && !server->tls ? tls_error() : strerror(errno));
    server_free(server);
    return NULL;
}

bool server_start_writer(struct server *server, char *error, size_t error_size) {
    server->writer = writer_start(server->parts.store, server->parts.journal, &command_writer_handlers, on_writer_done,
                                  server, error, error_size);
    return server->writer != NULL;
}

static void free_event(struct event *event) {
    if (event)
        event_free(event);
}

static void stop_writer(struct server *server) {
    if (!server->writer)
        return;
    writer_drain(server->writer);
    collect(server);
    writer_stop(server->writer);
}

static void let_go(struct server *server) {
    if (server->base)
        close_all(server, "the server has stopped");
    retry_stuck(server);
    connection_ready_run(server);
    connection_bury(server);
    stop_writer(server);
    listeners_close(server);
    metrics_close(server);
}

void server_free(struct server *server) {
    if (!server)
        return;
    let_go(server);
    feed_free(server->feed);
    free_event(server->handover);
    free_event(server->again);
    free_event(server->tidy);
    free_event(server->upkeep);
    if (server->base)
        event_base_free(server->base);
    if (server->handover_fd >= 0)
        close(server->handover_fd);
    if (server->spare_fd >= 0)
        close(server->spare_fd);
    arena_free(server->scratch);
    commands_free(server->commands);
    ledger_free(server->ledger);
    SSL_CTX_free(server->tls);
    free(server->public_at);
    free(server);
}
