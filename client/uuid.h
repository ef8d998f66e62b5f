// Submission ids: UUIDs of version 7, whose beginning is the time, so that the server's table grows at its end.
#ifndef THIDUA_CLIENT_UUID_H
#define THIDUA_CLIENT_UUID_H

#include <stdbool.h>
#include <stdint.h>

enum { UUID_SIZE = 16, UUID_TEXT = 37 }; // bytes; characters of its text with the terminating zero

// A new one, made at `now_ms`. False: the system has no random bytes.
bool uuid_new(uint8_t uuid[UUID_SIZE], int64_t now_ms);

// Reads 8-4-4-4-12 digits in either case; any version.
bool uuid_parse(const char *text, uint8_t uuid[UUID_SIZE]);

// Writes the text; returns `out`.
char *uuid_text(char out[UUID_TEXT], const uint8_t uuid[UUID_SIZE]);

#endif
