#include "client/import/import_rows.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/value.h"
#include "client/refusal.h"
#include "client/words.h"

enum { HINTS_BUDGET = 256 * 1024 * 1024 };

static const struct {
    const char *name, *word;
} results[IMPORT_RESULTS] = {
    [IMPORT_WAITS] = {"waits", ""}, // nobody sees it
    [IMPORT_RECORDED] = {"recorded", N_("recorded")},
    [IMPORT_WOULD_RECORD] = {"would_record", N_("would be recorded")},
    [IMPORT_STANDS] = {"stands", N_("stands already")},
    [IMPORT_REFUSED] = {"refused", N_("refused")},
    [IMPORT_SKIPPED] = {"skipped", N_("left out")},
    [IMPORT_UNKNOWN] = {"unknown", N_("unknown")},
    [IMPORT_KEPT] = {"kept", N_("kept to be sent")},
};

const char *import_result_name(enum import_result result) {
    return results[result].name;
}

// ---- what is wrong ----

static const char *kept_hint(struct import_rows *rows, const char *hint) {
    return hint && *hint ? must(arena_strdup(rows->hints, hint)) : NULL;
}

// A row may have more than one reason.
static void add_reason(struct import_row *row, const char *reason) {
    char *longer = row->reason ? must_format("%s; %s", row->reason, reason) : must_strdup(reason);
    free(row->reason);
    row->reason = longer;
}

static void refuse(struct import_rows *rows, struct import_row *row, const char *code, const char *reason,
                   const char *hint) {
    add_reason(row, reason);
    if (row->result != IMPORT_REFUSED)
        row->hint = kept_hint(rows, hint);
    row->result = IMPORT_REFUSED;
    row->code = row->code ? row->code : code;
}

void import_row_refused(struct import_rows *rows, struct import_row *row, const Pb__Response *response,
                        const Pb__Problem *problem) {
    const struct reason_entry *entry = problem->reason ? reason_by_code(problem->reason) : NULL;
    struct complaint complaint = {0};
    refusal_complaint(rows->options, response, problem, &complaint);
    refuse(rows, row, entry ? entry->code : "REFUSED", complaint.message, complaint.hint);
    rows->conflict = rows->conflict || (entry ? entry->status : response->status) == PB__STATUS__CONFLICT;
    complaint_free(&complaint);
}

bool import_row_refuse(struct import_rows *rows, struct import_row *row, const struct problems *problems) {
    Pb__Response response = PB__RESPONSE__INIT;
    problems_answer(problems, &response);
    for (size_t i = 0; i < response.n_problems; i++)
        import_row_refused(rows, row, &response, response.problems[i]);
    return false;
}

void import_row_leave(struct import_row *row, enum import_result result, const char *reason) {
    if (reason)
        add_reason(row, reason);
    row->result = result;
}

const char *problem_criterion(const Pb__Problem *problem) {
    for (size_t i = 0; i < problem->n_arguments; i++) {
        const Pb__Argument *argument = problem->arguments[i];
        if (argument->name && !strcmp(argument->name, "criterion") && argument->value_case == PB__ARGUMENT__VALUE_TEXT)
            return argument->text;
    }
    return NULL;
}

// ---- what was read ----

// Rows and findings are both in the order of the file's lines.
void import_rows_init(struct import_rows *rows, const struct options *options, struct roster *roster,
                      const struct score_rows *read, const struct findings *findings) {
    *rows = (struct import_rows){.options = options, .roster = roster, .n = read->n};
    rows->list = must_alloc(read->n * sizeof(*rows->list));
    rows->hints = must(arena_new(HINTS_BUDGET));
    for (size_t i = 0, next = 0; i < read->n; i++) {
        struct import_row *row = &rows->list[i];
        *row = (struct import_row){.read = &read->list[i], .unit = -1, .leaf = -1};
        while (next < findings->n && findings->list[next].line < row->read->line)
            next++;
        for (size_t j = next; j < findings->n && findings->list[j].line == row->read->line; j++) {
            const struct finding *finding = &findings->list[j];
            if (finding->weight == FINDING_ROW)
                refuse(rows, row, "BAD_DATA", finding->reason, finding->hint);
            else if (finding->weight == FINDING_REMARK)
                add_reason(row, finding->reason);
        }
        if (row->read->state == SCORE_ROW_EMPTY)
            row->result = IMPORT_SKIPPED;
        else if (row->read->state == SCORE_ROW_BAD)
            row->result = IMPORT_REFUSED;
    }
}

