// Preloaded into the daemon under test: its wall clock reads THIDUA_CLOCK_MOVED seconds later (or, negative, earlier),
// or as many as stand in the file THIDUA_CLOCK_FILE, which may change meanwhile. The monotonic clock stays what it is.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long from_file(const char *path) {
    char text[32] = "";
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0 && read(file, text, sizeof text - 1) < 0)
        text[0] = '\0';
    if (file >= 0)
        close(file);
    return strtol(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    const char *moved = getenv("THIDUA_CLOCK_MOVED"), *path = getenv("THIDUA_CLOCK_FILE");
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && clock == CLOCK_REALTIME && moved != NULL)
        now->tv_sec += strtol(moved, NULL, 10);
    if (result == 0 && clock == CLOCK_REALTIME && path != NULL)
        now->tv_sec += from_file(path);
    return result;
}
