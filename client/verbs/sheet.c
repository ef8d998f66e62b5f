#include "client/memory.h"
#include "client/output/reflect.h"
#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"name", N_("Name"), CELL_TEXT, EVERYWHERE, NULL},
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"sheet", N_("Sheet"), CELL_WORD, EVERYWHERE, NULL},
    {"sheet_revision", N_("Hand-in"), CELL_COUNT, EVERYWHERE, NULL},
    {"total", N_("Total"), CELL_POINTS, EVERYWHERE, NULL},
    {"maximum", N_("Maximum"), CELL_POINTS, EVERYWHERE, NULL},
    {"late", N_("Late"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct column lines[] = {
    {"unit", N_("Unit"), CELL_CODE, IN_CSV, NULL},
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL},
    {"title", N_("Title"), CELL_TEXT, IN_TABLE, NULL},
    {"max", N_("Max"), CELL_POINTS, IN_TABLE, NULL},
    {"points", N_("Points"), CELL_POINTS, EVERYWHERE, NULL},
    {"actual", N_("Actual"), CELL_AMOUNT, EVERYWHERE, NULL},
    {"note", N_("Note"), CELL_TEXT, EVERYWHERE, NULL},
    {"evidence", N_("Evidence"), CELL_EVIDENCE, EVERYWHERE, NULL},
    {"revision", N_("Revision"), CELL_COUNT, EVERYWHERE, NULL},
    {0},
};

static const struct section sections[] = {{"lines", NULL, lines}, {0}};
static const struct report report = {.head = head, .sections = sections};

static json_t *line_shape(const Pb__SheetReply *reply, const Pb__SheetLine *line) {
    json_t *object = must(json_object()), *rest = reflect_all(&line->base);
    put(object, "unit", value_text(reply->unit));
    if (json_object_update(object, rest))
        must(NULL);
    json_decref(rest);
    return object;
}

static json_t *shape(struct client *client, const Pb__Response *response) {
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
    put(object, "maximum", value_points(reply->has_of_cp, reply->of_cp));
    put(object, "late", value_flag(reply->has_late && reply->late));
    put(object, "lines", list);
    return object;
}

int run_sheet(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__SheetQuery query = PB__SHEET_QUERY__INIT;
    if (!client_period(client, &query.period) || !client_text(client, "UNIT", client_operand(client, 0), &query.unit))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_SHEET;
    request.sheet = &query;
    return client_ask(client, &request, PB__RESPONSE__BODY_SHEET, shape, &report);
}
