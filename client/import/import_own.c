// A unit's own scores on their way: one request, all or nothing; with --partial what is good, in as many as it takes.
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/import/importing.h"
#include "client/instant.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/refusal.h"
#include "client/spool.h"
#include "client/spool_ask.h"
#include "client/spool_seen.h"
#include "client/verbs/shapes.h"
#include "proto/frame.h"

enum { REQUEST_HEAD = 256 }; // bytes of a request beside its lines, at most

// The rows of one request.
struct chunk {
    size_t n;
    struct import_row **rows;
    Pb__Request request;
    Pb__Score score;
};

// ---- a request ----

static void fill(struct importing *importing, struct chunk *chunk) {
    pb__request__init(&chunk->request);
    pb__score__init(&chunk->score);
    chunk->score.period = importing->about ? importing->about->definition->id : importing->period;
    chunk->score.lines = must(arena_alloc(importing->client->arena, (chunk->n + 1) * sizeof(*chunk->score.lines)));
    for (size_t i = 0; i < chunk->n; i++)
        if (chunk->rows[i]->result == IMPORT_WAITS)
            chunk->score.lines[chunk->score.n_lines++] = chunk->rows[i]->line;
    chunk->request.body_case = PB__REQUEST__BODY_SCORE;
    chunk->request.score = &chunk->score;
    client_submit(importing->client, &chunk->request);
}

static void leave(struct chunk *chunk, enum import_result result, const char *reason) {
    for (size_t i = 0; i < chunk->n; i++)
        if (chunk->rows[i]->result == IMPORT_WAITS)
            import_row_leave(chunk->rows[i], result, reason);
}

static void leave_all(struct importing *importing, enum import_result result, const char *reason) {
    for (size_t i = 0; i < importing->rows.n; i++)
        if (importing->rows.list[i].result == IMPORT_WAITS)
            import_row_leave(&importing->rows.list[i], result, reason);
}

// ---- its answer ----

static void take_entry(struct importing *importing, struct chunk *chunk, const Pb__Response *response) {
    const Pb__ScoreReply *reply = response->score;
    for (size_t i = 0; i < chunk->n; i++) {
        struct import_row *row = chunk->rows[i];
        if (row->result != IMPORT_WAITS)
            continue;
        row->result = IMPORT_RECORDED;
        row->seq = reply->seq;
        for (size_t j = 0; j < reply->n_lines; j++)
            if (reply->lines[j]->criterion && !strcasecmp(reply->lines[j]->criterion, row->line->criterion))
                row->points_cp = reply->lines[j]->points_cp;
    }
    importing_entry(importing, reply->unit, reply->seq, importing->client->id);
    spool_saw_sheet(importing->client, importing->session, &chunk->request, response);
}

// Whether the refusal is of lines of the chunk: those have their reasons then.
static bool blame(struct importing *importing, struct chunk *chunk, const Pb__Response *response) {
    bool any = false;
    for (size_t i = 0; i < response->n_problems; i++) {
        const char *code = problem_criterion(response->problems[i]);
        for (size_t j = 0; code && j < chunk->n; j++) {
            struct import_row *row = chunk->rows[j];
            if (!row->line || strcasecmp(row->line->criterion, code) != 0)
                continue;
            import_row_refused(&importing->rows, row, response, response->problems[i]);
            any = true;
        }
    }
    return any;
}

static int refuse_all(struct importing *importing, const Pb__Response *response) {
    struct complaint complaint = {0};
    if (response->n_problems)
        refusal_complaint(&importing->client->options, response, response->problems[0], &complaint);
    leave_all(importing, IMPORT_REFUSED, complaint.message ? complaint.message : _("the server refuses this"));
    complaint_free(&complaint);
    return refusal_say(&importing->quiet.options, response);
}

// ---- what cannot be sent now ----

