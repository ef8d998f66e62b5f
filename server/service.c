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

void service_status(const char *line) {
    sd_notifyf(0, "STATUS=%s", line);
}

int64_t service_watchdog_ms(void) {
    uint64_t usec = 0;
    return sd_watchdog_enabled(0, &usec) > 0 ? (int64_t)(usec / 1000) : 0;
}

// Without names in the environment the library calls every socket "unknown".
static bool take_socket(struct service_socket *socket, int fd, const char *name) {
    socket->fd = fd;
    int n = snprintf(socket->name, sizeof socket->name, "%s", name && strcmp(name, "unknown") != 0 ? name : "");
    return n >= 0 && (size_t)n < sizeof socket->name && sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) > 0;
}

static void free_names(char **names, int count) {
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

int service_sockets(struct service_socket sockets[SERVICE_SOCKETS_MAX], char *error, size_t error_size) {
    char **names = NULL;
    int count = sd_listen_fds_with_names(1, &names), taken = 0;
    if (count < 0 || count > SERVICE_SOCKETS_MAX) {
        snprintf(error, error_size, "systemd passed sockets that cannot be used: %s",
                 count < 0 ? strerror(-count) : "too many");
        free_names(names, count);
        return -1;
    }
    while (taken < count && take_socket(&sockets[taken], SD_LISTEN_FDS_START + taken, names[taken]))
        taken++;
    free_names(names, count);
    if (taken == count)
        return count;
    snprintf(error, error_size, "systemd passed descriptor %d, which is no listening stream socket",
             SD_LISTEN_FDS_START + taken);
    return -1;
}

bool service_credential(const char *name, char *path, size_t size) {
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (!folder)
        return false;
    int n = snprintf(path, size, "%s/%s", folder, name);
    return n > 0 && (size_t)n < size && access(path, F_OK) == 0;
}
