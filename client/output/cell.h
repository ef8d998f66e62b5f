// One value of a row as a table or a csv file shows it.
#ifndef THIDUA_CLIENT_OUTPUT_CELL_H
#define THIDUA_CLIENT_OUTPUT_CELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum cell {
    CELL_TEXT,
    CELL_CODE, // a word that this program or the server has made, not people
    CELL_WORD, // such a word of a kind named by the key, for which people have one of their own
    CELL_COUNT,
    CELL_AMOUNT, // a count that may be long: for people with marks at the thousands
    CELL_POINTS,
    CELL_ASSIGNED, // points; for people a word where there are none because the row's "assigned" is false
    CELL_TIME,
    CELL_DATE, // ISO; for people 30/06/2025
    CELL_FLAG,
    CELL_LIST,     // of words
    CELL_RULES,    // a list of codes, of which "deduction" is a word
    CELL_TEXTS,    // a list of texts of people's
    CELL_EVIDENCE, // of {number, date, title}
    CELL_LENGTH,   // milliseconds, for people as days and clock
    CELL_SECONDS,  // the same in seconds
    CELL_LATE,     // a flag; for people with the length under "late_seconds", if it is known
    CELL_MOVE,     // a rank; for people how far it is from that under "rank_before"
    CELL_TALLY,    // an object of counts; those that are 0 are left out
    CELL_OF,       // "7/8": the count and that under "of"
    CELL_SPREAD,   // an object: one column of points for each of its keys
};

enum where {
    EVERYWHERE,
    IN_TABLE,
    IF_SAID, // in the table where a row has more than null, false or nothing there
    IN_CSV,
    IF_THERE, // in the table and in csv where the first row has the key
};

struct column {
    const char *key;    // in the row
    const char *header; // as people see it
    enum cell cell;
    enum where where;
    const char *group; // the key is in this object of the row; NULL: in the row itself
};

enum style { STYLE_TABLE, STYLE_CSV, STYLE_EXCEL }; // the last is csv for people: their words, ISO times

// The value in the row, NULL or null where there is none; and whether it is more than null, false or nothing.
const json_t *cell_value(const json_t *row, const struct column *column);
bool cell_says(const json_t *row, const struct column *column);

// The cell of the row; free it. In csv a text that a spreadsheet would take for a formula begins with an apostrophe.
char *cell_text(const json_t *row, const struct column *column, enum style style, char mark);

// Whether it stands at the right edge of its column.
bool cell_is_number(enum cell cell);

#endif
