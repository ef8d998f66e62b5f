#include "proto/near.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { HELD = 4 }; // how far a name is that holds the word: farther than a mistyped one

static char lower(char c) {
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

// One row of the table: rows[i % 3][j] is how far the first i letters of `from` are from the first j of `to`. Only
// what lies within `most` of the diagonal can be near. Returns the row's least.
static size_t next_row(size_t rows[3][NEAR_LONGEST + 1], const char *from, const char *to, size_t i, size_t most) {
    size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *higher = rows[(i + 1) % 3];
    size_t length = strlen(to), least = most + 1;
    for (size_t j = 0; j <= length; j++) {
        row[j] = most + 1;
        if (j + most < i || j > i + most)
            continue;
        if (j == 0) {
            row[j] = i;
        } else {
            bool same = lower(from[i - 1]) == lower(to[j - 1]);
            row[j] = smaller(smaller(above[j], row[j - 1]) + 1, above[j - 1] + !same);
            if (i > 1 && j > 1 && lower(from[i - 1]) == lower(to[j - 2]) && lower(from[i - 2]) == lower(to[j - 1]))
                row[j] = smaller(row[j], higher[j - 2] + 1);
        }
        least = smaller(least, row[j]);
    }
    return least;
}

size_t near_distance(const char *from, const char *to, size_t most) {
    size_t rows[3][NEAR_LONGEST + 1], n = strlen(from), m = strlen(to);
    if (n > NEAR_LONGEST || m > NEAR_LONGEST || n > m + most || m > n + most)
        return most + 1;
    for (size_t j = 0; j <= NEAR_LONGEST; j++)
        rows[0][j] = rows[1][j] = rows[2][j] = j <= most ? j : most + 1;
    for (size_t i = 1; i <= n; i++)
        if (next_row(rows, from, to, i, most) > most)
            return most + 1;
    return smaller(rows[n % 3][m], most + 1);
}

void near_init(struct near *near, const char *word) {
    size_t length = strlen(word);
    *near = (struct near){.word = word, .limit = length < 3 ? 1 : length < 6 ? 2 : 3};
}

// "trung" is in "hai ba trung", and not in "truong".
static bool holds(const char *name, const char *word) {
    size_t length = strlen(word);
    if (length < 3)
        return false;
    for (const char *at = name; (at = strstr(at, word)); at++)
        if ((at == name || at[-1] == ' ') && (!at[length] || at[length] == ' '))
            return true;
    return false;
}

void near_try(struct near *near, const char *name, const char *stands_for) {
    size_t apart = near_distance(near->word, name, near->limit);
    bool held = apart > near->limit && holds(name, near->word);
    if ((apart > near->limit && !held) || apart >= strlen(near->word))
        return;
    apart = held ? HELD : apart;
    if (near->count && apart > near->least)
        return;
    if (apart < near->least)
        near->count = 0;
    near->least = apart;
    for (size_t i = 0; i < near->count && i < NEAR_MANY; i++)
        if (!strcmp(near->best[i], stands_for))
            return;
    if (near->count < NEAR_MANY)
        near->best[near->count] = stands_for;
    near->count++;
}

const char *near_text(const struct near *near, char *out, size_t size) {
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < near->count && near->count <= NEAR_MANY; i++) {
        int n = snprintf(out + used, size - used, "%s%s", i ? ", " : "", near->best[i]);
        if (n < 0 || (size_t)n >= size - used) {
            out[0] = '\0';
            return out;
        }
        used += (size_t)n;
    }
    return out;
}
