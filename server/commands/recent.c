#include "server/commands/recent.h"

#include <stdlib.h>
#include <string.h>

#include "server/ledger/event.h"

struct happening {
    uint64_t seq; // 0: none
    int64_t time_ms;
    const char *name;
    bool drafting;   // the own points of a unit, which others see once they are handed in
    uint32_t period; // 0: none
    uint32_t unit;   // 0: none, or several
    char *unit_id;   // NULL: as above
    uint32_t *units; // where it is about several, all of them
    size_t n_units;
};

struct recent {
    uint64_t seq;        // the last one read
    struct arena *arena; // of one entry
    struct happening ring[RECENT_MAX];
};

enum { ENTRY_BUDGET = 16 * 1024 * 1024 };

struct recent *recent_new(void) {
    struct recent *recent = calloc(1, sizeof *recent);
    if (recent && (recent->arena = arena_new(ENTRY_BUDGET)))
        return recent;
    free(recent);
    return NULL;
}

static void forget(struct happening *happening) {
    free(happening->unit_id);
    free(happening->units);
    *happening = (struct happening){0};
}

void recent_free(struct recent *recent) {
    if (!recent)
        return;
    for (size_t i = 0; i < RECENT_MAX; i++)
        forget(&recent->ring[i]);
    arena_free(recent->arena);
    free(recent);
}

// ---- reading ----

static void name_units(struct happening *happening, const Pb__SheetsFinalized *finalized) {
    happening->units = calloc(finalized->n_sheets + 1, sizeof *happening->units);
    for (size_t i = 0; happening->units && i < finalized->n_sheets; i++)
        happening->units[happening->n_units++] = finalized->sheets[i]->unit;
}

static void name_unit(struct happening *happening, const struct view *view, struct arena *arena) {
    const Pb__UnitDefinition *unit = view_unit(view, happening->unit, arena);
    happening->unit_id = unit ? strdup(unit->id) : NULL;
}

static void take(struct happening *happening, const struct view *view, uint64_t seq, struct arena *arena) {
    arena_reset(arena);
    forget(happening);
    const Pb__Entry *entry = view_entry(view, seq, arena, NULL);
    if (!entry || event_period(entry->event) == 0)
        return;
    const Pb__Event *event = entry->event;
    *happening = (struct happening){.seq = seq,
                                    .time_ms = entry->time_ms,
                                    .name = event_name(event),
                                    .drafting = event->body_case == PB__EVENT__BODY_SCORE_SET,
                                    .period = event_period(event),
                                    .unit = event_unit(event)};
    if (event->body_case == PB__EVENT__BODY_SHEETS_FINALIZED)
        name_units(happening, event->sheets_finalized);
    else if (happening->unit)
        name_unit(happening, view, arena);
}

void recent_read(struct recent *recent, const struct view *view) {
    uint64_t last = view_seq(view), seq = recent->seq;
    if (last > RECENT_MAX && seq < last - RECENT_MAX)
        seq = last - RECENT_MAX;
    while (seq < last) {
        seq++;
        take(&recent->ring[seq % RECENT_MAX], view, seq, recent->arena);
    }
    recent->seq = last;
}

// ---- news ----

static bool is_about(const struct happening *happening, uint32_t unit) {
    for (size_t i = 0; i < happening->n_units; i++)
        if (happening->units[i] == unit)
            return true;
    return happening->unit == unit;
}

static bool is_news(const struct happening *happening, const struct news_of *of) {
    if (happening->period != of->period || happening->seq <= of->after || happening->seq > of->until)
        return false;
    return of->sight == SIGHT_ALL || (of->sight == SIGHT_SUBMITTED && !happening->drafting) ||
           (of->sight == SIGHT_OWN && is_about(happening, of->unit));
}

static void tell(const struct happening *happening, Pb__WatchEvent *event) {
    pb__watch_event__init(event);
    event->has_seq = event->has_time_ms = true;
    event->seq = happening->seq;
    event->time_ms = happening->time_ms;
    event->event = happening->name;
    event->unit = happening->unit_id;
}

void recent_news(const struct recent *recent, const struct news_of *of, struct news *news) {
    size_t count = 0;
    uint64_t seq = of->until < recent->seq ? of->until : recent->seq;
    pb__watch_reply__init(&news->reply);
    for (; count < NEWS_MAX && seq > of->after && recent->seq - seq < RECENT_MAX; seq--) {
        const struct happening *happening = &recent->ring[seq % RECENT_MAX];
        if (happening->seq == seq && is_news(happening, of))
            tell(happening, &news->events[NEWS_MAX - ++count]);
    }
    for (size_t i = 0; i < count; i++)
        news->list[i] = &news->events[NEWS_MAX - count + i];
    news->reply.n_events = count;
    news->reply.events = news->list;
}
