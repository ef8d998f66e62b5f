#include "server/ledger/store.h"

#include <errno.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/ledger/folder.h"
#include "server/ledger/seal.h"

enum {
    KEY_MAX = 511,
    READERS = 126,            // LMDB's own default,
    READERS_BYTES = 8 * 1024, // and the size that its table of readers then has
    ERROR_TEXT = 256,
};

struct store {
    MDB_env *env;
    MDB_dbi tables[STORE_TABLES];
    int lock; // -1: not locked
    char *folder;
    char write_error[ERROR_TEXT];
};

struct store_txn {
    struct store *store;
    MDB_txn *txn;
    enum store_status fault;
    char text[ERROR_TEXT + STORE_ROW_NAME];
};

struct store_scan {
    struct store_txn *txn;
    MDB_cursor *cursor;
    enum store_table table;
    bool begun;
    size_t from_size, prefix_size;
    uint8_t from[KEY_MAX], prefix[KEY_MAX];
};

static enum store_status status_of(int rc) {
    switch (rc) {
    case MDB_SUCCESS:
        return STORE_OK;
    case MDB_NOTFOUND:
        return STORE_ABSENT;
    case MDB_MAP_FULL:
        return STORE_MAP_FULL;
    case ENOSPC:
    case EDQUOT:
        return STORE_DISK_FULL;
    default:
        return STORE_FATAL;
    }
}

// ---- opening ----

static bool env_make(struct store *store, size_t map_size) {
    return mdb_env_create(&store->env) == 0 && mdb_env_set_maxdbs(store->env, STORE_TABLES) == 0 &&
           mdb_env_set_maxreaders(store->env, READERS) == 0 &&
           (map_size == 0 || mdb_env_set_mapsize(store->env, map_size) == 0);
}

static uint64_t file_bound(MDB_env *env) {
    MDB_envinfo info;
    MDB_stat stat;
    mdb_env_info(env, &info);
    mdb_env_stat(env, &stat);
    return ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
}

// Ticks off the free pages that are missing; returns how many of them there were.
static size_t tick_free_pages(const MDB_val *list, size_t first, size_t count, uint8_t *free) {
    size_t found = 0, n = 0, page;
    if (list->mv_size >= sizeof n)
        memcpy(&n, list->mv_data, sizeof n);
    for (size_t i = 1; i <= n && (i + 1) * sizeof n <= list->mv_size; i++) {
        memcpy(&page, (const uint8_t *)list->mv_data + i * sizeof page, sizeof page);
        if (page >= first && page - first < count && !free[page - first])
            found += free[page - first] = 1;
    }
    return found;
}

static bool pages_are_free(MDB_env *env, size_t first, size_t count) {
    MDB_txn *txn = NULL;
    MDB_cursor *cursor = NULL;
    MDB_val key, list;
    uint8_t *free_pages = calloc(count, 1);
    size_t found = 0;
    if (free_pages && mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) == 0 && mdb_cursor_open(txn, 0, &cursor) == 0)
        while (mdb_cursor_get(cursor, &key, &list, MDB_NEXT) == 0)
            found += tick_free_pages(&list, first, count, free_pages);
    if (cursor)
        mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    free(free_pages);
    return found == count;
}

// Run in a child: reading a file that has been cut off may be SIGBUS, or an assertion in LMDB.
static bool tail_is_free(const char *folder, uint64_t size) {
    struct store store = {.lock = -1};
    MDB_stat stat;
    if (!env_make(&store, 0) || mdb_env_open(store.env, folder, MDB_NOTLS | MDB_RDONLY, 0600) != 0 ||
        mdb_env_stat(store.env, &stat) != 0)
        return false;
    size_t first = (size_t)(size / stat.ms_psize), bound = (size_t)(file_bound(store.env) / stat.ms_psize);
    bool whole = first < bound && pages_are_free(store.env, first, bound - first);
    mdb_env_close(store.env);
    return whole;
}

// LMDB never writes a page that a transaction took at the end of the file and gave back before its commit, so a whole
// file may end before its last page: then every page beyond the end stands in the list of free ones.
static bool file_is_whole(struct store *store, char *error, size_t error_size) {
    int64_t size = folder_data_size(store->folder);
    uint64_t bound = file_bound(store->env);
    if (size >= 0 && ((uint64_t)size >= bound || folder_judge(tail_is_free, store->folder, (uint64_t)size)))
        return true;
    return folder_complain(error, error_size,
                           "%s/" FOLDER_DATA " has been cut off: it has %lld bytes and should have %llu; "
                           "restore a backup",
                           store->folder, (long long)size, (unsigned long long)bound);
}

