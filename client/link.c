#include "client/link.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/instant.h"
#include "client/memory.h"
#include "client/tls.h"
#include "client/words.h"

struct link {
    int fd;
    int interrupts; // readable once Ctrl-C was pressed
    sigset_t mask;  // as it was before
    struct bystander *bystander;
    struct tls *tls;
    bool connected;
    int64_t deadline_ms;
    char *why;
};

static enum link_verdict because(struct link *link, enum link_verdict verdict, const char *why) {
    free(link->why);
    link->why = must_strdup(why);
    return verdict;
}

const char *link_why(const struct link *link) {
    return link->why ? link->why : "";
}

void link_extend(struct link *link, int64_t timeout_ms) {
    link->deadline_ms = instant_monotonic() + timeout_ms;
}

// While the connection lives Ctrl-C is something to wait for, so that the end of a write can still be told.
static void hold_interrupts(struct link *link) {
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigprocmask(SIG_BLOCK, &held, &link->mask);
    link->interrupts = signalfd(-1, &held, SFD_NONBLOCK | SFD_CLOEXEC);
}

// Takes the signal off, so that it does not end the program before the rest is said.
static enum link_verdict interrupted(struct link *link) {
    struct signalfd_siginfo signal;
    while (read(link->interrupts, &signal, sizeof(signal)) == sizeof(signal))
        ;
    return because(link, LINK_INTERRUPTED, _("interrupted"));
}

static enum link_verdict wait_for(struct link *link, short events) {
    struct pollfd files[] = {{.fd = link->fd, .events = events}, {.fd = link->interrupts, .events = POLLIN}};
    switch (bystander_wait(link->bystander, files, 2, link->deadline_ms)) {
    case WAITED_READY:
        return files[1].revents ? interrupted(link) : LINK_OK;
    case WAITED_GIVEN_UP:
        return interrupted(link);
    case WAITED_OVER:
        return because(link, LINK_TIMEOUT, _("no answer in time"));
    case WAITED_FAILED:
        break;
    }
    return because(link, LINK_LOST, strerror(errno));
}

static enum link_verdict connect_to(struct link *link, int family, const struct sockaddr *name, socklen_t size) {
    int error = 0, one = 1;
    socklen_t length = sizeof(error);
    link->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (link->fd < 0)
        return because(link, LINK_LOST, strerror(errno));
    if (family != AF_UNIX)
        setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (connect(link->fd, name, size))
        error = errno;
    if (error == EINPROGRESS) {
        enum link_verdict verdict = wait_for(link, POLLOUT);
        if (verdict != LINK_OK)
            return verdict;
        if (getsockopt(link->fd, SOL_SOCKET, SO_ERROR, &error, &length))
            error = errno;
    }
    if (!error)
        return LINK_OK;
    return because(link, error == EACCES || error == EPERM ? LINK_DENIED : LINK_LOST, strerror(error));
}

static enum link_verdict connect_unix(struct link *link, const struct address *address) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    memcpy(name.sun_path, address->path, strlen(address->path) + 1);
    return connect_to(link, AF_UNIX, (const struct sockaddr *)&name, sizeof(name));
}

static bool is_loopback(const struct sockaddr *name) {
    if (name->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)name)->sin_addr.s_addr) >> 24 == 127;
    return name->sa_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)name)->sin6_addr);
}

static enum link_verdict connect_any(struct link *link, const struct address *address, const struct addrinfo *list) {
    enum link_verdict verdict = because(link, LINK_LOST, _("the name has no address that may be used"));
    for (; list; list = list->ai_next) {
        if (address->kind == ADDRESS_PLAIN && !is_loopback(list->ai_addr))
            continue;
        if (link->fd >= 0)
            close(link->fd);
        verdict = connect_to(link, list->ai_family, list->ai_addr, list->ai_addrlen);
        if (verdict != LINK_LOST && verdict != LINK_DENIED)
            break;
    }
    return verdict;
}

static enum link_verdict connect_tcp(struct link *link, const struct address *address) {
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *list = NULL;
    int failure = getaddrinfo(address->host, address->port, &wanted, &list);
    if (failure)
        return because(link, LINK_LOST, failure == EAI_SYSTEM ? strerror(errno) : gai_strerror(failure));
    enum link_verdict verdict = connect_any(link, address, list);
    freeaddrinfo(list);
    return verdict;
}

