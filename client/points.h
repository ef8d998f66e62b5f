// Points as people write them. 12,5 and 12.5 are the same; nothing is ever rounded.
#ifndef THIDUA_CLIENT_POINTS_H
#define THIDUA_CLIENT_POINTS_H

#include <stdint.h>

enum points_verdict {
    POINTS_GOOD,
    POINTS_NOT_A_NUMBER,
    POINTS_NEGATIVE,
    POINTS_AMBIGUOUS, // 1.250: a thousand and more, or one and a quarter?
    POINTS_TOO_FINE,  // more than two decimals
    POINTS_TOO_LARGE, // above what the protocol carries
};

enum { POINTS_TEXT = 24 }; // characters that hold any points with the terminating zero

// Reads points into hundredths.
enum points_verdict points_parse(const char *text, int32_t *points_cp);

// What is wrong, for people; empty for POINTS_GOOD.
const char *points_complaint(enum points_verdict verdict);

// With two decimals after `mark`, as people read them ("12.50"); returns `out`.
char *points_for_people(char out[POINTS_TEXT], int64_t points_cp, char mark);

// The shortest exact form ("12.5", "93"), for machines; returns `out`.
char *points_shortest(char out[POINTS_TEXT], int64_t points_cp, char mark);

#endif
