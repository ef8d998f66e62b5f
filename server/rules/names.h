// Sorted lists of names, each standing for an index. The texts are not owned.
#ifndef THIDUA_RULES_NAMES_H
#define THIDUA_RULES_NAMES_H

#include <stdbool.h>
#include <stddef.h>

struct name {
    const char *text;
    size_t index;
};

struct names {
    struct name *list;
    size_t count;
    int (*compare)(const char *, const char *);
};

// Order of criterion codes: the case of ASCII letters does not count.
int names_compare_codes(const char *a, const char *b);

// An empty list with room for `room` names, compared by `compare`. False: out of memory. Ends with names_free.
bool names_init(struct names *names, size_t room, int (*compare)(const char *, const char *));
void names_free(struct names *names);

// Adds a name; there is room for it. NULL is left out.
void names_add(struct names *names, const char *text, size_t index);

// Sorts by text, then by index; the same text for the same index is kept once if `merge`.
void names_sort(struct names *names, bool merge);

// How many names from `at` on have the same text as the one at `at`. At least 1.
size_t names_run(const struct names *names, size_t at);

// The first name with this text in a sorted list, *count (may be NULL) of them in a row. NULL: there is none.
const struct name *names_find(const struct names *names, const char *text, size_t *count);

#endif
