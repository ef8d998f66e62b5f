#include "client/import/field_limit.h"

#include <string.h>

#include "proto/limits.h"

static struct field_limits find(const ProtobufCMessageDescriptor *message, const char *field) {
    const struct field_limits *rows = limits_of(message);
    for (unsigned i = 0; rows && i < message->n_fields; i++)
        if (!strcmp(rows[i].name, field))
            return rows[i];
    return (struct field_limits){.limit = INT64_MAX, .count_limit = UINT32_MAX};
}

int64_t field_limit(const ProtobufCMessageDescriptor *message, const char *field) {
    return find(message, field).limit;
}

size_t field_count_limit(const ProtobufCMessageDescriptor *message, const char *field) {
    return find(message, field).count_limit;
}