static bool data_complain(const struct store *store, int rc, char *error, size_t error_size) {
    const char *hint = rc == MDB_MAP_FULL ? "raise map_size" : folder_hint(rc > 0 ? rc : EIO);
    return folder_complain(error, error_size, "%s/" FOLDER_DATA ": %s; %s", store->folder, mdb_strerror(rc), hint);
}

static int tables_open(struct store *store, unsigned txn_flags, unsigned dbi_flags) {
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, txn_flags, &txn);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < STORE_TABLES && rc == 0; i++)
        rc = mdb_dbi_open(txn, store_table_name((enum store_table)i), dbi_flags, &store->tables[i]);
    if (rc == 0)
        return mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return rc;
}

static bool tables_ready(struct store *store, bool writable, char *error, size_t error_size) {
    int rc = tables_open(store, MDB_RDONLY, 0);
    if (rc == MDB_NOTFOUND && writable)
        rc = tables_open(store, 0, MDB_CREATE);
    if (rc == 0)
        return true;
    if (rc == MDB_NOTFOUND)
        return folder_complain(error, error_size, "%s/" FOLDER_DATA " is not a store of thiduad; name its state folder",
                               store->folder);
    return data_complain(store, rc, error, error_size);
}

static bool env_open(struct store *store, unsigned flags, bool fresh, char *error, size_t error_size) {
    int rc = mdb_env_open(store->env, store->folder, MDB_NOTLS | flags, 0600);
    if (rc == 0)
        return true;
    if (fresh)
        folder_remove_data(store->folder);
    return data_complain(store, rc, error, error_size);
}

static bool files_open(struct store *store, bool writable, size_t map_size, char *error, size_t error_size) {
    bool fresh;
    if (!folder_check_data(store->folder, writable, &fresh, error, error_size))
        return false;
    if (!folder_allocate_readers(store->folder, READERS_BYTES, error, error_size))
        return false;
    if (!env_make(store, map_size))
        return folder_complain(error, error_size, "out of memory");
    if (!env_open(store, writable ? 0 : MDB_RDONLY, fresh, error, error_size) ||
        !file_is_whole(store, error, error_size))
        return false;
    store_clear_dead_readers(store);
    if (!tables_ready(store, writable, error, error_size))
        return false;
    return !fresh || folder_sync(store->folder) ||
           folder_complain(error, error_size, "%s: %s", store->folder, strerror(errno));
}

static struct store *store_new(const char *folder, char *error, size_t error_size) {
    struct store *store = calloc(1, sizeof *store);
    if (store && (store->folder = strdup(folder)) != NULL) {
        store->lock = -1;
        return store;
    }
    free(store);
    folder_complain(error, error_size, "out of memory");
    return NULL;
}

struct store *store_open(const char *folder, size_t map_size, char *error, size_t error_size) {
    if (!folder_check(folder, error, error_size))
        return NULL;
    struct store *store = store_new(folder, error, error_size);
    if (!store)
        return NULL;
    store->lock = folder_lock(folder, error, error_size);
    if (store->lock >= 0 && files_open(store, true, map_size, error, error_size))
        return store;
    store_close(store);
    return NULL;
}

struct store *store_open_read_only(const char *folder, char *error, size_t error_size) {
    struct store *store = store_new(folder, error, error_size);
    if (!store || files_open(store, false, 0, error, error_size))
        return store;
    store_close(store);
    return NULL;
}

void store_close(struct store *store) {
    if (!store)
        return;
    if (store->env)
        mdb_env_close(store->env);
    if (store->lock >= 0)
        close(store->lock);
    free(store->folder);
    free(store);
}

const char *store_folder(const struct store *store) {
    return store->folder;
}

// ---- transactions ----

static struct store_txn *txn_begin(struct store *store, unsigned flags, int *rc) {
    struct store_txn *txn = calloc(1, sizeof *txn);
    *rc = txn ? mdb_txn_begin(store->env, NULL, flags, &txn->txn) : ENOMEM;
    if (*rc == 0) {
        txn->store = store;
        return txn;
    }
    free(txn);
    return NULL;
}

static enum store_status write_failed(struct store *store, const char *what, int rc) {
    snprintf(store->write_error, sizeof store->write_error, "%s/" FOLDER_DATA ": %s: %s", store->folder, what,
             mdb_strerror(rc));
    return status_of(rc);
}

struct store_txn *store_begin_read(struct store *store, enum store_status *status) {
    int rc;
    struct store_txn *txn = txn_begin(store, MDB_RDONLY, &rc);
    *status = status_of(rc);
    return txn;
}

