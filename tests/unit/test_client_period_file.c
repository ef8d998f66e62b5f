// The period file: everything CLI.md allows is read, everything else is an error with file and line.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/instant.h"
#include "client/period_file.h"

static const char head[] = "id = \"p\"\nname = \"Năm\"\ncluster = \"c\"\nyear = 2022\ntotal = \"100,00\"\n";

static const char whole[] =
    "id = \"hn-cum-1-2022\"\n"
    "name = \"Giao ước thi đua năm 2022\"\n"
    "cluster = \"hn-cum-1\"  # a comment\n"
    "year = 2022\n"
    "total = \"100,00\"\n"
    "bonus_cap = \"5,00\"\n"
    "deadline = \"2026-11-30\"\n"
    "hard_close = true\n"
    "visibility = always\n"
    "leader = \"quan-ba-dinh\"\n"
    "deputy = \"quan-dong-da\"\n"
    "legal_basis = \"Luật 2003\"\n"
    "tie_breaks = {\"deduction\", \"TC3\"}\n"
    "unit \"quan-ba-dinh\" { name = \"Ba Đình\"  alias = \"ba-dinh\"  kind = \"quan\"  parent = \"hn\"\n"
    "  valid_from = \"2020-01-01\"  valid_to = \"2025-06-30\" }\n"
    "unit \"quan-dong-da\" { name = \"Đống Đa\" }\n"
    "criterion \"TC3\" {\n"
    "  title = \"Kết quả\"\n"
    "  provenance = suggested\n"
    "  max = \"12,50\"\n"
    "  step = \"0,25\"\n"
    "  formula = bands\n"
    "  bands = {\"100:12,50\", \"95,5:10,00\"}\n"
    "  target \"quan-ba-dinh\" { value = 500000000  label = \"đồng\" }\n"
    "  not_assigned = {\"quan-dong-da\"}\n"
    "}\n"
    "class \"xuat-sac\" { name = \"Xuất sắc\"  from = \"95,00\" }\n";

struct reading {
    struct arena *arena;
    struct conf_errors errors;
    Pb__PeriodDefinition *period;
};

static struct reading read_bytes(const char *text, size_t size) {
    struct reading reading = {.arena = arena_new(1 << 20)};
    char *copy = malloc(size + 1);
    memcpy(copy, text, size);
    copy[size] = 0;
    reading.period = period_file_parse(reading.arena, "p.conf", copy, size, &reading.errors);
    free(copy);
    return reading;
}

static struct reading read_text(const char *text) {
    return read_bytes(text, strlen(text));
}

static void done(struct reading *reading) {
    free(reading->errors.text);
    arena_free(reading->arena);
}

static void assert_refused(const char *before, const char *after, const char *part) {
    char text[1024];
    snprintf(text, sizeof(text), "%s%s", before, after);
    struct reading reading = read_text(text);
    assert_null(reading.period);
    assert_non_null(reading.errors.text);
    if (!strstr(reading.errors.text, part))
        fail_msg("expected “%s” in: %s", part, reading.errors.text);
    done(&reading);
}

static void everything_is_read(void **state) {
    struct reading reading = read_text(whole);
    const Pb__PeriodDefinition *period = reading.period;
    int64_t deadline;
    (void)state;
    assert_null(reading.errors.text);
    assert_non_null(period);
    assert_string_equal(period->id, "hn-cum-1-2022");
    assert_int_equal(period->year, 2022);
    assert_int_equal(period->total_cp, 10000);
    assert_int_equal(period->bonus_cap_cp, 500);
    assert_true(instant_parse_deadline("2026-11-30", &deadline));
    assert_int_equal(period->deadline_ms, deadline);
    assert_true(period->hard_close);
    assert_int_equal(period->visibility, PB__VISIBILITY__ALWAYS);
    assert_string_equal(period->leader, "quan-ba-dinh");
    assert_string_equal(period->deputy, "quan-dong-da");
    assert_string_equal(period->legal_basis, "Luật 2003");
    assert_int_equal(period->n_tie_breaks, 2);
    assert_string_equal(period->tie_breaks[1], "TC3");
    assert_int_equal(period->n_units, 2);
    assert_string_equal(period->units[0]->alias, "ba-dinh");
    assert_string_equal(period->units[0]->valid_from, "2020-01-01");
    assert_string_equal(period->units[0]->valid_to, "2025-06-30");
    assert_string_equal(period->units[1]->name, "Đống Đa");
    done(&reading);
}

