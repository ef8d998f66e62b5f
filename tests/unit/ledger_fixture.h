// A scratch folder with a store, for the tests of the ledger's room.
#ifndef THIDUA_TESTS_LEDGER_FIXTURE_H
#define THIDUA_TESTS_LEDGER_FIXTURE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/ledger/ledger.h"

enum { MAP_SIZE = 64 * 1024 * 1024 };

static inline void scratch_folder(char folder[64]) {
    const char *tmp = getenv("TMPDIR");
    snprintf(folder, 64, "%.40s/thidua-test-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(folder));
}

static inline void scratch_remove(const char *folder) {
    static const char *const files[] = {"data.mdb", "lock.mdb", "lock"};
    char path[128];
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(folder), 0);
}

static inline struct store *open_store(const char *folder) {
    char error[512] = "";
    struct store *store = store_open(folder, MAP_SIZE, error, sizeof error);
    if (!store)
        fail_msg("%s", error);
    return store;
}

static inline struct span span_text(const char *text) {
    return (struct span){(const uint8_t *)text, strlen(text)};
}

static inline bool span_is(struct span span, const char *text) {
    return span.size == strlen(text) && memcmp(span.bytes, text, span.size) == 0;
}

// Turns over one bit of each place in the data file where `needle` stands: pages replaced since lie there too.
static inline void bend(const char *folder, const void *needle, size_t size) {
    char path[128];
    snprintf(path, sizeof path, "%s/data.mdb", folder);
    int fd = open(path, O_RDWR);
    struct stat st;
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    uint8_t *bytes = malloc((size_t)st.st_size);
    assert_non_null(bytes);
    assert_int_equal(pread(fd, bytes, (size_t)st.st_size, 0), st.st_size);
    size_t found = 0;
    for (uint8_t *at = bytes; (at = memmem(at, (size_t)(bytes + st.st_size - at), needle, size)) != NULL; found++) {
        *at ^= 1;
        assert_int_equal(pwrite(fd, at, 1, at - bytes), 1);
    }
    assert_true(found > 0);
    free(bytes);
    close(fd);
}

// Counts the rows of a table.
static inline uint64_t count_rows(struct store_txn *txn, enum store_table table) {
    struct span key, value;
    uint64_t rows = 0;
    struct store_scan *scan = store_scan_open(txn, table, (struct span){0}, (struct span){0});
    assert_non_null(scan);
    while (store_scan_next(scan, &key, &value) == STORE_OK)
        rows++;
    store_scan_close(scan);
    return rows;
}

#endif
