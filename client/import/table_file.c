#include "client/import/table_file.h"

#include <csv.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "client/import/legacy.h"
#include "client/memory.h"
#include "client/words.h"
#include "proto/text.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct reading {
    struct table_file *table;
    struct findings *findings;
    struct csv_parser parser;
    size_t line;      // that is being read
    size_t cell_line; // where the cell begins
    bool in_row;
    struct file_row row;
    const char *cells[TABLE_WIDTH_MOST];
    bool filled; // the row has a cell that is not empty
};

static bool refuse(struct findings *findings, size_t line, const char *hint, const char *reason) {
    findings_add(findings, FINDING_FILE, line, hint, "%s", reason);
    return false;
}

// ---- cells ----

static bool is_plain_ascii(const char *text) {
    for (; *text; text++)
        if (*text < 0x20 || *text > 0x7e)
            return false;
    return true;
}

// CRLF and CR become LF.
static void unify_line_ends(char *text) {
    char *out = text;
    for (; *text; text++)
        if (*text != '\r')
            *out++ = *text;
        else if (text[1] != '\n')
            *out++ = '\n';
    *out = 0;
}

static bool holds_control(const char *text) {
    char *flat = must_strdup(text);
    for (char *at = flat; (at = strchr(at, '\n'));)
        *at = ' ';
    bool control = text_judge(flat, strlen(flat)) == TEXT_CONTROL;
    free(flat);
    return control;
}

// The column as people know it.
static const char *column_of(const struct reading *reading, size_t index, char *room, size_t size) {
    const struct file_row *header = &reading->table->header;
    if (header->cells && index < header->n && *header->cells[index])
        return header->cells[index];
    snprintf(room, size, "%zu", index + 1);
    return room;
}

// One finding a row: whoever has pasted text of an old font has done it all over.
static void judge_cell(struct reading *reading, const char *text, size_t index) {
    char number[24];
    bool of_header = !reading->table->header.cells;
    enum weight weight = of_header ? FINDING_FILE : FINDING_ROW;
    enum legacy legacy = legacy_of_text(text);
    if (reading->row.finding)
        return;
    if (legacy)
        reading->row.finding = findings_add(reading->findings, weight, reading->cell_line, legacy_hint(legacy),
                                            _("%s: the text is not Unicode but in the encoding %s of an old font"),
                                            column_of(reading, index, number, sizeof(number)), legacy_name(legacy));
    else if (holds_control(text))
        reading->row.finding =
            findings_add(reading->findings, weight, reading->cell_line, _("Remove it in your office program."),
                         _("%s: the text holds a tab or another control character"),
                         column_of(reading, index, number, sizeof(number)));
}

static const char *keep_text(struct reading *reading, const char *text, size_t index) {
    if (is_plain_ascii(text))
        return must(arena_strdup(reading->table->arena, text));
    char *normal = must(text_normalize(text));
    unify_line_ends(normal);
    judge_cell(reading, normal, index);
    const char *kept = must(arena_strdup(reading->table->arena, normal));
    free(normal);
    return kept;
}

static void on_cell(void *text, size_t size, void *context) {
    struct reading *reading = context;
    size_t index = reading->row.n++;
    bool wanted = index < (reading->table->header.cells ? reading->table->header.n : TABLE_WIDTH_MOST);
    reading->filled = reading->filled || size;
    if (wanted)
        reading->cells[index] = keep_text(reading, text, index);
    reading->cell_line = reading->line;
}

// ---- rows ----

static void keep_cells(struct reading *reading, size_t most) {
    size_t n = reading->row.n < most ? reading->row.n : most;
    reading->row.cells = must(arena_alloc(reading->table->arena, (n + 1) * sizeof(*reading->row.cells)));
    memcpy(reading->row.cells, reading->cells, n * sizeof(*reading->cells));
}

static void keep_header(struct reading *reading) {
    keep_cells(reading, TABLE_WIDTH_MOST);
    reading->table->header = reading->row;
}

static void keep_row(struct reading *reading) {
    struct table_file *table = reading->table;
    keep_cells(reading, table->header.n);
    // Grows by doubling: where their number is a power of two the room is used up.
    if (!(table->n_rows & (table->n_rows - 1)))
        table->rows = must_grow(table->rows, table->n_rows ? 2 * table->n_rows : 1, sizeof(*table->rows));
    table->rows[table->n_rows++] = reading->row;
}

static void on_row(int end, void *context) {
    struct reading *reading = context;
    (void)end;
    if (reading->filled && !reading->table->header.cells)
        keep_header(reading);
    else if (reading->filled)
        keep_row(reading);
    reading->in_row = reading->filled = false;
}

// ---- lines ----

// A line with its end, whichever it is: the parser counts none.
static size_t line_length(const char *text) {
    size_t n = strcspn(text, "\r\n");
    return n + (text[n] == '\r' && text[n + 1] == '\n' ? 2 : text[n] != 0);
}

