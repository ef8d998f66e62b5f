// This device's profile: the server, its key's pin, and this device's account and token. A file of mode 0600.
#ifndef THIDUA_CLIENT_PROFILE_H
#define THIDUA_CLIENT_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/link.h"
#include "client/options.h"
#include "proto/message.h"

struct profile {
    char *path;   // NULL: there is no place for one (neither XDG_CONFIG_HOME nor HOME is set)
    bool chosen;  // by --profile or THIDUA_PROFILE
    bool there;   // it was read
    char *server; // NULL: not in it
    bool has_pin;
    uint8_t pin[PIN_SIZE];
    bool has_token;
    uint8_t token[TOKEN_SIZE];
    uint32_t account; // 0: not known yet
    bool has_invite;
    uint8_t invite[DIGEST_SIZE]; // SHA-256 of the code that it came from
};

// Where the profile is. Free the profile in any case.
void profile_init(struct profile *profile, const struct options *options);
void profile_free(struct profile *profile);

// Reads the file. NULL: read, or there is none (see `there`); else what is wrong, malloced.
char *profile_read(struct profile *profile);

// Writes the file: its folder (0700) if need be, a temporary file, fsync, rename, fsync of the folder. NULL, or what
// went wrong, malloced.
char *profile_write(const struct profile *profile);

#endif
