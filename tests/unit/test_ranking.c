#include <stdlib.h>

#include "server/rules/ranking.h"
#include "tests/unit/definition.h"

enum { LEAVES = 4, UNITS = 24, ROUNDS = 3000 };

// TC1 (items TC1.1 and TC1.2), TC2, TC3: leaves 0 and 1, 2, 3. Tie-breaks up to a NULL.
static struct period *period_with(struct fixture *fixture, const char *const *tie_breaks) {
    fixture_begin(fixture);
    for (int i = 0; i < UNITS; i++)
        add_unit(fixture, (char[]){'u', (char)('a' + i), '\0'}, NULL, "Đơn vị");
    add_criterion(fixture, "TC1", 5000);
    add_criterion(fixture, "TC1.1", 2000);
    add_criterion(fixture, "TC1.2", 3000);
    add_criterion(fixture, "TC2", 2500);
    add_criterion(fixture, "TC3", 2500);
    for (; tie_breaks != NULL && *tie_breaks != NULL; tie_breaks++)
        add_tie_break(fixture, *tie_breaks);
    return compiled(fixture);
}

static void drop(struct fixture *fixture, struct period *period) {
    period_free(period);
    fixture_end(fixture);
}

static const int32_t no_points[LEAVES] = {POINTS_NONE, POINTS_NONE, POINTS_NONE, POINTS_NONE};

struct expected {
    size_t unit;
    uint32_t rank;
    bool tied;
};

static void expect_order(const struct period *period, struct standing *standings, const struct expected *expected,
                         size_t count) {
    ranking_order(period, standings, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(standings[i].unit, expected[i].unit);
        assert_int_equal(standings[i].rank, expected[i].rank);
        assert_int_equal(standings[i].tied, expected[i].tied);
    }
}

static void test_equal_totals_share_a_rank_in_the_periods_order(void **state) {
    struct standing standings[] = {
        {.unit = 5, .total_cp = POINTS_NONE, .points_cp = no_points, .rank = 9, .tied = true},
        {.unit = 3, .total_cp = 9300, .points_cp = no_points},
        {.unit = 0, .total_cp = 0, .points_cp = no_points},
        {.unit = 1, .total_cp = 9300, .points_cp = no_points},
        {.unit = 2, .total_cp = POINTS_NONE, .points_cp = no_points},
        {.unit = 4, .total_cp = 9500, .points_cp = no_points},
    };
    static const struct expected expected[] = {{4, 1, false}, {1, 2, true},  {3, 2, true},
                                               {0, 4, false}, {2, 0, false}, {5, 0, false}};
    struct fixture fixture;
    struct period *period = period_with(&fixture, NULL);
    (void)state;
    expect_order(period, standings, expected, 6);
    drop(&fixture, period);
}

static void test_the_first_two_share_rank_one_and_the_next_is_third(void **state) {
    struct standing standings[] = {
        {.unit = 0, .total_cp = 9000, .points_cp = no_points},
        {.unit = 1, .total_cp = 9300, .points_cp = no_points},
        {.unit = 2, .total_cp = 9300, .points_cp = no_points},
    };
    static const struct expected expected[] = {{1, 1, true}, {2, 1, true}, {0, 3, false}};
    struct fixture fixture;
    struct period *period = period_with(&fixture, NULL);
    (void)state;
    expect_order(period, standings, expected, 3);
    drop(&fixture, period);
}

static void test_tie_breaks_apply_in_their_order(void **state) {
    static const char *const tie_breaks[] = {"deduction", "tc2", NULL};
    static const int32_t low[LEAVES] = {0, 0, 100, 900}, high[LEAVES] = {0, 0, 200, 800},
                         none[LEAVES] = {0, 0, POINTS_NONE, 1000}, zero[LEAVES] = {0, 0, 0, 1000};
    struct standing standings[] = {
        {.unit = 0, .total_cp = 1000, .deduction_cp = 50, .points_cp = high},
        {.unit = 1, .total_cp = 1000, .deduction_cp = 0, .points_cp = low},
        {.unit = 2, .total_cp = 1000, .deduction_cp = 0, .points_cp = none},
        {.unit = 3, .total_cp = 1000, .deduction_cp = 0, .points_cp = zero},
        {.unit = 4, .total_cp = 1000, .deduction_cp = 0, .points_cp = high},
        {.unit = 5, .total_cp = 1000, .deduction_cp = 0, .points_cp = low},
        {.unit = 6, .total_cp = 1001, .deduction_cp = 99, .points_cp = none},
    };
    static const struct expected expected[] = {{6, 1, false}, {4, 2, false}, {1, 3, true}, {5, 3, true},
                                               {3, 5, false}, {2, 6, false}, {0, 7, false}};
    struct fixture fixture;
    struct period *period = period_with(&fixture, tie_breaks);
    (void)state;
    expect_order(period, standings, expected, 7);
    drop(&fixture, period);
}

