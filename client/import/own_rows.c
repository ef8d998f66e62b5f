#include "client/import/own_rows.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/import/field_limit.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/words.h"
#include "proto/formula.h"
#include "proto/text.h"

enum { LINE_HEAD = 4 }; // bytes before a line in its request, at most

struct planner {
    struct import_rows *rows;
    const struct score_rows *read;
    const Pb__SheetReply *sheet;
    struct arena *arena;
    struct problems problems; // of the row that is looked at
};

static const Pb__SheetLine *standing_line(const Pb__SheetReply *sheet, const char *code) {
    for (size_t i = 0; i < sheet->n_lines; i++)
        if (sheet->lines[i]->criterion && !strcasecmp(sheet->lines[i]->criterion, code))
            return sheet->lines[i];
    return NULL;
}

// ---- what is the same ----

// A note of spaces is none to a file.
static const char *text_or_none(const char *text) {
    return text && text[strspn(text, " ")] ? text : NULL;
}

static bool same_text(const char *a, const char *b) {
    return a && b ? !strcmp(a, b) : a == b;
}

static bool same_evidence(size_t n, Pb__Evidence *const *list, const Pb__SheetLine *line) {
    for (size_t i = 0; i < n && n == line->n_evidence; i++)
        if (!same_text(list[i]->number, line->evidence[i]->number) ||
            !same_text(list[i]->date, line->evidence[i]->date) || !same_text(list[i]->title, line->evidence[i]->title))
            return false;
    return n == line->n_evidence;
}

static bool stands(const Pb__LineInput *line, int32_t points_cp, const Pb__SheetLine *standing) {
    return standing->has_points_cp && standing->points_cp == points_cp && standing->has_actual == line->has_actual &&
           (!line->has_actual || standing->actual == line->actual) &&
           same_text(text_or_none(line->note), text_or_none(standing->note)) &&
           same_evidence(line->n_evidence, line->evidence, standing);
}

// ---- one row ----

static Pb__LineInput *new_line(struct planner *planner, const char *code) {
    Pb__LineInput *line = must(arena_alloc(planner->arena, sizeof(*line)));
    pb__line_input__init(line);
    line->criterion = code;
    return line;
}

// What the file says nothing about stays.
static void take_words(const struct planner *planner, Pb__LineInput *line, const struct score_row *read,
                       const Pb__SheetLine *standing) {
    const bool *has = planner->read->has;
    line->note = has[SCORE_NOTE] || !standing ? read->note : text_or_none(standing->note);
    line->n_evidence = has[SCORE_EVIDENCE] || !standing ? read->n_evidence : standing->n_evidence;
    line->evidence = has[SCORE_EVIDENCE] || !standing ? read->evidence : standing->evidence;
}

static void take_actual(const struct planner *planner, Pb__LineInput *line, const struct score_row *read,
                        const Pb__SheetLine *standing) {
    bool stays = !planner->read->has[SCORE_ACTUAL] && standing;
    line->has_actual = stays ? standing->has_actual : read->has_actual;
    line->actual = stays ? standing->actual : read->actual;
}

// Points that follow from an actual figure are not given but checked: an old sheet's, or the ones that follow.
static bool settle_computed(struct planner *planner, struct import_row *row, Pb__LineInput *line,
                            const Pb__SheetLine *standing) {
    const struct score_row *read = row->read;
    const Pb__CriterionDefinition *criterion = planner->rows->roster->leaves[row->leaf];
    bool as_they_stand = read->has_points && standing->has_points_cp && read->points_cp == standing->points_cp;
    if (!read->has_actual && as_they_stand) {
        line->has_actual = standing->has_actual;
        line->actual = standing->actual;
    }
    int64_t target = roster_target(planner->rows->roster, row->unit, row->leaf);
    if (line->has_actual)
        row->points_cp = formula_points(criterion, target, line->actual);
    if (!line->has_actual || (read->has_points && !as_they_stand && read->points_cp != row->points_cp))
        return problem(&planner->problems, REASON_POINTS_COMPUTED, arg_text("criterion", criterion->code));
    row->has_points = true;
    return true;
}

