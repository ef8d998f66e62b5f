// The profile: what is kept, who may read it, and what is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/profile.h"

struct place {
    char folder[32];
    char inner[64]; // a folder that is not there yet
    char path[96];
};

static int set_up(void **state) {
    struct place *place = calloc(1, sizeof(*place));
    snprintf(place->folder, sizeof(place->folder), "/tmp/test-profile-XXXXXX");
    if (!mkdtemp(place->folder))
        return -1;
    snprintf(place->inner, sizeof(place->inner), "%s/deep", place->folder);
    snprintf(place->path, sizeof(place->path), "%s/profile", place->inner);
    *state = place;
    return 0;
}

static int tear_down(void **state) {
    struct place *place = *state;
    unlink(place->path);
    rmdir(place->inner);
    int left = rmdir(place->folder); // fails where a temporary file was left behind
    free(place);
    return left;
}

static struct profile new_profile(const struct place *place) {
    struct options options = {.profile = place->path};
    struct profile profile;
    profile_init(&profile, &options);
    return profile;
}

static void write_text(const struct place *place, const char *text, mode_t mode) {
    mkdir(place->inner, 0700);
    FILE *file = fopen(place->path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    chmod(place->path, mode);
}

static void assert_refused(const struct place *place, const char *part) {
    struct profile profile = new_profile(place);
    char *wrong = profile_read(&profile);
    assert_non_null(wrong);
    assert_non_null(strstr(wrong, part));
    free(wrong);
    profile_free(&profile);
}

static void what_is_written_is_read(void **state) {
    const struct place *place = *state;
    struct profile profile = new_profile(place), back = new_profile(place);
    struct stat file, folder;
    profile.server = strdup("diem.example.vn:22022");
    profile.has_pin = profile.has_token = profile.has_invite = true;
    memset(profile.pin, 0xa1, sizeof(profile.pin));
    memset(profile.token, 0xb2, sizeof(profile.token));
    memset(profile.invite, 0xc3, sizeof(profile.invite));
    profile.account = 4294967295;
    assert_null(profile_write(&profile));
    assert_int_equal(stat(place->path, &file) | stat(place->inner, &folder), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_int_equal(folder.st_mode & 0777, 0700);
    assert_null(profile_read(&back));
    assert_true(back.there && back.chosen && back.has_pin && back.has_token && back.has_invite);
    assert_string_equal(back.server, profile.server);
    assert_memory_equal(back.pin, profile.pin, sizeof(back.pin));
    assert_memory_equal(back.token, profile.token, sizeof(back.token));
    assert_memory_equal(back.invite, profile.invite, sizeof(back.invite));
    assert_int_equal(back.account, profile.account);
    profile_free(&profile);
    profile_free(&back);
}

static void none_is_no_error(void **state) {
    struct profile profile = new_profile(*state);
    assert_null(profile_read(&profile));
    assert_false(profile.there);
    profile_free(&profile);
}

static void others_may_not_read_it(void **state) {
    write_text(*state, "server = \"h:1\"\n", 0640);
    assert_refused(*state, "chmod 600");
}

static void an_unknown_key_is_named_with_its_line(void **state) {
    write_text(*state, "server = \"h:1\"\ncolour = red\n", 0600);
    assert_refused(*state, "profile:2: ");
    assert_refused(*state, "colour");
}

static void wrong_values_are_named_with_their_line(void **state) {
    write_text(*state, "\ntoken = \"abc\"\n", 0600);
    assert_refused(*state, "profile:2: token");
    write_text(*state, "account = 0\n", 0600);
    assert_refused(*state, "profile:1: account");
    write_text(*state, "server = \"nowhere\"\n", 0600);
    assert_refused(*state, "profile:1: server");
    write_text(*state, "account = 1\naccount = 2\n", 0600);
    assert_refused(*state, "profile:2: account is given twice");
}

static void the_default_place_follows_the_environment(void **state) {
    struct options options = {0};
    struct profile profile;
    (void)state;
    setenv("HOME", "/home/x", 1);
    unsetenv("XDG_CONFIG_HOME");
    profile_init(&profile, &options);
    assert_string_equal(profile.path, "/home/x/.config/thidua/profile");
    assert_false(profile.chosen);
    profile_free(&profile);
    setenv("XDG_CONFIG_HOME", "/cfg", 1);
    profile_init(&profile, &options);
    assert_string_equal(profile.path, "/cfg/thidua/profile");
    profile_free(&profile);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read),
        TEST(none_is_no_error),
        TEST(others_may_not_read_it),
        TEST(an_unknown_key_is_named_with_its_line),
        TEST(wrong_values_are_named_with_their_line),
        cmocka_unit_test(the_default_place_follows_the_environment),
    };
    return cmocka_run_group_tests_name("client profile", tests, NULL, NULL);
}
