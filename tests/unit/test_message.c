#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "proto/frame.h"
#include "tests/unit/requests.h"

static void what_passed_is_what_was_sent(void **state) {
    (void)state;
    struct score_request score;
    struct door door;
    make_score(&score);
    door_open(&door, MESSAGE_BUDGET_UNAUTHENTICATED);
    size_t size;
    uint8_t *bytes = packed(&score.request, &size);
    assert_int_equal(take(&door, bytes, size), ACCEPTED);
    assert_int_equal(door.id, 7);
    assert_string_equal(message_request_name(door.request), "score");
    assert_string_equal(door.request->score->note, score.score.note);
    assert_string_equal(door.request->score->lines[1]->criterion, "TC3");
    assert_int_equal(door.request->score->lines[1]->points_cp, 1250);
    free(bytes);
    door_close(&door);
}

// ---- bytes that no honest client sends ----

static void unknown_fields_are_refused(void **state) {
    (void)state;
    struct door door;
    door_open(&door, MESSAGE_BUDGET);
    // id 7, ping {}, field 100 = 1
    assert_int_equal(take(&door, (const uint8_t *)"\x08\x07\x6a\x00\xa0\x06\x01", 7), REASON_UNKNOWN_FIELD);
    assert_string_equal(field_of(&door.problems), "Request");
    assert_int_equal(door.id, 7);
    // id 7, ping { field 1 = 1 }
    assert_int_equal(take(&door, (const uint8_t *)"\x08\x07\x6a\x02\x08\x01", 6), REASON_UNKNOWN_FIELD);
    assert_string_equal(field_of(&door.problems), "ping");
    // a body of a later version: what is wrong is not that there is none
    assert_int_equal(take(&door, (const uint8_t *)"\x08\x07\xfa\x06\x00", 5), REASON_UNKNOWN_FIELD);
    door_close(&door);
}

static void only_the_shortest_form_is_accepted(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        int reason;
    } cases[] = {
        {"\x08\x07\x6a\x00", 4, ACCEPTED},
        {"\x6a\x00\x08\x07", 4, ACCEPTED},                                      // the order is free
        {"\x08\x06\x08\x07\x6a\x00", 6, REASON_NOT_CANONICAL},                  // id twice
        {"\x08\x07\x6a\x00\x6a\x00", 6, REASON_NOT_CANONICAL},                  // ping twice
        {"\x08\x07\x6a\x00\x72\x00", 6, REASON_NOT_CANONICAL},                  // ping and whoami
        {"\x08\x87\x00\x6a\x00", 5, REASON_NOT_CANONICAL},                      // 7 in two bytes
        {"\x08\x07\x6a\x80\x00", 5, REASON_NOT_CANONICAL},                      // length 0 in two bytes
        {"\x88\x00\x07\x6a\x00", 5, REASON_NOT_CANONICAL},                      // tag in two bytes
        {"\x08\x07\x82\x02\x05\x0a\x03\x61\x00\x62", 10, REASON_NOT_CANONICAL}, // period "a\0b"
        {"\x08\x07\x6a\x01", 4, REASON_MESSAGE_BAD},                            // cut off
        {"\x08\x07\x68\x01", 4, REASON_MESSAGE_BAD},                            // ping is no number
        {"\x0d\x07\x00\x00\x00\x6a\x00", 7, REASON_MESSAGE_BAD},                // id is no fixed32
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10, REASON_MESSAGE_BAD},
        {"GET / HTTP/1.1\r\n", 16, REASON_MESSAGE_BAD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(reason_for_bytes(cases[i].bytes, cases[i].size), cases[i].reason);
}

static void the_id_is_known_where_it_can_be_read(void **state) {
    (void)state;
    struct door door;
    door_open(&door, MESSAGE_BUDGET);
    assert_int_equal(take(&door, (const uint8_t *)"\x08\x87\x01", 3), REASON_NO_BODY);
    assert_int_equal(door.id, 135);
    assert_int_equal(take(&door, (const uint8_t *)"\x08\x07\x6a\x01", 4), REASON_MESSAGE_BAD);
    assert_int_equal(door.id, 0);
    assert_int_equal(take(&door, (const uint8_t *)"\x6a\x00", 2), REASON_FIELD_MISSING);
    assert_int_equal(door.id, 0);
    door_close(&door);
}

