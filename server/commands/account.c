// Accounts: invitations, enrolment, revocation, confirmation after a restored backup, and who one is.
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#include "server/commands/context.h"
#include "server/commands/subject.h"

#define TOKEN_LIFE_MS (400LL * 24 * 3600 * 1000)

enum { ACCOUNTS_PER_FRAME = 256 };

static bool sha256(const uint8_t *bytes, size_t size, uint8_t hash[32]) {
    return EVP_Digest(bytes, size, hash, NULL, EVP_sha256(), NULL) == 1;
}

static bool belongs_to_unit(Pb__Role role) {
    return role == PB__ROLE__OFFICER || role == PB__ROLE__HEAD;
}

// ---- the door ----

bool identity_account(const struct view *view, const Pb__Authenticate *authenticate, int64_t now_ms,
                      struct account *account, struct problems *problems) {
    uint8_t verifier[32] = {0};
    struct account none = {0};
    if (!view_account(view, authenticate->account, account))
        *account = none;
    bool hashed = sha256(authenticate->token.data, authenticate->token.len, verifier);
    bool same = CRYPTO_memcmp(verifier, account->verifier, sizeof verifier) == 0;
    if (!hashed || !same || !account->enrolled)
        return problem_plain(problems, REASON_TOKEN_REFUSED);
    if (account->revoked)
        return problem(problems, REASON_ACCOUNT_REVOKED, arg_number("account", account->number));
    if (now_ms >= account->expires_ms)
        return problem(problems, REASON_TOKEN_EXPIRED, arg_time("time", account->expires_ms));
    return true;
}

// ---- invite ----

static bool role_fits(struct context *context, Pb__Role role, const char *unit) {
    if (role == PB__ROLE__ADMIN)
        return problem(context->problems, REASON_ROLE_LOCAL, arg_text("role", role_name(role)));
    if (belongs_to_unit(role) && !unit)
        return problem(context->problems, REASON_ROLE_NEEDS_UNIT, arg_text("role", role_name(role)));
    if (!belongs_to_unit(role) && unit)
        return problem(context->problems, REASON_ROLE_WITHOUT_UNIT, arg_text("role", role_name(role)));
    return true;
}

static bool invite_new(struct context *context, Pb__Invited *invited) {
    const Pb__Invite *invite = context->request->invite;
    if (!invite->has_role)
        return problem(context->problems, REASON_FIELD_MISSING, arg_text("field", "role"));
    if (!role_fits(context, invite->role, invite->unit))
        return false;
    invited->account = view_last_account(context->view) + 1;
    invited->has_role = true;
    invited->role = invite->role;
    if (!invite->unit)
        return true;
    invited->has_unit = true;
    invited->unit = subject_registered_unit(context, invite->unit);
    return invited->unit != 0;
}

static bool invite_again(struct context *context, Pb__Invited *invited) {
    struct account account;
    uint32_t number = context->request->invite->replaces;
    if (!view_account(context->view, number, &account))
        return problem(context->problems, REASON_ACCOUNT_UNKNOWN, arg_number("account", number));
    if (account.revoked)
        return problem(context->problems, REASON_ROTATE_REVOKED, arg_number("account", number));
    if (context->request->invite->has_role || context->request->invite->unit)
        return problem(context->problems, REASON_ROTATE_KEEPS, arg_number("account", number));
    invited->account = number;
    invited->has_role = invited->has_replaces = invited->replaces = true;
    invited->role = account.role;
    invited->has_unit = account.unit != 0;
    invited->unit = account.unit;
    if (!invited->label && account.label[0])
        invited->label = arena_strdup(context->arena, account.label);
    return true;
}

enum verdict account_invite(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    struct account other;
    const Pb__Invite *invite = context->request->invite;
    CONTEXT_NEW(context, invited, Pb__Invited, pb__invited__init);
    if (!invited)
        return VERDICT_REFUSED;
    if (view_account_by_code(context->view, invite->code_hash.data, &other)) {
        problem_plain(context->problems, REASON_CODE_IN_USE);
        return VERDICT_REFUSED;
    }
    invited->label = invite->label;
    if (!(invite->has_replaces ? invite_again(context, invited) : invite_new(context, invited)))
        return VERDICT_REFUSED;
    invited->has_account = invited->has_code_hash = invited->has_expires_ms = true;
    invited->code_hash = invite->code_hash;
    invited->expires_ms = context->now_ms + invite->ttl_ms;
    event->body_case = PB__EVENT__BODY_INVITED;
    event->invited = invited;
    return VERDICT_EVENT;
}

