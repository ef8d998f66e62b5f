// Accounts: invited, enrolled, revoked.

#include <stdio.h>
#include <string.h>

#include "server/ledger/apply.h"

static bool put_account(const struct step *step, struct account *account) {
    uint8_t key[4], row[ROW_ACCOUNT_MAX];
    account->seq = step->entry->seq;
    return put(step, STORE_ACCOUNTS, key_of_number(account->number, key), row_from_account(account, row));
}

static bool new_account(const struct step *step, const Pb__Invited *invited, struct account *account) {
    uint32_t last = view_last_account(step->view);
    if (!good(step) || invited->account != last + 1)
        return fail(step, "account %u does not follow %u", invited->account, last);
    *account = (struct account){
        .number = invited->account, .role = invited->role, .unit = invited->unit, .created_ms = step->entry->time_ms};
    return true;
}

static bool old_account(const struct step *step, const Pb__Invited *invited, struct account *account) {
    if (!view_account(step->view, invited->account, account))
        return fail(step, "there is no account %u", invited->account);
    store_delete(step->txn, STORE_INVITES, (struct span){account->code_hash, sizeof account->code_hash});
    return good(step);
}

bool apply_invited(const struct step *step) {
    const Pb__Invited *invited = step->event->invited;
    struct account account = {0}, other;
    if (!is_hash(invited->code_hash) || (invited->label && strlen(invited->label) > LABEL_MAX))
        return fail(step, "no code, or a label that is too long");
    if (view_account_by_code(step->view, invited->code_hash.data, &other))
        return fail(step, "the code belongs to account %u", other.number);
    if (!(invited->replaces ? old_account : new_account)(step, invited, &account))
        return false;
    if (invited->label)
        snprintf(account.label, sizeof account.label, "%s", invited->label);
    memcpy(account.code_hash, invited->code_hash.data, sizeof account.code_hash);
    account.code_expires_ms = invited->expires_ms;
    account.code_spent = false;
    return put_account(step, &account) &&
           put_number(step, STORE_INVITES, (struct span){account.code_hash, sizeof account.code_hash}, account.number);
}

bool apply_enrolled(const struct step *step) {
    const Pb__Enrolled *enrolled = step->event->enrolled;
    struct account account;
    if (!view_account(step->view, enrolled->account, &account))
        return fail(step, "there is no account %u", enrolled->account);
    if (!is_hash(enrolled->verifier) || !is_hash(enrolled->code_hash) || account.code_spent ||
        memcmp(account.code_hash, enrolled->code_hash.data, sizeof account.code_hash) != 0)
        return fail(step, "not the code of account %u", enrolled->account);
    account.enrolled = account.code_spent = true;
    account.expires_ms = enrolled->expires_ms;
    memcpy(account.verifier, enrolled->verifier.data, sizeof account.verifier);
    return put_account(step, &account);
}

bool apply_revoked(const struct step *step) {
    struct account account;
    if (!view_account(step->view, step->event->revoked->account, &account))
        return fail(step, "there is no account %u", step->event->revoked->account);
    account.revoked = true;
    return put_account(step, &account);
}
