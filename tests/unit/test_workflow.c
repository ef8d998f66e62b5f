// The two machines: names, who may do what in which states, and that no sequence of steps leads out of them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/rules/workflow.h"

enum { PERIOD_STATES = 8, SHEET_STATES = 7 }; // numbered from 1

static const char *const periods[] = {"draft",     "signed",    "scoring", "appraisal",
                                      "finalized", "published", "locked",  "reopened"};

// ---- names ----

static void test_names_are_those_of_the_command_line(void **state) {
    static const char *const sheets[] = {"none", "draft", "submitted", "returned", "appraised", "explained", "final"};
    static const char *const roles[] = {"officer", "head", "city", "council", "auditor", "admin"};
    (void)state;
    for (size_t i = 0; i < PERIOD_STATES; i++)
        assert_string_equal(period_state_name((Pb__PeriodState)(i + 1)), periods[i]);
    for (size_t i = 0; i < SHEET_STATES; i++)
        assert_string_equal(sheet_state_name((Pb__SheetState)(i + 1)), sheets[i]);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(role_name((Pb__Role)(i + 1)), roles[i]);
    assert_string_equal(role_name((Pb__Role)WHO_LEADER), "unknown"); // no account's role
    assert_string_equal(step_name(STEP_ADVANCE), "period advance");
    assert_string_equal(step_name(STEP_ADJUST), "bonus, deduct");
    assert_string_equal(step_name(STEP_COUNT), "unknown");
}

static void test_numbers_that_are_no_state_have_no_successor(void **state) {
    static const int wild[] = {0, 9, -1, 32, 1000000, INT32_MAX, INT32_MIN};
    (void)state;
    for (size_t i = 0; i < sizeof wild / sizeof wild[0]; i++) {
        Pb__PeriodState period = (Pb__PeriodState)wild[i];
        assert_string_equal(period_state_name(period), "unknown");
        assert_string_equal(sheet_state_name((Pb__SheetState)wild[i]), "unknown");
        assert_string_equal(role_name((Pb__Role)wild[i]), "unknown");
        assert_int_equal(period_next_states(period), 0);
        assert_null(workflow_advance(PB__PERIOD_STATE__DRAFT, period));
        assert_null(workflow_advance(period, PB__PERIOD_STATE__DRAFT));
        assert_null(workflow_find(STEP_SCORE, period, PB__SHEET_STATE__NONE));
        assert_true(period_is_provisional(period));
        assert_false(period_is_published(period));
        assert_false(sheet_is_handed_in((Pb__SheetState)wild[i]));
        if (wild[i] != 0)
            assert_null(workflow_find(STEP_SCORE, PB__PERIOD_STATE__SCORING, (Pb__SheetState)wild[i]));
    }
}

static void test_sets_are_joined_in_order(void **state) {
    char out[100];
    (void)state;
    assert_string_equal(period_state_names(PERIOD_OPEN, out, sizeof out),
                        "signed, scoring, appraisal, finalized, reopened");
    assert_string_equal(sheet_state_names(IN_STATE(PB__SHEET_STATE__FINAL) | IN_STATE(PB__SHEET_STATE__NONE), out, 80),
                        "none, final");
    assert_string_equal(who_names(1u << PB__ROLE__COUNCIL | 1u << PB__ROLE__HEAD, out, sizeof out), "head, council");
    assert_string_equal(who_names(0, out, sizeof out), "");
    assert_string_equal(who_names(~0u, out, sizeof out),
                        "officer, head, city, council, auditor, admin, leader, deputy");
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
    assert_ptr_equal(who_names(~0u, &none, 0), &none);
    assert_int_equal(none, '#');
}

// ---- the period's machine ----

// draft -> signed -> scoring -> appraisal -> finalized -> published -> locked <-> reopened, and nothing else.
static void test_a_period_goes_one_way(void **state) {
    static const char *const next[] = {"signed",    "scoring", "appraisal", "finalized",
                                       "published", "locked",  "reopened",  "locked"};
    (void)state;
    for (size_t from = 0; from < PERIOD_STATES; from++) {
        char names[64];
        for (size_t to = 0; to < PERIOD_STATES; to++) {
            bool may = workflow_advance((Pb__PeriodState)(from + 1), (Pb__PeriodState)(to + 1)) != NULL;
            assert_int_equal(may, strcmp(next[from], periods[to]) == 0);
        }
        assert_string_equal(period_state_names(period_next_states((Pb__PeriodState)(from + 1)), names, sizeof names),
                            next[from]);
    }
}

static void test_provisional_until_finalized_and_while_reopened(void **state) {
    (void)state;
    for (size_t i = 0; i < PERIOD_STATES; i++) {
        bool settled = i == 4 || i == 5 || i == 6;
        assert_int_equal(period_is_provisional((Pb__PeriodState)(i + 1)), !settled);
        assert_int_equal(period_is_published((Pb__PeriodState)(i + 1)), i >= 5);
    }
}

// ---- who may do what ----

