#include "server/commands/dispatch.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "server/commands/backups.h"
#include "server/commands/boards.h"
#include "server/commands/context.h"
#include "server/commands/deadlines.h"
#include "server/commands/subject.h"

#define ROLE(name)   (1u << PB__ROLE__##name)
#define PERIOD(name) IN_STATE(PB__PERIOD_STATE__##name)
#define SHEET(name)  IN_STATE(PB__SHEET_STATE__##name)

enum {
    ROLE_ANYONE = 1u << 0, // authenticated or not
    ROLES_OFFICE = ROLE(OFFICER) | ROLE(HEAD),
    ROLES_CENTRAL = ROLE(CITY) | ROLE(COUNCIL) | ROLE(AUDITOR) | ROLE(ADMIN),
    ROLES_ALL = ROLES_OFFICE | ROLES_CENTRAL,
    PERIOD_ANY = ~0u,
    SHEET_ANY = ~0u,
    SHEET_EDITABLE = SHEET(NONE) | SHEET(SHEET_DRAFT) | SHEET(RETURNED),
    SCRATCH_BUDGET = 128 * 1024 * 1024, // of one answer being made
};

enum subject {
    SUBJECT_NONE,
    SUBJECT_PERIOD,   // a period that is named or the only open one; any caller
    SUBJECT_SIGHT,    // the same, and what the caller may see of it
    SUBJECT_OWN_UNIT, // the caller's own sheet in it
    SUBJECT_UNIT,     // a sheet that the caller may see
};

struct command {
    enum command_kind kind;
    unsigned roles;
    enum subject subject;
    size_t period_at, unit_at; // where the body names its period and unit; 0: nowhere
    unsigned period_states, sheet_states;
    bool own_id; // a write that carries its own identity in place of a submission id
    write_handler *write;
    read_handler *read;
};

#define BODY(name)      PB__REQUEST__BODY_##name
#define AT(type, field) offsetof(Pb__##type, field)

// clang-format off
static const struct command commands[] = {
    [BODY(HELLO)]          = {COMMAND_CONNECTION, ROLE_ANYONE, .subject = SUBJECT_NONE},
    [BODY(AUTHENTICATE)]   = {COMMAND_CONNECTION, ROLE_ANYONE, .subject = SUBJECT_NONE},
    [BODY(ENROL)]          = {COMMAND_WRITE, ROLE_ANYONE, .own_id = true, .write = account_enrol},
    [BODY(PING)]           = {COMMAND_READ, ROLE_ANYONE, .read = live_ping},
    [BODY(WHOAMI)]         = {COMMAND_READ, ROLES_ALL, .read = account_whoami},

    [BODY(INVITE)]         = {COMMAND_WRITE, ROLE(ADMIN), .write = account_invite},
    [BODY(ACCOUNTS)]       = {COMMAND_READ, ROLE(ADMIN), .read = account_list},
    [BODY(REVOKE)]         = {COMMAND_WRITE, ROLE(ADMIN), .write = account_revoke},
    [BODY(STATS)]          = {COMMAND_READ, ROLE(ADMIN), .read = live_stats},
    [BODY(BACKUP)]         = {COMMAND_READ, ROLE(ADMIN), .read = backup_show},

    [BODY(PERIOD_LOAD)]    = {COMMAND_WRITE, ROLE(ADMIN) | ROLE(COUNCIL), .write = period_load},
    [BODY(PERIODS)]        = {COMMAND_READ, ROLES_ALL, .read = period_list},
    [BODY(PERIOD)]         = {COMMAND_READ, ROLES_ALL, SUBJECT_PERIOD, AT(PeriodQuery, period),
                              .period_states = PERIOD_ANY, .read = period_show},
    [BODY(PERIOD_ADVANCE)] = {COMMAND_WRITE, ROLE(COUNCIL), SUBJECT_PERIOD, AT(PeriodAdvance, period),
                              .period_states = PERIOD_ANY, .write = period_advance},
    [BODY(SIGN)]           = {COMMAND_WRITE, ROLE(HEAD), SUBJECT_OWN_UNIT, AT(Sign, period),
                              .period_states = PERIOD(DRAFT), .sheet_states = SHEET_ANY, .write = period_sign},

    [BODY(SCORE)]          = {COMMAND_WRITE, ROLES_OFFICE, SUBJECT_OWN_UNIT, AT(Score, period),
                              .period_states = PERIOD(SCORING) | PERIOD(APPRAISAL), .sheet_states = SHEET_EDITABLE,
                              .write = score_set},
    [BODY(SUBMIT)]         = {COMMAND_WRITE, ROLE(HEAD), SUBJECT_OWN_UNIT, AT(Submit, period),
                              .period_states = PERIOD(SCORING) | PERIOD(APPRAISAL), .sheet_states = SHEET_EDITABLE,
                              .write = score_submit},
    [BODY(SHEET)]          = {COMMAND_READ, ROLES_ALL, SUBJECT_UNIT, AT(SheetQuery, period), AT(SheetQuery, unit),
                              PERIOD_ANY, SHEET_ANY, .read = sheet_show},
    [BODY(HISTORY)]        = {COMMAND_READ, ROLES_ALL, SUBJECT_UNIT, AT(HistoryQuery, period), AT(HistoryQuery, unit),
                              PERIOD_ANY, SHEET_ANY, .read = history_show},
    [BODY(TOTALS)]         = {COMMAND_READ, ROLES_ALL, SUBJECT_SIGHT, AT(TotalsQuery, period),
                              .period_states = PERIOD_ANY, .read = totals_show},
    [BODY(STATUS)]         = {COMMAND_READ, ROLES_ALL, SUBJECT_SIGHT, AT(StatusQuery, period),
                              .period_states = PERIOD_ANY, .read = status_show},

    [BODY(AUDIT)]          = {COMMAND_READ, ROLES_CENTRAL, .read = audit_list},
    [BODY(RECEIPT)]        = {COMMAND_READ, ROLES_ALL, .read = receipt_verify},
};

