// TLS 1.3 on a non-blocking socket, as a client that trusts a key and no authority.
#ifndef THIDUA_CLIENT_TLS_H
#define THIDUA_CLIENT_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tls_step {
    TLS_DONE,
    TLS_WANTS_READ,  // wait until the socket can be read, then call again with the same arguments
    TLS_WANTS_WRITE, // until it can be written
    TLS_CLOSED,      // the peer has closed it
    TLS_LOST,        // the connection broke off; tls_why says how
    TLS_FAILED,      // what came was not TLS, or not such as is accepted; tls_why says why
};

struct tls;

// Does not take over the socket. NULL: out of memory.
struct tls *tls_new(int fd);
void tls_free(struct tls *tls); // NULL is accepted

enum tls_step tls_handshake(struct tls *tls);
enum tls_step tls_write(struct tls *tls, const uint8_t *bytes, size_t size, size_t *done);
enum tls_step tls_read(struct tls *tls, uint8_t *bytes, size_t size, size_t *done);

// SHA-256 of the peer's SubjectPublicKeyInfo.
bool tls_pin(const struct tls *tls, uint8_t pin[32]);

// What failed last, in OpenSSL's words; never NULL.
const char *tls_why(const struct tls *tls);

#endif
