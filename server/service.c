#include "server/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

void service_ready(void) {
    sd_notify(0, "READY=1");
}

void service_reloading(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void service_stopping(void) {
    sd_notify(0, "STOPPING=1");
}

void service_alive(void) {
    sd_notify(0, "WATCHDOG=1");
}

int64_t service_watchdog_ms(void) {
    uint64_t usec = 0;
    return sd_watchdog_enabled(0, &usec) > 0 ? (int64_t)(usec / 1000) : 0;
}

int service_sockets(int fds[SERVICE_SOCKETS_MAX], char *error, size_t error_size) {
    int count = sd_listen_fds(1);
    if (count < 0 || count > SERVICE_SOCKETS_MAX) {
        snprintf(error, error_size, "systemd passed sockets that cannot be used: %s",
                 count < 0 ? strerror(-count) : "too many");
        return -1;
    }
    for (int i = 0; i < count; i++) {
        fds[i] = SD_LISTEN_FDS_START + i;
        if (sd_is_socket(fds[i], AF_UNSPEC, SOCK_STREAM, 1) > 0)
            continue;
        snprintf(error, error_size, "systemd passed descriptor %d, which is no listening stream socket", fds[i]);
        return -1;
    }
    return count;
}

bool service_credential(const char *name, char *path, size_t size) {
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (!folder)
        return false;
    int n = snprintf(path, size, "%s/%s", folder, name);
    return n > 0 && (size_t)n < size && access(path, F_OK) == 0;
}