static bool settle_given(struct planner *planner, struct import_row *row, Pb__LineInput *line,
                         const Pb__SheetLine *standing) {
    const struct score_row *read = row->read;
    if (!read->has_points)
        return problem(&planner->problems, REASON_POINTS_MISSING, arg_text("criterion", line->criterion));
    row->has_points = true;
    line->has_points_cp = true;
    row->points_cp = line->points_cp = read->points_cp;
    bool as_they_stand = standing->has_points_cp && standing->points_cp == read->points_cp;
    return as_they_stand ||
           roster_points_fit(planner->rows->roster, row->leaf, read->points_cp, true, &planner->problems);
}

// A cell of revision that is empty says that nothing stood.
static bool settle_revision(struct planner *planner, const struct import_row *row, Pb__LineInput *line,
                            const Pb__SheetLine *standing) {
    uint32_t now = standing->has_revision ? standing->revision : 0;
    uint32_t wanted = row->read->has_revision ? row->read->revision : 0;
    line->has_if_revision = true;
    line->if_revision = now;
    if (!planner->read->has[SCORE_REVISION] || wanted == now)
        return true;
    return problem(&planner->problems, REASON_REVISION_MOVED, arg_text("criterion", line->criterion),
                   arg_number("revision", now),
                   now ? arg_points("value", standing->points_cp) : arg_text("value", "no points"),
                   arg_number("expected", wanted));
}

static void plan_row(struct planner *planner, struct import_row *row) {
    const Pb__CriterionDefinition *criterion = planner->rows->roster->leaves[row->leaf];
    static const Pb__SheetLine none = PB__SHEET_LINE__INIT;
    const Pb__SheetLine *standing = standing_line(planner->sheet, criterion->code);
    standing = standing ? standing : &none;
    Pb__LineInput *line = new_line(planner, criterion->code);
    problems_init(&planner->problems, planner->arena);
    row->has_from = standing->has_points_cp;
    row->from_cp = standing->points_cp;
    take_actual(planner, line, row->read, standing);
    take_words(planner, line, row->read, standing);
    bool good = formula_computes(criterion) ? settle_computed(planner, row, line, standing)
                                            : settle_given(planner, row, line, standing);
    if (good && stands(line, row->points_cp, standing)) {
        row->result = IMPORT_STANDS;
        return;
    }
    good = settle_revision(planner, row, line, standing) && good;
    if (good)
        row->line = line;
    else
        import_row_refuse(planner->rows, row, &planner->problems);
}

void own_rows_plan(struct import_rows *rows, const struct score_rows *read, const Pb__SheetReply *sheet, int own,
                   struct arena *arena) {
    struct planner planner = {.rows = rows, .read = read, .sheet = sheet, .arena = arena};
    size_t places = rows->roster->definition->n_units * rows->roster->n_leaves;
    struct import_row **taken = must_alloc(places * sizeof(*taken));
    for (size_t i = 0; i < rows->n; i++)
        import_row_find(rows, &rows->list[i], own, taken);
    for (size_t i = 0; i < rows->n; i++)
        if (rows->list[i].result == IMPORT_WAITS)
            plan_row(&planner, &rows->list[i]);
    free(taken);
}

// "ba-dinh" and "Quận Ba Đình" are "quan-ba-dinh", as far as that can be told without the period.
static bool may_be_own(const char *name, const char *own) {
    char *fold = must(text_fold(name)), *id = must(text_fold(own ? own : ""));
    size_t length = strlen(fold), whole = strlen(id);
    bool same = length && length <= whole && !strcmp(id + whole - length, fold) &&
                (length == whole || id[whole - length - 1] == ' ');
    free(fold);
    free(id);
    return same;
}

