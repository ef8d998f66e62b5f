#include "client/spool_seen.h"

#include <string.h>

#include "client/file.h"
#include "client/hex.h"
#include "client/output/value.h"

json_t *seen_read(const char *path) {
    json_t *seen = json_load_file(path, 0, NULL);
    if (json_is_object(seen))
        return seen;
    json_decref(seen);
    return json_object();
}

bool seen_write(const char *path, const json_t *seen) {
    struct new_file new_file;
    if (!new_file_open(&new_file, path))
        return false;
    if (!json_dumpf(seen, new_file.file, JSON_COMPACT | JSON_SORT_KEYS))
        return new_file_keep(&new_file);
    new_file_drop(&new_file);
    return false;
}

static bool settle_bytes(json_t *seen, const char *key, const ProtobufCBinaryData *bytes) {
    char text[2 * LEDGER_ID_SIZE + 1];
    if (bytes->len != LEDGER_ID_SIZE)
        return true;
    const char *known = json_string_value(json_object_get(seen, key));
    hex_encode(text, bytes->data, LEDGER_ID_SIZE);
    bool same = known && !strcmp(known, text);
    put(seen, key, value_text(text));
    return same;
}

void seen_settle(json_t *seen, uint32_t account, const Pb__HelloReply *hello) {
    bool same = json_integer_value(json_object_get(seen, "account")) == account;
    if (!same)
        json_object_clear(seen);
    put(seen, "account", value_count(true, account));
    if (!hello)
        return;
    same = settle_bytes(seen, "ledger", &hello->ledger);
    same = settle_bytes(seen, "branch", &hello->branch) && same;
    if (same)
        return;
    json_object_del(seen, "periods");
    json_object_del(seen, "current");
}

// The object under the key, made where there is none.
static json_t *within(json_t *object, const char *key) {
    json_t *inner = json_object_get(object, key);
    if (json_is_object(inner))
        return inner;
    put(object, key, json_object());
    return json_object_get(object, key);
}

static void learn_line(json_t *lines, const char *code, uint32_t revision, bool has_points, int32_t points_cp) {
    if (!code)
        return;
    json_t *line = json_object();
    put(line, "revision", value_count(true, revision));
    put(line, "points_cp", value_number(has_points, points_cp));
    put(lines, code, line);
}

void seen_sheet(json_t *seen, const Pb__SheetReply *reply, bool named) {
    if (!reply->period)
        return;
    json_t *period = within(within(seen, "periods"), reply->period);
    json_object_clear(period);
    put(period, "unit", value_text(reply->unit));
    put(period, "seq", value_count(reply->has_seq, reply->seq));
    json_t *lines = within(period, "lines");
    for (size_t i = 0; i < reply->n_lines; i++) {
        const Pb__SheetLine *line = reply->lines[i];
        learn_line(lines, line->criterion, line->has_revision ? line->revision : 0, line->has_points_cp,
                   line->points_cp);
    }
    if (!named)
        put(seen, "current", value_text(reply->period));
}

void seen_score(json_t *seen, const Pb__ScoreReply *reply) {
    json_t *period = reply->period ? json_object_get(json_object_get(seen, "periods"), reply->period) : NULL;
    if (!period)
        return;
    json_t *lines = within(period, "lines");
    for (size_t i = 0; i < reply->n_lines; i++) {
        const Pb__LineReply *line = reply->lines[i];
        const json_t *known = line->criterion ? json_object_get(lines, line->criterion) : NULL;
        // The first answer to a submission may be older than what is known.
        if (line->revision >= json_integer_value(json_object_get(known, "revision")))
            learn_line(lines, line->criterion, line->revision, line->has_points_cp, line->points_cp);
    }
    if (reply->has_seq && (json_int_t)reply->seq > json_integer_value(json_object_get(period, "seq")))
        put(period, "seq", value_count(true, reply->seq));
}

const json_t *seen_period(const json_t *seen, const char *period, const char **id) {
    *id = period ? period : json_string_value(json_object_get(seen, "current"));
    return *id ? json_object_get(json_object_get(seen, "periods"), *id) : NULL;
}