static answer_maker *const answers[] = {
    [PB__EVENT__BODY_INVITED]         = answer_invited,
    [PB__EVENT__BODY_ENROLLED]        = answer_enrolled,
    [PB__EVENT__BODY_REVOKED]         = answer_revoked,
    [PB__EVENT__BODY_PERIOD_DEFINED]  = answer_period_defined,
    [PB__EVENT__BODY_PERIOD_ADVANCED] = answer_period_advanced,
    [PB__EVENT__BODY_SIGNED]          = answer_signed,
    [PB__EVENT__BODY_SCORE_SET]       = answer_score_set,
    [PB__EVENT__BODY_SHEET_SUBMITTED] = answer_sheet_submitted,
};
// clang-format on

struct commands {
    struct arena *scratch;
    struct boards *boards;
    struct backups *backups;
};

struct commands *commands_new(const struct commands_source *source) {
    struct commands *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->scratch = arena_new(SCRATCH_BUDGET);
    self->boards = boards_new();
    self->backups = backups_new(source);
    if (self->scratch && self->boards && self->backups)
        return self;
    commands_free(self);
    return NULL;
}

void commands_free(struct commands *self) {
    if (!self)
        return;
    arena_free(self->scratch);
    boards_free(self->boards);
    backups_free(self->backups);
    free(self);
}

static const struct command *find(const Pb__Request *request) {
    static const struct command unknown = {.kind = COMMAND_UNKNOWN};
    size_t body = (size_t)request->body_case;
    return body < sizeof commands / sizeof commands[0] ? &commands[body] : &unknown;
}

enum command_kind command_kind(const Pb__Request *request) {
    return find(request)->kind;
}

// ---- authorise ----

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

static bool role_may(struct context *context, const struct command *command) {
    char needed[128];
    if (command->roles & ROLE_ANYONE)
        return true;
    if (context->actor->role == 0)
        return problem_plain(context->problems, REASON_NOT_AUTHENTICATED);
    if (!account_stands(context))
        return false;
    if (command->roles & (1u << context->actor->role))
        return true;
    if (command->roles == ROLE(ADMIN))
        return problem_plain(context->problems, REASON_LOCAL_ONLY);
    return problem(context->problems, REASON_ROLE_NOT_PERMITTED, arg_text("role", role_name(context->actor->role)),
                   arg_text("needed", role_names(command->roles, needed, sizeof needed)));
}

