#include "server/rules/points.h"

#include "server/rules/tree.h"

typedef __int128 wide; // a maximum times an amount in đồng does not fit 64 bits

enum { PERCENT_100 = 10000 }; // in hundredths of a percent

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

static int32_t points_linear(int32_t max_cp, int64_t actual, int64_t target) {
    if (actual >= target)
        return max_cp;
    wide doubled = 2 * (wide)max_cp * actual + target;
    return (int32_t)(doubled / (2 * (wide)target));
}

static int32_t points_bands(const Pb__CriterionDefinition *criterion, int64_t actual, int64_t target) {
    for (size_t i = 0; i < criterion->n_bands; i++) {
        const Pb__Band *band = criterion->bands[i];
        if ((wide)band->from_percent_cp * target <= (wide)actual * PERCENT_100)
            return band->points_cp;
    }
    return 0;
}

int32_t points_from_actual(const struct period *period, size_t unit, size_t leaf, int64_t actual) {
    const Pb__CriterionDefinition *criterion = period_leaf(period, leaf);
    const int64_t *targets = period->criteria[period->leaves[leaf]].targets;
    int64_t target = targets != NULL ? targets[unit] : 0;
    if (target <= 0 || actual < 0)
        return 0;
    if (criterion_formula(criterion) == PB__FORMULA__BANDS)
        return points_bands(criterion, actual, target);
    return points_linear(criterion->max_cp, actual, target);
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
