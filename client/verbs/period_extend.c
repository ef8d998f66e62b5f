#include "client/instant.h"
#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"until", N_("Own deadline"), CELL_TIME, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {"replayed", N_("Known before"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct report report = {.head = head};

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__ExtendReply *reply = response->extend;
    json_t *object = client_written(client, reply->has_seq, reply->seq);
    put(object, "period", value_text(reply->period));
    put(object, "unit", value_text(reply->unit));
    put(object, "until", value_deadline(reply->has_until_ms, reply->until_ms));
    put(object, "replayed", value_flag(reply->has_replayed && reply->replayed));
    return object;
}

static int read_until(struct client *client, Pb__PeriodExtend *extend) {
    const char
        *hint = _("Write a date, 30/11/2026 or 2026-11-30 (until the end of that day), or a time, \"30/11/2026 17:00\" "
                  "or 2026-11-30T17:00:00+07:00."),
        *text;
    int exit_status = client_needs(client, "until", hint, &text);
    if (exit_status)
        return exit_status;
    if (!instant_parse_deadline(text, &extend->until_ms))
        return say_error(&client->options, EXIT_USAGE, hint, _("--%s: “%s” is no time"), "until", text);
    extend->has_until_ms = true;
    return EXIT_DONE;
}

int run_period_extend(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__PeriodExtend extend = PB__PERIOD_EXTEND__INIT;
    int exit_status = read_until(client, &extend);
    if (!exit_status)
        exit_status = client_reason(client, &extend.reason);
    if (exit_status)
        return exit_status;
    if (!client_period(client, &extend.period) || !client_text(client, "UNIT", client_operand(client, 0), &extend.unit))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_EXTEND;
    request.extend = &extend;
    return client_ask(client, &request, PB__RESPONSE__BODY_EXTEND, shape, &report);
}
