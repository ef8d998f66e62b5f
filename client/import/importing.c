#include "client/import/importing.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/value.h"
#include "client/refusal.h"
#include "client/spool_ask.h"

// ---- what the server knows ----

enum { ASK_WHO, ASK_PERIOD, ASK_STANDING, QUESTIONS };

struct questions {
    struct importing *importing;
    Pb__Request request;
    Pb__Whoami whoami;
    Pb__PeriodQuery period;
    Pb__SheetQuery sheet;
    Pb__TotalsQuery totals;
    const Pb__Response *answers[QUESTIONS];
};

static Pb__Request *ask_question(void *ctx, size_t i) {
    struct questions *questions = ctx;
    Pb__Request *request = &questions->request;
    pb__request__init(request);
    if (i == ASK_WHO) {
        request->body_case = PB__REQUEST__BODY_WHOAMI;
        request->whoami = &questions->whoami;
    } else if (i == ASK_PERIOD) {
        request->body_case = PB__REQUEST__BODY_PERIOD;
        request->period = &questions->period;
    } else if (questions->importing->kind == IMPORT_OWN) {
        request->body_case = PB__REQUEST__BODY_SHEET;
        request->sheet = &questions->sheet;
    } else {
        request->body_case = PB__REQUEST__BODY_TOTALS;
        request->totals = &questions->totals;
    }
    return request;
}

static const Pb__Response *kept(struct arena *arena, const Pb__Response *response) {
    size_t size = pb__response__get_packed_size(response);
    uint8_t *bytes = must(arena_alloc(arena, size));
    pb__response__pack(response, bytes);
    return must(message_unpack_response(arena, bytes, size));
}

static int take_answer(void *ctx, size_t i, const Pb__Response *response) {
    struct questions *questions = ctx;
    struct importing *importing = questions->importing;
    questions->answers[i] = kept(importing->client->arena, response);
    if (response->body_case == PB__RESPONSE__BODY_SHEET && pipeline_is(response, PB__RESPONSE__BODY_SHEET))
        spool_saw_sheet(importing->client, importing->session, &questions->request, response);
    return EXIT_DONE;
}

static int refuse_locally(struct importing *importing, const struct problems *problems) {
    Pb__Response response = PB__RESPONSE__INIT;
    problems_answer(problems, &response);
    return refusal_say(&importing->quiet.options, &response);
}

// Who may is judged before whether it can be done.
static int judge_role(struct importing *importing) {
    char role[ENUM_NAME];
    bool head = importing->who->role == PB__ROLE__HEAD, own = importing->kind == IMPORT_OWN;
    bool officer = importing->who->role == PB__ROLE__OFFICER && !importing->submits;
    if (head || (own ? officer : importing->who->role == PB__ROLE__CITY))
        return EXIT_DONE;
    struct problems problems;
    problems_init(&problems, importing->client->arena);
    problem(&problems, REASON_ROLE_NOT_PERMITTED,
            arg_text("role", enum_name(role, &pb__role__descriptor, (int)importing->who->role)),
            arg_text("needed", !own                 ? "city, head"
                               : importing->submits ? "head"
                                                    : "officer, head"));
    return refuse_locally(importing, &problems);
}

static int not_understood(struct importing *importing) {
    return say_error(&importing->quiet.options, EXIT_PROTOCOL,
                     _("Check that the address is that of thiduad, and both versions: thidua version"), "%s",
                     _("the answer is to another question"));
}

static int take_definition(struct importing *importing) {
    struct problems problems;
    problems_init(&problems, importing->client->arena);
    const Pb__PeriodDefinition *definition = importing->about->definition;
    if (!definition || !message_validate(&definition->base, &problems))
        return not_understood(importing);
    roster_init(&importing->roster, definition);
    return EXIT_DONE;
}

static int judge_answers(struct importing *importing, const struct questions *questions) {
    static const Pb__Response__BodyCase wanted[] = {PB__RESPONSE__BODY_WHOAMI, PB__RESPONSE__BODY_PERIOD};
    bool own = importing->kind == IMPORT_OWN;
    for (size_t i = 0; i < QUESTIONS; i++) {
        const Pb__Response *answer = questions->answers[i];
        Pb__Response__BodyCase body = i < ASK_STANDING ? wanted[i]
                                      : own            ? PB__RESPONSE__BODY_SHEET
                                                       : PB__RESPONSE__BODY_TOTALS;
        if (answer->status != PB__STATUS__OK)
            return refusal_say(&importing->quiet.options, answer);
        if (!pipeline_is(answer, body))
            return not_understood(importing);
        if (i == ASK_WHO)
            importing->who = answer->whoami;
        int exit_status = i == ASK_WHO ? judge_role(importing) : EXIT_DONE;
        if (exit_status)
            return exit_status;
    }
    importing->about = questions->answers[ASK_PERIOD]->period;
    if (own)
        importing->sheet = questions->answers[ASK_STANDING]->sheet;
    else
        importing->board = questions->answers[ASK_STANDING]->totals;
    return take_definition(importing);
}

int importing_learn(struct importing *importing) {
    struct questions questions = {.importing = importing};
    struct pipeline pipeline = {.n = QUESTIONS, .ask = ask_question, .answer = take_answer, .ctx = &questions};
    pb__whoami__init(&questions.whoami);
    pb__period_query__init(&questions.period);
    pb__sheet_query__init(&questions.sheet);
    pb__totals_query__init(&questions.totals);
    questions.period.period = questions.sheet.period = questions.totals.period = importing->period;
    questions.totals.has_column = true;
    questions.totals.column = PB__COLUMN__COLUMN_APPRAISED;
    importing->quiet = *importing->client;
    importing->quiet.options.heard = &importing->heard;
    importing->quiet.unsure = _("Run the same import again: what was recorded stands already, and is left out.");
    int exit_status = session_open(&importing->quiet, &importing->session);
    if (!exit_status)
        exit_status = pipeline_run(&pipeline, importing->session);
    return exit_status ? exit_status : judge_answers(importing, &questions);
}

// ---- one request ----

struct one {
    Pb__Request *request;
    const Pb__Response *response;
};

static Pb__Request *ask_one(void *ctx, size_t i) {
    (void)i;
    return ((struct one *)ctx)->request;
}

static int take_one(void *ctx, size_t i, const Pb__Response *response) {
    (void)i;
    ((struct one *)ctx)->response = response;
    return EXIT_DONE;
}

const Pb__Response *importing_ask(struct importing *importing, Pb__Request *request, int *exit_status) {
    struct one one = {.request = request};
    struct pipeline pipeline = {.n = 1, .ask = ask_one, .answer = take_one, .ctx = &one};
    *exit_status = pipeline_run(&pipeline, importing->session);
    return one.response;
}

bool importing_may_keep(int exit_status) {
    return exit_status == EXIT_NOT_REACHED || exit_status == EXIT_UNKNOWN;
}

int importing_say(struct importing *importing, int exit_status) {
    heard_say(&importing->client->options, &importing->heard);
    heard_forget(&importing->heard);
    return exit_status;
}
