#include "server/ledger/rows.h"

#include <string.h>

#include "server/ledger/record.h"

static struct record_writer begin_row(uint8_t *out, size_t room) {
    struct record_writer writer = {.bytes = out, .room = room};
    record_put_u8(&writer, ROW_VERSION);
    return writer;
}

static struct span end_row(const struct record_writer *writer) {
    return (struct span){writer->bytes, writer->size};
}

static struct record_reader read_row(struct span row) {
    struct record_reader reader = {.bytes = row.bytes, .left = row.size};
    uint8_t version = record_get_u8(&reader);
    reader.bad |= version != ROW_VERSION;
    return reader;
}

// A state or role, which must be one of the enum's.
static int get_enum(struct record_reader *reader, const ProtobufCEnumDescriptor *descriptor) {
    int value = record_get_u8(reader);
    reader->bad |= !protobuf_c_enum_descriptor_get_value(descriptor, value);
    return value;
}

// ---- accounts ----

struct span row_from_account(const struct account *account, uint8_t *out) {
    struct record_writer writer = begin_row(out, ROW_ACCOUNT_MAX);
    size_t label = strnlen(account->label, LABEL_MAX);
    record_put_u8(&writer, (uint8_t)account->role);
    record_put_u32(&writer, account->unit);
    record_put_bool(&writer, account->enrolled);
    record_put_bool(&writer, account->revoked);
    record_put_bytes(&writer, account->verifier, sizeof account->verifier);
    record_put_i64(&writer, account->created_ms);
    record_put_i64(&writer, account->expires_ms);
    record_put_bytes(&writer, account->code_hash, sizeof account->code_hash);
    record_put_i64(&writer, account->code_expires_ms);
    record_put_bool(&writer, account->code_spent);
    record_put_u64(&writer, account->seq);
    record_put_u8(&writer, (uint8_t)label);
    record_put_bytes(&writer, account->label, label);
    return end_row(&writer);
}

bool row_to_account(struct span row, uint32_t number, struct account *account) {
    struct record_reader reader = read_row(row);
    *account = (struct account){.number = number};
    account->role = (Pb__Role)get_enum(&reader, &pb__role__descriptor);
    account->unit = record_get_u32(&reader);
    account->enrolled = record_get_bool(&reader);
    account->revoked = record_get_bool(&reader);
    record_get_bytes(&reader, account->verifier, sizeof account->verifier);
    account->created_ms = record_get_i64(&reader);
    account->expires_ms = record_get_i64(&reader);
    record_get_bytes(&reader, account->code_hash, sizeof account->code_hash);
    account->code_expires_ms = record_get_i64(&reader);
    account->code_spent = record_get_bool(&reader);
    account->seq = record_get_u64(&reader);
    size_t label = record_get_u8(&reader);
    reader.bad |= label > LABEL_MAX;
    record_get_bytes(&reader, account->label, reader.bad ? 0 : label);
    return record_done(&reader);
}

// ---- periods ----

struct span row_from_period(const struct period_row *period, uint8_t *out) {
    struct record_writer writer = begin_row(out, ROW_PERIOD_MAX);
    record_put_u8(&writer, (uint8_t)period->state);
    record_put_u64(&writer, period->definition_seq);
    record_put_u64(&writer, period->seq);
    record_put_bool(&writer, period->deadline_passed);
    return end_row(&writer);
}

bool row_to_period(struct span row, uint32_t number, struct period_row *period) {
    struct record_reader reader = read_row(row);
    period->number = number;
    period->state = (Pb__PeriodState)get_enum(&reader, &pb__period_state__descriptor);
    period->definition_seq = record_get_u64(&reader);
    period->seq = record_get_u64(&reader);
    period->deadline_passed = record_get_bool(&reader);
    return record_done(&reader);
}

// ---- sheets ----

void sheet_blank(struct sheet *sheet, size_t n_leaves) {
    *sheet = (struct sheet){.state = PB__SHEET_STATE__NONE,
                            .n_leaves = n_leaves,
                            .self_total_cp = POINTS_NONE,
                            .handed_total_cp = POINTS_NONE};
    for (size_t i = 0; i < n_leaves; i++)
        sheet->self_cp[i] = sheet->handed_cp[i] = POINTS_NONE;
}

