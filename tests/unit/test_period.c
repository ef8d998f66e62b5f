#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "proto/message.h"
#include "tests/unit/definition.h"

// Three units, a criterion with two items, one computed by bands, one linear: nothing is wrong with it.
static void sound(struct fixture *fixture) {
    fixture_begin(fixture);
    add_unit(fixture, "quan-ba-dinh", "ba-dinh", "Ba Đình");
    add_unit(fixture, "quan-dong-da", "dong-da", "Đống Đa");
    add_unit(fixture, "quan-long-bien", NULL, "Long Biên")->valid_to = "2025-06-30";
    add_criterion(fixture, "TC1", 5000);
    add_criterion(fixture, "TC1.1", 2000)->step_cp = 25;
    add_criterion(fixture, "TC1.2", 3000);
    Pb__CriterionDefinition *bands = add_criterion(fixture, "TC2", 2500);
    bands->formula = PB__FORMULA__BANDS;
    add_band(fixture, bands, 10000, 2500);
    add_band(fixture, bands, 9000, 1000);
    add_target(fixture, bands, "quan-ba-dinh", 10);
    add_target(fixture, bands, "quan-long-bien", 20);
    add_not_assigned(fixture, bands, "quan-dong-da");
    Pb__CriterionDefinition *linear = add_criterion(fixture, "TC3", 2500);
    linear->formula = PB__FORMULA__LINEAR;
    add_target(fixture, linear, "quan-ba-dinh", 500000000);
    add_target(fixture, linear, "quan-dong-da", 300000000);
    add_target(fixture, linear, "quan-long-bien", 1);
    add_tie_break(fixture, "deduction");
    add_tie_break(fixture, "TC3");
    add_class(fixture, "xuat-sac", 9500);
    add_class(fixture, "tot", 8500);
    fixture->definition->leader = "quan-ba-dinh";
    fixture->definition->deputy = "quan-dong-da";
}

static Pb__CriterionDefinition *criterion(const struct fixture *fixture, const char *code) {
    for (size_t i = 0; i < fixture->definition->n_criteria; i++) {
        if (strcmp(fixture->definition->criteria[i]->code, code) == 0)
            return fixture->definition->criteria[i];
    }
    fail_msg("no criterion %s", code);
    return NULL;
}

static Pb__UnitDefinition *unit(const struct fixture *fixture, size_t index) {
    return fixture->definition->units[index];
}

// Exactly this problem is found, and returned; the definition is still one that has passed the first validation.
static const struct problem *expect_problem(struct fixture *fixture, enum reason reason) {
    assert_true(message_validate(&fixture->definition->base, &fixture->problems));
    assert_false(period_check(fixture->definition, &fixture->problems));
    if (fixture->problems.count != 1 || fixture->problems.list[0].reason != reason)
        for (size_t i = 0; i < fixture->problems.count; i++)
            print_error("found %s\n", fixture->problems.list[i].wire.reason);
    assert_int_equal(fixture->problems.count, 1);
    assert_int_equal(fixture->problems.list[0].reason, reason);
    return &fixture->problems.list[0];
}

static void expect_named(struct fixture *fixture, enum reason reason, const char *field, const char *value) {
    const struct problem *found = expect_problem(fixture, reason);
    if (field != NULL)
        assert_text(found, "field", field);
    assert_text(found, "value", value);
    fixture_end(fixture);
}

static void expect_criterion(struct fixture *fixture, enum reason reason, const char *code) {
    assert_text(expect_problem(fixture, reason), "criterion", code);
    fixture_end(fixture);
}

static void expect_sound(struct fixture *fixture) {
    assert_true(message_validate(&fixture->definition->base, &fixture->problems));
    bool fine = period_check(fixture->definition, &fixture->problems);
    if (!fine)
        print_error("found %s\n", fixture->problems.list[0].wire.reason);
    assert_true(fine);
    assert_int_equal(fixture->problems.count, 0);
    fixture_end(fixture);
}

// ---- period_check ----

static void test_a_sound_definition_passes(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    expect_sound(&fixture);
}

static void test_a_draft_may_be_unfinished(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    fixture.definition->has_deadline_ms = false;
    fixture.definition->total_cp = 20000;
    criterion(&fixture, "TC1")->provenance = PB__PROVENANCE__UNNAMED;
    expect_sound(&fixture);
}

