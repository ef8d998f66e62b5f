#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/files.h"
#include "server/key.h"

static const char *const names[] = {"tls.key", "tls.crt", "tls.key.new", "given"};

static int make_place(void **state) {
    char *folder = strdup("/tmp/thidua-key-XXXXXX");
    *state = folder;
    return folder && mkdtemp(folder) ? 0 : -1;
}

static const char *path_of(const char *folder, const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int clear_place(void **state) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unlink(path_of(*state, names[i]));
    rmdir(*state);
    free(*state);
    return 0;
}

static bool open_with(struct key *key, const char *folder, const char *given) {
    char error[512] = "";
    bool opened = key_open(key, folder, given, error, sizeof error);
    assert_true(opened || error[0] != '\0');
    return opened;
}

static void the_first_start_makes_a_private_key(void **state) {
    const char *folder = *state;
    struct key key;
    struct stat st;
    assert_true(open_with(&key, folder, NULL));
    assert_true(key.made);
    assert_int_equal(EVP_PKEY_get_bits(key.pair), 256);
    assert_int_equal(X509_check_private_key(key.certificate, key.pair), 1);
    assert_int_equal(stat(path_of(folder, "tls.key"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(access(path_of(folder, "tls.key.new"), F_OK), -1);
    key_close(&key);
}

static void later_starts_find_the_same_pin(void **state) {
    const char *folder = *state;
    struct key first, again;
    assert_true(open_with(&first, folder, NULL));
    assert_true(open_with(&again, folder, NULL));
    assert_false(again.made);
    assert_memory_equal(first.pin, again.pin, KEY_PIN_SIZE);
    assert_int_equal(X509_cmp(first.certificate, again.certificate), 0);
    key_close(&again);
    unlink(path_of(folder, "tls.crt"));
    assert_true(open_with(&again, folder, NULL));
    assert_memory_equal(first.pin, again.pin, KEY_PIN_SIZE);
    key_close(&again);
    key_close(&first);
}

static void a_given_key_comes_before_the_own_one(void **state) {
    const char *folder = *state;
    struct key own, given;
    assert_true(open_with(&own, folder, NULL));
    char path[256];
    snprintf(path, sizeof path, "%s", path_of(folder, "given"));
    assert_int_equal(rename(path_of(folder, "tls.key"), path), 0);
    assert_true(open_with(&given, folder, path));
    assert_memory_equal(own.pin, given.pin, KEY_PIN_SIZE);
    assert_int_equal(access(path_of(folder, "tls.key"), F_OK), -1);
    key_close(&given);
    unlink(path);
    assert_false(open_with(&given, folder, path)); // one that is promised and missing is not replaced
    key_close(&own);
}

static void a_key_that_others_can_read_is_refused(void **state) {
    const char *folder = *state;
    struct key key;
    assert_true(open_with(&key, folder, NULL));
    key_close(&key);
    assert_int_equal(chmod(path_of(folder, "tls.key"), 0640), 0);
    assert_false(open_with(&key, folder, NULL));
}

static void a_damaged_key_is_not_replaced(void **state) {
    const char *folder = *state;
    struct key key;
    char error[256];
    assert_true(file_replace(folder, "tls.key", 0600, "nonsense\n", 9, error, sizeof error));
    assert_false(open_with(&key, folder, NULL));
    struct stat st;
    assert_int_equal(stat(path_of(folder, "tls.key"), &st), 0);
    assert_int_equal(st.st_size, 9);
}

#define KEY_TEST(test) cmocka_unit_test_setup_teardown(test, make_place, clear_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        KEY_TEST(the_first_start_makes_a_private_key),  KEY_TEST(later_starts_find_the_same_pin),
        KEY_TEST(a_given_key_comes_before_the_own_one), KEY_TEST(a_key_that_others_can_read_is_refused),
        KEY_TEST(a_damaged_key_is_not_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
