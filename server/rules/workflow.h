// The two machines, of a period and of a sheet, in one table: who may take which step in which states, what guards it,
// and what state comes next. The protocol document's chapter on them is tested against it.
#ifndef THIDUA_RULES_WORKFLOW_H
#define THIDUA_RULES_WORKFLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/reasons.h"
#include "proto/thidua.pb-c.h"

#define IN_STATE(state) (1u << (state))

enum {
    // The states in which a period is taken without being named (CLI.md, -p).
    PERIOD_OPEN = IN_STATE(PB__PERIOD_STATE__SIGNED) | IN_STATE(PB__PERIOD_STATE__SCORING) |
                  IN_STATE(PB__PERIOD_STATE__APPRAISAL) | IN_STATE(PB__PERIOD_STATE__FINALIZED) |
                  IN_STATE(PB__PERIOD_STATE__REOPENED),
};

// Who: a role, or the head of the unit that the period names as leader or deputy. Sets are made with 1u << who.
enum who {
    WHO_LEADER = PB__ROLE__ADMIN + 1,
    WHO_DEPUTY,
    WHO_COUNT,
};

enum step {
    STEP_NONE, // no step of the two machines
    STEP_LOAD,
    STEP_SIGN,
    STEP_EXTEND,
    STEP_ADVANCE,
    STEP_SCORE,
    STEP_SUBMIT,
    STEP_APPRAISE,
    STEP_ADJUST,
    STEP_RETURN,
    STEP_EXPLAIN,
    STEP_FINALIZE,
    STEP_HOLD,
    STEP_NOMINATE,
    STEP_COUNT,
};

enum { GUARDS_MAX = 6 };

// One row of the table.
struct transition {
    enum step step;
    unsigned who;
    unsigned period_states, sheet_states; // in which it is offered; no sheet states: it is not about a sheet
    int period_next, sheet_next;          // 0: the state stays as it is
    size_t n_guards;
    enum reason guards[GUARDS_MAX]; // refusals of its own, beside those of its fields
};

// The rows, in the document's order; *count says how many.
const struct transition *workflow_table(size_t *count);

// The step as the client's verb ("period advance"), and everyone who may take it in some state.
const char *step_name(enum step step);
unsigned step_who(enum step step);

// The row that offers the step in these states; NULL: none does. `sheet` is 0 for a step that is not about a sheet.
const struct transition *workflow_find(enum step step, Pb__PeriodState period, Pb__SheetState sheet);

// The states in which the step is offered: of the period where the sheet is in `sheet` (0: in any), and the reverse.
unsigned step_period_states(enum step step, Pb__SheetState sheet);
unsigned step_sheet_states(enum step step, Pb__PeriodState period);

// The row that takes a period from one state to another; NULL: there is none.
const struct transition *workflow_advance(Pb__PeriodState from, Pb__PeriodState to);

const char *period_state_name(Pb__PeriodState state); // "scoring"
const char *sheet_state_name(Pb__SheetState state);   // "submitted"
const char *role_name(Pb__Role role);                 // "head"

// Names of all members of the set, joined by ", ", into `out`; returns out.
const char *period_state_names(unsigned states, char *out, size_t size);
const char *sheet_state_names(unsigned states, char *out, size_t size);
const char *who_names(unsigned who, char *out, size_t size);

// The states that may follow, as a set.
unsigned period_next_states(Pb__PeriodState from);

// Whether the board is still provisional in this state, and whether all may see it.
bool period_is_provisional(Pb__PeriodState state);
bool period_is_published(Pb__PeriodState state);

// Whether the sheet is with those who judge it.
bool sheet_is_handed_in(Pb__SheetState state);

#endif
