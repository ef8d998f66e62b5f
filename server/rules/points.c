#include "server/rules/points.h"

#include "proto/formula.h"
#include "server/rules/tree.h"

bool points_check(const struct period *period, size_t leaf, int32_t points_cp, struct problems *problems) {
    const Pb__CriterionDefinition *criterion = period_leaf(period, leaf);
    int32_t step = criterion_step(criterion);
    if (points_cp < 0 || points_cp > criterion->max_cp)
        return problem(problems, REASON_POINTS_RANGE, arg_text("criterion", criterion->code),
                       arg_points("value", points_cp), arg_points("limit", criterion->max_cp));
    if (points_cp % step != 0)
        return problem(problems, REASON_POINTS_STEP, arg_text("criterion", criterion->code),
                       arg_points("value", points_cp), arg_points("limit", step));
    return true;
}

int32_t points_from_actual(const struct period *period, size_t unit, size_t leaf, int64_t actual) {
    const Pb__CriterionDefinition *criterion = period_leaf(period, leaf);
    const int64_t *targets = period->criteria[period->leaves[leaf]].targets;
    return formula_points(criterion, targets != NULL ? targets[unit] : 0, actual);
}

static int32_t clamp(int64_t points_cp) {
    if (points_cp < 0)
        return 0;
    return points_cp > INT32_MAX ? INT32_MAX : (int32_t)points_cp;
}

int32_t points_sum(const struct period *period, const int32_t *points_cp) {
    int64_t sum = 0;
    bool any = false;
    for (size_t leaf = 0; leaf < period->n_leaves; leaf++) {
        if (points_cp[leaf] == POINTS_NONE)
            continue;
        sum += points_cp[leaf];
        any = true;
    }
    return any ? clamp(sum) : POINTS_NONE;
}

int32_t points_total(const struct period *period, int32_t base_cp, int32_t bonus_cp, int32_t deduction_cp) {
    if (base_cp == POINTS_NONE)
        return POINTS_NONE;
    int32_t cap = period->definition->total_cp;
    int64_t base = base_cp < cap ? base_cp : cap;
    return clamp(base + bonus_cp - deduction_cp);
}

int32_t points_deduction(const struct period *period, const int32_t *points_cp, const int32_t *deducted_cp) {
    int64_t sum = 0;
    for (size_t leaf = 0; leaf < period->n_leaves; leaf++) {
        if (points_cp[leaf] != POINTS_NONE)
            sum += deducted_cp[leaf] < points_cp[leaf] ? deducted_cp[leaf] : points_cp[leaf];
    }
    return clamp(sum);
}

int32_t points_most(const struct period *period, size_t unit) {
    int64_t sum = 0;
    for (size_t leaf = 0; leaf < period->n_leaves; leaf++)
        sum += period_assigned(period, unit, leaf) ? period_leaf(period, leaf)->max_cp : 0;
    return clamp(sum);
}

void figures_settle(const struct period *period, struct figures *figures, const int32_t *deducted_cp) {
    figures->base_cp = points_sum(period, figures->points_cp);
    figures->deduction_cp = points_deduction(period, figures->points_cp, deducted_cp);
    figures->total_cp = points_total(period, figures->base_cp, figures->bonus_cp, figures->deduction_cp);
}

void figures_blank(struct figures *figures, size_t n_leaves) {
    *figures = (struct figures){.base_cp = POINTS_NONE, .total_cp = POINTS_NONE};
    for (size_t leaf = 0; leaf < n_leaves; leaf++)
        figures->points_cp[leaf] = POINTS_NONE;
}
