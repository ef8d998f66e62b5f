#include "client/output/reflect.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/value.h"

// How late: a length, beside the flag "late" that says whether.
#define LATE "late_ms"

static bool ends(const char *name, const char *ending) {
    size_t n = strlen(name), m = strlen(ending);
    return n > m && !strcmp(name + n - m, ending);
}

static bool is_points(const ProtobufCFieldDescriptor *field) {
    return ends(field->name, "_cp");
}

static bool is_time(const ProtobufCFieldDescriptor *field) {
    static const char *const lengths[] = {"ttl_ms", "uptime_ms", "clock_back_ms", "commit_age_ms", LATE};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
        if (!strcmp(field->name, lengths[i]))
            return false;
    return ends(field->name, "_ms");
}

static json_t *number(const ProtobufCFieldDescriptor *field, int64_t value) {
    if (is_points(field))
        return value_points(field->label != PROTOBUF_C_LABEL_REPEATED || value >= 0, value);
    if (!strcmp(field->name, "deadline_ms") || !strcmp(field->name, "until_ms"))
        return value_deadline(true, value);
    if (!strcmp(field->name, LATE))
        return value_seconds(true, value);
    return is_time(field) ? value_time(true, value) : value_number(true, value);
}

static json_t *message_value(const ProtobufCMessage *message, bool all);

static json_t *element(const ProtobufCFieldDescriptor *field, const void *at, bool all) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return number(field, *(const int32_t *)at);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return number(field, *(const uint32_t *)at);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return number(field, *(const int64_t *)at);
    case PROTOBUF_C_TYPE_BOOL:
        return value_flag(*(const protobuf_c_boolean *)at);
    case PROTOBUF_C_TYPE_ENUM:
        return value_enum(field->descriptor, true, *(const int *)at);
    case PROTOBUF_C_TYPE_STRING:
        return value_text(*(const char *const *)at);
    case PROTOBUF_C_TYPE_BYTES:
        return value_bytes(at);
    case PROTOBUF_C_TYPE_MESSAGE:
        return message_value(*(const ProtobufCMessage *const *)at, all);
    default:
        return json_null(); // the protocol has no floating-point fields
    }
}

static size_t element_size(ProtobufCType type) {
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    default:
        return 4;
    }
}

static json_t *list(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, bool all) {
    const char *base = (const char *)message;
    size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset);
    const char *const *elements = (const void *)(base + field->offset);
    json_t *array = must(json_array());
    for (size_t i = 0; i < count; i++)
        append(array, element(field, *elements + i * element_size(field->type), all));
    return array;
}

static bool is_there(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    const char *base = (const char *)message;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)(const void *)(base + field->quantifier_offset) == field->id;
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(const void *const *)(const void *)(base + field->offset);
    return *(const protobuf_c_boolean *)(const void *)(base + field->quantifier_offset);
}

static char *key_of(const ProtobufCFieldDescriptor *field) {
    char *key = must_strdup(strcmp(field->name, LATE) ? field->name : "late_seconds");
    if (is_points(field) || is_time(field))
        key[strlen(key) - 3] = 0;
    return key;
}

static json_t *field_value(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, bool all) {
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        json_t *array = list(message, field, all);
        if (all || json_array_size(array))
            return array;
        json_decref(array);
        return NULL;
    }
    if (is_there(message, field))
        return element(field, (const char *)message + field->offset, all);
    if (!all || field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return NULL;
    return field->type == PROTOBUF_C_TYPE_BOOL ? json_false() : json_null();
}

static json_t *message_value(const ProtobufCMessage *message, bool all) {
    json_t *object = must(json_object());
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        json_t *value = field_value(message, field, all);
        char *key = key_of(field);
        if (value)
            put(object, key, value);
        free(key);
    }
    return object;
}

json_t *reflect(const ProtobufCMessage *message) {
    return message_value(message, false);
}

json_t *reflect_all(const ProtobufCMessage *message) {
    return message_value(message, true);
}

const char *reflect_body(const ProtobufCMessage *message, const ProtobufCMessage **body) {
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE || !is_there(message, field))
            continue;
        *body = *(const ProtobufCMessage *const *)(const void *)((const char *)message + field->offset);
        return field->name;
    }
    return NULL;
}
