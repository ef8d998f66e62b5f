#include "server/net/tls.h"

#include <openssl/err.h>

// A stream cut short is seen by its frames; OpenSSL need not make an error of it.
static const uint64_t options = SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF;

static bool set_up(SSL_CTX *context, const struct key *key) {
    SSL_CTX_set_options(context, options);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 && SSL_CTX_set_num_tickets(context, 0) == 1 &&
           SSL_CTX_set_max_early_data(context, 0) == 1 && SSL_CTX_use_certificate(context, key->certificate) == 1 &&
           SSL_CTX_use_PrivateKey(context, key->pair) == 1;
}

SSL_CTX *tls_context(const struct key *key) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context && set_up(context, key))
        return context;
    SSL_CTX_free(context);
    return NULL;
}

const char *tls_error(void) {
    unsigned long error = ERR_get_error();
    const char *reason = error ? ERR_reason_error_string(error) : NULL;
    ERR_clear_error();
    return reason ? reason : "unknown error";
}
