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
    record_put_u64(&writer, period->own_seq);
    record_put_bool(&writer, period->deadline_passed);
    record_put_u32(&writer, period->extended);
    record_put_bytes(&writer, period->board_hash, sizeof period->board_hash);
    return end_row(&writer);
}

bool row_to_period(struct span row, uint32_t number, struct period_row *period) {
    struct record_reader reader = read_row(row);
    period->number = number;
    period->state = (Pb__PeriodState)get_enum(&reader, &pb__period_state__descriptor);
    period->definition_seq = record_get_u64(&reader);
    period->seq = record_get_u64(&reader);
    period->own_seq = record_get_u64(&reader);
    period->deadline_passed = record_get_bool(&reader);
    period->extended = record_get_u32(&reader);
    record_get_bytes(&reader, period->board_hash, sizeof period->board_hash);
    return record_done(&reader);
}

// ---- sheets ----

// What a sheet's row holds beside the unit's own points. The row is written with every score: what is empty is left
// out.
enum sheet_part {
    PART_HANDED = 1 << 0,
    PART_AWARDS = 1 << 1, // the entries of hold, adjustment and nomination
    PART_DEADLINE = 1 << 2,
    PART_APPRAISED = 1 << 3,
    PART_FINAL = 1 << 4,
    PART_DEDUCTED = 1 << 5,
    PART_RETURNED = 1 << 6,
    PARTS_KNOWN = (1 << 7) - 1,
};

void sheet_blank(struct sheet *sheet, size_t n_leaves) {
    memset(sheet, 0, offsetof(struct sheet, self_cp));
    sheet->state = PB__SHEET_STATE__NONE;
    sheet->n_leaves = n_leaves;
    sheet->self_total_cp = sheet->handed_total_cp = POINTS_NONE;
    figures_blank(&sheet->appraised, n_leaves);
    figures_blank(&sheet->final, n_leaves);
    for (size_t i = 0; i < n_leaves; i++) {
        sheet->self_cp[i] = sheet->handed_cp[i] = POINTS_NONE;
        sheet->deducted_cp[i] = 0;
    }
}

static void copy_figures(struct figures *to, const struct figures *from, size_t n_leaves) {
    memcpy(to, from, offsetof(struct figures, points_cp) + n_leaves * sizeof *from->points_cp);
}

void sheet_copy(struct sheet *to, const struct sheet *from) {
    size_t size = from->n_leaves * sizeof *from->self_cp;
    memcpy(to, from, offsetof(struct sheet, self_cp));
    memcpy(to->self_cp, from->self_cp, size);
    memcpy(to->handed_cp, from->handed_cp, size);
    memcpy(to->deducted_cp, from->deducted_cp, size);
    copy_figures(&to->appraised, &from->appraised, from->n_leaves);
    copy_figures(&to->final, &from->final, from->n_leaves);
}

bool figures_empty(const struct figures *figures) {
    return figures->base_cp == POINTS_NONE && figures->bonus_cp == 0 && figures->deduction_cp == 0;
}

bool sheet_has_deductions(const struct sheet *sheet) {
    for (size_t i = 0; i < sheet->n_leaves; i++)
        if (sheet->deducted_cp[i])
            return true;
    return false;
}

static unsigned parts_of(const struct sheet *sheet) {
    unsigned parts = sheet->handed_seq ? PART_HANDED : 0;
    if (sheet->held_seq || sheet->adjusted_seq || sheet->nominated_seq)
        parts |= PART_AWARDS;
    if (sheet->until_ms)
        parts |= PART_DEADLINE;
    if (!figures_empty(&sheet->appraised))
        parts |= PART_APPRAISED;
    if (!figures_empty(&sheet->final))
        parts |= PART_FINAL;
    if (sheet_has_deductions(sheet))
        parts |= PART_DEDUCTED;
    if (sheet->returned_seq)
        parts |= PART_RETURNED;
    return parts;
}

static void put_points(struct record_writer *writer, const int32_t *points_cp, size_t n_leaves) {
    for (size_t i = 0; i < n_leaves; i++)
        record_put_i32(writer, points_cp[i]);
}

static void get_points(struct record_reader *reader, int32_t *points_cp, size_t n_leaves) {
    for (size_t i = 0; i < n_leaves; i++)
        points_cp[i] = record_get_i32(reader);
}

