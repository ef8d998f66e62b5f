#include "server/rules/points.h"
#include "tests/unit/definition.h"

// One unit with the formula's target, one leaf.
static struct period *period_with(struct fixture *fixture, Pb__Formula formula, int32_t max_cp, int64_t target) {
    fixture_begin(fixture);
    add_unit(fixture, "quan-ba-dinh", "ba-dinh", "Ba Đình");
    add_unit(fixture, "quan-long-bien", NULL, "Long Biên");
    Pb__CriterionDefinition *criterion = add_criterion(fixture, "TC3", max_cp);
    criterion->formula = formula;
    add_target(fixture, criterion, "quan-long-bien", target);
    return compiled(fixture);
}

static void drop(struct fixture *fixture, struct period *period) {
    period_free(period);
    fixture_end(fixture);
}

// Expected values from exact fractions, rounded half up once.
static const struct {
    int32_t max_cp;
    int64_t actual, target;
    int32_t expected;
} linear_cases[] = {
    {1250, INT64_C(0), INT64_C(500000000), 0},
    {1250, INT64_C(1), INT64_C(500000000), 0},
    {1250, INT64_C(199999), INT64_C(500000000), 0},
    {1250, INT64_C(200000), INT64_C(500000000), 1},
    {1250, INT64_C(499999999), INT64_C(500000000), 1250},
    {1250, INT64_C(500000000), INT64_C(500000000), 1250},
    {1250, INT64_C(600000000), INT64_C(500000000), 1250},
    {1250, INT64_C(1), INT64_C(3), 417},
    {1250, INT64_C(2), INT64_C(3), 833},
    {1, INT64_C(1), INT64_C(2), 1},
    {1, INT64_C(499999999999999), INT64_C(1000000000000000), 0},
    {1, INT64_C(500000000000000), INT64_C(1000000000000000), 1},
    {10000000, INT64_C(999999999999999), INT64_C(1000000000000000), 10000000},
    {10000000, INT64_C(1000000000000000), INT64_C(1000000000000000), 10000000},
    {10000000, INT64_C(999999999999999), INT64_C(999999999999999), 10000000},
    {3, INT64_C(1), INT64_C(6), 1},
    {3, INT64_C(5), INT64_C(6), 3},
    {1000, INT64_C(13), INT64_C(15), 867},
    {1250, INT64_C(9000000000), INT64_C(12000000000), 938},
    {0, INT64_C(5), INT64_C(7), 0},
    {1250, INT64_C(1000000000000000), INT64_C(1), 1250},
    {40640, INT64_C(314533719), INT64_C(475244536), 26897},
    {6918381, INT64_C(5), INT64_C(9), 3843545},
    {662, INT64_C(1), INT64_C(1), 662},
    {6, INT64_C(2), INT64_C(5), 2},
    {4349, INT64_C(23370911500), INT64_C(77135724562), 1318},
    {87, INT64_C(1), INT64_C(1), 87},
    {7415, INT64_C(9478927003106), INT64_C(9878881351412), 7115},
    {2192, INT64_C(119801075), INT64_C(4045551208), 65},
    {862146, INT64_C(1), INT64_C(1), 862146},
    {1787007, INT64_C(401904012394), INT64_C(1633299610128), 439727},
    {7333, INT64_C(398), INT64_C(424), 6883},
    {56972, INT64_C(1307), INT64_C(4428), 16816},
    {10, INT64_C(119), INT64_C(200), 6},
    {3, INT64_C(4448), INT64_C(6560), 2},
    {2219266, INT64_C(5), INT64_C(7), 1585190},
    {93971, INT64_C(173742), INT64_C(389005), 41970},
    {524333, INT64_C(6825268), INT64_C(42253964), 84695},
    {6684, INT64_C(54584110121671), INT64_C(94010377629762), 3881},
    {7424977, INT64_C(521425), INT64_C(565963), 6840674},
    {88, INT64_C(1938695), INT64_C(2429592), 70},
    {34, INT64_C(88919147613), INT64_C(95713001519), 32},
    {4884923, INT64_C(24395352), INT64_C(24992681), 4768173},
    {189, INT64_C(17), INT64_C(100), 32},
    {945932, INT64_C(154172), INT64_C(478493), 304782},
    {41, INT64_C(68), INT64_C(2872), 1},
    {5, INT64_C(690938130000), INT64_C(1381876260000), 3},
    {1, INT64_C(430211617000), INT64_C(860423234000), 1},
    {12345, INT64_C(733956315000), INT64_C(1467912630000), 6173},
    {1, INT64_C(434472510000), INT64_C(868945020000), 1},
    {3, INT64_C(637608288000), INT64_C(1275216576000), 2},
    {3, INT64_C(462789287000), INT64_C(925578574000), 2},
    {3, INT64_C(978260246000), INT64_C(1956520492000), 2},
    {5, INT64_C(163732933000), INT64_C(327465866000), 3},
};

