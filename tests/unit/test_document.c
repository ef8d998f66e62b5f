// What proto/README.md says is what the code does. Run from the top of the tree. A test that fails prints the lines
// that the document should have.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "proto/frame.h"
#include "proto/limits.h"
#include "proto/message.h"
#include "server/rules/workflow.h"

enum { LINE = 1024, LINES_MAX = 512 };

struct lines {
    size_t count;
    char text[LINES_MAX][LINE];
};

static struct lines expected, found; // too large for the stack

__attribute__((format(printf, 1, 2))) static void expect(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    assert_true(expected.count < LINES_MAX);
    int length = vsnprintf(expected.text[expected.count++], LINE, format, arguments);
    assert_true(length > 0 && length < LINE);
    va_end(arguments);
}

// The lines between <!-- name --> and <!-- /name -->, empty ones and the head of a table left out.
static void read_section(const char *name) {
    char begin[64], end[64], line[LINE];
    bool inside = false, closed = false;
    FILE *file = fopen("proto/README.md", "r");
    assert_non_null(file);
    snprintf(begin, sizeof begin, "<!-- %s -->", name);
    snprintf(end, sizeof end, "<!-- /%s -->", name);
    found.count = 0;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        closed = closed || (inside && strcmp(line, end) == 0);
        inside = (inside || strcmp(line, begin) == 0) && !closed;
        bool head = strncmp(line, "|--", 3) == 0;
        if (head && inside && found.count > 0)
            found.count--; // the line above the rule names the columns
        if (!inside || head || !line[0] || strcmp(line, begin) == 0 || strncmp(line, "```", 3) == 0)
            continue;
        assert_true(found.count < LINES_MAX);
        memcpy(found.text[found.count++], line, sizeof line);
    }
    fclose(file);
    if (!closed)
        fail_msg("proto/README.md has no section %s", name);
}

static bool has(const struct lines *lines, const char *text) {
    for (size_t i = 0; i < lines->count; i++)
        if (strcmp(lines->text[i], text) == 0)
            return true;
    return false;
}

static void compare_section(const char *name) {
    size_t wrong = 0;
    read_section(name);
    for (size_t i = 0; i < expected.count; i++)
        if (!has(&found, expected.text[i]) && ++wrong)
            print_error("missing in %s:\n%s\n", name, expected.text[i]);
    for (size_t i = 0; i < found.count; i++)
        if (!has(&expected, found.text[i]) && ++wrong)
            print_error("not true in %s:\n%s\n", name, found.text[i]);
    assert_int_equal(wrong, 0);
    assert_int_equal(found.count, expected.count);
}

static void every_reason_is_documented(void **state) {
    (void)state;
    expected.count = 0;
    for (int i = 0; i < REASON_COUNT; i++) {
        const struct reason_entry *entry = reason_entry((enum reason)i);
        expect("| `%s` | %s | %s | %s |", entry->code, status_name(entry->status), entry->text, entry->hint);
    }
    compare_section("reasons");
}

// ---- limits ----

static void describe_value(const ProtobufCFieldDescriptor *field, const struct field_limits *row, char out[LINE]) {
    long long least = row->least, limit = row->limit;
    bool exact = row->least == row->limit;
    const char *name;
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        name = ((const ProtobufCMessageDescriptor *)field->descriptor)->short_name;
        snprintf(out, LINE, "`%s`", name);
        break;
    case PROTOBUF_C_TYPE_ENUM:
        name = ((const ProtobufCEnumDescriptor *)field->descriptor)->short_name;
        snprintf(out, LINE, "a known `%s`", name);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        snprintf(out, LINE, "true or false");
        break;
    case PROTOBUF_C_TYPE_BYTES:
        snprintf(out, LINE, exact ? "%lld bytes" : "%lld to %lld bytes", least, limit);
        break;
    case PROTOBUF_C_TYPE_STRING:
        if (row->form == FORM_DATE)
            snprintf(out, LINE, "a date, 2025-06-30");
        else
            snprintf(out, LINE, "text of %lld to %lld bytes", least, limit);
        break;
    default:
        snprintf(out, LINE, "%lld to %lld", least, limit);
    }
}

// A message that several requests have is documented once.
static void drop_if_repeated(void) {
    const char *last = expected.text[expected.count - 1];
    for (size_t i = 0; i + 1 < expected.count; i++)
        if (strcmp(expected.text[i], last) == 0) {
            expected.count--;
            return;
        }
}

static void expect_limits(const ProtobufCMessageDescriptor *message) {
    const struct field_limits *rows = limits_of(message);
    for (unsigned i = 0; i < message->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->fields[i];
        char value[LINE];
        bool list = field->label == PROTOBUF_C_LABEL_REPEATED;
        bool body = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
        describe_value(field, &rows[i], value);
        if (list)
            expect("| `%.64s.%.64s` | %u to %u times: %.200s | |", message->short_name, field->name,
                   rows[i].count_least, rows[i].count_limit, value);
        else if (!body)
            expect("| `%.64s.%.64s` | %.200s |%s |", message->short_name, field->name, value,
                   rows[i].required ? " required" : "");
        if (list || !body)
            drop_if_repeated();
    }
    for (unsigned i = 0; i < message->n_fields; i++)
        if (message->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            expect_limits(message->fields[i].descriptor);
}

static void every_limit_is_documented(void **state) {
    (void)state;
    expected.count = 0;
    expect_limits(&pb__request__descriptor);
    compare_section("limits");
}

// ---- the states ----

// A cell of a table, its spaces included.
static void add_cell(char line[LINE], const char *text) {
    size_t length = strlen(line);
    int added = snprintf(line + length, LINE - length, text[0] ? "| %s " : "|%s ", text);
    assert_true(added > 0 && (size_t)added < LINE - length);
}

static void add_refusals(char line[LINE], const struct transition *row) {
    char text[LINE] = "";
    for (size_t i = 0; i < row->n_guards; i++) {
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, "%s`%s`", i ? ", " : "", reason_entry(row->guards[i])->code);
    }
    add_cell(line, text);
}

