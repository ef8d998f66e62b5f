#include "client/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "client/instant.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/pipeline.h"
#include "client/refusal.h"
#include "client/verbs/shapes.h"
#include "client/why.h"

enum { TRIES = 5 };

struct reader {
    struct client *client;
    struct session *session;
    struct snapshot *snapshot;
    Pb__TotalsQuery query;
    bool sheets;      // are wanted
    uint64_t now_seq; // the entry that last changed the period, as last asked
    json_t *status;
};

// ---- asking ----

struct answer {
    struct client *client;
    client_shape *shape;
    json_t *value;
};

static int keep(void *ctx, const Pb__Response *response) {
    struct answer *answer = ctx;
    json_decref(answer->value);
    answer->value = answer->shape(answer->client, response);
    return EXIT_DONE;
}

// Replaces *value.
static int ask(struct reader *reader, Pb__Request *request, Pb__Response__BodyCase wanted, client_shape *shape,
               json_t **value) {
    struct answer answer = {.client = reader->client, .shape = shape};
    int exit_status = session_ask(reader->session, request, wanted, keep, &answer);
    json_decref(*value);
    *value = exit_status ? NULL : answer.value;
    if (exit_status)
        json_decref(answer.value);
    return exit_status;
}

static uint64_t seq_of(const json_t *answer) {
    return (uint64_t)json_integer_value(json_object_get(answer, "seq"));
}

static int ask_totals(struct reader *reader) {
    struct snapshot *snapshot = reader->snapshot;
    Pb__Request request = PB__REQUEST__INIT;
    request.body_case = PB__REQUEST__BODY_TOTALS;
    request.totals = &reader->query;
    int exit_status = ask(reader, &request, PB__RESPONSE__BODY_TOTALS, totals_shape, &snapshot->board);
    const char *period = json_string_value(json_object_get(snapshot->board, "period"));
    if (!exit_status && !reader->query.period && period) // another one may open meanwhile
        reader->query.period = must(arena_strdup(reader->client->arena, period));
    return exit_status;
}

static int ask_period(struct reader *reader) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__PeriodQuery query = PB__PERIOD_QUERY__INIT;
    query.period = reader->query.period;
    request.body_case = PB__REQUEST__BODY_PERIOD;
    request.period = &query;
    return ask(reader, &request, PB__RESPONSE__BODY_PERIOD, period_shape, &reader->snapshot->period);
}

static int ask_status(struct reader *reader) {
    Pb__Request request = PB__REQUEST__INIT;
    Pb__StatusQuery query = PB__STATUS_QUERY__INIT;
    query.period = reader->query.period;
    request.body_case = PB__REQUEST__BODY_STATUS;
    request.status = &query;
    int exit_status = ask(reader, &request, PB__RESPONSE__BODY_STATUS_ROWS, status_shape, &reader->status);
    reader->now_seq = seq_of(reader->status);
    return exit_status;
}

static json_t *bytes(const ProtobufCBinaryData *data, bool has) {
    return has ? value_bytes(data) : json_null();
}

static int ask_about(struct reader *reader) {
    struct client *client = reader->client;
    int exit_status;
    const Pb__HelloReply *hello = session_hello(reader->session, &exit_status);
    Pb__Request request = PB__REQUEST__INIT;
    Pb__Whoami whoami = PB__WHOAMI__INIT;
    request.body_case = PB__REQUEST__BODY_WHOAMI;
    request.whoami = &whoami;
    json_t **about = &reader->snapshot->about;
    if (hello)
        exit_status = ask(reader, &request, PB__RESPONSE__BODY_WHOAMI, whoami_shape, about);
    if (exit_status)
        return exit_status;
    put(*about, "made", value_time(true, instant_now()));
    put(*about, "program", value_text(CLIENT_PROGRAM));
    put(*about, "asked_at", value_text(client_flag(client, "at")));
    put(*about, "server", value_text(hello->program));
    put(*about, "pin", bytes(&hello->pin, hello->has_pin));
    put(*about, "ledger", bytes(&hello->ledger, hello->has_ledger));
    put(*about, "branch", bytes(&hello->branch, hello->has_branch));
    return EXIT_DONE;
}