static void test_linear_is_exact_and_rounds_half_up(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof linear_cases / sizeof linear_cases[0]; i++) {
        struct fixture fixture;
        struct period *period =
            period_with(&fixture, PB__FORMULA__LINEAR, linear_cases[i].max_cp, linear_cases[i].target);
        int32_t points = points_from_actual(period, 1, 0, linear_cases[i].actual);
        if (points != linear_cases[i].expected)
            print_error("case %zu\n", i);
        assert_int_equal(points, linear_cases[i].expected);
        drop(&fixture, period);
    }
}

// Bands 110:12,50 100:12,00 95:10,00 90:7,50 33,33:3,00; expected values from exact fractions.
static const struct {
    int64_t actual, target;
    int32_t expected;
} bands_cases[] = {
    {INT64_C(0), INT64_C(100), 0},
    {INT64_C(33), INT64_C(100), 0},
    {INT64_C(34), INT64_C(100), 300},
    {INT64_C(3333), INT64_C(10000), 300},
    {INT64_C(3332), INT64_C(10000), 0},
    {INT64_C(1), INT64_C(3), 300},
    {INT64_C(90), INT64_C(100), 750},
    {INT64_C(89), INT64_C(100), 300},
    {INT64_C(8999999999), INT64_C(10000000000), 300},
    {INT64_C(9000000000), INT64_C(10000000000), 750},
    {INT64_C(94), INT64_C(100), 750},
    {INT64_C(95), INT64_C(100), 1000},
    {INT64_C(99), INT64_C(100), 1000},
    {INT64_C(100), INT64_C(100), 1200},
    {INT64_C(109), INT64_C(100), 1200},
    {INT64_C(110), INT64_C(100), 1250},
    {INT64_C(111), INT64_C(100), 1250},
    {INT64_C(1000000000000000), INT64_C(1), 1250},
    {INT64_C(999999999999999), INT64_C(1000000000000000), 1000},
    {INT64_C(1), INT64_C(1000000000000000), 0},
    {INT64_C(46300284369359), INT64_C(51444760410399), 300},
    {INT64_C(279672032105677), INT64_C(839100006317664), 0},
    {INT64_C(735326846044664), INT64_C(774028258994384), 750},
    {INT64_C(9221910), INT64_C(8383555), 1200},
    {INT64_C(7), INT64_C(8), 300},
    {INT64_C(1339), INT64_C(1339), 1200},
    {INT64_C(301280944), INT64_C(317137835), 1000},
    {INT64_C(85413318), INT64_C(94903686), 750},
    {INT64_C(143889461979), INT64_C(151462591557), 750},
    {INT64_C(645283920142690), INT64_C(586621745584264), 1200},
    {INT64_C(74145), INT64_C(222457), 300},
    {INT64_C(3), INT64_C(4), 300},
    {INT64_C(8539), INT64_C(7763), 1200},
    {INT64_C(15384381084), INT64_C(17093756761), 300},
    {INT64_C(8), INT64_C(8), 1200},
    {INT64_C(65711782864365), INT64_C(59737984422150), 1250},
    {INT64_C(4112708), INT64_C(3738826), 1200},
    {INT64_C(37562), INT64_C(37562), 1200},
    {INT64_C(226002), INT64_C(251114), 300},
    {INT64_C(296), INT64_C(269), 1250},
};

static void test_bands_begin_exactly_at_their_percentage(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bands_cases / sizeof bands_cases[0]; i++) {
        struct fixture fixture;
        struct period *period = period_with(&fixture, PB__FORMULA__BANDS, 1250, bands_cases[i].target);
        period_free(period);
        Pb__CriterionDefinition *criterion = fixture.definition->criteria[0];
        add_band(&fixture, criterion, 11000, 1250);
        add_band(&fixture, criterion, 10000, 1200);
        add_band(&fixture, criterion, 9500, 1000);
        add_band(&fixture, criterion, 9000, 750);
        add_band(&fixture, criterion, 3333, 300);
        period = compiled(&fixture);
        int32_t points = points_from_actual(period, 1, 0, bands_cases[i].actual);
        if (points != bands_cases[i].expected)
            print_error("case %zu\n", i);
        assert_int_equal(points, bands_cases[i].expected);
        drop(&fixture, period);
    }
}

static void test_linear_never_falls_with_more_and_ends_at_the_maximum(void **state) {
    struct fixture fixture;
    struct period *period = period_with(&fixture, PB__FORMULA__LINEAR, 1237, 977);
    int32_t before = 0;
    (void)state;
    for (int64_t actual = 0; actual <= 2000; actual++) {
        int32_t points = points_from_actual(period, 1, 0, actual);
        assert_true(points >= before && points <= 1237);
        before = points;
    }
    assert_int_equal(before, 1237);
    drop(&fixture, period);
}

