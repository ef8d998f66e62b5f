// What systemd gives and is told. Each call does nothing where systemd did not start the daemon.
#ifndef THIDUA_SERVICE_H
#define THIDUA_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SERVICE_SOCKETS_MAX = 16, SERVICE_NAME_MAX = 256 };

// A listening socket that systemd has opened.
struct service_socket {
    int fd;
    char name[SERVICE_NAME_MAX]; // as the socket unit says (FileDescriptorName); empty: it says none
};

void service_ready(void);
void service_reloading(void);
void service_stopping(void);
void service_alive(void);              // feeds the watchdog
void service_status(const char *line); // what systemctl status shows

// The time after which systemd gives a silent daemon up; 0: it does not watch.
int64_t service_watchdog_ms(void);

// How many sockets systemd has passed; they are the caller's. Negative: they cannot be used, `error` says why.
int service_sockets(struct service_socket sockets[SERVICE_SOCKETS_MAX], char *error, size_t error_size);

// The path of a credential of that name; false: there is none.
bool service_credential(const char *name, char *path, size_t size);

#endif