static const char *body_text(const Pb__Request *request, size_t offset) {
    // All bodies are pointers in one union: any member reads the pointer.
    const char *body = (const char *)request->ping;
    return offset ? *(const char *const *)(const void *)(body + offset) : NULL;
}

static bool find_subject(struct context *context, const struct command *command) {
    const char *unit = body_text(context->request, command->unit_at);
    if (command->subject == SUBJECT_NONE)
        return true;
    if (!subject_period(context, body_text(context->request, command->period_at)))
        return false;
    switch (command->subject) {
    case SUBJECT_SIGHT:
        return subject_sight(context);
    case SUBJECT_OWN_UNIT:
        return subject_own_unit(context);
    case SUBJECT_UNIT:
        return subject_visible_unit(context, unit);
    case SUBJECT_NONE:
    case SUBJECT_PERIOD:
    default:
        return true;
    }
}

static bool states_permit(struct context *context, const struct command *command) {
    char needed[128];
    if (command->subject == SUBJECT_NONE)
        return true;
    const char *id = context->period->definition->id;
    if (!(command->period_states & IN_STATE(context->row.state))) {
        if (context->row.state == PB__PERIOD_STATE__LOCKED)
            return problem(context->problems, REASON_PERIOD_LOCKED, arg_text("period", id));
        return problem(context->problems, REASON_PERIOD_STATE, arg_text("period", id),
                       arg_text("state", period_state_name(context->row.state)),
                       arg_text("needed", period_state_names(command->period_states, needed, sizeof needed)));
    }
    if (context->unit >= 0 && !(command->sheet_states & IN_STATE(context->sheet.state)))
        return problem(context->problems, REASON_SHEET_SUBMITTED,
                       arg_text("unit", context_unit_id(context, context->unit_number)));
    return true;
}

// Who may, on what, in which states: every request passes here, reads and writes alike. For a write that is known
// already the states are not asked: its first answer stands.
static bool authorise(struct context *context, const struct command *command) {
    return find_subject(context, command) && states_permit(context, command);
}

// ---- reads ----

static void refuse_damage(struct context *context) {
    const char *fault = view_fault(context->view);
    if (fault)
        problem(context->problems, REASON_ROW_DAMAGED, arg_text("row", fault));
    else if (arena_exhausted(context->arena) && context->problems->count == 0)
        problem(context->problems, REASON_DEFECT, arg_text("value", "an answer needs more memory than it may use"));
}

static void read_body(struct context *context, struct cursor *cursor, Pb__Response *response) {
    const struct command *command = find(context->request);
    if (!role_may(context, command))
        return;
    if (context->request->has_submission)
        problem_plain(context->problems, REASON_ID_ON_READ);
    else if (!command->read)
        problem(context->problems, REASON_DEFECT, arg_text("value", "this request is not a read"));
    else if (authorise(context, command))
        command->read(context, cursor, response);
}

struct read_answer command_read(struct commands *self, const struct view *view, const struct actor *actor,
                                int64_t now_ms, const struct live_numbers *live, const Pb__Request *request,
                                struct cursor *cursor, struct arena *arena, const char **reason) {
    struct problems problems;
    arena_reset(self->scratch);
    problems_init(&problems, arena);
    struct context context = {.view = view,
                              .actor = actor,
                              .request = request,
                              .now_ms = now_ms,
                              .arena = self->scratch,
                              .problems = &problems,
                              .live = live,
                              .boards = self->boards,
                              .backups = self->backups,
                              .unit = -1};
    struct read_answer answer = {.response = arena_alloc(arena, sizeof *answer.response)};
    *reason = NULL;
    if (!answer.response)
        return answer;
    pb__response__init(answer.response);
    answer.response->has_status = true;
    read_body(&context, cursor, answer.response);
    refuse_damage(&context);
    answer.shared = context.shared;
    answer.later = context.later && problems.count == 0;
    if (problems.count) {
        shared_bytes_release(answer.shared);
        answer.shared = NULL;
        pb__response__init(answer.response);
        problems_answer(&problems, answer.response);
        *reason = reason_entry(problems.first)->code;
    }
    answer.response->has_id = true;
    answer.response->id = request->id;
    return answer;
}

// ---- writes ----

static uint32_t submission_owner(const struct actor *actor) {
    return actor->unit ? actor->unit : SUBMISSION_BY_ACCOUNT | actor->account;
}

