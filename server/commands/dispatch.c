#include "server/commands/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "server/commands/authorise.h"
#include "server/commands/backups.h"
#include "server/commands/boards.h"
#include "server/commands/deadlines.h"
#include "server/commands/sheet_after.h"

enum {
    ROLES_OFFICE = ROLE(OFFICER) | ROLE(HEAD),
    ROLES_CENTRAL = ROLE(CITY) | ROLE(COUNCIL) | ROLE(AUDITOR) | ROLE(ADMIN),
    ROLES_ALL = ROLES_OFFICE | ROLES_CENTRAL,
    SCRATCH_BUDGET = 128 * 1024 * 1024, // of one answer being made
};

#define BODY(name)        PB__REQUEST__BODY_##name
#define AT(type, field)   offsetof(Pb__##type, field)
#define CONNECTION(roles) COMMAND_CONNECTION, roles, STEP_NONE
#define READ(roles)       COMMAND_READ, roles, STEP_NONE
#define WATCH(roles)      COMMAND_WATCH, roles, STEP_NONE
#define WRITE(roles)      COMMAND_WRITE, roles, STEP_NONE
#define STEP(name)        COMMAND_WRITE, 0, STEP_##name
#define PREVIEW(name)     COMMAND_READ, 0, STEP_##name

// clang-format off
static const struct command commands[] = {
    [BODY(HELLO)]            = {CONNECTION(ROLE_ANYONE), .subject = SUBJECT_NONE},
    [BODY(AUTHENTICATE)]     = {CONNECTION(ROLE_ANYONE), .subject = SUBJECT_NONE},
    [BODY(ENROL)]            = {WRITE(ROLE_ANYONE), .own_id = true, .write = account_enrol},
    [BODY(PING)]             = {READ(ROLE_ANYONE), .read = live_ping},
    [BODY(WHOAMI)]           = {READ(ROLES_ALL), .read = account_whoami},

    [BODY(INVITE)]           = {WRITE(ROLE(ADMIN)), .write = account_invite},
    [BODY(ACCOUNTS)]         = {READ(ROLE(ADMIN)), .read = account_list},
    [BODY(REVOKE)]           = {WRITE(ROLE(ADMIN)), .write = account_revoke},
    [BODY(STATS)]            = {READ(ROLE(ADMIN)), .read = live_stats},
    [BODY(BACKUP)]           = {READ(ROLE(ADMIN)), .read = backup_show},
    [BODY(ACCOUNTS_CONFIRM)] = {WRITE(ROLE(ADMIN)), .write = account_confirm},

    [BODY(PERIOD_LOAD)]      = {STEP(LOAD), SUBJECT_NONE, .write = period_load},
    [BODY(PERIODS)]          = {READ(ROLES_ALL), .read = period_list},
    [BODY(PERIOD)]           = {READ(ROLES_ALL), SUBJECT_PERIOD, AT(PeriodQuery, period), .read = period_show},
    [BODY(PERIOD_ADVANCE)]   = {STEP(ADVANCE), SUBJECT_PERIOD, AT(PeriodAdvance, period), .write = period_advance},
    [BODY(SIGN)]             = {STEP(SIGN), SUBJECT_OWN_UNIT, AT(Sign, period), .write = period_sign},
    [BODY(EXTEND)]           = {STEP(EXTEND), SUBJECT_ANY_UNIT, AT(PeriodExtend, period), AT(PeriodExtend, unit),
                                .write = period_extend},

    [BODY(SCORE)]            = {STEP(SCORE), SUBJECT_OWN_UNIT, AT(Score, period), .write = score_set},
    [BODY(SUBMIT)]           = {STEP(SUBMIT), SUBJECT_OWN_UNIT, AT(Submit, period), .write = score_submit},
    [BODY(SHEET)]            = {READ(ROLES_ALL), SUBJECT_SEEN_UNIT, AT(SheetQuery, period), AT(SheetQuery, unit),
                                .read = sheet_show},
    [BODY(HISTORY)]          = {READ(ROLES_ALL), SUBJECT_SEEN_UNIT, AT(HistoryQuery, period), AT(HistoryQuery, unit),
                                .read = history_show},
    [BODY(TOTALS)]           = {READ(ROLES_ALL), SUBJECT_SIGHT, AT(TotalsQuery, period), .read = totals_show},
    [BODY(WATCH)]            = {WATCH(ROLES_ALL), SUBJECT_SIGHT, AT(Watch, period), .read = watch_begin},
    [BODY(STATUS)]           = {READ(ROLES_ALL), SUBJECT_SIGHT, AT(StatusQuery, period), .read = status_show},

    [BODY(APPRAISE)]         = {STEP(APPRAISE), SUBJECT_ANY_UNIT, AT(Appraise, period), AT(Appraise, unit),
                                .write = appraisal_set},
    [BODY(APPRAISE_PREVIEW)] = {PREVIEW(APPRAISE), SUBJECT_ANY_UNIT, AT(Appraise, period), AT(Appraise, unit),
                                .read = appraisal_preview},
    [BODY(ADJUST)]           = {STEP(ADJUST), SUBJECT_ANY_UNIT, AT(Adjust, period), AT(Adjust, unit),
                                .write = sheet_adjust},
    [BODY(RETURN_SHEET)]     = {STEP(RETURN), SUBJECT_ANY_UNIT, AT(ReturnSheet, period), AT(ReturnSheet, unit),
                                .write = sheet_return},
    [BODY(EXPLAIN)]          = {STEP(EXPLAIN), SUBJECT_OWN_UNIT, AT(Explain, period), .write = appraisal_explain},
    [BODY(FINALIZE)]         = {STEP(FINALIZE), SUBJECT_PERIOD, AT(Finalize, period), .write = sheets_finalize},
    [BODY(HOLD)]             = {STEP(HOLD), SUBJECT_ANY_UNIT, AT(Hold, period), AT(Hold, unit), .write = award_hold},
    [BODY(NOMINATE)]         = {STEP(NOMINATE), SUBJECT_ANY_UNIT, AT(Nominate, period), AT(Nominate, unit),
                                .write = award_nominate},

    [BODY(AUDIT)]            = {READ(ROLES_CENTRAL), .read = audit_list},
    [BODY(RECEIPT)]          = {READ(ROLES_ALL), .read = receipt_verify},
};

