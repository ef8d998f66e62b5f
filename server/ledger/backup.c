#include "server/ledger/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/ledger/folder.h"
#include "server/ledger/journal.h"

enum { PATH_SIZE = 4096, PIECE = 64 * 1024 };

struct backup {
    struct store *store;
    void (*done)(void *ctx);
    void *ctx;
    int fd; // of the copy, -1: none
    struct backup_facts facts;
    pthread_t thread;
    atomic_int state;
};

static bool fail(struct backup *backup, const char *what, const char *why) {
    return folder_complain(backup->facts.error, sizeof backup->facts.error, "%s: %s", what, why);
}

// ---- verifying ----

static void note_bad_row(void *ctx, const char *row) {
    struct backup *backup = ctx;
    fail(backup, "a record is damaged", row);
}

static bool verify_tables(struct backup *backup, struct store_txn *txn) {
    struct journal_tip tip = {0};
    uint64_t rows = 0;
    for (int table = 0; table < STORE_TABLES; table++)
        if (store_verify(txn, (enum store_table)table, note_bad_row, backup, &rows) != STORE_OK)
            return fail(backup, "the copy", store_fault_text(txn));
    if (backup->facts.error[0] || journal_local_tip(txn, &tip) > STORE_ABSENT)
        return false;
    backup->facts.seq = tip.seq;
    return true;
}

static bool verify(struct backup *backup, const char *folder) {
    enum store_status status;
    struct store *copy = store_open_read_only(folder, backup->facts.error, sizeof backup->facts.error);
    if (!copy)
        return false;
    struct store_txn *txn = store_begin_read(copy, &status);
    bool good = txn ? verify_tables(backup, txn) : fail(backup, "the copy", "cannot be read");
    if (txn)
        store_abort(txn);
    store_close(copy);
    return good;
}

static bool hash(struct backup *backup) {
    static const char what[] = "the copy";
    uint8_t *piece = malloc(PIECE);
    EVP_MD_CTX *sum = EVP_MD_CTX_new();
    bool good = piece && sum && EVP_DigestInit_ex(sum, EVP_sha256(), NULL) == 1;
    int64_t got = good ? 1 : -1;
    while (good && (got = backup_read(backup, backup->facts.size, piece, PIECE)) > 0) {
        good = EVP_DigestUpdate(sum, piece, (size_t)got) == 1;
        backup->facts.size += (uint64_t)got;
    }
    good = good && got == 0 && EVP_DigestFinal_ex(sum, backup->facts.sha256, NULL) == 1;
    EVP_MD_CTX_free(sum);
    free(piece);
    return good || fail(backup, what, "cannot be read back");
}

// ---- the thread ----

static bool copy_into(struct backup *backup, const char *folder) {
    char path[PATH_SIZE + 16];
    enum store_status status = store_copy(backup->store, folder);
    if (status != STORE_OK)
        return fail(backup, folder, status == STORE_DISK_FULL ? "the disk is full; make room" : "the copy failed");
    snprintf(path, sizeof path, "%s/" FOLDER_DATA, folder);
    backup->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (backup->fd < 0)
        return fail(backup, path, strerror(errno));
    return verify(backup, folder) && hash(backup);
}

static bool make(struct backup *backup) {
    char folder[PATH_SIZE];
    int n = snprintf(folder, sizeof folder, "%s/backup-XXXXXX", store_folder(backup->store));
    if (n < 0 || (size_t)n >= sizeof folder || !mkdtemp(folder))
        return fail(backup, store_folder(backup->store), "no folder for the copy can be made in it");
    bool made = copy_into(backup, folder);
    folder_drop(folder);
    return made;
}

static void *run(void *arg) {
    struct backup *backup = arg;
    bool made = make(backup);
    atomic_store(&backup->state, made ? BACKUP_READY : BACKUP_FAILED);
    backup->done(backup->ctx);
    return NULL;
}

struct backup *backup_begin(struct store *store, void (*done)(void *ctx), void *ctx) {
    struct backup *backup = calloc(1, sizeof *backup);
    if (!backup)
        return NULL;
    *backup = (struct backup){.store = store, .done = done, .ctx = ctx, .fd = -1};
    atomic_init(&backup->state, BACKUP_UNDER_WAY);
    if (pthread_create(&backup->thread, NULL, run, backup) == 0)
        return backup;
    free(backup);
    return NULL;
}

// ---- the owner's side ----

enum backup_state backup_state(const struct backup *backup) {
    return (enum backup_state)atomic_load(&backup->state);
}

const struct backup_facts *backup_facts(const struct backup *backup) {
    return &backup->facts;
}

int64_t backup_read(const struct backup *backup, uint64_t offset, uint8_t *out, size_t size) {
    ssize_t got;
    do
        got = pread(backup->fd, out, size, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return got;
}

void backup_end(struct backup *backup) {
    if (!backup)
        return;
    pthread_join(backup->thread, NULL);
    if (backup->fd >= 0)
        close(backup->fd);
    free(backup);
}
