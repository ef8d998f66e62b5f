// TLS 1.3 as this server speaks it: no tickets, no resumption, no early data.
#ifndef THIDUA_NET_TLS_H
#define THIDUA_NET_TLS_H

#include <openssl/ssl.h>

#include "server/key.h"

// NULL: OpenSSL refused the key, or memory ran out.
SSL_CTX *tls_context(const struct key *key);

// What the oldest of OpenSSL's waiting errors says, and forgets them all.
const char *tls_error(void);

#endif
