// Bytes as lower-case hexadecimal digits.
#ifndef THIDUA_CLIENT_HEX_H
#define THIDUA_CLIENT_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Writes 2 * size digits and a terminating zero; returns `out`.
char *hex_encode(char *out, const void *bytes, size_t size);

// Reads exactly 2 * size digits, in either case, and nothing more.
bool hex_decode(const char *text, void *bytes, size_t size);

#endif
