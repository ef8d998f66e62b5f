#include "server/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/fetch.h"
#include "server/ledger/folder.h"
#include "server/ledger/ledger.h"

#define SCRATCH_SPARE (UINT64_C(1) << 30)

enum {
    BATCH = 1000,                    // entries replayed in one transaction
    PROBLEMS_SHOWN = 200,            // further ones are counted
    ENTRY_BUDGET = 16 * 1024 * 1024, // memory of one entry
    TEXT = 512,
};

struct check {
    FILE *out;
    struct store *store, *scratch;
    struct store_txn *txn; // on the store
    struct ledger *ledger; // on the scratch
    struct arena *arena;
    bool damaged[STORE_TABLES];
    struct journal_tip tip; // of what has been replayed
    uint64_t rows, problems;
};

static bool found(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Always false.
static bool found(struct check *check, const char *format, ...) {
    if (++check->problems == PROBLEMS_SHOWN + 1)
        fprintf(check->out, "further problems are counted only\n");
    if (check->problems > PROBLEMS_SHOWN)
        return false;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(check->out, format, arguments);
    va_end(arguments);
    fputc('\n', check->out);
    return false;
}

// ---- every row by itself ----

struct table_check {
    struct check *check;
    enum store_table table;
};

static void bad_row(void *ctx, const char *row) {
    struct table_check *table = ctx;
    table->check->damaged[table->table] = true;
    found(table->check, "%s: damaged: the checksum does not match", row);
}

static bool verify_tables(struct check *check) {
    for (size_t i = 0; i < STORE_TABLES; i++) {
        struct table_check table = {check, (enum store_table)i};
        uint64_t rows;
        if (store_verify(check->txn, table.table, bad_row, &table, &rows) != STORE_OK)
            return found(check, "%s", store_fault_text(check->txn));
    }
    return true;
}

// ---- replaying the journal ----

static bool next_batch(struct check *check) {
    if (ledger_flush(check->ledger) == STORE_OK && ledger_keep(check->ledger) == STORE_OK &&
        ledger_commit(check->ledger) == STORE_OK && ledger_write_begin(check->ledger) == STORE_OK)
        return true;
    return found(check, "the scratch store cannot be written: %s; make room, or set TMPDIR",
                 ledger_fault(check->ledger));
}

static bool check_chain(struct check *check, const struct journal_entry *raw) {
    uint8_t hash[JOURNAL_HASH];
    if (raw->seq != check->tip.seq + 1)
        return found(check, "journal %016" PRIx64 ": follows entry %" PRIu64 "; what was between them is missing",
                     raw->seq, check->tip.seq);
    if (!journal_hash(check->tip.hash, raw->record, hash))
        return found(check, "out of memory");
    if (memcmp(hash, raw->hash, sizeof hash) != 0)
        found(check, "journal %016" PRIx64 ": the hash is not that of the entry and the one before it", raw->seq);
    return true;
}

// Whether that is true is seen when it is applied.
static void warn_of_clock(const struct check *check, const Pb__Entry *entry) {
    if (entry->clock_back_ms != 0)
        fprintf(check->out,
                "warning: entry %" PRIu64 ": the clock read %" PRId64 " ms earlier than at the one before\n",
                entry->seq, entry->clock_back_ms);
}

static bool replay_entry(struct check *check, struct span key, struct span value) {
    struct journal_entry raw = {0};
    if (key.size != 8 || value.size < JOURNAL_HASH)
        return found(check, "journal: a row that is no entry");
    raw.seq = store_key_get_u64(key.bytes);
    raw.record = (struct span){value.bytes + JOURNAL_HASH, value.size - JOURNAL_HASH};
    memcpy(raw.hash, value.bytes, JOURNAL_HASH);
    if (!check_chain(check, &raw))
        return false;
    arena_reset(check->arena);
    const Pb__Entry *entry = pb__entry__unpack(arena_allocator(check->arena), raw.record.size, raw.record.bytes);
    if (!entry)
        return found(check, "journal %016" PRIx64 ": cannot be decoded", raw.seq);
    warn_of_clock(check, entry);
    if (!ledger_apply(check->ledger, entry, &raw))
        return found(check, "journal %016" PRIx64 ": cannot be applied: %s", raw.seq, ledger_fault(check->ledger));
    check->tip.seq = raw.seq;
    memcpy(check->tip.hash, raw.hash, JOURNAL_HASH);
    return raw.seq % BATCH != 0 || next_batch(check);
}

static bool replay(struct check *check) {
    struct span key, value;
    struct store_scan *scan = store_scan_open(check->txn, STORE_JOURNAL, (struct span){0}, (struct span){0});
    bool going = scan != NULL && ledger_write_begin(check->ledger) == STORE_OK;
    enum store_status status = STORE_OK;
    while (going && (status = store_scan_next(scan, &key, &value)) == STORE_OK)
        going = replay_entry(check, key, value);
    store_scan_close(scan);
    if (going && status == STORE_ABSENT)
        return next_batch(check);
    if (check->problems == 0 || going)
        found(check, "the journal cannot be replayed: %s",
              store_fault(check->txn) ? store_fault_text(check->txn) : ledger_fault(check->ledger));
    fprintf(check->out, "the replay ends at entry %" PRIu64 "; derived rows have not been compared\n", check->tip.seq);
    return false;
}

// ---- comparing ----

struct side {
    struct store_scan *scan;
    enum store_status status;
    struct span key, value;
};

static void advance(struct side *side) {
    side->status = side->scan ? store_scan_next(side->scan, &side->key, &side->value) : STORE_FATAL;
}

// The order of the keys; a side that is over comes last.
static int compare_keys(const struct side *left, const struct side *right) {
    if (left->status != STORE_OK || right->status != STORE_OK)
        return left->status == STORE_OK ? -1 : 1;
    size_t size = left->key.size < right->key.size ? left->key.size : right->key.size;
    int order = memcmp(left->key.bytes, right->key.bytes, size);
    return order ? order : (left->key.size > right->key.size) - (left->key.size < right->key.size);
}

static void compare_rows(struct check *check, enum store_table table, struct side *stored, struct side *derived) {
    char name[STORE_ROW_NAME];
    while (stored->status == STORE_OK || derived->status == STORE_OK) {
        int order = compare_keys(stored, derived);
        check->rows++;
        if (order < 0)
            found(check, "%s: stands here, but does not follow from the journal",
                  store_row_name(table, stored->key, name));
        else if (order > 0)
            found(check, "%s: is missing; it follows from the journal", store_row_name(table, derived->key, name));
        else if (stored->value.size != derived->value.size ||
                 memcmp(stored->value.bytes, derived->value.bytes, stored->value.size) != 0)
            found(check, "%s: is not what follows from the journal", store_row_name(table, stored->key, name));
        if (order <= 0)
            advance(stored);
        if (order >= 0)
            advance(derived);
    }
}

static void compare_table(struct check *check, enum store_table table, struct store_txn *scratch) {
    struct span all = {0};
    struct side stored = {.scan = store_scan_open(check->txn, table, all, all)};
    struct side derived = {.scan = store_scan_open(scratch, table, all, all)};
    advance(&stored);
    advance(&derived);
    compare_rows(check, table, &stored, &derived);
    if (stored.status != STORE_ABSENT || derived.status != STORE_ABSENT)
        found(check, "%s: cannot be read to its end: %s", store_table_name(table),
              store_fault(check->txn) ? store_fault_text(check->txn) : store_fault_text(scratch));
    store_scan_close(stored.scan);
    store_scan_close(derived.scan);
}

static void compare_tables(struct check *check) {
    struct store_txn *scratch = ledger_txn(check->ledger);
    for (size_t i = 0; i < STORE_TABLES; i++) {
        enum store_table table = (enum store_table)i;
        if (table == STORE_JOURNAL)
            continue;
        if (check->damaged[i])
            fprintf(check->out, "%s: not compared, for the damage above\n", store_table_name(table));
        else
            compare_table(check, table, scratch);
    }
}

// ---- the scratch store ----

// A new folder under $TMPDIR, its path in `folder`. False: `error` says why.
static bool scratch_folder(char folder[TEXT], char *error, size_t error_size) {
    const char *tmp = getenv("TMPDIR");
    const char *base = tmp && *tmp ? tmp : "/tmp";
    int n = snprintf(folder, TEXT, "%s/thiduad-check-XXXXXX", base);
    return (n > 0 && n < TEXT && mkdtemp(folder)) ||
           folder_complain(error, error_size, "no scratch folder can be made in %s; set TMPDIR", base);
}

// Its files lose their names at once: nothing is left behind, however this process ends.
static struct store *scratch_open(char *error, size_t error_size, size_t map_size) {
    char folder[TEXT];
    if (!scratch_folder(folder, error, error_size))
        return NULL;
    struct store *scratch = store_open(folder, map_size, error, error_size);
    folder_drop(folder);
    return scratch;
}

static bool open_all(struct check *check, const char *folder) {
    char error[TEXT];
    enum store_status status;
    uint64_t used, bound;
    check->store = store_open_read_only(folder, error, sizeof error);
    if (!check->store || !ledger_check_format(check->store, error, sizeof error))
        return found(check, "%s", error);
    check->txn = store_begin_read(check->store, &status);
    if (!check->txn)
        return found(check, "%s cannot be read", folder);
    store_usage(check->store, &used, &bound);
    check->scratch = scratch_open(error, sizeof error, (size_t)(2 * bound + SCRATCH_SPARE)); // it is sparse
    if (!check->scratch)
        return found(check, "%s", error);
    check->ledger = ledger_new(check->scratch, NULL);
    check->arena = arena_new(ENTRY_BUDGET);
    return (check->ledger && check->arena) || found(check, "out of memory");
}

int check_store(const char *folder, FILE *out) {
    struct check check = {.out = out};
    if (open_all(&check, folder) && verify_tables(&check) && replay(&check))
        compare_tables(&check);
    ledger_free(check.ledger);
    arena_free(check.arena);
    store_close(check.scratch);
    store_abort(check.txn);
    store_close(check.store);
    fprintf(out, "%" PRIu64 " entries, %" PRIu64 " rows compared, %" PRIu64 " problems\n", check.tip.seq, check.rows,
            check.problems);
    return check.problems == 0 ? 0 : 1;
}

static int check_backup(const char *socket, FILE *out) {
    char copy[TEXT], error[TEXT];
    if (!scratch_folder(copy, error, sizeof error)) {
        fprintf(out, "%s\n", error);
        return 1;
    }
    bool fetched = fetch_backup(socket, copy, error, sizeof error);
    if (!fetched)
        fprintf(out, "%s\n", error);
    int status = fetched ? check_store(copy, out) : 1;
    folder_drop(copy);
    return status;
}

int check_folder(const char *folder, FILE *out) {
    char socket[TEXT];
    if (!folder_in_use(folder))
        return check_store(folder, out);
    if (!fetch_find_socket(folder, socket, sizeof socket)) {
        fprintf(out, "%s is in use by a daemon without an admin socket; stop it, or give it one\n", folder);
        return 1;
    }
    fprintf(out, "%s is in use: checking a fresh backup of it\n", folder);
    return check_backup(socket, out);
}

int check_apart(const char *folder, FILE *out) {
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        exit(check_folder(folder, out));
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child > 0 && WIFEXITED(status))
        return WEXITSTATUS(status);
    fprintf(out,
            child > 0 ? "%s: its pages are damaged beyond reading; restore a backup\n"
                      : "%s: no process could be made to look at it; try again\n",
            folder);
    return 1;
}
