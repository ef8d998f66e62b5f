#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"sheet", N_("Sheet"), CELL_WORD, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {"replayed", N_("Known before"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct report report = {.head = head};

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__SheetWriteReply *reply = response->return_sheet;
    json_t *object = client_written(client, reply->has_seq, reply->seq);
    put(object, "unit", value_text(reply->unit));
    put(object, "sheet", value_enum(&pb__sheet_state__descriptor, reply->has_state, (int)reply->state));
    put(object, "replayed", value_flag(reply->has_replayed && reply->replayed));
    put(object, "period", value_text(reply->period));
    return object;
}

static void next(struct client *client, const json_t *answer) {
    const char *unit = json_string_value(json_object_get(answer, "unit"));
    say_notice(&client->options,
               _("The unit can change it with thidua score; its head hands it in again with thidua submit."));
    say_notice(&client->options,
               _("If the period closes hard and the sheet was never handed in, it first takes a deadline of its own: "
                 "thidua period extend %s --until T --reason TEXT"),
               unit ? unit : "UNIT");
}

int run_return(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__ReturnSheet give_back = PB__RETURN_SHEET__INIT;
    int exit_status = client_reason(client, &give_back.reason);
    if (exit_status)
        return exit_status;
    if (!client_period(client, &give_back.period) ||
        !client_text(client, "UNIT", client_operand(client, 0), &give_back.unit))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_RETURN_SHEET;
    request.return_sheet = &give_back;
    return client_ask_next(client, &request, PB__RESPONSE__BODY_RETURN_SHEET, shape, &report, next);
}
