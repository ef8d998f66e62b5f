#include "proto/formula.h"

typedef __int128 wide; // a maximum times an amount in đồng does not fit 64 bits

enum { PERCENT_100 = 10000 }; // in hundredths of a percent

bool formula_computes(const Pb__CriterionDefinition *criterion) {
    return criterion->has_formula &&
           (criterion->formula == PB__FORMULA__LINEAR || criterion->formula == PB__FORMULA__BANDS);
}

static int32_t linear(int32_t max_cp, int64_t actual, int64_t target) {
    if (actual >= target)
        return max_cp;
    wide doubled = 2 * (wide)max_cp * actual + target;
    return (int32_t)(doubled / (2 * (wide)target));
}

static int32_t bands(const Pb__CriterionDefinition *criterion, int64_t actual, int64_t target) {
    for (size_t i = 0; i < criterion->n_bands; i++) {
        const Pb__Band *band = criterion->bands[i];
        if ((wide)band->from_percent_cp * target <= (wide)actual * PERCENT_100)
            return band->points_cp;
    }
    return 0;
}

int32_t formula_points(const Pb__CriterionDefinition *criterion, int64_t target, int64_t actual) {
    if (target <= 0 || actual < 0)
        return 0;
    if (criterion->formula == PB__FORMULA__BANDS)
        return bands(criterion, actual, target);
    return linear(criterion->max_cp, actual, target);
}