void store_reset(struct store_txn *txn) {
    mdb_txn_reset(txn->txn);
}

enum store_status store_renew(struct store_txn *txn) {
    txn->fault = STORE_OK;
    int rc = mdb_txn_renew(txn->txn);
    return rc == 0 ? STORE_OK : store_fail(txn, STORE_FATAL, mdb_strerror(rc));
}

struct store_txn *store_begin_write(struct store *store, enum store_status *status) {
    int rc;
    struct store_txn *txn = txn_begin(store, 0, &rc);
    *status = txn ? STORE_OK : write_failed(store, "begin", rc);
    return txn;
}

// A failed write of LMDB's last page of a commit leaves the outcome open, whatever its cause; LMDB then refuses all.
static bool env_is_broken(MDB_env *env) {
    MDB_txn *probe;
    if (mdb_txn_begin(env, NULL, MDB_RDONLY, &probe) != 0)
        return true;
    mdb_txn_abort(probe);
    return false;
}

enum store_status store_commit(struct store_txn *txn) {
    struct store *store = txn->store;
    enum store_status status = txn->fault;
    if (status != STORE_OK) {
        snprintf(store->write_error, sizeof store->write_error, "%.*s", ERROR_TEXT - 1, txn->text);
        store_abort(txn);
        return status;
    }
    int rc = mdb_txn_commit(txn->txn);
    free(txn);
    if (rc == 0)
        return STORE_OK;
    status = write_failed(store, "commit", rc);
    return status == STORE_ABSENT || env_is_broken(store->env) ? STORE_FATAL : status;
}

void store_abort(struct store_txn *txn) {
    if (!txn)
        return;
    mdb_txn_abort(txn->txn);
    free(txn);
}

const char *store_write_error(const struct store *store) {
    return store->write_error;
}

enum store_status store_fault(const struct store_txn *txn) {
    return txn->fault;
}

const char *store_fault_text(const struct store_txn *txn) {
    return txn->text;
}

enum store_status store_fail(struct store_txn *txn, enum store_status status, const char *what) {
    if (txn->fault == STORE_OK) {
        txn->fault = status;
        snprintf(txn->text, sizeof txn->text, "%s", what);
    }
    return txn->fault;
}

static enum store_status settle(struct store_txn *txn, enum store_table table, int rc) {
    enum store_status status = status_of(rc);
    if (status == STORE_OK || status == STORE_ABSENT)
        return status;
    char text[ERROR_TEXT];
    snprintf(text, sizeof text, "%s: %s", store_table_name(table), mdb_strerror(rc));
    return store_fail(txn, status, text);
}

// ---- rows ----

static MDB_val val(struct span span) {
    return (MDB_val){span.size, (void *)(uintptr_t)span.bytes};
}

static struct span span_of(MDB_val v) {
    return (struct span){v.mv_data, v.mv_size};
}

static enum store_status take_value(struct store_txn *txn, enum store_table table, struct span key, MDB_val stored,
                                    struct span *content) {
    return unseal_row(table, key, span_of(stored), content) ? STORE_OK : store_damaged(txn, table, key, "checksum");
}

enum store_status store_get(struct store_txn *txn, enum store_table table, struct span key, struct span *value) {
    if (txn->fault != STORE_OK)
        return txn->fault;
    MDB_val k = val(key), v = {0};
    enum store_status status = settle(txn, table, mdb_get(txn->txn, txn->store->tables[table], &k, &v));
    return status == STORE_OK ? take_value(txn, table, key, v, value) : status;
}

static enum store_status put(struct store_txn *txn, enum store_table table, struct span key, struct span value,
                             unsigned flags) {
    if (txn->fault != STORE_OK)
        return txn->fault;
    MDB_val k = val(key), v = {SEAL_SIZE + value.size, NULL};
    int rc = mdb_put(txn->txn, txn->store->tables[table], &k, &v, flags | MDB_RESERVE);
    if (rc == 0)
        seal_row(table, key, value, v.mv_data);
    return settle(txn, table, rc);
}

enum store_status store_put(struct store_txn *txn, enum store_table table, struct span key, struct span value) {
    return put(txn, table, key, value, 0);
}

enum store_status store_append(struct store_txn *txn, enum store_table table, struct span key, struct span value) {
    return put(txn, table, key, value, MDB_APPEND);
}

enum store_status store_delete(struct store_txn *txn, enum store_table table, struct span key) {
    if (txn->fault != STORE_OK)
        return txn->fault;
    MDB_val k = val(key);
    return settle(txn, table, mdb_del(txn->txn, txn->store->tables[table], &k, NULL));
}

