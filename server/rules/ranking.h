// Ranking: higher total first, equal totals share a rank (1, 1, 3), never by name or arrival.
#ifndef THIDUA_RULES_RANKING_H
#define THIDUA_RULES_RANKING_H

#include "server/rules/period.h"

struct standing {
    size_t unit;      // index in the period
    int32_t total_cp; // POINTS_NONE: no line at all; such a unit is last and has no rank
    int32_t deduction_cp;
    const int32_t *points_cp; // by leaf, for tie-breaks
    uint32_t rank;            // set by ranking_order; 0: none
    bool tied;                // set by ranking_order: shares its rank
};

// Puts the standings in rank order, units of equal rank in the period's own order, and sets rank and tied.
// The period's tie-breaks are applied in their order.
void ranking_order(const struct period *period, struct standing *standings, size_t count);

// What sets a standing apart from the one above it.
struct distance {
    enum { APART_BY_NOTHING, APART_BY_TOTAL, APART_BY_TIE_BREAK } by;
    size_t tie_break;         // index in the period
    int64_t own_cp, above_cp; // what was compared; POINTS_NONE: no points
};

// For `standing`, which ranking_order has put at or below `above`; both have points.
struct distance ranking_distance(const struct period *period, const struct standing *standing,
                                 const struct standing *above);

// The class that a total falls into, or NULL: none is defined, or the total is below all. The period's total caps it.
const Pb__ClassDefinition *ranking_class(const struct period *period, int32_t total_cp);

#endif
