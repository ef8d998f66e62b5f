#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/problems.h"

static void assert_packs(const Pb__Response *response) {
    uint8_t bytes[64 * 1024];
    size_t size = pb__response__get_packed_size(response);
    assert_true(size <= sizeof bytes);
    assert_int_equal(pb__response__pack(response, bytes), size);
}

static void an_empty_list_is_ok(void **state) {
    (void)state;
    struct arena *arena = arena_new(4096);
    struct problems problems;
    Pb__Response response = PB__RESPONSE__INIT;
    problems_init(&problems, arena);
    assert_int_equal(problems_status(&problems), PB__STATUS__OK);
    problems_answer(&problems, &response);
    assert_true(response.has_status);
    assert_int_equal(response.status, PB__STATUS__OK);
    assert_int_equal(response.n_problems, 0);
    arena_free(arena);
}

static void arguments_travel_by_name_and_kind(void **state) {
    (void)state;
    struct arena *arena = arena_new(16 * 1024);
    struct problems problems;
    Pb__Response response = PB__RESPONSE__INIT;
    char unit[] = "quan-ba-dinh";
    problems_init(&problems, arena);
    assert_false(problem(&problems, REASON_REVISION_MOVED, arg_text("criterion", unit), arg_number("revision", 2),
                         arg_points("value", 1250), arg_time("time", 1669827599000)));
    unit[0] = 'x'; // the text was copied
    problems_answer(&problems, &response);
    assert_int_equal(response.status, PB__STATUS__CONFLICT);
    assert_int_equal(response.n_problems, 1);
    const Pb__Problem *wire = response.problems[0];
    assert_string_equal(wire->reason, "REVISION_MOVED");
    assert_int_equal(wire->n_arguments, 4);
    assert_string_equal(wire->arguments[0]->name, "criterion");
    assert_int_equal(wire->arguments[0]->value_case, PB__ARGUMENT__VALUE_TEXT);
    assert_string_equal(wire->arguments[0]->text, "quan-ba-dinh");
    assert_int_equal(wire->arguments[1]->value_case, PB__ARGUMENT__VALUE_NUMBER);
    assert_int_equal(wire->arguments[1]->number, 2);
    assert_int_equal(wire->arguments[2]->value_case, PB__ARGUMENT__VALUE_POINTS_CP);
    assert_int_equal(wire->arguments[2]->points_cp, 1250);
    assert_int_equal(wire->arguments[3]->value_case, PB__ARGUMENT__VALUE_TIME_MS);
    assert_int_equal(wire->arguments[3]->time_ms, 1669827599000);
    assert_packs(&response);
    arena_free(arena);
}

static void the_first_problem_decides_the_status(void **state) {
    (void)state;
    struct arena *arena = arena_new(16 * 1024);
    struct problems problems;
    problems_init(&problems, arena);
    problem_plain(&problems, REASON_LOCAL_ONLY);
    problem_plain(&problems, REASON_NO_BODY);
    assert_int_equal(problems_status(&problems), PB__STATUS__PERMISSION_DENIED);
    assert_int_equal(problems.count, 2);
    assert_int_equal(problems.first, REASON_LOCAL_ONLY);
    arena_free(arena);
}

static void a_long_list_ends_with_how_many_more(void **state) {
    (void)state;
    struct arena *arena = arena_new(1024 * 1024);
    struct problems problems;
    Pb__Response response = PB__RESPONSE__INIT;
    problems_init(&problems, arena);
    for (int i = 0; i < PROBLEMS_MAX; i++)
        problem(&problems, REASON_CRITERION_TWICE, arg_text("criterion", "TC1"));
    problems_answer(&problems, &response);
    assert_int_equal(response.n_problems, PROBLEMS_MAX); // just full: nothing more to say
    for (int i = 0; i < 44; i++)
        problem(&problems, REASON_CRITERION_TWICE, arg_text("criterion", "TC1"));
    problems_answer(&problems, &response);
    assert_int_equal(problems.count, 300);
    assert_int_equal(response.n_problems, PROBLEMS_MAX + 1);
    const Pb__Problem *last = response.problems[PROBLEMS_MAX];
    assert_string_equal(last->reason, "MORE_PROBLEMS");
    assert_string_equal(last->arguments[0]->name, "value");
    assert_int_equal(last->arguments[0]->number, 44);
    assert_packs(&response);
    arena_free(arena);
}

// However little memory there is, the answer has the status and the first reason, and can be packed.
static void a_refusal_survives_want_of_memory(void **state) {
    (void)state;
    for (size_t budget = 0; budget < 16 * 1024; budget += 40) {
        struct arena *arena = arena_new(budget);
        struct problems problems;
        Pb__Response response = PB__RESPONSE__INIT;
        problems_init(&problems, arena);
        problem(&problems, REASON_MESSAGE_TOO_LARGE, arg_number("limit", 65536));
        for (int i = 0; i < 50; i++)
            problem(&problems, REASON_FIELD_MISSING, arg_text("field", "definition.units[0].name"));
        problems_answer(&problems, &response);
        assert_int_equal(response.status, PB__STATUS__INVALID_ARGUMENT);
        assert_int_equal(problems.count, 51);
        assert_true(response.n_problems >= 1);
        assert_string_equal(response.problems[0]->reason, "MESSAGE_TOO_LARGE");
        assert_packs(&response);
        arena_free(arena);
    }
}

static void no_arena_at_all_is_want_of_memory(void **state) {
    (void)state;
    struct problems problems;
    Pb__Response response = PB__RESPONSE__INIT;
    problems_init(&problems, NULL);
    problem(&problems, REASON_BUSY, arg_text("field", "x"));
    problems_answer(&problems, &response);
    assert_int_equal(response.status, PB__STATUS__UNAVAILABLE);
    assert_int_equal(response.n_problems, 1);
    assert_string_equal(response.problems[0]->reason, "BUSY");
    assert_int_equal(response.problems[0]->n_arguments, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_list_is_ok),
        cmocka_unit_test(arguments_travel_by_name_and_kind),
        cmocka_unit_test(the_first_problem_decides_the_status),
        cmocka_unit_test(a_long_list_ends_with_how_many_more),
        cmocka_unit_test(a_refusal_survives_want_of_memory),
        cmocka_unit_test(no_arena_at_all_is_want_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
