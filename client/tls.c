#include "client/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tls {
    SSL_CTX *context;
    SSL *ssl;
    char why[200];
};

// The pin takes the place of a certificate authority, so OpenSSL is told to verify nothing.
static bool prepare(struct tls *tls, int fd) {
    tls->context = SSL_CTX_new(TLS_client_method());
    if (!tls->context || !SSL_CTX_set_min_proto_version(tls->context, TLS1_3_VERSION))
        return false;
    SSL_CTX_set_verify(tls->context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    tls->ssl = SSL_new(tls->context);
    return tls->ssl && SSL_set_fd(tls->ssl, fd);
}

struct tls *tls_new(int fd) {
    struct tls *tls = calloc(1, sizeof(*tls));
    if (!tls || prepare(tls, fd))
        return tls;
    tls_free(tls);
    return NULL;
}

void tls_free(struct tls *tls) {
    if (!tls)
        return;
    SSL_free(tls->ssl);
    SSL_CTX_free(tls->context);
    free(tls);
}

static void remember(struct tls *tls, int saved_errno) {
    unsigned long code = ERR_get_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    snprintf(tls->why, sizeof(tls->why), "%s", reason ? reason : saved_errno ? strerror(saved_errno) : "TLS");
}

// OpenSSL calls a link that ends without a farewell an error of the protocol.
static bool is_cut(int error) {
    return error == SSL_ERROR_SYSCALL ||
           (error == SSL_ERROR_SSL && ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING);
}

static enum tls_step outcome(struct tls *tls, int result) {
    int saved_errno = errno;
    if (result > 0)
        return TLS_DONE;
    int error = SSL_get_error(tls->ssl, result);
    switch (error) {
    case SSL_ERROR_WANT_READ:
        return TLS_WANTS_READ;
    case SSL_ERROR_WANT_WRITE:
        return TLS_WANTS_WRITE;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_CLOSED;
    }
    bool cut = is_cut(error);
    remember(tls, saved_errno);
    return cut ? TLS_LOST : TLS_FAILED;
}

enum tls_step tls_handshake(struct tls *tls) {
    ERR_clear_error();
    errno = 0;
    return outcome(tls, SSL_connect(tls->ssl));
}

enum tls_step tls_write(struct tls *tls, const uint8_t *bytes, size_t size, size_t *done) {
    ERR_clear_error();
    errno = 0;
    return outcome(tls, SSL_write_ex(tls->ssl, bytes, size, done));
}

enum tls_step tls_read(struct tls *tls, uint8_t *bytes, size_t size, size_t *done) {
    ERR_clear_error();
    errno = 0;
    return outcome(tls, SSL_read_ex(tls->ssl, bytes, size, done));
}

bool tls_pin(const struct tls *tls, uint8_t pin[32]) {
    X509 *certificate = SSL_get1_peer_certificate(tls->ssl);
    unsigned char *key = NULL;
    int size = certificate ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &key) : -1;
    bool known = size > 0 && SHA256(key, (size_t)size, pin);
    OPENSSL_free(key);
    X509_free(certificate);
    return known;
}

const char *tls_why(const struct tls *tls) {
    return tls->why;
}
