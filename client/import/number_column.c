#include "client/import/number_column.h"

#include <stdlib.h>
#include <string.h>

#include "client/points.h"
#include "client/words.h"

static const char digits[] = "0123456789";

static void see(struct number_column *column, char mark, const char *text, size_t line) {
    if (!mark || column->mark == mark || column->other)
        return;
    if (column->mark) {
        column->other = text;
        column->other_line = line;
        return;
    }
    column->mark = mark;
    column->text = text;
    column->line = line;
}

// What cannot be read whatever its mark means (1.250, 12,5,0) says nothing about the column.
void points_column_see(struct number_column *column, const char *text, size_t line) {
    int32_t points_cp;
    enum points_verdict verdict = points_parse(text, &points_cp);
    if (verdict == POINTS_GOOD || verdict == POINTS_TOO_FINE || verdict == POINTS_TOO_LARGE)
        see(column, text[strspn(text, digits)], text, line);
}

// The mark of digits in groups of three, and how often it stands; 0: the text is no such thing.
static char grouped(const char *text, size_t *groups) {
    size_t first = strspn(text, digits);
    char mark = text[first];
    *groups = 0;
    if (!first || first > 3 || *text == '0' || !mark || !strchr(" .,", mark))
        return 0;
    for (text += first; *text; text += 4, ++*groups)
        if (*text != mark || strspn(text + 1, digits) < 3)
            return 0;
    return mark;
}

// A space is never that of the decimals, and a mark that stands twice neither.
void figures_column_see(struct number_column *column, const char *text, size_t line) {
    size_t groups;
    char mark = grouped(text, &groups);
    if (mark == ' ' || groups > 1)
        see(column, mark, text, line);
}

static enum figure_verdict value(const char *text, int64_t *figure) {
    int64_t sum = 0;
    for (; *text; text++) {
        if (!strchr(digits, *text))
            continue;
        if (sum > (INT64_MAX - 9) / 10)
            return FIGURE_TOO_LARGE;
        sum = sum * 10 + (*text - '0');
    }
    *figure = sum;
    return FIGURE_GOOD;
}

enum figure_verdict figure_parse(const struct number_column *column, const char *text, int64_t *figure) {
    size_t groups, whole = strspn(text, digits);
    char mark = grouped(text, &groups);
    if (whole && !text[whole])
        return value(text, figure);
    if (mark)
        return mark == column->mark ? value(text, figure) : FIGURE_AMBIGUOUS;
    return *text == '-' && text[1] && strchr(digits, text[1]) ? FIGURE_NEGATIVE : FIGURE_NOT_WHOLE;
}

const char *figure_complaint(enum figure_verdict verdict) {
    switch (verdict) {
    case FIGURE_GOOD:
        break;
    case FIGURE_NOT_WHOLE:
        return _("is not a whole number");
    case FIGURE_NEGATIVE:
        return _("is negative; figures begin at 0");
    case FIGURE_AMBIGUOUS:
        return _("is ambiguous: write thousands without a mark");
    case FIGURE_TOO_LARGE:
        return _("is too large");
    }
    return "";
}