static void test_what_stands_twice_is_found(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    add_unit(&fixture, "quan-ba-dinh", NULL, "Ba Đình");
    add_target(&fixture, criterion(&fixture, "TC2"), "quan-ba-dinh", 1); // a second one for the first of the name
    fixture.definition->criteria[3]->n_targets--;
    criterion(&fixture, "TC2")->formula = criterion(&fixture, "TC3")->formula = PB__FORMULA__MANUAL;
    expect_named(&fixture, REASON_DEFINITION_DUPLICATE, "unit", "quan-ba-dinh");
    sound(&fixture);
    unit(&fixture, 2)->alias = "quan-dong-da"; // ids and aliases share one name space
    expect_named(&fixture, REASON_DEFINITION_DUPLICATE, "unit", "quan-dong-da");
    sound(&fixture);
    unit(&fixture, 2)->alias = "ba-dinh";
    expect_named(&fixture, REASON_DEFINITION_DUPLICATE, "unit", "ba-dinh");
    sound(&fixture);
    criterion(&fixture, "TC1.2")->code = "tc1.1";
    expect_named(&fixture, REASON_DEFINITION_DUPLICATE, "criterion", "TC1.1");
    sound(&fixture);
    add_tie_break(&fixture, "tc3");
    expect_named(&fixture, REASON_DEFINITION_DUPLICATE, "tie_breaks", "TC3");
    sound(&fixture);
    add_class(&fixture, "tot", 5000);
    expect_named(&fixture, REASON_DEFINITION_DUPLICATE, "class", "tot");
    sound(&fixture);
    add_not_assigned(&fixture, criterion(&fixture, "TC2"), "quan-dong-da");
    expect_named(&fixture, REASON_DEFINITION_DUPLICATE, "criterion TC2 not_assigned", "quan-dong-da");
    sound(&fixture);
    add_target(&fixture, criterion(&fixture, "TC3"), "quan-dong-da", 5);
    expect_named(&fixture, REASON_DEFINITION_DUPLICATE, "criterion TC3 target", "quan-dong-da");
    sound(&fixture);
    add_target(&fixture, criterion(&fixture, "TC2"), "quan-dong-da", 5);
    expect_named(&fixture, REASON_DEFINITION_DUPLICATE, "criterion TC2 target and not_assigned", "quan-dong-da");
}

static void test_two_classes_cannot_begin_at_the_same_points(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    add_class(&fixture, "kha", 8500);
    const struct problem *found = expect_problem(&fixture, REASON_DEFINITION_DUPLICATE);
    assert_text(found, "field", "class from");
    assert_points(found, "value", 8500);
    fixture_end(&fixture);
}

static void test_identifiers(void **state) {
    static const char *const bad[] = {"Quan", "1quan", "-quan", "quan_a", "quan a", "quận", "quan.a"};
    struct fixture fixture;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sound(&fixture);
        fixture.definition->id = bad[i];
        expect_named(&fixture, REASON_DEFINITION_NAME, "id", bad[i]);
        sound(&fixture);
        fixture.definition->cluster = bad[i];
        expect_named(&fixture, REASON_DEFINITION_NAME, "cluster", bad[i]);
        sound(&fixture);
        unit(&fixture, 2)->alias = bad[i];
        expect_named(&fixture, REASON_DEFINITION_NAME, "alias", bad[i]);
        sound(&fixture);
        unit(&fixture, 2)->parent = bad[i];
        expect_named(&fixture, REASON_DEFINITION_NAME, "parent", bad[i]);
        sound(&fixture);
        fixture.definition->classes[0]->id = bad[i];
        expect_named(&fixture, REASON_DEFINITION_NAME, "class", bad[i]);
        sound(&fixture);
        unit(&fixture, 2)->id = bad[i];
        criterion(&fixture, "TC2")->targets[1]->unit = criterion(&fixture, "TC3")->targets[2]->unit = bad[i];
        expect_named(&fixture, REASON_DEFINITION_NAME, "unit", bad[i]);
    }
}

static void test_leader_and_deputy_are_two_units_of_the_period(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    fixture.definition->leader = "quan-hoan-kiem";
    expect_named(&fixture, REASON_DEFINITION_UNIT, "leader", "quan-hoan-kiem");
    sound(&fixture);
    fixture.definition->deputy = "dong-da"; // an alias does not do
    expect_named(&fixture, REASON_DEFINITION_UNIT, "deputy", "dong-da");
    sound(&fixture);
    fixture.definition->deputy = "quan-ba-dinh";
    assert_text(expect_problem(&fixture, REASON_DEFINITION_LEADERS), "unit", "quan-ba-dinh");
    fixture_end(&fixture);
    sound(&fixture);
    fixture.definition->deputy = NULL;
    expect_sound(&fixture);
}

