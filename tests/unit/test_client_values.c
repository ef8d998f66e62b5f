// Points, times, ids and digits as people write them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "client/hex.h"
#include "client/instant.h"
#include "client/points.h"
#include "client/uuid.h"

static void points_are_read_with_comma_and_point(void **state) {
    static const struct {
        const char *text;
        int32_t points_cp;
    } good[] = {{"12,5", 1250},  {"12.5", 1250}, {"12", 1200},
                {"0", 0},        {"0,05", 5},    {"100", 10000},
                {"12,50", 1250}, {"007", 700},   {"21474836,47", INT32_MAX}};
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        int32_t points = -1;
        assert_int_equal(points_parse(good[i].text, &points), POINTS_GOOD);
        assert_int_equal(points, good[i].points_cp);
    }
}

static void points_that_are_none_are_refused(void **state) {
    static const struct {
        const char *text;
        enum points_verdict verdict;
    } bad[] = {
        {"", POINTS_NOT_A_NUMBER},    {"x", POINTS_NOT_A_NUMBER},        {",5", POINTS_NOT_A_NUMBER},
        {"5,", POINTS_NOT_A_NUMBER},  {"+5", POINTS_NOT_A_NUMBER},       {"5 ", POINTS_NOT_A_NUMBER},
        {"-", POINTS_NOT_A_NUMBER},   {"1e3", POINTS_NOT_A_NUMBER},      {"1,2,3", POINTS_NOT_A_NUMBER},
        {"-1", POINTS_NEGATIVE},      {"-0,5", POINTS_NEGATIVE},         {"1.250", POINTS_AMBIGUOUS},
        {"1,250", POINTS_AMBIGUOUS},  {"1.250,5", POINTS_AMBIGUOUS},     {"0,125", POINTS_TOO_FINE},
        {"12,5000", POINTS_TOO_FINE}, {"21474836,48", POINTS_TOO_LARGE}, {"99999999999999999999", POINTS_TOO_LARGE}};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        int32_t points = -1;
        assert_int_equal(points_parse(bad[i].text, &points), bad[i].verdict);
        assert_true(strlen(points_complaint(bad[i].verdict)) > 0);
    }
}

static void points_are_written_exactly(void **state) {
    char text[POINTS_TEXT];
    (void)state;
    assert_string_equal(points_for_people(text, 1250, ','), "12,50");
    assert_string_equal(points_for_people(text, 5, '.'), "0.05");
    assert_string_equal(points_for_people(text, -150, '.'), "-1.50");
    assert_string_equal(points_for_people(text, INT64_MIN, '.'), "-92233720368547758.08");
    assert_string_equal(points_shortest(text, 1250, '.'), "12.5");
    assert_string_equal(points_shortest(text, 9300, '.'), "93");
    assert_string_equal(points_shortest(text, 10000, '.'), "100");
    assert_string_equal(points_shortest(text, 0, '.'), "0");
    assert_string_equal(points_shortest(text, 1225, ','), "12,25");
}

static void a_date_is_in_time_until_its_last_second(void **state) {
    int64_t late;
    char text[INSTANT_TEXT];
    (void)state;
    assert_true(instant_parse_deadline("2026-11-30", &late));
    assert_string_equal(instant_iso(text, late), "2026-12-01T00:00:00.000+07:00");
    assert_string_equal(instant_iso(text, instant_last_second(late)), "2026-11-30T23:59:59.000+07:00");
}

static void a_time_with_offset_is_the_last_second_in_time(void **state) {
    int64_t date, time, zulu;
    (void)state;
    assert_true(instant_parse_deadline("2026-11-30", &date));
    assert_true(instant_parse_deadline("2026-11-30T23:59:59+07:00", &time));
    assert_true(instant_parse_deadline("2026-11-30T16:59:59Z", &zulu));
    assert_int_equal(date, time);
    assert_int_equal(date, zulu);
    assert_true(instant_parse_deadline("2026-11-30T12:00-04:30", &time));
    assert_int_equal(time, date - 30 * 60000 + 1000);
}

