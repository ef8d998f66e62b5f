#include "server/net/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const struct sockaddr *plain(const struct address *address) {
    return (const struct sockaddr *)&address->socket;
}

static const char *path_of(const struct address *address) {
    return ((const struct sockaddr_un *)&address->socket)->sun_path;
}

static int fail(const struct address *address, const char *what, char *error, size_t error_size) {
    char text[ADDRESS_TEXT_MAX];
    address_text(plain(address), address->size, text);
    snprintf(error, error_size, "cannot listen on %s: %s", text, what);
    return -1;
}

static bool answers(const struct address *address) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool refused = fd >= 0 && connect(fd, plain(address), address->size) != 0 && errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return !refused;
}

// A daemon that was killed leaves its socket behind.
static bool clear_way(const struct address *address, char *error, size_t error_size) {
    struct stat st;
    if (lstat(path_of(address), &st) != 0)
        return errno == ENOENT || fail(address, strerror(errno), error, error_size) == 0;
    if (!S_ISSOCK(st.st_mode))
        return fail(address, "something that is no socket stands there; remove it", error, error_size) == 0;
    if (answers(address))
        return fail(address, "another program answers there; stop it first", error, error_size) == 0;
    return unlink(path_of(address)) == 0 || fail(address, strerror(errno), error, error_size) == 0;
}

static bool set_up(int fd, const struct address *address, bool v6_only) {
    const int on = 1, only = v6_only;
    if (address->socket.ss_family == AF_UNIX)
        return true;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
           (address->socket.ss_family != AF_INET6 ||
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) == 0);
}

int socket_listen(const struct address *address, bool v6_only, int backlog, char *error, size_t error_size) {
    if (address->kind == ADDRESS_UNIX && !clear_way(address, error, error_size))
        return -1;
    int fd = socket(address->socket.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && set_up(fd, address, v6_only) && bind(fd, plain(address), address->size) == 0 &&
        (backlog == 0 || listen(fd, backlog) == 0))
        return fd;
    fail(address, strerror(errno), error, error_size);
    if (fd >= 0)
        close(fd);
    return -1;
}

void socket_remove(const struct address *address) {
    if (address->kind == ADDRESS_UNIX)
        unlink(path_of(address));
}

bool socket_describe(int fd, struct address *address) {
    memset(address, 0, sizeof *address);
    address->size = sizeof address->socket;
    if (getsockname(fd, (struct sockaddr *)&address->socket, &address->size) != 0)
        return false;
    address->kind = address->socket.ss_family == AF_UNIX ? ADDRESS_UNIX : ADDRESS_TLS;
    return address->socket.ss_family == AF_UNIX || address->socket.ss_family == AF_INET ||
           address->socket.ss_family == AF_INET6;
}