void answer_invited(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH], bool replayed,
                    Pb__Response *response) {
    (void)hash, (void)replayed;
    const Pb__Invited *invited = entry->event->invited;
    CONTEXT_NEW(context, reply, Pb__InviteReply, pb__invite_reply__init);
    if (!reply)
        return;
    reply->has_seq = reply->has_account = reply->has_role = reply->has_expires_ms = true;
    reply->seq = entry->seq;
    reply->account = invited->account;
    reply->role = invited->role;
    reply->unit = invited->has_unit ? context_unit_id(context, invited->unit) : NULL;
    reply->expires_ms = invited->expires_ms;
    response->body_case = PB__RESPONSE__BODY_INVITE;
    response->invite = reply;
}

// ---- enrol ----

enum verdict account_enrol(struct context *context, Pb__Event *event, uint64_t *known) {
    const Pb__Enrol *enrol = context->request->enrol;
    uint8_t code_hash[32];
    struct account account;
    bool found = sha256(enrol->code.data, enrol->code.len, code_hash) &&
                 view_account_by_code(context->view, code_hash, &account);
    bool usable = found && !account.revoked && context->now_ms < account.code_expires_ms;
    bool again = usable && account.code_spent && memcmp(account.verifier, enrol->verifier.data, 32) == 0;
    if (again) {
        *known = account.seq;
        return VERDICT_KNOWN;
    }
    CONTEXT_NEW(context, enrolled, Pb__Enrolled, pb__enrolled__init);
    if (!usable || account.code_spent || !enrolled) {
        problem_plain(context->problems, REASON_CODE_REFUSED);
        return VERDICT_REFUSED;
    }
    enrolled->has_account = enrolled->has_verifier = enrolled->has_code_hash = enrolled->has_expires_ms = true;
    enrolled->account = account.number;
    enrolled->verifier = enrol->verifier;
    enrolled->code_hash = context_bytes(context, code_hash, sizeof code_hash);
    enrolled->expires_ms = context->now_ms + TOKEN_LIFE_MS;
    event->body_case = PB__EVENT__BODY_ENROLLED;
    event->enrolled = enrolled;
    return VERDICT_EVENT;
}

void answer_enrolled(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH], bool replayed,
                     Pb__Response *response) {
    (void)hash, (void)replayed;
    struct account account;
    const Pb__Enrolled *enrolled = entry->event->enrolled;
    CONTEXT_NEW(context, reply, Pb__EnrolReply, pb__enrol_reply__init);
    if (!reply || !view_account(context->view, enrolled->account, &account))
        return;
    reply->has_seq = reply->has_account = reply->has_role = reply->has_expires_ms = true;
    reply->seq = entry->seq;
    reply->account = account.number;
    reply->role = account.role;
    reply->unit = account.unit ? context_unit_id(context, account.unit) : NULL;
    reply->expires_ms = enrolled->expires_ms;
    response->body_case = PB__RESPONSE__BODY_ENROL;
    response->enrol = reply;
}

// ---- revoke ----

enum verdict account_revoke(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    struct account account;
    uint32_t number = context->request->revoke->account;
    if (!view_account(context->view, number, &account)) {
        problem(context->problems, REASON_ACCOUNT_UNKNOWN, arg_number("account", number));
        return VERDICT_REFUSED;
    }
    if (account.revoked) {
        problem(context->problems, REASON_REVOKED_ALREADY, arg_number("account", number));
        return VERDICT_REFUSED;
    }
    CONTEXT_NEW(context, revoked, Pb__Revoked, pb__revoked__init);
    if (!revoked)
        return VERDICT_REFUSED;
    revoked->has_account = true;
    revoked->account = number;
    event->body_case = PB__EVENT__BODY_REVOKED;
    event->revoked = revoked;
    return VERDICT_EVENT;
}

void answer_revoked(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH], bool replayed,
                    Pb__Response *response) {
    (void)hash, (void)replayed;
    CONTEXT_NEW(context, reply, Pb__RevokeReply, pb__revoke_reply__init);
    if (!reply)
        return;
    reply->has_seq = reply->has_account = true;
    reply->seq = entry->seq;
    reply->account = entry->event->revoked->account;
    response->body_case = PB__RESPONSE__BODY_REVOKE;
    response->revoke = reply;
}

