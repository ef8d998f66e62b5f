// A table for people: columns aligned by what letters take on a screen, long texts wrapped to its width. Where numbers
// alone are too wide for it the columns stand in blocks below each other, each with the first columns again.
#ifndef THIDUA_CLIENT_OUTPUT_TABLE_H
#define THIDUA_CLIENT_OUTPUT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table {
    FILE *out;
    size_t n;             // columns
    const char **headers; // borrowed
    const bool *right;    // stands at the right edge; borrowed
    size_t *widths;       // what the cells take; owned; grow from batch to batch
    size_t *shown;        // what they get; owned
    size_t keys;          // the columns up to the first text, which say what a row is about
    size_t screen;        // columns of the terminal; 0: as wide as it gets
    bool header, bold;    // whether a header line is wanted, and in bold
    bool begun;
};

void table_init(struct table *table, FILE *out, size_t n, const char **headers, const bool *right);
void table_free(struct table *table);

// Prints rows: `cells` has count * n texts, row by row. A batch has the header above it if it is the first, if it
// stands in blocks, or if it has made columns wider.
void table_rows(struct table *table, char *const *cells, size_t count);

// Columns of the terminal that `out` is, 0 if it is none.
size_t table_screen(FILE *out);

// Prints `text` and spaces up to `width` columns.
void table_pad(FILE *out, const char *text, size_t width);

#endif
