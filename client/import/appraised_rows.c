#include "client/import/appraised_rows.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/memory.h"
#include "client/output/value.h"
#include "client/words.h"

// ---- what stands ----

// For each unit of the roster its row of the board, for each leaf its place in such a row.
struct board_index {
    const Pb__BoardRow **rows;
    size_t *places; // SIZE_MAX: the board has no such criterion
};

static void index_board(struct board_index *index, struct roster *roster, const Pb__Board *board) {
    index->rows = must_alloc(roster->definition->n_units * sizeof(*index->rows));
    index->places = must_alloc(roster->n_leaves * sizeof(*index->places));
    for (size_t i = 0; i < board->n_rows; i++) {
        struct problems nobody;
        problems_init(&nobody, NULL);
        int unit = board->rows[i]->unit ? roster_unit(roster, board->rows[i]->unit, &nobody) : -1;
        if (unit >= 0)
            index->rows[unit] = board->rows[i];
    }
    for (size_t leaf = 0; leaf < roster->n_leaves; leaf++) {
        index->places[leaf] = SIZE_MAX;
        for (size_t i = 0; i < board->n_criteria; i++)
            if (!strcasecmp(board->criteria[i], roster->leaves[leaf]->code))
                index->places[leaf] = i;
    }
}

static bool standing(const struct board_index *index, const struct import_row *row, int32_t *points_cp) {
    const Pb__BoardRow *board = index->rows[row->unit];
    size_t place = index->places[row->leaf];
    if (!board || place >= board->n_points_cp || board->points_cp[place] < 0)
        return false;
    *points_cp = board->points_cp[place];
    return true;
}

// The step is for the server to judge: the unit's own points, which a formula may have given, are always taken.
static void plan_row(struct import_rows *rows, struct import_row *row, const struct board_index *index) {
    struct problems problems;
    problems_init(&problems, rows->hints);
    row->has_from = standing(index, row, &row->from_cp);
    row->has_points = true;
    row->points_cp = row->read->points_cp;
    if (row->has_from && row->from_cp == row->points_cp)
        row->result = IMPORT_STANDS;
    else if (!roster_points_fit(rows->roster, row->leaf, row->points_cp, false, &problems))
        import_row_refuse(rows, row, &problems);
}

// ---- by unit ----

static void gather(struct import_rows *rows, struct appraised_units *units) {
    size_t n_units = rows->roster->definition->n_units;
    struct appraised_unit **of = must_alloc(n_units * sizeof(struct appraised_unit *));
    units->list = must_alloc(n_units * sizeof(*units->list));
    for (size_t i = 0; i < rows->n; i++) {
        struct import_row *row = &rows->list[i];
        if (row->unit < 0)
            continue;
        struct appraised_unit *unit = of[row->unit];
        if (!unit)
            unit = of[row->unit] = &units->list[units->n++];
        unit->unit = row->unit;
        unit->n++;
    }
    for (size_t i = 0; i < units->n; i++) {
        units->list[i].rows = must_alloc(units->list[i].n * sizeof(struct import_row *));
        units->list[i].n = 0;
    }
    for (size_t i = 0; i < rows->n; i++)
        if (rows->list[i].unit >= 0) {
            struct appraised_unit *unit = of[rows->list[i].unit];
            unit->rows[unit->n++] = &rows->list[i];
        }
    free(of);
}

void appraised_unit_leave(struct appraised_unit *unit) {
    for (size_t i = 0; i < unit->n; i++)
        if (unit->rows[i]->result == IMPORT_WAITS)
            import_row_leave(unit->rows[i], IMPORT_SKIPPED, _("another line of the unit is refused"));
    unit->waiting = 0;
}

static void count_waiting(struct appraised_unit *unit) {
    bool refused = false;
    for (size_t i = 0; i < unit->n; i++) {
        unit->waiting += unit->rows[i]->result == IMPORT_WAITS;
        refused = refused || unit->rows[i]->result == IMPORT_REFUSED;
    }
    if (refused)
        appraised_unit_leave(unit);
}

