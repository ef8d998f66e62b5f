// Points: what may be given for a line, what follows from an actual figure, and sums. All in hundredths.
#ifndef THIDUA_RULES_POINTS_H
#define THIDUA_RULES_POINTS_H

#include "server/rules/period.h"

// Whether `points_cp`, given by a person, may stand for the leaf: in range and on the step; else a problem.
bool points_check(const struct period *period, size_t leaf, int32_t points_cp, struct problems *problems);

// The points that the formula of the leaf gives for an actual figure, exact, rounded half up once at the end.
// To hundredths: the step is for points given by people. For the formulas linear and bands only; the unit is assigned
// and has a target above zero. Bands: the points of the first that the actual figure reaches, 0 below the last.
int32_t points_from_actual(const struct period *period, size_t unit, size_t leaf, int64_t actual);

// The sum of the scored leaves; POINTS_NONE where none is.
int32_t points_sum(const struct period *period, const int32_t *points_cp);

// total = min(base, the period's total) + bonus - deduction, under the period's rules number; never below 0.
// POINTS_NONE where the base is.
int32_t points_total(const struct period *period, int32_t base_cp, int32_t bonus_cp, int32_t deduction_cp);

#endif
