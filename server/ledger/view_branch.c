// Branches: of which one an entry is, and whether a restored backup waits for its accounts to be confirmed.

#include <string.h>

#include "server/ledger/ledger_state.h"
#include "server/ledger/rows.h"

static bool damaged(const struct view *view, struct span key) {
    return store_damaged(view->txn, STORE_META, key, "not such a row") == STORE_OK;
}

// A branch that has ended; it begins behind the one before it.
static bool read_past(const struct view *view, struct span key, struct span row, struct branch *branch) {
    if (key.size != KEY_PAST || row.size != sizeof branch->id)
        return damaged(view, key);
    memcpy(branch->id, row.bytes, sizeof branch->id);
    branch->first = branch->last + 1;
    branch->last = store_key_get_u64(key.bytes + KEY_PAST - 8);
    return true;
}

static bool read_current(const struct view *view, struct branch *branch) {
    uint8_t ledger[16];
    branch->first = branch->last + 1;
    branch->last = UINT64_MAX;
    return view_ledger_id(view, ledger, branch->id);
}

// The first branch that has the id or, where that is NULL, the entry.
static bool find(const struct view *view, const uint8_t *id, uint64_t seq, struct branch *branch) {
    struct span key, row;
    bool found = false, good = true;
    struct store_scan *scan = store_scan_open(view->txn, STORE_META, key_of_text(PAST), key_of_text(PAST));
    *branch = (struct branch){0};
    while (scan && good && !found && store_scan_next(scan, &key, &row) == STORE_OK) {
        good = read_past(view, key, row, branch);
        found = good && (id ? memcmp(branch->id, id, sizeof branch->id) == 0 : seq <= branch->last);
    }
    store_scan_close(scan);
    if (found || !good || view_fault(view))
        return found;
    return read_current(view, branch) && (!id || memcmp(branch->id, id, sizeof branch->id) == 0);
}

bool view_branch(const struct view *view, const uint8_t id[16], struct branch *branch) {
    return find(view, id, 0, branch);
}

bool view_branch_at(const struct view *view, uint64_t seq, struct branch *branch) {
    return find(view, NULL, seq, branch);
}

uint64_t view_unconfirmed(const struct view *view) {
    struct span key = key_of_text("unconfirmed"), row;
    if (store_get(view->txn, STORE_META, key, &row) != STORE_OK)
        return 0;
    return row.size == 8 ? store_key_get_u64(row.bytes) : damaged(view, key);
}
