#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/frame.h"

static enum frame_verdict look(const char *bytes, size_t size, size_t limit, size_t *prefix, size_t *body) {
    return frame_look((const uint8_t *)bytes, size, size, limit, prefix, body);
}

static void a_prefix_written_is_read_back(void **state) {
    (void)state;
    static const struct {
        size_t body, length;
    } cases[] = {{1, 1},         {127, 1},     {128, 2},       {1024, 2},          {16383, 2},
                 {16384, 3},     {65536, 3},   {1 << 20, 3},   {(1 << 21) - 1, 3}, {1 << 21, 4},
                 {(1 << 28), 5}, {1 << 24, 4}, {UINT32_MAX, 5}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[FRAME_PREFIX_MAX];
        size_t prefix, body;
        assert_int_equal(frame_prefix(bytes, cases[i].body), cases[i].length);
        size_t whole = cases[i].length + cases[i].body;
        assert_int_equal(frame_look(bytes, cases[i].length, whole, UINT32_MAX, &prefix, &body), FRAME_READY);
        assert_int_equal(prefix, cases[i].length);
        assert_int_equal(body, cases[i].body);
    }
}

static void a_frame_is_ready_with_its_last_byte(void **state) {
    (void)state;
    uint8_t bytes[2 + 300] = {0xac, 0x02};
    size_t prefix, body;
    for (size_t there = 0; there < sizeof bytes; there++) {
        assert_int_equal(frame_look(bytes, there, there, 1024, &prefix, &body), FRAME_PARTIAL);
        assert_int_equal(body, there < 2 ? 0 : 300);
        assert_int_equal(prefix, there < 2 ? 0 : 2);
    }
    assert_int_equal(frame_look(bytes, sizeof bytes, sizeof bytes, 1024, &prefix, &body), FRAME_READY);
    assert_int_equal(frame_look(bytes, sizeof bytes, sizeof bytes + 1, 1024, &prefix, &body), FRAME_READY);
}

static void a_peek_at_the_prefix_is_enough(void **state) {
    (void)state;
    const uint8_t peek[] = {0xac, 0x02};
    size_t prefix, body;
    assert_int_equal(frame_look(peek, 2, 302, 1024, &prefix, &body), FRAME_READY);
    assert_int_equal(frame_look(peek, 1, 302, 1024, &prefix, &body), FRAME_PARTIAL);
    assert_int_equal(frame_look(peek, 2, 301, 1024, &prefix, &body), FRAME_PARTIAL);
}

static void the_limit_is_the_longest_body(void **state) {
    (void)state;
    size_t prefix, body;
    assert_int_equal(look("\x80\x08", 2, 1024, &prefix, &body), FRAME_PARTIAL);
    assert_int_equal(body, 1024);
    assert_int_equal(look("\x81\x08", 2, 1024, &prefix, &body), FRAME_TOO_LONG);
    assert_int_equal(body, 1025);
    assert_int_equal(look("\xff\xff\xff\xff\x0f", 5, 1024, &prefix, &body), FRAME_TOO_LONG);
    assert_int_equal(body, UINT32_MAX);
    assert_int_equal(look("\xff\xff\xff\xff\x7f", 5, 1024, &prefix, &body), FRAME_TOO_LONG);
    assert_int_equal(body, UINT32_MAX); // capped
}

static void what_is_no_length_is_bad(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {
        {"\x00", 1},                                      // an empty body
        {"\x80\x00", 2},                                  // the same at length
        {"\x81\x00", 2},                                  // 1 in two bytes
        {"\xff\xff\x80\x00", 4},                          // 16383 in four
        {"\x80\x80\x80\x80\x00", 5},                      // 0 in five
        {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 10}, // 2^63
        {"\xff\xff\xff\xff\xff", 5},                      // no end in sight
        {"\x80\x80\x80\x80\x80\x00", 6},                  // 0 in six
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t prefix, body;
        assert_int_equal(look(cases[i].bytes, cases[i].size, UINT32_MAX, &prefix, &body), FRAME_BAD);
        assert_int_equal(body, 0);
    }
}

static void a_length_that_has_not_ended_is_partial(void **state) {
    (void)state;
    size_t prefix, body;
    for (size_t size = 0; size < FRAME_PREFIX_MAX; size++)
        assert_int_equal(look("\xff\xff\xff\xff", size, 1024, &prefix, &body), FRAME_PARTIAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_prefix_written_is_read_back),  cmocka_unit_test(a_frame_is_ready_with_its_last_byte),
        cmocka_unit_test(a_peek_at_the_prefix_is_enough), cmocka_unit_test(the_limit_is_the_longest_body),
        cmocka_unit_test(what_is_no_length_is_bad),       cmocka_unit_test(a_length_that_has_not_ended_is_partial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
