// The one validation: a walk over a message by its descriptor, each field against its row in limits.c.
#include <stdio.h>
#include <string.h>

#include "proto/limits.h"
#include "proto/message.h"
#include "proto/text.h"

enum { NOT_REPEATED = -1, PATH_SIZE = 256 };

// Where in the message a value stands; rendered only when it must be named.
struct place {
    const struct place *above; // NULL: the message that is validated
    const char *name;          // of the field, or of the message at the top
    long index;                // in a repeated field, from 0
};

static void path_of(const struct place *place, char path[PATH_SIZE]) {
    if (!place->above) {
        snprintf(path, PATH_SIZE, "%s", place->name);
        return;
    }
    path[0] = '\0';
    if (place->above->above)
        path_of(place->above, path);
    size_t length = strlen(path);
    const char *dot = length > 0 ? "." : "";
    if (place->index == NOT_REPEATED)
        snprintf(path + length, PATH_SIZE - length, "%s%s", dot, place->name);
    else
        snprintf(path + length, PATH_SIZE - length, "%s%s[%ld]", dot, place->name, place->index);
}

static bool named_problem(struct problems *problems, enum reason reason, const struct place *place) {
    char path[PATH_SIZE];
    path_of(place, path);
    return problem(problems, reason, arg_text("field", path));
}

static bool outside(struct problems *problems, enum reason reason, const struct place *place, struct argument value,
                    struct argument least, struct argument limit) {
    char path[PATH_SIZE];
    path_of(place, path);
    return problem(problems, reason, arg_text("field", path), value, least, limit);
}

static bool length_within(struct problems *problems, const struct place *place, const struct field_limits *limits,
                          size_t length) {
    if (length >= (size_t)limits->least && length <= (size_t)limits->limit)
        return true;
    return outside(problems, REASON_FIELD_LENGTH, place, arg_number("value", (int64_t)length),
                   arg_number("least", limits->least), arg_number("limit", limits->limit));
}

static bool is_date(const char *text) {
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned number[3] = {0, 0, 0}; // year, month, day
    for (size_t i = 0, part = 0; i < 10; i++) {
        if (i == 4 || i == 7) {
            if (text[i] != '-')
                return false;
            part++;
        } else {
            if (text[i] < '0' || text[i] > '9')
                return false;
            number[part] = number[part] * 10 + (unsigned)(text[i] - '0');
        }
    }
    if (text[10] != '\0' || number[0] == 0 || number[1] < 1 || number[1] > 12 || number[2] < 1)
        return false;
    bool leap = number[0] % 4 == 0 && (number[0] % 100 != 0 || number[0] % 400 == 0);
    return number[2] <= days[number[1] - 1] + (number[1] == 2 && leap);
}

static bool check_text(struct problems *problems, const struct place *place, const struct field_limits *limits,
                       const char *text) {
    static const enum reason reasons[] = {[TEXT_NOT_UTF8] = REASON_TEXT_NOT_UTF8,
                                          [TEXT_NOT_NFC] = REASON_TEXT_NOT_NFC,
                                          [TEXT_CONTROL] = REASON_TEXT_CONTROL};
    size_t length = strlen(text);
    if (!length_within(problems, place, limits, length))
        return false;
    enum text_verdict verdict = text_judge(text, length);
    if (verdict != TEXT_OK)
        return named_problem(problems, reasons[verdict], place);
    if (limits->form == FORM_DATE && !is_date(text)) {
        char path[PATH_SIZE];
        path_of(place, path);
        return problem(problems, REASON_DEFINITION_DATE, arg_text("field", path), arg_text("value", text));
    }
    return true;
}

// A number of any width and sign; what an int64 cannot hold counts as its largest.
static int64_t number_of(ProtobufCType type, const void *value) {
    switch (type) {
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return *(const uint32_t *)value;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return *(const int64_t *)value;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return *(const uint64_t *)value > INT64_MAX ? INT64_MAX : (int64_t) * (const uint64_t *)value;
    default:
        return *(const int32_t *)value;
    }
}

static bool exceeds_int64(ProtobufCType type, const void *value) {
    return (type == PROTOBUF_C_TYPE_UINT64 || type == PROTOBUF_C_TYPE_FIXED64) && *(const uint64_t *)value > INT64_MAX;
}

// How the reader is shown the numbers of a field: as points where its name ends in _cp.
static struct argument number_argument(const ProtobufCFieldDescriptor *field, const struct field_limits *limits,
                                       const char *name, int64_t number) {
    size_t length = strlen(field->name);
    if (length > 3 && strcmp(field->name + length - 3, "_cp") == 0)
        return arg_points(name, number);
    return limits->form == FORM_TIME ? arg_time(name, number) : arg_number(name, number);
}