static void test_a_target_of_none_does_not_divide(void **state) {
    struct fixture fixture;
    struct period *period = period_with(&fixture, PB__FORMULA__LINEAR, 1250, 0);
    (void)state;
    assert_int_equal(points_from_actual(period, 1, 0, 5), 0);
    assert_int_equal(points_from_actual(period, 0, 0, 5), 0);
    drop(&fixture, period);
}

static void check_given(int32_t points_cp, bool fine, enum reason reason, int64_t limit) {
    struct fixture fixture;
    fixture_begin(&fixture);
    add_unit(&fixture, "quan-ba-dinh", NULL, "Ba Đình");
    add_criterion(&fixture, "TC1", 1250)->step_cp = 25;
    struct period *period = compiled(&fixture);
    assert_int_equal(points_check(period, 0, points_cp, &fixture.problems), fine);
    assert_int_equal(fixture.problems.count, fine ? 0 : 1);
    if (!fine) {
        assert_int_equal(fixture.problems.list[0].reason, reason);
        assert_text(&fixture.problems.list[0], "criterion", "TC1");
        assert_points(&fixture.problems.list[0], "value", points_cp);
        assert_points(&fixture.problems.list[0], "limit", limit);
    }
    drop(&fixture, period);
}

static void test_given_points_are_in_range_and_on_the_step(void **state) {
    (void)state;
    check_given(0, true, REASON_COUNT, 0);
    check_given(25, true, REASON_COUNT, 0);
    check_given(1225, true, REASON_COUNT, 0);
    check_given(1250, true, REASON_COUNT, 0);
    check_given(1, false, REASON_POINTS_STEP, 25);
    check_given(1249, false, REASON_POINTS_STEP, 25);
    check_given(1251, false, REASON_POINTS_RANGE, 1250);
    check_given(1275, false, REASON_POINTS_RANGE, 1250);
    check_given(-25, false, REASON_POINTS_RANGE, 1250);
    check_given(POINTS_NONE, false, REASON_POINTS_RANGE, 1250);
    check_given(INT32_MAX, false, REASON_POINTS_RANGE, 1250);
    check_given(INT32_MIN, false, REASON_POINTS_RANGE, 1250);
}

static void test_a_sum_leaves_out_what_is_not_scored(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture);
    add_unit(&fixture, "quan-ba-dinh", NULL, "Ba Đình");
    add_criterion(&fixture, "TC1", 6000);
    add_criterion(&fixture, "TC1.1", 2000);
    add_criterion(&fixture, "TC1.2", 4000);
    add_criterion(&fixture, "TC2", 4000);
    struct period *period = compiled(&fixture);
    assert_int_equal(points_sum(period, (int32_t[]){POINTS_NONE, POINTS_NONE, POINTS_NONE}), POINTS_NONE);
    assert_int_equal(points_sum(period, (int32_t[]){POINTS_NONE, 0, POINTS_NONE}), 0);
    assert_int_equal(points_sum(period, (int32_t[]){1999, POINTS_NONE, 1}), 2000);
    assert_int_equal(points_sum(period, (int32_t[]){2000, 4000, 4000}), 10000);
    assert_int_equal(points_sum(period, (int32_t[]){INT32_MAX, INT32_MAX, 1}), INT32_MAX);
    drop(&fixture, period);
}

// The base is capped, bonus and deduction come after: 97 + 10 = 107.
static void test_the_base_is_capped_and_the_bonus_is_not(void **state) {
    static const struct {
        int32_t base, bonus, deduction, expected;
    } cases[] = {
        {9700, 1000, 0, 10700},
        {10000, 0, 0, 10000},
        {10100, 0, 0, 10000},
        {10001, 0, 0, 10000},
        {10100, 500, 200, 10300},
        {9300, 0, 50, 9250},
        {0, 0, 0, 0},
        {0, 500, 0, 500},
        {100, 0, 101, 0},
        {POINTS_NONE, 500, 200, POINTS_NONE},
        {10000, INT32_MAX, 0, INT32_MAX},
        {10000, 0, INT32_MAX, 0},
        {INT32_MAX, INT32_MAX, INT32_MAX, 10000},
    };
    struct fixture fixture;
    struct period *period = period_with(&fixture, PB__FORMULA__MANUAL, 10000, 1);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(points_total(period, cases[i].base, cases[i].bonus, cases[i].deduction), cases[i].expected);
    drop(&fixture, period);
}

// ---- deductions and columns ----

// Three leaves under a total of 100,00: TC1 60,00, TC2 50,00, TC3 10,00.
static struct period *period_of_three(struct fixture *fixture) {
    fixture_begin(fixture);
    add_unit(fixture, "quan-ba-dinh", NULL, "Ba Đình");
    add_criterion(fixture, "TC1", 6000);
    add_criterion(fixture, "TC2", 5000);
    add_criterion(fixture, "TC3", 1000);
    return compiled(fixture);
}

