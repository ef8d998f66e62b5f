#include "client/output/cell.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "client/instant.h"
#include "client/language.h"
#include "client/memory.h"
#include "client/output/csv.h"
#include "client/output/joined.h"
#include "client/output/value.h"
#include "client/points.h"
#include "client/say.h"
#include "client/words.h"

static char *join(char *before, const char *between, const char *after) {
    char *joined = must_format("%s%s%s", before, *before ? between : "", after ? after : "");
    free(before);
    return joined;
}

static char *list_text(const json_t *list, const char *between) {
    char *text = must_strdup("");
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) text = join(text, between, json_string_value(item));
    return text;
}

// For people with commas: “deduction TC3” would be one thing.
static char *rules_text(const json_t *list, enum style style) {
    char *text = must_strdup("");
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) {
        const char *code = json_string_value(item);
        bool word = style != STYLE_CSV && code && !strcmp(code, "deduction");
        text = join(text, style == STYLE_CSV ? " " : ", ", word ? _("fewer deductions") : code);
    }
    return text;
}

static char *tally_text(const json_t *object) {
    char *text = must_strdup("");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) {
        if (!json_integer_value(value))
            continue;
        char *one = must_format("%s=%" JSON_INTEGER_FORMAT, key, json_integer_value(value));
        text = join(text, " ", one);
        free(one);
    }
    return text;
}

static const char *part(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

// As --evidence takes it.
static char *evidence_text(const json_t *list, enum style style) {
    char *text = must_strdup("");
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) {
        char date[DATE_TEXT];
        const char *iso = part(item, "date");
        bool turned = style == STYLE_TABLE && date_for_people(date, iso);
        const char *title = part(item, "title"), *shown = turned ? date : iso;
        char *one = must_format("%s%s%s%s%s", part(item, "number"), *shown || *title ? ";" : "", shown,
                                *title ? ";" : "", title);
        char *safe = style == STYLE_TABLE ? must_strdup(one) : joined_write(one);
        text = join(text, JOINED_BY, safe);
        free(safe);
        free(one);
    }
    return text;
}

static char *points_text(const json_t *value, enum style style, char mark) {
    char text[POINTS_TEXT];
    if (style == STYLE_TABLE)
        return must_strdup(points_for_people(text, value_hundredths(value), mark));
    return must_strdup(points_shortest(text, value_hundredths(value), style == STYLE_EXCEL ? ',' : '.'));
}

static char *time_text(const json_t *value, enum style style) {
    char text[INSTANT_TEXT];
    int64_t ms;
    if (style == STYLE_TABLE && instant_from_iso(json_string_value(value), &ms))
        return must_strdup(instant_for_people(text, ms));
    return must_strdup(json_string_value(value));
}

static char *date_text(const json_t *value, enum style style) {
    char text[DATE_TEXT];
    const char *iso = json_string_value(value);
    return must_strdup(style == STYLE_TABLE && date_for_people(text, iso) ? text : iso);
}

static char *days_and_clock(long long seconds) {
    if (seconds < 86400)
        return must_format("%02lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
    return must_format(_("%lld d %02lld:%02lld:%02lld"), seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60,
                       seconds % 60);
}

static char *length_text(const json_t *value, enum style style) {
    if (style == STYLE_TABLE)
        return days_and_clock(json_integer_value(value) / 1000);
    return must_format("%" JSON_INTEGER_FORMAT, json_integer_value(value));
}

// For people with a mark at each thousand, where it cannot be taken for that of the decimals.
static char *amount_text(const json_t *value, enum style style, char mark) {
    char *digits = must_format("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    size_t length = strlen(digits), first = *digits == '-';
    if (style != STYLE_TABLE)
        return digits;
    char *text = must_alloc(2 * length + 1), *at = text;
    for (size_t i = 0; i < length; i++) {
        if (i > first && (length - i) % 3 == 0)
            *at++ = mark == ',' ? '.' : ',';
        *at++ = digits[i];
    }
    free(digits);
    return text;
}

static char *flag_text(const json_t *value, enum style style) {
    if (style != STYLE_CSV)
        return must_strdup(json_is_true(value) ? _("yes") : _("no"));
    return must_strdup(json_is_true(value) ? "true" : "false");
}

static char *raw_text(const json_t *value) {
    if (json_is_string(value))
        return must_strdup(json_string_value(value));
    return must(json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15)));
}

// People read whole seconds: what has begun counts.
static char *seconds_text(const json_t *value, enum style style) {
    if (style == STYLE_TABLE)
        return days_and_clock((long long)ceil(json_number_value(value)));
    char *text = raw_text(value), *point = strchr(text, '.');
    if (style == STYLE_EXCEL && point)
        *point = ',';
    return text;
}

