#include "server/net/feed.h"

#include <stdlib.h>

#include "server/net/feed_sights.h"
#include "server/net/output.h"
#include "server/net/upkeep.h"

struct watcher {
    struct link link; // first: idle in its audience, or pending in the feed
    struct connection *connection;
    struct audience *audience;
    uint64_t id;     // of its request
    uint64_t seq;    // of the board that it has
    uint64_t serial; // of the channel whose board that is
    int64_t sent_at; // when it was last sent anything
    bool missed;     // the last change: its output was not empty
};

// A round tells all watchers what is new: first the periods are looked at, then the watchers served, both in turns.
struct feed {
    struct server *server;
    struct sights sights;
    struct event *turn;
    struct link due;     // periods to be looked at in this round
    struct link pending; // watchers to be served
    int64_t round_at;    // when the last round began
    uint64_t seq;        // what the store had then
    bool changed;        // there may be something newer
};

static struct watcher *watcher_of(struct link *link) {
    return (struct watcher *)(void *)link;
}

static struct watched *watched_of_link(struct link *link) {
    return (struct watched *)(void *)((char *)link - offsetof(struct watched, due));
}

// ---- turns ----

static bool is_under_way(const struct feed *feed) {
    return feed->due.next != &feed->due || feed->pending.next != &feed->pending;
}

static void set_turn(struct feed *feed, int64_t wait_ms) {
    const struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};
    evtimer_add(feed->turn, &wait);
}

// A round at once, or an interval after the last one.
static void set_round(struct feed *feed) {
    int64_t wait = feed->round_at + FEED_INTERVAL_MS - clock_monotonic_ms();
    set_turn(feed, wait > 0 ? wait : 0);
}

void feed_changed(struct feed *feed) {
    if (feed->server->live.watchers == 0 || feed->server->draining)
        return;
    bool known = feed->changed;
    feed->changed = true;
    if (!known && !is_under_way(feed))
        set_round(feed);
}

// ---- sending ----

enum {
    RESPONSE_STATUS = 2 << 3,
    RESPONSE_WATCH = 46 << 3 | 2, // in two bytes
    NUMBER_MOST = 10,             // bytes of a number
    NEWS_MOST = 256,              // bytes of one event
    FRONT_MOST = OUTPUT_ID_FIELD + 4 + 5 * NUMBER_MOST + NEWS_MAX * NEWS_MOST,
};

static uint8_t *put_number(uint8_t *at, uint64_t number) {
    for (; number >= 0x80; number >>= 7)
        *at++ = (uint8_t)(number | 0x80);
    *at++ = (uint8_t)number;
    return at;
}

// All of the response but the last `rest` bytes of its WatchReply.
static size_t put_front(uint8_t front[FRONT_MOST], uint64_t id, const Pb__WatchReply *own, size_t rest) {
    uint8_t *at = front + output_id_field(front, id);
    *at++ = RESPONSE_STATUS;
    *at++ = PB__STATUS__OK;
    at = put_number(at, RESPONSE_WATCH);
    at = put_number(at, pb__watch_reply__get_packed_size(own) + rest);
    return (size_t)(at - front) + pb__watch_reply__pack(own, at);
}

// Sends what is the watcher's own and what it shares with others; takes over the reference. The watcher may be gone.
static void send_reply(struct watcher *watcher, Pb__WatchReply *own, struct shared_bytes *shared) {
    struct connection *connection = watcher->connection;
    uint8_t front[FRONT_MOST];
    own->has_time_ms = own->has_seq = true;
    own->time_ms = clock_wall_ms();
    own->seq = watcher->seq;
    watcher->sent_at = clock_monotonic_ms();
    watcher->missed = false;
    output_send_joined(connection, front, put_front(front, watcher->id, own, shared ? shared->size : 0), shared);
    connection_settle(connection);
}

static void send_whole(struct feed *feed, struct watcher *watcher, struct pieces *pieces, const struct own_row *own,
                       const struct news_of *of) {
    struct news news;
    recent_news(feed->sights.recent, of, &news);
    struct shared_bytes *shared = pieces_whole(pieces, own);
    if (shared)
        send_reply(watcher, &news.reply, shared);
    else
        connection_close(watcher->connection, LOG_ERROR, "out of memory");
}

static void send_step(struct watcher *watcher, struct shared_bytes *step) {
    Pb__WatchReply own = PB__WATCH_REPLY__INIT;
    if (step)
        step->references++;
    send_reply(watcher, &own, step);
}