// ---- the sheets, all asked for at once ----

struct asking {
    struct reader *reader;
    const char **units;
    Pb__Request request;
    Pb__SheetQuery query;
};

static Pb__Request *ask_sheet(void *ctx, size_t i) {
    struct asking *asking = ctx;
    pb__request__init(&asking->request);
    pb__sheet_query__init(&asking->query);
    asking->query.period = asking->reader->query.period;
    asking->query.unit = asking->units[i];
    asking->request.body_case = PB__REQUEST__BODY_SHEET;
    asking->request.sheet = &asking->query;
    return &asking->request;
}

static bool is_hidden(const Pb__Response *response) {
    const char *reason = response->n_problems ? response->problems[0]->reason : NULL;
    return reason && !strcmp(reason, "NOT_VISIBLE");
}

static int keep_sheet(void *ctx, size_t i, const Pb__Response *response) {
    struct asking *asking = ctx;
    struct client *client = asking->reader->client;
    if (pipeline_is(response, PB__RESPONSE__BODY_SHEET))
        put(asking->reader->snapshot->sheets, asking->units[i], sheet_shape(client, response));
    else if (response->has_status && response->status == PB__STATUS__OK)
        return say_error(&client->options, EXIT_PROTOCOL, NULL, _("the answer is to another question"));
    else if (!is_hidden(response))
        return refusal_say(&client->options, response);
    return EXIT_DONE;
}

// A row without figures is not for the caller's eyes, and nor is its sheet.
static int ask_sheets(struct reader *reader) {
    const json_t *rows = json_object_get(reader->snapshot->board, "rows");
    struct asking asking = {.reader = reader, .units = must_alloc(json_array_size(rows) * sizeof(char *) + 1)};
    struct pipeline pipeline = {.ask = ask_sheet, .answer = keep_sheet, .ctx = &asking};
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        const char *unit = json_string_value(json_object_get(row, "unit"));
        if (unit && !json_is_null(json_object_get(row, "scored")))
            asking.units[pipeline.n++] = unit;
    }
    reader->snapshot->sheets = must(json_object());
    int exit_status = pipeline_run(&pipeline, reader->session);
    free(asking.units);
    return exit_status;
}

// ---- one entry for all ----

static void forget(struct reader *reader) {
    json_decref(reader->snapshot->sheets);
    reader->snapshot->sheets = NULL;
}

// The board comes first and the status last: if both are of one entry, so is all between them.
static int read_once(struct reader *reader) {
    struct snapshot *snapshot = reader->snapshot;
    forget(reader);
    int exit_status = ask_totals(reader);
    if (!exit_status)
        exit_status = ask_period(reader);
    if (!exit_status)
        exit_status = ask_status(reader);
    if (exit_status)
        return exit_status;
    snapshot->steady = !json_is_null(json_object_get(snapshot->board, "at"));
    if (snapshot->steady && reader->now_seq != seq_of(snapshot->board)) // the past, of which there are no sheets
        return EXIT_DONE;
    if (reader->sheets && (exit_status = ask_sheets(reader)))
        return exit_status;
    if (reader->sheets)
        exit_status = ask_status(reader);
    snapshot->steady = reader->now_seq == seq_of(snapshot->board);
    return exit_status;
}

static int read_until_steady(struct reader *reader) {
    int exit_status = EXIT_DONE;
    reader->snapshot->steady = false;
    for (int i = 0; i < TRIES && !exit_status && !reader->snapshot->steady; i++)
        exit_status = read_once(reader);
    return exit_status;
}

// ---- what rows say beside their points ----

