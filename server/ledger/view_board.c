// The final board of a period, from the sheets that a view shows.

#include <stdlib.h>

#include "server/ledger/ledger.h"

static bool hash_columns(const struct view *view, const struct period *period, struct figures *columns,
                         const struct figures **list, uint8_t hash[BOARD_HASH]) {
    struct sheet sheet;
    for (size_t i = 0; i < period->n_units; i++) {
        if (!view_sheet(view, period, period->unit_numbers[i], &sheet))
            return false;
        columns[i] = sheet.final;
        list[i] = &columns[i];
    }
    return final_board_hash(period, list, hash);
}

bool view_board_hash(const struct view *view, const struct period *period, uint8_t hash[BOARD_HASH]) {
    struct figures *columns = calloc(period->n_units + 1, sizeof *columns);
    const struct figures **list = calloc(period->n_units + 1, sizeof *list);
    bool done = columns && list && hash_columns(view, period, columns, list, hash);
    free(columns);
    free(list);
    return done;
}