static void test_targets_and_exceptions_name_units_of_the_period(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    add_not_assigned(&fixture, criterion(&fixture, "TC1.1"), "hoan-kiem");
    expect_named(&fixture, REASON_DEFINITION_UNIT, "criterion TC1.1 not_assigned", "hoan-kiem");
    sound(&fixture);
    add_target(&fixture, criterion(&fixture, "TC3"), "hoan-kiem", 4);
    expect_named(&fixture, REASON_DEFINITION_UNIT, "criterion TC3 target", "hoan-kiem");
}

static void test_codes(void **state) {
    static const char *const bad[] = {"TC-9", "TC9.", ".TC9", "TC9..1", "TC 9", "Đ9", "deduction", "."};
    struct fixture fixture;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sound(&fixture);
        add_criterion(&fixture, bad[i], 0);
        expect_named(&fixture, REASON_DEFINITION_CODE, NULL, bad[i]);
    }
    sound(&fixture);
    add_criterion(&fixture, "1", 100);
    add_criterion(&fixture, "1.1", 100);
    add_criterion(&fixture, "1.1.a", 100);
    expect_sound(&fixture);
    sound(&fixture);
    add_criterion(&fixture, "TC1.1.1", 2000);
    add_criterion(&fixture, "TC1.1.1.1", 2000);
    expect_named(&fixture, REASON_DEFINITION_CODE, NULL, "TC1.1.1.1");
}

static void test_items_stand_under_a_criterion(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    add_criterion(&fixture, "TC4.1", 100);
    expect_named(&fixture, REASON_DEFINITION_PARENT, NULL, "TC4");
    sound(&fixture);
    add_criterion(&fixture, "TC1.3.1", 100); // TC1.3 is missing, TC1 alone does not do
    expect_named(&fixture, REASON_DEFINITION_PARENT, NULL, "TC1.3");
    sound(&fixture);
    criterion(&fixture, "TC1.2")->code = "tc1.2"; // codes are compared without case
    expect_sound(&fixture);
}

static void test_items_add_up(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    criterion(&fixture, "TC1.2")->max_cp = 2999;
    const struct problem *found = expect_problem(&fixture, REASON_DEFINITION_ITEMS_SUM);
    assert_text(found, "criterion", "TC1");
    assert_points(found, "value", 4999);
    assert_points(found, "limit", 5000);
    fixture_end(&fixture);
}

static void test_the_step_divides_the_maximum(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    criterion(&fixture, "TC1.1")->step_cp = 30;
    const struct problem *found = expect_problem(&fixture, REASON_DEFINITION_STEP);
    assert_text(found, "criterion", "TC1.1");
    assert_points(found, "value", 2000);
    assert_points(found, "limit", 30);
    fixture_end(&fixture);
}

static void test_formula_and_its_figures_go_together(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    add_band(&fixture, criterion(&fixture, "TC3"), 10000, 2500);
    expect_criterion(&fixture, REASON_DEFINITION_FORMULA, "TC3");
    sound(&fixture);
    criterion(&fixture, "TC1")->formula = PB__FORMULA__LINEAR;
    expect_criterion(&fixture, REASON_DEFINITION_FORMULA, "TC1");
    sound(&fixture);
    criterion(&fixture, "TC2")->n_bands = 0;
    assert_text(expect_problem(&fixture, REASON_FIELD_MISSING), "field", "criterion TC2 bands");
    fixture_end(&fixture);
    sound(&fixture); // beside manual they inform
    criterion(&fixture, "TC2")->formula = PB__FORMULA__MANUAL;
    criterion(&fixture, "TC2")->n_targets = 1;
    expect_sound(&fixture);
}