// A score with `bytes` of repeated empty lines: 2 bytes of input for 40 of memory.
static uint8_t *many_lines(size_t bytes, size_t *size) {
    uint8_t *out = malloc(bytes + 16);
    assert_non_null(out);
    uint8_t length[FRAME_PREFIX_MAX];
    size_t n = frame_prefix(length, bytes), at = 0;
    out[at++] = 0x08;
    out[at++] = 0x07;
    out[at++] = 0xc2; // field 40
    out[at++] = 0x02;
    memcpy(out + at, length, n);
    at += n;
    for (size_t i = 0; i < bytes; i += 2) {
        out[at++] = 0x12;
        out[at++] = 0x00;
    }
    *size = at;
    return out;
}

static void no_input_costs_more_than_its_budget(void **state) {
    (void)state;
    static const size_t budgets[] = {MESSAGE_BUDGET_UNAUTHENTICATED, MESSAGE_BUDGET};
    static const size_t lengths[] = {1000, 64 * 1024, 1024 * 1024};
    for (size_t b = 0; b < 2; b++)
        for (size_t l = 0; l < 3; l++) {
            struct door door;
            size_t size;
            uint8_t *bytes = many_lines(lengths[l], &size);
            door_open(&door, budgets[b]);
            int reason = take(&door, bytes, size);
            assert_true(reason == REASON_MESSAGE_TOO_LARGE || reason == REASON_FIELD_MISSING);
            assert_true(arena_used(door.arena) <= budgets[b]);
            if (lengths[l] > budgets[b] / 4) {
                assert_int_equal(reason, REASON_MESSAGE_TOO_LARGE);
                assert_int_equal(argument_of(&door.problems, "limit")->number, budgets[b]);
            }
            free(bytes);
            door_close(&door);
        }
}

// The largest council definition that is foreseen: every commune of the country, 40 criteria.
static void a_period_of_the_whole_country_fits(void **state) {
    (void)state;
    struct period_request period;
    struct door door;
    make_period(&period, 3321, 40);
    door_open(&door, MESSAGE_BUDGET);
    size_t size;
    uint8_t *bytes = packed(&period.request, &size);
    assert_true(size <= FRAME_LIMIT_CENTRAL);
    assert_int_equal(take(&door, bytes, size), ACCEPTED);
    print_message("3321 units, 40 criteria: a frame of %zu bytes takes %zu of %d bytes of memory\n", size,
                  arena_used(door.arena), MESSAGE_BUDGET);
    assert_int_equal(door.request->period_load->definition->n_units, 3321);
    free(bytes);
    door_close(&door);
    free_period(&period);
}

static void every_beginning_of_a_request_is_refused(void **state) {
    (void)state;
    struct score_request score;
    struct door door;
    make_score(&score);
    door_open(&door, MESSAGE_BUDGET);
    size_t size;
    uint8_t *bytes = packed(&score.request, &size);
    for (size_t there = 0; there < size; there++) {
        uint8_t *part = malloc(there + 1); // so that a read past the end is seen
        memcpy(part, bytes, there);
        assert_int_not_equal(take(&door, part, there), ACCEPTED);
        free(part);
    }
    free(bytes);
    door_close(&door);
}

// Bytes changed at random: whatever is accepted says the same when it is packed again.
static void what_is_accepted_packs_to_as_many_bytes(void **state) {
    (void)state;
    struct score_request score;
    struct door door;
    make_score(&score);
    door_open(&door, MESSAGE_BUDGET);
    size_t size;
    uint8_t *bytes = packed(&score.request, &size), *bent = malloc(size);
    uint32_t random = 12345;
    int accepted = 0;
    for (int round = 0; round < 20000; round++) {
        memcpy(bent, bytes, size);
        for (int i = 0; i <= round % 3; i++) {
            random = random * 1664525u + 1013904223u;
            bent[(random >> 8) % size] = (uint8_t)(random >> 24);
        }
        if (take(&door, bent, size) != ACCEPTED)
            continue;
        accepted++;
        assert_int_equal(pb__request__get_packed_size(door.request), size);
    }
    assert_true(accepted > 100);
    free(bytes);
    free(bent);
    door_close(&door);
}

// ---- frames, digests, responses ----

