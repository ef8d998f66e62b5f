// The server's TLS key and its self-signed certificate. Clients pin the key; nothing else in the certificate counts.
#ifndef THIDUA_KEY_H
#define THIDUA_KEY_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_PIN_SIZE = 32 };

struct key {
    EVP_PKEY *pair;
    X509 *certificate;
    uint8_t pin[KEY_PIN_SIZE]; // SHA-256 of the SubjectPublicKeyInfo
    bool made;                 // it was made just now
};

// Reads the key at `given` (a systemd credential), else folder/tls.key; where that is missing too, a P-256 key is made
// and kept there. A certificate that is missing or belongs to another key is made anew. False: `error` says why.
bool key_open(struct key *key, const char *folder, const char *given, char *error, size_t error_size);

void key_close(struct key *key);

#endif
