#include "client/spool_send.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/instant.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/refusal.h"
#include "client/spool_guard.h"
#include "client/spool_seen.h"

enum { BRIEF_ANSWER_MS = 1000, BRIEF_MS = 1500, GUARD_BUDGET = 16 * 1024 * 1024, REFUSAL_BUDGET = 64 * 1024 * 1024 };

void spool_learn(const struct spool *spool, const Pb__HelloReply *hello, const Pb__Response *response, bool named) {
    json_t *seen = seen_read(spool->seen);
    seen_settle(seen, spool->account, hello);
    if (response->body_case == PB__RESPONSE__BODY_SHEET)
        seen_sheet(seen, response->sheet, named);
    if (response->body_case == PB__RESPONSE__BODY_SCORE)
        seen_score(seen, response->score);
    seen_write(spool->seen, seen);
    json_decref(seen);
}

// ---- what has come of one ----

static json_t *add_row(struct spool_run *run, const char *state, uint64_t seq) {
    const struct spool_item *item = &run->entry->item;
    json_t *row = json_object();
    put(row, "id", value_text(run->entry->id));
    put(row, "state", value_text(state));
    put(row, "verb", value_text(spool_item_text(item, "verb")));
    put(row, "period", value_text(spool_item_period(item)));
    put(row, "unit", value_text(spool_item_text(item, "unit")));
    put(row, "seq", value_count(seq != 0, seq));
    put(row, "reason", json_null());
    put(row, "message", json_null());
    append(run->rows, row);
    return row;
}

static bool is_own(const struct spool_run *run) {
    return run->own && !strcmp(run->own, run->entry->id);
}

static int stop(struct spool_run *run, int exit_status, char *message) {
    say_error(&run->quiet.options, exit_status, NULL, "%s", message);
    free(message);
    return exit_status;
}

static int stop_on_folder(struct spool_run *run) {
    return stop(run, EXIT_NO_OUTPUT,
                must_format(_("the spool %s cannot be changed: %s"), run->spool->folder, strerror(errno)));
}

static uint64_t seq_of(const Pb__Response *response) {
    switch (response->body_case) {
    case PB__RESPONSE__BODY_SCORE:
        return response->score->seq;
    case PB__RESPONSE__BODY_SUBMIT:
        return response->submit->seq;
    case PB__RESPONSE__BODY_APPRAISE:
        return response->appraise->seq;
    default:
        return 0;
    }
}

// It is known to be recorded: only now may the request go. `response` may be NULL: there is none any more.
static int recorded(struct spool_run *run, uint64_t seq, const Pb__Response *response) {
    int hello_status, held = spool_hold(run->spool);
    bool removed = held >= 0;
    if (removed && response)
        spool_learn(run->spool, session_hello(run->session, &hello_status), response, true);
    removed = removed && spool_remove(run->spool, run->entry);
    int failed = removed ? EXIT_DONE : stop_on_folder(run);
    spool_let_go(held);
    add_row(run, "acknowledged", seq);
    run->sent++;
    if (is_own(run))
        run->own_status = response ? run->frame(run->ctx, response) : EXIT_DONE;
    return failed;
}

static int acknowledged(void *ctx, const Pb__Response *response) {
    return recorded(ctx, seq_of(response), response);
}

static void note_refusal(struct spool_run *run, const char *reason, const char *message, int exit_status) {
    json_t *row = add_row(run, "parked", 0);
    put(row, "reason", value_text(reason));
    put(row, "message", value_text(message));
    run->parked++;
    if (!run->refused)
        run->refused = exit_status;
    if (is_own(run))
        run->own_status = exit_status;
}

static int park(struct spool_run *run, const Pb__Response *refusal) {
    int held = spool_hold(run->spool);
    bool parked = held >= 0 && spool_park(run->spool, run->entry, refusal);
    int failed = parked ? EXIT_DONE : stop_on_folder(run);
    spool_let_go(held);
    if (parked)
        note_refusal(run, run->why.count ? run->why.complaints[0].reason : NULL, heard_message(&run->why),
                     refusal_exit(refusal));
    if (parked && is_own(run))
        heard_say(&run->client->options, &run->why);
    return failed;
}

// ---- asking ----

// Whether the refusal is of the request itself, whenever it may be sent.
static bool is_final(const Pb__Response *refusal) {
    switch (refusal->status) {
    case PB__STATUS__PERMISSION_DENIED:
    case PB__STATUS__INVALID_ARGUMENT:
    case PB__STATUS__NOT_FOUND:
    case PB__STATUS__CONFLICT:
    case PB__STATUS__FAILED_PRECONDITION:
        return refusal_exit(refusal) != EXIT_PROTOCOL;
    default:
        return false;
    }
}

static bool is_reuse(const Pb__Response *refusal) {
    const char *reason = refusal && refusal->n_problems ? refusal->problems[0]->reason : NULL;
    return reason && !strcmp(reason, "ID_REUSED");
}

