#include <stdlib.h>
#include <string.h>

#include "client/instant.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/verbs.h"
#include "client/verbs/shapes.h"
#include "client/why.h"

// What --at names: an entry, or an instant.
struct moment {
    uint64_t seq; // 0: an instant
    int64_t ms;
};

static const struct column head[] = {
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"state", N_("State"), CELL_WORD, EVERYWHERE, NULL},
    {"column", N_("Column"), CELL_WORD, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"time", N_("Time"), CELL_TIME, EVERYWHERE, NULL},
    {"units_submitted", N_("Handed in"), CELL_COUNT, EVERYWHERE, NULL},
    {"units", N_("Units"), CELL_COUNT, EVERYWHERE, NULL},
    {"tie_breaks", N_("Tie-breaks"), CELL_RULES, IF_SAID, NULL},
    {"board_hash", N_("Final board's hash"), CELL_CODE, IF_SAID, NULL},
    {0},
};

static const struct column rows[] = {
    {"rank", N_("Rank"), CELL_COUNT, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, IN_CSV, NULL},
    {"name", N_("Name"), CELL_TEXT, EVERYWHERE, NULL},
    {"criteria", NULL, CELL_SPREAD, EVERYWHERE, NULL},
    {"base", N_("Base"), CELL_POINTS, EVERYWHERE, NULL},
    {"of_max", "%", CELL_POINTS, IF_SAID, NULL},
    {"bonus", N_("Bonus"), CELL_POINTS, EVERYWHERE, NULL},
    {"deduction", N_("Deduction"), CELL_POINTS, EVERYWHERE, NULL},
    {"total", N_("Total"), CELL_POINTS, EVERYWHERE, NULL},
    {"scored", N_("Scored"), CELL_OF, IN_TABLE, NULL},
    {"scored", N_("Scored"), CELL_COUNT, IN_CSV, NULL},
    {"of", N_("Of"), CELL_COUNT, IN_CSV, NULL},
    {"sheet", N_("Sheet"), CELL_WORD, EVERYWHERE, NULL},
    {"class", N_("Class"), CELL_TEXT, EVERYWHERE, NULL},
    {"why", N_("Why"), CELL_TEXT, IF_THERE, NULL},
    {0},
};

static char *past_note(const json_t *answer, bool provisional) {
    const json_t *at = json_object_get(answer, "at");
    const char *then = provisional ? _(" Provisional then.") : "", *iso = json_string_value(at);
    char text[INSTANT_TEXT];
    int64_t ms;
    if (json_is_integer(at))
        return must_format(_("THE PAST: as it stood after entry %lld.%s"), (long long)json_integer_value(at), then);
    return must_format(_("THE PAST: as it stood on %s.%s"),
                       instant_from_iso(iso, &ms) ? instant_for_people(text, ms) : iso, then);
}

char *totals_note(const json_t *answer) {
    bool provisional = json_is_true(json_object_get(answer, "provisional"));
    if (!json_is_null(json_object_get(answer, "at")))
        return past_note(answer, provisional);
    return provisional ? must_strdup(_("PROVISIONAL: these points can still change.")) : NULL;
}

// States in which final points stand: whoever then reads others should know it.
static bool is_decided(const json_t *answer) {
    static const char *const states[] = {"finalized", "published", "locked", "reopened"};
    const char *state = json_string_value(json_object_get(answer, "state"));
    for (size_t i = 0; state && i < sizeof(states) / sizeof(*states); i++)
        if (!strcmp(states[i], state))
            return true;
    return false;
}

static const char *column_note(const json_t *answer) {
    const char *column = json_string_value(json_object_get(answer, "column"));
    if (!column || !is_decided(answer))
        return NULL;
    if (!strcmp(column, "self"))
        return _("THE SELF-SCORED POINTS: the final ones are shown with --column final.");
    return strcmp(column, "appraised") ? NULL
                                       : _("THE APPRAISED POINTS: the final ones are shown with --column final.");
}