// Whether the submission id is new; if not, the entry that it names answers a request of the same content.
static enum verdict settle_known(struct context *context, const struct job *job, uint64_t *known) {
    const Pb__Request *request = context->request;
    uint64_t seq = view_submission(context->view, request->submission.data, submission_owner(context->actor));
    if (seq == 0)
        return VERDICT_EVENT;
    const Pb__Entry *entry = view_entry(context->view, seq, context->arena, NULL);
    if (!entry)
        return VERDICT_REFUSED;
    if (!entry->has_digest || entry->digest.len != DIGEST_SIZE ||
        memcmp(entry->digest.data, job->digest, DIGEST_SIZE) != 0) {
        problem(context->problems, REASON_ID_REUSED, arg_number("seq", (int64_t)seq));
        return VERDICT_REFUSED;
    }
    *known = seq;
    return VERDICT_KNOWN;
}

static enum verdict decide_in(struct context *context, const struct job *job, Pb__Event *event, uint64_t *known) {
    const struct command *command = find(context->request);
    if (!role_may(context, command))
        return VERDICT_REFUSED;
    if (command->own_id && context->request->has_submission) {
        problem_plain(context->problems, REASON_ID_ON_READ);
        return VERDICT_REFUSED;
    }
    if (!command->own_id) {
        if (!context->request->has_submission) {
            problem_plain(context->problems, REASON_ID_MISSING);
            return VERDICT_REFUSED;
        }
        enum verdict settled = settle_known(context, job, known);
        if (settled != VERDICT_EVENT)
            return settled;
    }
    if (!command->write || !authorise(context, command))
        return VERDICT_REFUSED;
    return command->write(context, event, known);
}

static enum verdict decide(void *ctx, const struct view *view, const struct job *job, int64_t now_ms,
                           struct arena *arena, Pb__Event *event, uint64_t *known, struct problems *problems) {
    (void)ctx;
    struct context context = {.view = view,
                              .actor = &job->actor,
                              .request = job->request,
                              .now_ms = now_ms,
                              .arena = arena,
                              .problems = problems,
                              .unit = -1};
    enum verdict verdict = decide_in(&context, job, event, known);
    refuse_damage(&context);
    if (verdict == VERDICT_REFUSED && problems->count == 0)
        problem(problems, REASON_DEFECT, arg_text("value", "a refusal without a reason"));
    return problems->count ? VERDICT_REFUSED : verdict;
}

static void answer(void *ctx, const struct view *view, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                   bool replayed, struct arena *arena, Pb__Response *response) {
    (void)ctx;
    struct problems problems;
    problems_init(&problems, arena);
    struct context context = {.view = view, .arena = arena, .problems = &problems, .unit = -1};
    size_t body = (size_t)entry->event->body_case;
    response->has_status = true;
    response->status = PB__STATUS__OK;
    if (body < sizeof answers / sizeof answers[0] && answers[body])
        answers[body](&context, entry, hash, replayed, response);
    refuse_damage(&context);
    if (problems.count) {
        response->body_case = PB__RESPONSE__BODY__NOT_SET;
        problems_answer(&problems, response);
    }
}

const struct writer_handlers command_writer_handlers = {
    .decide = decide,
    .answer = answer,
    .due = deadlines_due,
};

// ---- what handlers share ----

void *context_alloc(struct context *context, size_t size) {
    void *memory = arena_alloc(context->arena, size);
    if (!memory)
        problem(context->problems, REASON_DEFECT, arg_text("value", "a request needs more memory than it may use"));
    return memory;
}

ProtobufCBinaryData context_bytes(struct context *context, const void *bytes, size_t size) {
    uint8_t *copy = context_alloc(context, size);
    if (!copy)
        return (ProtobufCBinaryData){0};
    if (size > 0)
        memcpy(copy, bytes, size);
    return (ProtobufCBinaryData){.len = size, .data = copy};
}

const char *context_unit_id(struct context *context, uint32_t number) {
    int index = context->period ? period_unit_by_number(context->period, number) : -1;
    if (index >= 0)
        return period_unit(context->period, (size_t)index)->id;
    const Pb__UnitDefinition *unit = number ? view_unit(context->view, number, context->arena) : NULL;
    return unit ? unit->id : "";
}
