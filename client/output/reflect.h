// Any message of the protocol as JSON, by its own description: for reading, not for counting on.
#ifndef THIDUA_CLIENT_OUTPUT_REFLECT_H
#define THIDUA_CLIENT_OUTPUT_REFLECT_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

// Fields that are there, under their names: points (_cp) as numbers, times (_ms) as ISO 8601, bytes as hexadecimal
// digits, enums by name; the endings _cp and _ms are left out, and how late is in seconds. In lists of points -1 is
// null.
json_t *reflect(const ProtobufCMessage *message);

// The same with every field: absent ones are null, or false, or an empty list.
json_t *reflect_all(const ProtobufCMessage *message);

// The name of the field of a message with one oneof that is set, and its message; NULL: none.
const char *reflect_body(const ProtobufCMessage *message, const ProtobufCMessage **body);

#endif
