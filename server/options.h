// The command line and the configuration file, as one struct. Reading them changes nothing.
#ifndef THIDUA_OPTIONS_H
#define THIDUA_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/log.h"
#include "server/net/address.h"

enum {
    OPTIONS_USAGE = 64,  // exit status of a wrong command line
    OPTIONS_CONFIG = 78, // of a wrong configuration
    OPTIONS_LISTEN_MAX = 16,
};

#define OPTIONS_CONFIG_FILE "/etc/thidua/thiduad.conf"
#define OPTIONS_ADMIN_GROUP "thidua-admin"

enum options_verb {
    OPTIONS_RUN,
    OPTIONS_CHECK_CONFIG,
    OPTIONS_CHECK,   // of the state
    OPTIONS_RESTORE, // from `backup` or `journal` into the state
    OPTIONS_HELP,
    OPTIONS_VERSION,
};

struct options {
    enum options_verb verb;
    char *config;
    char *state;
    char *backup;  // to restore from
    char *journal; // an exported one to restore from
    struct address listen[OPTIONS_LISTEN_MAX];
    size_t n_listen;
    bool listen_chosen;       // by the command line or the file, rather than by default
    struct address metrics;   // where numbers are served; size 0: nowhere
    char *public;             // HOST:PORT for invitations; NULL: the TLS listener's
    char *admin_group;        // whose members are local administrators
    uint64_t map_size;        // bytes
    uint32_t max_connections; // 0: as many as there are descriptors for
    enum log_level log_level;
};

// Fills `options`, which options_free releases in any case. Returns 0, or the exit status; what is wrong has then been
// written to standard error, with file and line where it stands in the file.
int options_read(struct options *options, int argc, char *const *argv);
void options_free(struct options *options);

// The text of --help.
const char *options_usage(void);

#endif