struct span row_from_sheet(const struct sheet *sheet, uint8_t *out) {
    struct record_writer writer = begin_row(out, ROW_SHEET_MAX);
    record_put_u8(&writer, (uint8_t)sheet->state);
    record_put_u32(&writer, sheet->sheet_revision);
    record_put_u64(&writer, sheet->seq);
    record_put_u64(&writer, sheet->handed_seq);
    record_put_u64(&writer, sheet->signed_seq);
    record_put_bool(&writer, sheet->late);
    record_put_i32(&writer, sheet->self_total_cp);
    record_put_i32(&writer, sheet->handed_total_cp);
    record_put_u16(&writer, (uint16_t)sheet->n_leaves);
    for (size_t i = 0; i < sheet->n_leaves; i++)
        record_put_i32(&writer, sheet->self_cp[i]);
    for (size_t i = 0; i < sheet->n_leaves; i++)
        record_put_i32(&writer, sheet->handed_cp[i]);
    return end_row(&writer);
}

bool row_to_sheet(struct span row, struct sheet *sheet) {
    struct record_reader reader = read_row(row);
    sheet->state = (Pb__SheetState)get_enum(&reader, &pb__sheet_state__descriptor);
    sheet->sheet_revision = record_get_u32(&reader);
    sheet->seq = record_get_u64(&reader);
    sheet->handed_seq = record_get_u64(&reader);
    sheet->signed_seq = record_get_u64(&reader);
    sheet->late = record_get_bool(&reader);
    sheet->self_total_cp = record_get_i32(&reader);
    sheet->handed_total_cp = record_get_i32(&reader);
    sheet->n_leaves = record_get_u16(&reader);
    if (sheet->n_leaves > PERIOD_CRITERIA_MAX)
        return false;
    for (size_t i = 0; i < sheet->n_leaves; i++)
        sheet->self_cp[i] = record_get_i32(&reader);
    for (size_t i = 0; i < sheet->n_leaves; i++)
        sheet->handed_cp[i] = record_get_i32(&reader);
    return record_done(&reader);
}

// ---- lines ----

struct span row_from_line(const struct line *line, uint8_t *out) {
    struct record_writer writer = begin_row(out, ROW_LINE_MAX);
    record_put_i32(&writer, line->points_cp);
    record_put_u32(&writer, line->revision);
    record_put_u64(&writer, line->seq);
    record_put_bool(&writer, line->has_actual);
    if (line->has_actual)
        record_put_i64(&writer, line->actual);
    return end_row(&writer);
}

bool row_to_line(struct span row, struct line *line) {
    struct record_reader reader = read_row(row);
    line->points_cp = record_get_i32(&reader);
    line->revision = record_get_u32(&reader);
    line->seq = record_get_u64(&reader);
    line->has_actual = record_get_bool(&reader);
    line->actual = line->has_actual ? record_get_i64(&reader) : 0;
    return record_done(&reader);
}

// ---- keys ----

struct span key_of_number(uint32_t number, uint8_t out[4]) {
    store_key_u32(out, number);
    return (struct span){out, 4};
}

struct span key_of_submission(const uint8_t id[16], uint32_t owner, uint8_t out[KEY_SUBMISSION]) {
    memcpy(out, id, 16);
    store_key_u32(out + 16, owner);
    return (struct span){out, KEY_SUBMISSION};
}

struct span key_of_sheet(uint32_t period, uint32_t unit, uint8_t out[KEY_SHEET]) {
    store_key_u32(out, period);
    store_key_u32(out + 4, unit);
    return (struct span){out, KEY_SHEET};
}

struct span key_of_line(uint32_t period, uint32_t unit, size_t leaf, uint8_t out[KEY_LINE]) {
    key_of_sheet(period, unit, out);
    store_key_u16(out + KEY_SHEET, (uint16_t)leaf);
    return (struct span){out, KEY_LINE};
}

struct span key_of_name(char kind, const char *id, uint8_t out[KEY_NAME_MAX]) {
    size_t size = strnlen(id, KEY_NAME_MAX);
    if (size == 0 || size >= KEY_NAME_MAX)
        return (struct span){0};
    out[0] = (uint8_t)kind;
    memcpy(out + 1, id, size);
    return (struct span){out, size + 1};
}

struct span key_of_text(const char *text) {
    return (struct span){(const uint8_t *)text, strlen(text)};
}
