// Restoring from a backup: a copy of it, verified as a whole, on which a new branch of the ledger begins.

#include <errno.h>
#include <inttypes.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "server/check.h"
#include "server/clock.h"
#include "server/ledger/folder.h"
#include "server/restore.h"
#include "server/restore_state.h"

enum { PIECE = 64 * 1024, ERROR_TEXT = 512, ENTRY_BUDGET = 64 * 1024 };

// ---- the copy ----

static int refuse_copy(const struct restore *restore) {
    return restore_complain(EX_CANTCREAT, "%s: the backup cannot be copied into it: %s; %s", restore->folder,
                            strerror(errno), folder_hint(errno));
}

static int copy_into(const struct restore *restore, FILE *copy) {
    char piece[PIECE];
    size_t size, all = 0;
    while ((size = fread(piece, 1, sizeof piece, restore->in)) > 0) {
        all += size;
        if (fwrite(piece, 1, size, copy) != size)
            return refuse_copy(restore);
    }
    if (ferror(restore->in))
        return restore_complain(EX_NOINPUT, "%s cannot be read: %s", restore_file_name(restore), strerror(errno));
    if (all == 0)
        return restore_complain(EX_DATAERR, "%s is empty; take another backup", restore_file_name(restore));
    return fflush(copy) == 0 && fsync(fileno(copy)) == 0 ? 0 : refuse_copy(restore);
}

static int take_copy(const struct restore *restore) {
    int fd = folder_create_data(restore->building);
    FILE *copy = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!copy) {
        if (fd >= 0)
            close(fd);
        return refuse_copy(restore);
    }
    int status = copy_into(restore, copy);
    if (fclose(copy) != 0 && status == 0)
        status = refuse_copy(restore);
    return status;
}

// What is found is said only where there is something wrong.
static int verify(const struct restore *restore) {
    char *text = NULL;
    size_t size;
    FILE *found = open_memstream(&text, &size);
    if (!found)
        return restore_out_of_memory();
    int status = check_store(restore->building, found);
    bool said = fclose(found) == 0 && size > 0;
    if (said && text[size - 1] == '\n')
        text[size - 1] = '\0';
    if (status != 0)
        status = restore_complain(EX_DATAERR,
                                  "%s does not stand its check; nothing has been restored. Take another backup.\n%s",
                                  restore_file_name(restore), said ? text : "");
    free(text);
    return status;
}

// ---- the new branch ----

static bool enter(struct restore *restore, struct arena *arena) {
    struct facts *facts = restore->facts;
    struct journal_entry raw;
    Pb__Restored restored = PB__RESTORED__INIT;
    Pb__Event event = PB__EVENT__INIT;
    Pb__Actor actor = PB__ACTOR__INIT;
    Pb__Entry entry = PB__ENTRY__INIT;
    restored.has_branch = restored.has_from_seq = true;
    restored.branch = (ProtobufCBinaryData){sizeof facts->branch, facts->branch};
    restored.from_seq = facts->tip.seq;
    event.body_case = PB__EVENT__BODY_RESTORED;
    event.restored = &restored;
    actor.has_account = true; // the daemon itself
    entry.actor = &actor;
    entry.event = &event;
    facts->restored_seq = facts->tip.seq + 1;
    return ledger_enter(restore->ledger, &entry, clock_wall_ms(), arena, &raw) && restore_keep(restore);
}

static int begin_branch(struct restore *restore) {
    struct facts *facts = restore->facts;
    if (ledger_write_begin(restore->ledger) != STORE_OK)
        return restore_refuse_store(restore);
    facts->tip = *ledger_tip(restore->ledger);
    facts->time_ms = ledger_tip_time(restore->ledger);
    if (facts->tip.seq == 0)
        return restore_complain(EX_DATAERR, "%s holds no entry; take another backup", restore_file_name(restore));
    if (RAND_bytes(facts->branch, sizeof facts->branch) != 1)
        return restore_complain(EX_OSERR, "the system gives no random bytes; try again");
    struct arena *arena = arena_new(ENTRY_BUDGET);
    bool entered = arena && enter(restore, arena);
    int status = entered ? 0 : arena ? restore_refuse_store(restore) : restore_out_of_memory();
    arena_free(arena);
    return status;
}

static int build(struct restore *restore) {
    char error[ERROR_TEXT];
    int status = take_copy(restore);
    if (status == 0)
        status = verify(restore);
    if (status != 0)
        return status;
    restore->store = store_open(restore->building, restore->map_size, error, sizeof error);
    if (!restore->store)
        return restore_complain(EX_CANTCREAT, "%s", error);
    restore->ledger = ledger_new(restore->store, NULL);
    status = restore->ledger ? begin_branch(restore) : restore_out_of_memory();
    if (status == 0)
        status = restore_count(restore);
    ledger_free(restore->ledger);
    store_close(restore->store);
    return status;
}

static int refuse_death(const struct restore *restore, const char *how) {
    return restore_complain(EX_DATAERR, "%s: its pages are damaged beyond reading (%s); take another backup",
                            restore_file_name(restore), how);
}

int restore_backup(const char *file, const char *folder, uint64_t map_size, FILE *out) {
    struct restore restore = {.file = file,
                              .folder = folder,
                              .map_size = map_size,
                              .source = "a backup",
                              .build = build,
                              .refuse_death = refuse_death};
    return restore_run(&restore, out);
}
