// What has happened lately: the newest entries of the journal, for the eyes of those who watch.
#ifndef THIDUA_COMMANDS_RECENT_H
#define THIDUA_COMMANDS_RECENT_H

#include "server/commands/sight.h"
#include "server/ledger/ledger.h"

enum {
    RECENT_MAX = 256, // entries that are remembered, of all periods together
    NEWS_MAX = 20,    // events in one reply
};

struct recent;

struct recent *recent_new(void); // NULL: out of memory
void recent_free(struct recent *recent);

// Reads the entries that came since the last call, the newest RECENT_MAX of them. Those that cannot be read, or for
// which there is no memory, are left out.
void recent_read(struct recent *recent, const struct view *view);

// Whose news: of the period after entry `after`, up to entry `until`, as far as this sight allows. `unit` is the own
// one, of SIGHT_OWN.
struct news_of {
    uint32_t period, unit;
    enum sight sight;
    uint64_t after, until;
};

// A reply with nothing but events; its parts point into itself and into `recent`.
struct news {
    Pb__WatchReply reply;
    Pb__WatchEvent events[NEWS_MAX], *list[NEWS_MAX];
};

// The newest of them, oldest first.
void recent_news(const struct recent *recent, const struct news_of *of, struct news *news);

#endif
