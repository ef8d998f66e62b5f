// bonus and deduct: points beside the criteria's own.
#include "client/output/value.h"
#include "client/verbs.h"

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

static void next(struct client *client, const json_t *answer) {
    if (!json_is_null(json_object_get(answer, "criterion")))
        say_notice(&client->options, _("From each criterion at most its appraised points are deducted."));
}

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