// The refusal outlives the questions that it leads to.
static void note_answer(struct spool_run *run) {
    const Pb__Response *refusal = session_refusal(run->session);
    size_t size = refusal ? pb__response__get_packed_size(refusal) : 0;
    uint8_t *bytes = must_alloc(size + 1);
    if (refusal)
        pb__response__pack(refusal, bytes);
    arena_reset(run->arena);
    run->refusal = refusal ? must(message_unpack_response(run->arena, bytes, size)) : NULL;
    free(bytes);
}

static int ask(struct spool_run *run, Pb__Request *request) {
    heard_forget(&run->why);
    int exit_status = session_ask(run->session, request, spool_answer(request), acknowledged, run);
    note_answer(run);
    return exit_status;
}

static int forgive(struct spool_run *run, Pb__Request *guarded, bool *forgiven) {
    struct heard why = run->why;
    run->why = (struct heard){0};
    int failed = guard_forgive(run->session, &run->entry->item, run->spool->account, run->refusal, guarded, forgiven);
    if (failed) {
        run->refusal = NULL;
        heard_forget(&why);
        return failed;
    }
    heard_forget(&run->why);
    run->why = why;
    return EXIT_DONE;
}

// The id is this program's own and is known under neither content: it was recorded with guards that had been moved.
static int settled(struct spool_run *run) {
    int64_t seq = 0;
    const Pb__Problem *problem = run->refusal->problems[0];
    for (size_t i = 0; i < problem->n_arguments; i++)
        if (problem->arguments[i]->value_case == PB__ARGUMENT__VALUE_NUMBER)
            seq = problem->arguments[i]->number;
    heard_forget(&run->why);
    run->refusal = NULL;
    return recorded(run, (uint64_t)seq, NULL);
}

// The steps of the header.
static int ask_guarded(struct spool_run *run, Pb__Request *guarded, bool id_given) {
    const struct spool_item *item = &run->entry->item;
    bool forgiven = false;
    int exit_status = ask(run, guarded);
    if (run->refusal && run->refusal->status == PB__STATUS__CONFLICT) {
        int failed = forgive(run, guarded, &forgiven);
        exit_status = failed ? failed : forgiven ? ask(run, id_given ? item->request : guarded) : exit_status;
    }
    if (is_reuse(run->refusal))
        exit_status = ask(run, item->request);
    return is_reuse(run->refusal) && !id_given ? settled(run) : exit_status;
}

static int ask_once(struct spool_run *run) {
    const struct spool_item *item = &run->entry->item;
    struct arena *arena = must(arena_new(GUARD_BUDGET));
    bool id_given = json_is_true(json_object_get(item->head, "id_given"));
    Pb__Request *guarded = spool_item_guarded(item, arena);
    heard_forget(&run->why);
    if (guarded && id_given && guard_stands(run->session, item))
        guarded = NULL;
    int exit_status = guarded ? ask_guarded(run, guarded, id_given) : ask(run, item->request);
    arena_free(arena);
    return exit_status;
}

static int send_one(struct spool_run *run) {
    size_t sent = run->sent;
    int exit_status = ask_once(run);
    if (!exit_status || run->sent != sent || !run->refusal || !is_final(run->refusal))
        return exit_status;
    exit_status = park(run, run->refusal);
    if (!exit_status)
        heard_forget(&run->why);
    return exit_status;
}

// ---- the run ----

static int open_session(struct spool_run *run) {
    int exit_status = session_open(&run->quiet, &run->session);
    if (!exit_status)
        session_hello(run->session, &exit_status);
    return exit_status;
}

// Whether the head has the same there; what neither side knows is no difference.
static bool is_of(const struct spool_item *item, const char *key, const ProtobufCBinaryData *bytes) {
    uint8_t kept[DIGEST_SIZE];
    return !bytes->len || bytes->len > sizeof(kept) || !spool_item_bytes(item, key, kept, bytes->len) ||
           !memcmp(bytes->data, kept, bytes->len);
}

// What was kept for another server stays: this one's ids and revisions mean something else.
static int check_ledger(struct spool_run *run) {
    int exit_status;
    const struct spool_item *item = &run->entry->item;
    const Pb__HelloReply *hello = session_hello(run->session, &exit_status);
    if (!hello)
        return exit_status;
    bool known = spool_item_text(item, "ledger") != NULL;
    if (known ? is_of(item, "ledger", &hello->ledger) : is_of(item, "pin", &hello->pin))
        return EXIT_DONE;
    return stop(
        run, EXIT_PROTOCOL,
        must_format(_("submission %s was kept for another server, and is not sent to this one"), run->entry->id));
}

// The id of a request that this one builds on and that was not, or cannot be, recorded; NULL: none.
static const char *lost_before(const struct spool_list *list, const struct spool_entry *entry) {
    for (size_t i = 0; i < list->count; i++) {
        const struct spool_entry *before = &list->entries[i];
        if ((before->parked || before->wrong) && *before->id && spool_item_behind(&entry->item, before->id))
            return before->id;
    }
    return NULL;
}