static size_t line_number(const char *text, size_t at) {
    size_t line = 1;
    for (size_t n = 0; text[n] && (n += line_length(text + n)) <= at;)
        line += strchr("\r\n", text[n - 1]) != NULL;
    return line;
}

// A line of nothing but spaces between rows, at which the parser begins none.
static bool is_blank(const char *line, size_t length, char separator) {
    for (size_t i = 0; i < length; i++)
        if (line[i] == separator || !strchr(" \t\r\n", line[i]))
            return false;
    return true;
}

static bool refuse_quotes(struct reading *reading) {
    const char *hint =
        _("A cell that holds a quotation mark stands in quotation marks itself, and the mark in it twice: "
          "an office program does so when it saves as CSV.");
    if (reading->cell_line == reading->line)
        return refuse(reading->findings, reading->line, hint, _("a quotation mark stands where none may"));
    findings_add(reading->findings, FINDING_FILE, reading->line, hint,
                 _("a quotation mark stands where none may, in the cell that begins in line %zu"), reading->cell_line);
    return false;
}

static bool refuse_size(struct reading *reading) {
    const struct table_file *table = reading->table;
    if (table->header.n > TABLE_WIDTH_MOST)
        findings_add(reading->findings, FINDING_FILE, table->header.line, NULL,
                     _("the line has %zu columns; %d at most are read"), table->header.n, TABLE_WIDTH_MOST);
    else
        findings_add(reading->findings, FINDING_FILE, reading->line, _("Split the file."),
                     _("the file has more than %d rows"), TABLE_ROWS_MOST);
    return false;
}

static bool fits(const struct table_file *table) {
    return table->header.n <= TABLE_WIDTH_MOST && table->n_rows <= TABLE_ROWS_MOST;
}

static bool read_line(struct reading *reading, const char *text, size_t length) {
    if (!reading->in_row) {
        if (is_blank(text, length, reading->table->separator))
            return true;
        reading->in_row = true;
        reading->cell_line = reading->line;
        reading->row = (struct file_row){.line = reading->line};
    }
    if (csv_parse(&reading->parser, text, length, on_cell, on_row, reading) == length)
        return fits(reading->table) || refuse_size(reading);
    if (csv_error(&reading->parser) != CSV_EPARSE)
        must(NULL);
    return refuse_quotes(reading);
}

static bool read_lines(struct reading *reading, const char *text) {
    for (reading->line = 1; *text; reading->line++) {
        size_t length = line_length(text);
        if (!read_line(reading, text, length))
            return false;
        text += length;
    }
    reading->line--;
    if (!csv_fini(&reading->parser, on_cell, on_row, reading))
        return fits(reading->table) || refuse_size(reading);
    return refuse(reading->findings, reading->cell_line, NULL,
                  _("the quotation mark that opens a cell in this line is never closed"));
}

// ---- the separator ----

static const char separators[] = {',', ';', '\t'};
enum { SEPARATORS = sizeof(separators) };

// How often each stands in the first row, outside quotes.
static void count_separators(const char *text, size_t counts[SEPARATORS]) {
    bool quoted = false;
    for (text += strspn(text, " \r\n"); *text && (quoted || !strchr("\r\n", *text)); text++) {
        if (*text == '"')
            quoted = !quoted;
        for (size_t i = 0; !quoted && i < SEPARATORS; i++)
            counts[i] += *text == separators[i];
    }
}

static bool find_separator(const char *text, char *separator, struct findings *findings) {
    size_t counts[SEPARATORS] = {0}, most = 0, tied = 0;
    count_separators(text, counts);
    for (size_t i = 0; i < SEPARATORS; i++) {
        tied = counts[i] == most ? tied + 1 : counts[i] > most ? 0 : tied;
        if (counts[i] <= most)
            continue;
        most = counts[i];
        *separator = separators[i];
    }
    const char *hint = _("The first line names the columns, as in: criterion,points,note");
    size_t line = line_number(text, strspn(text, " \r\n"));
    if (!most)
        return refuse(findings, line, hint, _("the line holds no comma, semicolon or tab between columns"));
    return !tied ||
           refuse(findings, line, hint, _("commas, semicolons or tabs: one of them parts the columns, not two"));
}

// ---- the encoding ----

// What a file begins with that is no text at all, or no UTF-8.
static const struct beginning {
    const char *bytes;
    size_t size;
    const char *reason;
} beginnings[] = {
    {"\xff\xfe", 2, N_("the file is UTF-16 (“Unicode text”), not UTF-8")},
    {"\xfe\xff", 2, N_("the file is UTF-16 (“Unicode text”), not UTF-8")},
    {"PK\003\004", 4, N_("the file is a workbook (xlsx or ods), not CSV")},
    {"\xd0\xcf\x11\xe0", 4, N_("the file is a workbook (xls), not CSV")},
};

