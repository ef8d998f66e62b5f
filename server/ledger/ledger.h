// The ledger: typed rows on a transaction. A view reads them and cannot write; state changes only through
// ledger_apply, one event at a time. Each thread has a ledger of its own on the shared store.
#ifndef THIDUA_LEDGER_LEDGER_H
#define THIDUA_LEDGER_LEDGER_H

#include "proto/thidua.pb-c.h"
#include "server/ledger/journal.h"
#include "server/ledger/store.h"
#include "server/rules/final_board.h"
#include "server/rules/period.h"
#include "server/rules/points.h"

enum { LEDGER_FORMAT = 1, LABEL_MAX = 128 };

struct account {
    uint32_t number;
    Pb__Role role;
    uint32_t unit; // 0: none
    bool enrolled, revoked;
    uint8_t verifier[32]; // SHA-256 of the token, once enrolled
    int64_t created_ms;
    int64_t expires_ms;    // of the token
    uint8_t code_hash[32]; // of the last invitation, zeros once another replaced it
    int64_t code_expires_ms;
    bool code_spent;
    uint64_t seq; // the entry that last changed it
    char label[LABEL_MAX + 1];
};

struct period_row {
    uint32_t number;
    Pb__PeriodState state;
    uint64_t definition_seq; // the entry that defined it
    uint64_t seq;            // the last entry that changed the period or anything in it
    uint64_t own_seq;        // the last entry that changed this row itself: definition, state, deadline
    bool deadline_passed;
    uint32_t extended;              // units with a deadline of their own that has not passed
    uint8_t board_hash[BOARD_HASH]; // of the final board when it was last locked; zeros: never
};

struct sheet {
    Pb__SheetState state;
    uint32_t sheet_revision; // counts hand-ins
    uint64_t seq;            // the last entry that changed the sheet
    uint64_t handed_seq;     // the last hand-in; 0: none
    uint64_t signed_seq;     // the unit's signature to the commitment; 0: none
    uint64_t held_seq;       // the entry that holds the unit's awards; 0: none does
    uint64_t adjusted_seq;   // the last bonus or deduction; 0: none
    uint64_t nominated_seq;  // the last nomination; 0: none
    uint64_t returned_seq;   // the last return to its unit; 0: none
    uint32_t n_adjusted;     // bonuses and deductions
    uint32_t n_nominated;
    bool late;         // of the last hand-in
    int64_t late_ms;   // how late it was
    int64_t until_ms;  // the unit's own deadline; 0: the period's
    bool until_passed; // its passing is an entry
    size_t n_leaves;
    int32_t self_total_cp; // POINTS_NONE: no line
    int32_t handed_total_cp;
    int32_t self_cp[PERIOD_CRITERIA_MAX];     // by leaf, POINTS_NONE where not scored
    int32_t handed_cp[PERIOD_CRITERIA_MAX];   // as last handed in
    struct figures appraised;                 // a line without points is pending
    struct figures final;                     // as last finalized
    int32_t deducted_cp[PERIOD_CRITERIA_MAX]; // sums of the deductions by leaf
};

struct line {
    int32_t points_cp; // POINTS_NONE, with revision and seq 0: appraised, though the unit never set it
    uint32_t revision;
    uint64_t seq; // the entry that set it: note and evidence stand there
    bool has_actual;
    int64_t actual;
    uint32_t appraised_revision; // 0: never appraised
    uint64_t appraised_seq;      // the entry that appraised it last, even if the line has changed since
    uint64_t explained_seq;      // the unit's last words to it; 0: none
};

struct ledger;
struct view;

// A ledger on the store. NULL: out of memory. Readers use the local copy of the journal; `journal` may be NULL where
// ledger_catch_up is not called.
struct ledger *ledger_new(struct store *store, struct journal *journal);
void ledger_free(struct ledger *ledger);

// ---- reading ----

// A view of the store as it is now; give it back within the same turn of the loop. NULL: the store has failed.
const struct view *ledger_read_begin(struct ledger *ledger);
void ledger_read_end(struct ledger *ledger);

// What the view could not read (a damaged row), or NULL. A reply must not be made from a view with a fault.
const char *view_fault(const struct view *view);

