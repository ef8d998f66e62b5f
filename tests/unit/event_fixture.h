// Events made by hand and applied to a scratch ledger, as the writer would.
#ifndef THIDUA_TESTS_EVENT_FIXTURE_H
#define THIDUA_TESTS_EVENT_FIXTURE_H

#include "proto/message.h"
#include "tests/unit/definition.h"
#include "tests/unit/ledger_fixture.h"

struct world {
    char folder[64];
    struct store *store;
    struct ledger *ledger;
    struct fixture fixture; // its definition: two units, three criteria
    struct arena *arena;
    int64_t time_ms;
    Pb__Actor actor;
    bool has_submission; // of the next entry
    uint8_t submission[16];
};

static inline void *made(struct world *world, size_t size) {
    void *memory = arena_alloc(world->arena, size);
    assert_non_null(memory);
    return memory;
}

static inline struct journal_entry encode(struct world *world, const Pb__Entry *entry) {
    struct journal_entry raw = {.seq = entry->seq};
    uint8_t *bytes = made(world, pb__entry__get_packed_size(entry) + 1);
    raw.record = (struct span){bytes, pb__entry__pack(entry, bytes)};
    assert_true(journal_hash(ledger_tip(world->ledger)->hash, raw.record, raw.hash));
    return raw;
}

// The event as the next entry, applied. The ledger's transaction is open.
static inline bool apply(struct world *world, Pb__Event *event) {
    Pb__Entry entry = PB__ENTRY__INIT;
    entry.has_seq = entry.has_time_ms = true;
    entry.seq = ledger_tip(world->ledger)->seq + 1;
    entry.time_ms = world->time_ms++;
    entry.has_clock_back_ms = ledger_tip(world->ledger)->seq != 0 && entry.time_ms < ledger_tip_time(world->ledger);
    entry.clock_back_ms = entry.has_clock_back_ms ? ledger_tip_time(world->ledger) - entry.time_ms : 0;
    entry.actor = &world->actor;
    entry.event = event;
    if (world->has_submission) {
        entry.has_submission = true;
        entry.submission = (ProtobufCBinaryData){16, world->submission};
    }
    struct journal_entry raw = encode(world, &entry);
    return ledger_apply(world->ledger, &entry, &raw);
}

static inline void applied(struct world *world, Pb__Event event) {
    if (!apply(world, &event))
        fail_msg("%s", ledger_fault(world->ledger));
}

static inline void refused_by_apply(struct world *world, Pb__Event event, const char *why) {
    assert_false(apply(world, &event));
    if (!strstr(ledger_fault(world->ledger), why))
        fail_msg("'%s' does not say '%s'", ledger_fault(world->ledger), why);
}

static inline void begin(struct world *world) {
    assert_int_equal(ledger_write_begin(world->ledger), STORE_OK);
}

// Appends to the local journal and commits.
static inline void commit(struct world *world) {
    assert_int_equal(ledger_flush(world->ledger), STORE_OK);
    assert_int_equal(ledger_keep(world->ledger), STORE_OK);
    assert_int_equal(ledger_commit(world->ledger), STORE_OK);
}

// ---- events ----

static inline ProtobufCBinaryData bytes_of(struct world *world, uint8_t fill, size_t size) {
    uint8_t *bytes = made(world, size);
    memset(bytes, fill, size);
    return (ProtobufCBinaryData){size, bytes};
}

static inline Pb__Event founded(struct world *world) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__Founded *body = made(world, sizeof *body);
    pb__founded__init(body);
    body->has_ledger = body->has_format = true;
    body->ledger = bytes_of(world, 0x1e, 16);
    body->format = LEDGER_FORMAT;
    event.body_case = PB__EVENT__BODY_FOUNDED;
    event.founded = body;
    return event;
}

static inline Pb__Event noted(struct world *world, const char *text) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__Noted *body = made(world, sizeof *body);
    pb__noted__init(body);
    body->text = text;
    event.body_case = PB__EVENT__BODY_NOTED;
    event.noted = body;
    return event;
}

