#include "client/memory.h"
#include "client/output/value.h"
#include "client/verbs.h"
#include "client/verbs/shapes.h"

static const struct column head[] = {
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"complete", N_("Complete"), CELL_FLAG, EVERYWHERE, NULL},
    {0},
};

static const struct column rows[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"name", N_("Name"), CELL_TEXT, IN_TABLE, NULL},
    {"scored", N_("Scored"), CELL_OF, IN_TABLE, NULL},
    {"scored", N_("Scored"), CELL_COUNT, IN_CSV, NULL},
    {"of", N_("Of"), CELL_COUNT, IN_CSV, NULL},
    {"sheet", N_("Sheet"), CELL_WORD, EVERYWHERE, NULL},
    {"late", N_("Late"), CELL_LATE, EVERYWHERE, NULL},
    {"appraised", N_("Appraised"), CELL_COUNT, EVERYWHERE, NULL},
    {"missing", N_("Missing"), CELL_LIST, EVERYWHERE, NULL},
    {"until", N_("Own deadline"), CELL_TIME, IF_SAID, NULL},
    {"held", N_("On hold"), CELL_FLAG, IF_SAID, NULL},
    {"awards", N_("Nominated for"), CELL_TEXTS, IF_SAID, NULL},
    {"late_seconds", N_("Late by"), CELL_SECONDS, IN_CSV, NULL},
    {"until", N_("Own deadline"), CELL_TIME, IN_CSV, NULL},
    {"held", N_("On hold"), CELL_FLAG, IN_CSV, NULL},
    {"awards", N_("Nominated for"), CELL_TEXTS, IN_CSV, NULL},
    {0},
};

static const struct section sections[] = {{"rows", NULL, rows}, {0}};
static const struct report report = {.head = head, .sections = sections};

static json_t *row_shape(const Pb__StatusRow *row) {
    json_t *object = must(json_object());
    bool hidden = row->has_hidden && row->hidden;
    put(object, "unit", value_text(row->unit));
    put(object, "scored", value_count(row->has_scored, row->scored));
    put(object, "of", value_count(row->has_of, row->of));
    put(object, "sheet", value_enum(&pb__sheet_state__descriptor, row->has_sheet, (int)row->sheet));
    put(object, "late", hidden ? json_null() : value_flag(row->has_late && row->late));
    put(object, "appraised", value_count(row->has_appraised, row->appraised));
    put(object, "missing", hidden ? json_null() : value_texts(row->n_missing, row->missing));
    put(object, "name", value_text(row->name));
    put(object, "late_seconds", value_seconds(row->has_late_ms, row->late_ms));
    put(object, "until", value_deadline(row->has_until_ms, row->until_ms));
    put(object, "held", hidden && !row->has_held ? json_null() : value_flag(row->has_held && row->held));
    put(object, "awards", hidden && !row->n_awards ? json_null() : value_texts(row->n_awards, row->awards));
    return object;
}

json_t *status_shape(struct client *client, const Pb__Response *response) {
    const Pb__StatusReply *reply = response->status_rows;
    json_t *object = must(json_object()), *list = must(json_array());
    (void)client;
    for (size_t i = 0; i < reply->n_rows; i++)
        append(list, row_shape(reply->rows[i]));
    put(object, "period", value_text(reply->period));
    put(object, "seq", value_count(reply->has_seq, reply->seq));
    put(object, "complete", value_flag(reply->has_complete && reply->complete));
    put(object, "rows", list);
    return object;
}

int run_status(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__StatusQuery query = PB__STATUS_QUERY__INIT;
    json_t *answer;
    if (!client_period(client, &query.period))
        return EXIT_REFUSED;
    request.body_case = PB__REQUEST__BODY_STATUS;
    request.status = &query;
    int exit_status = client_gather(client, &request, PB__RESPONSE__BODY_STATUS_ROWS, status_shape, &report, &answer);
    if (!exit_status)
        exit_status = client_show(client, &report, answer);
    bool complete = json_is_true(json_object_get(answer, "complete"));
    json_decref(answer);
    if (!exit_status && !complete && arguments_given(&client->arguments, "check"))
        return EXIT_NEGATIVE;
    return exit_status;
}