// False: there is no such row, or the view has a fault.
bool view_account(const struct view *view, uint32_t number, struct account *account);
bool view_account_by_code(const struct view *view, const uint8_t code_hash[32], struct account *account);
uint32_t view_last_account(const struct view *view);
bool view_period_row(const struct view *view, uint32_t number, struct period_row *row);
uint32_t view_last_period(const struct view *view);
uint32_t view_period_number(const struct view *view, const char *id); // 0: none
uint32_t view_unit_number(const struct view *view, const char *id);   // 0: none
uint32_t view_last_unit(const struct view *view);
// The unit's registration, in the arena. NULL: there is none.
const Pb__UnitDefinition *view_unit(const struct view *view, uint32_t number, struct arena *arena);
bool view_line(const struct view *view, uint32_t period, uint32_t unit, size_t leaf, struct line *line);
// A sheet nobody has touched reads as state NONE with n_leaves lines without points; false only for a fault.
bool view_sheet(const struct view *view, const struct period *period, uint32_t unit, struct sheet *sheet);
// The unit whose own deadline, among those of the period that have not passed, is the first. False: there is none, or
// the view has a fault.
bool view_next_deadline(const struct view *view, uint32_t period, uint32_t *unit, int64_t *until_ms);
// The hash of the final board as the sheets of the period stand. False: out of memory, or the view has a fault.
bool view_board_hash(const struct view *view, const struct period *period, uint8_t hash[BOARD_HASH]);
// 0: the submission is not known. `owner` is the unit, or SUBMISSION_BY_ACCOUNT | account.
#define SUBMISSION_BY_ACCOUNT 0x80000000u
uint64_t view_submission(const struct view *view, const uint8_t id[16], uint32_t owner);
// The entry decoded, in the arena; *raw (may be NULL) gets record and hash, valid until the next ledger_apply or the
// end of the view. NULL: there is none, or the view has a fault, or the arena is exhausted.
const Pb__Entry *view_entry(const struct view *view, uint64_t seq, struct arena *arena, struct journal_entry *raw);
uint64_t view_seq(const struct view *view); // of the last entry
// Ids of the ledger (entry 1) and of its branch. False: it has not been founded, or the view has a fault.
bool view_ledger_id(const struct view *view, uint8_t ledger[16], uint8_t branch[16]);

// A branch: what the ledger has from its founding, or from the restoring of a backup, to the next such restoring.
struct branch {
    uint8_t id[16];
    uint64_t first, last; // the entry that begins it; the last one, UINT64_MAX while it goes on
};
// The branch of that id, and the one that the entry `seq` belongs to. False: there is none, or the view has a fault.
bool view_branch(const struct view *view, const uint8_t id[16], struct branch *branch);
bool view_branch_at(const struct view *view, uint64_t seq, struct branch *branch);
// The entry that restored a backup whose accounts nobody has confirmed yet; 0: none waits, or the view has a fault.
uint64_t view_unconfirmed(const struct view *view);

// The definition in force, compiled and cached; valid until the ledger's next ledger_read_begin or ledger_apply.
// NULL: there is none, or the view has a fault.
const struct period *view_period(const struct view *view, uint32_t number);

// Whether this program knows the format that the store's rows have (an empty store: yes). False: `error` says what to
// do. For the start, before anything else is read.
bool ledger_check_format(struct store *store, char *error, size_t error_size);

// ---- writing: the writer's thread only ----

enum store_status ledger_write_begin(struct ledger *ledger);
const struct view *ledger_view(struct ledger *ledger);

// The last entry as the open transaction has it, those applied included, and its time (0: none).
const struct journal_tip *ledger_tip(const struct ledger *ledger);
int64_t ledger_tip_time(const struct ledger *ledger);

// Changes the rows as the entry's event states, inside the open transaction, and remembers the entry for the journal.
// Cannot refuse: false is a failure (ledger_fault says which) and the batch must be aborted. What an entry states is
// compared with the rows as far as that is possible: sequence, revisions, what it replaces, and sums.
// The entry's bytes are copied as given: they are what is appended and hashed.
bool ledger_apply(struct ledger *ledger, const Pb__Entry *entry, const struct journal_entry *raw);

// Makes the entry the next one, written at `now_ms`: gives it its number and time, encodes it into the arena, hashes
// it, and applies it. *raw is what it has become. False: as ledger_apply.
bool ledger_enter(struct ledger *ledger, Pb__Entry *entry, int64_t now_ms, struct arena *arena,
                  struct journal_entry *raw);

// Applies up to `limit` entries that the journal has beyond this store, and takes them into the local copy. *count
// says how many they were; if any, ledger_flush and ledger_commit come next. Not for a transaction that has applied.
enum store_status ledger_catch_up(struct ledger *ledger, size_t limit, size_t *count);

// Takes the applied entries into the local copy and forgets them: they came from a journal and go to none.
enum store_status ledger_keep(struct ledger *ledger);

// Writes what is pending (sheets and period rows once each). Then the entries may be appended and committed.
enum store_status ledger_flush(struct ledger *ledger);
// Entries applied since ledger_write_begin, in order.
const struct journal_entry *ledger_pending(const struct ledger *ledger, size_t *count);
struct store_txn *ledger_txn(struct ledger *ledger);
// Both end the transaction.
enum store_status ledger_commit(struct ledger *ledger);
void ledger_abort(struct ledger *ledger);
// What ledger_apply or the store has met, of this transaction or the one that ledger_commit ended.
const char *ledger_fault(const struct ledger *ledger);

#endif
