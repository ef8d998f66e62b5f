#include "client/import/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "client/import/field_limit.h"
#include "client/instant.h"
#include "client/memory.h"
#include "client/output/joined.h"
#include "client/words.h"

// The part of `size` bytes up to a semicolon, without spaces around it; NULL where nothing stands there. Steps on.
static const char *next_part(struct arena *arena, const char **text, const char *end, bool last) {
    const char *from = *text, *semicolon = last ? NULL : memchr(from, ';', (size_t)(end - from));
    const char *until = semicolon ? semicolon : end;
    *text = semicolon ? semicolon + 1 : end;
    while (from < until && *from == ' ')
        from++;
    while (until > from && until[-1] == ' ')
        until--;
    size_t size = (size_t)(until - from);
    char *part = must(arena_alloc(arena, size + 1));
    memcpy(part, from, size);
    return size ? part : NULL;
}

static char *too_long(const char *what, const char *field, const char *text) {
    int64_t most = field_limit(&pb__evidence__descriptor, field);
    if (!text || (int64_t)strlen(text) <= most)
        return NULL;
    return must_format(_("%s is longer than %lld bytes"), what, (long long)most);
}

// One document; NULL and no complaint where nothing stands.
static char *read_one(struct arena *arena, const char *text, const char *end, Pb__Evidence **evidence) {
    char iso[DATE_TEXT];
    const char *number = next_part(arena, &text, end, false), *date = next_part(arena, &text, end, false);
    const char *title = next_part(arena, &text, end, true);
    *evidence = NULL;
    if (!number && !date && !title)
        return NULL;
    if (!number)
        return must_format(_("the evidence “%s” begins with no document's number"), title ? title : date);
    if (date && !date_parse(date, iso))
        return must_format(_("evidence %s: “%s” is no date; write 2022-10-20 or 20/10/2022"), number, date);
    *evidence = must(arena_alloc(arena, sizeof(**evidence)));
    pb__evidence__init(*evidence);
    (*evidence)->number = number;
    (*evidence)->date = date ? must(arena_strdup(arena, iso)) : NULL;
    (*evidence)->title = title;
    char *complaint = too_long(_("a document's number"), "number", number);
    return complaint ? complaint : too_long(_("a document's title"), "title", title);
}

// The end of the document that begins here, and how long what follows it is.
static const char *end_of(const char *text, size_t *separator) {
    const char *bar = strstr(text, JOINED_BY), *line = strchr(text, '\n');
    const char *end = !line || (bar && bar < line) ? bar : line;
    *separator = end ? (end == line ? 1 : 3) : 0;
    return end ? end : text + strlen(text);
}

static size_t count_separators(const char *text) {
    size_t count = 0;
    for (; *text; text++)
        count += *text == '|' || *text == '\n';
    return count;
}

char *evidence_read(struct arena *arena, const char *text, Pb__Evidence ***list, size_t *n) {
    size_t most = field_count_limit(&pb__score__descriptor, "evidence"), separator = 1;
    *list = must(arena_alloc(arena, (count_separators(text) + 1) * sizeof(**list)));
    for (*n = 0; separator;) {
        Pb__Evidence *evidence;
        const char *end = end_of(text, &separator);
        char *document = must(arena_alloc(arena, (size_t)(end - text) + 1));
        memcpy(document, text, (size_t)(end - text));
        joined_read(document);
        char *complaint = read_one(arena, document, document + strlen(document), &evidence);
        if (complaint)
            return complaint;
        if (evidence && *n == most)
            return must_format(_("more than %zu documents are named as evidence"), most);
        if (evidence)
            (*list)[(*n)++] = evidence;
        text = end + separator;
    }
    return NULL;
}
