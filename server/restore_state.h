// thiduad restore: what restoring from a journal and from a backup share. For the files restore*.c alone.
#ifndef THIDUA_RESTORE_STATE_H
#define THIDUA_RESTORE_STATE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "server/ledger/ledger.h"

// What the child has made, in memory that both processes see.
struct facts {
    struct journal_tip tip; // the last entry that was restored
    int64_t time_ms;        // its time
    uint32_t periods, units, accounts;
    uint64_t restored_seq; // of a backup: the entry that begins the new branch; 0: a journal loses nothing
    uint8_t branch[16];
};

struct restore {
    const char *file, *folder;
    uint64_t map_size;
    const char *source; // what the server's key is no part of
    // Run in a child process: makes the store in `building`, and fills the facts. Returns the exit status of what it
    // has said, or 0.
    int (*build)(struct restore *restore);
    // Says that the child has died. Returns the exit status.
    int (*refuse_death)(const struct restore *restore, const char *how);

    FILE *in;
    struct facts *facts;
    char building[PATH_MAX]; // inside the folder
    bool made_folder;
    // the child's
    struct store *store;
    struct ledger *ledger;
};

// Reads restore->file and makes a store of it in restore->folder, as restore.h says.
int restore_run(struct restore *restore, FILE *out);

// Says on standard error what is wrong. Returns the status.
int restore_complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
int restore_out_of_memory(void);
int restore_refuse_store(const struct restore *restore);

// The file as a person knows it.
const char *restore_file_name(const struct restore *restore);

// Keeps what has been applied in the open transaction of the ledger, and commits it.
bool restore_keep(struct restore *restore);

// Counts what the store has come to hold. 0, or the exit status of what has been said.
int restore_count(struct restore *restore);

#endif
