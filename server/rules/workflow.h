// The states of a period and of a sheet, their names, and which may follow which.
#ifndef THIDUA_RULES_WORKFLOW_H
#define THIDUA_RULES_WORKFLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/thidua.pb-c.h"

#define IN_STATE(state) (1u << (state))

enum {
    ANY_STATE = -1,
    // The states in which a period is taken without being named (CLI.md, -p).
    PERIOD_OPEN = IN_STATE(PB__PERIOD_STATE__SIGNED) | IN_STATE(PB__PERIOD_STATE__SCORING) |
                  IN_STATE(PB__PERIOD_STATE__APPRAISAL) | IN_STATE(PB__PERIOD_STATE__FINALIZED) |
                  IN_STATE(PB__PERIOD_STATE__REOPENED),
};

const char *period_state_name(Pb__PeriodState state); // "scoring"
const char *sheet_state_name(Pb__SheetState state);   // "submitted"
const char *role_name(Pb__Role role);                 // "head"

// Names of all states or roles in the set, joined by ", ", into `out`; returns out.
const char *period_state_names(unsigned states, char *out, size_t size);
const char *role_names(unsigned roles, char *out, size_t size);

// Whether a period in `from` may become `to`, guards apart.
bool period_may_become(Pb__PeriodState from, Pb__PeriodState to);

// The states that may follow, as a set.
unsigned period_next_states(Pb__PeriodState from);

// Whether the board is still provisional in this state.
bool period_is_provisional(Pb__PeriodState state);

#endif
