#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tests/unit/ledger_fixture.h"

// Stands in for the C library's, LMDB's calls included.
static int sync_error;
int fdatasync(int fd) {
    if (sync_error) {
        errno = sync_error;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

struct state {
    char folder[64];
    struct store *store;
    struct store_txn *txn;
};

static int setup(void **out) {
    struct state *state = calloc(1, sizeof *state);
    scratch_folder(state->folder);
    state->store = open_store(state->folder);
    *out = state;
    return 0;
}

static int teardown(void **in) {
    struct state *state = *in;
    sync_error = 0;
    store_abort(state->txn);
    store_close(state->store);
    scratch_remove(state->folder);
    free(state);
    return 0;
}

static void begin_write(struct state *state) {
    enum store_status status;
    state->txn = store_begin_write(state->store, &status);
    assert_non_null(state->txn);
}

static void begin_read(struct state *state) {
    enum store_status status;
    state->txn = store_begin_read(state->store, &status);
    assert_non_null(state->txn);
}

static void end(struct state *state) {
    store_abort(state->txn);
    state->txn = NULL;
}

static enum store_status commit(struct state *state) {
    struct store_txn *txn = state->txn;
    state->txn = NULL;
    return store_commit(txn);
}

static void put(struct state *state, enum store_table table, const char *key, const char *value) {
    assert_int_equal(store_put(state->txn, table, span_text(key), span_text(value)), STORE_OK);
}

static void put_committed(struct state *state, enum store_table table, const char *key, const char *value) {
    begin_write(state);
    put(state, table, key, value);
    assert_int_equal(commit(state), STORE_OK);
}

static void assert_row(struct state *state, enum store_table table, const char *key, const char *value) {
    struct span found;
    assert_int_equal(store_get(state->txn, table, span_text(key), &found), STORE_OK);
    assert_true(span_is(found, value));
}

static void reopen(struct state *state) {
    end(state);
    store_close(state->store);
    state->store = NULL;
    state->store = open_store(state->folder);
}

static void rows_are_kept(void **in) {
    struct state *state = *in;
    struct span value;
    put_committed(state, STORE_NAMES, "pone", "1");
    put_committed(state, STORE_UNITS, "pone", ""); // the same key elsewhere, and an empty row
    reopen(state);
    begin_read(state);
    assert_row(state, STORE_NAMES, "pone", "1");
    assert_row(state, STORE_UNITS, "pone", "");
    assert_int_equal(store_get(state->txn, STORE_NAMES, span_text("ptwo"), &value), STORE_ABSENT);
    assert_int_equal(store_fault(state->txn), STORE_OK);
}

static void rows_are_replaced_and_deleted(void **in) {
    struct state *state = *in;
    struct span value;
    put_committed(state, STORE_NAMES, "a", "first");
    begin_write(state);
    put(state, STORE_NAMES, "a", "a longer second one");
    assert_row(state, STORE_NAMES, "a", "a longer second one");
    assert_int_equal(store_delete(state->txn, STORE_NAMES, span_text("a")), STORE_OK);
    assert_int_equal(store_get(state->txn, STORE_NAMES, span_text("a"), &value), STORE_ABSENT);
    assert_int_equal(store_delete(state->txn, STORE_NAMES, span_text("a")), STORE_ABSENT);
    assert_int_equal(store_fault(state->txn), STORE_OK);
    end(state);
    begin_read(state);
    assert_row(state, STORE_NAMES, "a", "first"); // all that was aborted
}

static void a_reader_sees_its_snapshot(void **in) {
    struct state *state = *in;
    put_committed(state, STORE_NAMES, "a", "old");
    begin_read(state);
    struct store_txn *reader = state->txn;
    put_committed(state, STORE_NAMES, "a", "new");
    state->txn = reader;
    assert_row(state, STORE_NAMES, "a", "old");
    store_reset(reader);
    assert_int_equal(store_renew(reader), STORE_OK);
    assert_row(state, STORE_NAMES, "a", "new");
}

static void a_scan_goes_in_order_and_keeps_to_its_prefix(void **in) {
    struct state *state = *in;
    struct span key, value;
    begin_write(state);
    for (const char *const *k = (const char *const[]){"b2", "a1", "b1", "c1", "b3", NULL}; *k; k++)
        put(state, STORE_SHEETS, *k, *k);
    struct store_scan *scan = store_scan_open(state->txn, STORE_SHEETS, span_text("b2"), span_text("b"));
    for (const char *const *k = (const char *const[]){"b2", "b3", NULL}; *k; k++) {
        assert_int_equal(store_scan_next(scan, &key, &value), STORE_OK);
        assert_true(span_is(key, *k) && span_is(value, *k));
    }
    assert_int_equal(store_scan_next(scan, &key, &value), STORE_ABSENT);
    store_scan_close(scan);
    assert_int_equal(count_rows(state->txn, STORE_SHEETS), 5);
    assert_int_equal(count_rows(state->txn, STORE_LINES), 0);
    assert_int_equal(store_last(state->txn, STORE_SHEETS, &key, &value), STORE_OK);
    assert_true(span_is(key, "c1"));
    assert_int_equal(store_last(state->txn, STORE_LINES, &key, &value), STORE_ABSENT);
}

static void append_keeps_the_order(void **in) {
    struct state *state = *in;
    begin_write(state);
    assert_int_equal(store_append(state->txn, STORE_JOURNAL, span_text("2"), span_text("x")), STORE_OK);
    assert_int_equal(store_append(state->txn, STORE_JOURNAL, span_text("1"), span_text("x")), STORE_FATAL);
}

static void the_first_fault_sticks(void **in) {
    struct state *state = *in;
    struct span value;
    begin_write(state);
    put(state, STORE_NAMES, "a", "1");
    uint8_t key[] = {0, 0, 0, 7};
    assert_int_equal(store_damaged(state->txn, STORE_LINES, (struct span){key, 4}, "not such a row"), STORE_DAMAGED);
    assert_int_equal(store_fail(state->txn, STORE_FATAL, "later"), STORE_DAMAGED);
    assert_string_equal(store_fault_text(state->txn), "lines 00000007: not such a row");
    assert_int_equal(store_get(state->txn, STORE_NAMES, span_text("a"), &value), STORE_DAMAGED);
    assert_int_equal(store_put(state->txn, STORE_NAMES, span_text("a"), span_text("2")), STORE_DAMAGED);
    assert_int_equal(commit(state), STORE_DAMAGED);
    assert_string_equal(store_write_error(state->store), "lines 00000007: not such a row");
    begin_read(state);
    assert_int_equal(store_get(state->txn, STORE_NAMES, span_text("a"), &value), STORE_ABSENT);
}

static void count_bad(void *ctx, const char *row) {
    assert_string_equal(row, "accounts 61");
    ++*(int *)ctx;
}

static void a_bent_bit_is_found_and_named(void **in) {
    struct state *state = *in;
    struct span value;
    uint64_t rows;
    int bad = 0;
    put_committed(state, STORE_ACCOUNTS, "a", "one that will be bent");
    put_committed(state, STORE_ACCOUNTS, "b", "one that will not");
    store_close(state->store);
    bend(state->folder, "that will be bent", 17);
    state->store = open_store(state->folder);
    begin_read(state);
    assert_row(state, STORE_ACCOUNTS, "b", "one that will not");
    assert_int_equal(store_verify(state->txn, STORE_ACCOUNTS, count_bad, &bad, &rows), STORE_OK);
    assert_int_equal(bad, 1);
    assert_int_equal(rows, 2);
    assert_int_equal(store_get(state->txn, STORE_ACCOUNTS, span_text("a"), &value), STORE_DAMAGED);
    assert_string_equal(store_fault_text(state->txn), "accounts 61: checksum");
    store_reset(state->txn);
    assert_int_equal(store_renew(state->txn), STORE_OK); // a new view, a new judgement
    assert_row(state, STORE_ACCOUNTS, "b", "one that will not");
}

static void refused(const char *folder, const char *why) {
    char error[512] = "";
    struct store *store = store_open(folder, MAP_SIZE, error, sizeof error);
    assert_null(store);
    if (!strstr(error, why) || !strstr(error, folder))
        fail_msg("'%s' does not say '%s' of %s", error, why, folder);
}

static void a_second_daemon_is_refused(void **in) {
    struct state *state = *in;
    char holder[64];
    snprintf(holder, sizeof holder, "in use by another thiduad (process %ld)", (long)getpid());
    refused(state->folder, holder);
    pid_t child = fork();
    if (child == 0) { // from another process as well
        char error[512] = "";
        _exit(store_open(state->folder, MAP_SIZE, error, sizeof error) || !strstr(error, holder));
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    put_committed(state, STORE_NAMES, "a", "1"); // and the first one goes on
}

static void path_of(const struct state *state, const char *name, char path[128]) {
    snprintf(path, 128, "%s/%s", state->folder, name);
}

static void files_are_the_owners_and_have_their_blocks(void **in) {
    struct state *state = *in;
    char path[128];
    struct stat st;
    for (const char *const *name = (const char *const[]){"data.mdb", "lock.mdb", "lock", NULL}; *name; name++) {
        path_of(state, *name, path);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
    path_of(state, "lock.mdb", path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 8192);
    assert_true(st.st_blocks * 512 >= st.st_size);
}

static void a_sparse_table_of_readers_gets_its_blocks(void **in) {
    struct state *state = *in;
    char path[128];
    struct stat st;
    store_close(state->store);
    path_of(state, "lock.mdb", path);
    assert_int_equal(truncate(path, 0) | truncate(path, 8192), 0);
    state->store = open_store(state->folder);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_blocks * 512 >= 8192);
}

static void folders_that_will_not_do_are_refused(void **in) {
    struct state *state = *in;
    char path[128];
    refused("/nonexistent/folder", "create the state folder");
    path_of(state, "lock", path);
    refused(path, "not a folder");
    store_close(state->store);
    state->store = NULL;
    assert_int_equal(chmod(state->folder, 0770), 0);
    refused(state->folder, "chmod go-w");
    assert_int_equal(chmod(state->folder, 0700), 0);
}

static void a_file_cut_off_is_refused(void **in) {
    struct state *state = *in;
    char path[128], value[20001];
    struct stat st;
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    for (char key[] = "a"; key[0] <= 'z'; key[0]++)
        put_committed(state, STORE_DEFINITIONS, key, value);
    store_close(state->store);
    state->store = NULL;
    path_of(state, "data.mdb", path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size - 4096), 0);
    refused(state->folder, "cut off");
    assert_int_equal(truncate(path, st.st_size / 2), 0);
    refused(state->folder, "cut off");
    assert_int_equal(truncate(path, 4096), 0);
    refused(state->folder, "restore a backup");
    assert_int_equal(truncate(path, 0), 0);
    refused(state->folder, "is empty");
}

// Pages given back in the transaction that took them are never written: the file ends before LMDB's last page.
static void a_file_that_lmdb_left_short_is_whole(void **in) {
    struct state *state = *in;
    char path[128], value[40001], key[16];
    struct stat st = {0};
    uint64_t used = 0, bound;
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    path_of(state, "data.mdb", path);
    for (int round = 0; round < 200 && used <= (uint64_t)st.st_size; round++) {
        begin_write(state);
        for (int i = 0; i < 40; i++) {
            snprintf(key, sizeof key, "%03d", i);
            put(state, STORE_LINES, key, value + (i * 7919 + round * 104729) % 40000);
        }
        for (int i = 39; i >= round % 40; i--) {
            snprintf(key, sizeof key, "%03d", i);
            assert_int_equal(store_delete(state->txn, STORE_LINES, span_text(key)), STORE_OK);
        }
        assert_int_equal(commit(state), STORE_OK);
        assert_int_equal(stat(path, &st), 0);
        store_usage(state->store, &used, &bound);
    }
    assert_true(used > (uint64_t)st.st_size); // or the test does not show what it is for
    reopen(state);
    begin_read(state);
    count_rows(state->txn, STORE_LINES);
    assert_int_equal(store_fault(state->txn), STORE_OK);
}

static void a_full_map_refuses_and_reading_goes_on(void **in) {
    struct state *state = *in;
    char value[100001], key[16];
    enum store_status status = STORE_OK;
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    put_committed(state, STORE_NAMES, "a", "1");
    begin_write(state);
    for (int i = 0; i < 2000 && status == STORE_OK; i++) {
        snprintf(key, sizeof key, "%d", i);
        status = store_put(state->txn, STORE_LINES, span_text(key), span_text(value));
    }
    assert_int_equal(status, STORE_MAP_FULL);
    assert_int_equal(store_fault(state->txn), STORE_MAP_FULL);
    end(state);
    begin_read(state);
    assert_row(state, STORE_NAMES, "a", "1");
    end(state);
    put_committed(state, STORE_NAMES, "b", "2");
}

static void errors_of_a_commit_are_told_apart(void **in) {
    struct state *state = *in;
    begin_write(state);
    put(state, STORE_NAMES, "a", "1");
    sync_error = ENOSPC;
    assert_int_equal(commit(state), STORE_DISK_FULL);
    begin_write(state);
    put(state, STORE_NAMES, "a", "1");
    sync_error = EIO;
    assert_int_equal(commit(state), STORE_FATAL);
    assert_non_null(strstr(store_write_error(state->store), "commit"));
    sync_error = 0;
    put_committed(state, STORE_NAMES, "a", "1");
}

static void a_file_size_limit_is_fatal(void **in) {
    (void)in;
    char *value = calloc(1, 4000001);
    memset(value, 'x', 4000000);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){1000000, 1000000});
        struct state other = {0};
        scratch_folder(other.folder);
        other.store = open_store(other.folder);
        begin_write(&other);
        put(&other, STORE_LINES, "a", value);
        enum store_status status = commit(&other);
        store_close(other.store);
        scratch_remove(other.folder);
        free(value);
        _exit(status == STORE_FATAL ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    free(value);
}

static void a_copy_is_a_store(void **in) {
    struct state *state = *in;
    char folder[64], error[512], path[128];
    struct stat st;
    put_committed(state, STORE_NAMES, "a", "1");
    scratch_folder(folder);
    assert_int_equal(store_copy(state->store, folder), STORE_OK);
    assert_int_not_equal(store_copy(state->store, folder), STORE_OK); // never over another
    put_committed(state, STORE_NAMES, "a", "2");
    snprintf(path, sizeof path, "%s/data.mdb", folder);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    struct state copy = {.store = store_open_read_only(folder, error, sizeof error)};
    assert_non_null(copy.store);
    begin_read(&copy);
    assert_row(&copy, STORE_NAMES, "a", "1");
    end(&copy);
    store_close(copy.store);
    scratch_remove(folder);
}

static void only_a_store_opens_read_only(void **in) {
    char folder[64], error[512] = "";
    (void)in;
    scratch_folder(folder);
    assert_null(store_open_read_only(folder, error, sizeof error));
    assert_non_null(strstr(error, "holds no store"));
    scratch_remove(folder);
}

static void keys_are_big_endian(void **in) {
    uint8_t key[8];
    char name[STORE_ROW_NAME];
    uint8_t longest[255];
    (void)in;
    store_key_u64(key, UINT64_C(0x0102030405060708));
    for (uint8_t i = 0; i < 8; i++)
        assert_int_equal(key[i], i + 1);
    assert_int_equal(store_key_get_u64(key), UINT64_C(0x0102030405060708));
    assert_int_equal(store_key_get_u32(key), 0x01020304);
    assert_string_equal(store_row_name(STORE_JOURNAL, (struct span){key, 8}, name), "journal 0102030405060708");
    memset(longest, 0xab, sizeof longest);
    store_row_name(STORE_SUBMISSIONS, (struct span){longest, sizeof longest}, name);
    assert_string_equal(name + strlen(name) - 5, "ab...");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(rows_are_kept),
        T(rows_are_replaced_and_deleted),
        T(a_reader_sees_its_snapshot),
        T(a_scan_goes_in_order_and_keeps_to_its_prefix),
        T(append_keeps_the_order),
        T(the_first_fault_sticks),
        T(a_bent_bit_is_found_and_named),
        T(a_second_daemon_is_refused),
        T(files_are_the_owners_and_have_their_blocks),
        T(a_sparse_table_of_readers_gets_its_blocks),
        T(folders_that_will_not_do_are_refused),
        T(a_file_cut_off_is_refused),
        T(a_file_that_lmdb_left_short_is_whole),
        T(a_full_map_refuses_and_reading_goes_on),
        T(errors_of_a_commit_are_told_apart),
        cmocka_unit_test(a_file_size_limit_is_fatal),
        T(a_copy_is_a_store),
        cmocka_unit_test(only_a_store_opens_read_only),
        cmocka_unit_test(keys_are_big_endian),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
