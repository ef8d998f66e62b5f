// How many peers may be here without having said who they are: 256 in all and 16 from one source. Those beyond wait,
// unread, in the order in which they came.
#ifndef THIDUA_NET_ADMISSION_H
#define THIDUA_NET_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

enum {
    ADMISSION_MAX = 256,
    ADMISSION_PER_SOURCE = 16,
    ADMISSION_PARKED_MAX = 1024,
    ADMISSION_BUCKETS = 256,
};

// Where peers come from: an IPv4 address, the first half of an IPv6 address, a local user.
struct source {
    struct source *next;
    uint64_t key;
    unsigned users;    // guests that name it
    unsigned admitted; // of them, those with a place
};

// A connection that has not said who it is.
struct guest {
    struct guest *previous, *next; // among those parked
    struct source *source;         // NULL: it holds no place and waits for none
    bool parked;
};

struct admission {
    struct source *sources[ADMISSION_BUCKETS];
    struct guest *first, *last; // parked
    unsigned admitted, parked;
};

enum admission_verdict { ADMISSION_OPEN, ADMISSION_PARKED, ADMISSION_REFUSED };

uint64_t admission_key_of(const struct sockaddr *socket);
uint64_t admission_key_of_user(uid_t uid);

// Gives the guest a place, parks it, or (too many wait, or out of memory) refuses it.
enum admission_verdict admission_enter(struct admission *admission, struct guest *guest, uint64_t key);

// The guest has said who it is, or is gone.
void admission_leave(struct admission *admission, struct guest *guest);

// The first parked guest for whom there is a place now; it has it. NULL: none.
struct guest *admission_next(struct admission *admission);

#endif