static answer_maker *const answers[] = {
    [PB__EVENT__BODY_INVITED]         = answer_invited,
    [PB__EVENT__BODY_ENROLLED]        = answer_enrolled,
    [PB__EVENT__BODY_REVOKED]         = answer_revoked,
    [PB__EVENT__BODY_ACCOUNTS_CONFIRMED] = answer_accounts_confirmed,
    [PB__EVENT__BODY_PERIOD_DEFINED]  = answer_period_defined,
    [PB__EVENT__BODY_PERIOD_ADVANCED] = answer_period_advanced,
    [PB__EVENT__BODY_SIGNED]          = answer_signed,
    [PB__EVENT__BODY_SCORE_SET]       = answer_score_set,
    [PB__EVENT__BODY_SHEET_SUBMITTED] = answer_sheet_submitted,
    [PB__EVENT__BODY_EXTENDED]        = answer_extended,
    [PB__EVENT__BODY_LINES_APPRAISED] = answer_lines_appraised,
    [PB__EVENT__BODY_ADJUSTED]        = answer_adjusted,
    [PB__EVENT__BODY_SHEET_RETURNED]  = answer_sheet_returned,
    [PB__EVENT__BODY_LINE_EXPLAINED]  = answer_line_explained,
    [PB__EVENT__BODY_SHEETS_FINALIZED] = answer_sheets_finalized,
    [PB__EVENT__BODY_HELD]            = answer_held,
    [PB__EVENT__BODY_NOMINATED]       = answer_nominated,
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
    context->begun_with = cursor->period;
    if (!authorise_role(context, command))
        return;
    if (context->request->has_submission) {
        problem_plain(context->problems, REASON_ID_ON_READ);
    } else if (!command->read) {
        problem(context->problems, REASON_DEFECT, arg_text("value", "this request is not a read"));
    } else if (authorise(context, command)) {
        cursor->period = context->period ? context->period->number : 0;
        command->read(context, cursor, response);
    }
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
    answer.again = context.again && problems.count == 0;
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
    if (!authorise_role(context, command))
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

Pb__SheetAfter *context_after(struct context *context) {
    if (context->transition && context->transition->sheet_next)
        context->sheet.state = (Pb__SheetState)context->transition->sheet_next;
    return sheet_after(context, &context->sheet);
}

const char *context_unit_id(struct context *context, uint32_t number) {
    int index = context->period ? period_unit_by_number(context->period, number) : -1;
    if (index >= 0)
        return period_unit(context->period, (size_t)index)->id;
    const Pb__UnitDefinition *unit = number ? view_unit(context->view, number, context->arena) : NULL;
    return unit ? unit->id : "";
}
