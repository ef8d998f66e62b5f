#include "client/what.h"

#include <stdlib.h>
#include <string.h>

#include "client/language.h"
#include "client/memory.h"
#include "client/output/cell.h"
#include "client/words.h"

typedef char *tell(const json_t *said, char mark);

// The value under the key as a table shows it; free it. NULL: there is none.
static char *shown(const json_t *said, const char *key, enum cell cell, char mark) {
    const struct column column = {key, NULL, cell, EVERYWHERE, NULL};
    return cell_says(said, &column) ? cell_text(said, &column, STYLE_TABLE, mark) : NULL;
}

// `format` takes the text, which is freed.
static char *told(const char *format, char *text) __attribute__((format_arg(1)));
static char *told(const char *format, char *text) {
    char *whole = text ? must_format(format, text) : NULL;
    free(text);
    return whole;
}

static char *tell_advance(const json_t *said, char mark) {
    char *state = shown(said, "state", CELL_WORD, mark), *decision = shown(said, "decision", CELL_TEXT, mark);
    char *whole = state && decision ? must_format("%s (%s)", state, decision) : NULL;
    free(decision);
    if (!whole)
        return state;
    free(state);
    return whole;
}

static char *tell_extension(const json_t *said, char mark) {
    return told(_("until %s"), shown(said, "until", CELL_TIME, mark));
}

static char *tell_adjustment(const json_t *said, char mark) {
    const json_t *criterion = json_object_get(said, "criterion");
    bool from = json_object_get(said, "leaf") || (criterion && !json_is_null(criterion));
    return told(from ? _("deduction %s") : _("bonus %s"), shown(said, "points", CELL_POINTS, mark));
}

static char *tell_hand_in(const json_t *said, char mark) {
    return told(_("late by %s"), shown(said, "late_seconds", CELL_SECONDS, mark));
}

static char *tell_final(const json_t *said, char mark) {
    return told(_("final total %s"), shown(said, "final_total", CELL_POINTS, mark));
}

static const struct teller {
    const char *event;
    tell *tell;
} tellers[] = {
    {"period_advanced", tell_advance}, {"extended", tell_extension},     {"adjusted", tell_adjustment},
    {"sheet_submitted", tell_hand_in}, {"sheets_finalized", tell_final},
};

char *what_text(const char *event, const json_t *said, char mark) {
    for (size_t i = 0; event && i < sizeof(tellers) / sizeof(*tellers); i++)
        if (!strcmp(event, tellers[i].event))
            return tellers[i].tell(said, mark);
    return NULL;
}

const char *what_event(const char *event, const json_t *said) {
    bool lifted = event && !strcmp(event, "held") && json_is_true(json_object_get(said, "lift"));
    return lifted ? "hold_lifted" : event;
}
