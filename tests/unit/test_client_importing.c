// What import makes of a file, a period and what stands: names, lines to send, and how far it is.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/import/appraised_rows.h"
#include "client/import/own_rows.h"
#include "client/output/joined.h"
#include "client/output/value.h"
#include "client/progress.h"
#include "proto/formula.h"

enum { LEAVES = 5 };

// ---- a period ----

static const char *const codes[] = {"TC1", "TC1.1", "TC1.2", "TC2", "TC3", "TC4"};
static const struct {
    const char *id, *alias, *name;
} names[] = {
    {"quan-ba-dinh", "ba-dinh", "Ba Đình"},
    {"quan-dong-da", NULL, "Đống Đa"},
    {"phuong-dong-da", NULL, "Đống Đa"},
};
enum { UNITS = sizeof(names) / sizeof(*names), CRITERIA = sizeof(codes) / sizeof(*codes) };

struct world {
    Pb__PeriodDefinition definition;
    Pb__UnitDefinition units[UNITS], *unit_list[UNITS];
    Pb__CriterionDefinition criteria[CRITERIA], *criterion_list[CRITERIA];
    Pb__Target target, *targets[1];
    Pb__Band bands[2], *band_list[2];
    const char *not_assigned[1];
    Pb__SheetReply sheet;
    Pb__SheetLine lines[LEAVES], *line_list[LEAVES];
    struct roster roster;
    struct options options;
    struct arena *arena;
    struct problems problems;
    struct findings findings;
    struct score_rows read;
    struct import_rows rows;
};

static void make_criteria(struct world *world) {
    for (size_t i = 0; i < CRITERIA; i++) {
        Pb__CriterionDefinition *criterion = world->criterion_list[i] = &world->criteria[i];
        pb__criterion_definition__init(criterion);
        criterion->code = codes[i];
        criterion->has_max_cp = criterion->has_step_cp = criterion->has_formula = true;
        criterion->max_cp = 2000;
        criterion->step_cp = 25;
        criterion->formula = PB__FORMULA__MANUAL;
    }
    pb__target__init(&world->target);
    world->target.unit = "ba-dinh"; // by its alias
    world->target.value = 300;
    world->targets[0] = &world->target;
    world->criteria[3].formula = PB__FORMULA__LINEAR;
    world->criteria[4].formula = PB__FORMULA__BANDS;
    for (int i = 3; i < 5; i++) {
        world->criteria[i].n_targets = 1;
        world->criteria[i].targets = world->targets;
    }
    for (int i = 0; i < 2; i++) {
        pb__band__init(&world->bands[i]);
        world->bands[i].from_percent_cp = i ? 5000 : 10000;
        world->bands[i].points_cp = i ? 700 : 2000;
        world->band_list[i] = &world->bands[i];
    }
    world->criteria[4].n_bands = 2;
    world->criteria[4].bands = world->band_list;
    world->not_assigned[0] = "quan-dong-da";
    world->criteria[5].n_not_assigned = 1;
    world->criteria[5].not_assigned = world->not_assigned;
}

static void make_sheet(struct world *world) {
    pb__sheet_reply__init(&world->sheet);
    world->sheet.n_lines = LEAVES;
    world->sheet.lines = world->line_list;
    world->sheet.unit = "quan-ba-dinh";
    for (size_t i = 0; i < LEAVES; i++) {
        world->line_list[i] = &world->lines[i];
        pb__sheet_line__init(&world->lines[i]);
        world->lines[i].criterion = codes[i + 1];
    }
}

static int begin(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    pb__period_definition__init(&world->definition);
    world->definition.id = "p";
    for (size_t i = 0; i < UNITS; i++) {
        world->unit_list[i] = &world->units[i];
        pb__unit_definition__init(&world->units[i]);
        world->units[i].id = names[i].id;
        world->units[i].alias = names[i].alias;
        world->units[i].name = names[i].name;
    }
    world->definition.n_units = UNITS;
    world->definition.units = world->unit_list;
    make_criteria(world);
    world->definition.n_criteria = CRITERIA;
    world->definition.criteria = world->criterion_list;
    make_sheet(world);
    world->arena = arena_new(1 << 22);
    problems_init(&world->problems, world->arena);
    roster_init(&world->roster, &world->definition);
    *state = world;
    return 0;
}

