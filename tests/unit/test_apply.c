#include "tests/unit/event_fixture.h"

// ---- accounts ----

static void an_invitation_makes_an_account(void **in) {
    struct world *world = *in;
    struct account account;
    const uint8_t code[32] = {[0 ... 31] = 0xc0};
    begin(world);
    applied(world, founded(world));
    assert_int_equal(view_last_account(writing(world)), 0);
    applied(world, invited(world, 1, 0xc0, false));
    assert_true(view_account_by_code(writing(world), code, &account));
    assert_int_equal(account.number, 1);
    assert_int_equal(account.role, PB__ROLE__OFFICER);
    assert_int_equal(account.unit, 1);
    assert_int_equal(account.created_ms, 1001);
    assert_int_equal(account.code_expires_ms, 5000);
    assert_int_equal(account.seq, 2);
    assert_string_equal(account.label, "máy bàn, phòng Tổng hợp");
    assert_false(account.enrolled || account.revoked || account.code_spent);
    assert_int_equal(view_last_account(writing(world)), 1);
    refused_by_apply(world, invited(world, 3, 0xc3, false), "does not follow 1");
    refused_by_apply(world, invited(world, 2, 0xc0, false), "belongs to account 1");
}

static void enrolling_spends_the_code(void **in) {
    struct world *world = *in;
    struct account account;
    begin(world);
    applied(world, founded(world));
    applied(world, invited(world, 1, 0xc0, false));
    applied(world, enrolled(world, 1, 0xc0, 0xaa));
    assert_true(view_account(writing(world), 1, &account));
    assert_true(account.enrolled && account.code_spent);
    assert_int_equal(account.verifier[31], 0xaa);
    assert_int_equal(account.expires_ms, 9000);
    assert_int_equal(account.seq, 3);
    refused_by_apply(world, enrolled(world, 1, 0xc0, 0xbb), "not the code");
}

static void a_new_invitation_replaces_the_code_but_not_yet_the_token(void **in) {
    struct world *world = *in;
    struct account account;
    const uint8_t old[32] = {[0 ... 31] = 0xc0};
    begin(world);
    applied(world, founded(world));
    applied(world, invited(world, 1, 0xc0, false));
    applied(world, enrolled(world, 1, 0xc0, 0xaa));
    applied(world, invited(world, 1, 0xc1, true));
    assert_true(view_account(writing(world), 1, &account));
    assert_true(account.enrolled && !account.code_spent);
    assert_int_equal(account.verifier[0], 0xaa);
    assert_int_equal(account.created_ms, 1001);
    assert_false(view_account_by_code(writing(world), old, &account));
    applied(world, enrolled(world, 1, 0xc1, 0xbb));
    assert_true(view_account(writing(world), 1, &account));
    assert_int_equal(account.verifier[0], 0xbb);
    applied(world, revoked(world, 1));
    assert_true(view_account(writing(world), 1, &account));
    assert_true(account.revoked);
    refused_by_apply(world, revoked(world, 2), "no account 2");
}

// ---- periods ----

static void a_definition_registers_period_and_units(void **in) {
    struct world *world = *in;
    struct period_row row;
    begin(world);
    applied(world, founded(world));
    applied(world, period_defined(world, 1));
    commit(world);
    const struct view *view = reading(world);
    assert_int_equal(view_period_number(view, "hn-cum-1-2022"), 1);
    assert_int_equal(view_period_number(view, "hn-cum-1-2023"), 0);
    assert_int_equal(view_unit_number(view, "quan-dong-da"), 2);
    assert_int_equal(view_unit_number(view, "hn-cum-1-2022"), 0); // a period is no unit
    assert_int_equal(view_last_unit(view), 2);
    assert_int_equal(view_last_period(view), 1);
    assert_string_equal(view_unit(view, 2, world->arena)->name, "Đống Đa");
    assert_null(view_unit(view, 3, world->arena));
    assert_true(view_period_row(view, 1, &row));
    assert_int_equal(row.state, PB__PERIOD_STATE__DRAFT);
    assert_int_equal(row.definition_seq, 2);
    const struct period *period = view_period(view, 1);
    assert_int_equal(period->n_leaves, 3);
    assert_ptr_equal(view_period(view, 1), period); // compiled once
    assert_null(view_fault(view));
    ledger_read_end(world->ledger);
}