// ---- serving ----

static bool is_silent(const struct watcher *watcher) {
    return clock_monotonic_ms() + UPKEEP_TICK_MS > watcher->sent_at + FEED_SILENCE_MS;
}

static void send_news(struct feed *feed, struct watcher *watcher, struct channel *channel) {
    const struct audience *audience = watcher->audience;
    const struct news_of of = {.period = audience->watched->period,
                               .unit = channel->unit,
                               .sight = channel->sight,
                               .after = watcher->seq,
                               .until = channel->pieces->seq};
    bool follows = channel->step && watcher->serial == channel->serial && watcher->seq == channel->from_seq;
    watcher->seq = channel->pieces->seq;
    watcher->serial = channel->serial;
    if (follows)
        send_step(watcher, channel->step);
    else
        send_whole(feed, watcher, channel->pieces, &channel->own, &of);
}

// The last that the watcher is told; takes over the reference. It is gone.
static void say_last(struct connection *connection, uint64_t id, struct shared_bytes *refusal, const char *why) {
    if (refusal)
        output_send_shared(connection, id, refusal);
    else
        connection_close(connection, LOG_ERROR, "out of memory");
    if (connection->state != CONNECTION_OPEN)
        return;
    connection_end(connection, LOG_INFORM, why);
    connection->linger_until = clock_monotonic_ms() + FEED_LAST_WORD_MS;
    connection_settle(connection);
}

static void end_watch(struct watcher *watcher, struct shared_bytes *refusal) {
    refusal->references++;
    say_last(watcher->connection, watcher->id, refusal, "its watch cannot go on");
}

void feed_end(struct connection *connection) {
    struct arena *scratch = connection->server->scratch;
    struct problems problems;
    arena_reset(scratch);
    problems_init(&problems, scratch);
    problem_plain(&problems, REASON_SHUTTING_DOWN);
    say_last(connection, connection->watcher->id, shared_refusal(&problems), "the server is stopping");
}

// What it lacks, once it has taken what it was sent before; or a sign of life. The watcher may be gone.
static void serve(struct feed *feed, struct watcher *watcher) {
    struct channel *channel = watcher->audience->channel;
    link_in_last(&watcher->audience->idle, &watcher->link);
    if (watcher->audience->refusal) {
        end_watch(watcher, watcher->audience->refusal);
        return;
    }
    bool lacks = channel && channel->pieces && channel->pieces->seq > watcher->seq;
    if (output_waiting(watcher->connection) > 0)
        watcher->missed = lacks;
    else if (lacks)
        send_news(feed, watcher, channel);
    else if (is_silent(watcher))
        send_step(watcher, NULL);
}

void feed_resume(struct connection *connection) {
    struct watcher *watcher = connection->watcher;
    if (watcher && watcher->missed && output_waiting(connection) == 0)
        serve(connection->server->feed, watcher);
}

static void serve_some(struct feed *feed) {
    for (size_t left = FEED_WATCHERS_A_TURN; left > 0 && feed->pending.next != &feed->pending; left--)
        serve(feed, watcher_of(feed->pending.next));
}

// ---- rounds ----

static void look_at_some(struct feed *feed) {
    struct server *server = feed->server;
    const struct view *view = feed->due.next == &feed->due ? NULL : ledger_read_begin(server->ledger);
    int64_t until = clock_monotonic_ms() + FEED_LOOKING_A_TURN_MS;
    if (!view)
        return;
    do {
        struct watched *watched = watched_of_link(feed->due.next);
        link_out(&watched->due);
        if (!sights_refresh(&feed->sights, view, watched, &feed->pending))
            feed->changed = true;
    } while (feed->due.next != &feed->due && clock_monotonic_ms() < until);
    ledger_read_end(server->ledger);
}

// What the store has now is found out here; nothing begins where that is what it had before.
static void begin_round(struct feed *feed) {
    struct server *server = feed->server;
    const struct view *view = ledger_read_begin(server->ledger);
    feed->changed = false;
    if (!view)
        return;
    if (view_seq(view) != feed->seq) {
        feed->seq = view_seq(view);
        feed->round_at = clock_monotonic_ms();
        recent_read(feed->sights.recent, view);
        for (struct watched *watched = feed->sights.watched; watched; watched = watched->next)
            link_in_last(&feed->due, &watched->due);
    }
    ledger_read_end(server->ledger);
}

