#include "client/spool_guard.h"

#include <string.h>
#include <strings.h>

// The revision at which the head holds the line; -1: not known.
static json_int_t revision_of(const struct spool_item *item, const Pb__LineInput *line) {
    const json_t *revision = json_object_get(json_object_get(item->head, "revisions"), line->criterion);
    return json_is_integer(revision) ? json_integer_value(revision) : -1;
}

// ---- the sheet ----

struct comparison {
    const struct spool_item *item;
    bool same;
};

static int compare(void *ctx, const Pb__Response *response) {
    struct comparison *comparison = ctx;
    const Pb__SheetReply *sheet = response->sheet;
    const struct spool_item *item = comparison->item;
    const char *period = spool_item_text(item, "period");
    int64_t total_cp = spool_item_number(item, "total_cp", -1);
    comparison->same = (!period || (sheet->period && !strcmp(period, sheet->period))) &&
                       (total_cp < 0 || (sheet->has_total_cp && sheet->total_cp == total_cp));
    for (size_t i = 0; i < sheet->n_lines; i++) {
        const char *code = sheet->lines[i]->criterion;
        const Pb__LineInput *line = code ? spool_item_line(item, code) : NULL;
        if (line && revision_of(item, line) >= 0 && revision_of(item, line) != sheet->lines[i]->revision)
            comparison->same = false;
    }
    return EXIT_DONE;
}

bool guard_stands(struct session *session, const struct spool_item *item) {
    struct comparison comparison = {.item = item};
    Pb__Request request = PB__REQUEST__INIT;
    Pb__SheetQuery query = PB__SHEET_QUERY__INIT;
    if (item->request->body_case == PB__REQUEST__BODY_APPRAISE)
        return false;
    query.period = *spool_period(item->request);
    request.body_case = PB__REQUEST__BODY_SHEET;
    request.sheet = &query;
    return !session_ask(session, &request, PB__RESPONSE__BODY_SHEET, compare, &comparison) && comparison.same;
}

// ---- changes of one's own ----

struct past {
    const struct spool_item *item;
    uint32_t account;
    json_int_t seen; // revision
    bool own;
};

static int look_back(void *ctx, const Pb__Response *response) {
    struct past *past = ctx;
    const Pb__HistoryReply *history = response->history;
    for (size_t i = 0; i < history->n_rows; i++) {
        const Pb__HistoryRow *row = history->rows[i];
        if (!row->event || strcmp(row->event, "score_set") != 0 || row->revision <= past->seen)
            continue;
        if (row->account != past->account)
            past->own = false;
    }
    return EXIT_DONE;
}

static int ask_past(struct session *session, const Pb__LineInput *line, struct past *past) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__HistoryQuery query = PB__HISTORY_QUERY__INIT;
    past->seen = revision_of(past->item, line);
    query.period = spool_item_period(past->item);
    query.criterion = line->criterion;
    request.body_case = PB__REQUEST__BODY_HISTORY;
    request.history = &query;
    int exit_status = session_ask(session, &request, PB__RESPONSE__BODY_HISTORY, look_back, past);
    if (!exit_status || !session_refusal(session))
        return exit_status;
    past->own = false;
    return EXIT_DONE;
}

static const Pb__Argument *argument_of(const Pb__Problem *problem, const char *name) {
    for (size_t i = 0; i < problem->n_arguments; i++)
        if (problem->arguments[i]->name && !strcmp(problem->arguments[i]->name, name))
            return problem->arguments[i];
    return NULL;
}

// The line that the problem is about, and where it stands. NULL: it is another problem, or about a guard of the
// person's.
static const Pb__LineInput *moved_line(const struct spool_item *item, const Pb__Problem *problem, uint32_t *revision) {
    const Pb__Argument *code = argument_of(problem, "criterion"), *now = argument_of(problem, "revision");
    if (!problem->reason || strcmp(problem->reason, "REVISION_MOVED") != 0 || !code || !now ||
        code->value_case != PB__ARGUMENT__VALUE_TEXT || now->value_case != PB__ARGUMENT__VALUE_NUMBER)
        return NULL;
    const Pb__LineInput *line = spool_item_line(item, code->text);
    *revision = (uint32_t)now->number;
    return line && !line->has_if_revision && revision_of(item, line) >= 0 ? line : NULL;
}

static void move_guard(Pb__Score *score, const char *code, uint32_t revision) {
    for (size_t i = 0; i < score->n_lines; i++)
        if (score->lines[i]->criterion && !strcasecmp(score->lines[i]->criterion, code))
            score->lines[i]->if_revision = revision;
}

int guard_forgive(struct session *session, const struct spool_item *item, uint32_t account, const Pb__Response *refusal,
                  Pb__Request *guarded, bool *forgiven) {
    struct past past = {.item = item, .account = account, .own = guarded->body_case == PB__REQUEST__BODY_SCORE};
    int exit_status = EXIT_DONE;
    for (size_t i = 0; i < refusal->n_problems && past.own && !exit_status; i++) {
        uint32_t revision;
        const Pb__LineInput *line = moved_line(item, refusal->problems[i], &revision);
        past.own = line != NULL;
        if (!line)
            break;
        exit_status = ask_past(session, line, &past);
        move_guard(guarded->score, line->criterion, revision);
    }
    *forgiven = !exit_status && past.own && refusal->n_problems > 0;
    return exit_status;
}
