// What `import` tells in the end: a line for each row of the file, what was recorded, and what is wrong.
#include <stdlib.h>

#include "client/import/importing.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/verbs/shapes.h"

void importing_entry(struct importing *importing, const char *unit, uint64_t seq, const uint8_t id[UUID_SIZE]) {
    json_t *object = must(json_object());
    char text[UUID_TEXT];
    put(object, "unit", value_text(unit));
    put(object, "seq", value_count(true, seq));
    put(object, "id", value_text(uuid_text(text, id)));
    append(importing->seqs, object);
}

static const struct column head[] = {
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, IF_SAID, NULL},
    {"recorded", N_("Recorded"), CELL_COUNT, EVERYWHERE, NULL},
    {"would_record", N_("Would be recorded"), CELL_COUNT, EVERYWHERE, NULL},
    {"kept", N_("Kept to be sent"), CELL_COUNT, EVERYWHERE, NULL},
    {"unknown", N_("Outcome unknown"), CELL_COUNT, EVERYWHERE, NULL},
    {"stands", N_("Stand already"), CELL_COUNT, EVERYWHERE, NULL},
    {"refused", N_("Refused"), CELL_COUNT, EVERYWHERE, NULL},
    {"skipped", N_("Left out"), CELL_COUNT, EVERYWHERE, NULL},
    {0},
};

static const struct column lines[] = {
    {"line", N_("Line"), CELL_COUNT, EVERYWHERE, NULL},
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"criterion", N_("Criterion"), CELL_CODE, EVERYWHERE, NULL},
    {"from", N_("Before"), CELL_POINTS, EVERYWHERE, NULL},
    {"points", N_("After"), CELL_POINTS, EVERYWHERE, NULL},
    {"word", N_("Result"), CELL_TEXT, IN_TABLE, NULL},
    {"result", N_("Result"), CELL_CODE, IN_CSV, NULL},
    {"reason", N_("Reason"), CELL_TEXT, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"code", N_("Code"), CELL_CODE, IN_CSV, NULL},
    {0},
};

static const struct column units[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"lines", N_("Lines"), CELL_COUNT, EVERYWHERE, NULL},
    {"recorded", N_("Recorded"), CELL_COUNT, EVERYWHERE, NULL},
    {"would_record", N_("Would be recorded"), CELL_COUNT, IF_SAID, NULL},
    {"stands", N_("Stand already"), CELL_COUNT, EVERYWHERE, NULL},
    {"refused", N_("Refused"), CELL_COUNT, EVERYWHERE, NULL},
    {"total", N_("Appraised total"), CELL_POINTS, EVERYWHERE, NULL},
    {"rank_before", N_("Rank before"), CELL_COUNT, IF_SAID, NULL},
    {"rank_after", N_("Rank after"), CELL_COUNT, IF_SAID, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {0},
};

static const struct column entries[] = {
    {"unit", N_("Unit"), CELL_CODE, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"id", N_("Submission"), CELL_CODE, EVERYWHERE, NULL},
    {0},
};

static char *note(const json_t *answer) {
    return json_is_true(json_object_get(answer, "dry_run")) ? must_strdup(_("DRY RUN: nothing has been recorded."))
                                                            : NULL;
}

static const struct section sections[] = {
    {"rows", NULL, lines},
    {"units", N_("By unit"), units},
    {"seqs", N_("Entries"), entries},
    {0},
};
static const struct report report = {.head = head, .sections = sections, .note = note};

// Counts of 0 that say nothing are left out for people.
static json_t *answer_shape(const struct importing *importing) {
    json_t *object = must(json_object());
    bool appraised = importing->kind == IMPORT_APPRAISED, people = importing->client->options.output == OUTPUT_TABLE;
    put(object, "period", value_text(importing->about ? importing->about->definition->id : importing->period));
    put(object, "unit", value_text(!appraised && importing->who ? importing->who->unit : NULL));
    put(object, "dry_run", value_flag(importing->dry_run));
    put(object, "rows", import_rows_shape(&importing->rows));
    for (int result = IMPORT_RECORDED; result < IMPORT_RESULTS; result++)
        put(object, import_result_name((enum import_result)result),
            value_count(true, import_rows_count(&importing->rows, (enum import_result)result)));
    put(object, "units", appraised ? appraised_units_shape(&importing->rows, &importing->units) : must(json_array()));
    put(object, "seqs", people && appraised ? must(json_array()) : json_incref(importing->seqs));
    put(object, "submit", importing->receipt ? json_incref(importing->receipt) : json_null());
    return object;
}

static int show(struct importing *importing) {
    json_t *answer = answer_shape(importing);
    struct column kept_head[sizeof(head) / sizeof(*head)], *next = kept_head;
    struct report shown = report;
    for (const struct column *column = head; column->key; column++) {
        const json_t *value = json_object_get(answer, column->key);
        if (!json_is_integer(value) || json_integer_value(value))
            *next++ = *column;
    }
    *next = (struct column){0};
    shown.head = kept_head;
    int exit_status = client_show(importing->client, &shown, answer);
    if (!exit_status && importing->receipt && importing->client->options.output != OUTPUT_JSON) {
        if (importing->client->options.output != OUTPUT_NDJSON)
            putchar('\n');
        exit_status = submit_show(importing->client, importing->receipt);
    }
    json_decref(answer);
    return exit_status;
}

// ---- what is wrong ----

static const char *next_step(const struct importing *importing) {
    const char *hint = import_rows_hint(&importing->rows);
    if (importing->rows.conflict)
        return _("Take the sheet anew and look at what has changed: thidua sheet -o csv; thidua history");
    if (hint)
        return hint;
    return importing->kind == IMPORT_OWN && !importing->partial
               ? _("Mend the lines that the report names, or record the others with --partial.")
               : _("Mend the lines that the report names, and run the import again: what stands is left out.");
}

static char *refused_message(const struct importing *importing, size_t refused) {
    const struct import_rows *rows = &importing->rows;
    size_t recorded = import_rows_count(rows, IMPORT_RECORDED), kept_rows = import_rows_count(rows, IMPORT_KEPT);
    if (importing->dry_run)
        return must_format(_("%zu of %zu lines would be refused"), refused, rows->n);
    if (!recorded && !kept_rows)
        return must_format(_("%zu of %zu lines are refused; nothing was recorded"), refused, rows->n);
    return must_format(_("%zu of %zu lines are refused; recorded: %zu"), refused, rows->n, recorded);
}

static int say_refused(const struct importing *importing, size_t refused) {
    bool conflict = importing->rows.conflict;
    struct complaint complaint = {
        .status = conflict ? "CONFLICT" : "INVALID_ARGUMENT",
        .reason = conflict ? "REVISION_MOVED" : "LINES_REFUSED",
        .message = refused_message(importing, refused),
        .hint = must_strdup(next_step(importing)),
    };
    say_complaints(&importing->client->options, &complaint, 1);
    complaint_free(&complaint);
    return conflict ? EXIT_CONFLICT : EXIT_REFUSED;
}

int importing_end(struct importing *importing, int exit_status) {
    size_t refused = import_rows_count(&importing->rows, IMPORT_REFUSED);
    int shown = show(importing);
    importing_say(importing, exit_status);
    if (!exit_status && refused)
        exit_status = say_refused(importing, refused);
    return shown ? shown : exit_status;
}
