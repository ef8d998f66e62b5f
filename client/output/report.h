// How a verb's answer is shown: one description from which the four outputs come.
#ifndef THIDUA_CLIENT_OUTPUT_REPORT_H
#define THIDUA_CLIENT_OUTPUT_REPORT_H

#include "client/output/listing.h"

// One list of an answer.
struct section {
    const char *rows;             // its key
    const char *title;            // above it, for people, where it has rows; NULL: none
    const struct column *columns; // ends with one without a key
};

struct report {
    const struct column *head;           // values of the answer itself; ends with one without a key
    const struct section *sections;      // ends with one without rows; NULL: the answer has no list
    bool whole;                          // ndjson is the answer on one line, not a line for each row
    char *(*note)(const json_t *answer); // lines for people below the head, malloced; may be NULL, or give NULL
};

// Prints the answer: table: head and lists; json: as it is; ndjson: a line for each row of the first list; csv: the
// first list. An answer without a list is a list of itself.
void report_print(const struct options *options, FILE *out, const struct report *report, const json_t *answer);

#endif
