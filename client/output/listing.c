#include "client/output/listing.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/csv.h"
#include "client/output/table.h"
#include "client/say.h"
#include "client/words.h"

struct listing {
    const struct options *options;
    FILE *out;
    size_t n;
    struct column *columns; // spread, and only those that this output has
    const char **headers;
    bool *right;
    bool begun;
    struct table table;
};

static bool is_shown(const struct options *options, const struct column *column, const json_t *sample) {
    if (column->where == IF_THERE)
        return json_object_get(sample, column->key);
    if (options->output == OUTPUT_TABLE)
        return column->where != IN_CSV;
    return column->where == EVERYWHERE || column->where == IN_CSV;
}

static void add_column(struct listing *listing, struct column column) {
    listing->columns = must_grow(listing->columns, listing->n + 1, sizeof(*listing->columns));
    column.key = must_strdup(column.key);
    listing->columns[listing->n++] = column;
}

static void spread(struct listing *listing, const struct column *column, const json_t *sample) {
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(sample, column->key), key, value)
        add_column(listing, (struct column){.key = key, .cell = CELL_POINTS, .group = column->key});
}

// A header as people see it: with --excel too.
static const char *header(const struct options *options, const struct column *column) {
    bool for_people = options->output == OUTPUT_TABLE || options->excel;
    return for_people && column->header ? _(column->header) : column->key;
}

struct listing *listing_new(const struct options *options, FILE *out, const struct column *columns,
                            const json_t *sample) {
    struct listing *listing = must_alloc(sizeof(*listing));
    listing->options = options;
    listing->out = out;
    for (; columns->key; columns++)
        if (is_shown(options, columns, sample) && columns->cell == CELL_SPREAD)
            spread(listing, columns, sample);
        else if (is_shown(options, columns, sample))
            add_column(listing, *columns);
    listing->headers = must_alloc(listing->n * sizeof(*listing->headers));
    listing->right = must_alloc(listing->n * sizeof(*listing->right));
    for (size_t i = 0; i < listing->n; i++) {
        listing->headers[i] = header(options, &listing->columns[i]);
        listing->right[i] = cell_is_number(listing->columns[i].cell);
    }
    table_init(&listing->table, out, listing->n, listing->headers, listing->right);
    listing->table.header = !options->no_header;
    listing->table.bold = options->color;
    return listing;
}

static char **cells_of(const struct listing *listing, const json_t *rows, enum style style) {
    size_t count = json_array_size(rows);
    char **cells = must_alloc(count * listing->n * sizeof(*cells));
    for (size_t i = 0; i < count * listing->n; i++)
        cells[i] = cell_text(json_array_get(rows, i / listing->n), &listing->columns[i % listing->n], style,
                             options_mark(listing->options));
    return cells;
}

static void free_cells(char **cells, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(cells[i]);
    free(cells);
}

static void csv_rows(struct listing *listing, char **cells, size_t count) {
    char separator = listing->options->excel ? ';' : ',';
    if (!listing->begun && listing->options->excel)
        fputs("\xef\xbb\xbf", listing->out);
    if (!listing->begun && !listing->options->no_header)
        csv_record(listing->out, listing->headers, listing->n, separator);
    for (size_t i = 0; i < count; i++)
        csv_record(listing->out, (const char *const *)cells + i * listing->n, listing->n, separator);
}

static void cell_rows(struct listing *listing, const json_t *rows) {
    bool table = listing->options->output == OUTPUT_TABLE;
    size_t count = json_array_size(rows);
    char **cells = cells_of(listing, rows, table ? STYLE_TABLE : listing->options->excel ? STYLE_EXCEL : STYLE_CSV);
    if (table)
        table_rows(&listing->table, cells, count);
    else
        csv_rows(listing, cells, count);
    free_cells(cells, count * listing->n);
}

void listing_line(FILE *out, const json_t *value) {
    char *text = must(json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(15)));
    fputs(text, out);
    free(text);
}

static void json_rows(struct listing *listing, const json_t *rows) {
    bool array = listing->options->output == OUTPUT_JSON;
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        if (array)
            fputs(listing->begun || i ? ",\n" : "[\n", listing->out);
        listing_line(listing->out, row);
        if (!array)
            putc('\n', listing->out);
    }
    if (array && !i && !listing->begun)
        fputs("[", listing->out);
}

void listing_rows(struct listing *listing, const json_t *rows) {
    if (!json_array_size(rows))
        return;
    if (listing->options->output == OUTPUT_TABLE || listing->options->output == OUTPUT_CSV)
        cell_rows(listing, rows);
    else
        json_rows(listing, rows);
    listing->begun = true;
}

static void begin_without_rows(struct listing *listing) {
    json_t *none = must(json_array());
    if (listing->options->output == OUTPUT_TABLE || listing->options->output == OUTPUT_CSV)
        cell_rows(listing, none);
    else
        json_rows(listing, none);
    json_decref(none);
}

void listing_end(struct listing *listing) {
    if (!listing->begun)
        begin_without_rows(listing);
    if (listing->options->output == OUTPUT_JSON)
        fputs(listing->begun ? "\n]\n" : "]\n", listing->out);
    listing_drop(listing);
}

void listing_drop(struct listing *listing) {
    table_free(&listing->table);
    for (size_t i = 0; i < listing->n; i++)
        free((char *)listing->columns[i].key);
    free(listing->columns);
    free(listing->headers);
    free(listing->right);
    free(listing);
}

static bool reader_is_gone(FILE *out) {
    struct pollfd file = {.fd = fileno(out), .events = POLLOUT};
    return poll(&file, 1, 0) == 1 && file.revents & POLLERR;
}

int listing_flush(const struct options *options, FILE *out) {
    bool failed = ferror(out);
    errno = 0;
    if (!fflush(out) && !failed)
        return EXIT_DONE;
    int cause = errno;
    if (cause == EPIPE || reader_is_gone(out))
        return EXIT_PIPE;
    return say_error(options, EXIT_NO_OUTPUT, _("Make room, or write the output elsewhere."),
                     _("the output cannot be written: %s"), cause ? strerror(cause) : _("a write failed"));
}
