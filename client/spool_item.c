#include "client/spool_item.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/hex.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/points.h"
#include "client/words.h"

#define MAGIC "thidua-spool "
#define FIRST MAGIC "1\n"

enum { REQUEST_BUDGET = 16 * 1024 * 1024 };

// ---- the requests ----

static const struct kind {
    Pb__Request__BodyCase body;
    Pb__Response__BodyCase answer;
} kinds[] = {
    {PB__REQUEST__BODY_SCORE, PB__RESPONSE__BODY_SCORE},
    {PB__REQUEST__BODY_SUBMIT, PB__RESPONSE__BODY_SUBMIT},
    {PB__REQUEST__BODY_APPRAISE, PB__RESPONSE__BODY_APPRAISE},
};

static const struct kind *kind_of(const Pb__Request *request) {
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (kinds[i].body == request->body_case)
            return &kinds[i];
    return NULL;
}

bool spool_keeps(const Pb__Request *request) {
    return kind_of(request) != NULL;
}

Pb__Response__BodyCase spool_answer(const Pb__Request *request) {
    const struct kind *kind = kind_of(request);
    return kind ? kind->answer : PB__RESPONSE__BODY__NOT_SET;
}

const char **spool_period(const Pb__Request *request) {
    switch (request->body_case) {
    case PB__REQUEST__BODY_SCORE:
        return &request->score->period;
    case PB__REQUEST__BODY_SUBMIT:
        return &request->submit->period;
    default:
        return &request->appraise->period;
    }
}

// ---- the file ----

static bool seal(const uint8_t *bytes, size_t size, uint8_t hash[DIGEST_SIZE]) {
    return EVP_Digest(bytes, size, hash, NULL, EVP_sha256(), NULL) == 1;
}

uint8_t *spool_item_write(const json_t *head, const Pb__Request *request, size_t *size) {
    char *text = must(json_dumps(head, JSON_COMPACT | JSON_SORT_KEYS));
    size_t n_text = strlen(text), n_first = strlen(FIRST), packed = pb__request__get_packed_size(request);
    uint8_t *bytes = must_alloc(n_first + n_text + 1 + packed + DIGEST_SIZE), *at = bytes;
    memcpy(at, FIRST, n_first);
    memcpy(at += n_first, text, n_text);
    *(at += n_text) = '\n';
    pb__request__pack(request, ++at);
    at += packed;
    if (!seal(bytes, (size_t)(at - bytes), at))
        must(NULL);
    *size = (size_t)(at - bytes) + DIGEST_SIZE;
    free(text);
    return bytes;
}

static const char *read_request(struct spool_item *item, const uint8_t *bytes, size_t size) {
    item->arena = must(arena_new(REQUEST_BUDGET));
    item->packed = must_alloc(size + 1);
    memcpy(item->packed, bytes, size);
    item->size = size;
    item->request = pb__request__unpack(arena_allocator(item->arena), size, item->packed);
    if (!item->request || !kind_of(item->request) || item->request->submission.len != SUBMISSION_SIZE)
        return _("it holds no request that is kept");
    return NULL;
}

static bool is_whole(const uint8_t *bytes, size_t size) {
    uint8_t hash[DIGEST_SIZE];
    return size > DIGEST_SIZE && seal(bytes, size - DIGEST_SIZE, hash) &&
           !memcmp(hash, bytes + size - DIGEST_SIZE, DIGEST_SIZE);
}

const char *spool_item_read(struct spool_item *item, const uint8_t *bytes, size_t size) {
    size_t n_first = strlen(FIRST);
    *item = (struct spool_item){0};
    if (size < n_first || memcmp(bytes, MAGIC, strlen(MAGIC)) != 0)
        return _("it is not of the spool");
    if (memcmp(bytes, FIRST, n_first) != 0)
        return _("it is of another version of this program");
    if (!is_whole(bytes, size))
        return _("it is damaged: its checksum does not agree");
    const uint8_t *head = bytes + n_first, *end = bytes + size - DIGEST_SIZE;
    const uint8_t *line = memchr(head, '\n', (size_t)(end - head));
    item->head = line ? json_loadb((const char *)head, (size_t)(line - head), 0, NULL) : NULL;
    if (!json_is_object(item->head))
        return _("it is damaged: it has no head");
    return read_request(item, line + 1, (size_t)(end - line - 1));
}

