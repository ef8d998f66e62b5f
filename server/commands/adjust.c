// Bonus and deductions: lines of their own beside the judged points, with caps of their own.
#include "server/commands/context.h"
#include "server/commands/lines.h"
#include "server/commands/sheet_after.h"
#include "server/rules/points.h"
#include "server/rules/tree.h"

enum { ADJUSTMENTS_MAX = 200 }; // of a unit in a period

static bool are_few(struct context *context) {
    return context->sheet.n_adjusted < ADJUSTMENTS_MAX ||
           problem(context->problems, REASON_ADJUSTMENTS_MANY,
                   arg_text("unit", context_unit_id(context, context->unit_number)),
                   arg_number("limit", ADJUSTMENTS_MAX));
}

static bool add_bonus(struct context *context, int32_t points_cp) {
    int32_t *bonus_cp = &context->sheet.appraised.bonus_cp;
    int32_t cap_cp = context->period->definition->bonus_cap_cp;
    int64_t sum_cp = (int64_t)*bonus_cp + points_cp;
    if (sum_cp > cap_cp)
        return problem(context->problems, REASON_BONUS_CAP,
                       arg_text("unit", context_unit_id(context, context->unit_number)), arg_points("value", sum_cp),
                       arg_points("limit", cap_cp));
    *bonus_cp = (int32_t)sum_cp;
    return true;
}

static bool on_step(struct context *context, const Pb__CriterionDefinition *criterion, int32_t points_cp) {
    int32_t step_cp = criterion_step(criterion);
    return points_cp % step_cp == 0 ||
           problem(context->problems, REASON_POINTS_STEP, arg_text("criterion", criterion->code),
                   arg_points("value", points_cp), arg_points("limit", step_cp));
}

static bool in_range(struct context *context, const Pb__CriterionDefinition *criterion, int64_t sum_cp) {
    return sum_cp <= criterion->max_cp ||
           problem(context->problems, REASON_DEDUCTION_RANGE, arg_text("criterion", criterion->code),
                   arg_text("unit", context_unit_id(context, context->unit_number)), arg_points("value", sum_cp),
                   arg_points("limit", criterion->max_cp));
}

static bool add_deduction(struct context *context, size_t leaf, int32_t points_cp) {
    const Pb__CriterionDefinition *criterion = period_leaf(context->period, leaf);
    int32_t *deducted_cp = &context->sheet.deducted_cp[leaf];
    int64_t sum_cp = (int64_t)*deducted_cp + points_cp;
    bool fits = on_step(context, criterion, points_cp);
    if (!in_range(context, criterion, sum_cp) || !fits)
        return false;
    *deducted_cp = (int32_t)sum_cp;
    return true;
}

// Changes the context's sheet and says in the event by which leaf, if any.
static bool adjust(struct context *context, const Pb__Adjust *request, Pb__Adjusted *adjusted) {
    size_t leaf;
    if (!request->criterion)
        return add_bonus(context, request->points_cp);
    if (!line_leaf(context, request->criterion, &leaf) || !add_deduction(context, leaf, request->points_cp))
        return false;
    adjusted->has_leaf = true;
    adjusted->leaf = (uint32_t)leaf;
    return true;
}

enum verdict sheet_adjust(struct context *context, Pb__Event *event, uint64_t *known) {
    (void)known;
    const Pb__Adjust *request = context->request->adjust;
    struct sheet *sheet = &context->sheet;
    CONTEXT_NEW(context, adjusted, Pb__Adjusted, pb__adjusted__init);
    if (!adjusted || !are_few(context) || !adjust(context, request, adjusted))
        return VERDICT_REFUSED;
    figures_settle(context->period, &sheet->appraised, sheet->deducted_cp);
    EVENT_ABOUT(context, adjusted);
    adjusted->has_points_cp = true;
    adjusted->points_cp = request->points_cp;
    adjusted->reason = request->reason;
    adjusted->has_replaces = sheet->adjusted_seq != 0;
    adjusted->replaces = sheet->adjusted_seq;
    adjusted->after = context_after(context);
    event->body_case = PB__EVENT__BODY_ADJUSTED;
    event->adjusted = adjusted;
    return VERDICT_EVENT;
}

void answer_adjusted(struct context *context, const Pb__Entry *entry, const uint8_t hash[JOURNAL_HASH], bool replayed,
                     Pb__Response *response) {
    (void)hash;
    const Pb__Adjusted *adjusted = entry->event->adjusted;
    context->period = view_period(context->view, adjusted->period);
    CONTEXT_NEW(context, reply, Pb__AdjustReply, pb__adjust_reply__init);
    if (!reply || !context->period)
        return;
    REPLY_ABOUT(context, reply, entry, adjusted, replayed);
    reply->criterion = adjusted->has_leaf ? period_leaf(context->period, adjusted->leaf)->code : NULL;
    reply->has_points_cp = true;
    reply->points_cp = adjusted->points_cp;
    reply->appraised = figures_stated(context, adjusted->after->appraised);
    response->body_case = PB__RESPONSE__BODY_ADJUST;
    response->adjust = reply;
}
