#include "client/why.h"

#include <string.h>

#include "client/memory.h"
#include "client/output/value.h"
#include "client/points.h"
#include "client/words.h"

static const char *name_of(const json_t *rows, const char *unit) {
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        const char *id = json_string_value(json_object_get(row, "unit"));
        const char *name = json_string_value(json_object_get(row, "name"));
        if (id && name && !strcmp(id, unit))
            return name;
    }
    return unit;
}

static const char *points(char out[POINTS_TEXT], const json_t *value, char mark) {
    return json_is_number(value) ? points_for_people(out, value_hundredths(value), mark) : "—";
}

char *why_text(const json_t *row, const json_t *rows, char mark) {
    const json_t *why = json_object_get(row, "why");
    const char *above = json_string_value(json_object_get(why, "above"));
    const char *by = json_string_value(json_object_get(why, "by"));
    char left[POINTS_TEXT], right[POINTS_TEXT];
    if (!above)
        return NULL;
    const char *name = name_of(rows, above);
    const char *own = points(left, json_object_get(why, "own"), mark);
    const char *better = points(right, json_object_get(why, "above_points"), mark);
    if (!by)
        return must_format(_("shares the rank with %s: nothing sets them apart"), name);
    if (!strcmp(by, "total") && json_is_null(json_object_get(why, "own")))
        return must_format(_("no points yet; %s has %s"), name, better);
    if (!strcmp(by, "total"))
        return must_format(_("%s < %s of %s"), own, better, name);
    if (!strcmp(by, "deduction"))
        return must_format(_("tied on total with %s, but %s has fewer deductions: %s < %s"), name, name, better, own);
    return must_format(_("tied on total with %s, but %s has more points in %s: %s > %s"), name, name, by, better, own);
}
