#include "client/output/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "client/instant.h"
#include "client/language.h"
#include "client/memory.h"
#include "client/output/value.h"

enum source { PERIOD, BOARD, ABOUT };

struct fact {
    enum source source;
    struct column column; // with IF_SAID it is left out where it says nothing
    bool at_head;         // of a page, in other words
};

static const struct fact facts[] = {
    {PERIOD, {"name", N_("Period"), CELL_TEXT, EVERYWHERE, NULL}, true},
    {PERIOD, {"id", N_("Period's id"), CELL_CODE, EVERYWHERE, NULL}, false},
    {PERIOD, {"cluster", N_("Cluster"), CELL_CODE, EVERYWHERE, NULL}, false},
    {PERIOD, {"year", N_("Year"), CELL_CODE, EVERYWHERE, NULL}, false},
    {PERIOD, {"legal_basis", N_("Legal basis"), CELL_TEXT, IF_SAID, NULL}, false},
    {BOARD, {"state", N_("State"), CELL_WORD, EVERYWHERE, NULL}, true},
    {BOARD, {"column", N_("Column"), CELL_WORD, EVERYWHERE, NULL}, true},
    {BOARD, {"provisional", N_("Provisional"), CELL_FLAG, EVERYWHERE, NULL}, true},
    {BOARD, {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL}, false},
    {BOARD, {"time", N_("Time of the entry"), CELL_TIME, EVERYWHERE, NULL}, false},
    {ABOUT, {"asked_at", N_("As it stood at"), CELL_TEXT, IF_SAID, NULL}, false},
    {BOARD, {"units_submitted", N_("Handed in"), CELL_COUNT, EVERYWHERE, NULL}, true},
    {BOARD, {"units", N_("Units"), CELL_COUNT, EVERYWHERE, NULL}, true},
    {BOARD, {"tie_breaks", N_("Tie-breaks"), CELL_LIST, IF_SAID, NULL}, false},
    {BOARD, {"board_hash", N_("Final board's hash"), CELL_CODE, EVERYWHERE, NULL}, false},
    {PERIOD, {"hash", N_("Definition's hash"), CELL_CODE, EVERYWHERE, NULL}, false},
    {ABOUT, {"reading", N_("Consistency"), CELL_TEXT, EVERYWHERE, NULL}, false},
    {ABOUT, {"without_sheet", N_("Sheets not shown to the reader"), CELL_TEXTS, IF_SAID, NULL}, false},
    {ABOUT, {"other_sheet", N_("Sheets that are not those of the summary"), CELL_TEXTS, IF_SAID, NULL}, false},
    {ABOUT, {"account", N_("Account"), CELL_CODE, EVERYWHERE, NULL}, false},
    {ABOUT, {"role", N_("Role"), CELL_WORD, EVERYWHERE, NULL}, false},
    {ABOUT, {"unit", N_("Unit"), CELL_CODE, IF_SAID, NULL}, false},
    {ABOUT, {"label", N_("Label"), CELL_TEXT, IF_SAID, NULL}, false},
    {ABOUT, {"made", N_("Made"), CELL_TIME, EVERYWHERE, NULL}, false},
    {ABOUT, {"program", N_("Program"), CELL_TEXT, EVERYWHERE, NULL}, false},
    {ABOUT, {"server", N_("Server"), CELL_TEXT, EVERYWHERE, NULL}, false},
    {ABOUT, {"pin", N_("Server's key (pin)"), CELL_CODE, EVERYWHERE, NULL}, false},
    {ABOUT, {"ledger", N_("Ledger"), CELL_CODE, EVERYWHERE, NULL}, false},
    {ABOUT, {"branch", N_("Branch"), CELL_CODE, EVERYWHERE, NULL}, false},
};

static const json_t *source_of(const struct snapshot *snapshot, enum source source) {
    const json_t *const sources[] = {snapshot->period, snapshot->board, snapshot->about};
    return sources[source];
}

static bool is_past(const struct snapshot *snapshot) {
    const json_t *at = json_object_get(snapshot->board, "at");
    return at && !json_is_null(at);
}

static char *reading(const struct snapshot *snapshot) {
    long long seq = json_integer_value(json_object_get(snapshot->board, "seq"));
    if (!snapshot->steady)
        return must_format(
            _("the period went on while it was read: the board is as of entry %lld, sheets may be newer"), seq);
    if (is_past(snapshot) && !snapshot->sheets)
        return must_format(_("every figure is as of entry %lld; of the past there are no sheets"), seq);
    return must_format(_("every figure is as of entry %lld"), seq);
}

static void add_fact(json_t *list, const json_t *source, const struct column *column, char mark) {
    const json_t *value = cell_value(source, column);
    json_t *fact = must(json_object());
    char *text = cell_text(source, column, STYLE_TABLE, mark);
    put(fact, "label", value_text(_(column->header)));
    put(fact, "value",
        column->cell == CELL_COUNT && json_is_integer(value) ? json_incref((json_t *)value) : value_text(text));
    append(list, fact);
    free(text);
}

json_t *provenance(const struct snapshot *snapshot, const struct options *options, bool headed) {
    json_t *list = must(json_array());
    char *text = reading(snapshot);
    put(snapshot->about, "reading", value_text(text));
    free(text);
    for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++) {
        const json_t *source = source_of(snapshot, facts[i].source);
        bool says = facts[i].column.where != IF_SAID || cell_says(source, &facts[i].column);
        if (says && !(headed && facts[i].at_head))
            add_fact(list, source, &facts[i].column, options_mark(options));
    }
    return list;
}

const char *provenance_title(const struct snapshot *snapshot) {
    static const char *const titles[][2] = {
        {"self", N_("Summary of self-scored points")},
        {"appraised", N_("Summary of appraised points")},
        {"final", N_("Summary of final points")},
    };
    const char *column = json_string_value(json_object_get(snapshot->board, "column"));
    for (size_t i = 0; column && i < sizeof(titles) / sizeof(*titles); i++)
        if (!strcmp(titles[i][0], column))
            return _(titles[i][1]);
    return _("Summary");
}

const char *provenance_period(const struct snapshot *snapshot) {
    const char *name = json_string_value(json_object_get(snapshot->period, "name"));
    return name ? name : "";
}

char *provenance_moment(const struct snapshot *snapshot) {
    static const struct column state = {"state", "", CELL_WORD, EVERYWHERE, NULL},
                               time = {"time", "", CELL_TIME, EVERYWHERE, NULL};
    char *word = cell_text(snapshot->board, &state, STYLE_TABLE, ',');
    char *text = cell_text(snapshot->board, &time, STYLE_TABLE, ',');
    char *moment = must_format(_("State: %s · entry %lld of %s"), word,
                               (long long)json_integer_value(json_object_get(snapshot->board, "seq")), text);
    free(word);
    free(text);
    return moment;
}
