// A backup: a copy of the store as it stands, made and verified on a thread of its own, then read piece by piece.
// The copy has no name once it is open: nothing is left behind, however this process ends.
#ifndef THIDUA_LEDGER_BACKUP_H
#define THIDUA_LEDGER_BACKUP_H

#include "server/ledger/store.h"

struct backup;

enum backup_state { BACKUP_UNDER_WAY, BACKUP_READY, BACKUP_FAILED };

struct backup_facts {
    uint64_t size;      // bytes of the copy
    uint64_t seq;       // its last entry
    uint8_t sha256[32]; // of the whole copy
    char error[256];    // why it failed
};

// Begins a copy into a new folder in the store's own. `done` is called on the backup's thread once the state is final.
// NULL: no thread or no memory for it. The store must outlive the backup.
struct backup *backup_begin(struct store *store, void (*done)(void *ctx), void *ctx);

enum backup_state backup_state(const struct backup *backup);
const struct backup_facts *backup_facts(const struct backup *backup); // once the state is final

// Reads up to `size` bytes of the copy from `offset`. Returns how many; 0 beyond the end, -1 for an error.
int64_t backup_read(const struct backup *backup, uint64_t offset, uint8_t *out, size_t size);

// Frees the backup; waits for its thread where the copy is under way. NULL is accepted.
void backup_end(struct backup *backup);

#endif
