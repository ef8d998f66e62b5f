#include "client/output/value.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/hex.h"
#include "client/instant.h"
#include "client/memory.h"

void put(json_t *object, const char *key, json_t *value) {
    if (json_object_set_new(object, key, value))
        must(NULL);
}

void append(json_t *array, json_t *value) {
    if (json_array_append_new(array, value))
        must(NULL);
}

json_t *value_text(const char *text) {
    if (!text)
        return json_null();
    json_t *value = json_string(text);
    if (value)
        return value;
    // A server that sends bytes that are not UTF-8: the answer is still shown.
    char *ascii = must_strdup(text);
    for (char *at = ascii; *at; at++)
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    value = must(json_string(ascii));
    free(ascii);
    return value;
}

json_t *value_texts(size_t count, const char *const *texts) {
    json_t *array = must(json_array());
    for (size_t i = 0; i < count; i++)
        append(array, value_text(texts[i]));
    return array;
}

json_t *value_flag(bool flag) {
    return json_boolean(flag);
}

json_t *value_count(bool has, uint64_t count) {
    return has ? must(json_integer((json_int_t)count)) : json_null();
}

json_t *value_number(bool has, int64_t number) {
    return has ? must(json_integer(number)) : json_null();
}

json_t *value_points(bool has, int64_t points_cp) {
    if (!has)
        return json_null();
    if (points_cp % 100 == 0)
        return must(json_integer(points_cp / 100));
    return must(json_real((double)points_cp / 100));
}

json_t *value_time(bool has, int64_t time_ms) {
    char text[INSTANT_TEXT];
    return has ? must(json_string(instant_iso(text, time_ms))) : json_null();
}

json_t *value_deadline(bool has, int64_t late_ms) {
    return value_time(has, has ? instant_last_second(late_ms) : 0);
}

json_t *value_seconds(bool has, int64_t ms) {
    if (!has)
        return json_null();
    return must(ms % 1000 ? json_real((double)ms / 1000) : json_integer(ms / 1000));
}

json_t *value_bytes(const ProtobufCBinaryData *bytes) {
    if (!bytes->len)
        return json_null();
    char *text = must_alloc(2 * bytes->len + 1);
    json_t *value = must(json_string(hex_encode(text, bytes->data, bytes->len)));
    free(text);
    return value;
}

json_t *value_account(bool has, uint32_t account) {
    char text[16];
    snprintf(text, sizeof(text), "%" PRIu32, account);
    return has ? value_text(account ? text : "local") : json_null();
}

json_t *value_enum(const ProtobufCEnumDescriptor *descriptor, bool has, int value) {
    char name[ENUM_NAME];
    return has ? must(json_string(enum_name(name, descriptor, value))) : json_null();
}

// Values of one package share one name space, so that some carry a prefix that is not part of their name.
static const char *without_prefix(const char *name) {
    static const char *const prefixes[] = {"SHEET_", "COLUMN_"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
        if (!strncmp(name, prefixes[i], strlen(prefixes[i])))
            return name + strlen(prefixes[i]);
    return name;
}

const char *enum_name(char out[ENUM_NAME], const ProtobufCEnumDescriptor *descriptor, int value) {
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(descriptor, value);
    if (!known)
        snprintf(out, ENUM_NAME, "%d", value);
    else
        snprintf(out, ENUM_NAME, "%s", without_prefix(known->name));
    for (char *at = out; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    return out;
}

bool enum_find(const ProtobufCEnumDescriptor *descriptor, const char *name, int *value) {
    char known[ENUM_NAME];
    for (unsigned i = 0; i < descriptor->n_values; i++) {
        *value = descriptor->values[i].value;
        if (!strcmp(enum_name(known, descriptor, *value), name))
            return true;
    }
    return false;
}

char *enum_names(const ProtobufCEnumDescriptor *descriptor, int first, int last) {
    char *all = must_strdup("");
    for (int value = first; value <= last; value++) {
        char name[ENUM_NAME];
        char *longer = must_format("%s%s%s", all, *all ? ", " : "", enum_name(name, descriptor, value));
        free(all);
        all = longer;
    }
    return all;
}

int64_t value_hundredths(const json_t *value) {
    return llround(json_number_value(value) * 100);
}

int64_t value_points_of(const json_t *object, const char *key, int64_t missing) {
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? value_hundredths(value) : missing;
}
