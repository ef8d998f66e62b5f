// Points: what may be given for a line, what follows from an actual figure, and sums. All in hundredths.
#ifndef THIDUA_RULES_POINTS_H
#define THIDUA_RULES_POINTS_H

#include "server/rules/period.h"

// One column of a sheet. Bonus and deduction are 0 in the unit's own.
struct figures {
    int32_t base_cp;                        // the sum of the points; POINTS_NONE: no line
    int32_t bonus_cp;                       // given
    int32_t deduction_cp;                   // what counts of the deductions
    int32_t total_cp;                       // POINTS_NONE: no line
    int32_t points_cp[PERIOD_CRITERIA_MAX]; // by leaf
};

// Whether `points_cp`, given by a person, may stand for the leaf: in range and on the step; else a problem.
bool points_check(const struct period *period, size_t leaf, int32_t points_cp, struct problems *problems);

// The points that the formula of the leaf gives for an actual figure: see proto/formula.h. For the formulas linear and
// bands only; the unit is assigned and has a target above zero.
int32_t points_from_actual(const struct period *period, size_t unit, size_t leaf, int64_t actual);

// The sum of the scored leaves; POINTS_NONE where none is.
int32_t points_sum(const struct period *period, const int32_t *points_cp);

// total = min(base, the period's total) + bonus - deduction, under the period's rules number; never below 0.
// POINTS_NONE where the base is.
int32_t points_total(const struct period *period, int32_t base_cp, int32_t bonus_cp, int32_t deduction_cp);

// What counts of the deductions, by leaf: from each at most its points, so that none falls below 0.
int32_t points_deduction(const struct period *period, const int32_t *points_cp, const int32_t *deducted_cp);

// The most that the unit may have: the sum of the maxima of the leaves assigned to it.
int32_t points_most(const struct period *period, size_t unit);

// Sets base, deduction and total from the points, the bonus and the deductions by leaf.
void figures_settle(const struct period *period, struct figures *figures, const int32_t *deducted_cp);

// A column of `n_leaves` lines without points, without bonus and deduction.
void figures_blank(struct figures *figures, size_t n_leaves);

#endif