// Of two bytes to a letter one is zero throughout in a header of ASCII, and in most of a Vietnamese one.
static bool looks_like_utf_16(const char *bytes, size_t size) {
    size_t zeros[2] = {0}, n = size < 512 ? size : 512;
    for (size_t i = 0; i < n; i++)
        zeros[i % 2] += !bytes[i];
    return 4 * zeros[0] > n || 4 * zeros[1] > n;
}

static bool is_text(const char *bytes, size_t size, struct findings *findings) {
    const char *hint = legacy_hint(LEGACY_NONE);
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++)
        if (size >= beginnings[i].size && !memcmp(bytes, beginnings[i].bytes, beginnings[i].size))
            return refuse(findings, 0, hint, _(beginnings[i].reason));
    const char *zero = memchr(bytes, 0, size);
    if (!zero)
        return true;
    if (looks_like_utf_16(bytes, size))
        return refuse(findings, 0, hint, _(beginnings[0].reason));
    return refuse(findings, line_number(bytes, (size_t)(zero - bytes)), hint,
                  _("the line holds a zero byte: this is not a text file"));
}

static bool is_utf_8(const char *text, size_t size, struct findings *findings) {
    const uint8_t *wrong = u8_check((const uint8_t *)text, size);
    if (!wrong)
        return true;
    size_t line = line_number(text, (size_t)((const char *)wrong - text));
    enum legacy legacy = legacy_of_bytes(text, size);
    if (!legacy)
        return refuse(findings, line, legacy_hint(legacy), _("the line is not UTF-8 text"));
    findings_add(findings, FINDING_FILE, line, legacy_hint(legacy), _("the file is in the encoding %s, not UTF-8"),
                 legacy_name(legacy));
    return false;
}

// ---- the file ----

static bool parse_text(struct table_file *table, const char *text, struct findings *findings) {
    struct reading reading = {.table = table, .findings = findings};
    if (!text[strspn(text, " \t\r\n")])
        return refuse(findings, 0, NULL, _("the file is empty"));
    if (!find_separator(text, &table->separator, findings))
        return false;
    if (csv_init(&reading.parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL))
        must(NULL);
    csv_set_delim(&reading.parser, (unsigned char)table->separator);
    bool good = read_lines(&reading, text);
    csv_free(&reading.parser);
    if (good && !table->header.cells)
        return refuse(findings, 0, NULL, _("the file is empty"));
    return good && !table->header.finding;
}

bool table_file_parse(struct table_file *table, const char *bytes, size_t size, struct findings *findings) {
    *table = (struct table_file){.arena = must(arena_new(SIZE_MAX / 2))};
    if (!is_text(bytes, size, findings))
        return false;
    bool marked = !strncmp(bytes, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK));
    const char *text = bytes + (marked ? strlen(BYTE_ORDER_MARK) : 0);
    return is_utf_8(text, size - (size_t)(text - bytes), findings) && parse_text(table, text, findings);
}

// The bytes and a zero after them; NULL: errno says why.
static char *read_all(FILE *file, size_t *size) {
    char *bytes = NULL;
    size_t room = 0;
    *size = 0;
    do {
        room = room ? 2 * room : 65536;
        bytes = must_grow(bytes, room + 1, 1);
        *size += fread(bytes + *size, 1, room - *size, file);
    } while (*size == room && *size <= TABLE_FILE_MOST);
    bytes[*size] = 0;
    if (!ferror(file) && *size <= TABLE_FILE_MOST)
        return bytes;
    errno = ferror(file) ? errno : EFBIG;
    free(bytes);
    return NULL;
}

static char *load(const char *path, size_t *size) {
    if (!strcmp(path, "-"))
        return read_all(stdin, size);
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    char *bytes = read_all(file, size);
    int saved = errno;
    fclose(file);
    errno = saved;
    return bytes;
}

bool table_file_read(struct table_file *table, const char *path, struct findings *findings) {
    size_t size;
    char *bytes = load(path, &size);
    *table = (struct table_file){0};
    if (bytes) {
        bool good = table_file_parse(table, bytes, size, findings);
        free(bytes);
        return good;
    }
    findings->no_input = errno != EFBIG;
    if (errno == EFBIG)
        findings_add(findings, FINDING_FILE, 0, _("Split the file."), _("the file is larger than %d MiB"),
                     TABLE_FILE_MOST / 1024 / 1024);
    else
        findings_add(findings, FINDING_FILE, 0, NULL, _("the file cannot be read: %s"), strerror(errno));
    return false;
}

void table_file_free(struct table_file *table) {
    arena_free(table->arena);
    free(table->rows);
    *table = (struct table_file){0};
}
