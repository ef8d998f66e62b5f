#include "server/net/connection.h"

#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/frame.h"
#include "server/net/exchange.h"
#include "server/net/feed.h"
#include "server/net/output.h"

static const struct timeval at_once = {0};

// ---- deadlines ----

static int64_t sooner(int64_t a, int64_t b) {
    return b != 0 && b < a ? b : a;
}

static bool output_waits(const struct connection *connection) {
    return connection->stream && output_waiting(connection) > 0;
}

// A peer whose enrolment is with the writer waits for us, not we for it.
static bool must_authenticate(const struct connection *connection) {
    return !identity_known(&connection->identity) && !connection->barred && !connection->guest.parked;
}

static int64_t next_deadline(const struct connection *connection) {
    int64_t at = INT64_MAX;
    at = sooner(at, connection->linger_until);
    at = sooner(at, connection->frame_until);
    if (must_authenticate(connection))
        at = sooner(at, connection->open_until);
    if (output_waits(connection))
        at = sooner(at, connection->progress_at + CONNECTION_OUTPUT_MS);
    return at;
}

static const char *overdue(const struct connection *connection, int64_t now) {
    if (connection->linger_until && now >= connection->linger_until)
        return connection->ending ? connection->ending : "closed";
    if (connection->frame_until && now >= connection->frame_until)
        return "a frame was not complete within 10 s";
    if (must_authenticate(connection) && now >= connection->open_until)
        return "not authenticated within 5 s";
    if (output_waits(connection) && now >= connection->progress_at + CONNECTION_OUTPUT_MS)
        return "took nothing of its answers for 30 s";
    return NULL;
}

// A timer that fires too early is left alone: it will look again. So most turns do not touch it.
static void set_timer(struct connection *connection) {
    int64_t at = next_deadline(connection);
    if (at == INT64_MAX || (connection->timer_at != 0 && connection->timer_at <= at))
        return;
    int64_t wait = at - clock_monotonic_ms();
    if (wait < 0)
        wait = 0;
    const struct timeval delay = {.tv_sec = wait / 1000, .tv_usec = wait % 1000 * 1000};
    connection->timer_at = at;
    evtimer_add(connection->timer, &delay);
}

static void on_timer(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    struct connection *connection = arg;
    connection->timer_at = 0;
    const char *late = overdue(connection, clock_monotonic_ms());
    if (late)
        connection_close(connection, LOG_INFORM, late);
    else
        set_timer(connection);
}

// ---- lists, references, the end ----

static void link_in(struct connection *connection) {
    struct server *server = connection->server;
    connection->next = server->connections;
    if (connection->next)
        connection->next->previous = connection;
    server->connections = connection;
    server->live.connections++;
}

static void link_out(struct connection *connection) {
    struct server *server = connection->server;
    *(connection->previous ? &connection->previous->next : &server->connections) = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    server->live.connections--;
}

void connection_hold(struct connection *connection) {
    connection->references++;
}

void connection_release(struct connection *connection) {
    if (--connection->references == 0)
        free(connection);
}

// Whether TLS may still say that all has been said; a client then knows that nothing was cut off.
static void say_goodbye(struct connection *connection) {
    SSL *ssl = connection->stream ? bufferevent_openssl_get_ssl(connection->stream) : NULL;
    if (!ssl || !connection->handshaken || connection->broken || output_waiting(connection) > 0)
        return;
    SSL_shutdown(ssl);
    ERR_clear_error();
}

static void silence(struct connection *connection) {
    evtimer_del(connection->timer);
    if (connection->first_byte)
        event_del(connection->first_byte);
    if (connection->stream) {
        bufferevent_setcb(connection->stream, NULL, NULL, NULL, NULL);
        output_unwatch(connection);
        bufferevent_disable(connection->stream, EV_READ | EV_WRITE);
    }
}

void connection_close(struct connection *connection, enum log_level level, const char *why) {
    struct server *server = connection->server;
    if (connection->state == CONNECTION_CLOSED)
        return;
    if (connection->state == CONNECTION_OPEN)
        say_goodbye(connection);
    connection->state = CONNECTION_CLOSED;
    feed_leave(connection);
    if (server->fetching == connection)
        server->fetching = NULL;
    silence(connection);
    request_queue_abandon(&connection->queue);
    admission_leave(&server->admission, &connection->guest);
    link_out(connection);
    connection->next = server->closed;
    server->closed = connection;
    evtimer_add(server->tidy, &at_once);
    log_limited(server->parts.log, LOG_BY_PEERS, level, "connection of %s ended: %s", connection->peer, why);
}

void connection_bury(struct server *server) {
    while (server->closed) {
        struct connection *connection = server->closed;
        server->closed = connection->next;
        if (connection->stream)
            bufferevent_free(connection->stream); // closes the socket
        else
            close(connection->fd);
        if (connection->first_byte)
            event_free(connection->first_byte);
        event_free(connection->timer);
        connection->stream = NULL;
        connection_release(connection);
    }
}

