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

static struct distance compare_tie_break(const struct period *period, size_t tie_break, const struct standing *own,
                                         const struct standing *above) {
    const struct tie_break *by = &period->tie_breaks[tie_break];
    struct distance distance = {.by = APART_BY_TIE_BREAK, .tie_break = tie_break};
    distance.own_cp = by->deduction ? own->deduction_cp : points_under(by, own->points_cp);
    distance.above_cp = by->deduction ? above->deduction_cp : points_under(by, above->points_cp);
    return distance;
}

struct distance ranking_distance(const struct period *period, const struct standing *standing,
                                 const struct standing *above) {
    struct distance distance = {.by = APART_BY_TOTAL, .own_cp = standing->total_cp, .above_cp = above->total_cp};
    if (distance.own_cp != distance.above_cp || standing->total_cp == POINTS_NONE)
        return distance;
    for (size_t i = 0; i < period->n_tie_breaks; i++) {
        distance = compare_tie_break(period, i, standing, above);
        if (distance.own_cp != distance.above_cp)
            return distance;
    }
    distance.by = APART_BY_NOTHING;
    return distance;
}

// Below zero: `a` stands above `b`; zero: they share a rank.
static int compare_rank(const struct period *period, const struct standing *a, const struct standing *b) {
    struct distance distance = ranking_distance(period, a, b);
    if (distance.by == APART_BY_NOTHING)
        return 0;
    bool fewer_first = distance.by == APART_BY_TIE_BREAK && period->tie_breaks[distance.tie_break].deduction;
    int order = more_first(distance.own_cp, distance.above_cp);
    return fewer_first ? -order : order;
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
