#include <errno.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/export.h"

enum { FILE_MAX = 16384, ENTRIES = 4, LINE = 1024 };

// A journal of a few entries; lines are four words, which stand in for the JSON that callers take apart.
struct desk {
    char lines[ENTRIES][LINE];
    uint8_t hashes[ENTRIES + 1][EXPORT_HASH];
    char text[FILE_MAX];
    char words[LINE];
    FILE *file;
    struct export_reader *reader;
    struct export_entry entry;
};

static bool split(void *ctx, const char *text, size_t size, struct export_line *line) {
    struct desk *desk = ctx;
    char *rest = desk->words;
    if (size >= sizeof desk->words)
        return false;
    if (size)
        memcpy(desk->words, text, size);
    desk->words[size] = '\0';
    const char *seq = strsep(&rest, " ");
    line->seq = strtoull(seq, NULL, 10);
    line->record = strsep(&rest, " ");
    line->prev = strsep(&rest, " ");
    line->hash = rest;
    return line->record && line->prev && line->hash;
}

static void write_hex(char *out, const uint8_t *bytes) {
    for (size_t i = 0; i < EXPORT_HASH; i++)
        snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

// The line of an entry that says it is number `seq`, behind the hash of entry `before`.
static void write_line(struct desk *desk, size_t at, uint64_t seq, Pb__Event *event) {
    uint8_t chained[EXPORT_HASH + 256];
    char record[512], prev[2 * EXPORT_HASH + 1], hash[2 * EXPORT_HASH + 1];
    Pb__Entry entry = PB__ENTRY__INIT;
    entry.has_seq = true;
    entry.seq = seq;
    entry.event = event;
    memcpy(chained, desk->hashes[at], EXPORT_HASH);
    size_t size = pb__entry__pack(&entry, chained + EXPORT_HASH);
    assert_true(size < 256);
    EVP_Digest(chained, EXPORT_HASH + size, desk->hashes[at + 1], NULL, EVP_sha256(), NULL);
    EVP_EncodeBlock((uint8_t *)record, chained + EXPORT_HASH, (int)size);
    write_hex(prev, desk->hashes[at]);
    write_hex(hash, desk->hashes[at + 1]);
    snprintf(desk->lines[at], LINE, "%zu %s %s %s\n", at + 1, record, prev, hash);
}

static void write_entry(struct desk *desk, size_t at, uint64_t seq, bool founding) {
    uint8_t id[16] = {7};
    Pb__Event event = PB__EVENT__INIT;
    Pb__Founded founded = PB__FOUNDED__INIT;
    Pb__Noted noted = PB__NOTED__INIT;
    founded.has_ledger = true;
    founded.ledger = (ProtobufCBinaryData){.len = sizeof id, .data = id};
    noted.text = "ghi chú";
    event.body_case = founding ? PB__EVENT__BODY_FOUNDED : PB__EVENT__BODY_NOTED;
    if (founding)
        event.founded = &founded;
    else
        event.noted = &noted;
    write_line(desk, at, seq, &event);
}

static int set_desk(void **state) {
    struct desk *desk = calloc(1, sizeof *desk);
    if (!desk)
        return -1;
    *state = desk;
    for (size_t at = 0; at < ENTRIES; at++)
        write_entry(desk, at, at + 1, at == 0);
    return 0;
}

// Adds a line, its end included, to the text.
static void add_line(struct desk *desk, size_t at) {
    size_t used = strlen(desk->text);
    snprintf(desk->text + used, sizeof desk->text - used, "%s", desk->lines[at]);
}

static void put_away(struct desk *desk) {
    export_close(desk->reader);
    if (desk->file)
        fclose(desk->file);
    desk->reader = NULL;
    desk->file = NULL;
}

static int clear_desk(void **state) {
    put_away(*state);
    free(*state);
    return 0;
}

static void open_text(struct desk *desk, size_t size) {
    put_away(desk);
    desk->file = size ? fmemopen(desk->text, size, "r") : fopen("/dev/null", "r");
    assert_non_null(desk->file);
    desk->reader = export_open(desk->file, split, desk);
    assert_non_null(desk->reader);
}

// What is said of these lines (numbers from 0, ended by ENTRIES), and of which line; "" where all is well.
static const char *read_lines(struct desk *desk, const size_t *order, uint64_t *line) {
    static char said[256];
    enum export_result result;
    desk->text[0] = '\0';
    for (size_t i = 0; order[i] < ENTRIES; i++)
        add_line(desk, order[i]);
    open_text(desk, strlen(desk->text));
    while ((result = export_next(desk->reader, &desk->entry)) == EXPORT_ENTRY)
        ;
    assert_true(result == EXPORT_END || result == EXPORT_DAMAGED);
    *line = export_line_number(desk->reader);
    return export_fault_text(desk->reader, export_fault(desk->reader)->text, said, sizeof said);
}

#define READ(desk, line, ...) read_lines(desk, (const size_t[]){__VA_ARGS__, ENTRIES}, line)

static void a_whole_export_is_read_in_order(void **state) {
    struct desk *desk = *state;
    for (size_t at = 0; at < ENTRIES; at++)
        add_line(desk, at);
    open_text(desk, strlen(desk->text));
    for (size_t at = 0; at < ENTRIES; at++) {
        assert_int_equal(export_next(desk->reader, &desk->entry), EXPORT_ENTRY);
        assert_int_equal(desk->entry.seq, at + 1);
        assert_int_equal(desk->entry.entry->seq, at + 1);
        assert_memory_equal(desk->entry.hash, desk->hashes[at + 1], EXPORT_HASH);
        assert_int_equal(export_line_number(desk->reader), at + 1);
    }
    assert_int_equal(export_next(desk->reader, &desk->entry), EXPORT_END);
}

static void lines_must_follow_each_other(void **state) {
    struct desk *desk = *state;
    uint64_t line;
    assert_string_equal(READ(desk, &line, 0, 1, 2, 3), "");
    assert_string_equal(READ(desk, &line, 1, 2), "the export begins with entry 2, not with entry 1");
    assert_int_equal(line, 1);
    assert_string_equal(READ(desk, &line, 0, 1, 3), "entry 4 stands behind entry 2; what was between them is missing");
    assert_int_equal(line, 3);
    assert_string_equal(READ(desk, &line, 0, 1, 1), "entry 2 stands behind entry 2; the lines are out of order");
    assert_string_equal(READ(desk, &line, ENTRIES), "the export holds no entry");
    assert_int_equal(line, 1);
}

// One character of the second line is another one.
static const char *with_character(struct desk *desk, size_t word, size_t place, char character) {
    char whole[LINE];
    uint64_t line;
    memcpy(whole, desk->lines[1], sizeof whole);
    char *at = desk->lines[1];
    for (size_t i = 0; i < word; i++)
        at = strchr(at, ' ') + 1;
    assert_int_not_equal(at[place], character);
    at[place] = character;
    const char *said = READ(desk, &line, 0, 1, 2);
    assert_int_equal(line, 2);
    memcpy(desk->lines[1], whole, sizeof whole);
    return said;
}

static void a_changed_character_is_found(void **state) {
    struct desk *desk = *state;
    static const char changed[] = "the hash is not that of the record and the entry before it: one of them was changed",
                      base64[] = "the record is not an entry in base64",
                      hex[] = "prev or hash is not 64 hexadecimal digits";
    assert_string_equal(with_character(desk, 1, 3, 'z'), changed);
    assert_string_equal(with_character(desk, 1, 3, '='), base64);
    assert_string_equal(with_character(desk, 1, 3, '!'), base64);
    assert_string_equal(with_character(desk, 1, 0, '\t'), base64);
    assert_string_equal(with_character(desk, 2, 0, 'g'), hex);
    assert_string_equal(with_character(desk, 3, 63, ':'), hex);
    desk->lines[1][strlen(desk->lines[1]) - 2] ^= 1; // '0' and '1', 'a' and 'b', ...
    uint64_t line;
    assert_string_equal(READ(desk, &line, 0, 1), changed);
}

static void the_last_line_must_end(void **state) {
    struct desk *desk = *state;
    memcpy(desk->text, desk->lines[0], strlen(desk->lines[0]) - 1);
    open_text(desk, strlen(desk->text));
    assert_int_equal(export_next(desk->reader, &desk->entry), EXPORT_DAMAGED);
    assert_non_null(strstr(export_fault(desk->reader)->text, "cut short"));
    assert_true(export_fault(desk->reader)->hint[0]);
}

static void a_record_is_what_its_line_says(void **state) {
    struct desk *desk = *state;
    uint64_t line;
    write_entry(desk, 1, 9, false);
    assert_string_equal(READ(desk, &line, 0, 1), "the line says entry 2, its record another");
    write_entry(desk, 0, 1, false);
    assert_string_equal(READ(desk, &line, 0), "entry 1 does not found a ledger");
}

static void a_folder_is_not_read(void **state) {
    struct desk *desk = *state;
    desk->file = fopen("/", "r");
    assert_non_null(desk->file);
    desk->reader = export_open(desk->file, split, desk);
    assert_int_equal(export_next(desk->reader, &desk->entry), EXPORT_UNREADABLE);
    assert_int_equal(errno, EISDIR);
}

static void a_long_line_is_read(void **state) {
    struct desk *desk = *state;
    memset(desk->text, ' ', sizeof desk->text - 1);
    desk->text[sizeof desk->text - 2] = '\n';
    open_text(desk, sizeof desk->text - 1);
    assert_int_equal(export_next(desk->reader, &desk->entry), EXPORT_DAMAGED);
    assert_non_null(strstr(export_fault(desk->reader)->text, "no entry of a journal"));
}

#define DESK_TEST(test) cmocka_unit_test_setup_teardown(test, set_desk, clear_desk)

int main(void) {
    const struct CMUnitTest tests[] = {
        DESK_TEST(a_whole_export_is_read_in_order),
        DESK_TEST(lines_must_follow_each_other),
        DESK_TEST(a_changed_character_is_found),
        DESK_TEST(the_last_line_must_end),
        DESK_TEST(a_record_is_what_its_line_says),
        DESK_TEST(a_folder_is_not_read),
        DESK_TEST(a_long_line_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