static int end(void **state) {
    struct world *world = *state;
    import_rows_free(&world->rows);
    score_rows_free(&world->read);
    findings_free(&world->findings);
    roster_free(&world->roster);
    arena_free(world->arena);
    free(world);
    return 0;
}

static void stands(struct world *world, int leaf, int32_t points_cp, int64_t actual, const char *note) {
    Pb__SheetLine *line = &world->lines[leaf];
    line->has_points_cp = line->has_revision = true;
    line->points_cp = points_cp;
    line->revision = 3;
    line->has_actual = actual >= 0;
    line->actual = actual;
    line->note = note;
}

static void plan(struct world *world, const char *text) {
    char *bytes = strdup(text);
    assert_true(score_rows_parse(&world->read, bytes, strlen(bytes), IMPORT_OWN, &world->findings));
    free(bytes);
    import_rows_init(&world->rows, &world->options, &world->roster, &world->read, &world->findings);
    own_rows_plan(&world->rows, &world->read, &world->sheet, 0, world->arena);
}

static const struct import_row *row(const struct world *world, size_t index, enum import_result result) {
    assert_true(index < world->rows.n);
    assert_string_equal(import_result_name(world->rows.list[index].result), import_result_name(result));
    return &world->rows.list[index];
}

static void assert_refused(const struct world *world, size_t index, const char *code) {
    assert_string_equal(row(world, index, IMPORT_REFUSED)->code, code);
}

// ---- names ----

static void units_are_found_as_the_server_finds_them(void **state) {
    struct world *world = *state;
    struct problems *problems = &world->problems;
    assert_int_equal(roster_unit(&world->roster, "quan-ba-dinh", problems), 0);
    assert_int_equal(roster_unit(&world->roster, "BA DINH", problems), 0);
    assert_int_equal(roster_unit(&world->roster, "Ba  Đình", problems), 0);
    assert_int_equal(roster_unit(&world->roster, "quan dong da", problems), 1);
    assert_int_equal(problems->count, 0);
    assert_int_equal(roster_unit(&world->roster, "Đống Đa", problems), -1);
    assert_int_equal(problems->list[0].reason, REASON_UNIT_AMBIGUOUS);
    assert_string_equal(problems->list[0].wire.arguments[1]->text, "quan-dong-da, phuong-dong-da");
    assert_int_equal(roster_unit(&world->roster, "ba-dihn", problems), -1);
    assert_int_equal(problems->list[1].reason, REASON_UNIT_UNKNOWN);
    assert_string_equal(problems->list[1].wire.arguments[1]->text, "quan-ba-dinh");
    assert_int_equal(roster_unit(&world->roster, "--", problems), -1);
}

static void criteria_are_leaves(void **state) {
    struct world *world = *state;
    assert_int_equal(world->roster.n_leaves, LEAVES);
    assert_int_equal(roster_leaf(&world->roster, "tc1.2", &world->problems), 1);
    assert_int_equal(roster_leaf(&world->roster, "TC1", &world->problems), -1);
    assert_int_equal(world->problems.list[0].reason, REASON_CRITERION_HAS_ITEMS);
    assert_int_equal(roster_leaf(&world->roster, "TC9", &world->problems), -1);
    assert_int_equal(world->problems.list[1].reason, REASON_CRITERION_UNKNOWN);
    assert_false(roster_assigned(&world->roster, 1, 4, &world->problems));
    assert_true(roster_assigned(&world->roster, 0, 4, &world->problems));
    assert_int_equal(roster_target(&world->roster, 0, 2), 300);
    assert_int_equal(roster_target(&world->roster, 1, 2), 0);
}

static void figures_give_points(void **state) {
    struct world *world = *state;
    assert_false(formula_computes(&world->criteria[1]));
    assert_true(formula_computes(&world->criteria[3]));
    assert_int_equal(formula_points(&world->criteria[3], 300, 299), 1993); // 1993,33
    assert_int_equal(formula_points(&world->criteria[3], 300, 400), 2000);
    assert_int_equal(formula_points(&world->criteria[3], 0, 400), 0);
    assert_int_equal(formula_points(&world->criteria[4], 300, 150), 700);
    assert_int_equal(formula_points(&world->criteria[4], 300, 149), 0);
}