static void test_each_assigned_unit_has_a_target_above_zero(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    criterion(&fixture, "TC3")->targets[1]->value = 0;
    assert_text(expect_problem(&fixture, REASON_DEFINITION_TARGET), "unit", "quan-dong-da");
    fixture_end(&fixture);
    sound(&fixture);
    criterion(&fixture, "TC3")->n_targets = 2;
    assert_text(expect_problem(&fixture, REASON_DEFINITION_TARGET), "unit", "quan-long-bien");
    fixture_end(&fixture);
    sound(&fixture);
    criterion(&fixture, "TC2")->n_not_assigned = 0;
    assert_text(expect_problem(&fixture, REASON_DEFINITION_TARGET), "unit", "quan-dong-da");
    fixture_end(&fixture);
    sound(&fixture); // said of the criterion above, it holds for its items
    criterion(&fixture, "TC1.1")->formula = PB__FORMULA__LINEAR;
    add_target(&fixture, criterion(&fixture, "TC1.1"), "quan-ba-dinh", 1);
    add_target(&fixture, criterion(&fixture, "TC1.1"), "quan-dong-da", 1);
    add_not_assigned(&fixture, criterion(&fixture, "TC1"), "quan-long-bien");
    expect_sound(&fixture);
}

static void test_bands_go_down(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    criterion(&fixture, "TC2")->bands[1]->from_percent_cp = 10000;
    expect_criterion(&fixture, REASON_DEFINITION_BANDS, "TC2");
    sound(&fixture);
    criterion(&fixture, "TC2")->bands[1]->from_percent_cp = 10001;
    expect_criterion(&fixture, REASON_DEFINITION_BANDS, "TC2");
    sound(&fixture);
    criterion(&fixture, "TC2")->bands[1]->points_cp = 2501;
    expect_criterion(&fixture, REASON_DEFINITION_BANDS, "TC2");
}

static void test_tie_breaks_classes_and_dates(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    add_tie_break(&fixture, "TC9");
    expect_named(&fixture, REASON_DEFINITION_TIE_BREAK, NULL, "TC9");
    sound(&fixture);
    fixture.definition->classes[0]->from_cp = 10001;
    expect_named(&fixture, REASON_DEFINITION_CLASS, NULL, "xuat-sac");
    sound(&fixture);
    fixture.definition->classes[0]->from_cp = 10000;
    expect_sound(&fixture);
    sound(&fixture);
    unit(&fixture, 2)->valid_from = "2025-07-01";
    assert_text(expect_problem(&fixture, REASON_DEFINITION_DATE_ORDER), "unit", "quan-long-bien");
    fixture_end(&fixture);
    sound(&fixture);
    unit(&fixture, 2)->valid_from = "2025-06-30";
    expect_sound(&fixture);
}

static void test_every_problem_is_found_at_once(void **state) {
    static const enum reason expected[] = {
        REASON_DEFINITION_NAME, REASON_DEFINITION_DUPLICATE, REASON_DEFINITION_UNIT,   REASON_DEFINITION_ITEMS_SUM,
        REASON_DEFINITION_STEP, REASON_DEFINITION_BANDS,     REASON_DEFINITION_TARGET, REASON_DEFINITION_TARGET,
        REASON_DEFINITION_CODE, REASON_DEFINITION_TIE_BREAK, REASON_DEFINITION_CLASS,
    };
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    fixture.definition->id = "HN";
    unit(&fixture, 2)->alias = "ba-dinh";
    fixture.definition->deputy = "hoan-kiem";
    criterion(&fixture, "TC1")->max_cp = 5001;
    criterion(&fixture, "TC1.1")->step_cp = 33;
    criterion(&fixture, "TC2")->bands[0]->from_percent_cp = 8000;
    criterion(&fixture, "TC3")->n_targets = 1;
    add_criterion(&fixture, "T?", 1);
    add_tie_break(&fixture, "TC7");
    fixture.definition->classes[1]->from_cp = 20000;
    assert_false(period_check(fixture.definition, &fixture.problems));
    assert_int_equal(fixture.problems.count, sizeof expected / sizeof expected[0]);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(fixture.problems.list[i].reason, expected[i]);
    fixture_end(&fixture);
}

// ---- sizes ----

static void large(struct fixture *fixture, int units, int leaves) {
    char id[32], name[64];
    fixture_begin(fixture);
    for (int i = 0; i < units; i++) {
        snprintf(id, sizeof id, "u%04d", i + 1);
        snprintf(name, sizeof name, "Xã Hòa Nghĩa %d", i + 1);
        add_unit(fixture, id, NULL, name);
    }
    for (int i = 0; i < leaves; i++) {
        snprintf(id, sizeof id, "TC%d", i + 1);
        add_criterion(fixture, id, 250);
    }
}