static void criteria_and_classes_are_read(void **state) {
    struct reading reading = read_text(whole);
    (void)state;
    assert_non_null(reading.period);
    const Pb__CriterionDefinition *criterion = reading.period->criteria[0];
    assert_string_equal(criterion->code, "TC3");
    assert_int_equal(criterion->provenance, PB__PROVENANCE__SUGGESTED);
    assert_int_equal(criterion->max_cp, 1250);
    assert_int_equal(criterion->step_cp, 25);
    assert_int_equal(criterion->formula, PB__FORMULA__BANDS);
    assert_int_equal(criterion->n_bands, 2);
    assert_int_equal(criterion->bands[1]->from_percent_cp, 9550);
    assert_int_equal(criterion->bands[1]->points_cp, 1000);
    assert_int_equal(criterion->targets[0]->value, 500000000);
    assert_string_equal(criterion->targets[0]->label, "đồng");
    assert_string_equal(criterion->not_assigned[0], "quan-dong-da");
    assert_int_equal(reading.period->n_classes, 1);
    assert_int_equal(reading.period->classes[0]->from_cp, 9500);
    done(&reading);
}

static void what_is_left_out_has_its_default(void **state) {
    char text[512];
    snprintf(text, sizeof(text), "%s%s", head, "criterion \"TC1\" { title = \"x\" max = 5 }\n");
    struct reading reading = read_text(text);
    const Pb__PeriodDefinition *period = reading.period;
    (void)state;
    assert_non_null(period);
    assert_true(period->has_bonus_cap_cp && period->bonus_cap_cp == 0);
    assert_true(period->has_hard_close && !period->hard_close);
    assert_true(period->has_visibility && period->visibility == PB__VISIBILITY__AFTER_DEADLINE);
    assert_false(period->has_deadline_ms);
    assert_null(period->leader);
    assert_true(period->criteria[0]->has_step_cp && period->criteria[0]->step_cp == 1);
    assert_true(period->criteria[0]->provenance == PB__PROVENANCE__NAMED);
    assert_true(period->criteria[0]->formula == PB__FORMULA__MANUAL);
    done(&reading);
}

static void a_mark_and_crlf_are_accepted(void **state) {
    char text[512] = "\xef\xbb\xbf";
    size_t n = 3;
    (void)state;
    for (const char *at = head; *at; at++) {
        if (*at == '\n')
            text[n++] = '\r';
        text[n++] = *at;
    }
    struct reading reading = read_bytes(text, n);
    assert_non_null(reading.period);
    assert_string_equal(reading.period->id, "p");
    done(&reading);
}

static void text_is_made_nfc(void **state) {
    struct reading reading = read_text("id = \"p\"\nname = \"Ba\xcc\x81\"\ncluster = \"c\"\nyear = 2022\ntotal = 1\n");
    (void)state;
    assert_non_null(reading.period);
    assert_string_equal(reading.period->name, "B\xc3\xa1");
    done(&reading);
}

static void unknown_keys_are_refused(void **state) {
    (void)state;
    assert_refused(head, "colour = red\n", "p.conf:6: ");
    assert_refused(head, "colour = red\n", "colour");
    assert_refused(head, "unit \"a\" {\n name = \"A\"\n size = 3\n}\n", "p.conf:8: ");
}

