// A journal that answers MOVED at random, as one shared with other daemons does: sometimes with nothing new,
// sometimes after a foreign entry came in at that sequence, so that whatever was decided must be decided again.
// Linked in place of the embedded journal, which it wraps under the name journal_open_embedded.
// THIDUA_MOVED_SEED (default 1) chooses the run.

#include <stdlib.h>
#include <string.h>

#include "proto/thidua.pb-c.h"
#include "server/ledger/journal.h"

struct journal *journal_open_embedded(void);

struct moved {
    struct journal journal;
    struct journal *inner;
    uint64_t random;
    struct journal_entry foreign; // seq 0: none has come yet
};

static uint64_t next_random(struct moved *moved) {
    moved->random ^= moved->random << 13;
    moved->random ^= moved->random >> 7;
    moved->random ^= moved->random << 17;
    return moved->random >> 11;
}

static enum journal_result moved_tip(struct journal *journal, struct store_txn *txn, struct journal_tip *tip) {
    struct moved *moved = (struct moved *)journal;
    enum journal_result result = moved->inner->tip(moved->inner, txn, tip);
    if (result == JOURNAL_OK && moved->foreign.seq == tip->seq + 1) {
        tip->seq = moved->foreign.seq;
        memcpy(tip->hash, moved->foreign.hash, JOURNAL_HASH);
    }
    return result;
}

static enum journal_result moved_read(struct journal *journal, struct store_txn *txn, uint64_t seq,
                                      struct journal_entry *entry) {
    struct moved *moved = (struct moved *)journal;
    enum journal_result result = moved->inner->read(moved->inner, txn, seq, entry);
    if (result != JOURNAL_MOVED || moved->foreign.seq != seq)
        return result;
    *entry = moved->foreign;
    return JOURNAL_OK;
}

// The foreign entry has the time of the one that it comes before, so that no clock seems to step.
static bool make_foreign(struct moved *moved, struct store_txn *txn, const struct journal_entry *before) {
    struct journal_tip tip;
    Pb__Actor actor = PB__ACTOR__INIT;
    Pb__Noted noted = PB__NOTED__INIT;
    Pb__Event event = PB__EVENT__INIT;
    Pb__Entry entry = PB__ENTRY__INIT, *ours = pb__entry__unpack(NULL, before->record.size, before->record.bytes);
    if (!ours || moved->inner->tip(moved->inner, txn, &tip) != JOURNAL_OK)
        return false;
    noted.text = "another daemon wrote this";
    event.body_case = PB__EVENT__BODY_NOTED;
    event.noted = &noted;
    actor.has_account = true;
    entry.actor = &actor;
    entry.event = &event;
    entry.has_seq = entry.has_time_ms = true;
    entry.seq = before->seq;
    entry.time_ms = ours->time_ms;
    entry.has_clock_back_ms = ours->has_clock_back_ms;
    entry.clock_back_ms = ours->clock_back_ms;
    pb__entry__free_unpacked(ours, NULL);
    uint8_t *bytes = malloc(pb__entry__get_packed_size(&entry));
    if (!bytes)
        return false;
    free((void *)(uintptr_t)moved->foreign.record.bytes);
    moved->foreign.record = (struct span){bytes, pb__entry__pack(&entry, bytes)};
    moved->foreign.seq = before->seq;
    return journal_hash(tip.hash, moved->foreign.record, moved->foreign.hash);
}

static enum journal_result moved_append(struct journal *journal, struct store_txn *txn, uint64_t first_seq,
                                        const struct journal_entry *entries, size_t count) {
    struct moved *moved = (struct moved *)journal;
    if (moved->foreign.seq >= first_seq) // it has not been taken over yet
        return JOURNAL_MOVED;
    uint64_t chance = next_random(moved) % 8;
    if (first_seq > 1 && chance == 0)
        return JOURNAL_MOVED;
    if (first_seq > 1 && chance == 1)
        return make_foreign(moved, txn, &entries[0]) ? JOURNAL_MOVED : JOURNAL_FATAL;
    return moved->inner->append(moved->inner, txn, first_seq, entries, count);
}

static void moved_close(struct journal *journal) {
    struct moved *moved = (struct moved *)journal;
    moved->inner->close(moved->inner);
    free((void *)(uintptr_t)moved->foreign.record.bytes);
    free(moved);
}

struct journal *journal_open(void) {
    const char *seed = getenv("THIDUA_MOVED_SEED");
    struct moved *moved = calloc(1, sizeof *moved);
    struct journal *inner = moved ? journal_open_embedded() : NULL;
    if (!inner) {
        free(moved);
        return NULL;
    }
    moved->journal = (struct journal){moved_tip, moved_read, moved_append, moved_close};
    moved->inner = inner;
    moved->random = (seed ? strtoull(seed, NULL, 10) : 1) * 2654435761u | 1;
    return &moved->journal;
}