static void test_the_whole_country_fits_one_message(void **state) {
    struct fixture fixture;
    (void)state;
    large(&fixture, 3321, 40);
    Pb__PeriodLoad load = PB__PERIOD_LOAD__INIT;
    load.definition = fixture.definition;
    Pb__Request request = PB__REQUEST__INIT;
    request.has_id = true;
    request.id = 1;
    request.body_case = PB__REQUEST__BODY_PERIOD_LOAD;
    request.period_load = &load;
    size_t size = pb__request__get_packed_size(&request);
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    pb__request__pack(&request, bytes);
    struct arena *arena = arena_new(MESSAGE_BUDGET);
    assert_non_null(arena);
    uint64_t id = 0;
    const Pb__Request *unpacked = message_unpack_request(arena, bytes, size, &id, &fixture.problems);
    assert_non_null(unpacked);
    assert_true(period_check(unpacked->period_load->definition, &fixture.problems));
    arena_free(arena);
    free(bytes);
    fixture_end(&fixture);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// Far more than is needed; a quadratic way takes far more still.
static void test_the_largest_definition_is_checked_and_compiled_quickly(void **state) {
    struct fixture fixture;
    (void)state;
    large(&fixture, PERIOD_UNITS_MAX, 40);
    for (size_t i = 0; i < 40; i++) {
        Pb__CriterionDefinition *each = fixture.definition->criteria[i];
        each->formula = PB__FORMULA__LINEAR;
        for (size_t j = 0; j < PERIOD_UNITS_MAX; j++)
            add_target(&fixture, each, unit(&fixture, j)->id, 100);
    }
    double before = seconds();
    assert_true(period_check(fixture.definition, &fixture.problems));
    struct period *period = compiled(&fixture);
    assert_true(seconds() - before < 10);
    assert_int_equal(period->n_units, PERIOD_UNITS_MAX);
    assert_int_equal(period_assigned_count(period, PERIOD_UNITS_MAX - 1), 40);
    period_free(period);
    fixture_end(&fixture);
}

static void test_too_many_problems_are_counted(void **state) {
    struct fixture fixture;
    (void)state;
    large(&fixture, 3321, 40);
    for (size_t i = 0; i < 40; i++)
        fixture.definition->criteria[i]->formula = PB__FORMULA__LINEAR;
    assert_false(period_check(fixture.definition, &fixture.problems));
    assert_int_equal(fixture.problems.count, 3321 * 40);
    fixture_end(&fixture);
}

// ---- period_compile and what is asked of it ----

static void test_the_compiled_period_owns_a_copy(void **state) {
    struct fixture fixture;
    uint8_t hash[32];
    (void)state;
    sound(&fixture);
    assert_true(message_hash(&fixture.definition->base, hash));
    struct period *period = compiled(&fixture);
    fixture_end(&fixture);
    assert_memory_equal(period->hash, hash, sizeof hash);
    assert_int_equal(period->number, 7);
    assert_int_equal(period->rules, RULES_CURRENT);
    assert_string_equal(period->definition->id, "hn-cum-1-2022");
    assert_int_equal(period->n_units, 3);
    assert_string_equal(period_unit(period, 1)->name, "Đống Đa");
    assert_int_equal(period->leader, 0);
    assert_int_equal(period->deputy, 1);
    period_free(period);
    period_free(NULL);
}

static void test_no_leader_is_minus_one(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    fixture.definition->leader = fixture.definition->deputy = NULL;
    struct period *period = compiled(&fixture);
    assert_int_equal(period->leader, -1);
    assert_int_equal(period->deputy, -1);
    period_free(period);
    fixture_end(&fixture);
}

static void test_units_are_found_by_number(void **state) {
    static const uint32_t numbers[] = {40, 4294967295u, 3};
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    struct period *period = period_compile(1, RULES_CURRENT, fixture.definition, numbers);
    assert_non_null(period);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(period->unit_numbers[i], numbers[i]);
        assert_int_equal(period_unit_by_number(period, numbers[i]), i);
    }
    assert_int_equal(period_unit_by_number(period, 0), -1);
    assert_int_equal(period_unit_by_number(period, 41), -1);
    period_free(period);
    fixture_end(&fixture);
}