static char *late_text(const json_t *row, const json_t *value, enum style style) {
    const json_t *seconds = json_object_get(row, "late_seconds");
    if (style != STYLE_TABLE || !json_is_true(value) || !json_is_number(seconds))
        return flag_text(value, style);
    char *length = seconds_text(seconds, STYLE_TABLE), *text = must_format(_("yes, by %s"), length);
    free(length);
    return text;
}

static char *move_text(const json_t *row, const json_t *value, enum style style) {
    json_int_t before = json_integer_value(json_object_get(row, "rank_before")), after = json_integer_value(value);
    if (style != STYLE_TABLE)
        return raw_text(value);
    if (before == after || !before)
        return must_strdup(before ? "=" : "↑");
    return must_format("%s%" JSON_INTEGER_FORMAT, after < before ? "↑" : "↓", llabs(after - before));
}

static char *text_of(const json_t *row, const json_t *value, const struct column *column, enum style style, char mark) {
    if ((column->cell == CELL_POINTS || column->cell == CELL_ASSIGNED) && json_is_number(value))
        return points_text(value, style, mark);
    if (column->cell == CELL_TIME && json_is_string(value))
        return time_text(value, style);
    if (column->cell == CELL_DATE && json_is_string(value))
        return date_text(value, style);
    if (column->cell == CELL_LENGTH && json_is_integer(value))
        return length_text(value, style);
    if (column->cell == CELL_WORD && json_is_string(value) && style != STYLE_CSV)
        return must_strdup(language_word(column->key, json_string_value(value)));
    if (column->cell == CELL_AMOUNT && json_is_integer(value))
        return amount_text(value, style, mark);
    if (column->cell == CELL_FLAG && json_is_boolean(value))
        return flag_text(value, style);
    if (column->cell == CELL_LIST && json_is_array(value))
        return list_text(value, " ");
    if (column->cell == CELL_RULES && json_is_array(value))
        return rules_text(value, style);
    if (column->cell == CELL_TEXTS && json_is_array(value))
        return list_text(value, " | ");
    if (column->cell == CELL_TALLY && json_is_object(value))
        return tally_text(value);
    if (column->cell == CELL_EVIDENCE && json_is_array(value))
        return evidence_text(value, style);
    if (column->cell == CELL_SECONDS && json_is_number(value))
        return seconds_text(value, style);
    if (column->cell == CELL_LATE && json_is_boolean(value))
        return late_text(row, value, style);
    if (column->cell == CELL_MOVE && json_is_integer(value))
        return move_text(row, value, style);
    if (column->cell == CELL_OF && json_is_integer(value))
        return must_format("%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT, json_integer_value(value),
                           json_integer_value(json_object_get(row, "of")));
    return raw_text(value);
}

static bool is_formula(const struct column *column, const char *text) {
    bool free_text = column->cell == CELL_TEXT || column->cell == CELL_EVIDENCE || column->cell == CELL_LIST ||
                     column->cell == CELL_RULES || column->cell == CELL_TEXTS;
    return free_text && csv_needs_guard(text);
}

const json_t *cell_value(const json_t *row, const struct column *column) {
    return json_object_get(column->group ? json_object_get(row, column->group) : row, column->key);
}

bool cell_says(const json_t *row, const struct column *column) {
    const json_t *value = cell_value(row, column);
    if (!value || json_is_null(value) || json_is_false(value))
        return false;
    return json_is_string(value) ? json_string_length(value) > 0 : !json_is_array(value) || json_array_size(value) > 0;
}

static char *text_of_none(const json_t *row, const struct column *column, enum style style) {
    if (style != STYLE_TABLE)
        return must_strdup("");
    bool assigned = column->cell != CELL_ASSIGNED || !json_is_false(json_object_get(row, "assigned"));
    return must_strdup(assigned ? "—" : _("not assigned"));
}

char *cell_text(const json_t *row, const struct column *column, enum style style, char mark) {
    const json_t *value = cell_value(row, column);
    if (!value || json_is_null(value))
        return text_of_none(row, column, style);
    char *text = text_of(row, value, column, style, mark), *better = NULL;
    if (style == STYLE_TABLE)
        better = say_harmless(*text ? text : "—");
    else if (is_formula(column, text))
        better = must_format("'%s", text);
    if (!better)
        return text;
    free(text);
    return better;
}

bool cell_is_number(enum cell cell) {
    return cell == CELL_COUNT || cell == CELL_AMOUNT || cell == CELL_POINTS || cell == CELL_ASSIGNED || cell == CELL_OF;
}