static void a_frame_is_prefix_and_body(void **state) {
    (void)state;
    struct score_request score;
    make_score(&score);
    uint8_t out[1024];
    size_t size = message_frame_size(&score.request.base), prefix, body;
    assert_true(size <= sizeof out);
    assert_int_equal(message_frame(&score.request.base, out), size);
    assert_int_equal(frame_look(out, size, size, sizeof out, &prefix, &body), FRAME_READY);
    assert_int_equal(prefix + body, size);
    assert_int_equal(reason_for_bytes((const char *)out + prefix, body), ACCEPTED);
}

static void the_digest_is_that_of_the_body(void **state) {
    (void)state;
    uint8_t expected[DIGEST_SIZE], digest[DIGEST_SIZE];
    Pb__Ping ping = PB__PING__INIT;
    Pb__Request request = request_of(PB__REQUEST__BODY_PING);
    request.ping = &ping;
    assert_int_equal(EVP_Digest("\x6a\x00", 2, expected, NULL, EVP_sha256(), NULL), 1);
    assert_true(message_digest(&request, digest));
    assert_memory_equal(digest, expected, DIGEST_SIZE);
    assert_int_equal(request.id, 7); // untouched
    assert_true(request.has_id);
}

static void the_digest_names_the_content_alone(void **state) {
    (void)state;
    uint8_t first[DIGEST_SIZE], other[DIGEST_SIZE], id[SUBMISSION_SIZE] = {1};
    struct score_request score;
    make_score(&score);
    assert_true(message_digest(&score.request, first));
    score.request.id = 8;
    score.request.submission.data = id;
    assert_true(message_digest(&score.request, other));
    assert_memory_equal(first, other, DIGEST_SIZE);
    score.lines[1].points_cp++;
    assert_true(message_digest(&score.request, other));
    assert_memory_not_equal(first, other, DIGEST_SIZE);
}

static void large_requests_have_digests_too(void **state) {
    (void)state;
    uint8_t digest[DIGEST_SIZE], expected[DIGEST_SIZE];
    struct period_request period;
    make_period(&period, 1000, 10);
    assert_true(message_digest(&period.request, digest));
    period.request.has_id = false;
    size_t size;
    uint8_t *bytes = packed(&period.request, &size);
    assert_int_equal(EVP_Digest(bytes, size, expected, NULL, EVP_sha256(), NULL), 1);
    assert_memory_equal(digest, expected, DIGEST_SIZE);
    free(bytes);
    free_period(&period);
}

static void a_response_is_read_within_its_budget(void **state) {
    (void)state;
    Pb__Response response = PB__RESPONSE__INIT;
    Pb__PingReply ping = PB__PING_REPLY__INIT;
    response.has_id = response.has_status = ping.has_seq = true;
    response.id = 9;
    response.body_case = PB__RESPONSE__BODY_PING;
    response.ping = &ping;
    ping.seq = 41;
    uint8_t bytes[64];
    size_t size = pb__response__pack(&response, bytes);
    struct arena *arena = arena_new(64 * 1024), *small = arena_new(16);
    const Pb__Response *read = message_unpack_response(arena, bytes, size);
    assert_non_null(read);
    assert_int_equal(read->ping->seq, 41);
    assert_null(message_unpack_response(small, bytes, size));
    assert_null(message_unpack_response(arena, bytes, size - 1));
    arena_free(arena);
    arena_free(small);
}

static void every_body_has_a_name(void **state) {
    (void)state;
    Pb__Request request = request_of(PB__REQUEST__BODY__NOT_SET);
    assert_string_equal(message_request_name(&request), "none");
    request.body_case = PB__REQUEST__BODY_PERIOD_LOAD;
    assert_string_equal(message_request_name(&request), "period_load");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_passed_is_what_was_sent),
        cmocka_unit_test(unknown_fields_are_refused),
        cmocka_unit_test(only_the_shortest_form_is_accepted),
        cmocka_unit_test(the_id_is_known_where_it_can_be_read),
        cmocka_unit_test(no_input_costs_more_than_its_budget),
        cmocka_unit_test(a_period_of_the_whole_country_fits),
        cmocka_unit_test(every_beginning_of_a_request_is_refused),
        cmocka_unit_test(what_is_accepted_packs_to_as_many_bytes),
        cmocka_unit_test(a_frame_is_prefix_and_body),
        cmocka_unit_test(the_digest_is_that_of_the_body),
        cmocka_unit_test(the_digest_names_the_content_alone),
        cmocka_unit_test(large_requests_have_digests_too),
        cmocka_unit_test(a_response_is_read_within_its_budget),
        cmocka_unit_test(every_body_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
