#include "client/import/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "client/memory.h"

size_t findings_add(struct findings *findings, enum weight weight, size_t line, const char *hint, const char *format,
                    ...) {
    struct finding finding = {.weight = weight, .line = line, .hint = hint};
    va_list list;
    va_start(list, format);
    if (vasprintf(&finding.reason, format, list) < 0)
        must(NULL);
    va_end(list);
    // Grows by doubling: where n is a power of two the room is used up.
    if (!(findings->n & (findings->n - 1)))
        findings->list = must_grow(findings->list, findings->n ? 2 * findings->n : 1, sizeof(*findings->list));
    findings->list[findings->n++] = finding;
    return findings->n;
}

void findings_place(struct findings *findings, size_t number, const char *unit, const char *criterion) {
    struct finding *finding = &findings->list[number - 1];
    free(finding->unit);
    free(finding->criterion);
    finding->unit = unit ? must_strdup(unit) : NULL;
    finding->criterion = criterion ? must_strdup(criterion) : NULL;
}

bool findings_have(const struct findings *findings, enum weight weight) {
    for (size_t i = 0; i < findings->n; i++)
        if (findings->list[i].weight == weight)
            return true;
    return false;
}

static int by_line(const void *left, const void *right) {
    size_t a = ((const struct finding *)left)->line, b = ((const struct finding *)right)->line;
    return (a > b) - (a < b);
}

void findings_sort(struct findings *findings) {
    if (findings->n)
        qsort(findings->list, findings->n, sizeof(*findings->list), by_line);
}

void findings_free(struct findings *findings) {
    for (size_t i = 0; i < findings->n; i++) {
        free(findings->list[i].unit);
        free(findings->list[i].criterion);
        free(findings->list[i].reason);
    }
    free(findings->list);
    *findings = (struct findings){0};
}