static void test_a_criterion_with_items_counts_as_their_sum(void **state) {
    static const char *const tie_breaks[] = {"TC1", NULL};
    static const int32_t first[LEAVES] = {2000, POINTS_NONE, 0, 0}, second[LEAVES] = {POINTS_NONE, 2001, 0, 0},
                         third[LEAVES] = {1000, 1000, 0, 0}, none[LEAVES] = {POINTS_NONE, POINTS_NONE, 2500, 0};
    struct standing standings[] = {
        {.unit = 0, .total_cp = 2500, .points_cp = none},
        {.unit = 1, .total_cp = 2500, .points_cp = first},
        {.unit = 2, .total_cp = 2500, .points_cp = second},
        {.unit = 3, .total_cp = 2500, .points_cp = third},
    };
    static const struct expected expected[] = {{2, 1, false}, {1, 2, true}, {3, 2, true}, {0, 4, false}};
    struct fixture fixture;
    struct period *period = period_with(&fixture, tie_breaks);
    (void)state;
    expect_order(period, standings, expected, 4);
    drop(&fixture, period);
}

// ---- what sets a row apart from the one above ----

static void test_the_first_difference_sets_apart(void **state) {
    static const char *const tie_breaks[] = {"deduction", "TC1", "TC2", NULL};
    static const int32_t a[LEAVES] = {1000, 500, 200, 0}, b[LEAVES] = {500, 900, 200, 0},
                         none[LEAVES] = {POINTS_NONE, POINTS_NONE, 300, 0};
    const struct standing above = {.unit = 0, .total_cp = 1000, .deduction_cp = 10, .points_cp = a};
    const struct {
        struct standing own;
        int by;
        size_t tie_break;
        int64_t own_cp, above_cp;
    } cases[] = {
        {{.total_cp = 999, .deduction_cp = 0, .points_cp = a}, APART_BY_TOTAL, 0, 999, 1000},
        {{.total_cp = POINTS_NONE, .points_cp = no_points}, APART_BY_TOTAL, 0, POINTS_NONE, 1000},
        {{.total_cp = 1000, .deduction_cp = 11, .points_cp = a}, APART_BY_TIE_BREAK, 0, 11, 10},
        {{.total_cp = 1000, .deduction_cp = 10, .points_cp = b}, APART_BY_TIE_BREAK, 1, 1400, 1500},
        {{.total_cp = 1000, .deduction_cp = 10, .points_cp = none}, APART_BY_TIE_BREAK, 1, POINTS_NONE, 1500},
        {{.total_cp = 1000, .deduction_cp = 10, .points_cp = a}, APART_BY_NOTHING, 0, 0, 0},
    };
    struct fixture fixture;
    struct period *period = period_with(&fixture, tie_breaks);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct distance distance = ranking_distance(period, &cases[i].own, &above);
        assert_int_equal(distance.by, cases[i].by);
        if (distance.by == APART_BY_NOTHING)
            continue;
        assert_int_equal(distance.own_cp, cases[i].own_cp);
        assert_int_equal(distance.above_cp, cases[i].above_cp);
        if (distance.by == APART_BY_TIE_BREAK)
            assert_int_equal(distance.tie_break, cases[i].tie_break);
    }
    drop(&fixture, period);
}

// Neither of two units without points is set apart, whatever the tie-breaks would say.
static void test_no_points_are_not_told_apart(void **state) {
    static const char *const tie_breaks[] = {"deduction", NULL};
    const struct standing a = {.total_cp = POINTS_NONE, .deduction_cp = 0, .points_cp = no_points},
                          b = {.total_cp = POINTS_NONE, .deduction_cp = 5, .points_cp = no_points};
    struct fixture fixture;
    struct period *period = period_with(&fixture, tie_breaks);
    (void)state;
    struct distance distance = ranking_distance(period, &a, &b);
    assert_int_equal(distance.own_cp, POINTS_NONE);
    assert_int_equal(distance.above_cp, POINTS_NONE);
    drop(&fixture, period);
}

static void test_nobody_and_one_alone(void **state) {
    struct standing alone = {.unit = 7, .total_cp = 1, .points_cp = no_points, .tied = true};
    static const struct expected expected[] = {{7, 1, false}};
    struct fixture fixture;
    struct period *period = period_with(&fixture, NULL);
    (void)state;
    ranking_order(period, NULL, 0);
    expect_order(period, &alone, expected, 1);
    drop(&fixture, period);
}

// ---- random boards against the definition of a rank: one more than there are better ones ----

static int32_t part(int32_t a, int32_t b) {
    if (a == POINTS_NONE && b == POINTS_NONE)
        return POINTS_NONE;
    return (a == POINTS_NONE ? 0 : a) + (b == POINTS_NONE ? 0 : b);
}

// Tie-breaks TC1, then deduction, then TC3.
static bool is_better(const struct standing *a, const struct standing *b) {
    int32_t a1 = part(a->points_cp[0], a->points_cp[1]), b1 = part(b->points_cp[0], b->points_cp[1]);
    if (a->total_cp != b->total_cp)
        return a->total_cp > b->total_cp;
    if (a1 != b1)
        return a1 > b1;
    if (a->deduction_cp != b->deduction_cp)
        return a->deduction_cp < b->deduction_cp;
    return a->points_cp[3] > b->points_cp[3];
}

