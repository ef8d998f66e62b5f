#include "client/address.h"

#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/memory.h"
#include "client/words.h"

#define HOST_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%"

static bool is_port(const char *text) {
    size_t n = strspn(text, "0123456789");
    return n && n <= 5 && !text[n] && atoi(text) > 0 && atoi(text) < 65536;
}

static const char *split(struct address *address, const char *text) {
    const char *colon = strrchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : 0;
    if (!colon || !is_port(colon + 1))
        return _("the port is missing; write HOST:PORT");
    bool bracketed = n > 2 && text[0] == '[' && text[n - 1] == ']';
    if (!n || (!bracketed && memchr(text, ':', n)))
        return _("the host is missing or holds a colon; write an IPv6 address as [ADDR]:PORT");
    if (strspn(text + bracketed, HOST_LETTERS) < (bracketed ? n - 2 : n))
        return _("the host holds a character that no host name has");
    address->host = must_format("%.*s", (int)(bracketed ? n - 2 : n), text + bracketed);
    address->port = must_strdup(colon + 1);
    return NULL;
}

static bool is_loopback(const char *host) {
    return !strcmp(host, "localhost") || !strcmp(host, "::1") ||
           (!strncmp(host, "127.", 4) && strspn(host, "0123456789.") == strlen(host));
}

static const char *parse_unix(struct address *address, const char *path) {
    address->kind = ADDRESS_UNIX;
    address->path = must_strdup(path);
    if (!*path || strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
        return _("the path of a Unix socket has 1 to 107 bytes");
    return NULL;
}

const char *address_from_text(struct address *address, const char *text) {
    *address = (struct address){.text = must_strdup(text)};
    if (!strncmp(text, "unix:", 5))
        return parse_unix(address, text + 5);
    bool plain = !strncmp(text, "plain:", 6);
    address->kind = plain ? ADDRESS_PLAIN : ADDRESS_TLS;
    const char *wrong = split(address, plain ? text + 6 : text);
    if (!wrong && plain && !is_loopback(address->host))
        return _("plain: is for loopback addresses only; nothing would protect the token");
    return wrong;
}

void address_free(struct address *address) {
    free(address->text);
    free(address->path);
    free(address->host);
    free(address->port);
    *address = (struct address){0};
}

static bool try_local(struct address *address, const char *path) {
    bool there = !access(path, F_OK);
    if (there) {
        char *text = must_format("unix:%s", path);
        there = !address_from_text(address, text);
        free(text);
    }
    return there;
}

bool address_local(struct address *address) {
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (try_local(address, "/run/thidua/admin.sock"))
        return true;
    if (!runtime || !*runtime)
        return false;
    char *path = must_format("%s/thidua.sock", runtime);
    bool there = try_local(address, path);
    free(path);
    return there;
}
