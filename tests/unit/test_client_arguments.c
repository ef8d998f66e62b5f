// The command line: flags anywhere, each verb its own, and what is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "client/arguments.h"
#include "client/options.h"
#include "client/verbs.h"

enum { WORDS = 12 };

// A parsed line of up to WORDS words; free it with arguments_free.
static struct arguments parse(char *const words[]) {
    static char *argv[WORDS + 2]; // the result points into it
    struct arguments arguments;
    int argc = 0;
    argv[argc++] = "thidua";
    for (; words[argc - 1]; argc++)
        argv[argc] = words[argc - 1];
    argv[argc] = NULL;
    arguments_parse(&arguments, argc, argv, options_flags, verbs);
    return arguments;
}
#define PARSE(...) parse((char *const[]){__VA_ARGS__, NULL})

static void assert_wrong(struct arguments arguments, const char *part) {
    assert_non_null(arguments.wrong);
    assert_non_null(strstr(arguments.wrong, part));
    arguments_free(&arguments);
}

static void flags_may_stand_anywhere(void **state) {
    struct arguments arguments =
        PARSE("-p", "p1", "score", "TC1=1", "--note=x y", "TC2=2", "-ojson", "--evidence", "a", "--evidence", "b");
    (void)state;
    assert_null(arguments.wrong);
    assert_string_equal(arguments.verb->name, "score");
    assert_int_equal(arguments.n_operands, 2);
    assert_string_equal(arguments.operands[1], "TC2=2");
    assert_string_equal(arguments_value(&arguments, "period"), "p1");
    assert_string_equal(arguments_value(&arguments, "output"), "json");
    assert_string_equal(arguments_value(&arguments, "note"), "x y");
    assert_int_equal(arguments_count(&arguments, "evidence"), 2);
    assert_string_equal(arguments_nth(&arguments, "evidence", 1), "b");
    assert_null(arguments_nth(&arguments, "evidence", 2));
    arguments_free(&arguments);
}

static void two_dashes_end_the_flags(void **state) {
    struct arguments arguments = PARSE("sheet", "--", "--odd");
    (void)state;
    assert_null(arguments.wrong);
    assert_int_equal(arguments.n_operands, 1);
    assert_string_equal(arguments.operands[0], "--odd");
    arguments_free(&arguments);
}

static void one_dash_is_an_operand(void **state) {
    struct arguments arguments = PARSE("admin", "invite", "-", "--role", "city");
    (void)state;
    assert_null(arguments.wrong);
    assert_string_equal(arguments.verb->name, "admin invite");
    assert_string_equal(arguments.operands[0], "-");
    arguments_free(&arguments);
}

static void a_verb_has_its_own_flags(void **state) {
    (void)state;
    assert_wrong(PARSE("submit", "--note", "x"), "--note");
    assert_wrong(PARSE("--note", "x", "score", "TC1=1"), "--note");
    assert_wrong(PARSE("status", "--explain"), "--explain");
    assert_wrong(PARSE("ping", "-z"), "-z");
}

static void flags_are_given_as_they_are_meant(void **state) {
    (void)state;
    assert_wrong(PARSE("score", "TC1=1", "--note"), "--note");
    assert_wrong(PARSE("ping", "--quiet=1"), "--quiet");
    assert_wrong(PARSE("score", "TC1=1", "--note", "a", "--note", "b"), "twice");
}

static void operands_are_counted(void **state) {
    (void)state;
    assert_wrong(PARSE("period", "load"), "FILE");
    assert_wrong(PARSE("ping", "x"), "x");
    assert_wrong(PARSE("history", "a", "b", "c"), "c");
}

static void a_mistyped_verb_is_guessed(void **state) {
    struct arguments arguments = PARSE("totls");
    (void)state;
    assert_null(arguments.verb);
    assert_non_null(strstr(arguments.hint, "thidua totals"));
    arguments_free(&arguments);
    arguments = PARSE("period", "lst");
    assert_non_null(strstr(arguments.hint, "period list"));
    arguments_free(&arguments);
    arguments = PARSE("zzzzzzzz");
    assert_null(strstr(arguments.hint, "Did you mean"));
    arguments_free(&arguments);
}

static void assert_hint(struct arguments arguments, const char *hint) {
    assert_non_null(arguments.wrong);
    assert_string_equal(arguments.hint, hint);
    arguments_free(&arguments);
}

static void what_was_meant_is_guessed(void **state) {
    (void)state;
    assert_hint(PARSE("perid", "list"), "Did you mean: thidua period");
    assert_hint(PARSE("advance"), "Did you mean: thidua period advance");
    assert_hint(PARSE("period", "advnce"), "Did you mean: thidua period advance");
    assert_hint(PARSE("period", "zzzz"), "See: thidua period --help");
    assert_hint(PARSE("totals", "--colum", "self"), "Did you mean: --column");
    assert_hint(PARSE("totals", "--colum=self"), "Did you mean: --column");
    assert_hint(PARSE("--outptu", "json", "ping"), "Did you mean: --output");
    assert_hint(PARSE("ping", "--zzzzzz"), "See: thidua ping --help");
}

