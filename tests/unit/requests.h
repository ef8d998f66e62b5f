// What tests of messages share: a door through which bytes go, and good requests to vary. Include after cmocka.h.
#ifndef THIDUA_TESTS_REQUESTS_H
#define THIDUA_TESTS_REQUESTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/message.h"

enum { ACCEPTED = -1 };

static uint8_t zeros[64]; // ids and secrets of any size

// One test's unpacking: what came of the last bytes.
struct door {
    struct arena *arena, *words; // of the request, of the problems
    struct problems problems;
    const Pb__Request *request;
    uint64_t id;
};

static inline void door_open(struct door *door, size_t budget) {
    door->arena = arena_new(budget);
    door->words = arena_new(1024 * 1024);
}

static inline void door_close(struct door *door) {
    arena_free(door->arena);
    arena_free(door->words);
}

// The first reason for which the bytes are refused, or ACCEPTED.
static inline int take(struct door *door, const uint8_t *bytes, size_t size) {
    arena_reset(door->arena);
    arena_reset(door->words);
    problems_init(&door->problems, door->words);
    door->request = message_unpack_request(door->arena, bytes, size, &door->id, &door->problems);
    assert_int_equal(door->request != NULL, door->problems.count == 0);
    return door->request ? ACCEPTED : (int)door->problems.first;
}

static inline int reason_for_bytes(const char *bytes, size_t size) {
    struct door door;
    door_open(&door, MESSAGE_BUDGET);
    int reason = take(&door, (const uint8_t *)bytes, size);
    door_close(&door);
    return reason;
}

static inline uint8_t *packed(const Pb__Request *request, size_t *size) {
    *size = pb__request__get_packed_size(request);
    uint8_t *bytes = malloc(*size + 1);
    assert_non_null(bytes);
    pb__request__pack(request, bytes);
    return bytes;
}

static inline int reason_for(const Pb__Request *request) {
    size_t size;
    uint8_t *bytes = packed(request, &size);
    int reason = reason_for_bytes((const char *)bytes, size);
    free(bytes);
    return reason;
}

// The {field} of the first problem.
static inline const char *field_of(const struct problems *problems) {
    const Pb__Problem *wire = &problems->list[0].wire;
    for (size_t i = 0; i < wire->n_arguments; i++)
        if (strcmp(wire->arguments[i]->name, "field") == 0)
            return wire->arguments[i]->text;
    return "";
}

static inline int reason_and_field(const Pb__Request *request, char *field, size_t room) {
    struct door door;
    door_open(&door, MESSAGE_BUDGET);
    size_t size;
    uint8_t *bytes = packed(request, &size);
    int reason = take(&door, bytes, size);
    snprintf(field, room, "%s", reason == ACCEPTED ? "" : field_of(&door.problems));
    free(bytes);
    door_close(&door);
    return reason;
}

static inline const Pb__Argument *argument_of(const struct problems *problems, const char *name) {
    const Pb__Problem *wire = &problems->list[0].wire;
    for (size_t i = 0; i < wire->n_arguments; i++)
        if (strcmp(wire->arguments[i]->name, name) == 0)
            return wire->arguments[i];
    fail_msg("no argument %s", name);
    return NULL;
}

// ---- requests to vary ----

static inline Pb__Request request_of(Pb__Request__BodyCase body) {
    Pb__Request request = PB__REQUEST__INIT;
    request.has_id = true;
    request.id = 7;
    request.body_case = body;
    return request;
}

struct score_request {
    Pb__Request request;
    Pb__Score score;
    Pb__LineInput lines[2], *line_list[2];
    Pb__Evidence evidence, *evidence_list[1];
};

static inline void make_score(struct score_request *made) {
    made->request = request_of(PB__REQUEST__BODY_SCORE);
    made->request.has_submission = true;
    made->request.submission = (ProtobufCBinaryData){SUBMISSION_SIZE, zeros};
    made->request.score = &made->score;
    pb__score__init(&made->score);
    made->score.period = "hn-cum-1-2022";
    made->score.note = "Số liệu ước thực hiện đến 31/12";
    static const char *const codes[] = {"TC1", "TC3"};
    for (int i = 0; i < 2; i++) {
        pb__line_input__init(&made->lines[i]);
        made->lines[i].criterion = codes[i];
        made->lines[i].has_points_cp = true;
        made->lines[i].points_cp = 1250;
        made->line_list[i] = &made->lines[i];
    }
    made->score.lines = made->line_list;
    made->score.n_lines = 2;
    pb__evidence__init(&made->evidence);
    made->evidence.number = "15/BC-MTTQ-BTT";
    made->evidence.date = "2022-10-20";
    made->evidence.title = "Báo cáo kết quả";
    made->evidence_list[0] = &made->evidence;
    made->score.evidence = made->evidence_list;
    made->score.n_evidence = 1;
}