static inline Pb__Event invited(struct world *world, uint32_t account, uint8_t code, bool replaces) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__Invited *body = made(world, sizeof *body);
    pb__invited__init(body);
    body->has_account = body->has_role = body->has_unit = body->has_code_hash = body->has_expires_ms = true;
    body->account = account;
    body->role = PB__ROLE__OFFICER;
    body->unit = 1;
    body->label = "máy bàn, phòng Tổng hợp";
    body->code_hash = bytes_of(world, code, 32);
    body->expires_ms = 5000;
    body->has_replaces = replaces;
    body->replaces = replaces;
    event.body_case = PB__EVENT__BODY_INVITED;
    event.invited = body;
    return event;
}

static inline Pb__Event enrolled(struct world *world, uint32_t account, uint8_t code, uint8_t verifier) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__Enrolled *body = made(world, sizeof *body);
    pb__enrolled__init(body);
    body->has_account = body->has_verifier = body->has_code_hash = body->has_expires_ms = true;
    body->account = account;
    body->verifier = bytes_of(world, verifier, 32);
    body->code_hash = bytes_of(world, code, 32);
    body->expires_ms = 9000;
    event.body_case = PB__EVENT__BODY_ENROLLED;
    event.enrolled = body;
    return event;
}

static inline Pb__Event revoked(struct world *world, uint32_t account) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__Revoked *body = made(world, sizeof *body);
    pb__revoked__init(body);
    body->has_account = true;
    body->account = account;
    event.body_case = PB__EVENT__BODY_REVOKED;
    event.revoked = body;
    return event;
}

// The fixture's definition, with units numbered from 1 in its order.
static inline Pb__Event period_defined(struct world *world, uint32_t period) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__PeriodDefined *body = made(world, sizeof *body);
    pb__period_defined__init(body);
    body->has_period = body->has_rules = body->has_hash = true;
    body->period = period;
    body->rules = RULES_CURRENT;
    body->definition = world->fixture.definition;
    body->n_units = body->definition->n_units;
    body->units = made(world, (body->n_units + 1) * sizeof *body->units);
    for (size_t i = 0; i < body->n_units; i++)
        body->units[i] = (uint32_t)i + 1;
    struct period *compiled_period = period_compile(period, RULES_CURRENT, body->definition, body->units);
    assert_non_null(compiled_period);
    body->hash = bytes_of(world, 0, 32);
    memcpy(body->hash.data, compiled_period->hash, 32);
    period_free(compiled_period);
    event.body_case = PB__EVENT__BODY_PERIOD_DEFINED;
    event.period_defined = body;
    return event;
}

// The entry that last changed the period's own row.
static inline uint64_t row_seq(struct world *world, uint32_t period) {
    struct period_row row = {0};
    view_period_row(ledger_view(world->ledger), period, &row);
    return row.own_seq;
}

static inline Pb__Event period_advanced(struct world *world, uint32_t period, Pb__PeriodState from,
                                        Pb__PeriodState state) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__PeriodAdvanced *body = made(world, sizeof *body);
    pb__period_advanced__init(body);
    body->has_period = body->has_from = body->has_state = body->has_replaces = true;
    body->period = period;
    body->from = from;
    body->state = state;
    body->replaces = row_seq(world, period);
    event.body_case = PB__EVENT__BODY_PERIOD_ADVANCED;
    event.period_advanced = body;
    return event;
}

static inline Pb__Event deadline_passed(struct world *world, uint32_t period) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__DeadlinePassed *body = made(world, sizeof *body);
    pb__deadline_passed__init(body);
    body->has_period = body->has_deadline_ms = body->has_replaces = true;
    body->period = period;
    body->deadline_ms = world->fixture.definition->deadline_ms;
    body->replaces = row_seq(world, period);
    event.body_case = PB__EVENT__BODY_DEADLINE_PASSED;
    event.deadline_passed = body;
    return event;
}

