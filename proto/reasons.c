#include "proto/reasons.h"

#include <string.h>

static const struct reason_entry entries[REASON_COUNT] = {
#define REASON(code, status, text, hint) [REASON_##code] = {#code, PB__STATUS__##status, text, hint},
#include "proto/reasons.def"
#undef REASON
};

const struct reason_entry *reason_entry(enum reason reason) {
    return &entries[reason];
}

const struct reason_entry *reason_by_code(const char *code) {
    for (size_t i = 0; i < REASON_COUNT; i++)
        if (strcmp(entries[i].code, code) == 0)
            return &entries[i];
    return NULL;
}

// The length of the "{name}" that `at` begins with; 0: it is none. The name goes to `name`.
static size_t placeholder(const char *at, char *name, size_t size) {
    if (*at != '{')
        return 0;
    size_t length = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_");
    if (length == 0 || length >= size || at[1 + length] != '}')
        return 0;
    memcpy(name, at + 1, length);
    name[length] = '\0';
    return length + 2;
}

// Appends what fits and says how long the whole would be.
static size_t append(char *out, size_t size, size_t at, const char *text, size_t length) {
    if (at < size) {
        size_t room = size - at - 1;
        size_t fits = length < room ? length : room;
        memcpy(out + at, text, fits);
        out[at + fits] = '\0';
    }
    return at + length;
}

size_t reason_format(char *out, size_t size, const char *template, const char *(*value)(void *ctx, const char *name),
                     void *ctx) {
    size_t total = append(out, size, 0, "", 0);
    for (const char *at = template; *at;) {
        char name[32];
        size_t length = placeholder(at, name, sizeof name);
        const char *text = length ? value(ctx, name) : NULL;
        if (text) {
            total = append(out, size, total, text, strlen(text));
        } else {
            length = length ? length : 1;
            total = append(out, size, total, at, length);
        }
        at += length;
    }
    return total;
}

const char *status_name(Pb__Status status) {
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(&pb__status__descriptor, (int)status);
    return value ? value->name : "UNKNOWN";
}
