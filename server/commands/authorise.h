// Whom a request is for: the row of a command says who may make it and what it is about; the workflow's table says in
// which states. Every request passes here, reads and writes alike; no handler can forget it.
#ifndef THIDUA_COMMANDS_AUTHORISE_H
#define THIDUA_COMMANDS_AUTHORISE_H

#include "server/commands/context.h"

#define ROLE(name) (1u << PB__ROLE__##name)

enum { ROLE_ANYONE = 1u << 0 }; // authenticated or not

enum subject {
    SUBJECT_NONE,
    SUBJECT_PERIOD,    // a period that is named or the only open one; any caller
    SUBJECT_SIGHT,     // the same, and what the caller may see of it
    SUBJECT_OWN_UNIT,  // the caller's own sheet in it
    SUBJECT_ANY_UNIT,  // any sheet in it
    SUBJECT_SEEN_UNIT, // a sheet that the caller may see
};

struct command {
    enum command_kind kind;
    unsigned roles; // where it is no step
    enum step step; // of the workflow, which then says who and in which states
    enum subject subject;
    size_t period_at, unit_at; // where the body names its period and unit; 0: nowhere
    bool own_id;               // a write that carries its own identity in place of a submission id
    write_handler *write;
    read_handler *read;
};

// By the role alone, and by the account as it stands now; false with the problem. Whether a head is the leader or the
// deputy is known once the period is.
bool authorise_role(struct context *context, const struct command *command);

// Finds the subject, and judges what the role alone does not tell: false with the problem. For a write that is known
// already it is not asked: its first answer stands.
bool authorise(struct context *context, const struct command *command);

#endif