static void put_figures(struct record_writer *writer, const struct figures *figures, size_t n_leaves) {
    record_put_i32(writer, figures->base_cp);
    record_put_i32(writer, figures->bonus_cp);
    record_put_i32(writer, figures->deduction_cp);
    record_put_i32(writer, figures->total_cp);
    put_points(writer, figures->points_cp, n_leaves);
}

static void get_figures(struct record_reader *reader, struct figures *figures, size_t n_leaves) {
    figures->base_cp = record_get_i32(reader);
    figures->bonus_cp = record_get_i32(reader);
    figures->deduction_cp = record_get_i32(reader);
    figures->total_cp = record_get_i32(reader);
    get_points(reader, figures->points_cp, n_leaves);
}

static void put_handed(struct record_writer *writer, const struct sheet *sheet) {
    record_put_u64(writer, sheet->handed_seq);
    record_put_bool(writer, sheet->late);
    record_put_i64(writer, sheet->late_ms);
    record_put_i32(writer, sheet->handed_total_cp);
    put_points(writer, sheet->handed_cp, sheet->n_leaves);
}

static void get_handed(struct record_reader *reader, struct sheet *sheet) {
    sheet->handed_seq = record_get_u64(reader);
    sheet->late = record_get_bool(reader);
    sheet->late_ms = record_get_i64(reader);
    sheet->handed_total_cp = record_get_i32(reader);
    get_points(reader, sheet->handed_cp, sheet->n_leaves);
}

static void put_parts(struct record_writer *writer, const struct sheet *sheet, unsigned parts) {
    if (parts & PART_HANDED)
        put_handed(writer, sheet);
    if (parts & PART_AWARDS) {
        record_put_u64(writer, sheet->held_seq);
        record_put_u64(writer, sheet->adjusted_seq);
        record_put_u64(writer, sheet->nominated_seq);
        record_put_u32(writer, sheet->n_adjusted);
        record_put_u32(writer, sheet->n_nominated);
    }
    if (parts & PART_DEADLINE) {
        record_put_i64(writer, sheet->until_ms);
        record_put_bool(writer, sheet->until_passed);
    }
    if (parts & PART_APPRAISED)
        put_figures(writer, &sheet->appraised, sheet->n_leaves);
    if (parts & PART_FINAL)
        put_figures(writer, &sheet->final, sheet->n_leaves);
    if (parts & PART_DEDUCTED)
        put_points(writer, sheet->deducted_cp, sheet->n_leaves);
    if (parts & PART_RETURNED)
        record_put_u64(writer, sheet->returned_seq);
}

// The sheet is blank yet, but for what comes before the parts.
static void get_parts(struct record_reader *reader, struct sheet *sheet, unsigned parts) {
    if (parts & PART_HANDED)
        get_handed(reader, sheet);
    if (parts & PART_AWARDS) {
        sheet->held_seq = record_get_u64(reader);
        sheet->adjusted_seq = record_get_u64(reader);
        sheet->nominated_seq = record_get_u64(reader);
        sheet->n_adjusted = record_get_u32(reader);
        sheet->n_nominated = record_get_u32(reader);
    }
    if (parts & PART_DEADLINE) {
        sheet->until_ms = record_get_i64(reader);
        sheet->until_passed = record_get_bool(reader);
    }
    if (parts & PART_APPRAISED)
        get_figures(reader, &sheet->appraised, sheet->n_leaves);
    if (parts & PART_FINAL)
        get_figures(reader, &sheet->final, sheet->n_leaves);
    if (parts & PART_DEDUCTED)
        get_points(reader, sheet->deducted_cp, sheet->n_leaves);
    if (parts & PART_RETURNED)
        sheet->returned_seq = record_get_u64(reader);
}

struct span row_from_sheet(const struct sheet *sheet, uint8_t *out) {
    struct record_writer writer = begin_row(out, ROW_SHEET_MAX);
    unsigned parts = parts_of(sheet);
    record_put_u16(&writer, (uint16_t)sheet->n_leaves);
    record_put_u8(&writer, (uint8_t)parts);
    record_put_u8(&writer, (uint8_t)sheet->state);
    record_put_u32(&writer, sheet->sheet_revision);
    record_put_u64(&writer, sheet->seq);
    record_put_u64(&writer, sheet->signed_seq);
    record_put_i32(&writer, sheet->self_total_cp);
    put_points(&writer, sheet->self_cp, sheet->n_leaves);
    put_parts(&writer, sheet, parts);
    return end_row(&writer);
}

