// The appraised column of many units on its way: one request and one submission id a unit, many of them under way at
// once.
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/import/importing.h"
#include "client/instant.h"
#include "client/memory.h"
#include "client/progress.h"
#include "client/refusal.h"
#include "client/spool_ask.h"

enum { REQUEST_BUDGET = 1024 * 1024 };

struct sending {
    struct importing *importing;
    struct appraised_unit **units; // those that are asked for
    size_t n;
    struct arena *arena; // of the request that is made at the moment
    struct progress progress;
    size_t done; // lines
    Pb__Request request;
    int refused; // exit status of the first refusal of a whole request
};

// ---- asking ----

static Pb__Request *request_of(struct sending *sending, const struct appraised_unit *unit) {
    struct importing *importing = sending->importing;
    arena_reset(sending->arena);
    pb__request__init(&sending->request);
    Pb__Appraise *appraise =
        appraised_request(&importing->rows, unit, importing->about->definition->id, importing->reason, sending->arena);
    if (importing->dry_run) {
        sending->request.body_case = PB__REQUEST__BODY_APPRAISE_PREVIEW;
        sending->request.appraise_preview = appraise;
        return &sending->request;
    }
    sending->request.body_case = PB__REQUEST__BODY_APPRAISE;
    sending->request.appraise = appraise;
    sending->request.has_submission = true;
    sending->request.submission = (ProtobufCBinaryData){.len = UUID_SIZE, .data = (uint8_t *)unit->id};
    return &sending->request;
}

static Pb__Request *ask(void *ctx, size_t i) {
    struct sending *sending = ctx;
    return request_of(sending, sending->units[i]);
}

// ---- answers ----

static void settle(struct appraised_unit *unit, enum import_result result, uint64_t seq) {
    for (size_t i = 0; i < unit->n; i++) {
        if (unit->rows[i]->result != IMPORT_WAITS)
            continue;
        unit->rows[i]->result = result;
        unit->rows[i]->seq = seq;
    }
}

static void take_reply(struct importing *importing, struct appraised_unit *unit, const Pb__AppraiseReply *reply) {
    settle(unit, IMPORT_RECORDED, reply->seq);
    unit->seq = reply->seq;
    unit->has_total = reply->has_total_cp;
    unit->total_cp = reply->total_cp;
    importing_entry(importing, roster_unit_id(&importing->roster, unit->unit), reply->seq, unit->id);
}

static void take_preview(struct importing *importing, struct appraised_unit *unit, const Pb__PreviewReply *reply) {
    settle(unit, IMPORT_WOULD_RECORD, 0);
    for (size_t i = 0; i < reply->n_rows; i++) {
        const Pb__PreviewRow *row = reply->rows[i];
        if (!row->unit || strcmp(row->unit, roster_unit_id(&importing->roster, unit->unit)) != 0)
            continue;
        unit->rank_before = row->rank_before;
        unit->rank_after = row->rank_after;
        unit->has_total = row->has_total_after_cp;
        unit->total_cp = row->total_after_cp;
    }
}

// The rows that the refusal names, or all of the unit's.
static void take_refusal(struct sending *sending, struct appraised_unit *unit, const Pb__Response *response) {
    struct import_rows *rows = &sending->importing->rows;
    bool any = false;
    for (size_t i = 0; i < response->n_problems; i++) {
        const char *code = problem_criterion(response->problems[i]);
        for (size_t j = 0; code && j < unit->n; j++) {
            struct import_row *row = unit->rows[j];
            if (row->leaf < 0 || strcasecmp(rows->roster->leaves[row->leaf]->code, code) != 0)
                continue;
            import_row_refused(rows, row, response, response->problems[i]);
            any = true;
        }
    }
    for (size_t j = 0; !any && response->n_problems && j < unit->n; j++)
        if (unit->rows[j]->result == IMPORT_WAITS)
            import_row_refused(rows, unit->rows[j], response, response->problems[0]);
    if (!any && !sending->refused)
        sending->refused = refusal_exit(response);
    appraised_unit_leave(unit);
}

