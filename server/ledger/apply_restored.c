// A backup was restored, and its accounts confirmed.

#include "server/ledger/apply.h"

bool apply_restored(const struct step *step) {
    const Pb__Restored *restored = step->event->restored;
    struct branch before, same;
    uint8_t key[KEY_PAST], seq[8];
    if (restored->branch.len != sizeof before.id)
        return fail(step, "a branch without an id");
    if (restored->from_seq != step->entry->seq - 1)
        return fail(step, "the branch before does not end with entry %llu", (unsigned long long)restored->from_seq);
    if (view_branch(step->view, restored->branch.data, &same))
        return fail(step, "the branch has been there before");
    if (!view_branch_at(step->view, restored->from_seq, &before))
        return fail(step, "there is no branch before it");
    store_key_u64(seq, step->entry->seq);
    return put(step, STORE_META, key_of_past(restored->from_seq, key), (struct span){before.id, sizeof before.id}) &&
           put(step, STORE_META, key_of_text("branch"), (struct span){restored->branch.data, restored->branch.len}) &&
           put(step, STORE_META, key_of_text("unconfirmed"), (struct span){seq, sizeof seq});
}

bool apply_accounts_confirmed(const struct step *step) {
    const Pb__AccountsConfirmed *confirmed = step->event->accounts_confirmed;
    uint64_t waiting = view_unconfirmed(step->view);
    uint32_t accounts = view_last_account(step->view);
    if (!good(step) || waiting == 0 || confirmed->restored != waiting)
        return fail(step, "no accounts of entry %llu wait to be confirmed", (unsigned long long)confirmed->restored);
    if (confirmed->accounts != accounts)
        return fail(step, "there are %u accounts, not %u", accounts, confirmed->accounts);
    store_delete(step->txn, STORE_META, key_of_text("unconfirmed"));
    return good(step);
}