// All is said. Closing now would discard what the peer has sent meanwhile, and with it our last answer.
static void linger(struct connection *connection) {
    if (connection->peer_done || (connection->server->draining && !connection->busy_at_end)) {
        connection_close(connection, LOG_TRACE, connection->ending);
        return;
    }
    struct evbuffer *input = bufferevent_get_input(connection->stream);
    say_goodbye(connection);
    shutdown(connection->fd, SHUT_WR);
    connection->state = CONNECTION_LINGERING;
    if (connection->linger_until == 0)
        connection->linger_until = clock_monotonic_ms() + CONNECTION_LINGER_MS;
    evbuffer_drain(input, evbuffer_get_length(input));
    bufferevent_enable(connection->stream, EV_READ);
    set_timer(connection);
}

void connection_end(struct connection *connection, enum log_level level, const char *why) {
    if (connection->ending)
        return;
    connection->ending = why;
    feed_leave(connection);
    log_limited(connection->server->parts.log, LOG_BY_PEERS, level, "connection of %s is to end: %s", connection->peer,
                why);
}

void connection_expel(struct connection *connection, const char *why) {
    if (connection->state != CONNECTION_OPEN)
        return;
    request_queue_abandon(&connection->queue);
    connection_end(connection, LOG_NOTE, why);
    connection->linger_until = clock_monotonic_ms() + CONNECTION_LINGER_MS;
    connection_settle(connection);
}

// ---- reading, writing ----

static void steer_reading(struct connection *connection) {
    bool reading = !connection->ending && !connection->peer_done && !connection->in_stuck && !connection->output_full &&
                   !request_queue_full(&connection->queue);
    if (reading == connection->reading)
        return;
    connection->reading = reading;
    if (reading)
        bufferevent_enable(connection->stream, EV_READ);
    else
        bufferevent_disable(connection->stream, EV_READ);
}

void connection_settle(struct connection *connection) {
    if (connection->state != CONNECTION_OPEN)
        return;
    if (connection->ending && !connection->queue.first && output_waiting(connection) == 0) {
        linger(connection);
        return;
    }
    output_judge(connection);
    steer_reading(connection);
    set_timer(connection);
}

static void on_read(struct bufferevent *stream, void *arg) {
    struct connection *connection = arg;
    if (connection->state == CONNECTION_LINGERING) {
        struct evbuffer *input = bufferevent_get_input(stream);
        evbuffer_drain(input, evbuffer_get_length(input));
    } else {
        exchange_advance(connection);
    }
}

static void on_write(struct bufferevent *stream, void *arg) {
    (void)stream;
    struct connection *connection = arg;
    if (connection->state != CONNECTION_OPEN)
        return;
    output_judge(connection);
    exchange_advance(connection);
}

// libevent stops writing as well when TLS says that the peer has closed its side; what is owed to it is sent still.
static void on_peer_done(struct connection *connection) {
    connection->peer_done = true;
    connection->reading = false;
    bufferevent_disable(connection->stream, EV_READ | EV_WRITE);
    bufferevent_enable(connection->stream, EV_WRITE);
    exchange_advance(connection);
}

static void on_failure(struct connection *connection) {
    unsigned long error = bufferevent_get_openssl_error(connection->stream);
    const char *reason = error ? ERR_reason_error_string(error) : NULL;
    ERR_clear_error();
    connection->broken = true;
    if (reason)
        connection_close(connection, LOG_INFORM, reason);
    else
        connection_close(connection, LOG_TRACE, "the connection broke");
}

static void on_event(struct bufferevent *stream, short what, void *arg) {
    (void)stream;
    struct connection *connection = arg;
    if (what & BEV_EVENT_CONNECTED) {
        connection->handshaken = true;
    } else if (!(what & BEV_EVENT_EOF)) {
        on_failure(connection);
    } else if (connection->state == CONNECTION_OPEN && connection->handshaken) {
        on_peer_done(connection);
    } else {
        connection->broken = !connection->handshaken;
        connection_close(connection, LOG_TRACE, "closed by the peer");
    }
}

// ---- turns ----

void connection_ready(struct connection *connection) {
    struct server *server = connection->server;
    if (connection->in_ready)
        return;
    if (!server->ready)
        evtimer_add(server->again, &at_once);
    connection->in_ready = true;
    connection->next_ready = NULL;
    *server->ready_end = connection;
    server->ready_end = &connection->next_ready;
    connection_hold(connection);
}

// Those that get ready meanwhile have their turn after the loop has looked at the sockets again.
void connection_ready_run(struct server *server) {
    struct connection *connection = server->ready;
    server->ready = NULL;
    server->ready_end = &server->ready;
    while (connection) {
        struct connection *next = connection->next_ready;
        connection->in_ready = false;
        if (connection->state == CONNECTION_OPEN)
            exchange_advance(connection);
        connection_release(connection);
        connection = next;
    }
}

// ---- the beginning ----

