// A connection to a server: Unix socket, TCP, or TLS 1.3 with the server's key pinned. Every call ends by the link's
// deadline, and at once when the person presses Ctrl-C.
#ifndef THIDUA_CLIENT_LINK_H
#define THIDUA_CLIENT_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/address.h"
#include "client/bystander.h"

enum { PIN_SIZE = 32 }; // SHA-256 of the key's SubjectPublicKeyInfo

enum link_verdict {
    LINK_OK,
    LINK_LOST,        // could not connect, or the peer or the network ended it
    LINK_DENIED,      // the socket may not be used by this user
    LINK_TIMEOUT,     // the deadline has passed
    LINK_INTERRUPTED, // Ctrl-C, or by the bystander
    LINK_WRONG_KEY,   // the server's key is not the pinned one
    LINK_NOT_TLS,     // the handshake failed
};

struct link;

// Connects, and for a TLS address shakes hands and compares the pin before anything else is sent. Always gives a
// link: link_why and link_close work on one that is not connected. Whenever it waits it sees to the bystander (NULL:
// there is none), who may interrupt it.
struct link *link_open(const struct address *address, const uint8_t *pin, int64_t timeout_ms,
                       struct bystander *bystander, enum link_verdict *verdict);
void link_close(struct link *link);

// Whether somebody was there: it has been lost since, if it is.
bool link_connected(const struct link *link);

// What the last call met, for people; never NULL.
const char *link_why(const struct link *link);

// Moves the deadline to `timeout_ms` from now.
void link_extend(struct link *link, int64_t timeout_ms);

// Sends all bytes.
enum link_verdict link_write(struct link *link, const uint8_t *bytes, size_t size);

// Receives at least one byte, at most `size`; *got says how many.
enum link_verdict link_read(struct link *link, uint8_t *bytes, size_t size, size_t *got);

#endif
