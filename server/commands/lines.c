#include "server/commands/lines.h"

static bool is_assigned(struct context *context, size_t leaf) {
    return period_assigned(context->period, (size_t)context->unit, leaf) ||
           problem(context->problems, REASON_CRITERION_NOT_ASSIGNED,
                   arg_text("criterion", period_leaf(context->period, leaf)->code),
                   arg_text("unit", period_unit(context->period, (size_t)context->unit)->id));
}

bool line_leaf(struct context *context, const char *code, size_t *leaf) {
    int found = period_leaf_by_code(context->period, code, context->problems);
    if (found < 0)
        return false;
    *leaf = (size_t)found;
    return is_assigned(context, *leaf);
}

bool line_leaf_once(struct context *context, const char *code, bool *given, size_t *leaf) {
    int found = period_leaf_by_code(context->period, code, context->problems);
    if (found < 0)
        return false;
    *leaf = (size_t)found;
    if (given[*leaf])
        return problem(context->problems, REASON_CRITERION_TWICE, arg_text("criterion", code));
    given[*leaf] = true;
    return is_assigned(context, *leaf);
}

bool line_pending(const struct period *period, size_t unit, const int32_t *points_cp, size_t leaf) {
    return points_cp[leaf] == POINTS_NONE && period_assigned(period, unit, leaf);
}

static Pb__LineReply *line_reply(struct context *context, const Pb__LineSet *set) {
    CONTEXT_NEW(context, line, Pb__LineReply, pb__line_reply__init);
    if (!line)
        return NULL;
    line->criterion = period_leaf(context->period, set->leaf)->code;
    line->has_points_cp = line->has_revision = true;
    line->points_cp = set->points_cp;
    line->revision = set->revision;
    return line;
}

Pb__LineReply **line_replies(struct context *context, Pb__LineSet *const *lines, size_t count) {
    Pb__LineReply **replies = CONTEXT_LIST(context, Pb__LineReply *, count);
    for (size_t i = 0; replies && i < count; i++)
        if (!(replies[i] = line_reply(context, lines[i])))
            return NULL;
    return replies;
}
