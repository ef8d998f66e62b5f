#include "server/rules/ranking.h"

#include <stdlib.h>

static int more_first(int64_t a, int64_t b) {
    return (a < b) - (a > b);
}

static int64_t points_under(const struct tie_break *tie_break, const int32_t *points_cp) {
    int64_t sum = 0;
    bool any = false;
    for (size_t i = 0; i < tie_break->n_leaves; i++) {
        int32_t points = points_cp[tie_break->leaves[i]];
        if (points == POINTS_NONE)
            continue;
        sum += points;
        any = true;
    }
    return any ? sum : POINTS_NONE;
}

static int compare_tie_break(const struct tie_break *tie_break, const struct standing *a, const struct standing *b) {
    if (tie_break->deduction)
        return -more_first(a->deduction_cp, b->deduction_cp);
    return more_first(points_under(tie_break, a->points_cp), points_under(tie_break, b->points_cp));
}

// Below zero: `a` stands above `b`; zero: they share a rank.
static int compare_rank(const struct period *period, const struct standing *a, const struct standing *b) {
    int order = more_first(a->total_cp, b->total_cp);
    if (order != 0 || a->total_cp == POINTS_NONE)
        return order;
    for (size_t i = 0; order == 0 && i < period->n_tie_breaks; i++)
        order = compare_tie_break(&period->tie_breaks[i], a, b);
    return order;
}

static int compare_standings(const void *left, const void *right, void *ctx) {
    const struct standing *a = left, *b = right;
    int order = compare_rank(ctx, a, b);
    return order != 0 ? order : (a->unit > b->unit) - (a->unit < b->unit);
}

void ranking_order(const struct period *period, struct standing *standings, size_t count) {
    if (count > 0)
        qsort_r(standings, count, sizeof *standings, compare_standings, (void *)period);
    for (size_t i = 0; i < count; i++) {
        standings[i].rank = standings[i].total_cp == POINTS_NONE ? 0 : (uint32_t)i + 1;
        standings[i].tied = false;
        if (i == 0 || standings[i].rank == 0 || compare_rank(period, &standings[i - 1], &standings[i]) != 0)
            continue;
        standings[i].rank = standings[i - 1].rank;
        standings[i].tied = standings[i - 1].tied = true;
    }
}

const Pb__ClassDefinition *ranking_class(const struct period *period, int32_t total_cp) {
    const Pb__PeriodDefinition *definition = period->definition;
    int32_t capped = total_cp < definition->total_cp ? total_cp : definition->total_cp;
    const Pb__ClassDefinition *best = NULL;
    for (size_t i = 0; i < definition->n_classes; i++) {
        const Pb__ClassDefinition *class = definition->classes[i];
        if (class->from_cp <= capped && (best == NULL || class->from_cp > best->from_cp))
            best = class;
    }
    return best;
}
