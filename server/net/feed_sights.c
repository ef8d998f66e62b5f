#include "server/net/feed_sights.h"

#include <stdlib.h>

// ---- links ----

void link_init(struct link *link) {
    link->next = link->previous = link;
}

void link_out(struct link *link) {
    link->previous->next = link->next;
    link->next->previous = link->previous;
    link_init(link);
}

void link_in_last(struct link *list, struct link *link) {
    link_out(link);
    link->previous = list->previous;
    link->next = list;
    link->previous->next = list->previous = link;
}

void link_all_last(struct link *list, struct link *from) {
    if (from->next == from)
        return;
    from->next->previous = list->previous;
    from->previous->next = list;
    list->previous->next = from->next;
    list->previous = from->previous;
    link_init(from);
}

// ---- the beginning and the end ----

bool sights_init(struct sights *sights) {
    *sights = (struct sights){.recent = recent_new(), .look = look_new()};
    return sights->recent && sights->look;
}

void sights_free(struct sights *sights) {
    recent_free(sights->recent);
    look_free(sights->look);
}

static struct watched *watched_of(struct sights *sights, uint32_t period, uint64_t seq) {
    struct watched *watched = sights->watched;
    while (watched && watched->period != period)
        watched = watched->next;
    if (watched || !(watched = calloc(1, sizeof *watched)))
        return watched;
    watched->period = period;
    watched->seq = seq;
    link_init(&watched->due);
    watched->next = sights->watched;
    sights->watched = watched;
    return watched;
}

static void drop_watched(struct sights *sights, struct watched *watched) {
    struct watched **at = &sights->watched;
    while (*at != watched)
        at = &(*at)->next;
    *at = watched->next;
    link_out(&watched->due);
    for (size_t column = 0; column < FEED_COLUMNS; column++)
        for (size_t sight = 0; sight < FEED_SIGHTS; sight++)
            pieces_release(watched->latest[column][sight]);
    free(watched);
}

// ---- channels ----

static void free_own(struct own_row *own) {
    free((void *)(uintptr_t)own->row.bytes);
    *own = (struct own_row){0};
}

static struct channel *find_channel(const struct watched *watched, Pb__Column column, enum sight sight, uint32_t unit) {
    struct channel *channel = watched->channels;
    while (channel && (channel->column != column || channel->sight != sight || channel->unit != unit))
        channel = channel->next;
    return channel;
}

static struct channel *new_channel(struct sights *sights, struct watched *watched, Pb__Column column, enum sight sight,
                                   uint32_t unit) {
    struct channel *channel = calloc(1, sizeof *channel);
    if (!channel)
        return NULL;
    channel->serial = ++sights->channels;
    channel->column = column;
    channel->sight = sight;
    channel->unit = unit;
    channel->next = watched->channels;
    watched->channels = channel;
    return channel;
}

static void drop_channel(struct watched *watched, struct channel *channel) {
    struct channel **at = &watched->channels;
    while (*at != channel)
        at = &(*at)->next;
    *at = channel->next;
    pieces_release(channel->pieces);
    shared_bytes_release(channel->step);
    free_own(&channel->own);
    free(channel);
}

static void leave_channel(struct audience *audience) {
    struct channel *channel = audience->channel;
    audience->channel = NULL;
    if (channel && --channel->audiences == 0)
        drop_channel(audience->watched, channel);
}

static bool enter_channel(struct sights *sights, struct audience *audience, enum sight sight) {
    struct watched *watched = audience->watched;
    uint32_t unit = sight == SIGHT_OWN ? audience->unit : 0;
    struct channel *channel = find_channel(watched, audience->column, sight, unit);
    if (!channel && !(channel = new_channel(sights, watched, audience->column, sight, unit)))
        return false;
    channel->audiences++; // before the one that it may be in already is left
    leave_channel(audience);
    audience->channel = channel;
    return true;
}

// ---- boards ----

// The board as it stands, made once for all who look at it. Not a reference. NULL: as look_board.
static struct pieces *latest(struct watched *watched, struct look *look, Pb__Column column, enum sight sight) {
    struct pieces **kept = &watched->latest[column][sight];
    if (*kept && (*kept)->seq == look_seq(look))
        return *kept;
    struct pieces *made = look_board(look, column, sight);
    if (!made)
        return NULL;
    pieces_release(*kept);
    return *kept = made;
}

static bool own_row_of(struct look *look, Pb__Column column, enum sight sight, uint32_t unit, struct own_row *own) {
    *own = (struct own_row){0};
    if (sight != SIGHT_OWN)
        return true;
    *own = look_own(look, column, unit);
    return own->row.size > 0;
}

static struct shared_bytes *step_to(const struct sights *sights, const struct watched *watched,
                                    const struct channel *channel, struct pieces *to, const struct own_row *own) {
    const struct news_of of = {.period = watched->period,
                               .unit = channel->unit,
                               .sight = channel->sight,
                               .after = channel->pieces->seq,
                               .until = to->seq};
    struct news news;
    recent_news(sights->recent, &of, &news);
    return pieces_step(channel->pieces, &channel->own, to, own, &news.reply);
}