// As the command line's contract has it: O officer, H head, C city, K council, L local administration, l the period's
// leader, d its deputy.
static const struct {
    enum step step;
    const char *who;
} rights[] = {
    {STEP_LOAD, "KL"},    {STEP_SIGN, "H"},       {STEP_EXTEND, "K"},   {STEP_ADVANCE, "K"}, {STEP_SCORE, "OH"},
    {STEP_SUBMIT, "H"},   {STEP_APPRAISE, "Cld"}, {STEP_ADJUST, "C"},   {STEP_RETURN, "Cl"}, {STEP_EXPLAIN, "H"},
    {STEP_FINALIZE, "K"}, {STEP_HOLD, "K"},       {STEP_NOMINATE, "K"},
};

static unsigned set_of(const char *letters) {
    static const char order[] = "OHCKALld"; // from role 1 on
    unsigned set = 0;
    for (; *letters; letters++)
        set |= 1u << (strchr(order, *letters) - order + 1);
    return set;
}

static void test_everyone_has_the_rights_of_the_contract(void **state) {
    (void)state;
    assert_int_equal(sizeof rights / sizeof *rights, STEP_COUNT - 1);
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
        assert_int_equal(step_who(rights[i].step), set_of(rights[i].who));
}

// ---- the table ----

static bool is_in(unsigned set, int state) {
    return set & (1u << state);
}

static void test_every_row_is_well_formed(void **state) {
    const unsigned known_periods = (1u << (PERIOD_STATES + 1)) - 2, known_sheets = (1u << (SHEET_STATES + 1)) - 2;
    size_t count;
    const struct transition *rows = workflow_table(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        const struct transition *row = &rows[i];
        assert_in_range(row->step, STEP_NONE + 1, STEP_COUNT - 1);
        assert_true(row->who != 0 && (row->who & ~((1u << WHO_COUNT) - 2)) == 0);
        assert_true(row->period_states != 0 && (row->period_states & ~known_periods) == 0);
        assert_int_equal(row->sheet_states & ~known_sheets, 0);
        assert_in_range(row->period_next, 0, PERIOD_STATES);
        assert_in_range(row->sheet_next, 0, SHEET_STATES);
        assert_int_equal(row->period_next != 0, row->step == STEP_ADVANCE);
        assert_true(row->sheet_next == 0 || row->sheet_states != 0);
        assert_true(row->sheet_states == 0 || row->period_next == 0);
        assert_true(row->n_guards <= GUARDS_MAX);
        for (size_t k = 0; k < row->n_guards; k++)
            assert_in_range(row->guards[k], 0, REASON_COUNT - 1);
    }
}

// What is offered in two states is one row's matter, and that row is found.
static void test_each_pair_of_states_has_one_row_for_a_step(void **state) {
    size_t count;
    const struct transition *rows = workflow_table(&count);
    (void)state;
    for (int step = STEP_NONE + 1; step < STEP_COUNT; step++) {
        for (int period = 1; step != STEP_ADVANCE && period <= PERIOD_STATES; period++) {
            for (int sheet = 0; sheet <= SHEET_STATES; sheet++) {
                const struct transition *only = NULL;
                for (size_t i = 0; i < count; i++) {
                    bool offers = (int)rows[i].step == step && is_in(rows[i].period_states, period) &&
                                  (sheet == 0 || is_in(rows[i].sheet_states, sheet));
                    assert_false(offers && only && sheet != 0);
                    only = offers && !only ? &rows[i] : only;
                }
                assert_ptr_equal(workflow_find((enum step)step, (Pb__PeriodState)period, (Pb__SheetState)sheet), only);
                assert_int_equal(is_in(step_sheet_states((enum step)step, (Pb__PeriodState)period), sheet),
                                 sheet != 0 && only != NULL);
                assert_int_equal(is_in(step_period_states((enum step)step, (Pb__SheetState)sheet), period),
                                 only != NULL);
            }
        }
    }
}

// ---- where the steps lead ----

// Which pairs of states a period and one of its sheets can be in, and from which the end is in sight.
struct reached {
    bool pairs[PERIOD_STATES + 1][SHEET_STATES + 1];
};

// A period becomes finalized, and locked, with final sheets only.
static bool may_go(const struct transition *row, int period, int sheet) {
    bool settles = row->period_next == PB__PERIOD_STATE__FINALIZED || row->period_next == PB__PERIOD_STATE__LOCKED;
    return is_in(row->period_states, period) && (row->sheet_states == 0 || is_in(row->sheet_states, sheet)) &&
           (!settles || sheet == PB__SHEET_STATE__FINAL);
}

static void walk(struct reached *reached, int period, int sheet) {
    size_t count;
    const struct transition *rows = workflow_table(&count);
    assert_true(period >= 1 && period <= PERIOD_STATES && sheet >= 1 && sheet <= SHEET_STATES);
    if (reached->pairs[period][sheet])
        return;
    reached->pairs[period][sheet] = true;
    for (size_t i = 0; i < count; i++)
        if (may_go(&rows[i], period, sheet))
            walk(reached, rows[i].period_next ? rows[i].period_next : period,
                 rows[i].sheet_next ? rows[i].sheet_next : sheet);
}

