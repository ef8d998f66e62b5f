// Addresses as the command line and the configuration name them: unix:PATH, HOST:PORT (TLS), plain:HOST:PORT.
// HOST is a number, [number] for IPv6, or localhost: nothing is looked up.
#ifndef THIDUA_NET_ADDRESS_H
#define THIDUA_NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum address_kind {
    ADDRESS_UNIX,
    ADDRESS_TLS,
    ADDRESS_PLAIN, // loopback only
};

struct address {
    enum address_kind kind;
    socklen_t size;
    struct sockaddr_storage socket;
};

enum { ADDRESS_TEXT_MAX = 128 };

// False: `error` says what is wrong and how it is written.
bool address_parse(const char *text, struct address *address, char *error, size_t error_size);

// The same for what only this machine is to reach: unix:PATH, or a loopback HOST:PORT, which is then without TLS.
bool address_parse_local(const char *text, struct address *address, char *error, size_t error_size);

// HOST:PORT as offices may be told it; HOST may be a name. False: `error` says what is wrong.
bool address_check_public(const char *text, char *error, size_t error_size);

// "unix:PATH", "127.0.0.1:22022" or "[::1]:22022"; an IPv4 address in IPv6's clothes is written as IPv4.
void address_text(const struct sockaddr *socket, socklen_t size, char text[ADDRESS_TEXT_MAX]);

bool address_is_loopback(const struct sockaddr *socket);
bool address_is_wildcard(const struct sockaddr *socket);
// The port of an IP address; 0 for others.
uint16_t address_port(const struct sockaddr *socket);

#endif
