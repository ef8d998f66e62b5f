// What the protocol allows a field, so that a file's row can be refused by its line and not by the server.
#ifndef THIDUA_CLIENT_IMPORT_FIELD_LIMIT_H
#define THIDUA_CLIENT_IMPORT_FIELD_LIMIT_H

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

// The greatest value of a number, the most bytes of a text.
int64_t field_limit(const ProtobufCMessageDescriptor *message, const char *field);

// The most elements of a repeated field.
size_t field_count_limit(const ProtobufCMessageDescriptor *message, const char *field);

#endif