static void the_version_needs_no_verb(void **state) {
    struct arguments arguments = PARSE("--version");
    (void)state;
    assert_null(arguments.wrong);
    assert_true(arguments.version);
    arguments_free(&arguments);
    arguments = PARSE("-V");
    assert_true(arguments.version && !arguments.help);
    arguments_free(&arguments);
}

static void help_needs_no_operands(void **state) {
    struct arguments arguments = PARSE("period", "load", "--help");
    (void)state;
    assert_null(arguments.wrong);
    assert_true(arguments.help);
    arguments_free(&arguments);
    arguments = PARSE("period", "-h");
    assert_null(arguments.wrong);
    assert_string_equal(arguments.group, "period");
    arguments_free(&arguments);
}

static void clear_environment(void) {
    static const char *const names[] = {"THIDUA_SERVER", "THIDUA_PERIOD",  "THIDUA_OUTPUT",
                                        "THIDUA_LANG",   "THIDUA_PROFILE", "NO_COLOR",
                                        "LC_ALL",        "LC_MESSAGES",    "LANG"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        unsetenv(names[i]);
}

static void flags_come_before_the_environment(void **state) {
    struct arguments arguments = PARSE("totals", "-o", "csv", "--timeout", "2.5");
    struct options options;
    (void)state;
    clear_environment();
    setenv("THIDUA_OUTPUT", "json", 1);
    setenv("THIDUA_PERIOD", "p1", 1);
    setenv("THIDUA_SERVER", "", 1);
    assert_null(options_take(&options, &arguments));
    assert_int_equal(options.output, OUTPUT_CSV);
    assert_string_equal(options.period, "p1");
    assert_null(options.server);
    assert_int_equal(options.timeout_ms, 2500);
    assert_false(options.vietnamese);
    arguments_free(&arguments);
}

static void values_that_are_none_are_named(void **state) {
    static const char *const lines[][3] = {
        {"-o", "xml", "--output"},     {"--lang", "fr", "--lang"},    {"--color", "red", "--color"},
        {"--timeout", "0", "timeout"}, {"--timeout", "x", "timeout"}, {"--id", "7", "--id"},
    };
    (void)state;
    clear_environment();
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        struct arguments arguments = PARSE("sign", (char *)lines[i][0], (char *)lines[i][1]);
        struct options options;
        char *wrong = options_take(&options, &arguments);
        assert_non_null(wrong);
        assert_non_null(strstr(wrong, lines[i][2]));
        free(wrong);
        arguments_free(&arguments);
    }
}

static void the_environment_is_judged_too(void **state) {
    struct arguments arguments = PARSE("ping");
    struct options options;
    (void)state;
    clear_environment();
    setenv("THIDUA_OUTPUT", "xml", 1);
    char *wrong = options_take(&options, &arguments);
    assert_non_null(wrong);
    assert_non_null(strstr(wrong, "THIDUA_OUTPUT"));
    free(wrong);
    clear_environment();
    arguments_free(&arguments);
}

static void only_writes_have_an_id(void **state) {
    char *id = "01a20b08-683e-79ec-9128-f78c8d98f680";
    struct arguments arguments = PARSE("totals", "--id", id);
    struct options options;
    (void)state;
    clear_environment();
    char *wrong = options_take(&options, &arguments);
    assert_non_null(wrong);
    free(wrong);
    arguments_free(&arguments);
    arguments = PARSE("submit", "--id", id);
    assert_null(options_take(&options, &arguments));
    assert_true(options.has_id);
    arguments_free(&arguments);
}

static void excel_is_csv(void **state) {
    struct arguments arguments = PARSE("totals", "--excel");
    struct options options;
    (void)state;
    clear_environment();
    assert_null(options_take(&options, &arguments));
    assert_int_equal(options.output, OUTPUT_CSV);
    arguments_free(&arguments);
    arguments = PARSE("totals", "--excel", "-o", "json");
    char *wrong = options_take(&options, &arguments);
    assert_non_null(wrong);
    free(wrong);
    arguments_free(&arguments);
}

static void every_verb_is_complete(void **state) {
    (void)state;
    for (const struct verb *verb = verbs; verb->name; verb++) {
        assert_non_null(verb->operands);
        assert_non_null(verb->run);
        assert_true(strlen(verb->summary) > 0);
        assert_int_equal(strncmp(verb->example, verb->name, strlen(verb->name)), 0);
        assert_true(verb->least <= verb->most);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_may_stand_anywhere),
        cmocka_unit_test(two_dashes_end_the_flags),
        cmocka_unit_test(one_dash_is_an_operand),
        cmocka_unit_test(a_verb_has_its_own_flags),
        cmocka_unit_test(flags_are_given_as_they_are_meant),
        cmocka_unit_test(operands_are_counted),
        cmocka_unit_test(a_mistyped_verb_is_guessed),
        cmocka_unit_test(what_was_meant_is_guessed),
        cmocka_unit_test(the_version_needs_no_verb),
        cmocka_unit_test(help_needs_no_operands),
        cmocka_unit_test(flags_come_before_the_environment),
        cmocka_unit_test(values_that_are_none_are_named),
        cmocka_unit_test(the_environment_is_judged_too),
        cmocka_unit_test(only_writes_have_an_id),
        cmocka_unit_test(excel_is_csv),
        cmocka_unit_test(every_verb_is_complete),
    };
    return cmocka_run_group_tests_name("client arguments", tests, NULL, NULL);
}
