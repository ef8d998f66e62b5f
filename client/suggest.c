#include "client/suggest.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/words.h"
#include "proto/near.h"

// Those found with `before` in front of each; NULL: none, or too many.
static char *did_you_mean(const struct near *near, const char *before) {
    char *all = NULL;
    for (size_t i = 0; i < near->count && near->count <= NEAR_MANY; i++) {
        char *longer = must_format("%s%s%s%s", all ? all : "", all ? ", " : "", before, near->best[i]);
        free(all);
        all = longer;
    }
    char *hint = all ? must_format(_("Did you mean: %s"), all) : NULL;
    free(all);
    return hint;
}

// The second word stands for the whole verb too: "invite" for "admin invite".
static void try_verb(struct near *near, const struct verb *verb, const char *group, char **groups) {
    const char *space = strchr(verb->name, ' ');
    size_t first = space ? (size_t)(space - verb->name) : 0;
    if (!group && !space) {
        near_try(near, verb->name, verb->name);
    } else if (!group) {
        *groups = must_format("%.*s", (int)first, verb->name);
        near_try(near, *groups, *groups);
        near_try(near, space + 1, verb->name);
    } else if (space && strlen(group) == first && !memcmp(group, verb->name, first)) {
        near_try(near, space + 1, verb->name);
    }
}

char *suggest_verb(const struct verb *verbs, const char *group, const char *word) {
    struct near near;
    size_t n = 0;
    while (verbs[n].name)
        n++;
    char **groups = must_alloc((n + 1) * sizeof(*groups));
    near_init(&near, word);
    for (size_t i = 0; i < n; i++)
        try_verb(&near, &verbs[i], group, &groups[i]);
    char *hint = did_you_mean(&near, "thidua ");
    for (size_t i = 0; i < n; i++)
        free(groups[i]);
    free(groups);
    if (hint)
        return hint;
    return group ? must_format(_("See: thidua %s --help"), group) : must_strdup(_("See: thidua --help"));
}

static void try_flags(struct near *near, const struct flag *flags) {
    for (; flags && flags->name; flags++)
        near_try(near, flags->name, flags->name);
}

char *suggest_flag(const struct flag *global, const struct verb *verb, const char *flag) {
    struct near near;
    char *name = must_format("%.*s", (int)strcspn(flag, "="), flag);
    near_init(&near, name);
    try_flags(&near, verb ? verb->flags : NULL);
    try_flags(&near, global);
    char *hint = did_you_mean(&near, "--");
    free(name);
    if (hint)
        return hint;
    return verb ? must_format(_("See: thidua %s --help"), verb->name) : must_strdup(_("See: thidua --help"));
}