// ---- a unit's own rows ----

static void what_stands_is_left_out(void **state) {
    struct world *world = *state;
    stands(world, 0, 1250, -1, "n");
    stands(world, 1, 100, -1, "  ");
    stands(world, 2, 1000, 150, NULL);
    plan(world, "criterion,points,actual,note\nTC1.1,12.5,,n\nTC1.2,1,,\nTC2,10,150,\nTC4,2,,\n");
    for (size_t i = 0; i < 3; i++)
        row(world, i, IMPORT_STANDS);
    const Pb__LineInput *line = row(world, 3, IMPORT_WAITS)->line;
    assert_string_equal(line->criterion, "TC4");
    assert_int_equal(line->points_cp, 200);
    assert_true(line->has_if_revision);
    assert_int_equal(line->if_revision, 0);
    assert_int_equal(own_rows_total(&world->rows, &world->sheet), 1250 + 100 + 1000 + 200);
}

static void what_the_file_does_not_hold_stays(void **state) {
    struct world *world = *state;
    stands(world, 0, 1250, 7, "n");
    plan(world, "criterion,points\nTC1.1,12\n");
    const Pb__LineInput *line = row(world, 0, IMPORT_WAITS)->line;
    assert_string_equal(line->note, "n");
    assert_int_equal(line->actual, 7);
    assert_int_equal(line->if_revision, 3);
    assert_int_equal(world->rows.list[0].from_cp, 1250);
    assert_int_equal(own_rows_total(&world->rows, &world->sheet), 1200);
}

static void an_empty_cell_takes_it_off(void **state) {
    struct world *world = *state;
    stands(world, 0, 1250, 7, "n");
    plan(world, "criterion,points,actual,note\nTC1.1,12.5,7,\n");
    assert_null(row(world, 0, IMPORT_WAITS)->line->note);
}

static void points_of_a_formula_are_not_sent(void **state) {
    struct world *world = *state;
    stands(world, 2, 1000, 150, NULL);
    plan(world, "criterion,points,actual\nTC2,10,300\nTC3,20,300\n");
    const Pb__LineInput *line = row(world, 0, IMPORT_WAITS)->line; // the points are the old ones
    assert_false(line->has_points_cp);
    assert_int_equal(line->actual, 300);
    assert_int_equal(world->rows.list[0].points_cp, 2000);
    assert_false(row(world, 1, IMPORT_WAITS)->line->has_points_cp); // those that follow
}

static void points_that_do_not_follow_are_refused(void **state) {
    struct world *world = *state;
    stands(world, 2, 1000, 150, NULL);
    plan(world, "criterion,points,actual\nTC2,11,150\nTC3,20,\nTC1.1,,5\n");
    assert_refused(world, 0, "POINTS_COMPUTED");
    assert_refused(world, 1, "POINTS_COMPUTED");
    assert_refused(world, 2, "POINTS_MISSING");
}

static void a_revision_that_moved_is_a_conflict(void **state) {
    struct world *world = *state;
    stands(world, 0, 1250, -1, NULL);
    stands(world, 1, 500, -1, NULL);
    stands(world, 4, 100, -1, NULL);
    plan(world,
         "unit,criterion,points,revision\n,TC1.1,1,3\n,TC1.2,1,2\n,TC4,2,\nba-dinh,TC2,1,9\nquan-ba-dinh,TC2,1,9\n");
    row(world, 0, IMPORT_WAITS);
    assert_refused(world, 1, "REVISION_MOVED");
    assert_refused(world, 2, "REVISION_MOVED"); // empty: nothing stood
    assert_true(world->rows.conflict);
    assert_refused(world, 3, "CRITERION_TWICE");
    assert_refused(world, 4, "CRITERION_TWICE");
}

