#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/reasons.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

static void every_reason_is_complete(void **state) {
    (void)state;
    for (int i = 0; i < REASON_COUNT; i++) {
        const struct reason_entry *entry = reason_entry((enum reason)i);
        size_t length = strlen(entry->text), hint = strlen(entry->hint);
        assert_int_equal(strspn(entry->code, letters), strlen(entry->code));
        assert_int_not_equal(entry->status, PB__STATUS__OK);
        assert_string_not_equal(status_name(entry->status), "UNKNOWN");
        assert_true(length > 10);
        assert_int_equal(entry->text[length - 1], '.');
        assert_true(hint > 0); // every refusal says what to do next
        assert_null(strpbrk(entry->text, "|\n\t"));
        assert_null(strpbrk(entry->hint, "|\n\t"));
    }
}

static void codes_are_found_and_are_unique(void **state) {
    (void)state;
    for (int i = 0; i < REASON_COUNT; i++)
        assert_ptr_equal(reason_by_code(reason_entry((enum reason)i)->code), reason_entry((enum reason)i));
    assert_null(reason_by_code("SOMETHING_NEWER"));
    assert_null(reason_by_code(""));
    assert_string_equal(reason_entry(REASON_ID_REUSED)->code, "ID_REUSED");
    assert_int_equal(reason_entry(REASON_ID_REUSED)->status, PB__STATUS__FAILED_PRECONDITION);
}

static void assert_braces(const char *code, const char *text) {
    for (const char *at = text; *at; at++) {
        if (*at == '}')
            fail_msg("%s: a brace that nothing opened", code);
        if (*at != '{')
            continue;
        size_t length = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_");
        if (length == 0 || length > 31 || at[1 + length] != '}')
            fail_msg("%s: no name of an argument in %s", code, at);
        at += 1 + length;
    }
}

static void names_of_arguments_are_names(void **state) {
    (void)state;
    for (int i = 0; i < REASON_COUNT; i++) {
        const struct reason_entry *entry = reason_entry((enum reason)i);
        assert_braces(entry->code, entry->text);
        assert_braces(entry->code, entry->hint);
    }
}

static const char *value_of(void *ctx, const char *name) {
    (void)ctx;
    if (strcmp(name, "unit") == 0)
        return "Đống Đa";
    return strcmp(name, "value") == 0 ? "12,50" : NULL;
}

static void assert_formatted(const char *template, const char *expected) {
    char out[128];
    assert_int_equal(reason_format(out, sizeof out, template, value_of, NULL), strlen(expected));
    assert_string_equal(out, expected);
}

static void names_are_replaced_by_values(void **state) {
    (void)state;
    assert_formatted("{unit} has not signed.", "Đống Đa has not signed.");
    assert_formatted("{value}/{value}{unit}", "12,50/12,50Đống Đa");
    assert_formatted("no names", "no names");
    assert_formatted("", "");
    assert_formatted("{limit} stays, {value}", "{limit} stays, 12,50"); // the server did not send it
    assert_formatted("{", "{");
    assert_formatted("{}", "{}");
    assert_formatted("a } b {Unit} {uni t} {unit", "a } b {Unit} {uni t} {unit");
    assert_formatted("{a_name_that_is_longer_than_all_names_are}", "{a_name_that_is_longer_than_all_names_are}");
}

static void a_short_buffer_is_not_overrun(void **state) {
    (void)state;
    const char *template = "Value {value} of {unit}.";
    char whole[64];
    size_t length = reason_format(whole, sizeof whole, template, value_of, NULL);
    for (size_t size = 1; size < sizeof whole; size++) {
        char out[64];
        memset(out, 'x', sizeof out);
        assert_int_equal(reason_format(out, size, template, value_of, NULL), length);
        size_t kept = size - 1 < length ? size - 1 : length;
        assert_int_equal(strlen(out), kept);
        assert_memory_equal(out, whole, kept);
        for (size_t i = kept + 1; i < sizeof out; i++)
            assert_int_equal(out[i], 'x');
    }
    assert_int_equal(reason_format(NULL, 0, template, value_of, NULL), length);
}

static void statuses_have_names(void **state) {
    (void)state;
    assert_string_equal(status_name(PB__STATUS__OK), "OK");
    assert_string_equal(status_name(PB__STATUS__FAILED_PRECONDITION), "FAILED_PRECONDITION");
    assert_string_equal(status_name((Pb__Status)99), "UNKNOWN");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_is_complete),      cmocka_unit_test(codes_are_found_and_are_unique),
        cmocka_unit_test(names_of_arguments_are_names),  cmocka_unit_test(names_are_replaced_by_values),
        cmocka_unit_test(a_short_buffer_is_not_overrun), cmocka_unit_test(statuses_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
