#include "client/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/exit_status.h"

void *must(void *pointer) {
    if (pointer)
        return pointer;
    fputs("thidua: out of memory\n", stderr);
    exit(EXIT_DEFECT);
}

void *must_alloc(size_t size) {
    return must(calloc(1, size ? size : 1));
}

void *must_grow(void *old, size_t count, size_t size) {
    return must(reallocarray(old, count ? count : 1, size));
}

char *must_strdup(const char *text) {
    return must(strdup(text));
}

char *must_format(const char *format, ...) {
    va_list list;
    va_start(list, format);
    char *text = NULL;
    if (vasprintf(&text, format, list) < 0)
        text = NULL;
    va_end(list);
    return must(text);
}
