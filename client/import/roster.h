// The units and criteria of a period, found by the names that files have for them: as the server does it, so that a row
// can be refused by its line.
#ifndef THIDUA_CLIENT_IMPORT_ROSTER_H
#define THIDUA_CLIENT_IMPORT_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/problems.h"
#include "proto/thidua.pb-c.h"

struct roster {
    const Pb__PeriodDefinition *definition; // borrowed
    size_t n_leaves;
    const Pb__CriterionDefinition **leaves; // what is scored, in the definition's order
    char **folds;                           // of each unit's id, alias and name
    char *last;                             // the name last looked for, and whose it was: rows of a unit stand together
    int last_unit;
};

void roster_init(struct roster *roster, const Pb__PeriodDefinition *definition);
void roster_free(struct roster *roster);

// The unit of this id, alias or name; its id. -1: none, or several, and the problem says so.
int roster_unit(struct roster *roster, const char *text, struct problems *problems);
const char *roster_unit_id(const struct roster *roster, int unit);

// The leaf of this code, in any case. -1 with a problem.
int roster_leaf(const struct roster *roster, const char *code, struct problems *problems);

// Whether the unit is asked for the leaf; false with a problem.
bool roster_assigned(const struct roster *roster, int unit, int leaf, struct problems *problems);

// The unit's target in the leaf; 0: none.
int64_t roster_target(const struct roster *roster, int unit, int leaf);

// Whether people may give these points: in range, and on the step where `step` says so; false with a problem.
bool roster_points_fit(const struct roster *roster, int leaf, int32_t points_cp, bool step, struct problems *problems);

#endif
