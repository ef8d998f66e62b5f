#include "server/net/listener.h"

#include <errno.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/net/connection.h"
#include "server/net/socket.h"

struct listener {
    struct listener *next;
    struct server *server;
    struct evconnlistener *acceptor;
    struct event *resume;
    struct address address; // as bound
    bool ours;              // opened here, not by systemd
    bool listening, accepting, starved;
};

// ---- accepting ----

// Whether the accounts of a restored backup keep everybody out who comes by it.
static bool is_shut(const struct server *server, enum address_kind kind) {
    return server->unconfirmed && kind != ADDRESS_UNIX;
}

static bool may_accept(const struct listener *listener) {
    const struct server *server = listener->server;
    uint32_t most = server->max_connections + (listener->address.kind == ADDRESS_UNIX ? LISTENER_LOCAL_RESERVE : 0);
    return listener->listening && !is_shut(server, listener->address.kind) && !listener->starved && !server->draining &&
           server->live.connections < most;
}

static void update(struct listener *listener) {
    bool accepting = may_accept(listener);
    if (accepting == listener->accepting)
        return;
    listener->accepting = accepting;
    if (accepting)
        evconnlistener_enable(listener->acceptor);
    else
        evconnlistener_disable(listener->acceptor);
}

void listeners_update(struct server *server) {
    for (struct listener *listener = server->listeners; listener; listener = listener->next)
        update(listener);
}

static void on_accept(struct evconnlistener *acceptor, evutil_socket_t fd, struct sockaddr *from, int from_size,
                      void *arg) {
    (void)acceptor;
    struct listener *listener = arg;
    connection_accept(listener->server, listener->address.kind, fd, from, (socklen_t)from_size);
    update(listener);
}

static void on_resume(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    struct listener *listener = arg;
    listener->starved = false;
    update(listener);
}

