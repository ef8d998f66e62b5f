// The spool's files: what is kept, in which order, and what is made of it; nothing here asks a server.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/output/value.h"
#include "client/spool.h"
#include "client/spool_basis.h"
#include "client/spool_seen.h"

struct place {
    char folder[32];
    char path[64]; // of the profile
    struct profile profile;
    struct spool spool;
    struct client client;
};

static int set_up(void **state) {
    struct place *place = calloc(1, sizeof(*place));
    snprintf(place->folder, sizeof(place->folder), "/tmp/test-spool-XXXXXX");
    if (!mkdtemp(place->folder))
        return -1;
    setenv("XDG_STATE_HOME", place->folder, 1);
    snprintf(place->path, sizeof(place->path), "%s/profile", place->folder);
    place->profile = (struct profile){.path = place->path, .account = 7};
    spool_open(&place->spool, &place->profile);
    *state = place;
    return 0;
}

static int tear_down(void **state) {
    struct place *place = *state;
    char command[64];
    spool_free(&place->spool);
    snprintf(command, sizeof(command), "rm -rf %s", place->folder);
    int left = system(command);
    free(place);
    return left;
}

// ---- requests ----

struct score {
    Pb__Request request;
    Pb__Score score;
    Pb__LineInput line, *lines[1];
    uint8_t id[SUBMISSION_SIZE];
};

static Pb__Request *score_of(struct score *score, uint8_t id, const char *code, int32_t points_cp) {
    *score = (struct score){.request = PB__REQUEST__INIT, .score = PB__SCORE__INIT, .line = PB__LINE_INPUT__INIT};
    memset(score->id, id, sizeof(score->id));
    score->line.criterion = code;
    score->line.has_points_cp = true;
    score->line.points_cp = points_cp;
    score->lines[0] = &score->line;
    score->score.n_lines = 1;
    score->score.lines = score->lines;
    score->request.has_submission = true;
    score->request.submission = (ProtobufCBinaryData){.len = sizeof(score->id), .data = score->id};
    score->request.body_case = PB__REQUEST__BODY_SCORE;
    score->request.score = &score->score;
    return &score->request;
}

static Pb__Request *submit_of(struct score *score, Pb__Submit *submit, uint8_t id) {
    Pb__Request *request = score_of(score, id, "TC1", 0);
    pb__submit__init(submit);
    request->body_case = PB__REQUEST__BODY_SUBMIT;
    request->submit = submit;
    return request;
}

static json_t *seen_of(const struct place *place) {
    json_t *seen = json_pack("{s:i, s:s, s:{s:{s:s, s:i, s:{s:{s:i,s:i}, s:{s:i,s:i}, s:{s:i,s:n}}}}}", "account",
                             (int)place->profile.account, "current", "nam-2022", "periods", "nam-2022", "unit",
                             "quan-ba-dinh", "seq", 41, "lines", "TC1", "revision", 3, "points_cp", 1250, "TC2",
                             "revision", 1, "points_cp", 500, "TC3", "revision", 0, "points_cp");
    assert_non_null(seen);
    return seen;
}

// Keeps it with what is known, as a verb does; gives the head.
static json_t *keep(struct place *place, const Pb__Request *request, const json_t *seen) {
    struct spool_list list;
    int held = spool_hold(&place->spool);
    assert_true(held >= 0);
    spool_read(&place->spool, &list);
    json_t *head = spool_basis(&place->client, &place->profile, &place->spool, &list, seen, request);
    spool_list_free(&list);
    assert_true(spool_keep(&place->spool, head, request));
    spool_let_go(held);
    return head;
}

static void keep_score(struct place *place, uint8_t id, const char *code, int32_t points_cp) {
    struct score score;
    json_t *seen = seen_of(place);
    json_decref(keep(place, score_of(&score, id, code, points_cp), seen));
    json_decref(seen);
}

static void path_of(char out[512], const struct place *place, const struct spool_entry *entry) {
    snprintf(out, 512, "%s/%s%s", place->spool.folder, entry->parked ? "parked/" : "", entry->name);
}

// ---- files ----