static inline const struct period *period_now(struct world *world, uint32_t number) {
    const struct period *period = view_period(ledger_view(world->ledger), number);
    assert_non_null(period);
    return period;
}

static inline Pb__Event signed_by(struct world *world, uint32_t period, uint32_t unit) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__Signed *body = made(world, sizeof *body);
    pb__signed__init(body);
    body->has_period = body->has_unit = body->has_hash = true;
    body->period = period;
    body->unit = unit;
    body->hash = bytes_of(world, 0, 32);
    memcpy(body->hash.data, period_now(world, period)->hash, 32);
    event.body_case = PB__EVENT__BODY_SIGNED;
    event.signed_ = body;
    return event;
}

static inline struct sheet sheet_now(struct world *world, uint32_t period, uint32_t unit) {
    struct sheet sheet;
    assert_true(view_sheet(ledger_view(world->ledger), period_now(world, period), unit, &sheet));
    return sheet;
}

static inline int32_t *points_of(struct world *world, const int32_t *points_cp, size_t count) {
    int32_t *list = made(world, (count + 1) * sizeof *list);
    memcpy(list, points_cp, count * sizeof *list);
    return list;
}

static inline Pb__Figures *figures_of(struct world *world, const struct figures *figures, size_t n_leaves) {
    bool any = figures->base_cp != POINTS_NONE;
    if (!any && figures->bonus_cp == 0)
        return NULL;
    Pb__Figures *out = made(world, sizeof *out);
    pb__figures__init(out);
    out->n_points_cp = n_leaves;
    out->points_cp = points_of(world, figures->points_cp, n_leaves);
    out->has_bonus_cp = out->has_deduction_cp = true;
    out->has_base_cp = out->has_total_cp = any;
    out->base_cp = any ? figures->base_cp : 0;
    out->bonus_cp = figures->bonus_cp;
    out->deduction_cp = figures->deduction_cp;
    out->total_cp = any ? figures->total_cp : 0;
    return out;
}

// The sheet as changed, its seq still that of the entry which is replaced.
static inline Pb__SheetAfter *after_of(struct world *world, const struct sheet *sheet) {
    Pb__SheetAfter *after = made(world, sizeof *after);
    bool deducted = false;
    pb__sheet_after__init(after);
    after->has_replaces = sheet->seq != 0;
    after->replaces = sheet->seq;
    after->has_state = after->has_sheet_revision = after->has_self_total_cp = true;
    after->state = sheet->state;
    after->sheet_revision = sheet->sheet_revision;
    after->n_self_cp = sheet->n_leaves;
    after->self_cp = points_of(world, sheet->self_cp, sheet->n_leaves);
    after->self_total_cp = sheet->self_total_cp;
    after->has_handed_seq = sheet->handed_seq != 0;
    after->handed_seq = sheet->handed_seq;
    after->appraised = figures_of(world, &sheet->appraised, sheet->n_leaves);
    after->final = figures_of(world, &sheet->final, sheet->n_leaves);
    for (size_t i = 0; i < sheet->n_leaves; i++)
        deducted |= sheet->deducted_cp[i] != 0;
    after->n_deducted_cp = deducted ? sheet->n_leaves : 0;
    after->deducted_cp = points_of(world, sheet->deducted_cp, after->n_deducted_cp);
    return after;
}

