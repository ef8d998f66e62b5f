#include "client/spool_ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/value.h"
#include "client/points.h"
#include "client/spool_basis.h"
#include "client/spool_seen.h"
#include "client/spool_send.h"

// One write and its spool.
struct writing {
    struct client *client;
    struct profile profile;
    struct spool spool;
    Pb__Request *request;
    Pb__Response__BodyCase wanted;
    session_frame *frame;
    void *ctx;
    struct session *session;
    struct heard why; // of a failure
    char id[UUID_TEXT];
};

// ---- keeping ----

static int say_not_kept(const struct writing *writing, const char *why) {
    char *resend = client_resend(writing->client);
    char *hint = must_format(
        _("Its outcome is unknown where it was sent. Sending it again with the same id is safe: %s"), resend);
    say_error(&writing->client->options, EXIT_NO_OUTPUT, hint,
              _("submission %s was NOT kept: the spool %s cannot be written: %s (%s)"), writing->id,
              writing->spool.folder ? writing->spool.folder : "", strerror(errno), why);
    free(hint);
    free(resend);
    return EXIT_NO_OUTPUT;
}

// What the one who reads it should know of what is sent later.
static void say_basis(const struct writing *writing, const json_t *head) {
    const struct options *options = &writing->client->options;
    char points[POINTS_TEXT];
    const json_t *total = json_object_get(head, "total_cp");
    if (json_is_integer(total))
        say_warning(options, _("it hands in a total of %s, and nothing else"),
                    points_for_people(points, json_integer_value(total), options_mark(options)));
    if (!spool_basis_guards(writing->request, head))
        say_warning(options, _("its lines were never seen here: a change that another account makes meanwhile is not "
                               "noticed. Look at it when the server is back: thidua history"));
}

static int say_kept(const struct options *options, const char *id, const char *why) {
    struct complaint complaint = {.status = "UNAVAILABLE", .reason = "KEPT_IN_SPOOL"};
    complaint.message = must_format(_("kept in the spool, NOT YET ACKNOWLEDGED: submission %s. %s"), id, why);
    complaint.hint = must_strdup(_("It is sent with the next call of thidua that reaches the server, or with: thidua "
                                   "spool flush. See it: thidua spool list"));
    complaint.arguments = json_object();
    put(complaint.arguments, "id", value_text(id));
    say_complaints(options, &complaint, 1);
    complaint_free(&complaint);
    return EXIT_SPOOLED;
}

// Keeps it, if it can stand alone. 0: kept; EXIT_NOT_REACHED: it cannot; or the exit status of what has been said.
static int keep(struct writing *writing, const char *why, json_t **head) {
    struct spool_list list;
    int held = spool_hold(&writing->spool);
    if (held < 0)
        return say_not_kept(writing, why);
    json_t *seen = seen_read(writing->spool.seen);
    seen_settle(seen, writing->profile.account, NULL);
    spool_read(&writing->spool, &list);
    *head = spool_basis(writing->client, &writing->profile, &writing->spool, &list, seen, writing->request);
    int exit_status = EXIT_DONE;
    if (!spool_basis_suffices(writing->request, *head))
        exit_status = EXIT_NOT_REACHED;
    else if (!spool_keep(&writing->spool, *head, writing->request))
        exit_status = say_not_kept(writing, why);
    spool_list_free(&list);
    json_decref(seen);
    spool_let_go(held);
    return exit_status;
}

static void say_no_total(const struct writing *writing) {
    say_warning(&writing->client->options,
                _("it is not kept: the total that it would hand in is not known here. Look at it once the server is "
                  "back, then hand in: thidua sheet, thidua submit"));
}

// The server was not reached, or has not answered.
static int keep_failed(struct writing *writing, int failed) {
    json_t *head = NULL;
    int exit_status = keep(writing, heard_message(&writing->why), &head);
    if (exit_status == EXIT_NOT_REACHED) {
        heard_say(&writing->client->options, &writing->why);
        say_no_total(writing);
        exit_status = failed;
    } else if (!exit_status) {
        exit_status = say_kept(&writing->client->options, writing->id, heard_message(&writing->why));
        say_basis(writing, head);
    }
    json_decref(head);
    return exit_status;
}

// ---- nothing waits: it is asked at once ----

static int look(void *ctx, const Pb__Response *response) {
    struct writing *writing = ctx;
    spool_saw_sheet(writing->client, writing->session, writing->request, response);
    return EXIT_DONE;
}

// A hand-in names the total that stands now; scores build on what was seen, once anything was.
static bool should_look(struct writing *writing) {
    const char *id;
    if (writing->request->body_case == PB__REQUEST__BODY_APPRAISE)
        return false;
    json_t *seen = seen_read(writing->spool.seen);
    seen_settle(seen, writing->profile.account, NULL);
    bool known = seen_period(seen, *spool_period(writing->request), &id) != NULL;
    json_decref(seen);
    return writing->request->body_case == PB__REQUEST__BODY_SUBMIT || !known;
}