// With the spare descriptor the peer can at least be told by a close, rather than left to wait.
static void turn_away(struct listener *listener) {
    struct server *server = listener->server;
    if (server->spare_fd >= 0)
        close(server->spare_fd);
    int fd = accept4(evconnlistener_get_fd(listener->acceptor), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
        close(fd);
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_error(struct evconnlistener *acceptor, void *arg) {
    (void)acceptor;
    struct listener *listener = arg;
    const struct timeval pause = {.tv_usec = LISTENER_PAUSE_MS * 1000};
    log_limited(listener->server->parts.log, LOG_BY_PEERS, LOG_WARN, "a connection cannot be accepted: %s",
                strerror(errno));
    turn_away(listener);
    listener->starved = true;
    evtimer_add(listener->resume, &pause);
    update(listener);
}

// ---- opening ----

static void listener_free(struct listener *listener) {
    if (listener->ours)
        socket_remove(&listener->address);
    if (listener->acceptor)
        evconnlistener_free(listener->acceptor);
    if (listener->resume)
        event_free(listener->resume);
    free(listener);
}

static void share(const struct listener *listener) {
    const struct server *server = listener->server;
    if (!listener->ours || listener->address.kind != ADDRESS_UNIX)
        return;
    const char *path = ((const struct sockaddr_un *)&listener->address.socket)->sun_path;
    if (server->admin_group.exists && chown(path, (uid_t)-1, server->admin_group.gid) != 0)
        log_write(server->parts.log, LOG_INFORM, "%s cannot be given to the administrators' group: %s", path,
                  strerror(errno));
    if (chmod(path, 0660) != 0)
        log_write(server->parts.log, LOG_WARN, "%s cannot be opened to its group: %s", path, strerror(errno));
}

void listeners_share(struct server *server) {
    for (struct listener *listener = server->listeners; listener; listener = listener->next)
        share(listener);
}

static const char *plain_mark(const struct listener *listener) {
    return listener->address.kind == ADDRESS_PLAIN ? "plain:" : "";
}

static void announce(const struct listener *listener) {
    char text[ADDRESS_TEXT_MAX];
    address_text((const struct sockaddr *)&listener->address.socket, listener->address.size, text);
    log_write(listener->server->parts.log, LOG_NOTE, "listening on %s%s", plain_mark(listener), text);
}

// Takes the socket over. False: out of memory, and the socket is closed.
static bool add(struct server *server, int fd, enum address_kind kind, bool ours) {
    struct listener *listener = calloc(1, sizeof *listener), **end = &server->listeners;
    if (!listener) {
        close(fd);
        return false;
    }
    socket_describe(fd, &listener->address);
    listener->address.kind = kind;
    listener->server = server;
    listener->ours = ours;
    listener->listening = !ours || !is_shut(server, kind);
    listener->resume = evtimer_new(server->base, on_resume, listener);
    listener->acceptor = evconnlistener_new(server->base, on_accept, listener,
                                            LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_DISABLED, 0, fd);
    if (!listener->acceptor || !listener->resume) {
        if (!listener->acceptor)
            close(fd);
        listener_free(listener);
        return false;
    }
    evconnlistener_set_error_cb(listener->acceptor, on_error);
    while (*end)
        end = &(*end)->next;
    *end = listener;
    share(listener);
    if (!is_shut(server, kind))
        announce(listener);
    return true;
}

static bool same_address(const struct address *a, const struct address *b) {
    char a_text[ADDRESS_TEXT_MAX], b_text[ADDRESS_TEXT_MAX];
    address_text((const struct sockaddr *)&a->socket, a->size, a_text);
    address_text((const struct sockaddr *)&b->socket, b->size, b_text);
    return strcmp(a_text, b_text) == 0 &&
           address_port((const struct sockaddr *)&a->socket) == address_port((const struct sockaddr *)&b->socket);
}

static bool is_passed(const struct server *server, const struct address *address) {
    for (const struct listener *listener = server->listeners; listener; listener = listener->next)
        if (!listener->ours && same_address(&listener->address, address))
            return true;
    return false;
}

// [::] takes IPv4 as well, unless IPv4 has an address of its own on the same port.
static bool has_v4_beside(const struct address *addresses, size_t n_addresses, uint16_t port) {
    for (size_t i = 0; i < n_addresses; i++)
        if (addresses[i].socket.ss_family == AF_INET &&
            address_port((const struct sockaddr *)&addresses[i].socket) == port)
            return true;
    return false;
}

static bool open_one(struct server *server, const struct address *address, bool v6_only, char *error,
                     size_t error_size) {
    int backlog = is_shut(server, address->kind) ? 0 : LISTENER_BACKLOG;
    int fd = socket_listen(address, v6_only, backlog, error, error_size);
    if (fd < 0)
        return false;
    if (add(server, fd, address->kind, true))
        return true;
    socket_remove(address);
    snprintf(error, error_size, "out of memory");
    return false;
}

// A unit that names no descriptor lends it its own name.
static bool is_nameless(const char *name) {
    static const char unit[] = ".socket";
    size_t size = strlen(name);
    return size == 0 || (size >= sizeof unit && strcmp(name + size - (sizeof unit - 1), unit) == 0);
}

// Whether a socket of this kind may have the name. What is meant for something else is never served as a score port.
static bool suits(const char *name, enum address_kind kind) {
    static const struct {
        const char *name;
        enum address_kind kind;
    } known[] = {{"admin", ADDRESS_UNIX}, {"tls", ADDRESS_TLS}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i].name) == 0)
            return kind == known[i].kind;
    return is_nameless(name);
}

static bool adopt(struct server *server, const struct service_socket *passed, char *error, size_t error_size) {
    struct address address;
    const char *wrong = "out of memory";
    int flags = fcntl(passed->fd, F_GETFL);
    if (!socket_describe(passed->fd, &address))
        wrong = "it is neither Unix nor TCP";
    else if (!suits(passed->name, address.kind))
        wrong = "\"admin\" is a Unix socket, \"tls\" a TCP one, and there are no other names";
    else if (flags < 0 || fcntl(passed->fd, F_SETFL, flags | O_NONBLOCK) != 0)
        wrong = strerror(errno);
    else if (add(server, passed->fd, address.kind, false))
        return true;
    snprintf(error, error_size, "the socket \"%s\" that systemd passed cannot be used: %s", passed->name, wrong);
    return false;
}

