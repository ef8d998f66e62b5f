#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/rules/workflow.h"

static const char *const periods[] = {"draft",     "signed",    "scoring", "appraisal",
                                      "finalized", "published", "locked",  "reopened"};

static void test_names_are_those_of_the_command_line(void **state) {
    static const char *const sheets[] = {"none", "draft", "submitted", "returned", "appraised", "explained", "final"};
    static const char *const roles[] = {"officer", "head", "city", "council", "auditor", "admin"};
    (void)state;
    for (size_t i = 0; i < 8; i++)
        assert_string_equal(period_state_name((Pb__PeriodState)(i + 1)), periods[i]);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(sheet_state_name((Pb__SheetState)(i + 1)), sheets[i]);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(role_name((Pb__Role)(i + 1)), roles[i]);
}

static void test_numbers_that_are_no_state_have_no_successor(void **state) {
    static const int wild[] = {0, 9, -1, 1000000, INT32_MAX, INT32_MIN};
    (void)state;
    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++) {
        assert_string_equal(period_state_name((Pb__PeriodState)wild[i]), "unknown");
        assert_string_equal(sheet_state_name((Pb__SheetState)wild[i]), "unknown");
        assert_string_equal(role_name((Pb__Role)wild[i]), "unknown");
        assert_int_equal(period_next_states((Pb__PeriodState)wild[i]), 0);
        assert_false(period_may_become(PB__PERIOD_STATE__DRAFT, (Pb__PeriodState)wild[i]));
        assert_false(period_may_become((Pb__PeriodState)wild[i], PB__PERIOD_STATE__DRAFT));
        assert_true(period_is_provisional((Pb__PeriodState)wild[i]));
    }
}

// draft -> signed -> scoring -> appraisal -> finalized -> published -> locked <-> reopened, and nothing else.
static void test_a_period_goes_one_way(void **state) {
    static const char *const next[] = {"signed",    "scoring", "appraisal", "finalized",
                                       "published", "locked",  "reopened",  "locked"};
    (void)state;
    for (size_t from = 0; from < 8; from++) {
        for (size_t to = 0; to < 8; to++) {
            bool may = period_may_become((Pb__PeriodState)(from + 1), (Pb__PeriodState)(to + 1));
            assert_int_equal(may, strcmp(next[from], periods[to]) == 0);
        }
        char names[64];
        assert_string_equal(period_state_names(period_next_states((Pb__PeriodState)(from + 1)), names, sizeof names),
                            next[from]);
    }
}

static void test_provisional_until_finalized_and_while_reopened(void **state) {
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        bool settled = i == 4 || i == 5 || i == 6;
        assert_int_equal(period_is_provisional((Pb__PeriodState)(i + 1)), !settled);
    }
}

static void test_sets_are_joined_in_order(void **state) {
    char out[80];
    (void)state;
    assert_string_equal(period_state_names(PERIOD_OPEN, out, sizeof out),
                        "signed, scoring, appraisal, finalized, reopened");
    assert_string_equal(role_names(IN_STATE(PB__ROLE__COUNCIL) | IN_STATE(PB__ROLE__HEAD), out, sizeof out),
                        "head, council");
    assert_string_equal(role_names(0, out, sizeof out), "");
    assert_string_equal(role_names(~0u, out, sizeof out), "officer, head, city, council, auditor, admin");
}

static void test_a_short_buffer_is_cut_and_terminated(void **state) {
    (void)state;
    for (size_t size = 1; size < 60; size++) {
        char out[64];
        memset(out, '#', sizeof out);
        period_state_names(PERIOD_OPEN, out, size);
        assert_int_equal(strlen(out), size <= 47 ? size - 1 : 47);
        assert_int_equal(strncmp(out, "signed, scoring, appraisal, finalized, reopened", strlen(out)), 0);
        assert_int_equal(out[size], '#');
    }
    char none = '#';
    assert_ptr_equal(role_names(~0u, &none, 0), &none);
    assert_int_equal(none, '#');
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_those_of_the_command_line),
        cmocka_unit_test(test_numbers_that_are_no_state_have_no_successor),
        cmocka_unit_test(test_a_period_goes_one_way),
        cmocka_unit_test(test_provisional_until_finalized_and_while_reopened),
        cmocka_unit_test(test_sets_are_joined_in_order),
        cmocka_unit_test(test_a_short_buffer_is_cut_and_terminated),
    };
    return cmocka_run_group_tests_name("workflow", tests, NULL, NULL);
}