// A sheet that is refused is no matter here: so will be the write, and it says why.
static int look_first(struct writing *writing) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__SheetQuery query = PB__SHEET_QUERY__INIT;
    if (!should_look(writing))
        return EXIT_DONE;
    query.period = *spool_period(writing->request);
    request.body_case = PB__REQUEST__BODY_SHEET;
    request.sheet = &query;
    int exit_status = session_ask(writing->session, &request, PB__RESPONSE__BODY_SHEET, look, writing);
    const Pb__Response *refusal = session_refusal(writing->session);
    if (!exit_status || !refusal || refusal->status == PB__STATUS__UNAUTHENTICATED ||
        refusal->status == PB__STATUS__UNAVAILABLE || refusal->status == PB__STATUS__RESOURCE_EXHAUSTED)
        return exit_status;
    heard_forget(&writing->why);
    return EXIT_DONE;
}

static int answered(void *ctx, const Pb__Response *response) {
    struct writing *writing = ctx;
    int exit_status, held = response->body_case == PB__RESPONSE__BODY_SCORE ? spool_hold(&writing->spool) : -1;
    if (held >= 0)
        spool_learn(&writing->spool, session_hello(writing->session, &exit_status), response, true);
    spool_let_go(held);
    return writing->frame(writing->ctx, response);
}

static int ask_at_once(struct writing *writing) {
    struct client quiet = *writing->client;
    quiet.no_flush = true;
    quiet.options.heard = &writing->why;
    int exit_status = session_open(&quiet, &writing->session);
    if (!exit_status)
        exit_status = look_first(writing);
    if (!exit_status)
        exit_status = session_ask(writing->session, writing->request, writing->wanted, answered, writing);
    session_close(writing->session);
    if (exit_status == EXIT_NOT_REACHED || exit_status == EXIT_UNKNOWN)
        return keep_failed(writing, exit_status);
    heard_say(&writing->client->options, &writing->why);
    return exit_status;
}

// ---- others wait: it stands in line ----

static int say_run(struct writing *writing, const struct spool_run *run, const json_t *head) {
    spool_run_say(run);
    if (run->own_status >= 0)
        return run->own_status;
    int exit_status = say_kept(&writing->client->options, writing->id,
                               run->exit_status ? heard_message(&run->why) : _("Others wait before it."));
    if (head)
        say_basis(writing, head);
    return exit_status;
}

static int send_line(struct writing *writing, const json_t *head) {
    struct spool_run run = {.client = writing->client,
                            .spool = &writing->spool,
                            .own = writing->id,
                            .frame = writing->frame,
                            .ctx = writing->ctx};
    spool_run(&run);
    int exit_status = say_run(writing, &run, head);
    spool_run_free(&run);
    return exit_status;
}

// It needs to know more than can be known while others wait: they go first, all of them or it does not.
static int send_after_all(struct writing *writing) {
    struct spool_run run = {.client = writing->client, .spool = &writing->spool};
    spool_run(&run);
    spool_run_say(&run);
    int exit_status = EXIT_DONE;
    if (run.parked)
        exit_status = say_error(&writing->client->options, run.refused, _("See: thidua spool list"),
                                _("it was not sent: a request before it was refused"));
    else if (run.exit_status)
        exit_status = EXIT_NOT_REACHED;
    if (exit_status && !run.parked) {
        heard_say(&writing->client->options, &run.why);
        say_no_total(writing);
    }
    spool_run_free(&run);
    return exit_status ? exit_status : ask_at_once(writing);
}

static int join_line(struct writing *writing) {
    json_t *head = NULL;
    int exit_status = keep(writing, _("Others wait before it."), &head);
    if (exit_status == EXIT_NOT_REACHED)
        exit_status = send_after_all(writing);
    else if (!exit_status)
        exit_status = send_line(writing, head);
    json_decref(head);
    return exit_status;
}

// The same command again, with the id of one that waits already.
static int again(struct writing *writing, const struct spool_entry *entry) {
    uint8_t own[DIGEST_SIZE], known[DIGEST_SIZE];
    if (entry->wrong || !message_digest(writing->request, own) || !message_digest(entry->item.request, known) ||
        memcmp(own, known, DIGEST_SIZE) != 0)
        return say_reason(&writing->client->options, EXIT_REFUSED, "ID_REUSED", _("Use a new id for a new request."),
                          _("submission %s already names another request, which is in the spool"), writing->id);
    if (entry->parked)
        return say_error(&writing->client->options, EXIT_REFUSED, _("See: thidua spool list"),
                         _("submission %s was refused before and is parked"), writing->id);
    return send_line(writing, NULL);
}

