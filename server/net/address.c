#include "server/net/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

enum { HOST_MAX = 256 };

static const struct sockaddr_in *as_v4(const struct sockaddr *socket) {
    return (const struct sockaddr_in *)(const void *)socket;
}

static const struct sockaddr_in6 *as_v6(const struct sockaddr *socket) {
    return (const struct sockaddr_in6 *)(const void *)socket;
}

static bool parse_unix(const char *path, struct address *address, char *error, size_t error_size) {
    struct sockaddr_un *un = (struct sockaddr_un *)&address->socket;
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof un->sun_path) {
        snprintf(error, error_size, "unix:%s: the path of a socket has 1 to %zu bytes", path, sizeof un->sun_path - 1);
        return false;
    }
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path, length + 1);
    address->kind = ADDRESS_UNIX;
    address->size = sizeof *un;
    return true;
}

// Cuts HOST:PORT or [HOST]:PORT in two; *bracketed tells which.
static bool split(const char *text, char host[HOST_MAX], const char **port, bool *bracketed) {
    *bracketed = text[0] == '[';
    const char *end = *bracketed ? strchr(text, ']') : strrchr(text, ':');
    if (!end || (*bracketed && end[1] != ':'))
        return false;
    const char *begin = text + (*bracketed ? 1 : 0);
    size_t length = (size_t)(end - begin);
    if (length == 0 || length >= HOST_MAX)
        return false;
    memcpy(host, begin, length);
    host[length] = '\0';
    *port = end + (*bracketed ? 2 : 1);
    return *bracketed == (strchr(host, ':') != NULL);
}

static bool port_parse(const char *text, long least) {
    size_t length = strlen(text);
    if (length == 0 || length > 5 || strspn(text, "0123456789") != length)
        return false;
    long port = strtol(text, NULL, 10);
    return port >= least && port <= 65535;
}

static bool read_v4(const char *host, const char *port, struct address *address) {
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address->socket;
    *v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    address->size = sizeof *v4;
    return inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &v4->sin_addr) == 1;
}

// getaddrinfo, for it knows zones (fe80::1%eth0).
static bool read_v6(const char *host, const char *port, struct address *address) {
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_family = AF_INET6}, *found;
    hints.ai_socktype = SOCK_STREAM;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return false;
    memcpy(&address->socket, found->ai_addr, found->ai_addrlen);
    address->size = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

static bool parse_ip(const char *whole, const char *text, struct address *address, char *error, size_t error_size) {
    char host[HOST_MAX];
    const char *port;
    bool bracketed;
    if (!split(text, host, &port, &bracketed)) {
        snprintf(error, error_size, "%s is not an address: write unix:PATH, HOST:PORT, [IPV6]:PORT or plain:HOST:PORT",
                 whole);
        return false;
    }
    if (!port_parse(port, 0)) {
        snprintf(error, error_size, "%s: the port is a number from 0 to 65535", whole);
        return false;
    }
    if (bracketed ? !read_v6(host, port, address) : !read_v4(host, port, address)) {
        snprintf(error, error_size, "%s: give the host as a number (127.0.0.1, [::]) or as localhost", whole);
        return false;
    }
    return true;
}

bool address_parse(const char *text, struct address *address, char *error, size_t error_size) {
    memset(address, 0, sizeof *address);
    if (strncmp(text, "unix:", 5) == 0)
        return parse_unix(text + 5, address, error, error_size);
    bool plain = strncmp(text, "plain:", 6) == 0;
    address->kind = plain ? ADDRESS_PLAIN : ADDRESS_TLS;
    if (!parse_ip(text, text + (plain ? 6 : 0), address, error, error_size))
        return false;
    if (!plain || address_is_loopback((const struct sockaddr *)&address->socket))
        return true;
    snprintf(error, error_size, "%s: without TLS only a loopback address is served; leave out plain:", text);
    return false;
}

bool address_parse_local(const char *text, struct address *address, char *error, size_t error_size) {
    if (!address_parse(text, address, error, error_size))
        return false;
    if (address->kind == ADDRESS_UNIX)
        return true;
    address->kind = ADDRESS_PLAIN;
    if (address_is_loopback((const struct sockaddr *)&address->socket))
        return true;
    snprintf(error, error_size, "%s: give an address of this machine alone: unix:PATH or a loopback HOST:PORT", text);
    return false;
}

static bool is_host_name(const char *host) {
    for (const char *c = host; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '.' && *c != '-')
            return false;
    return true;
}

bool address_check_public(const char *text, char *error, size_t error_size) {
    char host[HOST_MAX];
    const char *port;
    bool bracketed;
    struct in6_addr v6;
    if (split(text, host, &port, &bracketed) && port_parse(port, 1) &&
        (bracketed ? inet_pton(AF_INET6, host, &v6) == 1 : is_host_name(host)))
        return true;
    snprintf(error, error_size, "%s is not HOST:PORT as an office could reach it", text);
    return false;
}

void address_text(const struct sockaddr *socket, socklen_t size, char text[ADDRESS_TEXT_MAX]) {
    char host[INET6_ADDRSTRLEN] = "";
    if (socket->sa_family == AF_INET) {
        inet_ntop(AF_INET, &as_v4(socket)->sin_addr, host, sizeof host);
        snprintf(text, ADDRESS_TEXT_MAX, "%s:%u", host, address_port(socket));
    } else if (socket->sa_family == AF_INET6) {
        const struct in6_addr *v6 = &as_v6(socket)->sin6_addr;
        bool mapped = IN6_IS_ADDR_V4MAPPED(v6);
        inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? v6->s6_addr + 12 : v6->s6_addr, host, sizeof host);
        snprintf(text, ADDRESS_TEXT_MAX, mapped ? "%s:%u" : "[%s]:%u", host, address_port(socket));
    } else if (socket->sa_family == AF_UNIX && size > offsetof(struct sockaddr_un, sun_path)) {
        const struct sockaddr_un *un = (const struct sockaddr_un *)(const void *)socket;
        snprintf(text, ADDRESS_TEXT_MAX, "unix:%.*s", (int)(size - offsetof(struct sockaddr_un, sun_path)),
                 un->sun_path);
    } else {
        snprintf(text, ADDRESS_TEXT_MAX, "unix:");
    }
}

bool address_is_loopback(const struct sockaddr *socket) {
    if (socket->sa_family == AF_INET)
        return ntohl(as_v4(socket)->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return socket->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&as_v6(socket)->sin6_addr);
}

bool address_is_wildcard(const struct sockaddr *socket) {
    if (socket->sa_family == AF_INET)
        return as_v4(socket)->sin_addr.s_addr == htonl(INADDR_ANY);
    return socket->sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&as_v6(socket)->sin6_addr);
}

uint16_t address_port(const struct sockaddr *socket) {
    if (socket->sa_family == AF_INET)
        return ntohs(as_v4(socket)->sin_port);
    return socket->sa_family == AF_INET6 ? ntohs(as_v6(socket)->sin6_port) : 0;
}
