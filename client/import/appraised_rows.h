// The appraised column of many units: the rows of a file by unit, each unit all or nothing.
#ifndef THIDUA_CLIENT_IMPORT_APPRAISED_ROWS_H
#define THIDUA_CLIENT_IMPORT_APPRAISED_ROWS_H

#include "client/import/import_rows.h"
#include "client/uuid.h"

// One unit's rows, and what its request came to.
struct appraised_unit {
    int unit;
    size_t n;
    struct import_row **rows;
    size_t waiting;        // rows that are to be sent
    uint8_t id[UUID_SIZE]; // the submission id of its request
    uint64_t seq;          // of its entry; 0: none
    bool has_total;        // of the appraised column after it
    int32_t total_cp;
    uint32_t rank_before, rank_after; // of a dry run; 0: none
};

struct appraised_units {
    size_t n;
    struct appraised_unit *list; // in the order in which the file names them first
};

// Judges every row against the appraised column of `board`, and puts them together by unit. Where one row of a unit is
// refused the others are left out. Free the units in any case.
void appraised_rows_plan(struct import_rows *rows, const Pb__Board *board, struct appraised_units *units);
void appraised_units_free(struct appraised_units *units);

// The appraisal of the unit's waiting rows, in the arena.
Pb__Appraise *appraised_request(const struct import_rows *rows, const struct appraised_unit *unit, const char *period,
                                const char *reason, struct arena *arena);

// Leaves out what waits, because of other rows of the unit.
void appraised_unit_leave(struct appraised_unit *unit);

// {"unit","lines","recorded","would_record","stands","refused","skipped","total","rank_before","rank_after","seq","id"}
json_t *appraised_units_shape(const struct import_rows *rows, const struct appraised_units *units);

#endif