// ---- confirm ----

enum verdict account_confirm(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    uint64_t restored = view_unconfirmed(context->view);
    if (restored == 0) {
        problem_plain(context->problems, REASON_CONFIRMED_ALREADY);
        return VERDICT_REFUSED;
    }
    CONTEXT_NEW(context, confirmed, Pb__AccountsConfirmed, pb__accounts_confirmed__init);
    if (!confirmed)
        return VERDICT_REFUSED;
    confirmed->has_restored = confirmed->has_accounts = true;
    confirmed->restored = restored;
    confirmed->accounts = view_last_account(context->view);
    event->body_case = PB__EVENT__BODY_ACCOUNTS_CONFIRMED;
    event->accounts_confirmed = confirmed;
    return VERDICT_EVENT;
}

void answer_accounts_confirmed(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                               bool replayed, Pb__Response *response) {
    (void)hash, (void)replayed;
    CONTEXT_NEW(context, reply, Pb__AccountsConfirmReply, pb__accounts_confirm_reply__init);
    if (!reply)
        return;
    reply->has_seq = reply->has_accounts = true;
    reply->seq = entry->seq;
    reply->accounts = entry->event->accounts_confirmed->accounts;
    response->body_case = PB__RESPONSE__BODY_ACCOUNTS_CONFIRM;
    response->accounts_confirm = reply;
}

// ---- reading ----

void account_whoami(struct context *context, struct cursor *cursor, Pb__Response *response) {
    (void)cursor;
    struct account account;
    const struct actor *actor = context->actor;
    CONTEXT_NEW(context, reply, Pb__AuthenticateReply, pb__authenticate_reply__init);
    if (!reply)
        return;
    reply->has_account = reply->has_role = true;
    reply->account = actor->account;
    reply->role = actor->role;
    reply->unit = actor->unit ? context_unit_id(context, actor->unit) : NULL;
    if (!actor->local && view_account(context->view, actor->account, &account)) {
        reply->has_expires_ms = true;
        reply->expires_ms = account.expires_ms;
        reply->label = account.label[0] ? arena_strdup(context->arena, account.label) : NULL;
    }
    response->body_case = PB__RESPONSE__BODY_WHOAMI;
    response->whoami = reply;
}

static Pb__AccountState state_of(const struct account *account, int64_t now_ms) {
    if (account->revoked)
        return PB__ACCOUNT_STATE__REVOKED;
    int64_t end_ms = account->enrolled ? account->expires_ms : account->code_expires_ms;
    if (now_ms >= end_ms)
        return PB__ACCOUNT_STATE__EXPIRED;
    return account->enrolled ? PB__ACCOUNT_STATE__ACTIVE : PB__ACCOUNT_STATE__INVITED;
}

static Pb__Account *account_row(struct context *context, const struct account *account) {
    CONTEXT_NEW(context, row, Pb__Account, pb__account__init);
    if (!row)
        return NULL;
    row->has_account = row->has_role = row->has_state = row->has_created_ms = row->has_expires_ms = true;
    row->account = account->number;
    row->role = account->role;
    row->unit = account->unit ? context_unit_id(context, account->unit) : NULL;
    row->label = account->label[0] ? arena_strdup(context->arena, account->label) : NULL;
    row->state = state_of(account, context->now_ms);
    row->created_ms = account->created_ms;
    row->expires_ms = account->enrolled ? account->expires_ms : account->code_expires_ms;
    return row;
}

void account_list(struct context *context, struct cursor *cursor, Pb__Response *response) {
    struct account account;
    uint32_t last = view_last_account(context->view);
    CONTEXT_NEW(context, reply, Pb__AccountsReply, pb__accounts_reply__init);
    if (!reply || !(reply->rows = CONTEXT_LIST(context, Pb__Account *, ACCOUNTS_PER_FRAME)))
        return;
    while (cursor->position < last && reply->n_rows < ACCOUNTS_PER_FRAME) {
        if (!view_account(context->view, (uint32_t)++cursor->position, &account))
            continue;
        if (!(reply->rows[reply->n_rows] = account_row(context, &account)))
            return;
        reply->n_rows++;
    }
    response->has_more = response->more = cursor->position < last;
    response->body_case = PB__RESPONSE__BODY_ACCOUNTS;
    response->accounts = reply;
}
