// thiduad restore: a new store from a backup, or from an exported journal.
#ifndef THIDUA_RESTORE_H
#define THIDUA_RESTORE_H

#include <stdint.h>
#include <stdio.h>

// Reads the exported journal in `file` ("-" is standard input), verifies its chain of hashes from entry 1, applies
// every entry to a new store and puts that into `folder`, which is made if it is not there and must be empty otherwise.
// Says on `out` what has been restored and what to do next, on standard error what is wrong. Returns the exit status:
// 0, 65 for an export that is damaged, 66 for one that cannot be read, 73 for a store that cannot be written, 74 where
// all is restored and `out` alone cannot be written, 128 and the number of the signal that has interrupted it. Unless
// it is 0 or 74, the folder is as it was. For a process with one thread.
int restore_journal(const char *file, const char *folder, uint64_t map_size, FILE *out);

// The same from a backup as `thidua admin backup` fetches it, which is copied and verified as check_store does. What
// came after it is lost: the first new entry, `restored`, begins another branch of the ledger.
int restore_backup(const char *file, const char *folder, uint64_t map_size, FILE *out);

#endif