enum store_status store_last(struct store_txn *txn, enum store_table table, struct span *key, struct span *value) {
    if (txn->fault != STORE_OK)
        return txn->fault;
    MDB_cursor *cursor;
    MDB_val k = {0}, v = {0};
    int rc = mdb_cursor_open(txn->txn, txn->store->tables[table], &cursor);
    if (rc == 0) {
        rc = mdb_cursor_get(cursor, &k, &v, MDB_LAST);
        mdb_cursor_close(cursor);
    }
    enum store_status status = settle(txn, table, rc);
    if (status != STORE_OK)
        return status;
    *key = span_of(k);
    return take_value(txn, table, *key, v, value);
}

// ---- scans ----

struct store_scan *store_scan_open(struct store_txn *txn, enum store_table table, struct span from,
                                   struct span prefix) {
    struct store_scan *scan = calloc(1, sizeof *scan);
    if (!scan || from.size > KEY_MAX || prefix.size > KEY_MAX) {
        store_fail(txn, STORE_FATAL, scan ? "a key is too long" : "out of memory");
        free(scan);
        return NULL;
    }
    scan->txn = txn;
    scan->table = table;
    scan->from_size = from.size;
    scan->prefix_size = prefix.size;
    if (from.size)
        memcpy(scan->from, from.bytes, from.size);
    if (prefix.size)
        memcpy(scan->prefix, prefix.bytes, prefix.size);
    if (txn->fault == STORE_OK &&
        settle(txn, table, mdb_cursor_open(txn->txn, txn->store->tables[table], &scan->cursor)) == STORE_OK)
        return scan;
    free(scan);
    return NULL;
}

static int scan_step(struct store_scan *scan, MDB_val *key, MDB_val *value) {
    if (scan->begun)
        return mdb_cursor_get(scan->cursor, key, value, MDB_NEXT);
    scan->begun = true;
    if (scan->from_size == 0)
        return mdb_cursor_get(scan->cursor, key, value, MDB_FIRST);
    *key = (MDB_val){scan->from_size, scan->from};
    return mdb_cursor_get(scan->cursor, key, value, MDB_SET_RANGE);
}

enum store_status store_scan_next(struct store_scan *scan, struct span *key, struct span *value) {
    if (scan->txn->fault != STORE_OK)
        return scan->txn->fault;
    MDB_val k = {0}, v = {0};
    enum store_status status = settle(scan->txn, scan->table, scan_step(scan, &k, &v));
    if (status != STORE_OK)
        return status;
    *key = span_of(k);
    if (key->size < scan->prefix_size || memcmp(key->bytes, scan->prefix, scan->prefix_size) != 0)
        return STORE_ABSENT;
    return take_value(scan->txn, scan->table, *key, v, value);
}

void store_scan_close(struct store_scan *scan) {
    if (!scan)
        return;
    mdb_cursor_close(scan->cursor);
    free(scan);
}

enum store_status store_verify(struct store_txn *txn, enum store_table table, void (*bad)(void *ctx, const char *row),
                               void *ctx, uint64_t *rows) {
    struct store_scan *scan = store_scan_open(txn, table, (struct span){0}, (struct span){0});
    if (!scan)
        return txn->fault;
    char name[STORE_ROW_NAME];
    MDB_val k = {0}, v = {0};
    struct span content;
    int rc;
    for (*rows = 0; (rc = scan_step(scan, &k, &v)) == 0; ++*rows)
        if (!unseal_row(table, span_of(k), span_of(v), &content))
            bad(ctx, store_row_name(table, span_of(k), name));
    store_scan_close(scan);
    return rc == MDB_NOTFOUND ? STORE_OK : settle(txn, table, rc);
}

// ---- the whole ----

void store_usage(struct store *store, uint64_t *used, uint64_t *bound) {
    MDB_envinfo info;
    mdb_env_info(store->env, &info);
    *used = file_bound(store->env);
    *bound = info.me_mapsize;
}

enum store_status store_copy(struct store *store, const char *folder) {
    int fd = folder_create_data(folder);
    int rc = fd < 0 ? errno : mdb_env_copyfd(store->env, fd);
    if (rc == 0 && (fsync(fd) != 0 || !folder_sync(folder)))
        rc = errno;
    if (fd >= 0 && close(fd) != 0 && rc == 0)
        rc = errno;
    if (fd >= 0 && rc != 0)
        folder_remove_data(folder);
    return rc == 0 || status_of(rc) == STORE_DISK_FULL ? status_of(rc) : STORE_FATAL;
}

void store_clear_dead_readers(struct store *store) {
    int dead;
    mdb_reader_check(store->env, &dead);
}
