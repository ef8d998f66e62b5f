// Tables of keyed rows on disk, in transactions. The only door to LMDB: no other file includes lmdb.h.
// A row carries a checksum over its table, key and content; one that does not match is never handed out.
#ifndef THIDUA_LEDGER_STORE_H
#define THIDUA_LEDGER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum store_table {
    STORE_META,    // "format" -> u32, "ledger" and "branch" -> id[16]; "past", a branch's last sequence u64 -> its id;
                   // "unconfirmed" -> sequence u64 of the restoring whose accounts wait to be confirmed
    STORE_JOURNAL, // sequence u64 -> hash[32], record
    STORE_SUBMISSIONS, // id[16], unit u32 (or 0x80000000 | account) -> sequence u64
    STORE_ACCOUNTS,    // account u32 -> struct account
    STORE_INVITES,     // code hash[32] -> account u32
    STORE_UNITS,       // unit u32 -> packed UnitDefinition
    STORE_NAMES,       // 'p' or 'u', id -> number u32
    STORE_PERIODS,     // period u32 -> struct period_row
    STORE_DEFINITIONS, // period u32 -> packed PeriodDefined
    STORE_SHEETS,      // period u32, unit u32 -> struct sheet
    STORE_LINES,       // period u32, unit u32, leaf u16 -> struct line
    STORE_DEADLINES,   // period u32, until u64, unit u32 -> nothing: units' own deadlines that have not passed
    STORE_TABLES
};

enum store_status {
    STORE_OK = 0,
    STORE_ABSENT,    // no such row, or the scan is over
    STORE_MAP_FULL,  // map_size is reached
    STORE_DISK_FULL, // ENOSPC or EDQUOT
    STORE_DAMAGED,   // a row that does not match its checksum, or a file that is not whole
    STORE_FATAL,     // anything else: acknowledge nothing, end the process
};

struct span {
    const uint8_t *bytes;
    size_t size;
};

struct store;
struct store_txn;

// Opens the store in `folder` (which exists), making it if there is none; the folder is locked against a second
// daemon first. `map_size` bounds its growth. NULL: `error` says what is wrong, where, and what to do. To be called
// before the process has threads.
struct store *store_open(const char *folder, size_t map_size, char *error, size_t error_size);
// The same for reading alone, without the lock against a second daemon: a copy, or a folder not in use. Never a folder
// that this process has open already.
struct store *store_open_read_only(const char *folder, char *error, size_t error_size);
void store_close(struct store *store);
const char *store_folder(const struct store *store);

// Readers: one transaction a thread, begun and reset within a turn of its loop. NULL: *status says why.
struct store_txn *store_begin_read(struct store *store, enum store_status *status);
void store_reset(struct store_txn *txn);              // gives up the snapshot, keeps the slot
enum store_status store_renew(struct store_txn *txn); // takes a new snapshot

// The one writer. store_commit and store_abort free the transaction, and so does store_abort for a reader.
struct store_txn *store_begin_write(struct store *store, enum store_status *status);
enum store_status store_commit(struct store_txn *txn);
void store_abort(struct store_txn *txn);
// What the last store_begin_write or store_commit that failed has met; the writer's thread only.
const char *store_write_error(const struct store *store);

// The first status other than OK and ABSENT that this transaction met; it sticks, and every later call of the
// transaction answers it. store_fault_text names the row ("journal 00000000000000a1: checksum") or the system's error.
enum store_status store_fault(const struct store_txn *txn);
const char *store_fault_text(const struct store_txn *txn);

// Sets that first status for what a caller finds: content of a row that cannot be (DAMAGED, the row is named), or
// something else. The later of two is ignored. Returns the status that stands.
enum store_status store_damaged(struct store_txn *txn, enum store_table table, struct span key, const char *what);
enum store_status store_fail(struct store_txn *txn, enum store_status status, const char *what);

// The row's content, valid until the next write of the transaction, or its end.
enum store_status store_get(struct store_txn *txn, enum store_table table, struct span key, struct span *value);
enum store_status store_put(struct store_txn *txn, enum store_table table, struct span key, struct span value);
enum store_status store_append(struct store_txn *txn, enum store_table table, struct span key, struct span value);
enum store_status store_delete(struct store_txn *txn, enum store_table table, struct span key);

// The last row of a table.
enum store_status store_last(struct store_txn *txn, enum store_table table, struct span *key, struct span *value);

// Rows in key order, beginning with the first whose key is not below `from`, as long as keys begin with `prefix`.
// NULL: the transaction has a fault.
// The transaction may read other tables meanwhile; a write ends the scan.
struct store_scan;
struct store_scan *store_scan_open(struct store_txn *txn, enum store_table table, struct span from, struct span prefix);
enum store_status store_scan_next(struct store_scan *scan, struct span *key, struct span *value);
void store_scan_close(struct store_scan *scan);

// Looks at every row of a table; `bad` is told each one that does not match its checksum, by its name. Damaged rows
// are no fault of the transaction here. *rows counts all.
enum store_status store_verify(struct store_txn *txn, enum store_table table, void (*bad)(void *ctx, const char *row),
                               void *ctx, uint64_t *rows);

const char *store_table_name(enum store_table table);
// Writes the row's name ("lines 0000000100000003"; long keys are cut) and returns `out`.
enum { STORE_ROW_NAME = 192 };
const char *store_row_name(enum store_table table, struct span key, char out[STORE_ROW_NAME]);

// Bytes of the pages in use, and the bound.
void store_usage(struct store *store, uint64_t *used, uint64_t *bound);

// Writes a consistent, fsynced copy of the store as it stands into `folder` (which exists and is empty); safe beside
// the writer, from any thread but the writer's. It waits for a write transaction under way: not for the loop's thread.
enum store_status store_copy(struct store *store, const char *folder);

// Clears the slots of readers that are gone; at start and now and then.
void store_clear_dead_readers(struct store *store);

// Big-endian numbers in keys.
void store_key_u16(uint8_t *out, uint16_t value);
void store_key_u32(uint8_t *out, uint32_t value);
void store_key_u64(uint8_t *out, uint64_t value);
uint32_t store_key_get_u32(const uint8_t *in);
uint64_t store_key_get_u64(const uint8_t *in);

#endif