bool row_to_sheet(struct span row, struct sheet *sheet) {
    struct record_reader reader = read_row(row);
    size_t n_leaves = record_get_u16(&reader);
    unsigned parts = record_get_u8(&reader);
    if (n_leaves > PERIOD_CRITERIA_MAX || (parts & ~(unsigned)PARTS_KNOWN))
        return false;
    sheet_blank(sheet, n_leaves);
    sheet->state = (Pb__SheetState)get_enum(&reader, &pb__sheet_state__descriptor);
    sheet->sheet_revision = record_get_u32(&reader);
    sheet->seq = record_get_u64(&reader);
    sheet->signed_seq = record_get_u64(&reader);
    sheet->self_total_cp = record_get_i32(&reader);
    get_points(&reader, sheet->self_cp, n_leaves);
    get_parts(&reader, sheet, parts);
    return record_done(&reader);
}

// ---- lines ----

enum line_part {
    LINE_ACTUAL = 1 << 0,
    LINE_APPRAISED = 1 << 1,
    LINE_EXPLAINED = 1 << 2,
    LINE_PARTS_KNOWN = (1 << 3) - 1,
};

struct span row_from_line(const struct line *line, uint8_t *out) {
    struct record_writer writer = begin_row(out, ROW_LINE_MAX);
    unsigned parts = (line->has_actual ? LINE_ACTUAL : 0u) | (line->appraised_seq ? LINE_APPRAISED : 0u) |
                     (line->explained_seq ? LINE_EXPLAINED : 0u);
    record_put_u8(&writer, (uint8_t)parts);
    record_put_i32(&writer, line->points_cp);
    record_put_u32(&writer, line->revision);
    record_put_u64(&writer, line->seq);
    if (parts & LINE_ACTUAL)
        record_put_i64(&writer, line->actual);
    if (parts & LINE_APPRAISED) {
        record_put_u32(&writer, line->appraised_revision);
        record_put_u64(&writer, line->appraised_seq);
    }
    if (parts & LINE_EXPLAINED)
        record_put_u64(&writer, line->explained_seq);
    return end_row(&writer);
}

bool row_to_line(struct span row, struct line *line) {
    struct record_reader reader = read_row(row);
    unsigned parts = record_get_u8(&reader);
    reader.bad |= (parts & ~(unsigned)LINE_PARTS_KNOWN) != 0;
    *line = (struct line){.has_actual = (parts & LINE_ACTUAL) != 0};
    line->points_cp = record_get_i32(&reader);
    line->revision = record_get_u32(&reader);
    line->seq = record_get_u64(&reader);
    if (parts & LINE_ACTUAL)
        line->actual = record_get_i64(&reader);
    if (parts & LINE_APPRAISED) {
        line->appraised_revision = record_get_u32(&reader);
        line->appraised_seq = record_get_u64(&reader);
    }
    if (parts & LINE_EXPLAINED)
        line->explained_seq = record_get_u64(&reader);
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

struct span key_of_deadline(uint32_t period, int64_t until_ms, uint32_t unit, uint8_t out[KEY_DEADLINE]) {
    store_key_u32(out, period);
    store_key_u64(out + 4, (uint64_t)until_ms);
    store_key_u32(out + 12, unit);
    return (struct span){out, KEY_DEADLINE};
}

struct span key_of_name(char kind, const char *id, uint8_t out[KEY_NAME_MAX]) {
    size_t size = strnlen(id, KEY_NAME_MAX);
    if (size == 0 || size >= KEY_NAME_MAX)
        return (struct span){0};
    out[0] = (uint8_t)kind;
    memcpy(out + 1, id, size);
    return (struct span){out, size + 1};
}

struct span key_of_past(uint64_t last, uint8_t out[KEY_PAST]) {
    memcpy(out, PAST, KEY_PAST - 8);
    store_key_u64(out + KEY_PAST - 8, last);
    return (struct span){out, KEY_PAST};
}

struct span key_of_text(const char *text) {
    return (struct span){(const uint8_t *)text, strlen(text)};
}