static json_t *status_of(const json_t *status, const char *unit) {
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(status, "rows"), i, row) {
        const char *id = json_string_value(json_object_get(row, "unit"));
        if (id && unit && !strcmp(id, unit))
            return row;
    }
    return NULL;
}

static void add_status(json_t *row, const json_t *status) {
    static const char *const keys[] = {"late", "late_seconds", "held", "awards"};
    for (size_t i = 0; status && i < sizeof(keys) / sizeof(*keys); i++)
        if (json_object_set(row, keys[i], json_object_get(status, keys[i])))
            must(NULL);
}

// Fewer points speak for themselves; what else sets two units apart does not.
static char *words_of(const json_t *row, const json_t *rows, char mark) {
    const char *by = json_string_value(json_object_get(json_object_get(row, "why"), "by"));
    return by && !strcmp(by, "total") ? NULL : why_text(row, rows, mark);
}

static char *joined(char *text, char *more) {
    char *both = text && more ? must_format("%s; %s", text, more) : NULL;
    if (!both)
        return text ? text : more;
    free(text);
    free(more);
    return both;
}

static char *late_words(const json_t *row) {
    static const struct column length = {"late_seconds", "", CELL_SECONDS, EVERYWHERE, NULL};
    if (!json_is_true(json_object_get(row, "late")))
        return NULL;
    if (!cell_says(row, &length))
        return must_strdup(_("handed in late"));
    char *by = cell_text(row, &length, STYLE_TABLE, ','), *words = must_format(_("handed in late by %s"), by);
    free(by);
    return words;
}

static char *award_words(const json_t *row, char mark) {
    static const struct column awards = {"awards", "", CELL_TEXTS, EVERYWHERE, NULL};
    char *words = json_is_true(json_object_get(row, "held")) ? must_strdup(_("awards on hold")) : NULL;
    if (!cell_says(row, &awards))
        return words;
    char *names = cell_text(row, &awards, STYLE_TABLE, mark);
    words = joined(words, must_format(_("nominated for: %s"), names));
    free(names);
    return words;
}

static void add_remarks(const struct reader *reader) {
    char mark = options_mark(&reader->client->options);
    const json_t *rows = json_object_get(reader->snapshot->board, "rows");
    bool now = reader->now_seq == seq_of(reader->snapshot->board);
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        if (now)
            add_status(row, status_of(reader->status, json_string_value(json_object_get(row, "unit"))));
        char *words = joined(words_of(row, rows, mark), joined(late_words(row), award_words(row, mark)));
        put(row, "remarks", value_text(words));
        free(words);
    }
}

// ---- sheets beside the board ----

// What the sheet has of what the board's column adds up.
static const json_t *same_figure(const json_t *sheet, const char *column) {
    return strcmp(column, "self") ? json_object_get(json_object_get(sheet, column), "total")
                                  : json_object_get(sheet, "total");
}

static bool differs(const json_t *sheet, const json_t *row, const char *column) {
    const json_t *here = same_figure(sheet, column),
                 *there = json_object_get(row, strcmp(column, "self") ? "total" : "base");
    bool none = !here || json_is_null(here), other_none = !there || json_is_null(there);
    return none != other_none || (!none && value_hundredths(here) != value_hundredths(there));
}

// One's own sheet is shown as it stands, while the board may have its last hand-in: that is said.
static void compare_sheets(const struct snapshot *snapshot) {
    const char *column = json_string_value(json_object_get(snapshot->board, "column"));
    json_t *row, *without = must(json_array()), *other = must(json_array());
    size_t i;
    json_array_foreach(json_object_get(snapshot->board, "rows"), i, row) {
        json_t *sheet = json_object_get(snapshot->sheets, json_string_value(json_object_get(row, "unit")));
        bool apart = sheet && differs(sheet, row, column ? column : "self");
        if (sheet)
            put(sheet, "differs", value_flag(apart));
        if (!sheet || apart)
            append(sheet ? other : without, json_incref(json_object_get(row, "name")));
    }
    put(snapshot->about, "without_sheet", without);
    put(snapshot->about, "other_sheet", other);
}

