// Milliseconds. Deadlines go by the monotonic clock, entries and expiry by the wall clock.
#ifndef THIDUA_CLOCK_H
#define THIDUA_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline int64_t clock_read_ms(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline int64_t clock_monotonic_ms(void) {
    return clock_read_ms(CLOCK_MONOTONIC);
}

static inline int64_t clock_wall_ms(void) {
    return clock_read_ms(CLOCK_REALTIME);
}

#endif
