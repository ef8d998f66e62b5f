// The rows of a file on their way to the server: what stands, what each would set, and what has become of it.
#ifndef THIDUA_CLIENT_IMPORT_IMPORT_ROWS_H
#define THIDUA_CLIENT_IMPORT_IMPORT_ROWS_H

#include <jansson.h>

#include "client/import/roster.h"
#include "client/import/score_rows.h"
#include "client/options.h"

enum import_result {
    IMPORT_WAITS,        // is to be sent
    IMPORT_RECORDED,     // stands in entry `seq` now
    IMPORT_WOULD_RECORD, // of a dry run
    IMPORT_STANDS,       // stood already
    IMPORT_REFUSED,
    IMPORT_SKIPPED, // not sent: it scores nothing, or others stand in its way
    IMPORT_UNKNOWN, // sent, and no answer came
    IMPORT_KEPT,    // in the spool
    IMPORT_RESULTS
};

struct import_row {
    const struct score_row *read;
    int unit, leaf; // of the roster; -1: not known
    bool has_from, has_points;
    int32_t from_cp, points_cp; // what stood; what is given, or follows from the actual figure
    enum import_result result;
    char *reason;        // for people; NULL: none
    const char *code;    // of the reason, for programs; NULL: none
    const char *hint;    // what to do about it, in `hints`; NULL: nothing, or the reason says it
    uint64_t seq;        // of its entry; 0: none
    Pb__LineInput *line; // of a unit's own scores: what is to be sent
};

struct import_rows {
    const struct options *options;
    struct roster *roster;
    size_t n;
    struct import_row *list; // as the file has them
    struct arena *hints;
    bool conflict; // a row was refused because what it replaces has moved on
};

// A row for each that was read; those that are bad or score nothing have their result and reasons from the findings.
void import_rows_init(struct import_rows *rows, const struct options *options, struct roster *roster,
                      const struct score_rows *read, const struct findings *findings);
void import_rows_free(struct import_rows *rows);

// Finds the row's unit (absent: `own`) and leaf and whether the one is asked for the other; refuses it otherwise. Both
// rows of a pair that means the same line are refused. False: the row is not to be sent.
bool import_row_find(struct import_rows *rows, struct import_row *row, int own, struct import_row **taken);

// Says what became of the row; the reason is one that the server would give, or gave, or a text that is copied.
bool import_row_refuse(struct import_rows *rows, struct import_row *row, const struct problems *problems);
void import_row_refused(struct import_rows *rows, struct import_row *row, const Pb__Response *response,
                        const Pb__Problem *problem);
void import_row_leave(struct import_row *row, enum import_result result, const char *reason);

// The criterion that a problem names; NULL: none.
const char *problem_criterion(const Pb__Problem *problem);

size_t import_rows_count(const struct import_rows *rows, enum import_result result);

// The hint that all refused rows share; NULL: none has one, or they differ.
const char *import_rows_hint(const struct import_rows *rows);

// The list of CLI.md's row shape: {"line","unit","criterion","from","points","result","reason","seq","code",
// "hint"}; for people a "word" for the result, too.
json_t *import_rows_shape(const struct import_rows *rows);

// The result as programs read it.
const char *import_result_name(enum import_result result);

#endif
