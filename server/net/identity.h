// Who a connection speaks for: from peer credentials, a token or an enrolment, to an actor.
#ifndef THIDUA_NET_IDENTITY_H
#define THIDUA_NET_IDENTITY_H

#include <event2/util.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/problems.h"
#include "server/commands/dispatch.h"

enum { IDENTITY_FAILURES_MAX = 3 }; // failed authentications after which a connection ends

struct identity {
    struct actor actor; // role 0: nobody yet
    int64_t expires_ms;
    unsigned failures;
};

// The group whose members administer.
struct admin_group {
    bool exists;
    gid_t gid;
};

// Looks the group up. Its absence is no error.
struct admin_group admin_group_find(const char *name);

// Credentials of the peer of a Unix socket. Makes it a local administrator where they suffice; *uid is set anyway.
void identity_of_peer(evutil_socket_t fd, struct admin_group group, struct identity *identity, uid_t *uid);

static inline bool identity_known(const struct identity *identity) {
    return identity->actor.role != 0;
}

// Largest frame that it may send, and memory that one request of it may use.
size_t identity_frame_limit(const struct identity *identity);
size_t identity_budget(const struct identity *identity);

// What the server says of itself.
struct introduction {
    const uint8_t *pin;    // 32 bytes
    const char *public_at; // HOST:PORT, or NULL
};

// The answers; each lives in `arena`. False: problems say why, and the identity is as it was.
bool identity_hello(const struct introduction *introduction, const struct view *view, const Pb__Hello *hello,
                    int64_t now_ms, struct arena *arena, Pb__Response *response, struct problems *problems);
bool identity_authenticate(struct identity *identity, const struct view *view, const Pb__Authenticate *authenticate,
                           int64_t now_ms, struct arena *arena, Pb__Response *response, struct problems *problems);

// Becomes the account that an enrolment has been answered with: `frame` is that answer. False: it could not be read.
bool identity_enrolled(struct identity *identity, const struct view *view, const uint8_t *frame, size_t size,
                       struct arena *arena);

// Why this identity may not go on, or NULL: revoked, replaced by another token, expired.
const char *identity_lost(const struct identity *identity, const struct view *view, int64_t now_ms);

#endif