void own_rows_plan_blind(struct import_rows *rows, const struct score_rows *read, const char *own,
                         struct arena *arena) {
    struct planner planner = {.rows = rows, .read = read, .arena = arena};
    for (size_t i = 0; i < rows->n; i++) {
        struct import_row *row = &rows->list[i];
        if (row->result != IMPORT_WAITS)
            continue;
        if (row->read->unit && !may_be_own(row->read->unit, own)) {
            import_row_leave(row, IMPORT_REFUSED,
                             _("without the server it cannot be told whether this is the own unit"));
            continue;
        }
        row->line = new_line(&planner, row->read->criterion);
        row->line->has_points_cp = row->read->has_points;
        row->line->points_cp = row->read->points_cp;
        row->line->has_if_revision = row->read->has_revision;
        row->line->if_revision = row->read->revision;
        take_actual(&planner, row->line, row->read, NULL);
        take_words(&planner, row->line, row->read, NULL);
    }
}

// ---- all of them ----

int64_t own_rows_total(const struct import_rows *rows, const Pb__SheetReply *sheet) {
    int64_t total = 0;
    bool any = false;
    for (size_t i = 0; i < sheet->n_lines; i++)
        if (sheet->lines[i]->has_points_cp) {
            total += sheet->lines[i]->points_cp;
            any = true;
        }
    for (size_t i = 0; i < rows->n; i++) {
        const struct import_row *row = &rows->list[i];
        if (row->result != IMPORT_WAITS)
            continue;
        total += row->points_cp - (row->has_from ? row->from_cp : 0);
        any = true;
    }
    return any ? total : -1;
}

// The deadline judges the first hand-in only.
static bool in_time(const Pb__PeriodReply *period, const Pb__SheetReply *sheet, struct problems *problems) {
    bool passed = period->deadline_passed;
    int64_t deadline_ms = period->definition->deadline_ms;
    for (size_t i = 0; i < period->n_extensions; i++)
        if (period->extensions[i]->unit && !strcmp(period->extensions[i]->unit, sheet->unit)) {
            passed = period->extensions[i]->passed;
            deadline_ms = period->extensions[i]->until_ms;
        }
    if (!passed || !period->definition->hard_close || sheet->sheet_revision)
        return true;
    return problem(problems, REASON_DEADLINE_PASSED, arg_text("period", period->definition->id),
                   arg_text("unit", sheet->unit), arg_time("time", deadline_ms));
}

static bool is_open(const Pb__PeriodReply *period, const Pb__SheetReply *sheet) {
    if (sheet->state == PB__SHEET_STATE__RETURNED)
        return period->state == PB__PERIOD_STATE__SCORING || period->state == PB__PERIOD_STATE__APPRAISAL ||
               period->state == PB__PERIOD_STATE__REOPENED;
    return period->state == PB__PERIOD_STATE__SCORING;
}

bool own_rows_welcome(const Pb__PeriodReply *period, const Pb__SheetReply *sheet, struct problems *problems) {
    const char *id = period->definition->id;
    bool returned = sheet->state == PB__SHEET_STATE__RETURNED;
    bool fresh = sheet->state == PB__SHEET_STATE__NONE || sheet->state == PB__SHEET_STATE__SHEET_DRAFT;
    char name[ENUM_NAME];
    enum_name(name, &pb__period_state__descriptor, (int)period->state);
    if (period->state == PB__PERIOD_STATE__LOCKED)
        return problem(problems, REASON_PERIOD_LOCKED, arg_text("period", id));
    if (!is_open(period, sheet))
        return problem(problems, REASON_PERIOD_STATE, arg_text("period", id), arg_text("state", name),
                       arg_text("needed", "scoring"));
    if (!returned && !fresh)
        return problem(problems, REASON_SHEET_SUBMITTED, arg_text("unit", sheet->unit));
    return in_time(period, sheet, problems);
}

size_t own_rows_next(const struct import_rows *rows, size_t *next, size_t most, struct import_row **chunk) {
    size_t count = 0, bytes = 0;
    for (; *next < rows->n && count < field_count_limit(&pb__score__descriptor, "lines"); ++*next) {
        struct import_row *row = &rows->list[*next];
        if (row->result != IMPORT_WAITS)
            continue;
        bytes += pb__line_input__get_packed_size(row->line) + LINE_HEAD;
        if (count && bytes > most)
            break;
        chunk[count++] = row;
    }
    return count;
}
