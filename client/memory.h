// Memory for a program that runs one command: running out ends it with a message and exit 70.
#ifndef THIDUA_CLIENT_MEMORY_H
#define THIDUA_CLIENT_MEMORY_H

#include <stddef.h>

// The pointer itself, if it is one.
void *must(void *pointer);

// Zeroed memory; free it.
void *must_alloc(size_t size);

// `count` elements of `size` bytes where `old` was; what is new is not zeroed.
void *must_grow(void *old, size_t count, size_t size);

// Copies; free them.
char *must_strdup(const char *text);
char *must_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
