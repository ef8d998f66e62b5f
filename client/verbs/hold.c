#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"held", N_("On hold"), CELL_FLAG, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {"replayed", N_("Known before"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct report report = {.head = head};

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__HoldReply *reply = response->hold;
    json_t *object = client_written(client, reply->has_seq, reply->seq);
    put(object, "unit", value_text(reply->unit));
    put(object, "held", value_flag(reply->has_held && reply->held));
    put(object, "replayed", value_flag(reply->has_replayed && reply->replayed));
    put(object, "period", value_text(reply->period));
    return object;
}

static void next(struct client *client, const json_t *answer) {
    if (json_is_true(json_object_get(answer, "held")))
        say_notice(&client->options, _("The points count on; the unit cannot be nominated until the hold is lifted."));
    else
        say_notice(&client->options, _("The unit can be nominated: thidua nominate UNIT AWARD"));
}

int run_hold(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Hold hold = PB__HOLD__INIT;
    int exit_status = client_reason(client, &hold.reason);
    if (exit_status)
        return exit_status;
    if (!client_period(client, &hold.period) || !client_text(client, "UNIT", client_operand(client, 0), &hold.unit))
        return EXIT_REFUSED;
    hold.has_lift = hold.lift = arguments_given(&client->arguments, "lift");
    request.body_case = PB__REQUEST__BODY_HOLD;
    request.hold = &hold;
    return client_ask_next(client, &request, PB__RESPONSE__BODY_HOLD, shape, &report, next);
}
