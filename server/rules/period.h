// A period's definition made ready for use: units and leaves numbered, names folded, checked once.
// Pure: no I/O, no store. What rules number 1 means is stated in points.h and ranking.h.
#ifndef THIDUA_RULES_PERIOD_H
#define THIDUA_RULES_PERIOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/problems.h"
#include "proto/thidua.pb-c.h"

enum {
    RULES_CURRENT = 1, // the number that new definitions get; old meanings stay in the code
    POINTS_NONE = -1,  // in lists of points: not scored
    PERIOD_UNITS_MAX = 4096,
    PERIOD_CRITERIA_MAX = 512,
};

struct criterion {
    const Pb__CriterionDefinition *definition;
    int parent;       // index among the criteria, -1 at the top
    int leaf;         // number among the leaves, -1 where it has items
    bool *assigned;   // by unit index, what is said of the criteria above it included; NULL: to all
    int64_t *targets; // by unit index, 0: none; NULL: none at all
};

// One of the period's tie-breaks: fewer deductions, or more points in some leaves together.
struct tie_break {
    bool deduction;
    size_t n_leaves;
    size_t *leaves;
};

struct period_index; // of names, codes and numbers

struct period {
    uint32_t number;
    uint32_t rules;
    const Pb__PeriodDefinition *definition;
    uint8_t hash[32];
    size_t n_units;
    uint32_t *unit_numbers; // by unit index (the definition's order)
    size_t n_criteria;
    struct criterion *criteria;
    size_t n_leaves;
    size_t *leaves;     // criterion index by leaf number
    int leader, deputy; // unit indexes, -1: none
    size_t n_tie_breaks;
    struct tie_break *tie_breaks;
    struct period_index *index;
};

// Checks a definition as a whole; false with every problem found. It has passed message_validate. A draft may still
// have unnamed titles, maxima that do not add up, and no deadline: see period_ready_to_sign. Bands and targets may
// stand beside the formula manual, where they inform and nothing is computed from them.
bool period_check(const Pb__PeriodDefinition *definition, struct problems *problems);

// What stands between a draft and the state signed, signatures apart: each unnamed title, the sum of the maxima, and
// the deadline (it is required before scoring, and what is signed cannot be redefined).
bool period_ready_to_sign(const struct period *period, struct problems *problems);

// A definition (already checked) made ready; `unit_numbers` are parallel to its units. The definition is copied, the
// result is one ownership: period_free. NULL: out of memory.
struct period *period_compile(uint32_t number, uint32_t rules, const Pb__PeriodDefinition *definition,
                              const uint32_t *unit_numbers);
void period_free(struct period *period);

// The index of the unit with this number; -1: takes no part.
int period_unit_by_number(const struct period *period, uint32_t number);

// The index of the unit that `text` names: by id, else alias, else name as it is written, else any of the three with
// marks and case apart. -1 with a problem: unknown, or ambiguous.
int period_unit_by_name(const struct period *period, const char *text, struct problems *problems);

// The leaf with this code, in any case. -1 with a problem: unknown, or a criterion with items.
int period_leaf_by_code(const struct period *period, const char *code, struct problems *problems);

const Pb__UnitDefinition *period_unit(const struct period *period, size_t unit);
const Pb__CriterionDefinition *period_leaf(const struct period *period, size_t leaf);

// Whether the unit is scored on the leaf, and on how many it is.
bool period_assigned(const struct period *period, size_t unit, size_t leaf);
size_t period_assigned_count(const struct period *period, size_t unit);

#endif
