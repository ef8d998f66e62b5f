// What was perhaps meant by a mistyped word.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "proto/near.h"

static void distances_are_those_of_single_mistakes(void **state) {
    static const struct {
        const char *from, *to;
        size_t apart;
    } cases[] = {
        {"", "", 0},           {"totals", "totals", 0}, {"totls", "totals", 1}, {"totalss", "totals", 1},
        {"socre", "score", 1}, {"scire", "score", 1},   {"TC1", "tc1", 0},      {"", "ab", 2},
        {"ab", "", 2},         {"abcd", "wxyz", 4},     {"ca", "abc", 3},       {"ba dih", "ba dinh", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(near_distance(cases[i].from, cases[i].to, 4), cases[i].apart);
        if (cases[i].apart > 1)
            assert_int_equal(near_distance(cases[i].from, cases[i].to, 1), 2);
    }
}

static void long_words_are_not_compared(void **state) {
    char word[NEAR_LONGEST + 2];
    (void)state;
    memset(word, 'a', sizeof word);
    word[NEAR_LONGEST] = '\0';
    assert_int_equal(near_distance(word, word, 2), 0);
    word[NEAR_LONGEST] = 'a';
    word[NEAR_LONGEST + 1] = '\0';
    assert_int_equal(near_distance(word, word, 2), 3);
}

// What is found for `word` among units of these names, each standing for itself.
static void assert_found(const char *word, const char *const *names, const char *expected) {
    char text[128];
    struct near near;
    near_init(&near, word);
    for (; *names; names++)
        near_try(&near, *names, *names);
    assert_string_equal(near_text(&near, text, sizeof text), expected);
}

static void the_nearest_is_found(void **state) {
    static const char *const units[] = {"ba dinh",   "hoang mai",    "hoan kiem", "dong da",
                                        "long bien", "hai ba trung", NULL};
    static const char *const codes[] = {"TC1", "TC2", "TC3", "TC4", "TC5", NULL};
    static const char *const pair[] = {"nam tu liem", "bac tu liem", NULL};
    (void)state;
    assert_found("ba dih", units, "ba dinh");
    assert_found("hoan mai", units, "hoang mai");
    assert_found("lon bien", units, "long bien");
    assert_found("trung", units, "hai ba trung");
    assert_found("tay ho", units, "");
    assert_found("", units, "");
    assert_found("TCC1", codes, "TC1");
    assert_found("TC9", codes, ""); // all five are as near
    assert_found("tu liem", pair, "nam tu liem, bac tu liem");
}

static void a_name_found_twice_is_told_once(void **state) {
    char text[64];
    struct near near;
    (void)state;
    near_init(&near, "ba dih");
    near_try(&near, "ba dinh", "quan-ba-dinh");
    near_try(&near, "ba dinh", "quan-ba-dinh");
    assert_string_equal(near_text(&near, text, sizeof text), "quan-ba-dinh");
    assert_string_equal(near_text(&near, text, 4), ""); // nothing is cut
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_those_of_single_mistakes),
        cmocka_unit_test(long_words_are_not_compared),
        cmocka_unit_test(the_nearest_is_found),
        cmocka_unit_test(a_name_found_twice_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
