// What sheet and history share: how much of a sheet the caller sees, and the lines of an entry.
#ifndef THIDUA_COMMANDS_SHEET_ENTRIES_H
#define THIDUA_COMMANDS_SHEET_ENTRIES_H

#include "server/commands/context.h"

// Others see what was last handed in; the unit itself, and those who see all, what stands now.
static inline bool sees_current(const struct context *context) {
    return context->sight == SIGHT_ALL || context->unit_number == context->actor->unit;
}

static inline const Pb__LineSet *line_of_leaf(Pb__LineSet *const *lines, size_t count, size_t leaf) {
    for (size_t i = 0; i < count; i++)
        if (lines[i]->leaf == leaf)
            return lines[i];
    return NULL;
}

// Of a score; NULL: it is another event, or does not set the leaf.
static inline const Pb__LineSet *score_of_leaf(const Pb__Entry *entry, size_t leaf) {
    if (entry->event->body_case != PB__EVENT__BODY_SCORE_SET)
        return NULL;
    return line_of_leaf(entry->event->score_set->lines, entry->event->score_set->n_lines, leaf);
}

// The note to a line: its own, else that of the whole score.
static inline const char *note_of_line(const Pb__ScoreSet *score, const Pb__LineSet *set) {
    return set->note ? set->note : score->note;
}

#endif