static void deadlines_are_written_as_people_read_them(void **state) {
    static const struct {
        const char *text, *last;
    } good[] = {
        {"30/11/2026", "2026-11-30T23:59:59.000+07:00"},
        {"30/11/2026 17:00", "2026-11-30T17:00:00.000+07:00"},
        {"30/11/2026 17:00:30", "2026-11-30T17:00:30.000+07:00"},
        {"2026-11-30T17:00:00", "2026-11-30T17:00:00.000+07:00"},
        {"2026-11-30 17:00", "2026-11-30T17:00:00.000+07:00"},
    };
    char text[INSTANT_TEXT];
    int64_t late;
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_true(instant_parse_deadline(good[i].text, &late));
        assert_string_equal(instant_iso(text, instant_last_second(late)), good[i].last);
    }
}

static void wrong_deadlines_are_refused(void **state) {
    static const char *const bad[] = {"",
                                      "2026-11-31",
                                      "2026-02-29",
                                      "30/11/2026 17:00Z",
                                      "30/11/2026T17:00",
                                      "2026-11-30T25:00:00Z",
                                      "2026-11-30T10:00:00.120",
                                      "2026-11-30x",
                                      "2026-13-01",
                                      "2026-11-30T10:60Z",
                                      "2026-11-30T10:00:00+7",
                                      "2026-11-30T10:00:00Zx",
                                      "1899-01-01"};
    int64_t late;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(instant_parse_deadline(bad[i], &late));
    assert_true(instant_parse_deadline("2028-02-29", &late));
}

static void a_moment_covers_what_it_names(void **state) {
    static const struct {
        const char *text, *last;
    } good[] = {
        {"2026-06-30", "2026-06-30T23:59:59.999+07:00"},
        {"30/06/2026", "2026-06-30T23:59:59.999+07:00"},
        {"30/06/2026 09:12:44", "2026-06-30T09:12:44.999+07:00"},
        {"30/06/2026 09:12", "2026-06-30T09:12:59.999+07:00"},
        {"2026-06-30T09:12:44", "2026-06-30T09:12:44.999+07:00"},
        {"2026-06-30 09:12", "2026-06-30T09:12:59.999+07:00"},
        {"2026-06-30T09:12:44+07:00", "2026-06-30T09:12:44.999+07:00"},
        {"2026-06-30T09:12:44.120+07:00", "2026-06-30T09:12:44.120+07:00"},
        {"2026-06-30 02:12Z", "2026-06-30T09:12:59.999+07:00"},
        {"2026-06-30T02:12:44.007Z", "2026-06-30T09:12:44.007+07:00"},
    };
    static const char *const bad[] = {"",
                                      "41",
                                      "2026-06-31",
                                      "31/06/2026",
                                      "30/06/26",
                                      "2026-06-30T09",
                                      "2026-06-30T09:12:44.1+07:00",
                                      "2026-06-30T09:12.120+07:00",
                                      "30/06/2026T09:12:44",
                                      "30/06/2026 09:12:44Z",
                                      "30/06/2026 24:00",
                                      "2026-06-30 "};
    char text[INSTANT_TEXT];
    int64_t last;
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_true(instant_parse_moment(good[i].text, &last));
        assert_string_equal(instant_iso(text, last), good[i].last);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(instant_parse_moment(bad[i], &last));
}

static void dates_become_iso(void **state) {
    char iso[DATE_TEXT];
    (void)state;
    assert_true(date_parse("20/10/2022", iso));
    assert_string_equal(iso, "2022-10-20");
    assert_true(date_parse("2022-10-20", iso));
    assert_string_equal(iso, "2022-10-20");
    assert_false(date_parse("31/04/2022", iso));
    assert_false(date_parse("2022-10-200", iso));
    assert_false(date_parse("20.10.2022", iso));
}

static void dates_are_turned_for_people(void **state) {
    char text[DATE_TEXT];
    (void)state;
    assert_true(date_for_people(text, "2022-10-20"));
    assert_string_equal(text, "20/10/2022");
    assert_false(date_for_people(text, ""));
    assert_false(date_for_people(text, "20/10/2022"));
    assert_false(date_for_people(text, "2022-10-200"));
}