// Keeps the requests that wait in the spool, from this one on.
static int keep(struct importing *importing, struct chunk *chunk, size_t *next, int failed, const char *why) {
    size_t kept = 0;
    int exit_status = EXIT_SPOOLED;
    while (chunk->n && exit_status == EXIT_SPOOLED) {
        fill(importing, chunk);
        exit_status = spool_keep_one(importing->client, &chunk->request);
        if (exit_status != EXIT_SPOOLED)
            break;
        leave(chunk, IMPORT_KEPT, NULL);
        kept++;
        chunk->n = own_rows_next(&importing->rows, next, FRAME_LIMIT_OFFICE - REQUEST_HEAD, chunk->rows);
        if (chunk->n && !uuid_new(importing->client->id, instant_now()))
            exit_status = EXIT_DEFECT;
    }
    if (exit_status == EXIT_NOT_REACHED)
        return failed;
    heard_forget(&importing->heard);
    if (kept)
        spool_kept_say(importing->client, kept, why);
    if (kept && importing->submits)
        say_warning(&importing->client->options,
                    _("the sheet is not handed in: hand it in once its scores are recorded, with: thidua submit"));
    return exit_status;
}

static int fail(struct importing *importing, struct chunk *chunk, size_t *next, int failed) {
    const char *unknown = _("it was sent, and no answer came");
    bool sent = failed != EXIT_NOT_REACHED;
    if (importing_may_keep(failed)) {
        char *why = must_strdup(heard_message(&importing->heard));
        failed = keep(importing, chunk, next, failed, why);
        free(why);
    }
    if (sent)
        leave(chunk, IMPORT_UNKNOWN, unknown);
    leave_all(importing, IMPORT_SKIPPED, _("it was not sent"));
    return failed;
}

// ---- sending ----

// A refusal that blames lines leaves the others to be sent again, under the same id: a refusal does not use it up.
static int send_chunk(struct importing *importing, struct chunk *chunk, size_t *next) {
    for (;;) {
        int exit_status;
        fill(importing, chunk);
        if (!chunk->score.n_lines)
            return EXIT_DONE;
        const Pb__Response *response = importing_ask(importing, &chunk->request, &exit_status);
        if (!response)
            return fail(importing, chunk, next, exit_status);
        if (pipeline_is(response, PB__RESPONSE__BODY_SCORE)) {
            take_entry(importing, chunk, response);
            return EXIT_DONE;
        }
        if (!blame(importing, chunk, response))
            return refuse_all(importing, response);
        if (!importing->partial)
            leave_all(importing, IMPORT_SKIPPED, _("nothing is recorded while another line is refused"));
    }
}

static int no_second_id(const struct importing *importing) {
    return say_error(&importing->client->options, EXIT_USAGE, _("Leave --id out."),
                     _("--id names one request, and these lines take more than one"));
}

static int send_all(struct importing *importing) {
    struct chunk chunk = {.rows = must_alloc((importing->rows.n + 1) * sizeof(struct import_row *))};
    size_t next = 0;
    int exit_status = EXIT_DONE;
    for (bool first = true; !exit_status; first = false) {
        chunk.n = own_rows_next(&importing->rows, &next, FRAME_LIMIT_OFFICE - REQUEST_HEAD, chunk.rows);
        if (!chunk.n)
            break;
        if (!first && !uuid_new(importing->client->id, instant_now()))
            exit_status =
                say_error(&importing->client->options, EXIT_DEFECT, NULL, _("the system gives no random bytes"));
        else
            exit_status = importing->session ? send_chunk(importing, &chunk, &next)
                                             : fail(importing, &chunk, &next, EXIT_NOT_REACHED);
    }
    free(chunk.rows);
    return exit_status;
}

// ---- before anything is sent ----

static size_t count_requests(const struct importing *importing) {
    struct import_row **rows = must_alloc((importing->rows.n + 1) * sizeof(struct import_row *));
    size_t next = 0, count = 0;
    while (own_rows_next(&importing->rows, &next, FRAME_LIMIT_OFFICE - REQUEST_HEAD, rows))
        count++;
    free(rows);
    return count;
}

// All or nothing is one request; and so is an id.
static int judge_size(struct importing *importing) {
    size_t requests = count_requests(importing);
    if (requests <= 1)
        return EXIT_DONE;
    if (importing->client->options.has_id)
        return no_second_id(importing);
    if (importing->partial)
        return EXIT_DONE;
    leave_all(importing, IMPORT_SKIPPED, _("nothing is recorded: the lines do not fit one request"));
    return say_error(&importing->client->options, EXIT_REFUSED,
                     _("Record them in several requests with --partial, or with shorter notes and fewer documents."),
                     _("the lines do not fit one request of %d bytes with their notes and evidence, and so cannot be "
                       "recorded all or nothing"),
                     FRAME_LIMIT_OFFICE);
}