void spool_item_free(struct spool_item *item) {
    json_decref(item->head);
    arena_free(item->arena);
    free(item->packed);
    *item = (struct spool_item){0};
}

// ---- the head ----

const char *spool_item_text(const struct spool_item *item, const char *key) {
    return json_string_value(json_object_get(item->head, key));
}

bool spool_item_bytes(const struct spool_item *item, const char *key, uint8_t *bytes, size_t size) {
    const char *text = spool_item_text(item, key);
    return text && hex_decode(text, bytes, size);
}

int64_t spool_item_number(const struct spool_item *item, const char *key, int64_t otherwise) {
    const json_t *value = json_object_get(item->head, key);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

const char *spool_item_period(const struct spool_item *item) {
    const char *named = *spool_period(item->request);
    return named ? named : spool_item_text(item, "period");
}

const Pb__LineInput *spool_item_line(const struct spool_item *item, const char *code) {
    const Pb__Score *score = item->request->body_case == PB__REQUEST__BODY_SCORE ? item->request->score : NULL;
    for (size_t i = 0; score && i < score->n_lines; i++)
        if (score->lines[i]->criterion && !strcasecmp(score->lines[i]->criterion, code))
            return score->lines[i];
    return NULL;
}

bool spool_item_behind(const struct spool_item *item, const char *id) {
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(item->head, "behind"), i, one) {
        const char *text = json_string_value(one);
        if (text && !strcmp(text, id))
            return true;
    }
    return false;
}

// ---- the guards ----

static bool guard_lines(const struct spool_item *item, Pb__Score *score) {
    const json_t *revisions = json_object_get(item->head, "revisions");
    bool added = false;
    for (size_t i = 0; i < score->n_lines; i++) {
        Pb__LineInput *line = score->lines[i];
        const json_t *revision = line->criterion ? json_object_get(revisions, line->criterion) : NULL;
        if (line->has_if_revision || !json_is_integer(revision))
            continue;
        line->has_if_revision = added = true;
        line->if_revision = (uint32_t)json_integer_value(revision);
    }
    return added;
}

static bool guard_total(const struct spool_item *item, Pb__Submit *submit) {
    int64_t total_cp = spool_item_number(item, "total_cp", -1);
    if (submit->has_if_total_cp || total_cp < 0 || total_cp > INT32_MAX)
        return false;
    submit->has_if_total_cp = true;
    submit->if_total_cp = (int32_t)total_cp;
    return true;
}

Pb__Request *spool_item_guarded(const struct spool_item *item, struct arena *arena) {
    Pb__Request *copy = must(pb__request__unpack(arena_allocator(arena), item->size, item->packed));
    const char **period = spool_period(copy), *meant = spool_item_text(item, "period");
    bool added = !*period && meant;
    if (added)
        *period = meant;
    if (copy->body_case == PB__REQUEST__BODY_SCORE)
        added |= guard_lines(item, copy->score);
    else if (copy->body_case == PB__REQUEST__BODY_SUBMIT)
        added |= guard_total(item, copy->submit);
    return added ? copy : NULL;
}

// ---- for a list ----

static void add_line(json_t *list, const char *code, bool has_points, int32_t points_cp, bool has_actual,
                     int64_t actual) {
    char points[POINTS_TEXT];
    char *text = must_format("%s=%s", code ? code : "?", has_points ? points_shortest(points, points_cp, '.') : "");
    char *whole = has_actual ? must_format("%s(%" PRId64 ")", text, actual) : must_strdup(text);
    append(list, value_text(whole));
    free(whole);
    free(text);
}

json_t *spool_item_lines(const struct spool_item *item) {
    const Pb__Request *request = item->request;
    json_t *list = must(json_array());
    if (request->body_case == PB__REQUEST__BODY_SCORE)
        for (size_t i = 0; i < request->score->n_lines; i++) {
            const Pb__LineInput *line = request->score->lines[i];
            add_line(list, line->criterion, line->has_points_cp, line->points_cp, line->has_actual, line->actual);
        }
    if (request->body_case == PB__REQUEST__BODY_APPRAISE)
        for (size_t i = 0; i < request->appraise->n_lines; i++) {
            const Pb__AppraisedInput *line = request->appraise->lines[i];
            add_line(list, line->criterion, line->has_points_cp, line->points_cp, false, 0);
        }
    return list;
}