struct period_request {
    Pb__Request request;
    Pb__PeriodLoad load;
    Pb__PeriodDefinition definition;
    Pb__UnitDefinition *units, **unit_list;
    Pb__CriterionDefinition *criteria, **criterion_list;
    char (*words)[6][64];
};

static inline void make_unit(Pb__UnitDefinition *unit, char words[6][64], unsigned number) {
    pb__unit_definition__init(unit);
    snprintf(words[0], 64, "xa-don-vi-so-%u", number);
    snprintf(words[1], 64, "Ủy ban MTTQ xã Đơn Vị số %u", number);
    snprintf(words[2], 64, "don-vi-%u", number);
    snprintf(words[3], 64, "xa");
    snprintf(words[4], 64, "tinh-%u", number % 34);
    snprintf(words[5], 64, "2025-07-01");
    unit->id = words[0];
    unit->name = words[1];
    unit->alias = words[2];
    unit->kind = words[3];
    unit->parent = words[4];
    unit->valid_from = words[5];
}

static inline void make_criterion(Pb__CriterionDefinition *criterion, char words[6][64], unsigned number) {
    pb__criterion_definition__init(criterion);
    snprintf(words[0], 64, "TC%u", number + 1);
    criterion->code = words[0];
    criterion->title = "Kết quả thực hiện các chỉ tiêu, mức vận động của từng đơn vị đều đạt và vượt kế hoạch đề ra";
    criterion->has_provenance = true;
    criterion->provenance = PB__PROVENANCE__NAMED;
    criterion->has_max_cp = true;
    criterion->max_cp = 1250;
    criterion->has_step_cp = true;
    criterion->step_cp = 25;
    criterion->has_formula = true;
    criterion->formula = PB__FORMULA__MANUAL;
}

static inline void make_period(struct period_request *made, unsigned units, unsigned criteria) {
    made->request = request_of(PB__REQUEST__BODY_PERIOD_LOAD);
    made->request.period_load = &made->load;
    pb__period_load__init(&made->load);
    made->load.definition = &made->definition;
    Pb__PeriodDefinition *definition = &made->definition;
    pb__period_definition__init(definition);
    definition->id = "hn-cum-1-2022";
    definition->name = "Giao ước thi đua năm 2022";
    definition->cluster = "hn-cum-1";
    definition->has_year = definition->has_total_cp = definition->has_bonus_cap_cp = true;
    definition->year = 2022;
    definition->total_cp = 10000;
    definition->has_hard_close = definition->has_visibility = definition->has_deadline_ms = true;
    definition->visibility = PB__VISIBILITY__AFTER_DEADLINE;
    definition->deadline_ms = 1669827600000;
    made->words = calloc(units + criteria, sizeof *made->words);
    made->units = calloc(units, sizeof *made->units);
    made->unit_list = calloc(units, sizeof *made->unit_list);
    made->criteria = calloc(criteria, sizeof *made->criteria);
    made->criterion_list = calloc(criteria, sizeof *made->criterion_list);
    for (unsigned i = 0; i < units; i++) {
        make_unit(&made->units[i], made->words[i], i);
        made->unit_list[i] = &made->units[i];
    }
    for (unsigned i = 0; i < criteria; i++) {
        make_criterion(&made->criteria[i], made->words[units + i], i);
        made->criterion_list[i] = &made->criteria[i];
    }
    definition->n_units = units;
    definition->units = made->unit_list;
    definition->n_criteria = criteria;
    definition->criteria = made->criterion_list;
}

static inline void free_period(struct period_request *made) {
    free(made->words);
    free(made->units);
    free(made->unit_list);
    free(made->criteria);
    free(made->criterion_list);
}

#endif
