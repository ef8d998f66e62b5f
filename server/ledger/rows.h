// The rows of the tables as structs: to the bytes of a record and back, and their keys.
#ifndef THIDUA_LEDGER_ROWS_H
#define THIDUA_LEDGER_ROWS_H

#include "server/ledger/ledger.h"

enum {
    ROW_VERSION = 1,
    ROW_ACCOUNT_MAX = 160 + LABEL_MAX,
    ROW_PERIOD_MAX = 64,
    ROW_SHEET_MAX = 160 + 20 * PERIOD_CRITERIA_MAX,
    ROW_LINE_MAX = 64,
    KEY_SUBMISSION = 20,
    KEY_SHEET = 8,
    KEY_LINE = 10,
    KEY_DEADLINE = 16,
    KEY_NAME_MAX = 256, // kind and id
    KEY_PAST = 12,
};

// Each writes the row into `out`, which has the room named above, and returns it as a span.
struct span row_from_account(const struct account *account, uint8_t *out);
struct span row_from_period(const struct period_row *period, uint8_t *out);
struct span row_from_sheet(const struct sheet *sheet, uint8_t *out);
struct span row_from_line(const struct line *line, uint8_t *out);

// False: the bytes are not such a row. The number comes from the row's key.
bool row_to_account(struct span row, uint32_t number, struct account *account);
bool row_to_period(struct span row, uint32_t number, struct period_row *period);
bool row_to_sheet(struct span row, struct sheet *sheet);
bool row_to_line(struct span row, struct line *line);

// A sheet that nobody has touched, of `n_leaves` lines without points.
void sheet_blank(struct sheet *sheet, size_t n_leaves);

// Copies what is in use: a sheet has room for far more leaves than most periods have.
void sheet_copy(struct sheet *to, const struct sheet *from);

// Whether the column holds nothing, and whether anything is deducted, counted or not.
bool figures_empty(const struct figures *figures);
bool sheet_has_deductions(const struct sheet *sheet);

// Keys, written into `out`.
struct span key_of_number(uint32_t number, uint8_t out[4]);
struct span key_of_submission(const uint8_t id[16], uint32_t owner, uint8_t out[KEY_SUBMISSION]);
struct span key_of_sheet(uint32_t period, uint32_t unit, uint8_t out[KEY_SHEET]);
struct span key_of_line(uint32_t period, uint32_t unit, size_t leaf, uint8_t out[KEY_LINE]);
struct span key_of_deadline(uint32_t period, int64_t until_ms, uint32_t unit, uint8_t out[KEY_DEADLINE]);
// The key of a name: 'p' a period's, 'u' a unit's. Empty: the id is too long to be known.
struct span key_of_name(char kind, const char *id, uint8_t out[KEY_NAME_MAX]);
// The key of the branch whose last entry is `last`, in STORE_META; all begin with key_of_text(PAST).
#define PAST "past"
struct span key_of_past(uint64_t last, uint8_t out[KEY_PAST]);
// A text's bytes as a key.
struct span key_of_text(const char *text);

#endif