// Once in a look: whichever audience comes first. False: as look_board.
static bool refresh_channel(const struct sights *sights, struct watched *watched, struct channel *channel) {
    struct look *look = sights->look;
    struct own_row own;
    if (channel->pieces && channel->pieces->seq == look_seq(look))
        return true;
    struct pieces *pieces = latest(watched, look, channel->column, channel->sight);
    if (!pieces || !own_row_of(look, channel->column, channel->sight, channel->unit, &own))
        return false;
    shared_bytes_release(channel->step);
    channel->step = channel->pieces ? step_to(sights, watched, channel, pieces, &own) : NULL;
    channel->from_seq = channel->pieces ? channel->pieces->seq : 0;
    pieces_release(channel->pieces);
    channel->pieces = pieces_hold(pieces);
    free_own(&channel->own);
    channel->own = own;
    return true;
}

// ---- looking again ----

static void set_refusal(struct audience *audience, struct shared_bytes *refusal) {
    shared_bytes_release(audience->refusal);
    audience->refusal = refusal;
}

// The watches of the audience cannot go on. False: out of memory.
static bool refuse(struct look *look, struct audience *audience) {
    struct shared_bytes *refusal = look_refusal(look);
    if (!refusal)
        return false;
    leave_channel(audience);
    set_refusal(audience, refusal);
    return true;
}

static bool refresh_audience(struct sights *sights, struct audience *audience) {
    struct look *look = sights->look;
    enum sight sight = look_sight(look, audience->unit, audience->head);
    if (sight == SIGHT_NONE)
        return refuse(look, audience);
    if (!enter_channel(sights, audience, sight))
        return false;
    if (!refresh_channel(sights, audience->watched, audience->channel))
        return refuse(look, audience);
    set_refusal(audience, NULL);
    return true;
}

bool sights_refresh(struct sights *sights, const struct view *view, struct watched *watched, struct link *pending) {
    struct look *look = sights->look;
    bool found = look_at(look, view, watched->period);
    if (found && look_seq(look) == watched->seq)
        return true;
    for (struct audience *audience = watched->audiences; audience; audience = audience->next)
        if (!(found ? refresh_audience(sights, audience) : refuse(look, audience)))
            return false;
    for (struct audience *audience = watched->audiences; audience; audience = audience->next)
        link_all_last(pending, &audience->idle);
    watched->seq = look_seq(look);
    return true;
}

// ---- audiences ----

static struct audience *audience_of(struct watched *watched, const struct audience *eyes) {
    struct audience *audience = watched->audiences;
    while (audience &&
           (audience->column != eyes->column || audience->unit != eyes->unit || audience->head != eyes->head))
        audience = audience->next;
    if (audience || !(audience = malloc(sizeof *audience)))
        return audience;
    *audience = (struct audience){
        .watched = watched, .column = eyes->column, .unit = eyes->unit, .head = eyes->head, .next = watched->audiences};
    link_init(&audience->idle);
    watched->audiences = audience;
    return audience;
}

static void drop_audience(struct sights *sights, struct audience *audience) {
    struct watched *watched = audience->watched;
    struct audience **at = &watched->audiences;
    leave_channel(audience);
    shared_bytes_release(audience->refusal);
    while (*at != audience)
        at = &(*at)->next;
    *at = audience->next;
    free(audience);
    if (!watched->audiences)
        drop_watched(sights, watched);
}

void sights_leave(struct sights *sights, struct audience *audience) {
    if (--audience->watchers == 0)
        drop_audience(sights, audience);
}

// The period may have changed since its channels were told; the newcomer gets the newest all the same, and the others
// theirs at the next look.
static bool begin(struct sights *sights, struct beginning *beginning) {
    struct look *look = sights->look;
    struct audience *audience = beginning->audience;
    beginning->sight = look_sight(look, audience->unit, audience->head);
    if (beginning->sight == SIGHT_NONE || (!audience->channel && !enter_channel(sights, audience, beginning->sight)))
        return false;
    struct channel *channel = audience->channel;
    if (!channel->pieces && !refresh_channel(sights, audience->watched, channel))
        return false;
    set_refusal(audience, NULL);
    beginning->serial = channel->sight == beginning->sight ? channel->serial : 0;
    struct pieces *pieces = latest(audience->watched, look, audience->column, beginning->sight);
    if (!pieces || !own_row_of(look, audience->column, beginning->sight, audience->unit, &beginning->own))
        return false;
    beginning->pieces = pieces_hold(pieces);
    return true;
}

// The audience has one watcher more. NULL: out of memory.
static struct audience *enter(struct sights *sights, uint32_t period, uint64_t seq, const struct audience *eyes) {
    struct watched *watched = watched_of(sights, period, seq);
    struct audience *audience = watched ? audience_of(watched, eyes) : NULL;
    if (audience)
        audience->watchers++;
    else if (watched && !watched->audiences)
        drop_watched(sights, watched);
    return audience;
}

bool sights_join(struct sights *sights, const struct view *view, uint32_t period, const struct audience *eyes,
                 struct beginning *beginning) {
    *beginning = (struct beginning){0};
    bool found = look_at(sights->look, view, period);
    beginning->audience = found ? enter(sights, period, look_seq(sights->look), eyes) : NULL;
    if (beginning->audience && begin(sights, beginning))
        return true;
    beginning->refusal = look_refusal(sights->look);
    if (beginning->audience)
        sights_leave(sights, beginning->audience);
    return false;
}