// A row that could not be read may still name its unit, whose other rows then wait for it to be mended.
static void find_rows(struct import_rows *rows) {
    struct import_row **taken =
        must_alloc(rows->roster->definition->n_units * rows->roster->n_leaves * sizeof(struct import_row *));
    for (size_t i = 0; i < rows->n; i++) {
        struct import_row *row = &rows->list[i];
        struct problems nobody;
        problems_init(&nobody, NULL);
        if (row->result != IMPORT_WAITS && row->read->unit)
            row->unit = roster_unit(rows->roster, row->read->unit, &nobody);
        import_row_find(rows, row, -1, taken);
    }
    free(taken);
}

void appraised_rows_plan(struct import_rows *rows, const Pb__Board *board, struct appraised_units *units) {
    struct board_index index;
    *units = (struct appraised_units){0};
    index_board(&index, rows->roster, board);
    find_rows(rows);
    for (size_t i = 0; i < rows->n; i++)
        if (rows->list[i].result == IMPORT_WAITS)
            plan_row(rows, &rows->list[i], &index);
    gather(rows, units);
    for (size_t i = 0; i < units->n; i++)
        count_waiting(&units->list[i]);
    free(index.rows);
    free(index.places);
}

void appraised_units_free(struct appraised_units *units) {
    for (size_t i = 0; i < units->n; i++)
        free(units->list[i].rows);
    free(units->list);
    *units = (struct appraised_units){0};
}

Pb__Appraise *appraised_request(const struct import_rows *rows, const struct appraised_unit *unit, const char *period,
                                const char *reason, struct arena *arena) {
    Pb__Appraise *appraise = must(arena_alloc(arena, sizeof(*appraise)));
    pb__appraise__init(appraise);
    appraise->period = period;
    appraise->unit = roster_unit_id(rows->roster, unit->unit);
    appraise->reason = reason;
    appraise->lines = must(arena_alloc(arena, unit->n * sizeof(*appraise->lines)));
    for (size_t i = 0; i < unit->n; i++) {
        const struct import_row *row = unit->rows[i];
        if (row->result != IMPORT_WAITS)
            continue;
        Pb__AppraisedInput *line = must(arena_alloc(arena, sizeof(*line)));
        pb__appraised_input__init(line);
        line->criterion = rows->roster->leaves[row->leaf]->code;
        line->has_points_cp = true;
        line->points_cp = row->points_cp;
        appraise->lines[appraise->n_lines++] = line;
    }
    return appraise;
}

// ---- the summary ----

static json_t *unit_shape(const struct import_rows *rows, const struct appraised_unit *unit) {
    json_t *object = must(json_object());
    size_t counts[IMPORT_RESULTS] = {0};
    char id[UUID_TEXT];
    for (size_t i = 0; i < unit->n; i++)
        counts[unit->rows[i]->result]++;
    put(object, "unit", value_text(roster_unit_id(rows->roster, unit->unit)));
    put(object, "lines", value_count(true, unit->n));
    for (int result = IMPORT_RECORDED; result <= IMPORT_UNKNOWN; result++)
        put(object, import_result_name((enum import_result)result), value_count(true, counts[result]));
    put(object, "total", value_points(unit->has_total, unit->total_cp));
    put(object, "rank_before", value_count(unit->rank_before != 0, unit->rank_before));
    put(object, "rank_after", value_count(unit->rank_after != 0, unit->rank_after));
    put(object, "seq", value_count(unit->seq != 0, unit->seq));
    put(object, "id", value_text(unit->seq ? uuid_text(id, unit->id) : NULL));
    return object;
}

json_t *appraised_units_shape(const struct import_rows *rows, const struct appraised_units *units) {
    json_t *list = must(json_array());
    for (size_t i = 0; i < units->n; i++)
        append(list, unit_shape(rows, &units->list[i]));
    return list;
}
