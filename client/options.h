// The global flags and the environment variables of CLI.md as one struct.
#ifndef THIDUA_CLIENT_OPTIONS_H
#define THIDUA_CLIENT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "client/arguments.h"
#include "client/uuid.h"

enum output { OUTPUT_TABLE, OUTPUT_JSON, OUTPUT_NDJSON, OUTPUT_CSV };

struct options {
    const char *server;  // NULL: not given
    const char *period;  // NULL: not given
    const char *profile; // NULL: the default one
    enum output output;
    bool excel;
    bool has_id;
    uint8_t id[UUID_SIZE];
    bool no_spool;
    bool vietnamese;
    bool color;
    int64_t timeout_ms;
    bool quiet, no_input, no_header;
    struct heard *heard; // where complaints go instead of standard error; NULL: they are said
};

extern const struct flag options_flags[];

// Reads them; text points into the arguments and the environment. A malloced text if something is wrong, else NULL;
// what could be read has been read.
char *options_take(struct options *options, const struct arguments *arguments);

// The character before the decimals in what people read.
char options_mark(const struct options *options);

#endif