static void what_is_kept_is_read_back(void **state) {
    struct place *place = *state;
    struct spool_list list;
    struct stat status;
    char path[512];
    assert_false(spool_any(&place->spool));
    keep_score(place, 0xa1, "TC1", 725);
    spool_read(&place->spool, &list);
    assert_int_equal(list.count, 1);
    const struct spool_entry *entry = &list.entries[0];
    assert_null(entry->wrong);
    assert_false(entry->parked);
    assert_true(spool_waits(&place->spool, entry));
    assert_string_equal(entry->id, "a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1");
    assert_string_equal(spool_item_period(&entry->item), "nam-2022");
    assert_string_equal(spool_item_text(&entry->item, "unit"), "quan-ba-dinh");
    assert_int_equal(spool_item_number(&entry->item, "seq", 0), 41);
    assert_int_equal(spool_item_line(&entry->item, "tc1")->points_cp, 725);
    assert_ptr_equal(spool_find(&list, entry->id), entry);
    path_of(path, place, entry);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(stat(place->spool.folder, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    spool_list_free(&list);
}

static void they_stand_in_the_order_of_keeping(void **state) {
    struct place *place = *state;
    static const uint8_t ids[] = {0xf0, 0x10, 0x80, 0x01};
    struct spool_list list;
    for (size_t i = 0; i < sizeof(ids); i++)
        keep_score(place, ids[i], "TC1", 100);
    spool_read(&place->spool, &list);
    assert_int_equal(list.count, sizeof(ids));
    for (size_t i = 0; i < sizeof(ids); i++)
        assert_int_equal(list.entries[i].item.request->submission.data[0], ids[i]);
    assert_true(list.entries[1].number > list.entries[0].number);
    spool_list_free(&list);
}

static void a_number_is_not_given_twice(void **state) {
    struct place *place = *state;
    struct spool_list list;
    keep_score(place, 1, "TC1", 100);
    keep_score(place, 2, "TC2", 100);
    spool_read(&place->spool, &list);
    unsigned last = list.entries[1].number;
    assert_true(spool_park_behind(&place->spool, &list.entries[1], list.entries[0].id));
    spool_list_free(&list);
    keep_score(place, 3, "TC1", 100);
    spool_read(&place->spool, &list);
    assert_int_equal(list.entries[2].number, last + 1);
    spool_list_free(&list);
}

// ---- damage ----

static void change_byte(const char *path, long at) {
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    int byte = getc(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    putc(byte ^ 1, file);
    fclose(file);
}

static void a_changed_byte_is_seen_wherever_it_is(void **state) {
    struct place *place = *state;
    struct spool_list list;
    struct stat status;
    char path[512];
    keep_score(place, 1, "TC1", 100);
    spool_read(&place->spool, &list);
    path_of(path, place, &list.entries[0]);
    spool_list_free(&list);
    assert_int_equal(stat(path, &status), 0);
    for (long at = 0; at < status.st_size; at++) {
        change_byte(path, at);
        spool_read(&place->spool, &list);
        assert_int_equal(list.count, 1);
        assert_non_null(list.entries[0].wrong);
        assert_false(spool_waits(&place->spool, &list.entries[0]));
        assert_false(spool_any(&place->spool));
        spool_list_free(&list);
        change_byte(path, at);
    }
    assert_true(spool_any(&place->spool));
}

static void a_short_file_is_seen(void **state) {
    struct place *place = *state;
    struct spool_list list;
    struct stat status;
    char path[512];
    keep_score(place, 1, "TC1", 100);
    spool_read(&place->spool, &list);
    path_of(path, place, &list.entries[0]);
    spool_list_free(&list);
    assert_int_equal(stat(path, &status), 0);
    for (off_t size = status.st_size - 1; size >= 0; size -= 7) {
        assert_int_equal(truncate(path, size), 0);
        spool_read(&place->spool, &list);
        assert_non_null(list.entries[0].wrong);
        spool_list_free(&list);
    }
}

static void a_file_under_another_name_is_not_sent(void **state) {
    struct place *place = *state;
    struct spool_list list;
    char path[512], other[600];
    keep_score(place, 1, "TC1", 100);
    spool_read(&place->spool, &list);
    path_of(path, place, &list.entries[0]);
    spool_list_free(&list);
    snprintf(other, sizeof(other), "%s/0000000009-02020202-0202-0202-0202-020202020202.request", place->spool.folder);
    assert_int_equal(rename(path, other), 0);
    spool_read(&place->spool, &list);
    assert_non_null(list.entries[0].wrong);
    spool_list_free(&list);
    snprintf(path, sizeof(path), "%s/x.request", place->spool.folder);
    assert_int_equal(rename(other, path), 0);
    spool_read(&place->spool, &list);
    assert_non_null(list.entries[0].wrong);
    assert_string_equal(list.entries[0].id, "");
    spool_list_free(&list);
}

static void a_newer_format_is_let_be(void **state) {
    struct spool_item item;
    const char *wrong = spool_item_read(&item, (const uint8_t *)"thidua-spool 2\n{}\n", 18);
    (void)state;
    assert_non_null(wrong);
    assert_non_null(strstr(wrong, "another version"));
    spool_item_free(&item);
}

// ---- a disk that is full ----

static void what_cannot_be_written_is_not_there(void **state) {
    struct place *place = *state;
    struct score score;
    struct rlimit before, none = {0, 0};
    json_t *head = json_object();
    keep_score(place, 1, "TC1", 100);
    int held = spool_hold(&place->spool);
    getrlimit(RLIMIT_FSIZE, &before);
    none.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &none);
    errno = 0;
    bool kept = spool_keep(&place->spool, head, score_of(&score, 2, "TC2", 100));
    int why = errno;
    setrlimit(RLIMIT_FSIZE, &before);
    spool_let_go(held);
    json_decref(head);
    assert_false(kept);
    assert_int_equal(why, EFBIG);
    char command[128];
    snprintf(command, sizeof(command), "test $(ls %s | grep -c request) = 1", place->spool.folder);
    assert_int_equal(system(command), 0);
}

static void what_a_killed_process_left_is_swept(void **state) {
    struct place *place = *state;
    char path[512];
    keep_score(place, 1, "TC1", 100);
    snprintf(path, sizeof(path), "%s/0000000002-x.request.abcdef", place->spool.folder);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    keep_score(place, 2, "TC1", 100);
    assert_int_equal(access(path, F_OK), -1);
}

// ---- locks ----

static void one_process_sends(void **state) {
    struct place *place = *state;
    struct spool other;
    keep_score(place, 1, "TC1", 100);
    spool_open(&other, &place->profile);
    assert_true(spool_may_send(&place->spool));
    assert_true(spool_may_send(&place->spool));
    pid_t pid = fork();
    if (!pid)
        _exit(spool_may_send(&other) || (errno != EAGAIN && errno != EACCES));
    int status;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
    close(place->spool.sending);
    place->spool.sending = -1;
    assert_true(spool_may_send(&other));
    spool_free(&other);
}

static void one_profile_has_one_folder(void **state) {
    struct place *place = *state;
    struct profile same = {.path = malloc(128)}, other = {.path = malloc(128)};
    struct spool first, second;
    snprintf(same.path, 128, "%s/../%s/profile", place->folder, strrchr(place->folder, '/') + 1);
    snprintf(other.path, 128, "%s/profile2", place->folder);
    spool_open(&first, &same);
    spool_open(&second, &other);
    assert_string_equal(first.folder, place->spool.folder);
    assert_string_not_equal(second.folder, place->spool.folder);
    spool_free(&first);
    spool_free(&second);
    free(same.path);
    free(other.path);
}

static void another_account_does_not_send(void **state) {
    struct place *place = *state;
    keep_score(place, 1, "TC1", 100);
    assert_true(spool_any(&place->spool));
    place->spool.account = 8;
    assert_false(spool_any(&place->spool));
    place->spool.account = 7;
}

// ---- parked ----

static void a_refusal_stands_beside_what_is_parked(void **state) {
    struct place *place = *state;
    struct spool_list list;
    struct arena *arena = arena_new(1 << 20);
    keep_score(place, 1, "TC1", 100);
    keep_score(place, 2, "TC1", 200);
    spool_read(&place->spool, &list);
    assert_true(spool_item_behind(&list.entries[1].item, list.entries[0].id));
    assert_true(spool_park_behind(&place->spool, &list.entries[1], list.entries[0].id));
    spool_list_free(&list);
    spool_read(&place->spool, &list);
    assert_int_equal(list.count, 2);
    assert_true(list.entries[1].parked);
    assert_false(spool_waits(&place->spool, &list.entries[1]));
    const Pb__Response *refusal = spool_refusal(&place->spool, &list.entries[1], arena);
    assert_non_null(refusal);
    assert_string_equal(refusal->problems[0]->reason, SPOOL_BEHIND);
    assert_string_equal(refusal->problems[0]->arguments[0]->text, list.entries[0].id);
    assert_true(spool_remove(&place->spool, &list.entries[1]));
    assert_null(spool_refusal(&place->spool, &list.entries[1], arena));
    assert_true(spool_remove(&place->spool, &list.entries[0]));
    spool_list_free(&list);
    spool_read(&place->spool, &list);
    assert_int_equal(list.count, 0);
    spool_list_free(&list);
    arena_free(arena);
}

// ---- what it builds on ----

static void assert_revision(const json_t *head, const char *code, int revision) {
    assert_int_equal(json_integer_value(json_object_get(json_object_get(head, "revisions"), code)), revision);
}

static void revisions_count_what_waits_before(void **state) {
    struct place *place = *state;
    struct score score;
    json_t *seen = seen_of(place), *head = keep(place, score_of(&score, 1, "tc1", 100), seen);
    assert_revision(head, "tc1", 3);
    assert_true(spool_basis_guards(&score.request, head));
    json_decref(head);
    head = keep(place, score_of(&score, 2, "TC1", 200), seen);
    assert_revision(head, "TC1", 4);
    assert_int_equal(json_array_size(json_object_get(head, "behind")), 1);
    json_decref(head);
    // The first has been recorded, and its answer was seen, but the process was killed before it was taken out.
    put(json_object_get(json_object_get(json_object_get(json_object_get(seen, "periods"), "nam-2022"), "lines"), "TC1"),
        "revision", json_integer(4));
    head = keep(place, score_of(&score, 3, "TC1", 300), seen);
    assert_revision(head, "TC1", 5);
    json_decref(head);
    head = keep(place, score_of(&score, 4, "TC2", 300), seen);
    assert_revision(head, "TC2", 1);
    assert_int_equal(json_array_size(json_object_get(head, "behind")), 0);
    json_decref(head);
    json_decref(seen);
}

static void what_was_never_seen_is_not_guarded(void **state) {
    struct place *place = *state;
    struct score score;
    struct arena *arena = arena_new(1 << 20);
    struct spool_list list;
    json_t *seen = json_object(), *head = keep(place, score_of(&score, 1, "TC1", 100), seen);
    assert_false(spool_basis_guards(&score.request, head));
    json_decref(head);
    json_decref(seen);
    spool_read(&place->spool, &list);
    assert_null(spool_item_guarded(&list.entries[0].item, arena));
    spool_list_free(&list);
    arena_free(arena);
}

static void the_copy_is_guarded_and_the_request_is_not(void **state) {
    struct place *place = *state;
    struct arena *arena = arena_new(1 << 20);
    struct spool_list list;
    keep_score(place, 1, "TC1", 100);
    spool_read(&place->spool, &list);
    const Pb__Request *guarded = spool_item_guarded(&list.entries[0].item, arena);
    assert_non_null(guarded);
    assert_string_equal(guarded->score->period, "nam-2022");
    assert_true(guarded->score->lines[0]->has_if_revision);
    assert_int_equal(guarded->score->lines[0]->if_revision, 3);
    assert_null(list.entries[0].item.request->score->period);
    assert_false(list.entries[0].item.request->score->lines[0]->has_if_revision);
    spool_list_free(&list);
    arena_free(arena);
}

static void the_persons_own_guard_stands(void **state) {
    struct place *place = *state;
    struct score score;
    struct arena *arena = arena_new(1 << 20);
    struct spool_list list;
    json_t *seen = seen_of(place);
    score_of(&score, 1, "TC1", 100);
    score.line.has_if_revision = true;
    score.line.if_revision = 9;
    json_decref(keep(place, &score.request, seen));
    spool_read(&place->spool, &list);
    assert_int_equal(spool_item_guarded(&list.entries[0].item, arena)->score->lines[0]->if_revision, 9);
    spool_list_free(&list);
    arena_free(arena);
    json_decref(seen);
}

static void a_hand_in_names_the_total_behind_what_waits(void **state) {
    struct place *place = *state;
    struct score score;
    Pb__Submit submit;
    struct arena *arena = arena_new(1 << 20);
    struct spool_list list;
    json_t *seen = seen_of(place);
    keep_score(place, 1, "TC1", 1000);
    keep_score(place, 2, "TC3", 25);
    keep_score(place, 3, "TC1", 725);
    json_t *head = keep(place, submit_of(&score, &submit, 4), seen);
    assert_int_equal(json_integer_value(json_object_get(head, "total_cp")), 725 + 500 + 25);
    assert_int_equal(json_array_size(json_object_get(head, "behind")), 3);
    assert_true(spool_basis_suffices(&score.request, head));
    spool_read(&place->spool, &list);
    assert_int_equal(spool_item_guarded(&list.entries[3].item, arena)->submit->if_total_cp, 1250);
    spool_list_free(&list);
    json_decref(head);
    json_decref(seen);
    arena_free(arena);
}

static void a_total_that_is_not_known_is_not_guessed(void **state) {
    struct place *place = *state;
    struct score score;
    Pb__Submit submit;
    struct spool_list list;
    json_t *seen = seen_of(place), *none = json_object();
    score_of(&score, 1, "TC1", 0);
    score.line.has_points_cp = false;
    score.line.has_actual = true;
    score.line.actual = 500;
    json_decref(keep(place, &score.request, seen));
    spool_read(&place->spool, &list);
    submit_of(&score, &submit, 2);
    for (int known = 0; known < 2; known++) {
        json_t *head =
            spool_basis(&place->client, &place->profile, &place->spool, &list, known ? seen : none, &score.request);
        assert_false(spool_basis_suffices(&score.request, head));
        json_decref(head);
    }
    spool_list_free(&list);
    json_decref(none);
    json_decref(seen);
}

// ---- what was seen ----

static void answers_are_remembered(void **state) {
    struct place *place = *state;
    const char *id;
    Pb__ScoreReply reply = PB__SCORE_REPLY__INIT;
    Pb__LineReply line = PB__LINE_REPLY__INIT, *lines[] = {&line};
    json_t *seen = seen_of(place);
    reply.period = "nam-2022";
    reply.n_lines = 1;
    reply.lines = lines;
    reply.has_seq = line.has_revision = line.has_points_cp = true;
    reply.seq = 57;
    line.criterion = "TC1";
    line.revision = 4;
    line.points_cp = 800;
    seen_score(seen, &reply);
    line.revision = 2; // the first answer to something older
    seen_score(seen, &reply);
    assert_int_equal(spool_hold(&place->spool) >= 0, 1);
    assert_true(seen_write(place->spool.seen, seen));
    json_decref(seen);
    seen = seen_read(place->spool.seen);
    const json_t *period = seen_period(seen, NULL, &id);
    assert_string_equal(id, "nam-2022");
    assert_int_equal(json_integer_value(json_object_get(period, "seq")), 57);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(json_object_get(period, "lines"), "TC1"), "revision")), 4);
    assert_null(seen_period(seen, "nam-2023", &id));
    json_decref(seen);
}