static bool check_number(struct problems *problems, const struct place *place, const ProtobufCFieldDescriptor *field,
                         const struct field_limits *limits, const void *value) {
    int64_t number = number_of(field->type, value);
    if (number >= limits->least && number <= limits->limit && !exceeds_int64(field->type, value))
        return true;
    return outside(problems, REASON_FIELD_RANGE, place, number_argument(field, limits, "value", number),
                   number_argument(field, limits, "least", limits->least),
                   number_argument(field, limits, "limit", limits->limit));
}

static bool check_enum(struct problems *problems, const struct place *place, const ProtobufCEnumDescriptor *known,
                       int number) {
    if (protobuf_c_enum_descriptor_get_value(known, number))
        return true;
    char path[PATH_SIZE];
    path_of(place, path);
    return problem(problems, REASON_FIELD_VALUE, arg_text("field", path), arg_number("value", number));
}

static bool check_message(struct problems *problems, const struct place *place, const ProtobufCMessage *message,
                          const struct field_limits *rows);

// A message has its own limits, those of the field apply to everything else.
static bool check_value(struct problems *problems, const struct place *place, const ProtobufCFieldDescriptor *field,
                        const struct field_limits *limits, const struct field_limits *rows, const void *value) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE: {
        const ProtobufCMessage *message = *(ProtobufCMessage *const *)value;
        return message ? check_message(problems, place, message, rows)
                       : named_problem(problems, REASON_FIELD_MISSING, place);
    }
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(const char *const *)value;
        return text ? check_text(problems, place, limits, text) : named_problem(problems, REASON_FIELD_MISSING, place);
    }
    case PROTOBUF_C_TYPE_BYTES:
        return length_within(problems, place, limits, ((const ProtobufCBinaryData *)value)->len);
    case PROTOBUF_C_TYPE_ENUM:
        return check_enum(problems, place, field->descriptor, *(const int *)value);
    case PROTOBUF_C_TYPE_BOOL:
        return true;
    default:
        return check_number(problems, place, field, limits, value);
    }
}

static size_t element_size(ProtobufCType type) {
    switch (type) {
    case PROTOBUF_C_TYPE_MESSAGE:
    case PROTOBUF_C_TYPE_STRING:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return sizeof(int64_t);
    default:
        return sizeof(int32_t);
    }
}

static bool check_list(struct problems *problems, struct place *place, const ProtobufCFieldDescriptor *field,
                       const struct field_limits *limits, const struct field_limits *rows, const char *base) {
    size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset);
    if (count < limits->count_least || count > limits->count_limit)
        return outside(problems, REASON_FIELD_COUNT, place, arg_number("value", (int64_t)count),
                       arg_number("least", limits->count_least), arg_number("limit", limits->count_limit));
    const char *elements = *(const char *const *)(const void *)(base + field->offset);
    bool fine = true;
    for (size_t i = 0; i < count; i++) {
        place->index = (long)i;
        if (!check_value(problems, place, field, limits, rows, elements + i * element_size(field->type)))
            fine = false;
    }
    return fine;
}

static bool is_present(const ProtobufCFieldDescriptor *field, const char *base) {
    const void *value = base + field->offset;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)(const void *)(base + field->quantifier_offset) == field->id;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_STRING)
        return *(const void *const *)value != NULL;
    return *(const protobuf_c_boolean *)(const void *)(base + field->quantifier_offset);
}

static bool check_field(struct problems *problems, const struct place *above, const ProtobufCFieldDescriptor *field,
                        const struct field_limits *limits, const ProtobufCMessage *message) {
    const char *base = (const char *)message;
    const struct field_limits *rows = field->type == PROTOBUF_C_TYPE_MESSAGE ? limits_of(field->descriptor) : NULL;
    struct place place = {.above = above, .name = field->name, .index = NOT_REPEATED};
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return check_list(problems, &place, field, limits, rows, base);
    if (is_present(field, base))
        return check_value(problems, &place, field, limits, rows, base + field->offset);
    return !limits->required || named_problem(problems, REASON_FIELD_MISSING, &place);
}

static bool check_message(struct problems *problems, const struct place *place, const ProtobufCMessage *message,
                          const struct field_limits *rows) {
    if (!rows)
        return problem(problems, REASON_DEFECT, arg_text("value", message->descriptor->name));
    bool fine = true;
    if (message->n_unknown_fields > 0)
        fine = named_problem(problems, REASON_UNKNOWN_FIELD, place);
    for (unsigned i = 0; i < message->descriptor->n_fields; i++)
        if (!check_field(problems, place, &message->descriptor->fields[i], &rows[i], message))
            fine = false;
    return fine;
}

bool message_validate(const ProtobufCMessage *message, struct problems *problems) {
    struct place top = {.above = NULL, .name = message->descriptor->short_name, .index = NOT_REPEATED};
    return check_message(problems, &top, message, limits_of(message->descriptor));
}
