#include "client/spool_basis.h"

#include <string.h>
#include <strings.h>

#include "client/instant.h"
#include "client/output/value.h"
#include "client/spool_seen.h"

// What is at hand while a head is made.
struct basis {
    const struct spool *spool;
    const struct spool_list *list;
    const char *period;  // NULL: not known
    const json_t *lines; // as seen; NULL: not seen
    const Pb__Request *request;
};

// One that waits, of the same period as far as anybody knows.
static bool is_before(const struct basis *basis, const struct spool_entry *entry) {
    const char *period = spool_waits(basis->spool, entry) ? spool_item_period(&entry->item) : NULL;
    return spool_waits(basis->spool, entry) && (!period || !basis->period || !strcmp(period, basis->period));
}

// ---- score ----

// The revision that one which waits will make of the line; -1: not known.
static json_int_t revision_after(const struct spool_item *item, const Pb__LineInput *line) {
    const json_t *before = json_object_get(json_object_get(item->head, "revisions"), line->criterion);
    if (line->has_if_revision)
        return (json_int_t)line->if_revision + 1;
    return json_is_integer(before) ? json_integer_value(before) + 1 : -1;
}

static const json_t *seen_line(const struct basis *basis, const char *code) {
    const char *seen_code;
    json_t *line;
    json_object_foreach((json_t *)basis->lines, seen_code, line) if (!strcasecmp(seen_code, code)) return line;
    return NULL;
}

// The revision at which the line will stand once all before it are recorded; null: not known. One of those before may
// have been recorded, and its answer seen, by a process that was killed before it took it out of the line.
static json_t *expected_revision(const struct basis *basis, const char *code) {
    const json_t *line = seen_line(basis, code);
    json_int_t revision = json_integer_value(json_object_get(line, "revision"));
    for (size_t i = 0; line && i < basis->list->count; i++) {
        const struct spool_entry *entry = &basis->list->entries[i];
        const Pb__LineInput *input = is_before(basis, entry) ? spool_item_line(&entry->item, code) : NULL;
        json_int_t after = input ? revision_after(&entry->item, input) : 0;
        if (after < 0)
            return json_null();
        revision = after > revision ? after : revision;
    }
    return line ? json_integer(revision) : json_null();
}

static json_t *expected_revisions(const struct basis *basis) {
    const Pb__Score *score = basis->request->score;
    json_t *revisions = json_object();
    for (size_t i = 0; i < score->n_lines; i++)
        if (score->lines[i]->criterion)
            put(revisions, score->lines[i]->criterion, expected_revision(basis, score->lines[i]->criterion));
    return revisions;
}

// ---- submit ----

// The points that the line will have; -1: none. False: not known, they are computed from a figure.
static bool expected_points(const struct basis *basis, const char *code, const json_t *line, int64_t *points_cp) {
    const json_t *points = json_object_get(line, "points_cp");
    bool known = true;
    *points_cp = json_is_integer(points) ? json_integer_value(points) : -1;
    for (size_t i = 0; i < basis->list->count; i++) {
        const struct spool_entry *entry = &basis->list->entries[i];
        const Pb__LineInput *input = is_before(basis, entry) ? spool_item_line(&entry->item, code) : NULL;
        if (!input)
            continue;
        known = input->has_points_cp && !input->has_actual;
        *points_cp = input->points_cp;
    }
    return known;
}

// null: not known.
static json_t *expected_total(const struct basis *basis) {
    const char *code;
    json_t *line;
    int64_t total_cp = 0, points_cp;
    bool any = false;
    json_object_foreach((json_t *)basis->lines, code, line) {
        if (!expected_points(basis, code, line, &points_cp))
            return json_null();
        any |= points_cp >= 0;
        total_cp += points_cp >= 0 ? points_cp : 0;
    }
    return any ? json_integer(total_cp) : json_null();
}

// ---- the head ----

static bool builds_on(const Pb__Request *request, const struct spool_item *item) {
    bool is_score = item->request->body_case == PB__REQUEST__BODY_SCORE;
    if (request->body_case == PB__REQUEST__BODY_SUBMIT)
        return is_score;
    if (request->body_case != PB__REQUEST__BODY_SCORE)
        return false;
    for (size_t i = 0; i < request->score->n_lines; i++)
        if (request->score->lines[i]->criterion && spool_item_line(item, request->score->lines[i]->criterion))
            return true;
    return false;
}

// What cannot be read may be anything.
static json_t *all_behind(const struct basis *basis) {
    json_t *behind = json_array();
    for (size_t i = 0; i < basis->list->count; i++) {
        const struct spool_entry *entry = &basis->list->entries[i];
        bool unread = entry->wrong && !entry->parked && *entry->id;
        if (unread || (is_before(basis, entry) && builds_on(basis->request, &entry->item)))
            append(behind, value_text(entry->id));
    }
    return behind;
}

static json_t *copied(const json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);
    return value ? json_incref(value) : json_null();
}

static json_t *hexadecimal(bool has, const uint8_t *bytes, size_t size) {
    ProtobufCBinaryData data = {.len = size, .data = (uint8_t *)bytes};
    return has ? value_bytes(&data) : json_null();
}

json_t *spool_basis(const struct client *client, const struct profile *profile, const struct spool *spool,
                    const struct spool_list *list, const json_t *seen, const Pb__Request *request) {
    struct basis basis = {.spool = spool, .list = list, .request = request};
    const json_t *period = seen_period(seen, *spool_period(request), &basis.period);
    const char *server = client->options.server ? client->options.server : profile->server;
    json_t *head = json_object();
    basis.lines = json_object_get(period, "lines");
    put(head, "verb", value_text(client->arguments.verb ? client->arguments.verb->name : NULL));
    put(head, "time_ms", value_number(true, instant_now()));
    put(head, "server", value_text(server));
    put(head, "pin", hexadecimal(profile->has_pin, profile->pin, PIN_SIZE));
    put(head, "ledger", copied(seen, "ledger"));
    put(head, "branch", copied(seen, "branch"));
    put(head, "account", value_count(true, profile->account));
    put(head, "unit", copied(period, "unit"));
    put(head, "period", value_text(basis.period));
    put(head, "seq", copied(period, "seq"));
    put(head, "id_given", value_flag(client->options.has_id));
    put(head, "behind", all_behind(&basis));
    if (request->body_case == PB__REQUEST__BODY_SCORE)
        put(head, "revisions", expected_revisions(&basis));
    if (request->body_case == PB__REQUEST__BODY_SUBMIT)
        put(head, "total_cp", expected_total(&basis));
    return head;
}

bool spool_basis_suffices(const Pb__Request *request, const json_t *head) {
    return request->body_case != PB__REQUEST__BODY_SUBMIT || request->submit->has_if_total_cp ||
           json_is_integer(json_object_get(head, "total_cp"));
}

bool spool_basis_guards(const Pb__Request *request, const json_t *head) {
    const Pb__Score *score = request->body_case == PB__REQUEST__BODY_SCORE ? request->score : NULL;
    for (size_t i = 0; score && i < score->n_lines; i++) {
        const char *code = score->lines[i]->criterion;
        if (!score->lines[i]->has_if_revision && code &&
            !json_is_integer(json_object_get(json_object_get(head, "revisions"), code)))
            return false;
    }
    return true;
}