// What a dry run would meet at the server.
static int rehearse(struct importing *importing) {
    struct problems problems;
    Pb__Response response = PB__RESPONSE__INIT;
    problems_init(&problems, importing->client->arena);
    if (!import_rows_count(&importing->rows, IMPORT_WAITS))
        return EXIT_DONE;
    if (own_rows_welcome(importing->about, importing->sheet, &problems)) {
        leave_all(importing, IMPORT_WOULD_RECORD, NULL);
        return EXIT_DONE;
    }
    problems_answer(&problems, &response);
    return refuse_all(importing, &response);
}

// ---- handing in ----

static int hand_in(struct importing *importing, int64_t total_cp) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Submit submit = PB__SUBMIT__INIT;
    int exit_status;
    if (import_rows_count(&importing->rows, IMPORT_REFUSED))
        return EXIT_DONE;
    if (!uuid_new(importing->client->id, instant_now()))
        return say_error(&importing->client->options, EXIT_DEFECT, NULL, _("the system gives no random bytes"));
    submit.period = importing->about->definition->id;
    submit.has_if_total_cp = total_cp >= 0;
    submit.if_total_cp = (int32_t)total_cp;
    request.body_case = PB__REQUEST__BODY_SUBMIT;
    request.submit = &submit;
    client_submit(importing->client, &request);
    const Pb__Response *response = importing_ask(importing, &request, &exit_status);
    if (response && !pipeline_is(response, PB__RESPONSE__BODY_SUBMIT))
        return refusal_say(&importing->quiet.options, response);
    if (response)
        importing->receipt = submit_shape(importing->client, response);
    if (response || !importing_may_keep(exit_status) || spool_keep_one(importing->client, &request) != EXIT_SPOOLED)
        return exit_status;
    spool_kept_say(importing->client, 1, heard_message(&importing->heard));
    heard_forget(&importing->heard);
    return EXIT_SPOOLED;
}

// ---- the whole ----

static int own_unit(struct importing *importing) {
    struct problems problems;
    problems_init(&problems, importing->client->arena);
    int unit = importing->who->unit ? roster_unit(&importing->roster, importing->who->unit, &problems) : -1;
    if (unit < 0)
        say_error(&importing->client->options, EXIT_PROTOCOL, NULL, _("the period does not know the caller's unit"));
    return unit;
}

static int go(struct importing *importing, int64_t total_cp) {
    if (import_rows_count(&importing->rows, IMPORT_REFUSED) && !importing->partial)
        leave_all(importing, IMPORT_SKIPPED, _("nothing is recorded while another line is refused"));
    int exit_status = judge_size(importing);
    if (!exit_status && importing->dry_run)
        return rehearse(importing);
    if (!exit_status)
        exit_status = send_all(importing);
    if (!exit_status && importing->submits && importing->session)
        exit_status = hand_in(importing, total_cp);
    return exit_status;
}

// As this device has last seen it. Free it; NULL: it has not.
static char *seen_unit(struct importing *importing) {
    struct profile profile;
    struct spool spool;
    const char *id;
    session_account(&importing->quiet, &profile);
    spool_open(&spool, &profile);
    json_t *seen = seen_read(spool.seen);
    const char *unit = json_string_value(json_object_get(seen_period(seen, importing->period, &id), "unit"));
    char *copy = unit ? must_strdup(unit) : NULL;
    json_decref(seen);
    spool_free(&spool);
    profile_free(&profile);
    return copy;
}

int import_own(struct importing *importing) {
    struct arena *arena = importing->client->arena;
    if (!importing->sheet) {
        char *own = seen_unit(importing);
        own_rows_plan_blind(&importing->rows, &importing->read, own, arena);
        free(own);
        return go(importing, -1);
    }
    int unit = own_unit(importing);
    if (unit < 0)
        return EXIT_PROTOCOL;
    own_rows_plan(&importing->rows, &importing->read, importing->sheet, unit, arena);
    return go(importing, own_rows_total(&importing->rows, importing->sheet));
}