int snapshot_take(struct client *client, bool sheets, struct snapshot *snapshot) {
    struct reader reader = {.client = client, .snapshot = snapshot, .sheets = sheets};
    *snapshot = (struct snapshot){0};
    pb__totals_query__init(&reader.query);
    int exit_status = totals_query(client, &reader.query);
    if (exit_status)
        return exit_status;
    reader.query.has_explain = reader.query.explain = true;
    exit_status = session_open(client, &reader.session);
    if (!exit_status)
        exit_status = read_until_steady(&reader);
    if (!exit_status)
        exit_status = ask_about(&reader);
    if (!exit_status)
        add_remarks(&reader);
    if (!exit_status && snapshot->sheets)
        compare_sheets(snapshot);
    session_close(reader.session);
    json_decref(reader.status);
    return exit_status;
}

void snapshot_free(struct snapshot *snapshot) {
    json_decref(snapshot->board);
    json_decref(snapshot->period);
    json_decref(snapshot->sheets);
    json_decref(snapshot->about);
}

const json_t *snapshot_criterion(const struct snapshot *snapshot, const char *code) {
    size_t i;
    json_t *criterion;
    json_array_foreach(json_object_get(snapshot->period, "criteria"), i, criterion) {
        const char *known = json_string_value(json_object_get(criterion, "code"));
        if (known && !strcmp(known, code))
            return criterion;
    }
    return NULL;
}

// ---- adding up ----

static int64_t sum_of_lines(const json_t *lines, const char *key) {
    int64_t sum = -1;
    size_t i;
    json_t *line;
    json_array_foreach(lines, i, line) {
        int64_t points = value_points_of(line, key, -1);
        if (points >= 0)
            sum = (sum < 0 ? 0 : sum) + points;
    }
    return sum;
}

static int64_t sum_of_criteria(const json_t *row) {
    int64_t sum = -1;
    const char *code;
    json_t *value;
    json_object_foreach(json_object_get(row, "criteria"), code, value) {
        if (json_is_number(value))
            sum = (sum < 0 ? 0 : sum) + value_hundredths(value);
    }
    return sum;
}

static bool makes_total(const json_t *figures, int64_t most) {
    int64_t base = value_points_of(figures, "base", -1), total = value_points_of(figures, "total", -1);
    if (base < 0 || total < 0)
        return base == total;
    return total == (base < most ? base : most) + value_points_of(figures, "bonus", 0) -
                        value_points_of(figures, "deduction", 0);
}

static bool column_adds_up(const json_t *sheet, const char *column, int64_t most) {
    const json_t *figures = json_object_get(sheet, column);
    if (!json_is_object(figures))
        return true;
    return value_points_of(figures, "base", -1) == sum_of_lines(json_object_get(sheet, "lines"), column) &&
           makes_total(figures, most);
}

static bool sheet_adds_up(const json_t *sheet, int64_t most) {
    return value_points_of(sheet, "total", -1) == sum_of_lines(json_object_get(sheet, "lines"), "points") &&
           column_adds_up(sheet, "appraised", most) && column_adds_up(sheet, "final", most);
}

const char *snapshot_adds_up(const struct snapshot *snapshot) {
    int64_t most = value_points_of(snapshot->period, "total", INT64_MAX);
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(snapshot->board, "rows"), i, row) {
        const char *unit = json_string_value(json_object_get(row, "unit"));
        const json_t *sheet = json_object_get(snapshot->sheets, unit ? unit : "");
        bool good = value_points_of(row, "base", -1) == sum_of_criteria(row) && makes_total(row, most);
        if (!good || (sheet && !sheet_adds_up(sheet, most)))
            return json_string_value(json_object_get(row, "name"));
    }
    return NULL;
}
