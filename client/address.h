// Where a server is: unix:PATH, HOST:PORT (TLS) or plain:HOST:PORT (loopback only). IPv6 is [ADDR]:PORT.
#ifndef THIDUA_CLIENT_ADDRESS_H
#define THIDUA_CLIENT_ADDRESS_H

#include <stdbool.h>

enum address_kind { ADDRESS_UNIX, ADDRESS_TLS, ADDRESS_PLAIN };

struct address {
    enum address_kind kind;
    char *text; // as it was given
    char *path; // of a Unix socket
    char *host; // without brackets
    char *port;
};

// NULL, or what is wrong with the text (translated). Free the address in any case.
const char *address_from_text(struct address *address, const char *text);
void address_free(struct address *address);

// The local socket that is there, in CLI.md's order; false: none is.
bool address_local(struct address *address);

#endif
