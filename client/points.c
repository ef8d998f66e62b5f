#include "client/points.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/words.h"

static const char digits[] = "0123456789";

static enum points_verdict value(const char *whole, size_t n_whole, const char *decimals, size_t n_decimals,
                                 int32_t *points_cp) {
    int64_t cp = 0;
    for (size_t i = 0; i < n_whole + 2; i++) {
        int next = i < n_whole ? whole[i] - '0' : i - n_whole < n_decimals ? decimals[i - n_whole] - '0' : 0;
        cp = cp * 10 + next;
        if (cp > INT32_MAX)
            return POINTS_TOO_LARGE;
    }
    *points_cp = (int32_t)cp;
    return POINTS_GOOD;
}

enum points_verdict points_parse(const char *text, int32_t *points_cp) {
    if (text[0] == '-' && text[1] && strspn(text + 1, "0123456789.,") == strlen(text + 1))
        return POINTS_NEGATIVE;
    size_t whole = strspn(text, digits);
    if (!whole || (text[whole] && text[whole] != '.' && text[whole] != ','))
        return POINTS_NOT_A_NUMBER;
    if (!text[whole])
        return value(text, whole, "", 0, points_cp);
    const char *decimals = text + whole + 1;
    size_t n = strspn(decimals, digits);
    if (!n || strspn(decimals, "0123456789.,") != strlen(decimals))
        return POINTS_NOT_A_NUMBER;
    if (n == 3 && (text[0] != '0' || decimals[n]))
        return POINTS_AMBIGUOUS;
    if (decimals[n])
        return POINTS_NOT_A_NUMBER;
    return n > 2 ? POINTS_TOO_FINE : value(text, whole, decimals, n, points_cp);
}

const char *points_complaint(enum points_verdict verdict) {
    switch (verdict) {
    case POINTS_GOOD:
        break;
    case POINTS_NOT_A_NUMBER:
        return _("is not a number; write points as 12,5 or 12.5");
    case POINTS_NEGATIVE:
        return _("is negative; points begin at 0");
    case POINTS_AMBIGUOUS:
        return _("is ambiguous: write thousands without a mark, and at most two decimals");
    case POINTS_TOO_FINE:
        return _("has more than two decimals; nothing is rounded");
    case POINTS_TOO_LARGE:
        return _("is too large");
    }
    return "";
}

char *points_for_people(char out[POINTS_TEXT], int64_t points_cp, char mark) {
    uint64_t size = points_cp < 0 ? 0 - (uint64_t)points_cp : (uint64_t)points_cp;
    snprintf(out, POINTS_TEXT, "%s%" PRIu64 "%c%02u", points_cp < 0 ? "-" : "", size / 100, mark,
             (unsigned)(size % 100));
    return out;
}

char *points_shortest(char out[POINTS_TEXT], int64_t points_cp, char mark) {
    size_t n = strlen(points_for_people(out, points_cp, mark));
    while (out[n - 1] == '0')
        out[--n] = 0;
    if (out[n - 1] == mark)
        out[--n] = 0;
    return out;
}