static void test_units_are_found_by_id_alias_and_name(void **state) {
    static const struct {
        const char *text;
        int unit;
    } cases[] = {
        {"quan-ba-dinh", 0},
        {"ba-dinh", 0},
        {"Ba Đình", 0},
        {"ba dinh", 0},
        {"BA ĐÌNH", 0},
        {"ba_dinh", 0},
        {"dong-da", 1},
        {"đống đa", 1},
        {"Dong Da", 1},
        {"Quan Dong Da", 1},
        {"Long Biên", 2},
        {"LONG", -1},
        {"quan-hoan-kiem", -1},
        {"long bien", 2},
        {"-", -1},
        {"", -1},
        {" ", -1},
    };
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    struct period *period = compiled(&fixture);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        problems_init(&fixture.problems, fixture.arena);
        assert_int_equal(period_unit_by_name(period, cases[i].text, &fixture.problems), cases[i].unit);
        assert_int_equal(fixture.problems.count, cases[i].unit < 0);
        if (cases[i].unit >= 0)
            continue;
        assert_int_equal(fixture.problems.list[0].reason, REASON_UNIT_UNKNOWN);
        assert_text(&fixture.problems.list[0], "unit", cases[i].text);
    }
    period_free(period);
    fixture_end(&fixture);
}

// After 2025 a ward may bear the name of a district.
static void test_ambiguous_names_list_their_candidates(void **state) {
    struct fixture fixture;
    (void)state;
    fixture_begin(&fixture);
    add_unit(&fixture, "quan-ba-dinh", NULL, "Ba Đình");
    add_unit(&fixture, "phuong-ba-dinh", "ba-dinh", "Ba Đình");
    add_unit(&fixture, "xa-hoa", NULL, "Hòa");
    add_unit(&fixture, "xa-hoa-2", NULL, "Hoa");
    add_criterion(&fixture, "TC1", 10000);
    struct period *period = compiled(&fixture);
    assert_int_equal(period_unit_by_name(period, "ba-dinh", &fixture.problems), 1); // an alias, exactly
    assert_int_equal(period_unit_by_name(period, "Hoa", &fixture.problems), 3);     // a name, exactly
    assert_int_equal(period_unit_by_name(period, "Hòa", &fixture.problems), 2);
    assert_int_equal(fixture.problems.count, 0);
    assert_int_equal(period_unit_by_name(period, "Ba Đình", &fixture.problems), -1);
    assert_int_equal(fixture.problems.list[0].reason, REASON_UNIT_AMBIGUOUS);
    assert_text(&fixture.problems.list[0], "unit", "Ba Đình");
    assert_text(&fixture.problems.list[0], "value", "quan-ba-dinh, phuong-ba-dinh");
    assert_int_equal(period_unit_by_name(period, "hoa", &fixture.problems), -1);
    assert_text(&fixture.problems.list[1], "value", "xa-hoa, xa-hoa-2");
    period_free(period);
    fixture_end(&fixture);
}

static void test_many_candidates_are_cut_between_two(void **state) {
    struct fixture fixture;
    (void)state;
    large(&fixture, 1000, 1);
    for (size_t i = 0; i < 1000; i++)
        unit(&fixture, i)->name = "Tân Lập";
    struct period *period = compiled(&fixture);
    assert_int_equal(period_unit_by_name(period, "tan lap", &fixture.problems), -1);
    const char *list = argument_of(&fixture.problems.list[0], "value")->text;
    assert_int_equal(strncmp(list, "u0001, u0002, u0003, ", 21), 0);
    assert_true(strlen(list) < 512);
    assert_string_equal(list + strlen(list) - strlen(", …"), ", …");
    assert_int_equal((strlen(list) - strlen(", …") + 2) % strlen("u0001, "), 0);
    period_free(period);
    fixture_end(&fixture);
}

static void test_leaves_are_numbered_in_the_files_order_and_found_in_any_case(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    struct period *period = compiled(&fixture);
    assert_int_equal(period->n_leaves, 4);
    assert_string_equal(period_leaf(period, 0)->code, "TC1.1");
    assert_string_equal(period_leaf(period, 3)->code, "TC3");
    assert_int_equal(period->criteria[0].leaf, -1);
    assert_int_equal(period->criteria[1].parent, 0);
    assert_int_equal(period->criteria[3].parent, -1);
    assert_int_equal(period_leaf_by_code(period, "tc1.2", &fixture.problems), 1);
    assert_int_equal(period_leaf_by_code(period, "Tc2", &fixture.problems), 2);
    assert_int_equal(fixture.problems.count, 0);
    assert_int_equal(period_leaf_by_code(period, "tc1", &fixture.problems), -1);
    assert_int_equal(fixture.problems.list[0].reason, REASON_CRITERION_HAS_ITEMS);
    assert_text(&fixture.problems.list[0], "criterion", "TC1");
    assert_int_equal(period_leaf_by_code(period, "TC", &fixture.problems), -1);
    assert_int_equal(fixture.problems.list[1].reason, REASON_CRITERION_UNKNOWN);
    assert_text(&fixture.problems.list[1], "criterion", "TC");
    assert_text(&fixture.problems.list[1], "period", "hn-cum-1-2022");
    period_free(period);
    fixture_end(&fixture);
}

