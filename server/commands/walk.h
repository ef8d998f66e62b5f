// Entries of the journal looked at one after another: each for a moment only, and so many in one turn of the loop.
#ifndef THIDUA_COMMANDS_WALK_H
#define THIDUA_COMMANDS_WALK_H

#include "server/commands/context.h"

enum { WALK_ENTRIES = 256 }; // of one turn, unless their bytes are used up before

struct walk {
    struct context *context;
    struct arena *arena; // of the entry that is being looked at
    const Pb__Entry *entry;
    uint64_t seq;   // its number, 0: none
    unsigned left;  // entries that may still be looked at in this turn
    size_t weighed; // bytes that they have taken so far
};

// False: out of memory, and the problem says so. walk_end either way.
bool walk_begin(struct walk *walk, struct context *context, unsigned entries);
void walk_end(struct walk *walk);

// False: this turn's share is used up.
bool walk_goes_on(const struct walk *walk);

// The entry, valid until the walk's next; costs nothing where it is the last one once more. NULL: it cannot be read,
// and the problem or the view's fault says so.
const Pb__Entry *walk_to(struct walk *walk, uint64_t seq);

// The same with its bytes, and always read anew.
const Pb__Entry *walk_to_raw(struct walk *walk, uint64_t seq, struct journal_entry *raw);

// The same, where it has to be an entry of this event.
const Pb__Entry *walk_to_one(struct walk *walk, uint64_t seq, Pb__Event__BodyCase body);

// Goes back from entry *seq to `before`, which it replaces; 0: nothing. False, with the problem, where that is not
// older.
bool walk_back(struct walk *walk, uint64_t *seq, uint64_t before);

// Always false: an entry is not what leads to it. The view has a fault, or the problem says so.
bool walk_lost(struct walk *walk);

// The arena for a step that reads entries itself; what the last one left in it is gone. It counts as an entry.
struct arena *walk_step(struct walk *walk);

#endif