// One line set to `points_cp`, following what stands.
static inline Pb__Event score_set(struct world *world, uint32_t period, uint32_t unit, uint32_t leaf,
                                  int32_t points_cp) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__ScoreSet *body = made(world, sizeof *body);
    Pb__LineSet *set = made(world, sizeof *set);
    struct line line = {0};
    pb__score_set__init(body);
    pb__line_set__init(set);
    bool old = view_line(ledger_view(world->ledger), period, unit, leaf, &line);
    set->has_leaf = set->has_points_cp = set->has_revision = true;
    set->leaf = leaf;
    set->points_cp = points_cp;
    set->revision = line.revision + 1;
    set->has_replaces = set->has_from_cp = old;
    set->replaces = line.seq;
    set->from_cp = line.points_cp;
    body->has_period = body->has_unit = true;
    body->period = period;
    body->unit = unit;
    body->lines = made(world, sizeof *body->lines);
    body->lines[body->n_lines++] = set;
    struct sheet sheet = sheet_now(world, period, unit);
    if (sheet.state == PB__SHEET_STATE__NONE)
        sheet.state = PB__SHEET_STATE__SHEET_DRAFT;
    if (leaf < sheet.n_leaves) {
        sheet.self_cp[leaf] = points_cp;
        sheet.self_total_cp = points_sum(period_now(world, period), sheet.self_cp);
        sheet.appraised.points_cp[leaf] = POINTS_NONE;
        figures_settle(period_now(world, period), &sheet.appraised, sheet.deducted_cp);
    }
    body->after = after_of(world, &sheet);
    event.body_case = PB__EVENT__BODY_SCORE_SET;
    event.score_set = body;
    return event;
}

static inline Pb__Event sheet_submitted(struct world *world, uint32_t period, uint32_t unit, bool late) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__SheetSubmitted *body = made(world, sizeof *body);
    pb__sheet_submitted__init(body);
    body->has_period = body->has_unit = body->has_late = true;
    body->period = period;
    body->unit = unit;
    body->late = late;
    struct sheet sheet = sheet_now(world, period, unit);
    sheet.state = PB__SHEET_STATE__SUBMITTED;
    sheet.sheet_revision++;
    body->after = after_of(world, &sheet);
    event.body_case = PB__EVENT__BODY_SHEET_SUBMITTED;
    event.sheet_submitted = body;
    return event;
}

// ---- a world ----

static inline void world_begin(struct world *world) {
    memset(world, 0, sizeof *world);
    scratch_folder(world->folder);
    world->store = open_store(world->folder);
    world->ledger = ledger_new(world->store, NULL);
    world->arena = arena_new(64 * 1024 * 1024);
    assert_true(world->ledger && world->arena);
    world->time_ms = 1000;
    pb__actor__init(&world->actor);
    world->actor.has_account = world->actor.has_role = true;
    world->actor.role = PB__ROLE__ADMIN;
    fixture_begin(&world->fixture);
    add_unit(&world->fixture, "quan-ba-dinh", "ba-dinh", "Ba Đình");
    add_unit(&world->fixture, "quan-dong-da", NULL, "Đống Đa");
    add_criterion(&world->fixture, "TC1", 5000);
    add_criterion(&world->fixture, "TC2", 3000);
    add_criterion(&world->fixture, "TC3", 2000);
}

static inline void world_end(struct world *world) {
    ledger_free(world->ledger);
    store_close(world->store);
    scratch_remove(world->folder);
    fixture_end(&world->fixture);
    arena_free(world->arena);
}

// Founded, period 1 defined, signed by both and open for scores; the transaction is open still.
static inline void open_for_scores(struct world *world) {
    begin(world);
    applied(world, founded(world));
    applied(world, period_defined(world, 1));
    applied(world, signed_by(world, 1, 1));
    applied(world, signed_by(world, 1, 2));
    applied(world, period_advanced(world, 1, PB__PERIOD_STATE__DRAFT, PB__PERIOD_STATE__SIGNED));
    applied(world, period_advanced(world, 1, PB__PERIOD_STATE__SIGNED, PB__PERIOD_STATE__SCORING));
}

// ---- for cmocka, and the two views ----

static inline int world_setup(void **out) {
    struct world *world = malloc(sizeof *world);
    assert_non_null(world);
    world_begin(world);
    *out = world;
    return 0;
}

static inline int world_teardown(void **in) {
    struct world *world = *in;
    world_end(world);
    free(world);
    return 0;
}

static inline const struct view *writing(struct world *world) {
    return ledger_view(world->ledger);
}

static inline const struct view *reading(struct world *world) {
    const struct view *view = ledger_read_begin(world->ledger);
    assert_non_null(view);
    return view;
}

#endif
