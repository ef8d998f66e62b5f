#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "server/net/numbers.h"

static void expect(const struct live_numbers *live, const char *wanted) {
    char line[NUMBERS_LINE_MAX];
    numbers_line(live, line);
    assert_string_equal(line, wanted);
}

static void a_quiet_daemon_says_where_it_is(void **state) {
    (void)state;
    static const struct live_numbers fresh = {.store_bound = 100, .writer = {.seq = 5}};
    expect(&fresh, "entry 5; 0 connections, 0 watching; no commit since the start");
    static const struct live_numbers busy = {
        .connections = 12,
        .watchers = 3,
        .store_used = 79,
        .store_bound = 100,
        .writer = {.seq = 57, .commits = 4, .commit_p99_us = 2449, .committed_ms = 1700000000999},
    };
    expect(&busy, "entry 57; 12 connections, 3 watching; last commit at 2023-11-14T22:13:20Z, 99 of 100 within 2.4 ms");
}

static void what_somebody_should_look_after_is_said(void **state) {
    (void)state;
    const struct live_numbers live = {
        .store_used = 80,
        .store_bound = 100,
        .commit_age_ms = WRITER_STALL_MS,
        .unconfirmed = true,
        .draining = true,
        .writer = {.seq = 1, .clock_steps_back = 2},
    };
    expect(&live, "stopping; entry 1; 0 connections, 0 watching; no commit since the start; the accounts of a restored "
                  "backup wait for thidua admin accounts --confirm; the disk has not answered for 10 s; the store is "
                  "80 % full; the clock went back before 2 entries");
}

static void the_largest_numbers_fit(void **state) {
    (void)state;
    char line[NUMBERS_LINE_MAX];
    const struct live_numbers live = {
        .connections = UINT32_MAX,
        .watchers = UINT32_MAX,
        .store_used = UINT64_MAX,
        .store_bound = 1 << 20,
        .commit_age_ms = INT64_MAX,
        .unconfirmed = true,
        .draining = true,
        .writer = {.seq = UINT64_MAX, .clock_steps_back = UINT64_MAX, .commits = 1, .commit_p99_us = UINT32_MAX},
    };
    numbers_line(&live, line);
    assert_non_null(strstr(line, "18446744073709551615 entries"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quiet_daemon_says_where_it_is),
        cmocka_unit_test(what_somebody_should_look_after_is_said),
        cmocka_unit_test(the_largest_numbers_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