void import_rows_free(struct import_rows *rows) {
    for (size_t i = 0; i < rows->n; i++)
        free(rows->list[i].reason);
    free(rows->list);
    arena_free(rows->hints);
    *rows = (struct import_rows){0};
}

// ---- which line of which sheet ----

static void refuse_pair(struct import_rows *rows, struct import_row *row, const struct import_row *other) {
    char *reason = must_format(_("the same criterion of the same unit stands in line %zu"), other->read->line);
    refuse(rows, row, "CRITERION_TWICE", reason, NULL);
    free(reason);
}

static bool find_unit(struct import_rows *rows, struct import_row *row, int own, struct problems *problems) {
    if (row->read->unit)
        row->unit = roster_unit(rows->roster, row->read->unit, problems);
    else
        row->unit = own;
    if (row->unit < 0)
        return false;
    return own < 0 || row->unit == own ||
           problem(problems, REASON_NOT_YOUR_UNIT, arg_text("own", roster_unit_id(rows->roster, own)),
                   arg_text("unit", roster_unit_id(rows->roster, row->unit)));
}

bool import_row_find(struct import_rows *rows, struct import_row *row, int own, struct import_row **taken) {
    struct problems problems;
    problems_init(&problems, rows->hints);
    if (row->result != IMPORT_WAITS)
        return false;
    if (!find_unit(rows, row, own, &problems) ||
        (row->leaf = roster_leaf(rows->roster, row->read->criterion, &problems)) < 0 ||
        !roster_assigned(rows->roster, row->unit, row->leaf, &problems))
        return import_row_refuse(rows, row, &problems);
    struct import_row **place = &taken[(size_t)row->unit * rows->roster->n_leaves + (size_t)row->leaf];
    if (!*place) {
        *place = row;
        return true;
    }
    refuse_pair(rows, row, *place);
    refuse_pair(rows, *place, row);
    return false;
}

// ---- what has become of them ----

size_t import_rows_count(const struct import_rows *rows, enum import_result result) {
    size_t count = 0;
    for (size_t i = 0; i < rows->n; i++)
        count += rows->list[i].result == result;
    return count;
}

const char *import_rows_hint(const struct import_rows *rows) {
    const char *hint = NULL;
    for (size_t i = 0; i < rows->n; i++) {
        const struct import_row *row = &rows->list[i];
        if (row->result != IMPORT_REFUSED)
            continue;
        if (!row->hint || (hint && strcmp(hint, row->hint) != 0))
            return NULL;
        hint = row->hint;
    }
    return hint;
}

// Where the rows' hints differ people read each with its reason; else once, below the report.
static json_t *reason_value(const struct import_rows *rows, const struct import_row *row, bool with_hints) {
    if (!with_hints || !row->hint || rows->options->output != OUTPUT_TABLE)
        return value_text(row->reason);
    char *text = must_format("%s %s", row->reason, row->hint);
    json_t *value = value_text(text);
    free(text);
    return value;
}

static json_t *row_shape(const struct import_rows *rows, const struct import_row *row, bool with_hints) {
    json_t *object = must(json_object());
    bool known = row->leaf >= 0;
    put(object, "line", value_count(true, row->read->line));
    put(object, "unit", value_text(row->unit >= 0 ? roster_unit_id(rows->roster, row->unit) : row->read->unit));
    put(object, "criterion", value_text(known ? rows->roster->leaves[row->leaf]->code : row->read->criterion));
    put(object, "from", value_points(row->has_from, row->from_cp));
    put(object, "points",
        row->has_points ? value_points(true, row->points_cp)
                        : value_points(row->read->has_points, row->read->points_cp));
    put(object, "result", value_text(results[row->result].name));
    put(object, "reason", reason_value(rows, row, with_hints));
    put(object, "seq", value_count(row->seq != 0, row->seq));
    put(object, "code", value_text(row->code));
    put(object, "hint", value_text(row->hint));
    if (rows->options->output == OUTPUT_TABLE)
        put(object, "word", value_text(_(results[row->result].word)));
    return object;
}

json_t *import_rows_shape(const struct import_rows *rows) {
    json_t *list = must(json_array());
    bool with_hints = !import_rows_hint(rows);
    for (size_t i = 0; i < rows->n; i++)
        append(list, row_shape(rows, &rows->list[i], with_hints));
    return list;
}
