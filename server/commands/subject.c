#include "server/commands/subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/near.h"
#include "proto/text.h"

enum { LIST_MAX = 10 }; // names in a list for people; the rest is counted

static bool is_open_to(const struct context *context, uint32_t number, const struct period_row *row) {
    if (!(PERIOD_OPEN & IN_STATE(row->state)))
        return false;
    if (context->actor->unit == 0)
        return true;
    const struct period *period = view_period(context->view, number);
    return period && period_unit_by_number(period, context->actor->unit) >= 0;
}

static void list_add(char *list, size_t size, const char *id, uint32_t count) {
    size_t used = strlen(list);
    if (count <= LIST_MAX)
        snprintf(list + used, size - used, "%s%s", used ? ", " : "", id);
    else if (count == LIST_MAX + 1)
        snprintf(list + used, size - used, ", ...");
}

static bool the_only_open_period(struct context *context, uint32_t *found) {
    char list[1024] = "";
    uint32_t count = 0;
    uint32_t last = view_last_period(context->view);
    for (uint32_t number = 1; number <= last; number++) {
        struct period_row row;
        if (!view_period_row(context->view, number, &row) || !is_open_to(context, number, &row))
            continue;
        *found = number;
        const struct period *period = view_period(context->view, number);
        list_add(list, sizeof list, period ? period->definition->id : "?", ++count);
    }
    if (count == 1)
        return true;
    return problem(context->problems, REASON_PERIOD_NOT_CHOSEN, arg_number("count", count),
                   arg_text("periods", count ? list : "none"));
}

bool subject_period(struct context *context, const char *name) {
    uint32_t number = context->begun_with; // the only open one may be another by now
    if (!number && name) {
        number = view_period_number(context->view, name);
        if (number == 0)
            return problem(context->problems, REASON_PERIOD_UNKNOWN, arg_text("period", name));
    } else if (!number && !the_only_open_period(context, &number)) {
        return false;
    }
    context->period = view_period(context->view, number);
    return context->period && view_period_row(context->view, number, &context->row);
}

static bool take_unit(struct context *context, int index) {
    context->unit = index;
    context->unit_number = context->period->unit_numbers[index];
    return view_sheet(context->view, context->period, context->unit_number, &context->sheet);
}

static bool not_in_period(struct context *context) {
    return problem(context->problems, REASON_UNIT_NOT_IN_PERIOD,
                   arg_text("unit", context_unit_id(context, context->actor->unit)),
                   arg_text("period", context->period->definition->id));
}

bool subject_own_unit(struct context *context) {
    int index = context->actor->unit ? period_unit_by_number(context->period, context->actor->unit) : -1;
    return index >= 0 ? take_unit(context, index) : not_in_period(context);
}

bool subject_any_unit(struct context *context, const char *name) {
    int index = period_unit_by_name(context->period, name, context->problems);
    return index >= 0 && take_unit(context, index);
}

// Nobody copies up while a deadline of the own unit still runs.
static bool still_has_time(const struct sheet *own) {
    return own && own->until_ms != 0 && !own->until_passed;
}

static bool peers_see(const struct context *context, const struct period_row *row, const struct sheet *own) {
    switch (context->period->definition->visibility) {
    case PB__VISIBILITY__ALWAYS:
        return true;
    case PB__VISIBILITY__AFTER_DEADLINE:
        return row->deadline_passed && !still_has_time(own);
    case PB__VISIBILITY__AFTER_PUBLICATION:
    default:
        return false;
    }
}

enum sight sight_at(const struct context *context, const struct period_row *row, const struct sheet *own) {
    const struct period *period = context->period;
    if (context->actor->unit == 0)
        return SIGHT_ALL;
    if (period_is_published(row->state))
        return SIGHT_SUBMITTED;
    int index = period_unit_by_number(period, context->actor->unit);
    if (index < 0)
        return SIGHT_NONE;
    bool heads = context->actor->role == PB__ROLE__HEAD && (index == period->leader || index == period->deputy);
    return heads || peers_see(context, row, own) ? SIGHT_SUBMITTED : SIGHT_OWN;
}

// The sheet of the caller's own unit, where it may have a deadline of its own; NULL: it has none.
static const struct sheet *own_sheet(struct context *context, struct sheet *sheet) {
    uint32_t own = context->actor->unit;
    bool has = own && context->row.extended && period_unit_by_number(context->period, own) >= 0;
    return has && view_sheet(context->view, context->period, own, sheet) ? sheet : NULL;
}

bool subject_sight(struct context *context) {
    struct sheet own;
    context->sight = sight_at(context, &context->row, own_sheet(context, &own));
    return context->sight != SIGHT_NONE || not_in_period(context);
}

static bool may_see(const struct context *context) {
    if (context->sight == SIGHT_ALL || context->unit_number == context->actor->unit)
        return true;
    return context->sight == SIGHT_SUBMITTED && context->sheet.handed_seq != 0;
}

bool subject_visible_unit(struct context *context, const char *name) {
    if (!subject_sight(context))
        return false;
    if (!name && context->actor->unit == 0)
        return problem_plain(context->problems, REASON_UNIT_MISSING);
    if (!name)
        return subject_own_unit(context);
    int index = period_unit_by_name(context->period, name, context->problems);
    if (index < 0 || !take_unit(context, index))
        return false;
    if (!may_see(context))
        return problem(context->problems, REASON_NOT_VISIBLE,
                       arg_text("unit", period_unit(context->period, (size_t)index)->id));
    return true;
}

static bool is_called(const Pb__UnitDefinition *unit, const char *name, const char *folded) {
    if (unit->alias && strcmp(unit->alias, name) == 0)
        return true;
    char *own = text_fold(unit->name);
    bool same = own && strcmp(own, folded) == 0;
    free(own);
    return same;
}

static void try_unit(struct near *near, const Pb__UnitDefinition *unit) {
    const char *names[] = {unit->id, unit->alias, unit->name};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *folded = names[i] ? text_fold(names[i]) : NULL;
        if (folded)
            near_try(near, folded, unit->id);
        free(folded);
    }
}

// The refusal names what may have been meant.
static void unit_unknown(struct context *context, const char *name, const struct near *near) {
    char ids[512];
    if (*near_text(near, ids, sizeof ids))
        problem(context->problems, REASON_UNIT_UNKNOWN, arg_text("unit", name), arg_text("near", ids));
    else
        problem(context->problems, REASON_UNIT_UNKNOWN, arg_text("unit", name));
}

static uint32_t unit_called(struct context *context, const char *name, const char *folded) {
    char list[1024] = "";
    uint32_t count = 0, found = 0, last = view_last_unit(context->view);
    struct near near;
    near_init(&near, folded);
    for (uint32_t number = 1; number <= last; number++) {
        const Pb__UnitDefinition *unit = view_unit(context->view, number, context->arena);
        if (unit)
            try_unit(&near, unit);
        if (!unit || !is_called(unit, name, folded))
            continue;
        found = number;
        list_add(list, sizeof list, unit->id, ++count);
    }
    if (count == 1)
        return found;
    if (count == 0)
        unit_unknown(context, name, &near);
    else
        problem(context->problems, REASON_UNIT_AMBIGUOUS, arg_text("unit", name), arg_text("value", list));
    return 0;
}

uint32_t subject_registered_unit(struct context *context, const char *name) {
    uint32_t number = view_unit_number(context->view, name);
    if (number)
        return number;
    char *folded = text_fold(name);
    number = folded ? unit_called(context, name, folded) : 0;
    free(folded);
    return number;
}
