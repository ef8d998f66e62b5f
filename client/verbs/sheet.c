#include <stdlib.h>

#include "client/memory.h"
#include "client/output/reflect.h"
#include "client/output/value.h"
#include "client/points.h"
#include "client/verbs.h"
#include "client/verbs/shapes.h"

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"name", N_("Name"), CELL_TEXT, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"sheet", N_("Sheet"), CELL_WORD, EVERYWHERE, NULL},
    {"sheet_revision", N_("Hand-in"), CELL_COUNT, EVERYWHERE, NULL},
    {"late", N_("Late"), CELL_LATE, EVERYWHERE, NULL},
    {"return_reason", N_("Returned because"), CELL_TEXT, IF_SAID, NULL},
    {"until", N_("Own deadline"), CELL_TIME, IF_SAID, NULL},
    {"most", N_("Maximum"), CELL_TEXT, EVERYWHERE, NULL},
    {"total", N_("Self-scored total"), CELL_POINTS, EVERYWHERE, NULL},
    {"bonus", N_("Bonus"), CELL_POINTS, IF_SAID, "appraised"},
    {"deduction", N_("Deduction that counts"), CELL_POINTS, IF_SAID, "appraised"},
    {"total", N_("Appraised total"), CELL_POINTS, IF_SAID, "appraised"},
    {"total", N_("Final total"), CELL_POINTS, IF_SAID, "final"},
    {"hold", N_("On hold"), CELL_TEXT, IF_SAID, NULL},
    {"awards", N_("Nominated for"), CELL_TEXTS, IF_SAID, NULL},
    {0},
};

static const struct column lines[] = {
    {"unit", N_("Unit"), CELL_CODE, IN_CSV, NULL},
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL},
    {"title", N_("Title"), CELL_TEXT, IN_TABLE, NULL},
    {"max", N_("Max"), CELL_POINTS, IN_TABLE, NULL},
    {"points", N_("Self-scored"), CELL_ASSIGNED, EVERYWHERE, NULL},
    {"appraised", N_("Appraisal"), CELL_ASSIGNED, IF_SAID, NULL},
    {"deducted", N_("Deducted"), CELL_POINTS, IF_SAID, NULL},
    {"final", N_("Final"), CELL_ASSIGNED, IF_SAID, NULL},
    {"actual", N_("Actual"), CELL_AMOUNT, EVERYWHERE, NULL},
    {"note", N_("Note"), CELL_TEXT, EVERYWHERE, NULL},
    {"evidence", N_("Evidence"), CELL_EVIDENCE, EVERYWHERE, NULL},
    {"revision", N_("Revision"), CELL_COUNT, EVERYWHERE, NULL},
    {"appraised_reason", N_("Reason of the appraisal"), CELL_TEXT, IF_SAID, NULL},
    {"explanation", N_("Explanation"), CELL_TEXT, IF_SAID, NULL},
    {0},
};

static const struct column adjustments[] = {
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"time", N_("Time"), CELL_TIME, EVERYWHERE, NULL},
    {"actor", N_("Actor"), CELL_CODE, EVERYWHERE, NULL},
    {"what", N_("What"), CELL_TEXT, IF_SAID, NULL},
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL},
    {"points", N_("Points"), CELL_POINTS, EVERYWHERE, NULL},
    {"reason", N_("Reason"), CELL_TEXT, EVERYWHERE, NULL},
    {0},
};

static const struct section sections[] = {
    {"lines", NULL, lines},
    {"adjustments", N_("Bonus and deductions"), adjustments},
    {0},
};
// The appraised total is of what has been appraised so far.
static char *note(const json_t *answer) {
    long long pending = 0;
    size_t i;
    json_t *line;
    json_array_foreach(json_object_get(answer, "lines"), i, line) {
        bool assigned = json_is_true(json_object_get(line, "assigned"));
        pending += assigned && json_is_null(json_object_get(line, "appraised"));
    }
    if (!pending || json_is_null(json_object_get(answer, "appraised")))
        return NULL;
    return must_format(_("STILL TO APPRAISE: %lld; the appraised total is without them."), pending);
}

static const struct report report = {.head = head, .sections = sections, .note = note};

