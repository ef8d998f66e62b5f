// JSON values of the shapes in CLI.md, made from what the wire carries. What is absent is null. Running out of memory
// ends the program.
#ifndef THIDUA_CLIENT_OUTPUT_VALUE_H
#define THIDUA_CLIENT_OUTPUT_VALUE_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

// Puts a value under a key and takes it over.
void put(json_t *object, const char *key, json_t *value);

// Appends a value and takes it over.
void append(json_t *array, json_t *value);

// Each is a new reference. `has` false, NULL text and empty bytes give null.
json_t *value_text(const char *text);
json_t *value_texts(size_t count, const char *const *texts);
json_t *value_flag(bool flag);
json_t *value_count(bool has, uint64_t count);
json_t *value_number(bool has, int64_t number);
json_t *value_points(bool has, int64_t points_cp);     // a number with at most two decimals
json_t *value_time(bool has, int64_t time_ms);         // ISO 8601, +07:00
json_t *value_deadline(bool has, int64_t late_ms);     // the last second in time
json_t *value_seconds(bool has, int64_t ms);           // a length: a number with at most three decimals
json_t *value_bytes(const ProtobufCBinaryData *bytes); // hexadecimal
json_t *value_account(bool has, uint32_t account);     // "3"; "local" for local administration
json_t *value_enum(const ProtobufCEnumDescriptor *descriptor, bool has, int value);

enum { ENUM_NAME = 40 }; // characters of a name with the terminating zero

// The name of an enum's value as it is written outside ("draft"); its number where this program does not know it.
const char *enum_name(char out[ENUM_NAME], const ProtobufCEnumDescriptor *descriptor, int value);

// The value that a name stands for.
bool enum_find(const ProtobufCEnumDescriptor *descriptor, const char *name, int *value);

// All names from `first` to `last`, joined by ", ". Free it.
char *enum_names(const ProtobufCEnumDescriptor *descriptor, int first, int last);

// Points of a JSON number, in hundredths.
int64_t value_hundredths(const json_t *value);

// The same of the number under a key; `missing` where there is none.
int64_t value_points_of(const json_t *object, const char *key, int64_t missing);

#endif