static void lengths_of_time_have_a_unit(void **state) {
    int64_t ms;
    (void)state;
    assert_true(duration_parse("72h", &ms));
    assert_int_equal(ms, INT64_C(72) * 3600000);
    assert_true(duration_parse("1d", &ms));
    assert_int_equal(ms, 86400000);
    assert_true(duration_parse("90s", &ms));
    assert_int_equal(ms, 90000);
    assert_false(duration_parse("72", &ms));
    assert_false(duration_parse("h", &ms));
    assert_false(duration_parse("1h30m", &ms));
    assert_false(duration_parse("-1h", &ms));
    assert_false(duration_parse("9999999999h", &ms));
}

static void times_survive_a_round_trip(void **state) {
    static const int64_t times[] = {0, 1667099564120, -1, 4102444800001, 951782400000};
    char text[INSTANT_TEXT];
    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
        int64_t back;
        assert_true(instant_from_iso(instant_iso(text, times[i]), &back));
        assert_int_equal(back, times[i]);
    }
    assert_string_equal(instant_iso(text, 1667099564120), "2022-10-30T10:12:44.120+07:00");
    assert_string_equal(instant_for_people(text, 1667099564120), "30/10/2022 10:12:44");
    instant_iso(text, INT64_MIN);
    instant_iso(text, INT64_MAX);
}

static void ids_are_uuids_of_version_7(void **state) {
    uint8_t one[UUID_SIZE], two[UUID_SIZE], back[UUID_SIZE];
    char text[UUID_TEXT];
    (void)state;
    assert_true(uuid_new(one, 0x0123456789ab));
    assert_true(uuid_new(two, 0x0123456789ab));
    assert_memory_equal(one, "\x01\x23\x45\x67\x89\xab", 6);
    assert_memory_not_equal(one, two, UUID_SIZE);
    assert_int_equal(one[6] >> 4, 7);
    assert_int_equal(one[8] >> 6, 2);
    assert_int_equal(strlen(uuid_text(text, one)), 36);
    assert_true(uuid_parse(text, back));
    assert_memory_equal(one, back, UUID_SIZE);
    assert_true(uuid_parse("01A20B08-683E-79EC-9128-F78C8D98F680", back));
    assert_false(uuid_parse("01a20b08683e79ec9128f78c8d98f680", back));
    assert_false(uuid_parse("01a20b08-683e-79ec-9128-f78c8d98f68g", back));
    assert_false(uuid_parse("01a20b08-683e-79ec-9128-f78c8d98f6800", back));
    assert_false(uuid_parse("01a20b0-8683e-79ec-9128-f78c8d98f680", back));
}

static void digits_are_read_whole_or_not_at_all(void **state) {
    uint8_t bytes[2];
    char text[5];
    (void)state;
    assert_true(hex_decode("0fA0", bytes, 2));
    assert_string_equal(hex_encode(text, bytes, 2), "0fa0");
    assert_false(hex_decode("0fa", bytes, 2));
    assert_false(hex_decode("0fa00", bytes, 2));
    assert_false(hex_decode("0fag", bytes, 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_read_with_comma_and_point),
        cmocka_unit_test(points_that_are_none_are_refused),
        cmocka_unit_test(points_are_written_exactly),
        cmocka_unit_test(a_date_is_in_time_until_its_last_second),
        cmocka_unit_test(a_time_with_offset_is_the_last_second_in_time),
        cmocka_unit_test(deadlines_are_written_as_people_read_them),
        cmocka_unit_test(wrong_deadlines_are_refused),
        cmocka_unit_test(a_moment_covers_what_it_names),
        cmocka_unit_test(dates_become_iso),
        cmocka_unit_test(dates_are_turned_for_people),
        cmocka_unit_test(lengths_of_time_have_a_unit),
        cmocka_unit_test(times_survive_a_round_trip),
        cmocka_unit_test(ids_are_uuids_of_version_7),
        cmocka_unit_test(digits_are_read_whole_or_not_at_all),
    };
    return cmocka_run_group_tests_name("client values", tests, NULL, NULL);
}
