#include "server/net/admission.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

// Kinds of sources are told apart by the highest bits, which no such prefix or user has in use together.
static const uint64_t v4_mark = UINT64_C(0xfe01) << 48, user_mark = UINT64_C(0xfe02) << 48;

uint64_t admission_key_of(const struct sockaddr *socket) {
    uint64_t prefix = 0;
    uint32_t v4;
    if (socket->sa_family == AF_INET) {
        v4 = ((const struct sockaddr_in *)(const void *)socket)->sin_addr.s_addr;
        return v4_mark | v4;
    }
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)socket)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(v6)) {
        memcpy(&v4, v6->s6_addr + 12, sizeof v4);
        return v4_mark | v4;
    }
    for (int i = 0; i < 8; i++)
        prefix = prefix << 8 | v6->s6_addr[i];
    return prefix;
}

uint64_t admission_key_of_user(uid_t uid) {
    return user_mark | uid;
}

static struct source **bucket(struct admission *admission, uint64_t key) {
    return &admission->sources[(key * UINT64_C(0x9e3779b97f4a7c15)) >> 56];
}

static struct source *source_get(struct admission *admission, uint64_t key) {
    struct source **head = bucket(admission, key);
    for (struct source *source = *head; source; source = source->next)
        if (source->key == key)
            return source;
    struct source *source = calloc(1, sizeof *source);
    if (source) {
        *source = (struct source){.next = *head, .key = key};
        *head = source;
    }
    return source;
}

static void source_put(struct admission *admission, struct source *source) {
    if (--source->users > 0)
        return;
    struct source **link = bucket(admission, source->key);
    while (*link != source)
        link = &(*link)->next;
    *link = source->next;
    free(source);
}

static void park(struct admission *admission, struct guest *guest) {
    guest->parked = true;
    guest->previous = admission->last;
    guest->next = NULL;
    *(admission->last ? &admission->last->next : &admission->first) = guest;
    admission->last = guest;
    admission->parked++;
}

static void unpark(struct admission *admission, struct guest *guest) {
    *(guest->previous ? &guest->previous->next : &admission->first) = guest->next;
    *(guest->next ? &guest->next->previous : &admission->last) = guest->previous;
    guest->parked = false;
    admission->parked--;
}

static bool has_place(const struct admission *admission, const struct source *source) {
    return admission->admitted < ADMISSION_MAX && source->admitted < ADMISSION_PER_SOURCE;
}

static void admit(struct admission *admission, struct guest *guest) {
    admission->admitted++;
    guest->source->admitted++;
}

enum admission_verdict admission_enter(struct admission *admission, struct guest *guest, uint64_t key) {
    struct source *source = source_get(admission, key);
    if (!source)
        return ADMISSION_REFUSED;
    source->users++;
    guest->source = source;
    if (has_place(admission, source)) {
        admit(admission, guest);
        return ADMISSION_OPEN;
    }
    if (admission->parked < ADMISSION_PARKED_MAX) {
        park(admission, guest);
        return ADMISSION_PARKED;
    }
    guest->source = NULL;
    source_put(admission, source);
    return ADMISSION_REFUSED;
}

void admission_leave(struct admission *admission, struct guest *guest) {
    if (!guest->source)
        return;
    if (guest->parked) {
        unpark(admission, guest);
    } else {
        admission->admitted--;
        guest->source->admitted--;
    }
    source_put(admission, guest->source);
    guest->source = NULL;
}

struct guest *admission_next(struct admission *admission) {
    if (admission->admitted >= ADMISSION_MAX)
        return NULL;
    for (struct guest *guest = admission->first; guest; guest = guest->next)
        if (has_place(admission, guest->source)) {
            unpark(admission, guest);
            admit(admission, guest);
            return guest;
        }
    return NULL;
}