static void watch_limits(struct connection *connection) {
    bufferevent_setwatermark(connection->stream, EV_READ, 0,
                             FRAME_PREFIX_MAX + identity_frame_limit(&connection->identity));
}

void connection_identified(struct connection *connection) {
    struct server *server = connection->server;
    if (connection->stream)
        watch_limits(connection);
    admission_leave(&server->admission, &connection->guest);
    evtimer_add(server->tidy, &at_once);
}

static void start_stream(struct connection *connection, struct bufferevent *stream) {
    if (!stream) {
        connection_close(connection, LOG_ERROR, "out of memory");
        return;
    }
    connection->stream = stream;
    connection->state = CONNECTION_OPEN;
    connection->handshaken = connection->kind != ADDRESS_TLS;
    connection->reading = true;
    watch_limits(connection);
    bufferevent_setwatermark(stream, EV_WRITE, OUTPUT_LOW, 0);
    bufferevent_setcb(stream, on_read, on_write, on_event, connection);
    if (!output_watch(connection))
        connection_close(connection, LOG_ERROR, "out of memory");
    else
        bufferevent_enable(stream, EV_READ | EV_WRITE);
}

enum { STREAM_OPTIONS = BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS };

// The SSL object, 40 kB, is made for peers who speak.
static void on_first_byte(evutil_socket_t fd, short what, void *arg) {
    (void)what;
    struct connection *connection = arg;
    struct server *server = connection->server;
    char byte;
    ssize_t n = recv(fd, &byte, 1, MSG_PEEK);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        event_add(connection->first_byte, NULL);
        return;
    }
    if (n <= 0) {
        connection_close(connection, LOG_TRACE, "closed by the peer");
        return;
    }
    SSL *ssl = SSL_new(server->tls);
    start_stream(connection,
                 ssl ? bufferevent_openssl_socket_new(server->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, STREAM_OPTIONS)
                     : NULL);
}

static void begin(struct connection *connection) {
    struct server *server = connection->server;
    connection->open_until = clock_monotonic_ms() + CONNECTION_AUTHENTICATE_MS;
    if (connection->kind == ADDRESS_TLS) {
        connection->first_byte = event_new(server->base, connection->fd, EV_READ, on_first_byte, connection);
        if (!connection->first_byte || event_add(connection->first_byte, NULL) != 0)
            connection_close(connection, LOG_ERROR, "out of memory");
    } else {
        start_stream(connection, bufferevent_socket_new(server->base, connection->fd, STREAM_OPTIONS));
    }
    if (connection->state != CONNECTION_CLOSED)
        set_timer(connection);
}

static struct connection *connection_new(struct server *server, enum address_kind kind, evutil_socket_t fd) {
    struct connection *connection = calloc(1, sizeof *connection);
    struct event *timer = connection ? evtimer_new(server->base, on_timer, connection) : NULL;
    if (!timer) {
        free(connection);
        return NULL;
    }
    *connection = (struct connection){.server = server, .references = 1, .kind = kind, .fd = fd, .timer = timer};
    request_queue_init(&connection->queue);
    link_in(connection);
    return connection;
}

static void tune_tcp(evutil_socket_t fd) {
    const int on = 1, idle_s = 60, every_s = 20, times = 3; // a peer that is gone is noticed after two minutes
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof every_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
}

// Finds out what the socket itself tells of the peer; returns the source it is counted under.
static uint64_t meet(struct connection *connection, const struct sockaddr *from, socklen_t from_size) {
    if (connection->kind == ADDRESS_UNIX) {
        uid_t uid;
        identity_of_peer(connection->fd, connection->server->admin_group, &connection->identity, &uid);
        snprintf(connection->peer, sizeof connection->peer, "local user %ld", (long)(int32_t)uid);
        return admission_key_of_user(uid);
    }
    tune_tcp(connection->fd);
    address_text(from, from_size, connection->peer);
    return admission_key_of(from);
}

void connection_accept(struct server *server, enum address_kind kind, evutil_socket_t fd, const struct sockaddr *from,
                       socklen_t from_size) {
    struct connection *connection = connection_new(server, kind, fd);
    if (!connection) {
        close(fd);
        log_limited(server->parts.log, LOG_BY_PEERS, LOG_ERROR, "a connection was refused: out of memory");
        return;
    }
    uint64_t source = meet(connection, from, from_size);
    enum admission_verdict verdict = identity_known(&connection->identity)
                                         ? ADMISSION_OPEN
                                         : admission_enter(&server->admission, &connection->guest, source);
    if (verdict == ADMISSION_OPEN)
        begin(connection);
    else if (verdict == ADMISSION_REFUSED)
        connection_close(connection, LOG_NOTE, "too many connections wait that have not authenticated");
}

void connection_admit_next(struct server *server) {
    struct guest *guest;
    while ((guest = admission_next(&server->admission)))
        begin((struct connection *)((char *)guest - offsetof(struct connection, guest)));
}