static void test_what_is_not_assigned(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    add_not_assigned(&fixture, criterion(&fixture, "TC1"), "quan-long-bien");
    struct period *period = compiled(&fixture);
    for (size_t i = 0; i < 3; i++) {
        for (size_t leaf = 0; leaf < 4; leaf++) {
            bool expected = !(i == 1 && leaf == 2) && !(i == 2 && leaf <= 1);
            assert_int_equal(period_assigned(period, i, leaf), expected);
        }
    }
    assert_int_equal(period_assigned_count(period, 0), 4);
    assert_int_equal(period_assigned_count(period, 1), 3);
    assert_int_equal(period_assigned_count(period, 2), 2);
    period_free(period);
    fixture_end(&fixture);
}

static void test_what_stands_before_the_signature(void **state) {
    struct fixture fixture;
    (void)state;
    sound(&fixture);
    struct period *period = compiled(&fixture);
    assert_true(period_ready_to_sign(period, &fixture.problems));
    period_free(period);
    fixture.definition->total_cp = 9999;
    fixture.definition->has_deadline_ms = false;
    criterion(&fixture, "TC1.2")->provenance = PB__PROVENANCE__UNNAMED;
    criterion(&fixture, "TC2")->provenance = PB__PROVENANCE__SUGGESTED;
    criterion(&fixture, "TC3")->provenance = PB__PROVENANCE__UNNAMED;
    period = compiled(&fixture);
    assert_false(period_ready_to_sign(period, &fixture.problems));
    assert_int_equal(fixture.problems.count, 4);
    assert_int_equal(fixture.problems.list[0].reason, REASON_ADVANCE_TITLE_UNNAMED);
    assert_text(&fixture.problems.list[0], "criterion", "TC1.2");
    assert_text(&fixture.problems.list[1], "criterion", "TC3");
    assert_int_equal(fixture.problems.list[2].reason, REASON_ADVANCE_SUM);
    assert_points(&fixture.problems.list[2], "value", 10000);
    assert_points(&fixture.problems.list[2], "limit", 9999);
    assert_int_equal(fixture.problems.list[3].reason, REASON_ADVANCE_NO_DEADLINE);
    assert_text(&fixture.problems.list[3], "period", "hn-cum-1-2022");
    period_free(period);
    fixture_end(&fixture);
}

// ---- the preset ----

static char *read_whole(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s: run this from the top of the source tree", path);
    char *text = calloc(1, 65536);
    assert_non_null(text);
    size_t size = fread(text, 1, 65535, file);
    assert_true(size > 0 && size < 65535);
    fclose(file);
    return text;
}

// The text between the quotes that follow `key` after `from`.
static const char *quoted(const char *from, const char *key, char *out, size_t size) {
    const char *begin = strstr(from, key);
    assert_non_null(begin);
    begin = strchr(begin + strlen(key), '"');
    assert_non_null(begin);
    size_t length = strcspn(begin + 1, "\"");
    assert_true(length < size);
    memcpy(out, begin + 1, length);
    out[length] = '\0';
    return begin + 1 + length;
}

static void test_the_presets_titles_are_the_articles_words(void **state) {
    char *preset = read_whole("server/presets/hn-cum-1-2022.conf");
    char *article = read_whole("tests/system/article_criteria.txt");
    const char *at = preset, *in_article = article;
    (void)state;
    for (int i = 1; i <= 8; i++) {
        char code[16], expected[64], title[512], max[16], block[256];
        at = quoted(at, "\ncriterion ", code, sizeof code);
        snprintf(expected, sizeof expected, "TC%d", i);
        assert_string_equal(code, expected);
        at = quoted(at, "title = ", title, sizeof title);
        snprintf(block, sizeof block, "%.*s", (int)strcspn(at, "}"), at);
        assert_non_null(strstr(block, i <= 5 ? "provenance = named\n" : "provenance = unnamed\n"));
        at = quoted(at, "max = ", max, sizeof max);
        assert_string_equal(max, "12,50");
        if (i == 1) {
            assert_int_equal(title[0], 'H');
            title[0] = 'h';
        }
        snprintf(expected, sizeof expected, "Tiêu chí %d (bài báo không nêu)", i);
        if (i > 5)
            assert_string_equal(title, expected);
        else
            in_article = strstr(in_article, title);
        assert_non_null(in_article);
        // Whole: what follows in the article is the end of a clause.
        if (i <= 5)
            assert_non_null(strchr(";.", in_article[strlen(title)]));
    }
    assert_null(strstr(at, "\ncriterion "));
    free(article);
    free(preset);
}