static void test_every_state_and_every_row_is_reached(void **state) {
    struct reached reached = {0};
    unsigned period_states = 0, sheet_states = 0;
    size_t count;
    const struct transition *rows = workflow_table(&count);
    bool taken[64] = {false};
    (void)state;
    assert_true(count <= 64);
    walk(&reached, PB__PERIOD_STATE__DRAFT, PB__SHEET_STATE__NONE);
    for (int period = 1; period <= PERIOD_STATES; period++) {
        for (int sheet = 1; sheet <= SHEET_STATES; sheet++) {
            if (!reached.pairs[period][sheet])
                continue;
            period_states |= IN_STATE(period);
            sheet_states |= IN_STATE(sheet);
            for (size_t i = 0; i < count; i++)
                taken[i] = taken[i] || may_go(&rows[i], period, sheet);
        }
    }
    assert_int_equal(period_states, (1u << (PERIOD_STATES + 1)) - 2);
    assert_int_equal(sheet_states, (1u << (SHEET_STATES + 1)) - 2);
    for (size_t i = 0; i < count; i++)
        if (!taken[i])
            fail_msg("row %zu, %s, is never reached", i, step_name(rows[i].step));
}

// Wherever a year may be, it can still come to its end; and what is published is of final sheets, unless reopened.
static void test_no_step_leads_into_a_dead_end(void **state) {
    struct reached reached = {0};
    (void)state;
    walk(&reached, PB__PERIOD_STATE__DRAFT, PB__SHEET_STATE__NONE);
    for (int period = 1; period <= PERIOD_STATES; period++) {
        for (int sheet = 1; sheet <= SHEET_STATES; sheet++) {
            struct reached onward = {0};
            if (!reached.pairs[period][sheet])
                continue;
            walk(&onward, period, sheet);
            assert_true(onward.pairs[PB__PERIOD_STATE__LOCKED][PB__SHEET_STATE__FINAL]);
            if (!period_is_provisional((Pb__PeriodState)period))
                assert_int_equal(sheet, PB__SHEET_STATE__FINAL);
        }
    }
}

// Out of final lead a bonus or deduction, and a return; nothing is done in a locked period but to reopen it.
static void test_what_is_closed_is_opened_by_its_own_steps_only(void **state) {
    size_t count;
    const struct transition *rows = workflow_table(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        const struct transition *row = &rows[i];
        bool from_final = is_in(row->sheet_states, PB__SHEET_STATE__FINAL);
        int next = row->step == STEP_ADJUST   ? PB__SHEET_STATE__APPRAISED
                   : row->step == STEP_RETURN ? PB__SHEET_STATE__RETURNED
                                              : 0;
        if (from_final)
            assert_int_equal(row->sheet_next, next);
        if (from_final && next != 0)
            assert_int_equal(row->period_states,
                             IN_STATE(PB__PERIOD_STATE__APPRAISAL) | IN_STATE(PB__PERIOD_STATE__REOPENED));
        if (is_in(row->period_states, PB__PERIOD_STATE__LOCKED))
            assert_true(row->step == STEP_ADVANCE && row->period_next == PB__PERIOD_STATE__REOPENED);
        if (is_in(row->period_states, PB__PERIOD_STATE__PUBLISHED))
            assert_true(row->step == STEP_ADVANCE && row->period_next == PB__PERIOD_STATE__LOCKED);
    }
}

static void test_sheets_that_are_with_their_judges(void **state) {
    static const bool handed_in[] = {false, false, true, false, true, true, true};
    (void)state;
    for (size_t i = 0; i < SHEET_STATES; i++)
        assert_int_equal(sheet_is_handed_in((Pb__SheetState)(i + 1)), handed_in[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_those_of_the_command_line),
        cmocka_unit_test(test_numbers_that_are_no_state_have_no_successor),
        cmocka_unit_test(test_sets_are_joined_in_order),
        cmocka_unit_test(test_a_short_buffer_is_cut_and_terminated),
        cmocka_unit_test(test_a_period_goes_one_way),
        cmocka_unit_test(test_provisional_until_finalized_and_while_reopened),
        cmocka_unit_test(test_everyone_has_the_rights_of_the_contract),
        cmocka_unit_test(test_every_row_is_well_formed),
        cmocka_unit_test(test_each_pair_of_states_has_one_row_for_a_step),
        cmocka_unit_test(test_every_state_and_every_row_is_reached),
        cmocka_unit_test(test_no_step_leads_into_a_dead_end),
        cmocka_unit_test(test_what_is_closed_is_opened_by_its_own_steps_only),
        cmocka_unit_test(test_sheets_that_are_with_their_judges),
    };
    return cmocka_run_group_tests_name("workflow", tests, NULL, NULL);
}
