// What a handler gets: the question, who asks, and what authorise has found out. It knows no socket, no store, no
// clock; its view cannot write.
#ifndef THIDUA_COMMANDS_CONTEXT_H
#define THIDUA_COMMANDS_CONTEXT_H

#include "server/commands/dispatch.h"
#include "server/commands/sight.h"
#include "server/rules/workflow.h"

struct context {
    const struct view *view;
    const struct actor *actor;
    const Pb__Request *request;
    int64_t now_ms;
    struct arena *arena; // for events, replies and problems
    struct problems *problems;
    // reads only
    const struct live_numbers *live;
    struct boards *boards; // already encoded, shared
    struct backups *backups;
    struct shared_bytes *shared; // the answer, where it is shared; a reference for the caller
    bool later;                  // there is nothing to answer yet
    bool again;                  // the same, and the next turn goes on
    uint32_t begun_with;         // the period of a long answer that has begun; 0: it has not
    // set by authorise, as far as the command's subject goes
    const struct period *period;
    struct period_row row;
    enum sight sight;
    int unit; // index in the period, -1: none
    uint32_t unit_number;
    struct sheet sheet;
    const struct transition *transition; // of a step of the workflow that the states offer
};

// A write's judgement. VERDICT_KNOWN sets *known to the entry that answers it.
typedef enum verdict write_handler(struct context *context, Pb__Event *event, uint64_t *known);

// A read's answer, into `response` (status OK is set already). A refusal is a problem in the context. Where more frames
// follow, sets response->more and leaves in the cursor where to go on.
typedef void read_handler(struct context *context, struct cursor *cursor, Pb__Response *response);

// The response to an accepted write, from its entry alone.
typedef void answer_maker(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH],
                          bool replayed, Pb__Response *response);

// Zeroed memory from the context's arena. NULL: used up, and the problem says so.
void *context_alloc(struct context *context, size_t size);

// Declares `name`, a message of the given protobuf-c type, initialised, in the arena; NULL as above.
#define CONTEXT_NEW(context, name, type, init)                                                                         \
    type *name = context_alloc(context, sizeof *name);                                                                 \
    if (name)                                                                                                          \
    init(name)

// A list of pointers in the arena; NULL as above. Never NULL for a count of 0.
#define CONTEXT_LIST(context, type, count) ((type *)context_alloc(context, ((count) + 1) * sizeof(type)))

// Bytes copied into the context's arena; empty, with a problem, where it is used up.
ProtobufCBinaryData context_bytes(struct context *context, const void *bytes, size_t size);

// The unit's id as the period names it, or its registration; "" where it is unknown.
const char *context_unit_id(struct context *context, uint32_t number);

// The context's sheet as an event states it, `state` being the transition's next one; NULL: the arena is used up.
Pb__SheetAfter *context_after(struct context *context);

// Whether the states of period and sheet offer the step; sets the transition, or adds the problem.
bool context_offers(struct context *context, enum step step);

write_handler account_invite, account_enrol, account_revoke, account_confirm;
write_handler period_load, period_advance, period_sign, period_extend;
write_handler score_set, score_submit;
write_handler appraisal_set, appraisal_explain, sheet_return, sheet_adjust;
write_handler sheets_finalize, award_hold, award_nominate;

read_handler live_ping, live_stats, backup_show;
read_handler account_whoami, account_list;
read_handler period_list, period_show;
read_handler sheet_show, history_show, totals_show, status_show, watch_begin, appraisal_preview;
read_handler audit_list, receipt_verify;

answer_maker answer_invited, answer_enrolled, answer_revoked, answer_accounts_confirmed;
answer_maker answer_period_defined, answer_period_advanced, answer_signed;
answer_maker answer_score_set, answer_sheet_submitted, answer_extended;
answer_maker answer_lines_appraised, answer_line_explained, answer_sheet_returned, answer_adjusted;
answer_maker answer_sheets_finalized, answer_held, answer_nominated;

#endif
