#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/net/metrics_text.h"

static char *text_of(const struct live_numbers *live, const char *version) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    metrics_text(out, live, version);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void expect_lines(const struct live_numbers *live, const char *version, const char *const *lines) {
    char *text = text_of(live, version);
    for (; *lines; lines++) {
        char line[256];
        snprintf(line, sizeof line, "\n%s\n", *lines);
        if (!strstr(text, line))
            fail_msg("%s is not in\n%s", *lines, text);
    }
    free(text);
}

#define EXPECT(live, version, ...) expect_lines(live, version, (const char *const[]){__VA_ARGS__, NULL})

static const struct live_numbers some = {
    .started_ms = 1234567890012,
    .connections = 7,
    .unauthenticated = 3,
    .watchers = 2,
    .requests = UINT64_MAX,
    .refusals = {[PB__STATUS__CONFLICT] = 5},
    .store_used = 4096,
    .store_bound = UINT64_C(1) << 36,
    .commit_age_ms = 12034,
    .unconfirmed = true,
    .writer = {.batches = 10,
               .entries = 11,
               .clock_steps_back = 1,
               .commits = 9,
               .commits_us = 2000015,
               .commit_p50_us = 1535,
               .commit_p99_us = 1000001,
               .committed_ms = 1700000000999,
               .seq = 42,
               .waiting = 6},
};

static void every_number_is_written_in_its_unit(void **state) {
    (void)state;
    EXPECT(&some, "1.2.3", "thidua_build_info{version=\"1.2.3\"} 1", "process_start_time_seconds 1234567890.012",
           "thidua_connections{state=\"authenticated\"} 4", "thidua_connections{state=\"unauthenticated\"} 3",
           "thidua_watchers 2", "thidua_requests_total 18446744073709551615",
           "thidua_refusals_total{status=\"CONFLICT\"} 5", "thidua_refusals_total{status=\"INTERNAL\"} 0",
           "thidua_entries_total 11", "thidua_journal_seq 42", "thidua_batches_total 10",
           "thidua_commit_seconds{quantile=\"0.5\"} 0.001535", "thidua_commit_seconds{quantile=\"0.99\"} 1.000001",
           "thidua_commit_seconds_sum 2.000015", "thidua_commit_seconds_count 9", "thidua_commit_age_seconds 12.034",
           "thidua_last_commit_timestamp_seconds 1700000000.999", "thidua_writer_queue 6",
           "thidua_store_used_bytes 4096", "thidua_store_map_bytes 68719476736", "thidua_clock_steps_back_total 1",
           "thidua_accounts_unconfirmed 1");
}

static void what_was_not_measured_is_no_number(void **state) {
    (void)state;
    static const struct live_numbers none = {.uptime_ms = 1};
    EXPECT(&none, "1", "thidua_commit_seconds{quantile=\"0.5\"} NaN", "thidua_commit_seconds{quantile=\"0.99\"} NaN",
           "thidua_commit_seconds_sum 0.000000", "thidua_commit_seconds_count 0",
           "thidua_last_commit_timestamp_seconds 0.000", "thidua_accounts_unconfirmed 0");
}

static void strangers_are_never_more_than_all(void **state) {
    (void)state;
    static const struct live_numbers live = {.connections = 1, .unauthenticated = 2};
    EXPECT(&live, "1", "thidua_connections{state=\"authenticated\"} 0",
           "thidua_connections{state=\"unauthenticated\"} 1");
}

static void values_of_labels_are_escaped(void **state) {
    (void)state;
    EXPECT(&some, "a\"b\\c\nd", "thidua_build_info{version=\"a\\\"b\\\\c\\nd\"} 1");
}

// Each family is introduced once, its rows follow, and nothing else is between them.
static void each_family_stands_together(void **state) {
    (void)state;
    char *text = text_of(&some, "1"), *rest = text, family[128] = "";
    for (char *line = strsep(&rest, "\n"); line && *line; line = strsep(&rest, "\n")) {
        char name[128];
        if (sscanf(line, "# HELP %127s", name) == 1) {
            char type[128], kind[32], *next = strsep(&rest, "\n");
            assert_int_equal(sscanf(next, "# TYPE %127s %31s", type, kind), 2);
            assert_string_equal(type, name);
            assert_int_equal(strcmp(kind, "counter") == 0,
                             strlen(name) > 6 && !strcmp(name + strlen(name) - 6, "_total"));
            snprintf(family, sizeof family, "%s", name);
        } else {
            assert_int_equal(strncmp(line, family, strlen(family)), 0);
        }
    }
    assert_null(rest);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_written_in_its_unit), cmocka_unit_test(what_was_not_measured_is_no_number),
        cmocka_unit_test(strangers_are_never_more_than_all),   cmocka_unit_test(values_of_labels_are_escaped),
        cmocka_unit_test(each_family_stands_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
