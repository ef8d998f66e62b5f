// Who sees the same of a watched period: one board for all of them, and one step from the last board to this one. Knows
// no connections; the watchers stand in lists that feed.c fills and empties.
#ifndef THIDUA_NET_FEED_SIGHTS_H
#define THIDUA_NET_FEED_SIGHTS_H

#include "server/commands/recent.h"
#include "server/commands/watch.h"

enum { FEED_COLUMNS = PB__COLUMN__COLUMN_FINAL + 1, FEED_SIGHTS = SIGHT_ALL + 1 };

// In a ring: a list's own link when it is alone.
struct link {
    struct link *next, *previous;
};

void link_init(struct link *link);
void link_out(struct link *link);                         // alone afterwards
void link_in_last(struct link *list, struct link *link);  // from wherever it is
void link_all_last(struct link *list, struct link *from); // empties `from`

// All who see the same of a period: a column under one sight, and whose own row where that is SIGHT_OWN.
struct channel {
    struct channel *next;
    uint64_t serial; // of no other channel, not even one that is gone
    unsigned audiences;
    Pb__Column column;
    enum sight sight;
    uint32_t unit;         // of SIGHT_OWN, else 0
    struct pieces *pieces; // the board that its watchers have or are to get
    struct own_row own;
    uint64_t from_seq;         // of the board before it; 0: there is none
    struct shared_bytes *step; // from there to here; NULL: only a whole board leads here
};

// All who have the same sight, now and later: those of one unit, the head apart.
struct audience {
    struct audience *next;
    struct watched *watched;
    Pb__Column column;
    uint32_t unit; // 0: roles without one
    bool head;
    struct channel *channel;      // as of watched->seq; NULL: they may see nothing any more
    struct shared_bytes *refusal; // why their watches end, a response without its id; NULL: they go on
    size_t watchers;
    struct link idle; // watchers who wait for the next change
};

struct watched {
    struct watched *next;
    struct link due; // in the list of those to be looked at
    uint32_t period;
    uint64_t seq; // up to which entry its channels have been told
    struct audience *audiences;
    struct channel *channels;
    struct pieces *latest[FEED_COLUMNS][FEED_SIGHTS]; // the newest board that was made; NULL: none yet
};

struct sights {
    struct watched *watched;
    struct recent *recent;
    struct look *look; // one at a time
    uint64_t channels; // that there ever were
};

bool sights_init(struct sights *sights); // false: out of memory
void sights_free(struct sights *sights); // once there is no audience

// What a new watcher is given.
struct beginning {
    struct audience *audience;
    struct pieces *pieces; // the board as the view has it, a reference for the caller
    struct own_row own;    // free its bytes
    enum sight sight;
    uint64_t serial;              // of the channel whose board it is; 0: of none
    struct shared_bytes *refusal; // or this alone, a reference for the caller
};

// Makes room for one more watcher, with these eyes: the audience has one watcher more, and sights_leave takes it out
// again. False: the refusal, or out of memory where there is none.
bool sights_join(struct sights *sights, const struct view *view, uint32_t period, const struct audience *eyes,
                 struct beginning *beginning);
void sights_leave(struct sights *sights, struct audience *audience);

// Looks at the period again. Where it has changed, its channels have the new board and the step to it, all audiences
// are in the channels that are theirs now or have a refusal, and all watchers have been moved from `idle` to the end of
// `pending`. False: out of memory, to be called again later.
bool sights_refresh(struct sights *sights, const struct view *view, struct watched *watched, struct link *pending);

#endif
