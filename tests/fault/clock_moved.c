// Preloaded into the daemon under test: its wall clock reads THIDUA_CLOCK_MOVED seconds later (or, negative, earlier).
// The monotonic clock stays what it is.
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    const char *moved = getenv("THIDUA_CLOCK_MOVED");
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_REALTIME && moved != NULL)
        now->tv_sec += strtol(moved, NULL, 10);
    return result;
}