static void check_against_definition(const struct standing *standings, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t better = 0, equal = 0;
        for (size_t j = 0; j < count; j++) {
            better += is_better(&standings[j], &standings[i]);
            equal += !is_better(&standings[j], &standings[i]) && !is_better(&standings[i], &standings[j]);
        }
        bool ranked = standings[i].total_cp != POINTS_NONE;
        assert_int_equal(standings[i].rank, ranked ? better + 1 : 0);
        assert_int_equal(standings[i].tied, ranked && equal > 1);
        if (i == 0)
            continue;
        assert_false(!ranked ? standings[i - 1].rank == 0 && standings[i - 1].unit > standings[i].unit
                             : is_better(&standings[i], &standings[i - 1]));
        if (ranked && standings[i - 1].rank == standings[i].rank)
            assert_true(standings[i - 1].unit < standings[i].unit);
    }
}

static size_t random_board(struct standing *standings, int32_t points[UNITS][LEAVES]) {
    size_t count = 0;
    for (size_t unit = 0; unit < UNITS; unit++) {
        if (rand() % 5 == 0)
            continue;
        for (size_t leaf = 0; leaf < LEAVES; leaf++)
            points[unit][leaf] = rand() % 3 - 1;
        standings[count++] = (struct standing){
            .unit = unit,
            .total_cp = rand() % 4 - 1,
            .deduction_cp = rand() % 2,
            .points_cp = points[unit],
        };
    }
    for (size_t i = count; i > 1; i--) { // shuffled: the order of arrival must not count
        size_t j = (size_t)rand() % i;
        struct standing swap = standings[i - 1];
        standings[i - 1] = standings[j];
        standings[j] = swap;
    }
    return count;
}

static void test_random_boards_agree_with_the_definition_of_a_rank(void **state) {
    static const char *const tie_breaks[] = {"TC1", "deduction", "TC3", NULL};
    struct fixture fixture;
    struct period *period = period_with(&fixture, tie_breaks);
    struct standing standings[UNITS];
    int32_t points[UNITS][LEAVES];
    (void)state;
    srand(2022);
    for (int i = 0; i < ROUNDS; i++) {
        size_t count = random_board(standings, points);
        ranking_order(period, standings, count);
        check_against_definition(standings, count);
    }
    drop(&fixture, period);
}

static void test_classes_are_taken_on_the_capped_total(void **state) {
    static const struct {
        int32_t total_cp;
        const char *class;
    } cases[] = {
        {POINTS_NONE, NULL}, {0, NULL},     {4999, NULL},       {5000, "kha"},       {8499, "kha"},
        {8500, "tot"},       {9499, "tot"}, {9500, "xuat-sac"}, {10000, "xuat-sac"}, {12000, "xuat-sac"},
    };
    struct fixture fixture;
    struct period *period = period_with(&fixture, NULL);
    (void)state;
    assert_null(ranking_class(period, 10000));
    period_free(period);
    add_class(&fixture, "tot", 8500); // the order in the file does not count
    add_class(&fixture, "xuat-sac", 9500);
    add_class(&fixture, "kha", 5000);
    period = compiled(&fixture);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const Pb__ClassDefinition *class = ranking_class(period, cases[i].total_cp);
        assert_int_equal(class != NULL, cases[i].class != NULL);
        if (class != NULL)
            assert_string_equal(class->id, cases[i].class);
    }
    drop(&fixture, period);
}

static void test_a_class_from_zero_still_wants_a_line(void **state) {
    struct fixture fixture;
    struct period *period = period_with(&fixture, NULL);
    (void)state;
    period_free(period);
    add_class(&fixture, "khong-hoan-thanh", 0);
    period = compiled(&fixture);
    assert_null(ranking_class(period, POINTS_NONE));
    assert_string_equal(ranking_class(period, 0)->id, "khong-hoan-thanh");
    drop(&fixture, period);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_totals_share_a_rank_in_the_periods_order),
        cmocka_unit_test(test_the_first_two_share_rank_one_and_the_next_is_third),
        cmocka_unit_test(test_tie_breaks_apply_in_their_order),
        cmocka_unit_test(test_a_criterion_with_items_counts_as_their_sum),
        cmocka_unit_test(test_the_first_difference_sets_apart),
        cmocka_unit_test(test_no_points_are_not_told_apart),
        cmocka_unit_test(test_nobody_and_one_alone),
        cmocka_unit_test(test_random_boards_agree_with_the_definition_of_a_rank),
        cmocka_unit_test(test_classes_are_taken_on_the_capped_total),
        cmocka_unit_test(test_a_class_from_zero_still_wants_a_line),
    };
    return cmocka_run_group_tests_name("ranking", tests, NULL, NULL);
}