static int take(void *ctx, size_t i, const Pb__Response *response) {
    struct sending *sending = ctx;
    struct appraised_unit *unit = sending->units[i];
    sending->done += unit->waiting;
    if (pipeline_is(response, PB__RESPONSE__BODY_APPRAISE) && !sending->importing->dry_run)
        take_reply(sending->importing, unit, response->appraise);
    else if (pipeline_is(response, PB__RESPONSE__BODY_APPRAISE_PREVIEW) && sending->importing->dry_run)
        take_preview(sending->importing, unit, response->appraise_preview);
    else
        take_refusal(sending, unit, response);
    progress_step(&sending->progress, sending->done);
    return EXIT_DONE;
}

// ---- where it breaks off ----

// Requests that were not sent, or not answered, are kept if they can be.
static int keep_rest(struct sending *sending, const struct pipeline *pipeline, int failed) {
    struct importing *importing = sending->importing;
    size_t kept = 0;
    int exit_status = importing_may_keep(failed) && !importing->dry_run ? EXIT_SPOOLED : EXIT_NOT_REACHED;
    for (size_t i = pipeline->answered; i < sending->n && exit_status == EXIT_SPOOLED; i++) {
        exit_status = spool_keep_one(importing->client, request_of(sending, sending->units[i]));
        if (exit_status != EXIT_SPOOLED)
            break;
        settle(sending->units[i], IMPORT_KEPT, 0);
        kept++;
    }
    for (size_t i = pipeline->answered; i < sending->n; i++)
        settle(sending->units[i], i < pipeline->sent && !importing->dry_run ? IMPORT_UNKNOWN : IMPORT_SKIPPED, 0);
    if (kept)
        spool_kept_say(importing->client, kept, heard_message(&importing->heard));
    if (exit_status == EXIT_NOT_REACHED)
        return failed;
    heard_forget(&importing->heard);
    return exit_status;
}

// ---- the whole ----

// The units that have something to send, each with an id of its own.
static bool choose(struct sending *sending) {
    struct appraised_units *units = &sending->importing->units;
    sending->units = must_alloc(units->n * sizeof(struct appraised_unit *));
    for (size_t i = 0; i < units->n; i++) {
        if (!units->list[i].waiting)
            continue;
        sending->units[sending->n++] = &units->list[i];
        if (!uuid_new(units->list[i].id, instant_now()))
            return false;
    }
    return true;
}

static size_t count_lines(const struct sending *sending) {
    size_t count = 0;
    for (size_t i = 0; i < sending->n; i++)
        count += sending->units[i]->waiting;
    return count;
}

static int send_all(struct sending *sending) {
    struct pipeline pipeline = {.n = sending->n, .ask = ask, .answer = take, .ctx = sending};
    progress_begin(&sending->progress, &sending->importing->client->options, count_lines(sending));
    int exit_status = pipeline_run(&pipeline, sending->importing->session);
    progress_end(&sending->progress);
    return exit_status ? keep_rest(sending, &pipeline, exit_status) : EXIT_DONE;
}

// Where every line that is refused is refused for the same reason of the caller's, and nothing was recorded, that
// reason gives the exit status.
static int whole_refusal(const struct sending *sending) {
    const struct import_rows *rows = &sending->importing->rows;
    bool denied = sending->refused == EXIT_NOT_PERMITTED || sending->refused == EXIT_NOT_REACHED;
    if (!denied || import_rows_count(rows, IMPORT_RECORDED))
        return EXIT_DONE;
    return say_error(&sending->importing->client->options, sending->refused,
                     _("Mend the lines that the report names, and run the import again: what stands is left out."),
                     "%s", _("the server refuses what was sent; nothing was recorded"));
}

int import_appraised(struct importing *importing) {
    struct sending sending = {.importing = importing, .arena = must(arena_new(REQUEST_BUDGET))};
    int exit_status = EXIT_DONE;
    appraised_rows_plan(&importing->rows, importing->board, &importing->units);
    if (!choose(&sending))
        exit_status = say_error(&importing->client->options, EXIT_DEFECT, NULL, _("the system gives no random bytes"));
    if (!exit_status && sending.n)
        exit_status = send_all(&sending);
    if (!exit_status)
        exit_status = whole_refusal(&sending);
    free(sending.units);
    arena_free(sending.arena);
    return exit_status;
}
