#include "server/commands/authorise.h"

#include <openssl/crypto.h>

#include "server/commands/subject.h"

enum { WHO_IN_PERIOD = 1u << WHO_LEADER | 1u << WHO_DEPUTY }; // roles that a head has by what the period says

static bool account_stands(struct context *context) {
    struct account account;
    const struct actor *actor = context->actor;
    if (actor->local)
        return true;
    if (!view_account(context->view, actor->account, &account))
        return problem_plain(context->problems, REASON_NOT_AUTHENTICATED);
    if (account.revoked)
        return problem(context->problems, REASON_ACCOUNT_REVOKED, arg_number("account", account.number));
    if (CRYPTO_memcmp(account.verifier, actor->verifier, sizeof account.verifier) != 0) // replaced since
        return problem_plain(context->problems, REASON_TOKEN_REFUSED);
    if (context->now_ms >= account.expires_ms)
        return problem(context->problems, REASON_TOKEN_EXPIRED, arg_time("time", account.expires_ms));
    return true;
}

static unsigned who_may(const struct command *command) {
    return command->step ? step_who(command->step) : command->roles;
}

static bool not_permitted(struct context *context, unsigned who) {
    char needed[128];
    return problem(context->problems, REASON_ROLE_NOT_PERMITTED, arg_text("role", role_name(context->actor->role)),
                   arg_text("needed", who_names(who, needed, sizeof needed)));
}

bool authorise_role(struct context *context, const struct command *command) {
    unsigned who = who_may(command);
    bool head = context->actor->role == PB__ROLE__HEAD;
    if (who & ROLE_ANYONE)
        return true;
    if (context->actor->role == 0)
        return problem_plain(context->problems, REASON_NOT_AUTHENTICATED);
    if (!account_stands(context))
        return false;
    if (who & (1u << context->actor->role) || (head && who & WHO_IN_PERIOD))
        return true;
    return who == ROLE(ADMIN) ? problem_plain(context->problems, REASON_LOCAL_ONLY) : not_permitted(context, who);
}

static const char *body_text(const Pb__Request *request, size_t offset) {
    // All bodies are pointers in one union: any member reads the pointer.
    const char *body = (const char *)request->ping;
    return offset ? *(const char *const *)(const void *)(body + offset) : NULL;
}

static bool find_unit(struct context *context, const struct command *command) {
    const char *unit = body_text(context->request, command->unit_at);
    switch (command->subject) {
    case SUBJECT_SIGHT:
        return subject_sight(context);
    case SUBJECT_OWN_UNIT:
        return subject_own_unit(context);
    case SUBJECT_ANY_UNIT:
        return subject_any_unit(context, unit);
    case SUBJECT_SEEN_UNIT:
        return subject_visible_unit(context, unit);
    case SUBJECT_NONE:
    case SUBJECT_PERIOD:
    default:
        return true;
    }
}

// ---- heads who judge ----

// The index of the caller's unit where the request is made as the head of a unit that the period names; -1: otherwise.
static int judging_unit(const struct context *context, unsigned who) {
    bool heads = context->actor->role == PB__ROLE__HEAD && !(who & ROLE(HEAD)) && who & WHO_IN_PERIOD;
    return heads ? period_unit_by_number(context->period, context->actor->unit) : -1;
}

static bool leads(const struct context *context, unsigned who) {
    int own = judging_unit(context, who);
    return own >= 0 && own == context->period->leader && who & 1u << WHO_LEADER;
}

static bool stands_in(const struct context *context, unsigned who) {
    int own = judging_unit(context, who);
    return own >= 0 && own == context->period->deputy && who & 1u << WHO_DEPUTY;
}

// Whether the period gives a head the role that its own does not.
static bool period_gives(struct context *context, unsigned who) {
    bool has = who & (1u << context->actor->role);
    return has || leads(context, who) || stands_in(context, who) || not_permitted(context, who);
}

// Nobody judges the sheet of the own unit, and the deputy the leader's alone.
static bool may_judge(struct context *context, unsigned who) {
    if (!leads(context, who) && !stands_in(context, who))
        return true;
    const char *unit = period_unit(context->period, (size_t)context->unit)->id;
    if (context->unit_number == context->actor->unit)
        return problem(context->problems, REASON_PARTY_TO_SHEET, arg_text("unit", unit));
    return leads(context, who) || context->unit == context->period->leader ||
           problem(context->problems, REASON_DEPUTY_FOR_LEADER, arg_text("unit", unit));
}

// ---- states ----

static bool period_refuses(struct context *context, unsigned states) {
    char needed[128];
    const char *id = context->period->definition->id;
    bool would_help = states & IN_STATE(PB__PERIOD_STATE__REOPENED);
    if (context->row.state == PB__PERIOD_STATE__LOCKED && would_help)
        return problem(context->problems, REASON_PERIOD_LOCKED, arg_text("period", id));
    return problem(context->problems, REASON_PERIOD_STATE, arg_text("period", id),
                   arg_text("state", period_state_name(context->row.state)),
                   arg_text("needed", period_state_names(states, needed, sizeof needed)));
}

static bool sheet_refuses(struct context *context, enum step step) {
    char needed[128];
    const char *unit = context_unit_id(context, context->unit_number);
    Pb__SheetState state = context->sheet.state;
    if ((step == STEP_SCORE || step == STEP_SUBMIT) && sheet_is_handed_in(state))
        return problem(context->problems, REASON_SHEET_SUBMITTED, arg_text("unit", unit));
    unsigned states = step_sheet_states(step, context->row.state);
    return problem(context->problems, REASON_SHEET_STATE, arg_text("unit", unit),
                   arg_text("state", sheet_state_name(state)),
                   arg_text("needed", sheet_state_names(states, needed, sizeof needed)));
}

bool context_offers(struct context *context, enum step step) {
    Pb__SheetState sheet = context->unit >= 0 ? context->sheet.state : 0;
    context->transition = workflow_find(step, context->row.state, sheet);
    if (context->transition)
        return true;
    // A sheet in this state may be offered the step while the period is in another; or the other way round.
    unsigned states = step_period_states(step, sheet);
    if (!workflow_find(step, context->row.state, 0))
        return period_refuses(context, states ? states : step_period_states(step, 0));
    return states ? period_refuses(context, states) : sheet_refuses(context, step);
}

bool authorise(struct context *context, const struct command *command) {
    unsigned who = who_may(command);
    if (command->subject == SUBJECT_NONE)
        return true;
    if (!subject_period(context, body_text(context->request, command->period_at)) || !period_gives(context, who) ||
        !find_unit(context, command) || !may_judge(context, who))
        return false;
    bool about_sheet = command->unit_at || command->subject == SUBJECT_OWN_UNIT;
    return !command->step || !about_sheet || context_offers(context, command->step);
}