static void test_the_presets_districts_stand_in_the_articles_order(void **state) {
    static const char *const districts[][3] = {
        {"quan-ba-dinh", "Ba Đình", "ba-dinh"},
        {"quan-hoang-mai", "Hoàng Mai", "hoang-mai"},
        {"quan-hoan-kiem", "Hoàn Kiếm", "hoan-kiem"},
        {"quan-dong-da", "Đống Đa", "dong-da"},
        {"quan-hai-ba-trung", "Hai Bà Trưng", "hai-ba-trung"},
        {"quan-long-bien", "Long Biên", "long-bien"},
    };
    static const char *const common[][2] = {{"kind = ", "quan"}, {"parent = ", "hn"}, {"valid_to = ", "2025-06-30"}};
    char *preset = read_whole("server/presets/hn-cum-1-2022.conf");
    const char *at = preset;
    char value[128];
    (void)state;
    for (size_t i = 0; i < 6; i++) {
        at = quoted(at, "\nunit ", value, sizeof value);
        assert_string_equal(value, districts[i][0]);
        at = quoted(at, "name = ", value, sizeof value);
        assert_string_equal(value, districts[i][1]);
        at = quoted(at, "alias = ", value, sizeof value);
        assert_string_equal(value, districts[i][2]);
        for (size_t j = 0; j < 3; j++) {
            at = quoted(at, common[j][0], value, sizeof value);
            assert_string_equal(value, common[j][1]);
        }
    }
    assert_null(strstr(at, "\nunit "));
    assert_null(strstr(preset, "\nleader"));
    assert_null(strstr(preset, "\ndeputy"));
    assert_null(strstr(preset, "\ndeadline"));
    free(preset);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sound_definition_passes),
        cmocka_unit_test(test_a_draft_may_be_unfinished),
        cmocka_unit_test(test_what_stands_twice_is_found),
        cmocka_unit_test(test_two_classes_cannot_begin_at_the_same_points),
        cmocka_unit_test(test_identifiers),
        cmocka_unit_test(test_leader_and_deputy_are_two_units_of_the_period),
        cmocka_unit_test(test_targets_and_exceptions_name_units_of_the_period),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_items_stand_under_a_criterion),
        cmocka_unit_test(test_items_add_up),
        cmocka_unit_test(test_the_step_divides_the_maximum),
        cmocka_unit_test(test_formula_and_its_figures_go_together),
        cmocka_unit_test(test_each_assigned_unit_has_a_target_above_zero),
        cmocka_unit_test(test_bands_go_down),
        cmocka_unit_test(test_tie_breaks_classes_and_dates),
        cmocka_unit_test(test_every_problem_is_found_at_once),
        cmocka_unit_test(test_the_whole_country_fits_one_message),
        cmocka_unit_test(test_the_largest_definition_is_checked_and_compiled_quickly),
        cmocka_unit_test(test_too_many_problems_are_counted),
        cmocka_unit_test(test_the_compiled_period_owns_a_copy),
        cmocka_unit_test(test_no_leader_is_minus_one),
        cmocka_unit_test(test_units_are_found_by_number),
        cmocka_unit_test(test_units_are_found_by_id_alias_and_name),
        cmocka_unit_test(test_ambiguous_names_list_their_candidates),
        cmocka_unit_test(test_many_candidates_are_cut_between_two),
        cmocka_unit_test(test_leaves_are_numbered_in_the_files_order_and_found_in_any_case),
        cmocka_unit_test(test_what_is_not_assigned),
        cmocka_unit_test(test_what_stands_before_the_signature),
        cmocka_unit_test(test_the_presets_titles_are_the_articles_words),
        cmocka_unit_test(test_the_presets_districts_stand_in_the_articles_order),
    };
    return cmocka_run_group_tests_name("period", tests, NULL, NULL);
}
