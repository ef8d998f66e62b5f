#include "client/output/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/memory.h"
#include "client/output/wrap.h"
#include "proto/text.h"

enum { GAP = 2, NARROWEST = 12, LEFT = 6 }; // LEFT: what a text has beside the key columns at the least

size_t table_screen(FILE *out) {
    struct winsize size;
    if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size))
        return 0;
    return size.ws_col;
}

void table_init(struct table *table, FILE *out, size_t n, const char **headers, const bool *right) {
    *table = (struct table){.out = out, .n = n, .headers = headers, .right = right, .header = true};
    table->widths = must_alloc(n * sizeof(*table->widths));
    table->shown = must_alloc(n * sizeof(*table->shown));
    for (size_t i = 0; i < n && !table->keys; i++)
        table->keys = right[i] ? 0 : i + 1;
    table->keys += !table->keys && n;
    table->screen = table_screen(out);
}

void table_free(struct table *table) {
    free(table->widths);
    free(table->shown);
}

static void spaces(FILE *out, size_t count) {
    while (count--)
        putc(' ', out);
}

void table_pad(FILE *out, const char *text, size_t width) {
    size_t used = text_width(text);
    fputs(text, out);
    if (used < width)
        spaces(out, width - used);
}

static void widen(struct table *table, char *const *cells, size_t count) {
    for (size_t i = 0; i < table->n * count; i++) {
        size_t width = text_width(cells[i]), *known = &table->widths[i % table->n];
        *known = width > *known ? width : *known;
    }
}

static size_t total_of(const struct table *table) {
    size_t total = (table->n - 1) * GAP;
    for (size_t i = 0; i < table->n; i++)
        total += table->shown[i];
    return total;
}

static size_t widest_text(const struct table *table) {
    size_t widest = SIZE_MAX;
    for (size_t i = 0; i < table->n; i++)
        if (!table->right[i] && (widest == SIZE_MAX || table->shown[i] > table->shown[widest]))
            widest = i;
    return widest;
}

// Takes from the widest text columns what the screen has not. False: numbers and short words alone are too wide.
static bool narrow(struct table *table) {
    memcpy(table->shown, table->widths, table->n * sizeof(*table->shown));
    size_t widest = widest_text(table), total = total_of(table);
    while (table->screen && total > table->screen && widest != SIZE_MAX && table->shown[widest] > NARROWEST) {
        table->shown[widest]--;
        total--;
        widest = widest_text(table);
    }
    return !table->screen || total <= table->screen;
}

// For blocks below each other: a text has its own width again, as far as one block has it.
static void narrow_to_blocks(struct table *table) {
    size_t key = 0, third = table->screen / 3 > NARROWEST ? table->screen / 3 : NARROWEST;
    for (size_t i = 0; i < table->n; i++) {
        size_t most = i < table->keys ? third : table->screen > key + LEFT ? table->screen - key : LEFT;
        table->shown[i] = table->right[i] || table->widths[i] < most ? table->widths[i] : most;
        key += i < table->keys ? table->shown[i] + GAP : 0;
    }
}

// The column behind the last one that stands beside the key columns if `from` is the first.
static size_t block_end(const struct table *table, size_t from) {
    size_t total = 0, i = from;
    for (size_t key = 0; key < table->keys; key++)
        total += table->shown[key] + GAP;
    for (; i < table->n && (i == from || !table->screen || total + table->shown[i] <= table->screen); i++)
        total += table->shown[i] + GAP;
    return i;
}

// Prints the next line of a cell; returns what is left of it. `last` is in the last column: nothing follows it.
static const char *print_cell(const struct table *table, size_t column, const char *text, bool last) {
    size_t length = wrap_length(text, table->shown[column]);
    char *line = must_format("%.*s", (int)length, text);
    size_t used = text_width(line), room = table->shown[column] > used ? table->shown[column] - used : 0;
    if (table->right[column])
        spaces(table->out, room);
    fputs(line, table->out);
    if (!table->right[column] && !last)
        spaces(table->out, room);
    free(line);
    text += length;
    return text + strspn(text, " ");
}

// The columns of one block: the key columns, and those from `from` to before `to`.
struct block {
    size_t from, to;
};

static bool print_line(const struct table *table, struct block block, const char **rest) {
    bool more = false;
    for (size_t i = 0; i < block.to; i = i + 1 == table->keys ? block.from : i + 1) {
        if (i)
            spaces(table->out, GAP);
        rest[i] = print_cell(table, i, rest[i], i + 1 == block.to);
        more |= *rest[i] != 0;
    }
    putc('\n', table->out);
    return more;
}

static void print_row(const struct table *table, struct block block, const char *const *cells) {
    const char **rest = must_alloc(table->n * sizeof(*rest));
    memcpy(rest, cells, table->n * sizeof(*rest));
    while (print_line(table, block, rest))
        ;
    free(rest);
}

static void print_block(const struct table *table, struct block block, bool header, char *const *cells, size_t count) {
    if (header) {
        fputs(table->bold ? "\033[1m" : "", table->out);
        print_row(table, block, table->headers);
        fputs(table->bold ? "\033[0m" : "", table->out);
    }
    for (size_t i = 0; i < count; i++)
        print_row(table, block, (const char *const *)cells + i * table->n);
}

// Makes room for the rows; whether a header must stand above them: always above blocks, of which the last header is
// that of the block before, and where the columns have moved from under theirs.
static bool lay_out(struct table *table, char *const *cells, size_t count, bool *folded) {
    size_t size = table->n * sizeof(*table->shown), *before = must_alloc(size);
    memcpy(before, table->shown, size);
    if (table->header && !table->begun)
        widen(table, (char *const *)table->headers, 1);
    widen(table, cells, count);
    *folded = !narrow(table);
    if (*folded)
        narrow_to_blocks(table);
    size_t apart = table->n - !table->right[table->n - 1]; // a last text moves nothing
    bool moved = memcmp(before, table->shown, apart * sizeof(*before)) != 0;
    free(before);
    return *folded || moved || !table->begun;
}

void table_rows(struct table *table, char *const *cells, size_t count) {
    bool folded, owed = lay_out(table, cells, count, &folded);
    if (table->begun && owed && (folded || table->header))
        putc('\n', table->out);
    struct block block = {.from = table->keys, .to = block_end(table, table->keys)};
    print_block(table, block, table->header && owed, cells, count);
    while (block.to < table->n) {
        block = (struct block){.from = block.to, .to = block_end(table, block.to)};
        putc('\n', table->out);
        print_block(table, block, table->header, cells, count);
    }
    table->begun = true;
}
