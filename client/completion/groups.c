#include "client/completion/groups.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/options.h"
#include "client/verbs.h"

const char *group_member(const struct verb *verb) {
    const char *space = strchr(verb->name, ' ');
    return space ? space + 1 : NULL;
}

bool group_has(const char *group, const struct verb *verb) {
    size_t length = strlen(group);
    return !strncmp(verb->name, group, length) && verb->name[length] == ' ';
}

char *group_begun(const struct verb *verb) {
    const char *second = group_member(verb);
    if (!second)
        return NULL;
    char *group = must_format("%.*s", (int)(second - verb->name) - 1, verb->name);
    for (const struct verb *before = verbs; before != verb; before++) {
        if (group_has(group, before)) {
            free(group);
            return NULL;
        }
    }
    return group;
}

char *group_members(const char *group) {
    char *all = must_strdup("");
    for (const struct verb *verb = verbs; verb->name; verb++) {
        if (!group_has(group, verb))
            continue;
        char *longer = must_format("%s%s%s", all, *all ? ", " : "", group_member(verb));
        free(all);
        all = longer;
    }
    return all;
}

static bool stands_before(const struct flag *flags, const char *name, const struct flag *until) {
    for (; flags && flags->name && flags != until; flags++)
        if (flags->value && !strcmp(flags->name, name))
            return true;
    return false;
}

static bool was_printed(const struct verb *verb, const struct flag *flag) {
    for (const struct verb *before = verbs; before != verb; before++)
        if (stands_before(before->flags, flag->name, NULL))
            return true;
    return stands_before(options_flags, flag->name, NULL) || stands_before(verb->flags, flag->name, flag);
}

void group_print_flags(FILE *out, const char *between) {
    const char *next = "";
    for (const struct flag *flag = options_flags; flag->name; flag++) {
        if (flag->value && flag->letter)
            fprintf(out, "%s-%c%s--%s", next, flag->letter, between, flag->name);
        else if (flag->value)
            fprintf(out, "%s--%s", next, flag->name);
        next = flag->value ? between : next;
    }
    for (const struct verb *verb = verbs; verb->name; verb++)
        for (const struct flag *flag = verb->flags; flag && flag->name; flag++)
            if (flag->value && !was_printed(verb, flag))
                fprintf(out, "%s--%s", between, flag->name);
}