static void every_step_is_documented(void **state) {
    (void)state;
    size_t count;
    const struct transition *rows = workflow_table(&count);
    expected.count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct transition *row = &rows[i];
        char line[LINE] = "", names[LINE];
        add_cell(line, step_name(row->step));
        add_cell(line, who_names(row->who, names, sizeof names));
        add_cell(line, period_state_names(row->period_states, names, sizeof names));
        add_cell(line, sheet_state_names(row->sheet_states, names, sizeof names));
        add_cell(line, row->period_next ? period_state_name((Pb__PeriodState)row->period_next) : "");
        add_cell(line, row->sheet_next ? sheet_state_name((Pb__SheetState)row->sheet_next) : "");
        add_refusals(line, row);
        expect("%s|", line);
    }
    compare_section("states");
    for (size_t i = 0; i < count; i++) // a table is read from the top: the order is the workflow's
        assert_string_equal(found.text[i], expected.text[i]);
}

// ---- requests ----

static void every_request_is_documented(void **state) {
    (void)state;
    size_t bodies = 0;
    read_section("requests");
    for (unsigned i = 0; i < pb__request__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &pb__request__descriptor.fields[i];
        char start[64];
        size_t rows = 0;
        if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
            continue;
        bodies++;
        snprintf(start, sizeof start, "| `%s` |", field->name);
        for (size_t line = 0; line < found.count; line++)
            rows += strncmp(found.text[line], start, strlen(start)) == 0;
        if (rows != 1)
            fail_msg("%s stands %zu times among the requests", field->name, rows);
    }
    assert_int_equal(found.count, bodies);
}

static void every_status_is_documented(void **state) {
    (void)state;
    read_section("statuses");
    assert_int_equal(found.count, pb__status__descriptor.n_values);
    for (size_t i = 0; i < found.count; i++) {
        char start[64];
        snprintf(start, sizeof start, "| %d `%s` |", pb__status__descriptor.values[i].value,
                 pb__status__descriptor.values[i].name);
        if (strncmp(found.text[i], start, strlen(start)) != 0)
            fail_msg("expected %s: %s", start, found.text[i]);
    }
}

// ---- the worked example ----

static size_t bytes_of(const char *hex, uint8_t *bytes) {
    size_t count = 0;
    for (unsigned byte; sscanf(hex, "%2x", &byte) == 1; hex += strspn(hex, " ")) {
        bytes[count++] = (uint8_t)byte;
        hex += strspn(hex, " ") + 2;
    }
    return count;
}

static const Pb__Request *example(struct arena *arena, const char *hex) {
    uint8_t bytes[LINE];
    size_t prefix, body, size = bytes_of(hex, bytes);
    uint64_t id;
    struct problems problems;
    problems_init(&problems, arena);
    assert_int_equal(frame_look(bytes, size, size, FRAME_LIMIT_UNAUTHENTICATED, &prefix, &body), FRAME_READY);
    assert_int_equal(prefix + body, size);
    const Pb__Request *request = message_unpack_request(arena, bytes + prefix, body, &id, &problems);
    assert_non_null(request);
    return request;
}

static void the_examples_are_requests(void **state) {
    (void)state;
    struct arena *arena = arena_new(MESSAGE_BUDGET);
    read_section("example");
    assert_int_equal(found.count, 2);
    const Pb__Request *hello = example(arena, found.text[0]);
    assert_int_equal(hello->body_case, PB__REQUEST__BODY_HELLO);
    assert_int_equal(hello->id, 1);
    assert_string_equal(hello->hello->program, "demo");
    const Pb__Request *ping = example(arena, found.text[1]);
    assert_int_equal(ping->body_case, PB__REQUEST__BODY_PING);
    assert_int_equal(ping->id, 2);
    arena_free(arena);
}

static void the_board_has_its_hash(void **state) {
    (void)state;
    uint8_t hash[32];
    char text[LINE] = "", hex[65];
    read_section("board");
    for (size_t i = 0; i < found.count; i++) {
        size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, "%s\n", found.text[i]);
    }
    assert_int_equal(found.count, 8);
    assert_int_equal(EVP_Digest(text, strlen(text), hash, NULL, EVP_sha256(), NULL), 1);
    for (size_t i = 0; i < sizeof hash; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)hash[i]);
    read_section("board-hash");
    assert_int_equal(found.count, 1);
    assert_string_equal(found.text[0], hex);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_is_documented),  cmocka_unit_test(every_limit_is_documented),
        cmocka_unit_test(every_request_is_documented), cmocka_unit_test(every_status_is_documented),
        cmocka_unit_test(every_step_is_documented),    cmocka_unit_test(the_examples_are_requests),
        cmocka_unit_test(the_board_has_its_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