static void what_is_wrong_is_named_by_its_line(void **state) {
    struct world *world = *state;
    plan(world, "unit,criterion,points\n,TC1.1,20.25\n,TC1.2,0.1\nquan-dong-da,TC4,1\n,TC7,1\n,TC1,1\n,TC4,x\n,TC4,\n");
    static const char *const expected[] = {"POINTS_RANGE",      "POINTS_STEP",         "NOT_YOUR_UNIT",
                                           "CRITERION_UNKNOWN", "CRITERION_HAS_ITEMS", "BAD_DATA"};
    for (size_t i = 0; i < 6; i++)
        assert_refused(world, i, expected[i]);
    row(world, 6, IMPORT_SKIPPED);
    assert_false(world->rows.conflict);
    json_t *list = import_rows_shape(&world->rows);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 2), "line")), 4);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 2), "unit")), "quan-dong-da");
    json_decref(list);
}

static void rows_are_cut_into_requests(void **state) {
    struct world *world = *state;
    struct import_row *chunk[8];
    size_t next = 0;
    plan(world, "criterion,points,note\nTC1.1,1,aaaaaaaaaaaaaaaaaaaa\nTC1.2,1,b\nTC4,1,c\n");
    assert_int_equal(own_rows_next(&world->rows, &next, 60, chunk), 2);
    assert_string_equal(chunk[0]->line->criterion, "TC1.1");
    assert_int_equal(own_rows_next(&world->rows, &next, 60, chunk), 1);
    assert_string_equal(chunk[0]->line->criterion, "TC4");
    assert_int_equal(own_rows_next(&world->rows, &next, 60, chunk), 0);
    next = 0;
    assert_int_equal(own_rows_next(&world->rows, &next, 1, chunk), 1); // one always fits
}

static void without_the_server_only_the_own_unit_is_taken(void **state) {
    struct world *world = *state;
    char text[] = "unit,criterion,points\nBa Đình,TC4,1\nquan-ba-dinh,TC2,2\nĐình,TC3,2\nlong-bien,TC4,2\n,TC9,3\n";
    assert_true(score_rows_parse(&world->read, text, strlen(text), IMPORT_OWN, &world->findings));
    import_rows_init(&world->rows, &world->options, &world->roster, &world->read, &world->findings);
    own_rows_plan_blind(&world->rows, &world->read, "quan-ba-dinh", world->arena);
    row(world, 0, IMPORT_WAITS);
    row(world, 1, IMPORT_WAITS);
    row(world, 3, IMPORT_REFUSED);
    row(world, 4, IMPORT_WAITS);
    assert_false(world->rows.list[0].line->has_if_revision);
}

static void a_dry_run_knows_when_the_sheet_is_closed(void **state) {
    struct world *world = *state;
    Pb__PeriodReply period = PB__PERIOD_REPLY__INIT;
    Pb__Extension extension = PB__EXTENSION__INIT, *extensions[] = {&extension};
    period.definition = &world->definition;
    period.state = PB__PERIOD_STATE__SCORING;
    world->sheet.state = PB__SHEET_STATE__SHEET_DRAFT;
    assert_true(own_rows_welcome(&period, &world->sheet, &world->problems));
    world->definition.hard_close = period.deadline_passed = true;
    assert_false(own_rows_welcome(&period, &world->sheet, &world->problems));
    extension.unit = "quan-ba-dinh";
    period.extensions = extensions;
    period.n_extensions = 1;
    assert_true(own_rows_welcome(&period, &world->sheet, &world->problems));
    world->sheet.state = PB__SHEET_STATE__SUBMITTED;
    assert_false(own_rows_welcome(&period, &world->sheet, &world->problems));
    world->sheet.state = PB__SHEET_STATE__RETURNED;
    world->sheet.sheet_revision = 1;
    period.state = PB__PERIOD_STATE__APPRAISAL;
    assert_true(own_rows_welcome(&period, &world->sheet, &world->problems));
    world->sheet.state = PB__SHEET_STATE__SHEET_DRAFT;
    assert_false(own_rows_welcome(&period, &world->sheet, &world->problems));
    static const enum reason expected[] = {REASON_DEADLINE_PASSED, REASON_SHEET_SUBMITTED, REASON_PERIOD_STATE};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(world->problems.list[i].reason, expected[i]);
}

// ---- many units ----

