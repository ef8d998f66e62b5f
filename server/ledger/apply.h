// Applying events: what the files by subject share. For them alone.
#ifndef THIDUA_LEDGER_APPLY_H
#define THIDUA_LEDGER_APPLY_H

#include "server/ledger/ledger_state.h"
#include "server/ledger/rows.h"

// One entry on its way into the rows.
struct step {
    struct ledger *ledger;
    const struct view *view;
    struct store_txn *txn;
    const Pb__Entry *entry;
    const Pb__Event *event;
};

// False: what the event states is not what stands (see fail), or the transaction has a fault.
typedef bool applier(const struct step *step);

applier apply_restored, apply_accounts_confirmed;
applier apply_invited, apply_enrolled, apply_revoked;
applier apply_period_defined, apply_period_advanced, apply_signed, apply_deadline_passed, apply_extended;
applier apply_score_set, apply_sheet_submitted;
applier apply_lines_appraised, apply_adjusted, apply_sheet_returned, apply_line_explained, apply_sheets_finalized;
applier apply_held, apply_nominated;

// Always false: what the event states is not what stands. A fault of the store that led here goes first.
bool fail(const struct step *step, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool good(const struct step *step);
bool is_hash(ProtobufCBinaryData bytes);

bool put(const struct step *step, enum store_table table, struct span key, struct span row);
bool put_number(const struct step *step, enum store_table table, struct span key, uint32_t number);
bool put_message(const struct step *step, enum store_table table, struct span key, const ProtobufCMessage *message);

// The period's row, pending, marked as changed by this entry. NULL: failed.
struct period_row *change_period(const struct step *step, uint32_t number);

// A sheet being changed.
struct change {
    const struct period *period;
    struct period_row *row;
    struct sheet *sheet; // pending, marked as changed by this entry
    uint32_t unit;
    uint64_t replaces; // the entry that changed it before
};

bool open_sheet(const struct step *step, uint32_t period, uint32_t unit, struct change *change);

// Takes over the state that the event says the sheet is in. All else that it says must be what the sheet has become:
// what it replaces, the columns and their sums, the hand-ins.
bool settle_sheet(const struct step *step, const struct change *change, const Pb__SheetAfter *after);

// The line as it stands; one that nobody has touched has no points and no revisions.
bool open_line(const struct step *step, const struct change *change, uint32_t leaf, struct line *line);
bool put_line(const struct step *step, const struct change *change, uint32_t leaf, const struct line *line);

// Whether the event sets a line to points, following what stands.
bool follows(const struct step *step, const Pb__LineSet *set, uint32_t revision, uint64_t seq, int32_t points_cp);

#endif