// Tells what a TLS step has come to; LINK_OK: try it again.
static enum link_verdict after_tls(struct link *link, enum tls_step step) {
    switch (step) {
    case TLS_DONE:
        return LINK_OK;
    case TLS_WANTS_READ:
        return wait_for(link, POLLIN);
    case TLS_WANTS_WRITE:
        return wait_for(link, POLLOUT);
    case TLS_CLOSED:
        return because(link, LINK_LOST, _("the server closed the connection"));
    case TLS_LOST:
    case TLS_FAILED:
        break;
    }
    return because(link, LINK_LOST, tls_why(link->tls));
}

static enum link_verdict shake_hands(struct link *link, const uint8_t *pin) {
    uint8_t found[PIN_SIZE];
    enum tls_step step;
    link->tls = must(tls_new(link->fd));
    while ((step = tls_handshake(link->tls)) != TLS_DONE) {
        enum link_verdict verdict = after_tls(link, step);
        if (verdict == LINK_LOST && step == TLS_FAILED)
            return LINK_NOT_TLS;
        if (verdict != LINK_OK)
            return verdict;
    }
    if (!tls_pin(link->tls, found) || memcmp(found, pin, PIN_SIZE))
        return because(link, LINK_WRONG_KEY, _("the server's key is not the pinned one"));
    return LINK_OK;
}

struct link *link_open(const struct address *address, const uint8_t *pin, int64_t timeout_ms,
                       struct bystander *bystander, enum link_verdict *verdict) {
    struct link *link = must_alloc(sizeof(*link));
    link->fd = -1;
    link->bystander = bystander;
    link_extend(link, timeout_ms);
    hold_interrupts(link);
    *verdict = address->kind == ADDRESS_UNIX ? connect_unix(link, address) : connect_tcp(link, address);
    link->connected = *verdict == LINK_OK;
    if (*verdict == LINK_OK && address->kind == ADDRESS_TLS)
        *verdict = shake_hands(link, pin);
    return link;
}

bool link_connected(const struct link *link) {
    return link->connected;
}

void link_close(struct link *link) {
    if (!link)
        return;
    tls_free(link->tls);
    if (link->fd >= 0)
        close(link->fd);
    if (link->interrupts >= 0)
        close(link->interrupts);
    sigprocmask(SIG_SETMASK, &link->mask, NULL);
    free(link->why);
    free(link);
}

// One step over a socket without TLS, in the terms of one with.
static enum tls_step plain_step(struct link *link, ssize_t moved, enum tls_step wants, size_t *done) {
    *done = moved > 0 ? (size_t)moved : 0;
    if (moved > 0)
        return TLS_DONE;
    if (moved == 0)
        return TLS_CLOSED;
    if (errno == EAGAIN || errno == EINTR)
        return wants;
    because(link, LINK_LOST, strerror(errno));
    return TLS_FAILED;
}

enum link_verdict link_write(struct link *link, const uint8_t *bytes, size_t size) {
    while (size) {
        size_t done = 0;
        enum tls_step step = link->tls
                                 ? tls_write(link->tls, bytes, size, &done)
                                 : plain_step(link, send(link->fd, bytes, size, MSG_NOSIGNAL), TLS_WANTS_WRITE, &done);
        if (step == TLS_FAILED && !link->tls)
            return LINK_LOST;
        enum link_verdict verdict = after_tls(link, step);
        if (verdict != LINK_OK)
            return verdict;
        bytes += done;
        size -= done;
    }
    return LINK_OK;
}

enum link_verdict link_read(struct link *link, uint8_t *bytes, size_t size, size_t *got) {
    for (;;) {
        enum tls_step step = link->tls ? tls_read(link->tls, bytes, size, got)
                                       : plain_step(link, recv(link->fd, bytes, size, 0), TLS_WANTS_READ, got);
        if (step == TLS_DONE)
            return LINK_OK;
        if (step == TLS_FAILED && !link->tls)
            return LINK_LOST;
        enum link_verdict verdict = after_tls(link, step);
        if (verdict != LINK_OK)
            return verdict;
    }
}