static void appraisals_are_put_together_by_unit(void **state) {
    struct world *world = *state;
    struct appraised_units units;
    Pb__Board board = PB__BOARD__INIT;
    Pb__BoardRow first = PB__BOARD_ROW__INIT, *rows[] = {&first};
    int32_t points[] = {1000, -1};
    const char *criteria[] = {"TC1.1", "TC4"};
    char text[] = "unit,criterion,points\nba-dinh,TC1.1,10\nquan-dong-da,TC1.1,9\nBa Đình,TC4,9\nquan-ba-dinh,TC2,9\n"
                  "quan-dong-da,TC4,1\nphuong-dong-da,TC1.1,8\n";
    first.unit = "quan-ba-dinh";
    first.n_points_cp = board.n_criteria = 2;
    first.points_cp = points;
    board.criteria = criteria;
    board.n_rows = 1;
    board.rows = rows;
    assert_true(score_rows_parse(&world->read, text, strlen(text), IMPORT_APPRAISED, &world->findings));
    import_rows_init(&world->rows, &world->options, &world->roster, &world->read, &world->findings);
    appraised_rows_plan(&world->rows, &board, &units);
    assert_int_equal(units.n, 3);
    assert_int_equal(units.list[0].n, 3);
    assert_int_equal(units.list[0].waiting, 2);
    row(world, 0, IMPORT_STANDS);
    assert_false(row(world, 2, IMPORT_WAITS)->has_from);
    assert_int_equal(units.list[1].waiting, 0); // one of its lines is refused
    row(world, 1, IMPORT_SKIPPED);
    assert_refused(world, 4, "CRITERION_NOT_ASSIGNED");
    const Pb__Appraise *appraise = appraised_request(&world->rows, &units.list[0], "p", "vì", world->arena);
    assert_int_equal(appraise->n_lines, 2);
    assert_string_equal(appraise->unit, "quan-ba-dinh");
    assert_string_equal(appraise->lines[1]->criterion, "TC2");
    appraised_units_free(&units);
}

// ---- how far ----

static void assert_progress(size_t done, int64_t spent_ms, const char *expected) {
    char *text = progress_text(done, 526, spent_ms, ',');
    assert_string_equal(text, expected);
    free(text);
}

static void progress_tells_rate_and_time_left(void **state) {
    (void)state;
    assert_progress(0, 0, "0 %, 0 of 526");
    assert_progress(180, 1727, "34 %, 180 of 526, 104,2/s, 0:04 left");
    assert_progress(1, 1000, "0 %, 1 of 526, 1,0/s, 8:45 left");
    assert_progress(526, 2000, "100 %, 526 of 526, 263,0/s, 0:00 left");
}

// ---- texts in one cell ----

static void a_bar_in_a_text_does_not_part_it(void **state) {
    (void)state;
    static const char *const texts[][2] = {
        {"a | b", "a || b"}, {"a|b", "a|b"},           {"a |", "a ||"},        {"a || b | c", "a ||| b || c"},
        {"| a", "| a"},      {"a | | b", "a || || b"}, {"a |b| c", "a |b| c"}, {"", ""}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        char *written = joined_write(texts[i][0]);
        assert_string_equal(written, texts[i][1]);
        joined_read(written);
        assert_string_equal(written, texts[i][0]);
        free(written);
    }
}

#define WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        WORLD_TEST(units_are_found_as_the_server_finds_them),
        WORLD_TEST(criteria_are_leaves),
        WORLD_TEST(figures_give_points),
        WORLD_TEST(what_stands_is_left_out),
        WORLD_TEST(what_the_file_does_not_hold_stays),
        WORLD_TEST(an_empty_cell_takes_it_off),
        WORLD_TEST(points_of_a_formula_are_not_sent),
        WORLD_TEST(points_that_do_not_follow_are_refused),
        WORLD_TEST(a_revision_that_moved_is_a_conflict),
        WORLD_TEST(what_is_wrong_is_named_by_its_line),
        WORLD_TEST(rows_are_cut_into_requests),
        WORLD_TEST(without_the_server_only_the_own_unit_is_taken),
        WORLD_TEST(a_dry_run_knows_when_the_sheet_is_closed),
        WORLD_TEST(appraisals_are_put_together_by_unit),
        cmocka_unit_test(progress_tells_rate_and_time_left),
        cmocka_unit_test(a_bar_in_a_text_does_not_part_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
