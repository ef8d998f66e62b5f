#include "client/instant.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { OFFSET_S = 7 * 3600 };

int64_t instant_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t instant_monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Reads as `pattern` says: a letter d is a digit, any other character stands for itself. Returns what follows.
static const char *shaped(const char *text, const char *pattern) {
    for (; *pattern; pattern++, text++)
        if (*pattern == 'd' ? !isdigit((unsigned char)*text) : *text != *pattern)
            return NULL;
    return text;
}

static int number(const char *text, int n) {
    int value = 0;
    while (n--)
        value = value * 10 + (*text++ - '0');
    return value;
}

static bool in_calendar(int year, int month, int day) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1900 || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= days[month - 1] + (month == 2 && leap);
}

// Seconds since 1970 of a clock at +00:00.
static bool seconds_of_date(const char *text, int64_t *seconds) {
    int year = number(text, 4), month = number(text + 5, 2), day = number(text + 8, 2);
    if (!in_calendar(year, month, day))
        return false;
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    *seconds = timegm(&tm);
    return true;
}

static bool seconds_of_clock(const char **text, int64_t *seconds) {
    const char *end = shaped(*text, "dd:dd:dd");
    const char *whole = end ? end : shaped(*text, "dd:dd");
    if (!whole)
        return false;
    int hour = number(*text, 2), minute = number(*text + 3, 2), second = end ? number(*text + 6, 2) : 0;
    *text = whole;
    *seconds = hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second < 60;
}

static bool seconds_of_offset(const char *text, int64_t *seconds) {
    *seconds = 0;
    if (!strcmp(text, "Z"))
        return true;
    const char *end = *text == '+' || *text == '-' ? shaped(text + 1, "dd:dd") : NULL;
    if (!end || *end || number(text + 1, 2) > 14 || number(text + 4, 2) > 59)
        return false;
    *seconds = (number(text + 1, 2) * 60 + number(text + 4, 2)) * 60;
    if (*text == '-')
        *seconds = -*seconds;
    return true;
}

// What a text names, from its first millisecond on.
struct span {
    int64_t first_ms, length_ms;
};

enum { SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS, DAY_MS = 24 * 60 * MINUTE_MS };

// The clock at *text, to the minute, second or millisecond; *text is what follows it.
static bool read_clock(const char **text, struct span *span) {
    const char *begin = *text;
    int64_t seconds;
    if (!seconds_of_clock(text, &seconds))
        return false;
    bool whole = *text - begin == 8;
    const char *decimals = whole ? shaped(*text, ".ddd") : NULL;
    span->first_ms = seconds * SECOND_MS + (decimals ? number(*text + 1, 3) : 0);
    span->length_ms = decimals ? 1 : whole ? SECOND_MS : MINUTE_MS;
    *text = decimals ? decimals : *text;
    return true;
}

// A date, with or without a clock behind it. As people read it (30/06/2026 09:12) no offset follows.
static bool read_span(const char *text, struct span *span) {
    char iso[DATE_TEXT];
    int64_t day, offset = OFFSET_S;
    bool turned = shaped(text, "dd/dd/dddd") != NULL;
    const char *rest = turned ? text + DATE_TEXT - 1 : shaped(text, "dddd-dd-dd");
    if (turned)
        snprintf(iso, DATE_TEXT, "%.4s-%.2s-%.2s", text + 6, text + 3, text);
    if (!rest || !seconds_of_date(turned ? iso : text, &day))
        return false;
    *span = (struct span){.length_ms = DAY_MS};
    if (*rest) {
        if (*rest != ' ' && (turned || *rest != 'T'))
            return false;
        rest++;
        if (!read_clock(&rest, span) || (*rest && (turned || !seconds_of_offset(rest, &offset))))
            return false;
    }
    span->first_ms += (day - offset) * SECOND_MS;
    return true;
}

bool instant_parse_deadline(const char *text, int64_t *late_ms) {
    struct span span;
    if (!read_span(text, &span) || span.length_ms < SECOND_MS)
        return false;
    *late_ms = span.first_ms + (span.length_ms == DAY_MS ? DAY_MS : SECOND_MS);
    return true;
}

bool instant_parse_moment(const char *text, int64_t *last_ms) {
    struct span span;
    if (!read_span(text, &span))
        return false;
    *last_ms = span.first_ms + span.length_ms - 1;
    return true;
}

int64_t instant_last_second(int64_t late_ms) {
    return late_ms < INT64_MIN + 1000 ? late_ms : late_ms - 1000;
}

bool date_parse(const char *text, char iso[DATE_TEXT]) {
    int64_t seconds;
    const char *end = shaped(text, "dddd-dd-dd");
    if (end)
        memcpy(iso, text, DATE_TEXT - 1);
    else if ((end = shaped(text, "dd/dd/dddd")))
        snprintf(iso, DATE_TEXT, "%.4s-%.2s-%.2s", text + 6, text + 3, text);
    else
        return false;
    iso[DATE_TEXT - 1] = 0;
    return !*end && seconds_of_date(iso, &seconds);
}

bool date_for_people(char out[DATE_TEXT], const char *iso) {
    const char *end = shaped(iso, "dddd-dd-dd");
    if (!end || *end)
        return false;
    snprintf(out, DATE_TEXT, "%.2s/%.2s/%.4s", iso + 8, iso + 5, iso);
    return true;
}

bool duration_parse(const char *text, int64_t *ms) {
    static const struct {
        char letter;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    size_t n = strspn(text, "0123456789");
    if (!n || n > 9 || strlen(text) != n + 1)
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        if (text[n] == units[i].letter) {
            *ms = strtoll(text, NULL, 10) * units[i].ms;
            return true;
        }
    return false;
}

static void local(int64_t ms, struct tm *tm, int *milliseconds) {
    int64_t seconds = ms / 1000 - (ms % 1000 < 0);
    *milliseconds = (int)((ms % 1000 + 1000) % 1000);
    time_t shifted = (time_t)(seconds + OFFSET_S);
    if (!gmtime_r(&shifted, tm))
        memset(tm, 0, sizeof(*tm));
}

char *instant_iso(char out[INSTANT_TEXT], int64_t ms) {
    struct tm tm;
    int milliseconds;
    local(ms, &tm, &milliseconds);
    size_t n = strftime(out, INSTANT_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, INSTANT_TEXT - n, ".%03d+07:00", milliseconds);
    return out;
}

char *instant_for_people(char out[INSTANT_TEXT], int64_t ms) {
    struct tm tm;
    int milliseconds;
    local(ms, &tm, &milliseconds);
    if (!strftime(out, INSTANT_TEXT, "%d/%m/%Y %H:%M:%S", &tm))
        out[0] = 0;
    return out;
}

bool instant_from_iso(const char *text, int64_t *ms) {
    int64_t day, clock;
    const char *rest = text + DATE_TEXT;
    if (!shaped(text, "dddd-dd-ddTdd:dd:dd.ddd+07:00") || !seconds_of_date(text, &day))
        return false;
    if (!seconds_of_clock(&rest, &clock))
        return false;
    *ms = (day + clock - OFFSET_S) * 1000 + number(text + 20, 3);
    return true;
}
