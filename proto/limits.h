// The limits of every field that a request can carry: one table for the one validation in message.c.
#ifndef THIDUA_PROTO_LIMITS_H
#define THIDUA_PROTO_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/thidua.pb-c.h"

enum field_form {
    FORM_PLAIN,
    FORM_DATE, // text: a day of the calendar, 2025-06-30
    FORM_TIME, // a number: an instant in milliseconds
};

// Numbers are limited by value, text and bytes by length in bytes. Enums must be known, bools and messages have no
// limits of their own.
struct field_limits {
    const char *name;
    bool required;
    int64_t least, limit;
    uint32_t count_least, count_limit; // of a repeated field; its elements obey least and limit
    enum field_form form;
};

// The rows of a message's fields, parallel to its descriptor's. NULL: not a message that requests are made of.
const struct field_limits *limits_of(const ProtobufCMessageDescriptor *message);

#endif
