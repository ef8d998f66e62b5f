#include "server/net/metrics.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/version.h"
#include "server/net/metrics_text.h"
#include "server/net/numbers.h"
#include "server/net/socket.h"

enum { BACKLOG = 16 };

// A connection. libevent ends it without telling; the reference held here keeps its stream to be looked at.
struct visit {
    struct bufferevent *stream; // NULL: this place is free
    int64_t until;
};

struct metrics {
    struct server *server;
    struct evhttp *http;
    struct event *tick;
    struct evconnlistener *listeners[METRICS_LISTENERS_MAX]; // freed with `http`
    size_t n_listeners;
    struct address own; // a Unix socket to remove; size 0: none
    struct visit visits[METRICS_VISITS_MAX];
    unsigned n_visits;
};

// ---- answers ----

static void reply(struct evhttp_request *request, int code, const char *reason, const char *type) {
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    evhttp_add_header(headers, "Content-Type", type);
    evhttp_add_header(headers, "Connection", "close");
    evhttp_send_reply(request, code, reason, NULL);
}

static void refuse(struct evhttp_request *request, int code, const char *reason) {
    evbuffer_add_printf(evhttp_request_get_output_buffer(request), "%s\n", reason);
    reply(request, code, reason, "text/plain; charset=utf-8");
}

static void give_numbers(struct evhttp_request *request, struct server *server) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out)
        metrics_text(out, numbers_read(server), THIDUA_VERSION);
    bool whole = out && !ferror(out);
    if (out && fclose(out) != 0)
        whole = false;
    if (whole && evbuffer_add(evhttp_request_get_output_buffer(request), text, size) == 0)
        reply(request, HTTP_OK, "OK", METRICS_TEXT_TYPE);
    else
        refuse(request, HTTP_SERVUNAVAIL, "out of memory");
    free(text);
}

static void on_request(struct evhttp_request *request, void *arg) {
    struct metrics *metrics = arg;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
    if (!path || strcmp(path, "/metrics") != 0) {
        refuse(request, HTTP_NOTFOUND, "Not Found");
    } else if (evhttp_request_get_command(request) != EVHTTP_REQ_GET) {
        evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", "GET");
        refuse(request, HTTP_BADMETHOD, "Method Not Allowed");
    } else {
        give_numbers(request, metrics->server);
    }
}

// ---- visits ----

static void steer(struct metrics *metrics) {
    bool accepting = metrics->n_visits < METRICS_VISITS_MAX;
    for (size_t i = 0; i < metrics->n_listeners; i++)
        if (accepting)
            evconnlistener_enable(metrics->listeners[i]);
        else
            evconnlistener_disable(metrics->listeners[i]);
}

static void set_tick(struct metrics *metrics) {
    int ms = metrics->n_visits > 0 ? METRICS_TICK_MS : METRICS_IDLE_MS;
    const struct timeval tick = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    evtimer_add(metrics->tick, &tick);
}

// libevent's server takes its callbacks away from a stream that it lets go.
static bool has_ended(struct bufferevent *stream) {
    bufferevent_event_cb callback;
    bufferevent_getcb(stream, NULL, NULL, &callback, NULL);
    return !callback;
}

static void end_visits(struct metrics *metrics, int64_t now) {
    for (size_t i = 0; i < METRICS_VISITS_MAX; i++) {
        struct visit *visit = &metrics->visits[i];
        if (visit->stream && !has_ended(visit->stream) && now >= visit->until)
            bufferevent_trigger_event(visit->stream, BEV_EVENT_READING | BEV_EVENT_TIMEOUT, 0);
        if (!visit->stream || !has_ended(visit->stream))
            continue;
        bufferevent_decref(visit->stream);
        visit->stream = NULL;
        metrics->n_visits--;
    }
}

// To the server it gives the stream of a connection that has been accepted.
static struct bufferevent *begin_visit(struct event_base *base, void *arg) {
    struct metrics *metrics = arg;
    struct bufferevent *stream = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    struct visit *visit = metrics->visits;
    end_visits(metrics, clock_monotonic_ms());
    while (visit < metrics->visits + METRICS_VISITS_MAX && visit->stream)
        visit++;
    if (stream && visit < metrics->visits + METRICS_VISITS_MAX) {
        bufferevent_incref(stream);
        bufferevent_setwatermark(stream, EV_READ, 0, 2 * METRICS_HEADERS_MAX);
        *visit = (struct visit){.stream = stream, .until = clock_monotonic_ms() + METRICS_VISIT_MS};
        metrics->n_visits++;
    }
    steer(metrics);
    if (metrics->n_visits == 1)
        set_tick(metrics);
    return stream;
}

static void on_tick(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    struct metrics *metrics = arg;
    end_visits(metrics, clock_monotonic_ms());
    steer(metrics);
    set_tick(metrics);
}

// Descriptors have run out; the next tick tries again. The argument is libevent's server, not ours.
static void on_error(struct evconnlistener *listener, void *arg) {
    (void)arg;
    evconnlistener_disable(listener);
}

// ---- opening and closing ----

static bool complain(char *error, size_t error_size, const char *what) {
    snprintf(error, error_size, "%s", what);
    return false;
}