// Where an office can reach the first TLS listener that is no wildcard.
static void find_public(struct server *server) {
    for (const struct listener *listener = server->listeners; listener; listener = listener->next) {
        const struct sockaddr *socket = (const struct sockaddr *)&listener->address.socket;
        if (listener->address.kind != ADDRESS_TLS || address_is_wildcard(socket))
            continue;
        address_text(socket, listener->address.size, server->own_public);
        return;
    }
}

// ---- a restored backup ----

// What cannot be read keeps the door shut.
static bool is_unconfirmed(struct server *server) {
    const struct view *view = ledger_read_begin(server->ledger);
    bool unconfirmed = !view || view_unconfirmed(view) != 0 || view_fault(view);
    if (view)
        ledger_read_end(server->ledger);
    return unconfirmed;
}

static void unshut(struct listener *listener) {
    char text[ADDRESS_TEXT_MAX];
    if (listener->address.kind == ADDRESS_UNIX)
        return;
    if (listener->listening || listen(evconnlistener_get_fd(listener->acceptor), LISTENER_BACKLOG) == 0) {
        listener->listening = true;
        announce(listener);
        return;
    }
    address_text((const struct sockaddr *)&listener->address.socket, listener->address.size, text);
    log_write(listener->server->parts.log, LOG_ERROR, "cannot listen on %s%s: %s; free the address, then restart",
              plain_mark(listener), text, strerror(errno));
}

void listeners_confirm(struct server *server) {
    if (!server->unconfirmed || is_unconfirmed(server))
        return;
    server->unconfirmed = false;
    log_write(server->parts.log, LOG_NOTE, "the accounts of the restored backup are confirmed");
    for (struct listener *listener = server->listeners; listener; listener = listener->next)
        unshut(listener);
    listeners_update(server);
}

// ---- all of them ----

bool listeners_open(struct server *server, const struct address *addresses, size_t n_addresses,
                    const struct service_socket *passed, int n_passed, char *error, size_t error_size) {
    bool opened = true;
    server->unconfirmed = is_unconfirmed(server);
    if (server->unconfirmed)
        log_write(
            server->parts.log, LOG_WARN,
            "this ledger was restored from a backup: nobody is let in over TCP until its accounts have been looked "
            "at and confirmed on this machine: thidua admin accounts --confirm");
    for (int i = 0; i < n_passed && opened; i++)
        opened = adopt(server, &passed[i], error, error_size);
    for (size_t i = 0; i < n_addresses && opened; i++) {
        uint16_t port = address_port((const struct sockaddr *)&addresses[i].socket);
        opened = is_passed(server, &addresses[i]) ||
                 open_one(server, &addresses[i], has_v4_beside(addresses, n_addresses, port), error, error_size);
    }
    if (opened) {
        find_public(server);
        listeners_update(server);
    }
    return opened;
}

void listeners_close(struct server *server) {
    while (server->listeners) {
        struct listener *listener = server->listeners;
        server->listeners = listener->next;
        listener_free(listener);
    }
}

// ---- telling ----

char *listeners_text(const struct server *server) {
    char *all = NULL;
    size_t size;
    FILE *out = open_memstream(&all, &size);
    if (!out)
        return NULL;
    for (const struct listener *listener = server->listeners; listener; listener = listener->next) {
        char text[ADDRESS_TEXT_MAX];
        address_text((const struct sockaddr *)&listener->address.socket, listener->address.size, text);
        fprintf(out, "%s%s%s\n", listener->address.kind == ADDRESS_TLS ? "tls " : "", plain_mark(listener), text);
    }
    return fclose(out) == 0 ? all : NULL;
}
