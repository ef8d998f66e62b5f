// Rows of one kind, in any of the four outputs, as they come.
#ifndef THIDUA_CLIENT_OUTPUT_LISTING_H
#define THIDUA_CLIENT_OUTPUT_LISTING_H

#include <stdio.h>

#include "client/options.h"
#include "client/output/cell.h"

struct listing;

// `columns` ends with one without a key and outlives the listing. `sample` is the first row (or NULL), whose
// keys a CELL_SPREAD column spreads and an IF_THERE column waits for.
struct listing *listing_new(const struct options *options, FILE *out, const struct column *columns,
                            const json_t *sample);

// Prints an array of rows. With -o json the rows of all calls become one array.
void listing_rows(struct listing *listing, const json_t *rows);

// Prints what is still owed (a header without rows, the array's end) and frees the listing.
void listing_end(struct listing *listing);

// Frees the listing of an answer that broke off.
void listing_drop(struct listing *listing);

// Prints one value on one line, without spaces.
void listing_line(FILE *out, const json_t *value);

// Flushes; 0, or 73 once it has been said that the output cannot be written. A reader that has gone away is no
// matter for a message: 141.
int listing_flush(const struct options *options, FILE *out);

#endif