int metrics_pick(struct service_socket *passed, int n_passed) {
    int others = 0;
    for (int i = 0; i < n_passed; i++) {
        struct service_socket socket = passed[i];
        if (strcmp(socket.name, "metrics") == 0 || strcmp(socket.name, "thiduad-metrics.socket") == 0)
            continue;
        passed[i] = passed[others];
        passed[others++] = socket;
    }
    return others;
}

static bool make(struct metrics *metrics) {
    struct event_base *base = metrics->server->base;
    metrics->tick = evtimer_new(base, on_tick, metrics);
    metrics->http = evhttp_new(base);
    if (!metrics->tick || !metrics->http)
        return false;
    evhttp_set_max_headers_size(metrics->http, METRICS_HEADERS_MAX);
    evhttp_set_max_body_size(metrics->http, 0);
    evhttp_set_timeout(metrics->http, METRICS_VISIT_MS / 1000);
    evhttp_set_allowed_methods(metrics->http, UINT16_MAX); // those that are not are answered here
    evhttp_set_bevcb(metrics->http, begin_visit, metrics);
    evhttp_set_gencb(metrics->http, on_request, metrics);
    return true;
}

// Takes the socket over. False: out of memory, and the socket is closed.
static bool add(struct metrics *metrics, int fd) {
    struct address address;
    char text[ADDRESS_TEXT_MAX];
    const unsigned options = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC;
    socket_describe(fd, &address);
    struct evconnlistener *listener = evconnlistener_new(metrics->server->base, NULL, NULL, options, 0, fd);
    if (!listener) {
        close(fd);
        return false;
    }
    if (!evhttp_bind_listener(metrics->http, listener)) {
        evconnlistener_free(listener);
        return false;
    }
    evconnlistener_set_error_cb(listener, on_error);
    metrics->listeners[metrics->n_listeners++] = listener;
    address_text((const struct sockaddr *)&address.socket, address.size, text);
    log_write(metrics->server->parts.log, LOG_NOTE, "metrics on %s", text);
    return true;
}

static bool adopt(struct metrics *metrics, const struct service_socket *passed, char *error, size_t error_size) {
    struct address address;
    const char *wrong = "out of memory";
    int flags = fcntl(passed->fd, F_GETFL);
    if (!socket_describe(passed->fd, &address))
        wrong = "it is neither Unix nor TCP";
    else if (address.kind != ADDRESS_UNIX && !address_is_loopback((const struct sockaddr *)&address.socket))
        wrong = "metrics are served on a loopback address or on a Unix socket alone";
    else if (metrics->n_listeners == METRICS_LISTENERS_MAX)
        wrong = "there are too many of that name";
    else if (flags < 0 || fcntl(passed->fd, F_SETFL, flags | O_NONBLOCK) != 0)
        wrong = strerror(errno);
    else if (add(metrics, passed->fd))
        return true;
    snprintf(error, error_size, "the socket \"%s\" that systemd passed cannot be used: %s", passed->name, wrong);
    return false;
}

// A Unix socket is open to all who reach its folder, as a loopback address is open to all on the machine.
static bool open_own(struct metrics *metrics, const struct address *address, char *error, size_t error_size) {
    const char *path = ((const struct sockaddr_un *)&address->socket)->sun_path;
    int fd = socket_listen(address, false, BACKLOG, error, error_size);
    if (fd < 0)
        return false;
    if (address->kind == ADDRESS_UNIX) {
        metrics->own = *address;
        if (chmod(path, 0666) != 0)
            log_write(metrics->server->parts.log, LOG_WARN, "%s cannot be opened to others: %s", path, strerror(errno));
    }
    return add(metrics, fd) || complain(error, error_size, "out of memory");
}

static bool open_all(struct metrics *metrics, const struct address *address, const struct service_socket *passed,
                     int n_passed, char *error, size_t error_size) {
    if (!make(metrics))
        return complain(error, error_size, "out of memory");
    for (int i = 0; i < n_passed; i++)
        if (!adopt(metrics, &passed[i], error, error_size))
            return false;
    set_tick(metrics);
    return n_passed > 0 || !address || open_own(metrics, address, error, error_size);
}

bool metrics_open(struct server *server, const struct address *address, const struct service_socket *passed,
                  int n_passed, char *error, size_t error_size) {
    if (!address && n_passed == 0)
        return true;
    struct metrics *metrics = calloc(1, sizeof *metrics);
    if (!metrics)
        return complain(error, error_size, "out of memory");
    metrics->server = server;
    server->metrics = metrics;
    return open_all(metrics, address, passed, n_passed, error, error_size);
}

void metrics_close(struct server *server) {
    struct metrics *metrics = server->metrics;
    if (!metrics)
        return;
    server->metrics = NULL;
    if (metrics->own.size > 0)
        socket_remove(&metrics->own);
    if (metrics->http)
        evhttp_free(metrics->http);
    for (size_t i = 0; i < METRICS_VISITS_MAX; i++)
        if (metrics->visits[i].stream)
            bufferevent_decref(metrics->visits[i].stream);
    if (metrics->tick)
        event_free(metrics->tick);
    free(metrics);
}
