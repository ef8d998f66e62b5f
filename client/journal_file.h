// An exported journal asked in place of the server.
#ifndef THIDUA_CLIENT_JOURNAL_FILE_H
#define THIDUA_CLIENT_JOURNAL_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/options.h"
#include "proto/export.h"
#include "proto/thidua.pb-c.h"

// What the journal says to a receipt.
struct journal_finding {
    Pb__ReceiptVerdict verdict; // NO_SUCH_ENTRY: the export ends before it
    char *event, *unit;         // of a genuine receipt's entry, malloced; NULL: none
    uint64_t last_seq;          // the export's last entry
    int64_t last_ms;
    uint8_t last_hash[EXPORT_HASH];
};

// Reads the export at `path` ("-" is standard input) to its end and verifies all of it. 0 with the finding, or the exit
// status of what has been said: EXIT_NO_INPUT, or EXIT_REFUSED for an export that is damaged.
int journal_file_ask(const struct options *options, const char *path, const Pb__ReceiptQuery *receipt,
                     struct journal_finding *finding);
void journal_finding_free(struct journal_finding *finding);

#endif