static void another_ledger_is_forgotten(void **state) {
    struct place *place = *state;
    const char *id;
    uint8_t ledger[LEDGER_ID_SIZE] = {1}, branch[LEDGER_ID_SIZE] = {2};
    Pb__HelloReply hello = PB__HELLO_REPLY__INIT;
    json_t *seen = json_object();
    hello.ledger = (ProtobufCBinaryData){.len = sizeof(ledger), .data = ledger};
    hello.branch = (ProtobufCBinaryData){.len = sizeof(branch), .data = branch};
    seen_settle(seen, 7, &hello);
    json_t *known = seen_of(place);
    json_object_update(seen, known);
    seen_settle(seen, 7, &hello);
    assert_non_null(seen_period(seen, NULL, &id));
    seen_settle(seen, 7, NULL);
    assert_non_null(seen_period(seen, NULL, &id));
    branch[0] = 3;
    seen_settle(seen, 7, &hello);
    assert_null(seen_period(seen, NULL, &id));
    json_object_update(seen, known);
    seen_settle(seen, 8, NULL);
    assert_null(seen_period(seen, NULL, &id));
    json_decref(known);
    json_decref(seen);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_kept_is_read_back),
        TEST(they_stand_in_the_order_of_keeping),
        TEST(a_number_is_not_given_twice),
        TEST(a_changed_byte_is_seen_wherever_it_is),
        TEST(a_short_file_is_seen),
        TEST(a_file_under_another_name_is_not_sent),
        TEST(a_newer_format_is_let_be),
        TEST(what_cannot_be_written_is_not_there),
        TEST(what_a_killed_process_left_is_swept),
        TEST(one_process_sends),
        TEST(one_profile_has_one_folder),
        TEST(another_account_does_not_send),
        TEST(a_refusal_stands_beside_what_is_parked),
        TEST(revisions_count_what_waits_before),
        TEST(what_was_never_seen_is_not_guarded),
        TEST(the_copy_is_guarded_and_the_request_is_not),
        TEST(the_persons_own_guard_stands),
        TEST(a_hand_in_names_the_total_behind_what_waits),
        TEST(a_total_that_is_not_known_is_not_guessed),
        TEST(answers_are_remembered),
        TEST(another_ledger_is_forgotten),
    };
    return cmocka_run_group_tests_name("client spool", tests, NULL, NULL);
}
