#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unictype.h>
#include <unistr.h>

#include "proto/text.h"

static const struct {
    const char *nfc, *nfd, *key;
    size_t columns;
} names[] = {
    {"Ba Đình", "Ba Đi\u0300nh", "ba dinh", 7},
    {"Hoàng Mai", "Hoa\u0300ng Mai", "hoang mai", 9},
    {"Hoàn Kiếm", "Hoa\u0300n Kie\u0302\u0301m", "hoan kiem", 9},
    {"Đống Đa", "Đo\u0302\u0301ng Đa", "dong da", 7},
    {"Hai Bà Trưng", "Hai Ba\u0300 Tru\u031bng", "hai ba trung", 12},
    {"Long Biên", "Long Bie\u0302n", "long bien", 9},
};
enum { NAMES = sizeof names / sizeof names[0] };

static enum text_verdict judge(const char *text) {
    return text_judge(text, strlen(text));
}

static void the_names_are_accepted_composed_only(void **state) {
    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        assert_int_equal(judge(names[i].nfc), TEXT_OK);
        assert_int_equal(judge(names[i].nfd), TEXT_NOT_NFC);
    }
}

static void text_is_judged_as_it_stands(void **state) {
    (void)state;
    assert_int_equal(judge(""), TEXT_OK);
    assert_int_equal(judge("plain ASCII ~ !"), TEXT_OK);
    assert_int_equal(judge("Uỷ ban và Ủy ban"), TEXT_OK);
    assert_int_equal(judge("số\u00a0\u00abhiệu\u00bb €"), TEXT_OK);
    assert_int_equal(judge("日本語 한국어 \U0001f600"), TEXT_OK);
    assert_int_equal(judge("\u1112\u1161"), TEXT_NOT_NFC); // Hangul in parts
    assert_int_equal(judge("\u2126"), TEXT_NOT_NFC);       // the ohm sign is an omega
    assert_int_equal(judge("\xff"), TEXT_NOT_UTF8);
    assert_int_equal(judge("B\xc0\xafng"), TEXT_NOT_UTF8);      // overlong
    assert_int_equal(judge("\xed\xa0\x80"), TEXT_NOT_UTF8);     // half a surrogate pair
    assert_int_equal(judge("\xf4\x90\x80\x80"), TEXT_NOT_UTF8); // beyond Unicode
    assert_int_equal(judge("Ba \xc4"), TEXT_NOT_UTF8);          // cut off
}

static void control_characters_are_refused(void **state) {
    (void)state;
    static const char *const cases[] = {"a\nb",     "a\tb",     "\x1b[2J",  "a\x7f",    "Đ\xc2\x85",
                                        "a\u2028b", "a\u202eb", "a\u2066b", "\ufeffBa", "Đống\r"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(judge(cases[i]), TEXT_CONTROL);
    assert_int_equal(text_judge("a\0b", 3), TEXT_CONTROL);
}

// The marks that could be reordered fill more than the room on the stack.
static void long_text_is_judged_too(void **state) {
    (void)state;
    char *text = calloc(1, 30001);
    for (size_t i = 0; i < 30000; i += 3)
        memcpy(text + i, "ế", 3);
    assert_int_equal(judge(text), TEXT_OK);
    memcpy(text + 29997, "a\xcc\x80", 3);
    assert_int_equal(judge(text), TEXT_NOT_NFC);
    free(text);
}

static void assert_normal(const char *text, const char *expected) {
    char *normal = text_normalize(text);
    assert_non_null(normal);
    assert_string_equal(normal, expected);
    assert_int_equal(judge(normal), TEXT_OK);
    free(normal);
}

static void normalizing_composes_and_frees_spaces(void **state) {
    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        assert_normal(names[i].nfd, names[i].nfc);
        assert_normal(names[i].nfc, names[i].nfc);
    }
    assert_normal("", "");
    assert_normal("Cụm\u00a0thi\u00a0đua\u202fsố\u20071", "Cụm thi đua số 1");
    assert_null(text_normalize("\xff"));
}

static void assert_key(const char *text, const char *expected) {
    char *key = text_fold(text);
    assert_non_null(key);
    assert_string_equal(key, expected);
    free(key);
}

static void names_are_compared_without_marks(void **state) {
    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        assert_key(names[i].nfc, names[i].key);
        assert_key(names[i].nfd, names[i].key);
        assert_key(names[i].key, names[i].key);
    }
    assert_key("ĐỐNG ĐA", "dong da");
    assert_key("quan-ba-dinh", "quan ba dinh");
    assert_key("  Hai\u00a0 Bà__-Trưng \u2003", "hai ba trung");
    assert_key("Hoà", "hoa"); // both placements of the tone
    assert_key("Hòa", "hoa");
    assert_key("Uỷ ban", "uy ban");
    assert_key("Ủy ban", "uy ban");
    assert_key("", "");
    assert_key("---", "");
    assert_null(text_fold("\xff"));
}

// Every letter of Unicode fits the room that a key is given, and none vanishes but the marks.
static void no_letter_is_lost_in_folding(void **state) {
    (void)state;
    for (ucs4_t c = 1; c <= 0x10ffff; c++) {
        uint8_t text[8] = {0};
        if (u8_uctomb(text, c, 6) < 0)
            continue;
        char *key = text_fold((const char *)text);
        assert_non_null(key);
        if (uc_is_general_category(c, UC_LETTER))
            assert_true(key[0] != '\0');
        free(key);
    }
}

static void width_is_counted_in_columns(void **state) {
    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        assert_int_equal(text_width(names[i].nfc), names[i].columns);
        assert_int_equal(text_width(names[i].nfd), names[i].columns);
    }
    assert_int_equal(text_width(""), 0);
    assert_int_equal(text_width("—"), 1);
    assert_int_equal(text_width("日本"), 4);
    assert_int_equal(text_width("a\xff\xfe"
                                "b"),
                     4);
}

static void a_letter_is_not_cut_from_its_marks(void **state) {
    (void)state;
    assert_int_equal(text_fit("Đống Đa", 2), strlen("Đố"));
    assert_int_equal(text_fit("Đo\u0302\u0301ng", 2), strlen("Đo\u0302\u0301"));
    assert_int_equal(text_fit("Đống Đa", 7), strlen("Đống Đa"));
    assert_int_equal(text_fit("Đống Đa", 100), strlen("Đống Đa"));
    assert_int_equal(text_fit("Đống Đa", 0), 0);
    assert_int_equal(text_fit("日本", 3), strlen("日"));
    assert_int_equal(text_fit("\xff\xff", 1), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_names_are_accepted_composed_only),  cmocka_unit_test(text_is_judged_as_it_stands),
        cmocka_unit_test(control_characters_are_refused),        cmocka_unit_test(long_text_is_judged_too),
        cmocka_unit_test(normalizing_composes_and_frees_spaces), cmocka_unit_test(names_are_compared_without_marks),
        cmocka_unit_test(no_letter_is_lost_in_folding),          cmocka_unit_test(width_is_counted_in_columns),
        cmocka_unit_test(a_letter_is_not_cut_from_its_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
