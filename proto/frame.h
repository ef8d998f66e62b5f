// Frames: a protobuf varint with the length of the body, then the body. Works on plain bytes and allocates nothing.
#ifndef THIDUA_PROTO_FRAME_H
#define THIDUA_PROTO_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_PREFIX_MAX = 5,               // bytes of the longest prefix that is accepted
    FRAME_LIMIT_UNAUTHENTICATED = 1024, // largest body of a request before authentication,
    FRAME_LIMIT_OFFICE = 64 * 1024,     // after it,
    FRAME_LIMIT_CENTRAL = 1024 * 1024,  // and for council and local administration (a period definition)
    FRAME_LIMIT_RESPONSE = 16 * 1024 * 1024,
};

enum frame_verdict {
    FRAME_READY,    // prefix and body are known and the whole frame is there
    FRAME_PARTIAL,  // more bytes are needed; *body is set once the prefix is whole, else 0
    FRAME_TOO_LONG, // the body is longer than the limit; *body is its claimed length, capped at UINT32_MAX
    FRAME_BAD,      // an empty body, a prefix longer than needed, or no end to it within FRAME_PREFIX_MAX bytes
};

// Looks at the frame that `bytes` begin with, of which `available` are there. The bytes may be fewer than available
// (a peek at the prefix): `peeked` says how many may be read. *prefix and *body are 0 until the prefix is whole.
enum frame_verdict frame_look(const uint8_t *bytes, size_t peeked, size_t available, size_t limit, size_t *prefix,
                              size_t *body);

// Writes the prefix of a body of `body` bytes; returns its length.
size_t frame_prefix(uint8_t prefix[FRAME_PREFIX_MAX], size_t body);

#endif