static char *note(const json_t *answer) {
    char *first = totals_note(answer);
    const char *second = column_note(answer);
    if (!first || !second)
        return second ? must_strdup(second) : first;
    char *both = must_format("%s %s", first, second);
    free(first);
    return both;
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

static json_t *why_shape(const Pb__Why *why) {
    if (!why)
        return json_null();
    json_t *object = must(json_object());
    put(object, "above", value_text(why->above));
    put(object, "by", value_text(why->by));
    put(object, "own", value_points(why->has_own_cp, why->own_cp));
    put(object, "above_points", value_points(why->has_above_cp, why->above_cp));
    return object;
}

// The base in hundredths of a percent of what the unit can reach, half up.
static json_t *percent(const Pb__BoardRow *row) {
    bool has = row->has_base_cp && row->has_max_cp && row->max_cp > 0;
    return value_points(has, has ? (20000 * (int64_t)row->base_cp + row->max_cp) / (2 * (int64_t)row->max_cp) : 0);
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
    put(object, "max", value_points(row->has_max_cp, row->max_cp));
    put(object, "percent", percent(row));
    put(object, "why", why_shape(row->why));
    return object;
}

static bool read_moment(const char *text, struct moment *moment) {
    size_t n = strspn(text, "0123456789");
    moment->seq = n && n <= 18 && !text[n] ? strtoull(text, NULL, 10) : 0;
    return moment->seq || instant_parse_moment(text, &moment->ms);
}

static json_t *moment_shape(const struct client *client) {
    const char *text = client_flag(client, "at");
    struct moment moment;
    if (!text || !read_moment(text, &moment))
        return json_null();
    return moment.seq ? value_count(true, moment.seq) : value_time(true, moment.ms);
}

json_t *totals_shape(struct client *client, const Pb__Response *response) {
    const Pb__Board *board = response->totals;
    json_t *object = must(json_object()), *list = must(json_array());
    bool is_final = board->has_column && board->column == PB__COLUMN__COLUMN_FINAL;
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
    put(object, "time", value_time(board->has_time_ms, board->time_ms));
    put(object, "at", moment_shape(client));
    put(object, "board_hash", is_final ? value_bytes(&board->board_hash) : json_null()); // it is of that column alone
    put(object, "tie_breaks", value_texts(board->n_tie_breaks, board->tie_breaks));
    return object;
}

// As JSON has it, on one line: the same in every language.
static json_t *why_code(const json_t *why) {
    static const char *const keys[] = {"above", "by", "own", "above_points"};
    char *text = must_strdup("");
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        const struct column column = {keys[i], NULL, i < 2 ? CELL_CODE : CELL_POINTS, EVERYWHERE, NULL};
        char *value = cell_text(why, &column, STYLE_CSV, '.');
        char *longer = *value ? must_format("%s%s%s=%s", text, *text ? " " : "", keys[i], value) : must_strdup(text);
        free(value);
        free(text);
        text = longer;
    }
    json_t *code = value_text(*text ? text : NULL);
    free(text);
    return code;
}

static json_t *why_of(const struct client *client, const json_t *row, const json_t *all) {
    if (client->options.output == OUTPUT_CSV && !client->options.excel)
        return why_code(json_object_get(row, "why"));
    char *words = why_text(row, all, options_mark(&client->options));
    json_t *value = value_text(words);
    free(words);
    return value;
}

// Rows have one text for it, and where nobody asked for it no column.
static void settle_why(const struct client *client, json_t *answer) {
    const json_t *all = json_object_get(answer, "rows");
    bool asked = arguments_given(&client->arguments, "explain");
    size_t i;
    json_t *row;
    json_array_foreach(all, i, row) {
        if (asked)
            put(row, "why", why_of(client, row, all));
        else
            json_object_del(row, "why");
    }
}

// Where every unit can reach the same the points say as much.
static void add_percents(json_t *answer) {
    const json_t *first = NULL;
    bool differ = false;
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(answer, "rows"), i, row) {
        const json_t *max = json_object_get(row, "max");
        first = first ? first : json_is_number(max) ? max : NULL;
        differ |= json_is_number(max) && value_hundredths(max) != value_hundredths(first);
    }
    json_array_foreach(json_object_get(answer, "rows"), i, row) {
        if (differ)
            put(row, "of_max", json_incref(json_object_get(row, "percent")));
    }
}

static int read_at(const struct client *client, Pb__TotalsQuery *query) {
    const char *text = client_flag(client, "at");
    struct moment moment = {0};
    if (!text)
        return EXIT_DONE;
    if (!read_moment(text, &moment))
        return say_error(&client->options, EXIT_USAGE,
                         _("Write an entry's number, a date (2026-06-30 or 30/06/2026: the end of that day) or a time "
                           "(\"30/06/2026 17:00\" or 2026-06-30T17:00:00+07:00)."),
                         _("--at: “%s” is neither an entry nor a time"), text);
    query->has_at_seq = moment.seq > 0;
    query->at_seq = moment.seq;
    query->has_at_ms = !moment.seq;
    query->at_ms = moment.ms;
    return EXIT_DONE;
}

static int ask(struct client *client, Pb__Request *request) {
    json_t *answer;
    int exit_status = client_gather(client, request, PB__RESPONSE__BODY_TOTALS, totals_shape, &report, &answer);
    bool lines = client->options.output == OUTPUT_TABLE || client->options.output == OUTPUT_CSV;
    if (!exit_status && lines)
        settle_why(client, answer);
    if (!exit_status && lines)
        add_percents(answer);
    if (!exit_status)
        exit_status = client_show(client, &report, answer);
    json_decref(answer);
    return exit_status;
}

int totals_query(struct client *client, Pb__TotalsQuery *query) {
    const char *name = client_flag(client, "column");
    int column = PB__COLUMN__SELF;
    if (name && !enum_find(&pb__column__descriptor, name, &column))
        return say_error(&client->options, EXIT_USAGE, _("The columns are: self, appraised, final"),
                         _("there is no column “%s”"), name);
    int exit_status = read_at(client, query);
    if (exit_status)
        return exit_status;
    if (!client_period(client, &query->period))
        return EXIT_REFUSED;
    query->has_column = name != NULL;
    query->column = (Pb__Column)column;
    return EXIT_DONE;
}

int run_totals(struct client *client) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__TotalsQuery query = PB__TOTALS_QUERY__INIT;
    int exit_status = totals_query(client, &query);
    if (exit_status)
        return exit_status;
    query.has_explain = query.explain = arguments_given(&client->arguments, "explain");
    request.body_case = PB__REQUEST__BODY_TOTALS;
    request.totals = &query;
    return ask(client, &request);
}