// What counts of a deduction is at most what there is to take from.
static void test_no_criterion_falls_below_zero(void **state) {
    static const struct {
        int32_t points[3], deducted[3], expected;
    } cases[] = {
        {{6000, 5000, 1000}, {0, 0, 0}, 0},
        {{6000, 5000, 1000}, {100, 0, 0}, 100},
        {{6000, 5000, 1000}, {6000, 5000, 1000}, 12000},
        {{50, 5000, 1000}, {100, 0, 0}, 50},
        {{0, 5000, 1000}, {100, 200, 0}, 200},
        {{POINTS_NONE, 5000, 1000}, {100, 200, 0}, 200}, // pending: nothing is there yet
        {{POINTS_NONE, POINTS_NONE, POINTS_NONE}, {100, 200, 300}, 0},
        {{100, 100, 100}, {99, 100, 101}, 299},
        {{INT32_MAX, INT32_MAX, 0}, {INT32_MAX, INT32_MAX, 0}, INT32_MAX},
    };
    struct fixture fixture;
    struct period *period = period_of_three(&fixture);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(points_deduction(period, cases[i].points, cases[i].deducted), cases[i].expected);
    drop(&fixture, period);
}

static void test_a_column_settles_from_its_points(void **state) {
    static const struct {
        int32_t points[3], bonus, deducted[3];
        int32_t base, deduction, total;
    } cases[] = {
        {{6000, 3000, 500}, 0, {0, 0, 0}, 9500, 0, 9500},
        {{6000, 5000, 1000}, 0, {0, 0, 0}, 12000, 0, 10000},       // the base is capped by the period's total
        {{6000, 5000, 1000}, 500, {0, 200, 0}, 12000, 200, 10300}, // bonus and deduction come after the cap
        {{6000, 100, 500}, 0, {0, 300, 0}, 6600, 100, 6500},       // floor 0 for the criterion
        {{0, 0, 0}, 0, {100, 0, 0}, 0, 0, 0},                      // zero is not absent
        {{POINTS_NONE, 0, POINTS_NONE}, 0, {0, 0, 0}, 0, 0, 0},
        {{POINTS_NONE, 3000, 500}, 100, {700, 0, 0}, 3500, 0, 3600}, // what is pending counts nowhere
        {{POINTS_NONE, POINTS_NONE, POINTS_NONE}, 400, {700, 0, 0}, POINTS_NONE, 0, POINTS_NONE},
    };
    struct fixture fixture;
    struct period *period = period_of_three(&fixture);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct figures figures = {.bonus_cp = cases[i].bonus, .base_cp = 77, .deduction_cp = 77, .total_cp = 77};
        memcpy(figures.points_cp, cases[i].points, sizeof cases[i].points);
        figures_settle(period, &figures, cases[i].deducted);
        if (figures.total_cp != cases[i].total)
            print_error("case %zu\n", i);
        assert_int_equal(figures.base_cp, cases[i].base);
        assert_int_equal(figures.bonus_cp, cases[i].bonus);
        assert_int_equal(figures.deduction_cp, cases[i].deduction);
        assert_int_equal(figures.total_cp, cases[i].total);
    }
    drop(&fixture, period);
}

static void test_a_blank_column_has_no_points_and_no_total(void **state) {
    struct figures figures;
    (void)state;
    memset(&figures, 0x55, sizeof figures);
    figures_blank(&figures, 3);
    for (size_t leaf = 0; leaf < 3; leaf++)
        assert_int_equal(figures.points_cp[leaf], POINTS_NONE);
    assert_int_equal(figures.base_cp, POINTS_NONE);
    assert_int_equal(figures.total_cp, POINTS_NONE);
    assert_int_equal(figures.bonus_cp, 0);
    assert_int_equal(figures.deduction_cp, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear_is_exact_and_rounds_half_up),
        cmocka_unit_test(test_bands_begin_exactly_at_their_percentage),
        cmocka_unit_test(test_linear_never_falls_with_more_and_ends_at_the_maximum),
        cmocka_unit_test(test_a_target_of_none_does_not_divide),
        cmocka_unit_test(test_given_points_are_in_range_and_on_the_step),
        cmocka_unit_test(test_a_sum_leaves_out_what_is_not_scored),
        cmocka_unit_test(test_the_base_is_capped_and_the_bonus_is_not),
        cmocka_unit_test(test_no_criterion_falls_below_zero),
        cmocka_unit_test(test_a_column_settles_from_its_points),
        cmocka_unit_test(test_a_blank_column_has_no_points_and_no_total),
    };
    return cmocka_run_group_tests_name("points", tests, NULL, NULL);
}