static void on_turn(evutil_socket_t fd, short what, void *arg) {
    (void)fd, (void)what;
    struct feed *feed = arg;
    if (feed->server->draining)
        return;
    if (feed->changed && !is_under_way(feed) && clock_monotonic_ms() >= feed->round_at + FEED_INTERVAL_MS)
        begin_round(feed);
    look_at_some(feed);
    serve_some(feed);
    if (is_under_way(feed))
        set_turn(feed, 0);
    else if (feed->changed)
        set_round(feed);
}

void feed_beat(struct feed *feed) {
    if (feed->server->draining)
        return;
    for (struct watched *watched = feed->sights.watched; watched; watched = watched->next)
        for (struct audience *audience = watched->audiences; audience; audience = audience->next)
            for (struct link *link = audience->idle.next, *next; link != &audience->idle; link = next) {
                next = link->next;
                if (is_silent(watcher_of(link)))
                    link_in_last(&feed->pending, link);
            }
    if (is_under_way(feed))
        set_turn(feed, 0);
}

// ---- coming and going ----

static struct watcher *watcher_new(struct connection *connection, uint64_t id, const struct beginning *beginning) {
    struct watcher *watcher = malloc(sizeof *watcher);
    if (!watcher)
        return NULL;
    *watcher = (struct watcher){.connection = connection,
                                .audience = beginning->audience,
                                .id = id,
                                .seq = beginning->pieces->seq,
                                .serial = beginning->serial};
    link_init(&watcher->link);
    link_in_last(&beginning->audience->idle, &watcher->link);
    connection->watcher = watcher;
    connection->server->live.watchers++;
    return watcher;
}

// Whoever has the board of this moment already is told so.
static void greet(struct feed *feed, struct watcher *watcher, const struct view *view,
                  const struct beginning *beginning, const Pb__Watch *watch) {
    uint64_t seq = beginning->pieces->seq;
    struct news_of of = {.period = watcher->audience->watched->period,
                         .unit = watcher->audience->unit,
                         .sight = beginning->sight,
                         .after = watch->since_seq != 0 ? watch->since_seq : seq,
                         .until = seq};
    if (watch->since_seq != 0)
        recent_read(feed->sights.recent, view);
    if (watch->since_seq == seq)
        send_step(watcher, NULL);
    else
        send_whole(feed, watcher, beginning->pieces, &beginning->own, &of);
}

void feed_join(struct connection *connection, const struct view *view, uint32_t period, uint64_t id,
               const Pb__Watch *watch) {
    struct feed *feed = connection->server->feed;
    const struct actor *actor = &connection->identity.actor;
    const struct audience eyes = {.column = watch->has_column ? watch->column : PB__COLUMN__SELF,
                                  .unit = actor->unit,
                                  .head = actor->unit != 0 && actor->role == PB__ROLE__HEAD};
    struct beginning beginning;
    if (!sights_join(&feed->sights, view, period, &eyes, &beginning)) {
        say_last(connection, id, beginning.refusal, "its watch cannot begin");
        return;
    }
    struct watcher *watcher = watcher_new(connection, id, &beginning);
    if (watcher) {
        greet(feed, watcher, view, &beginning, watch);
    } else {
        sights_leave(&feed->sights, beginning.audience);
        connection_close(connection, LOG_ERROR, "out of memory");
    }
    pieces_release(beginning.pieces);
    free((void *)(uintptr_t)beginning.own.row.bytes);
}

void feed_leave(struct connection *connection) {
    struct watcher *watcher = connection->watcher;
    if (!watcher)
        return;
    connection->watcher = NULL;
    connection->server->live.watchers--;
    link_out(&watcher->link);
    sights_leave(&connection->server->feed->sights, watcher->audience);
    free(watcher);
}

struct feed *feed_new(struct server *server) {
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed)
        return NULL;
    feed->server = server;
    feed->round_at = INT64_MIN / 2; // long ago
    link_init(&feed->due);
    link_init(&feed->pending);
    feed->turn = evtimer_new(server->base, on_turn, feed);
    if (sights_init(&feed->sights) && feed->turn)
        return feed;
    feed_free(feed);
    return NULL;
}

void feed_free(struct feed *feed) {
    if (!feed)
        return;
    if (feed->turn)
        event_free(feed->turn);
    sights_free(&feed->sights);
    free(feed);
}
