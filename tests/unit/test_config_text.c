// The text of configuration and period files: comments go, lines stay, strings are left alone.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "proto/config_text.h"

static void assert_clean(const char *text, const char *expected) {
    char copy[256];
    snprintf(copy, sizeof copy, "%s", text);
    assert_int_equal(config_text_clean(copy, strlen(copy)), 0);
    assert_string_equal(copy, expected);
}

static void comments_are_blank(void **state) {
    (void)state;
    assert_clean("# one\na = 1 # two\n#\nb", "     \na = 1      \n \nb");
    assert_clean("// one\na=1 // two\nb", "      \na=1       \nb");
    assert_clean("/* \"one\n'two */ a /**/ b", "       \n        a      b");
    assert_clean("a = 1 #", "a = 1  ");
}

static void strings_and_paths_are_left_alone(void **state) {
    static const char *const kept[] = {
        "a = \"# no // comment /* at all */\"\n",
        "a = \"\\\"# none\"\nb = '# none \\' # none'\n",
        "a = /srv//thidua/*x\n",
        "a = \"never closed # \n",
        "a = 'ends in \\",
        "",
    };
    (void)state;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        assert_clean(kept[i], kept[i]);
}

static void marks_and_carriage_returns_go(void **state) {
    (void)state;
    assert_clean("\xef\xbb\xbf"
                 "a = 1\r\nb = \"x\ry\"\r\n\r",
                 "a = 1\nb = \"x\ry\"\n\r");
    assert_clean("\xef\xbb\xbf", "");
}

static void a_comment_never_closed_is_named_by_its_line(void **state) {
    char text[] = "a = 1 /* x */\n\nb = 2 /*/ c\nd";
    (void)state;
    assert_int_equal(config_text_clean(text, strlen(text)), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_are_blank),
        cmocka_unit_test(strings_and_paths_are_left_alone),
        cmocka_unit_test(marks_and_carriage_returns_go),
        cmocka_unit_test(a_comment_never_closed_is_named_by_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
