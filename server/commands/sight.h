// What the caller may see of a period (CLI.md, "Three views"). A function of role, unit and sequence, never the clock.
#ifndef THIDUA_COMMANDS_SIGHT_H
#define THIDUA_COMMANDS_SIGHT_H

enum sight {
    SIGHT_NONE,
    SIGHT_OWN,       // one's own row; of others that they are there
    SIGHT_SUBMITTED, // what was last handed in
    SIGHT_ALL,       // drafts included
};

#endif