static void a_long_id_is_simply_unknown(void **in) {
    struct world *world = *in;
    char id[1001];
    memset(id, 'a', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    begin(world);
    assert_int_equal(view_unit_number(writing(world), id), 0);
    assert_int_equal(view_period_number(writing(world), ""), 0);
    assert_null(view_fault(writing(world)));
}

static void numbers_that_do_not_follow_fail(void **in) {
    struct world *world = *in;
    begin(world);
    applied(world, founded(world));
    refused_by_apply(world, period_defined(world, 2), "not the number of 'hn-cum-1-2022'");
    ledger_abort(world->ledger);
    begin(world);
    applied(world, founded(world));
    Pb__Event event = period_defined(world, 1);
    event.period_defined->units[1] = 7;
    refused_by_apply(world, event, "not the number of quan-dong-da");
}

static void a_wrong_hash_fails(void **in) {
    struct world *world = *in;
    begin(world);
    applied(world, founded(world));
    Pb__Event event = period_defined(world, 1);
    event.period_defined->hash.data[0] ^= 1;
    refused_by_apply(world, event, "not the definition's");
}

static void a_redefinition_voids_signatures(void **in) {
    struct world *world = *in;
    begin(world);
    applied(world, founded(world));
    applied(world, period_defined(world, 1));
    applied(world, signed_by(world, 1, 1));
    applied(world, signed_by(world, 1, 2));
    assert_int_equal(sheet_now(world, 1, 2).signed_seq, 4);
    add_criterion(&world->fixture, "TC4", 100);
    world->fixture.definition->units[0]->name = "Ba Đình mới";
    Pb__Event event = period_defined(world, 1);
    event.period_defined->n_voided = 1;
    event.period_defined->voided = (uint32_t[]){2};
    applied(world, event);
    struct sheet first = sheet_now(world, 1, 1), second = sheet_now(world, 1, 2);
    assert_int_equal(first.signed_seq, 3);
    assert_int_equal(first.n_leaves, 4);
    assert_int_equal(second.signed_seq, 0);
    assert_int_equal(second.seq, 5);
    assert_string_equal(view_unit(writing(world), 1, world->arena)->name, "Ba Đình mới");
}

static void a_unit_that_leaves_takes_its_sheet_along(void **in) {
    struct world *world = *in;
    begin(world);
    applied(world, founded(world));
    applied(world, period_defined(world, 1));
    applied(world, signed_by(world, 1, 2));
    commit(world);
    begin(world);
    world->fixture.definition->n_units = 1;
    applied(world, period_defined(world, 1));
    commit(world);
    begin(world);
    assert_int_equal(count_rows(ledger_txn(world->ledger), STORE_SHEETS), 0);
    refused_by_apply(world, signed_by(world, 1, 2), "takes no part");
    ledger_abort(world->ledger);
    begin(world);
    world->fixture.definition->n_units = 2; // and comes back under its old number, unsigned
    applied(world, period_defined(world, 1));
    assert_int_equal(sheet_now(world, 1, 2).signed_seq, 0);
}

static void only_a_draft_is_redefined(void **in) {
    struct world *world = *in;
    open_for_scores(world);
    refused_by_apply(world, period_defined(world, 1), "no draft");
}

static void a_period_advances_from_where_it_stands(void **in) {
    struct world *world = *in;
    struct period_row row;
    open_for_scores(world);
    assert_true(view_period_row(writing(world), 1, &row));
    assert_int_equal(row.state, PB__PERIOD_STATE__SCORING);
    assert_int_equal(row.seq, 6);
    applied(world, deadline_passed(world, 1));
    commit(world);
    assert_true(view_period_row(reading(world), 1, &row));
    assert_true(row.deadline_passed);
    assert_int_equal(row.seq, 7);
    ledger_read_end(world->ledger);
    begin(world);
    refused_by_apply(world, period_advanced(world, 1, PB__PERIOD_STATE__DRAFT, PB__PERIOD_STATE__SIGNED), "in state 3");
    refused_by_apply(world, deadline_passed(world, 2), "no period 2");
}

// ---- scores ----

static void a_score_sets_line_and_totals(void **in) {
    struct world *world = *in;
    struct line line;
    open_for_scores(world);
    assert_int_equal(sheet_now(world, 1, 1).self_total_cp, POINTS_NONE);
    applied(world, score_set(world, 1, 1, 0, 4000)); // 7
    applied(world, score_set(world, 1, 1, 2, 0));    // 8
    applied(world, score_set(world, 1, 1, 0, 4250)); // 9
    for (int pass = 0; pass < 2; pass++) {
        const struct view *view = pass == 0 ? writing(world) : reading(world);
        const struct period *period = view_period(view, 1);
        struct sheet sheet;
        assert_true(view_sheet(view, period, 1, &sheet));
        assert_int_equal(sheet.state, PB__SHEET_STATE__SHEET_DRAFT);
        assert_int_equal(sheet.self_total_cp, 4250);
        assert_int_equal(sheet.self_cp[0], 4250);
        assert_int_equal(sheet.self_cp[1], POINTS_NONE);
        assert_int_equal(sheet.self_cp[2], 0);
        assert_int_equal(sheet.handed_total_cp, POINTS_NONE);
        assert_int_equal(sheet.seq, 9);
        assert_true(view_line(view, 1, 1, 0, &line));
        assert_int_equal(line.points_cp, 4250);
        assert_int_equal(line.revision, 2);
        assert_int_equal(line.seq, 9);
        assert_false(view_line(view, 1, 1, 1, &line));
        assert_false(view_line(view, 1, 2, 0, &line));
        assert_null(view_fault(view));
        if (pass == 0)
            commit(world);
    }
    ledger_read_end(world->ledger);
}

static void an_actual_figure_is_kept(void **in) {
    struct world *world = *in;
    struct line line;
    open_for_scores(world);
    Pb__Event event = score_set(world, 1, 2, 1, 100);
    event.score_set->lines[0]->has_actual = true;
    event.score_set->lines[0]->actual = INT64_C(-500000000000);
    applied(world, event);
    assert_true(view_line(writing(world), 1, 2, 1, &line));
    assert_true(line.has_actual);
    assert_int_equal(line.actual, INT64_C(-500000000000));
}

// P6: a total is the sum of its lines, always.
static void a_total_that_is_not_the_sum_fails(void **in) {
    struct world *world = *in;
    open_for_scores(world);
    Pb__Event event = score_set(world, 1, 1, 0, 4000);
    event.score_set->after->self_total_cp++;
    refused_by_apply(world, event, "the total 4001 is not the sum 4000");
}

static void lines_that_are_not_the_sheets_fail(void **in) {
    struct world *world = *in;
    open_for_scores(world);
    Pb__Event event = score_set(world, 1, 1, 0, 4000);
    event.score_set->after->self_cp[1] = 100;
    event.score_set->after->self_total_cp += 100;
    refused_by_apply(world, event, "not those of the sheet");
}

static void what_a_score_replaces_must_stand(void **in) {
    struct world *world = *in;
    open_for_scores(world);
    applied(world, score_set(world, 1, 1, 0, 4000));
    commit(world);
    for (int wrong = 0; wrong < 5; wrong++) {
        begin(world);
        Pb__Event event = score_set(world, 1, 1, 0, 4100);
        Pb__LineSet *set = event.score_set->lines[0];
        set->revision += wrong == 0;
        set->replaces += wrong == 1;
        set->from_cp += wrong == 2;
        event.score_set->after->replaces -= wrong == 3;
        set->leaf += wrong == 4 ? 3 : 0;
        refused_by_apply(world, event, wrong == 3 ? "stands at entry 7" : wrong == 4 ? "no leaf 3" : "revision 1");
        ledger_abort(world->ledger);
    }
}

static void handing_in_keeps_what_was_handed_in(void **in) {
    struct world *world = *in;
    open_for_scores(world);
    applied(world, score_set(world, 1, 1, 0, 4000));
    applied(world, sheet_submitted(world, 1, 1, true)); // 8
    applied(world, score_set(world, 1, 1, 0, 100));     // a returned sheet, say
    struct sheet sheet = sheet_now(world, 1, 1);
    assert_int_equal(sheet.handed_cp[0], 4000);
    assert_int_equal(sheet.handed_total_cp, 4000);
    assert_int_equal(sheet.handed_seq, 8);
    assert_int_equal(sheet.sheet_revision, 1);
    assert_true(sheet.late);
    assert_int_equal(sheet.self_total_cp, 100);
    assert_int_equal(sheet.signed_seq, 3);
    Pb__Event event = sheet_submitted(world, 1, 1, false);
    event.sheet_submitted->after->sheet_revision = 1;
    refused_by_apply(world, event, "hand-in 1");
}

#define T(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        T(an_invitation_makes_an_account),
        T(enrolling_spends_the_code),
        T(a_new_invitation_replaces_the_code_but_not_yet_the_token),
        T(a_definition_registers_period_and_units),
        T(a_long_id_is_simply_unknown),
        T(numbers_that_do_not_follow_fail),
        T(a_wrong_hash_fails),
        T(a_redefinition_voids_signatures),
        T(a_unit_that_leaves_takes_its_sheet_along),
        T(only_a_draft_is_redefined),
        T(a_period_advances_from_where_it_stands),
        T(a_score_sets_line_and_totals),
        T(an_actual_figure_is_kept),
        T(a_total_that_is_not_the_sum_fails),
        T(lines_that_are_not_the_sheets_fail),
        T(what_a_score_replaces_must_stand),
        T(handing_in_keeps_what_was_handed_in),
    };
    return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
