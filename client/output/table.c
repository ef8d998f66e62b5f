#include "client/output/table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/memory.h"
#include "proto/text.h"

enum { GAP = 2, NARROWEST = 12 };

size_t table_screen(FILE *out) {
    struct winsize size;
    if (!isatty(fileno(out)) || ioctl(fileno(out), TIOCGWINSZ, &size))
        return 0;
    return size.ws_col;
}

void table_init(struct table *table, FILE *out, size_t n, const char **headers, const bool *right) {
    *table = (struct table){.out = out, .n = n, .headers = headers, .right = right, .header = true};
    table->widths = must_alloc(n * sizeof(*table->widths));
    table->screen = table_screen(out);
}

void table_free(struct table *table) {
    free(table->widths);
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

// Takes from the widest text column what the screen has not.
static void narrow(struct table *table) {
    size_t total = (table->n - 1) * GAP, widest = SIZE_MAX;
    for (size_t i = 0; i < table->n; i++) {
        total += table->widths[i];
        if (!table->right[i] && (widest == SIZE_MAX || table->widths[i] > table->widths[widest]))
            widest = i;
    }
    if (!table->screen || total <= table->screen || widest == SIZE_MAX)
        return;
    size_t over = total - table->screen, *width = &table->widths[widest];
    if (*width > NARROWEST)
        *width = *width > over + NARROWEST ? *width - over : NARROWEST;
}

// Bytes of `text` that stand on one line of the column, broken after a word where there is one; at least one letter.
static size_t line_length(const char *text, size_t width) {
    size_t length = text_fit(text, width);
    if (!text[length])
        return length;
    for (size_t i = length; i > 0; i--)
        if (text[i] == ' ')
            return i;
    if (length)
        return length;
    for (length = 1; ((unsigned char)text[length] & 0xc0) == 0x80;)
        length++;
    return length;
}

// Prints the next line of a cell; returns what is left of it. `last` is in the last column: nothing follows it.
static const char *print_cell(const struct table *table, size_t column, const char *text, bool last) {
    size_t length = line_length(text, table->widths[column]);
    char *line = must_format("%.*s", (int)length, text);
    size_t used = text_width(line), room = table->widths[column] > used ? table->widths[column] - used : 0;
    if (table->right[column])
        spaces(table->out, room);
    fputs(line, table->out);
    if (!table->right[column] && !last)
        spaces(table->out, room);
    free(line);
    text += length;
    return text + strspn(text, " ");
}

static bool print_line(const struct table *table, const char **rest) {
    bool more = false;
    for (size_t i = 0; i < table->n; i++) {
        if (i)
            spaces(table->out, GAP);
        rest[i] = print_cell(table, i, rest[i], i + 1 == table->n);
        more |= *rest[i] != 0;
    }
    putc('\n', table->out);
    return more;
}

static void print_row(const struct table *table, const char *const *cells) {
    const char **rest = must_alloc(table->n * sizeof(*rest));
    memcpy(rest, cells, table->n * sizeof(*rest));
    while (print_line(table, rest))
        ;
    free(rest);
}

void table_rows(struct table *table, char *const *cells, size_t count) {
    if (!table->begun && table->header)
        widen(table, (char *const *)table->headers, 1);
    widen(table, cells, count);
    narrow(table);
    if (!table->begun && table->header) {
        fputs(table->bold ? "\033[1m" : "", table->out);
        print_row(table, table->headers);
        fputs(table->bold ? "\033[0m" : "", table->out);
    }
    table->begun = true;
    for (size_t i = 0; i < count; i++)
        print_row(table, (const char *const *)cells + i * table->n);
}