static json_t *line_shape(const Pb__SheetReply *reply, const Pb__SheetLine *line) {
    json_t *object = must(json_object()), *rest = reflect_all(&line->base);
    put(object, "unit", value_text(reply->unit));
    if (json_object_update(object, rest))
        must(NULL);
    json_decref(rest);
    return object;
}

static json_t *figures_shape(const Pb__Figures *figures) {
    if (!figures)
        return json_null();
    json_t *object = must(json_object());
    put(object, "base", value_points(figures->has_base_cp, figures->base_cp));
    put(object, "bonus", value_points(figures->has_bonus_cp, figures->bonus_cp));
    put(object, "deduction", value_points(figures->has_deduction_cp, figures->deduction_cp));
    put(object, "total", value_points(figures->has_total_cp, figures->total_cp));
    return object;
}

static void put_judgement(json_t *object, const Pb__SheetReply *reply) {
    json_t *list = must(json_array());
    for (size_t i = 0; i < reply->n_adjustments; i++)
        append(list, reflect_all(&reply->adjustments[i]->base));
    put(object, "appraised", figures_shape(reply->appraised));
    put(object, "final", figures_shape(reply->final));
    put(object, "adjustments", list);
    put(object, "hold", value_text(reply->hold));
    put(object, "awards", value_texts(reply->n_awards, reply->awards));
    put(object, "until", value_deadline(reply->has_until_ms, reply->until_ms));
    put(object, "late_seconds", value_seconds(reply->has_late_ms, reply->late_ms));
}

json_t *sheet_shape(struct client *client, const Pb__Response *response) {
    const Pb__SheetReply *reply = response->sheet;
    json_t *object = must(json_object()), *list = must(json_array());
    (void)client;
    for (size_t i = 0; i < reply->n_lines; i++)
        append(list, line_shape(reply, reply->lines[i]));
    put(object, "period", value_text(reply->period));
    put(object, "unit", value_text(reply->unit));
    put(object, "name", value_text(reply->name));
    put(object, "seq", value_count(reply->has_seq, reply->seq));
    put(object, "sheet", value_enum(&pb__sheet_state__descriptor, reply->has_state, (int)reply->state));
    put(object, "sheet_revision", value_count(reply->has_sheet_revision, reply->sheet_revision));
    put(object, "total", value_points(reply->has_total_cp, reply->total_cp));
    put(object, "maximum", value_points(reply->has_of_cp, reply->of_cp)); // the period's total
    put(object, "late", value_flag(reply->has_late && reply->late));
    put(object, "lines", list);
    put_judgement(object, reply);
    put(object, "max", value_points(reply->has_max_cp, reply->max_cp)); // what this unit can reach
    put(object, "return_reason", value_text(reply->return_reason));
    return object;
}

// What the unit can reach, and the period's total where criteria that are not assigned make it less.
static char *maximum_words(const json_t *answer, char mark) {
    char own[POINTS_TEXT], all[POINTS_TEXT];
    int64_t total = value_points_of(answer, "maximum", -1), max = value_points_of(answer, "max", total);
    if (max < 0)
        return NULL;
    points_for_people(own, max, mark);
    if (total < 0 || total == max)
        return must_strdup(own);
    return must_format(_("%s; the period's total is %s"), own, points_for_people(all, total, mark));
}

// The words are for the table alone: to programs the values say it.
static void add_words(const struct client *client, json_t *answer) {
    char *most = maximum_words(answer, options_mark(&client->options));
    size_t i;
    json_t *row;
    put(answer, "most", value_text(most));
    free(most);
    json_array_foreach(json_object_get(answer, "adjustments"), i, row)
        put(row, "what", value_text(json_is_null(json_object_get(row, "criterion")) ? _("bonus") : _("deduction")));
}

static int ask(struct client *client, Pb__Request *request) {
    json_t *answer;
    int exit_status = client_gather(client, request, PB__RESPONSE__BODY_SHEET, sheet_shape, &report, &answer);
    if (!exit_status && client->options.output == OUTPUT_TABLE)
        add_words(client, answer);
    if (!exit_status)
        exit_status = client_show(client, &report, answer);
    json_decref(answer);
    return exit_status;
}

int run_sheet(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__SheetQuery query = PB__SHEET_QUERY__INIT;
    if (!client_period(client, &query.period) || !client_text(client, "UNIT", client_operand(client, 0), &query.unit))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_SHEET;
    request.sheet = &query;
    return ask(client, &request);
}