static int park_behind(struct spool_run *run, struct spool_entry *entry, const char *on) {
    int held = spool_hold(run->spool);
    bool parked = held >= 0 && spool_park_behind(run->spool, entry, on);
    int failed = parked ? EXIT_DONE : stop_on_folder(run);
    spool_let_go(held);
    if (!parked)
        return failed;
    char *message = must_format(_("it builds on submission %s, which was not recorded"), on);
    note_refusal(run, SPOOL_BEHIND, message, EXIT_REFUSED);
    if (is_own(run))
        say_reason(&run->client->options, EXIT_REFUSED, SPOOL_BEHIND, _("See: thidua spool list"), "%s", message);
    free(message);
    entry->parked = true;
    return EXIT_DONE;
}

static int handle(struct spool_run *run, const struct spool_list *list, struct spool_entry *entry) {
    const char *lost = lost_before(list, entry);
    size_t parked = run->parked;
    run->entry = entry;
    if (lost)
        return park_behind(run, entry, lost);
    if (run->brief && instant_monotonic() > run->until_ms)
        return stop(run, EXIT_NOT_REACHED, must_strdup(_("there was no time for more")));
    int exit_status = run->session ? EXIT_DONE : open_session(run);
    if (!exit_status)
        exit_status = check_ledger(run);
    if (!exit_status)
        exit_status = send_one(run);
    entry->parked = run->parked > parked;
    return exit_status;
}

// Those in line behind number *last. False: there were none, or the run has ended.
static bool run_line(struct spool_run *run, unsigned *last) {
    struct spool_list list;
    bool any = false;
    spool_read(run->spool, &list);
    for (size_t i = 0; i < list.count && !run->exit_status; i++) {
        if (!spool_waits(run->spool, &list.entries[i]) || list.entries[i].number <= *last)
            continue;
        any = true;
        *last = list.entries[i].number;
        run->exit_status = handle(run, &list, &list.entries[i]);
    }
    spool_list_free(&list);
    return any && !run->exit_status;
}

void spool_run(struct spool_run *run) {
    unsigned last = 0;
    run->rows = json_array();
    run->arena = must(arena_new(REFUSAL_BUDGET));
    run->own_status = -1;
    run->quiet = *run->client;
    run->quiet.no_flush = true;
    run->quiet.options.heard = &run->why;
    if (run->brief && run->quiet.options.timeout_ms > BRIEF_ANSWER_MS)
        run->quiet.options.timeout_ms = BRIEF_ANSWER_MS;
    run->quiet.options.quiet = run->brief || run->quiet.options.quiet;
    run->until_ms = instant_monotonic() + BRIEF_MS;
    run->busy = !spool_may_send(run->spool);
    if (run->busy) {
        run->exit_status = stop(run, EXIT_SPOOLED, must_strdup(_("another process is sending what waits")));
        return;
    }
    while (run_line(run, &last))
        ;
    session_close(run->session);
    run->session = NULL;
}

void spool_run_free(struct spool_run *run) {
    heard_forget(&run->why);
    json_decref(run->rows);
    session_close(run->session);
    arena_free(run->arena);
}

void spool_run_say(const struct spool_run *run) {
    const struct options *options = &run->client->options;
    size_t i;
    json_t *row;
    size_t others = run->sent - (run->own && run->own_status == EXIT_DONE);
    if (others)
        say_notice(options, _("waiting requests that were sent and acknowledged: %zu"), others);
    json_array_foreach(run->rows, i, row) {
        const char *id = json_string_value(json_object_get(row, "id"));
        const char *message = json_string_value(json_object_get(row, "message"));
        if (message && (!run->own || strcmp(run->own, id) != 0))
            say_warning(options,
                        _("submission %s, which waited, was refused and is parked: %s; see: thidua spool list"), id,
                        message);
    }
}

// ---- before another verb ----

bool spool_waits_before(const struct client *client, const struct profile *profile) {
    struct spool spool;
    if (client->no_flush || client->options.no_spool)
        return false;
    spool_open(&spool, profile);
    bool any = spool_any(&spool);
    spool_free(&spool);
    return any;
}

int spool_flush_before(struct client *client, const struct profile *profile) {
    struct spool spool;
    bool reads = !client->arguments.verb || !client->arguments.verb->writes || client->asks;
    struct spool_run run = {.client = client, .spool = &spool, .brief = reads};
    spool_open(&spool, profile);
    spool_run(&run);
    spool_run_say(&run);
    int exit_status = run.exit_status == EXIT_INTERRUPTED ? EXIT_INTERRUPTED : EXIT_DONE;
    if (exit_status)
        heard_say(&client->options, &run.why);
    spool_run_free(&run);
    spool_free(&spool);
    return exit_status;
}