// A hand-in is of what stands on the server: not of what was refused.
static void warn_of_parked(const struct writing *writing, const struct spool_list *list) {
    size_t parked = 0;
    for (size_t i = 0; i < list->count; i++)
        parked += list->entries[i].parked || list->entries[i].wrong;
    if (parked && writing->request->body_case == PB__REQUEST__BODY_SUBMIT)
        say_warning(
            &writing->client->options,
            _("this hands in the sheet without %zu requests that were refused or are damaged; see: thidua spool list"),
            parked);
}

static int ask_in_line(struct writing *writing) {
    struct spool_list list;
    spool_read(&writing->spool, &list);
    warn_of_parked(writing, &list);
    const struct spool_entry *same = spool_find(&list, writing->id);
    int exit_status = same                         ? again(writing, same)
                      : spool_any(&writing->spool) ? join_line(writing)
                                                   : ask_at_once(writing);
    spool_list_free(&list);
    return exit_status;
}

// ---- the doors ----

static int ask_plainly(struct client *client, Pb__Request *request, Pb__Response__BodyCase wanted, session_frame *frame,
                       void *ctx) {
    struct session *session;
    int exit_status = session_open(client, &session);
    if (!exit_status)
        exit_status = session_ask(session, request, wanted, frame, ctx);
    session_close(session);
    return exit_status;
}

// Whether there is a spool for what this client writes. writing_end in any case.
static bool writing_begin(struct writing *writing, struct client *client, const Pb__Request *request) {
    struct heard unsaid = {0};
    struct client quiet = *client;
    *writing = (struct writing){.client = client, .spool = {.sending = -1}};
    if (client->options.no_spool || (request && !spool_keeps(request)))
        return false;
    quiet.options.heard = &unsaid;
    bool account = session_account(&quiet, &writing->profile);
    heard_forget(&unsaid);
    spool_open(&writing->spool, &writing->profile);
    if (request)
        uuid_text(writing->id, request->submission.data);
    return account && writing->spool.folder;
}

static void writing_end(struct writing *writing) {
    heard_forget(&writing->why);
    spool_free(&writing->spool);
    profile_free(&writing->profile);
}

int spool_ask(struct client *client, Pb__Request *request, Pb__Response__BodyCase wanted, session_frame *frame,
              void *ctx) {
    struct writing writing;
    bool spools = writing_begin(&writing, client, request);
    writing.request = request;
    writing.wanted = wanted;
    writing.frame = frame;
    writing.ctx = ctx;
    int exit_status = spools ? ask_in_line(&writing) : ask_plainly(client, request, wanted, frame, ctx);
    writing_end(&writing);
    return exit_status;
}

int spool_keep_one(struct client *client, const Pb__Request *request) {
    struct writing writing;
    json_t *head = NULL;
    int exit_status = EXIT_NOT_REACHED;
    if (writing_begin(&writing, client, request)) {
        writing.request = (Pb__Request *)request;
        exit_status = keep(&writing, _("The server cannot be reached, or does not answer."), &head);
        if (exit_status == EXIT_NOT_REACHED)
            say_no_total(&writing);
    }
    json_decref(head);
    writing_end(&writing);
    return exit_status ? exit_status : EXIT_SPOOLED;
}

int spool_kept_say(const struct client *client, size_t count, const char *why) {
    char *number = must_format("%zu", count);
    say_reason(&client->options, EXIT_SPOOLED, "KEPT_IN_SPOOL",
               _("They are sent with the next call of thidua that reaches the server, or with: thidua spool flush. See "
                 "them: thidua spool list"),
               _("kept in the spool, NOT YET ACKNOWLEDGED: %s requests. %s"), number, why);
    free(number);
    return EXIT_SPOOLED;
}

bool spool_in_line(struct client *client) {
    struct writing writing;
    bool any = writing_begin(&writing, client, NULL) && spool_any(&writing.spool);
    writing_end(&writing);
    return any;
}

void spool_saw_sheet(struct client *client, struct session *session, const Pb__Request *request,
                     const Pb__Response *response) {
    struct writing writing;
    int exit_status;
    const char *period =
        request->body_case == PB__REQUEST__BODY_SHEET ? request->sheet->period : *spool_period(request);
    bool own = request->body_case != PB__REQUEST__BODY_SHEET || !request->sheet->unit;
    if (own && writing_begin(&writing, client, NULL)) {
        int held = spool_hold(&writing.spool);
        if (held >= 0)
            spool_learn(&writing.spool, session_hello(session, &exit_status), response, period != NULL);
        spool_let_go(held);
    }
    if (own)
        writing_end(&writing);
}
