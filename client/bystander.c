#include "client/bystander.h"

#include <errno.h>
#include <string.h>

#include "client/instant.h"

enum { WAITED_FOR = 2, LONGEST_MS = 3600 * 1000 };

static bool is_any_ready(const struct pollfd *files, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (files[i].revents)
            return true;
    return false;
}

static int time_left(const struct bystander *bystander, int64_t deadline_ms) {
    int64_t until = bystander && bystander->due_ms < deadline_ms ? bystander->due_ms : deadline_ms;
    int64_t left = until - instant_monotonic();
    return left < 0 ? 0 : left > LONGEST_MS ? LONGEST_MS : (int)left;
}

// False: it gives the waiting up.
static bool see_to(struct bystander *bystander, const struct pollfd *files) {
    if (!is_any_ready(files, BYSTANDER_FILES) && instant_monotonic() < bystander->due_ms)
        return true;
    memcpy(bystander->files, files, sizeof(bystander->files));
    return bystander->serve(bystander->ctx);
}

enum waited bystander_wait(struct bystander *bystander, struct pollfd *files, size_t n, int64_t deadline_ms) {
    struct pollfd all[WAITED_FOR + BYSTANDER_FILES];
    n = n < WAITED_FOR ? n : WAITED_FOR;
    while (instant_monotonic() < deadline_ms) {
        size_t count = n + (bystander ? BYSTANDER_FILES : 0);
        memcpy(all, files, n * sizeof(*all));
        if (bystander)
            memcpy(all + n, bystander->files, sizeof(bystander->files));
        int ready = poll(all, count, time_left(bystander, deadline_ms));
        if (ready < 0 && errno != EINTR)
            return WAITED_FAILED;
        for (size_t i = 0; ready < 0 && i < count; i++)
            all[i].revents = 0;
        if (bystander && !see_to(bystander, all + n))
            return WAITED_GIVEN_UP;
        memcpy(files, all, n * sizeof(*all));
        if (is_any_ready(files, n))
            return WAITED_READY;
    }
    return WAITED_OVER;
}
