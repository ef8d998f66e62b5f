// The scores in a file: its rows as `import` sends them, each with the line it stands in. Columns in any order, named
// unit, criterion, points, actual, note, evidence, revision, or as people see them in either language; what
// `sheet -o csv`, with --excel or without, writes is read back to what it was.
#ifndef THIDUA_CLIENT_IMPORT_SCORE_ROWS_H
#define THIDUA_CLIENT_IMPORT_SCORE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/import/findings.h"
#include "client/import/table_file.h"
#include "proto/thidua.pb-c.h"

enum import_kind {
    IMPORT_OWN,       // a unit's own scores: criterion, and points or actual
    IMPORT_APPRAISED, // of many units: unit, criterion and points, or appraised; the others are the unit's own, not
                      // read
};

enum score_column {
    SCORE_UNIT,
    SCORE_CRITERION,
    SCORE_POINTS,
    SCORE_ACTUAL,
    SCORE_NOTE,
    SCORE_EVIDENCE,
    SCORE_REVISION,
    SCORE_COLUMNS,
};

enum score_row_state {
    SCORE_ROW_GOOD,
    SCORE_ROW_EMPTY, // it scores nothing; a remark says so
    SCORE_ROW_BAD,   // findings say why; unit and criterion are what could be read
};

struct score_row {
    size_t line;
    enum score_row_state state;
    const char *unit;      // as the file names it; NULL: the caller's own
    const char *criterion; // likewise, in any case; NULL only in rows that are not good
    bool has_points, has_actual, has_revision;
    int32_t points_cp;
    int64_t actual;
    uint32_t revision;
    const char *note; // a line end in it has become a space; NULL: none
    size_t n_evidence;
    Pb__Evidence **evidence;
};

struct score_rows {
    struct table_file table; // where the texts are
    bool has[SCORE_COLUMNS]; // whether the file has this column: an empty note is not the same as no column of notes
    size_t n;
    struct score_row *list; // a row for each of the file's that is not blank, in its order
};

// Reads the file, or standard input for "-". False: `findings` holds one of weight FINDING_FILE, and nothing may be
// sent. Findings are in the order of lines. score_rows_free either way.
bool score_rows_read(struct score_rows *rows, const char *path, enum import_kind kind, struct findings *findings);

// The same of bytes that are followed by a zero.
bool score_rows_parse(struct score_rows *rows, const char *bytes, size_t size, enum import_kind kind,
                      struct findings *findings);

void score_rows_free(struct score_rows *rows);

#endif
