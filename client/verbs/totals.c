#include "client/memory.h"
#include "client/output/value.h"
#include "client/verbs.h"

static const struct column head[] = {
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"state", N_("State"), CELL_WORD, EVERYWHERE, NULL},
    {"column", N_("Column"), CELL_WORD, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"units_submitted", N_("Handed in"), CELL_COUNT, EVERYWHERE, NULL},
    {"units", N_("Units"), CELL_COUNT, EVERYWHERE, NULL},
    {0},
};

static const struct column rows[] = {
    {"rank", N_("Rank"), CELL_COUNT, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, IN_CSV, NULL},
    {"name", N_("Name"), CELL_TEXT, EVERYWHERE, NULL},
    {"criteria", NULL, CELL_SPREAD, EVERYWHERE, NULL},
    {"base", N_("Base"), CELL_POINTS, EVERYWHERE, NULL},
    {"bonus", N_("Bonus"), CELL_POINTS, EVERYWHERE, NULL},
    {"deduction", N_("Deduction"), CELL_POINTS, EVERYWHERE, NULL},
    {"total", N_("Total"), CELL_POINTS, EVERYWHERE, NULL},
    {"scored", N_("Scored"), CELL_OF, IN_TABLE, NULL},
    {"scored", N_("Scored"), CELL_COUNT, IN_CSV, NULL},
    {"of", N_("Of"), CELL_COUNT, IN_CSV, NULL},
    {"sheet", N_("Sheet"), CELL_WORD, EVERYWHERE, NULL},
    {"class", N_("Class"), CELL_TEXT, EVERYWHERE, NULL},
    {0},
};

static const char *note(const json_t *answer) {
    return json_is_true(json_object_get(answer, "provisional")) ? _("PROVISIONAL: these points can still change.")
                                                                : NULL;
}

static const struct section sections[] = {{"rows", NULL, rows}, {0}};
static const struct report report = {.head = head, .sections = sections, .note = note};

static json_t *points_by_code(const Pb__Board *board, const Pb__BoardRow *row) {
    json_t *object = must(json_object());
    for (size_t i = 0; i < board->n_criteria; i++) {
        bool has = i < row->n_points_cp && row->points_cp[i] >= 0;
        put(object, board->criteria[i], value_points(has, has ? row->points_cp[i] : 0));
    }
    return object;
}

static json_t *row_shape(const Pb__Board *board, const Pb__BoardRow *row) {
    json_t *object = must(json_object());
    put(object, "rank", value_count(row->has_rank && row->rank, row->rank));
    put(object, "tied", value_flag(row->has_tied && row->tied));
    put(object, "unit", value_text(row->unit));
    put(object, "name", value_text(row->name));
    put(object, "criteria", points_by_code(board, row));
    put(object, "base", value_points(row->has_base_cp, row->base_cp));
    put(object, "bonus", value_points(row->has_bonus_cp, row->bonus_cp));
    put(object, "deduction", value_points(row->has_deduction_cp, row->deduction_cp));
    put(object, "total", value_points(row->has_total_cp, row->total_cp));
    put(object, "scored", value_count(row->has_scored, row->scored));
    put(object, "of", value_count(row->has_of, row->of));
    put(object, "sheet", value_enum(&pb__sheet_state__descriptor, row->has_sheet, (int)row->sheet));
    put(object, "class", value_text(row->class_));
    return object;
}

static json_t *shape(struct client *client, const Pb__Response *response) {
    const Pb__Board *board = response->totals;
    json_t *object = must(json_object()), *list = must(json_array());
    (void)client;
    for (size_t i = 0; i < board->n_rows; i++)
        append(list, row_shape(board, board->rows[i]));
    put(object, "period", value_text(board->period));
    put(object, "state", value_enum(&pb__period_state__descriptor, board->has_state, (int)board->state));
    put(object, "column", value_enum(&pb__column__descriptor, board->has_column, (int)board->column));
    put(object, "seq", value_count(board->has_seq, board->seq));
    put(object, "provisional", value_flag(board->has_provisional && board->provisional));
    put(object, "units_submitted", value_count(board->has_units_submitted, board->units_submitted));
    put(object, "units", value_count(board->has_units, board->units));
    put(object, "rows", list);
    return object;
}

int run_totals(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__TotalsQuery query = PB__TOTALS_QUERY__INIT;
    const char *name = client_flag(client, "column");
    int column = PB__COLUMN__SELF;
    if (name && !enum_find(&pb__column__descriptor, name, &column))
        return say_error(&client->options, EXIT_USAGE, _("The columns are: self, appraised, final"),
                         _("there is no column “%s”"), name);
    if (!client_period(client, &query.period))
        return EXIT_REFUSED;
    query.has_column = name != NULL;
    query.column = (Pb__Column)column;
    request.body_case = PB__REQUEST__BODY_TOTALS;
    request.totals = &query;
    return client_ask(client, &request, PB__RESPONSE__BODY_TOTALS, shape, &report);
}
