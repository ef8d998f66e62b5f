// bonus and deduct: points beside the criteria's own.
#include <string.h>

#include "client/output/value.h"
#include "client/points.h"
#include "client/verbs.h"
#include "client/verbs/shapes.h"

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"criterion", N_("Criterion"), CELL_CODE, IN_CSV, NULL},
    {"criterion", N_("Deducted from"), CELL_CODE, IF_SAID, NULL},
    {"points", N_("Given"), CELL_POINTS, EVERYWHERE, NULL},
    {"bonus", N_("Bonus in all"), CELL_POINTS, EVERYWHERE, NULL},
    {"deduction", N_("Deduction that counts in all"), CELL_POINTS, EVERYWHERE, NULL},
    {"total", N_("Appraised total"), CELL_POINTS, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {"replayed", N_("Known before"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct report report = {.head = head};

static json_t *shape(struct client *client, const Pb__Response *response) {
    static const Pb__Figures none = PB__FIGURES__INIT;
    const Pb__AdjustReply *reply = response->adjust;
    const Pb__Figures *figures = reply->appraised ? reply->appraised : &none;
    json_t *object = client_written(client, reply->has_seq, reply->seq);
    put(object, "unit", value_text(reply->unit));
    put(object, "criterion", value_text(reply->criterion));
    put(object, "points", value_points(reply->has_points_cp, reply->points_cp));
    put(object, "bonus", value_points(figures->has_bonus_cp, figures->bonus_cp));
    put(object, "deduction", value_points(figures->has_deduction_cp, figures->deduction_cp));
    put(object, "total", value_points(figures->has_total_cp, figures->total_cp));
    put(object, "replayed", value_flag(reply->has_replayed && reply->replayed));
    put(object, "period", value_text(reply->period));
    return object;
}

// ---- what counts of a deduction ----

static const json_t *line_of(const json_t *sheet, const char *code) {
    size_t i;
    json_t *line;
    json_array_foreach(json_object_get(sheet, "lines"), i, line) {
        const char *known = json_string_value(json_object_get(line, "criterion"));
        if (known && !strcmp(known, code))
            return line;
    }
    return NULL;
}

// The sheet as it is now; NULL where it cannot be read: what was written stands, and nothing is said of it.
static json_t *ask_sheet(struct client *client, const char *period, const char *unit) {
    static const struct report none;
    Pb__Request request = PB__REQUEST__INIT;
    Pb__SheetQuery query = PB__SHEET_QUERY__INIT;
    struct heard heard = {0}, *before = client->options.heard;
    json_t *sheet;
    query.period = period;
    query.unit = unit;
    request.body_case = PB__REQUEST__BODY_SHEET;
    request.sheet = &query;
    client->options.heard = &heard;
    client->asks = true;
    client_gather(client, &request, PB__RESPONSE__BODY_SHEET, sheet_shape, &none, &sheet);
    client->asks = false;
    client->options.heard = before;
    heard_forget(&heard);
    return sheet;
}

static void next(struct client *client, const json_t *answer) {
    const char *criterion = json_string_value(json_object_get(answer, "criterion"));
    const char *unit = json_string_value(json_object_get(answer, "unit"));
    char given[POINTS_TEXT], counted[POINTS_TEXT], mark = options_mark(&client->options);
    if (!criterion || client->options.quiet || client->options.output != OUTPUT_TABLE)
        return;
    json_t *sheet = ask_sheet(client, json_string_value(json_object_get(answer, "period")), unit);
    const json_t *line = line_of(sheet, criterion);
    int64_t deducted = value_points_of(line, "deducted", 0), appraised = value_points_of(line, "appraised", 0);
    if (deducted > appraised)
        say_notice(&client->options, _("Of the %s deducted from %s so far %s count: at most its appraised points."),
                   points_for_people(given, deducted, mark), criterion, points_for_people(counted, appraised, mark));
    json_decref(sheet);
}

// ---- the verbs ----

// `criterion` NULL: a bonus.
static int adjust(struct client *client, const char *criterion, const char *points) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Adjust adjust = PB__ADJUST__INIT;
    int exit_status = client_points(client, client->arguments.verb->name, points, &adjust.points_cp);
    if (!exit_status && !adjust.points_cp)
        exit_status =
            say_error(&client->options, EXIT_REFUSED, _("Give points above 0."), _("“%s” changes nothing"), points);
    if (!exit_status)
        exit_status = client_reason(client, &adjust.reason);
    if (exit_status)
        return exit_status;
    if (!client_period(client, &adjust.period) ||
        !client_text(client, "UNIT", client_operand(client, 0), &adjust.unit) ||
        !client_text(client, "CODE", criterion, &adjust.criterion))
        return EXIT_REFUSED;
    adjust.has_points_cp = true;
    request.body_case = PB__REQUEST__BODY_ADJUST;
    request.adjust = &adjust;
    return client_ask_next(client, &request, PB__RESPONSE__BODY_ADJUST, shape, &report, next);
}

int run_bonus(struct client *client) {
    return adjust(client, NULL, client_operand(client, 1));
}

int run_deduct(struct client *client) {
    return adjust(client, client_operand(client, 1), client_operand(client, 2));
}