static void nothing_is_given_twice(void **state) {
    (void)state;
    assert_refused(head, "year = 2023\n", "p.conf:6: year is given twice");
    assert_refused(head, "tie_breaks = {\"a\"}\ntie_breaks = {\"b\"}\n", "p.conf:7: tie_breaks is given twice");
    assert_refused(head, "unit \"a\" { name = \"A\" }\nunit \"a\" { name = \"B\" }\n", "p.conf:7: ");
}

static void wrong_values_are_refused_with_their_line(void **state) {
    static const char *const lines[] = {
        "bonus_cap = \"1.250\"\n",     "bonus_cap = \"-1\"\n", "bonus_cap = \"1,005\"\n",
        "deadline = \"30.11.2026\"\n", "hard_close = maybe\n", "visibility = sometimes\n",
        "deadline = \"2026-02-30\"\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        assert_refused(head, lines[i], "p.conf:6: ");
    assert_refused(head, "unit \"a\" { name = \"A\"\n valid_to = \"2025-06-31\" }\n", "p.conf:7: valid_to");
    assert_refused(head, "criterion \"A\" { title = \"x\"\n max = 5\n bands = {\"95=10\"} }\n", "p.conf:8: bands");
    assert_refused(head, "criterion \"A\" { title = \"x\"\n max = 5\n formula = magic }\n", "p.conf:8: formula");
    assert_refused(head, "criterion \"A\" { title = \"x\" max = 5\n target \"u\" { value = \"1.5\" } }\n",
                   "p.conf:7: value");
    assert_refused("year = 20022\n", "", "p.conf:1: year");
    assert_refused(head, "# one\n# two\n// three\n/* four\n*/ year = x # six\n", "p.conf:10: year");
}

static void everything_that_is_missing_is_named(void **state) {
    (void)state;
    assert_refused("unit \"a\" { kind = \"x\" }\n", "criterion \"T\" { step = 1 }\nclass \"k\" { from = 1 }\n",
                   "id is missing");
    assert_refused("id = \"p\"\n", "", "total is missing");
    assert_refused(head, "unit \"a\" {\n kind = \"x\" }\n", "p.conf:7: unit “a” has no name");
    assert_refused(head, "criterion \"T\" { title = \"x\" }\n", "criterion “T” has no max");
    assert_refused(head, "criterion \"T\" { max = 1 }\n", "criterion “T” has no title");
    assert_refused(head, "class \"k\" { name = \"x\" }\n", "class “k” has no from");
}

static void broken_text_is_refused(void **state) {
    (void)state;
    assert_refused(head, "unit \"a\" { name = \"A\"\n", "p.conf:7: the file ends before unit “a” is closed");
    assert_refused(head, "criterion \"a\" {\n target \"u\" {", "target “u” is closed");
    assert_refused(head, "leader = \"abc", "premature end of file");
    assert_refused(head, "\n/* leader = \"abc\"\n", "p.conf:7: this comment is never closed");
    assert_refused(head, "leader = \"a\\nb\"\n", "p.conf:6: leader");
    assert_refused(head, "leader = \"\xff\"\n", "p.conf:6: leader");
    assert_refused(head, "unit \"\xff\" { name = \"A\" }\n", "not UTF-8");
    assert_refused("", "", "id is missing");
    struct reading reading = read_bytes("id = \"p\"\0 x", 11);
    assert_null(reading.period);
    assert_non_null(strstr(reading.errors.text, "zero byte"));
    done(&reading);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(criteria_and_classes_are_read),
        cmocka_unit_test(what_is_left_out_has_its_default),
        cmocka_unit_test(a_mark_and_crlf_are_accepted),
        cmocka_unit_test(text_is_made_nfc),
        cmocka_unit_test(unknown_keys_are_refused),
        cmocka_unit_test(nothing_is_given_twice),
        cmocka_unit_test(wrong_values_are_refused_with_their_line),
        cmocka_unit_test(everything_that_is_missing_is_named),
        cmocka_unit_test(broken_text_is_refused),
    };
    return cmocka_run_group_tests_name("client period file", tests, NULL, NULL);
}
