// What is seen to while the program waits for a server: a keyboard, a signal, a clock.
#ifndef THIDUA_CLIENT_BYSTANDER_H
#define THIDUA_CLIENT_BYSTANDER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BYSTANDER_FILES = 2 };

struct bystander {
    struct pollfd files[BYSTANDER_FILES]; // one with fd -1 is left out
    int64_t due_ms;                       // of instant_monotonic

    // Called when one of the files is ready, its `revents` being set, or `due_ms` has come, which it moves on. False:
    // the waiting is given up.
    bool (*serve)(void *ctx);
    void *ctx;
};

enum waited {
    WAITED_READY,    // one of the files is
    WAITED_OVER,     // the deadline has passed
    WAITED_GIVEN_UP, // by the bystander
    WAITED_FAILED,   // errno says why
};

// Waits for `files` (at most 2; their `revents` are set) until `deadline_ms` of instant_monotonic, seeing to the
// bystander meanwhile, if there is one.
enum waited bystander_wait(struct bystander *bystander, struct pollfd *files, size_t n, int64_t deadline_ms);

#endif
