#include "server/rules/names.h"

#include <stdlib.h>
#include <string.h>

static unsigned char lower(char c) {
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

int names_compare_codes(const char *a, const char *b) {
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) - lower(*b);
}

bool names_init(struct names *names, size_t room, int (*compare)(const char *, const char *)) {
    *names = (struct names){.list = calloc(room + 1, sizeof(struct name)), .compare = compare};
    return names->list != NULL;
}

void names_free(struct names *names) {
    free(names->list);
    *names = (struct names){0};
}

void names_add(struct names *names, const char *text, size_t index) {
    if (text != NULL)
        names->list[names->count++] = (struct name){.text = text, .index = index};
}

static int compare_names(const void *left, const void *right, void *ctx) {
    const struct name *a = left, *b = right;
    const struct names *names = ctx;
    int order = names->compare(a->text, b->text);
    if (order != 0)
        return order;
    return (a->index > b->index) - (a->index < b->index);
}

static void merge_equal(struct names *names) {
    size_t kept = 0;
    for (size_t i = 0; i < names->count; i++) {
        if (kept == 0 || compare_names(&names->list[kept - 1], &names->list[i], names) != 0)
            names->list[kept++] = names->list[i];
    }
    names->count = kept;
}

void names_sort(struct names *names, bool merge) {
    qsort_r(names->list, names->count, sizeof(struct name), compare_names, names);
    if (merge)
        merge_equal(names);
}

size_t names_run(const struct names *names, size_t at) {
    size_t end = at + 1;
    while (end < names->count && names->compare(names->list[at].text, names->list[end].text) == 0)
        end++;
    return end - at;
}

const struct name *names_find(const struct names *names, const char *text, size_t *count) {
    size_t low = 0, high = names->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (names->compare(names->list[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < names->count && names->compare(names->list[low].text, text) == 0;
    if (count != NULL)
        *count = found ? names_run(names, low) : 0;
    return found ? &names->list[low] : NULL;
}
