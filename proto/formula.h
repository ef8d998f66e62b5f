// What a criterion's formula makes of an actual figure: the same for who records it and who wants to know before.
#ifndef THIDUA_PROTO_FORMULA_H
#define THIDUA_PROTO_FORMULA_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/thidua.pb-c.h"

// Whether the criterion's points follow from an actual figure, and are not given by people.
bool formula_computes(const Pb__CriterionDefinition *criterion);

// Those points in hundredths: exact, rounded half up once at the end; the step is for points given by people. Bands:
// the points of the first that the actual figure reaches, 0 below the last. 0 where there is no target above zero.
int32_t formula_points(const Pb__CriterionDefinition *criterion, int64_t target, int64_t actual);

#endif
