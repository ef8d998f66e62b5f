// Times and dates as people write and read them. All clocks of people here are +07:00, which has no summer time.
#ifndef THIDUA_CLIENT_INSTANT_H
#define THIDUA_CLIENT_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

enum { INSTANT_TEXT = 40, DATE_TEXT = 11 }; // characters with the terminating zero

// Milliseconds since 1970 by the system's clock, and by the clock that never steps.
int64_t instant_now(void);
int64_t instant_monotonic(void);

// Both take a date (2026-11-30 or 30/11/2026) alone or with a clock: 30/11/2026 17:00, 2026-11-30T17:00:00 or with an
// offset, +07:00 or Z; without one it is +07:00.
//
// A deadline: a date is in time until its last second, 23:59:59; a time is the last second in time, and has no
// milliseconds. Gives the first instant that is late.
bool instant_parse_deadline(const char *text, int64_t *late_ms);

// A moment of the past: gives the last instant of the day, minute, second or millisecond that is named.
bool instant_parse_moment(const char *text, int64_t *last_ms);

// The last second in time, as a deadline is written and read.
int64_t instant_last_second(int64_t late_ms);

// A date as 2022-10-20 or 20/10/2022, checked against the calendar, as ISO.
bool date_parse(const char *text, char iso[DATE_TEXT]);

// Of an ISO date 20/10/2022. False: it is none.
bool date_for_people(char out[DATE_TEXT], const char *iso);

// A length of time: a whole number and s, m, h or d.
bool duration_parse(const char *text, int64_t *ms);

// 2026-10-30T09:12:44.120+07:00; returns `out`.
char *instant_iso(char out[INSTANT_TEXT], int64_t ms);

// 30/10/2026 09:12:44; returns `out`.
char *instant_for_people(char out[INSTANT_TEXT], int64_t ms);

// What instant_iso has written.
bool instant_from_iso(const char *text, int64_t *ms);

#endif
