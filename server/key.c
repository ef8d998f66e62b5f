#include "server/key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/files.h"

static const char key_name[] = "tls.key", certificate_name[] = "tls.crt";

static bool fail(char *error, size_t error_size, const char *path, const char *what) {
    snprintf(error, error_size, "%s: %s", path, what);
    return false;
}

static bool write_pem(BIO *pem, const char *folder, const char *name, char *error, size_t error_size) {
    char *bytes;
    long size = BIO_get_mem_data(pem, &bytes);
    return file_replace(folder, name, 0600, bytes, (size_t)size, error, error_size);
}

static bool make_pair(struct key *key, const char *folder, char *error, size_t error_size) {
    key->pair = EVP_EC_gen("P-256");
    key->made = true;
    BIO *pem = BIO_new(BIO_s_mem());
    bool made = key->pair && pem && PEM_write_bio_PrivateKey(pem, key->pair, NULL, NULL, 0, NULL, NULL) == 1;
    if (!made)
        fail(error, error_size, folder, "the TLS key cannot be made: OpenSSL failed");
    made = made && write_pem(pem, folder, key_name, error, error_size);
    BIO_free(pem);
    return made;
}

// A key that others can read is no key: say so rather than use it.
static bool check_private(int fd, const char *path, mode_t open_to_others, char *error, size_t error_size) {
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & open_to_others) == 0)
        return true;
    return fail(error, error_size, path, "the TLS key is open to others; make it private (chmod 600), or remove it");
}

static bool read_pair(struct key *key, const char *path, mode_t open_to_others, bool *missing, char *error,
                      size_t error_size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *missing = fd < 0 && errno == ENOENT;
    if (fd < 0)
        return fail(error, error_size, path, strerror(errno));
    FILE *file = check_private(fd, path, open_to_others, error, error_size) ? fdopen(fd, "r") : NULL;
    if (!file) {
        close(fd);
        return false;
    }
    char no_password[] = "";
    key->pair = PEM_read_PrivateKey(file, NULL, NULL, no_password);
    fclose(file);
    return key->pair || fail(error, error_size, path, "is not a private key in PEM form without a password");
}

static bool find_pair(struct key *key, const char *folder, const char *given, char *error, size_t error_size) {
    char path[PATH_MAX];
    bool missing;
    // systemd lets the service in by an access list, which shows as a group's right to read.
    if (given)
        return read_pair(key, given, S_IWGRP | S_IRWXO, &missing, error, error_size);
    snprintf(path, sizeof path, "%s/%s", folder, key_name);
    return read_pair(key, path, S_IRWXG | S_IRWXO, &missing, error, error_size) ||
           (missing && make_pair(key, folder, error, error_size));
}

static bool pin_of(const EVP_PKEY *pair, uint8_t pin[KEY_PIN_SIZE]) {
    unsigned char *der = NULL;
    int size = i2d_PUBKEY(pair, &der);
    bool done = size > 0 && EVP_Digest(der, (size_t)size, pin, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    return done;
}

static void read_certificate(struct key *key, const char *folder) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, certificate_name);
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    key->certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    if (key->certificate && X509_check_private_key(key->certificate, key->pair) != 1) {
        X509_free(key->certificate);
        key->certificate = NULL;
    }
}

static bool fill_certificate(X509 *certificate, EVP_PKEY *pair) {
    uint64_t serial;
    X509_NAME *name = X509_get_subject_name(certificate);
    return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1 &&
           X509_set_version(certificate, X509_VERSION_3) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"thidua", -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 &&
           ASN1_TIME_set_string(X509_getm_notBefore(certificate), "20200101000000Z") == 1 &&
           ASN1_TIME_set_string(X509_getm_notAfter(certificate), "99991231235959Z") == 1 &&
           X509_set_pubkey(certificate, pair) == 1;
}

// Keys of the Edwards curves sign without a digest of their own choosing.
static bool sign_certificate(X509 *certificate, EVP_PKEY *pair) {
    bool edwards = EVP_PKEY_is_a(pair, "ED25519") || EVP_PKEY_is_a(pair, "ED448");
    return X509_sign(certificate, pair, edwards ? NULL : EVP_sha256()) > 0;
}

static bool make_certificate(struct key *key, const char *folder, char *error, size_t error_size) {
    key->certificate = X509_new();
    BIO *pem = BIO_new(BIO_s_mem());
    bool made = key->certificate && pem && fill_certificate(key->certificate, key->pair) &&
                sign_certificate(key->certificate, key->pair) && PEM_write_bio_X509(pem, key->certificate) == 1;
    if (!made)
        fail(error, error_size, folder, "the TLS certificate cannot be made: OpenSSL failed");
    made = made && write_pem(pem, folder, certificate_name, error, error_size);
    BIO_free(pem);
    return made;
}

bool key_open(struct key *key, const char *folder, const char *given, char *error, size_t error_size) {
    memset(key, 0, sizeof *key);
    bool opened = find_pair(key, folder, given, error, error_size);
    if (opened)
        read_certificate(key, folder);
    opened = opened && (key->certificate || make_certificate(key, folder, error, error_size)) &&
             (pin_of(key->pair, key->pin) || fail(error, error_size, folder, "the TLS key has no public half"));
    if (!opened)
        key_close(key);
    ERR_clear_error(); // a later TLS call would take what is left here for its own
    return opened;
}

void key_close(struct key *key) {
    EVP_PKEY_free(key->pair);
    X509_free(key->certificate);
    memset(key, 0, sizeof *key);
}
