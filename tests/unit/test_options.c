#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/options.h"

enum { ARGUMENTS_MAX = 16, SAID_MAX = 4096 };

struct desk {
    char folder[64];
    char file[96];       // a configuration
    char said[96];       // where standard error goes meanwhile
    char text[SAID_MAX]; // what was said
    struct options options;
};

static int set_desk(void **state) {
    struct desk *desk = calloc(1, sizeof *desk);
    if (!desk)
        return -1;
    snprintf(desk->folder, sizeof desk->folder, "/tmp/thidua-options-XXXXXX");
    if (!mkdtemp(desk->folder))
        return -1;
    snprintf(desk->file, sizeof desk->file, "%s/thiduad.conf", desk->folder);
    snprintf(desk->said, sizeof desk->said, "%s/said", desk->folder);
    setenv("HOME", "/home/lan", 1);
    unsetenv("XDG_STATE_HOME");
    unsetenv("STATE_DIRECTORY");
    unsetenv("RUNTIME_DIRECTORY");
    setenv("XDG_RUNTIME_DIR", "/run/user/4242", 1);
    *state = desk;
    return 0;
}

static int clear_desk(void **state) {
    struct desk *desk = *state;
    options_free(&desk->options);
    unlink(desk->file);
    unlink(desk->said);
    rmdir(desk->folder);
    free(desk);
    return 0;
}

static void configure(struct desk *desk, const char *text) {
    FILE *file = fopen(desk->file, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void listen_in(struct desk *desk) {
    FILE *file = fopen(desk->said, "r");
    assert_non_null(file);
    size_t size = fread(desk->text, 1, sizeof desk->text - 1, file);
    desk->text[size] = '\0';
    fclose(file);
}

// Reads the options; what is said of them stands in desk->text afterwards.
static int give(struct desk *desk, const char *const *arguments) {
    char *argv[ARGUMENTS_MAX + 2] = {(char[]){"thiduad"}};
    int argc = 1;
    for (; arguments[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)arguments[argc - 1];
    options_free(&desk->options);
    int error = dup(STDERR_FILENO);
    assert_non_null(freopen(desk->said, "w", stderr));
    int status = options_read(&desk->options, argc, argv);
    fflush(stderr);
    dup2(error, STDERR_FILENO);
    close(error);
    listen_in(desk);
    return status;
}

#define GIVE(desk, ...)       give(desk, (const char *const[]){__VA_ARGS__, NULL})
#define GIVE_FILE(desk, text) (configure(desk, text), GIVE(desk, "-c", (desk)->file))

static const char *listened_to(const struct options *options, size_t i) {
    static char text[ADDRESS_TEXT_MAX];
    assert_true(i < options->n_listen);
    address_text((const struct sockaddr *)&options->listen[i].socket, options->listen[i].size, text);
    return text;
}

static void with_an_empty_file_all_is_default(void **state) {
    struct desk *desk = *state;
    assert_int_equal(GIVE_FILE(desk, ""), 0);
    const struct options *options = &desk->options;
    assert_int_equal(options->verb, OPTIONS_RUN);
    assert_string_equal(options->state, "/home/lan/.local/state/thiduad");
    assert_int_equal(options->n_listen, 2);
    assert_string_equal(listened_to(options, 0), "unix:/run/user/4242/thidua.sock");
    assert_string_equal(listened_to(options, 1), "127.0.0.1:22022");
    assert_int_equal(options->listen[1].kind, ADDRESS_TLS);
    assert_false(options->listen_chosen);
    assert_int_equal(options->metrics.size, 0);
    assert_null(options->public);
    assert_string_equal(options->admin_group, "thidua-admin");
    assert_true(options->map_size == UINT64_C(64) << 30);
    assert_int_equal(options->max_connections, 0);
    assert_int_equal(options->log_level, LOG_INFORM);
}

static void folders_follow_the_environment(void **state) {
    struct desk *desk = *state;
    setenv("XDG_STATE_HOME", "/data/state", 1);
    assert_int_equal(GIVE_FILE(desk, ""), 0);
    assert_string_equal(desk->options.state, "/data/state/thiduad");
    setenv("STATE_DIRECTORY", "/var/lib/thidua:/var/lib/other", 1);
    setenv("RUNTIME_DIRECTORY", "/run/thidua", 1);
    assert_int_equal(GIVE_FILE(desk, ""), 0);
    assert_string_equal(desk->options.state, "/var/lib/thidua");
    assert_string_equal(listened_to(&desk->options, 0), "unix:/run/thidua/admin.sock");
    unsetenv("STATE_DIRECTORY");
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    assert_int_equal(GIVE_FILE(desk, ""), OPTIONS_USAGE);
    assert_non_null(strstr(desk->text, "--state"));
}

static void every_key_is_read(void **state) {
    struct desk *desk = *state;
    assert_int_equal(GIVE_FILE(desk, "# comment\n"
                                     "listen = {\"unix:/run/thidua/admin.sock\", \"[::]:22022\"}\n"
                                     "metrics = \"127.0.0.1:9\"\n"
                                     "public = \"diem.example.vn:22022\"\n"
                                     "state = \"/srv/thi đua\"\n"
                                     "admin_group = \"wheel\"\n"
                                     "map_size = \"2G\"\n"
                                     "max_connections = 500\n"
                                     "log_level = debug\n"),
                     0);
    const struct options *options = &desk->options;
    assert_int_equal(options->n_listen, 2);
    assert_true(options->listen_chosen);
    assert_string_equal(listened_to(options, 1), "[::]:22022");
    assert_int_equal(options->metrics.kind, ADDRESS_PLAIN);
    assert_int_equal(address_port((const struct sockaddr *)&options->metrics.socket), 9);
    assert_string_equal(options->public, "diem.example.vn:22022");
    assert_string_equal(options->state, "/srv/thi đua");
    assert_string_equal(options->admin_group, "wheel");
    assert_true(options->map_size == UINT64_C(2) << 30);
    assert_int_equal(options->max_connections, 500);
    assert_int_equal(options->log_level, LOG_TRACE);
}

static void a_wrong_value_is_named_with_file_and_line(void **state) {
    struct desk *desk = *state;
    static const struct {
        const char *file, *says;
    } cases[] = {
        {"\nlisten = {\"unix:/a\",\n\"10.0.0.1\"}\n", ":3: listen: 10.0.0.1"},
        {"listen = {\"plain:10.0.0.1:80\"}\n", ":1: listen: plain:10.0.0.1:80"},
        {"\n\npublic = \"here\"\n", ":3: public: here"},
        {"\nmetrics = \"10.0.0.1:9\"\n", ":2: metrics: 10.0.0.1:9: "},
        {"metrics = \"[::]:9\"\n", ":1: metrics: [::]:9: "},
        {"metrics = \"unix:/a\"\nmetrics = \"unix:/b\"\n", ":2: metrics is given twice"},
        {"map_size = 64Q\n", ":1: map_size: 64Q"},
        {"map_size = 1K\n", ":1: map_size: 1K"},
        {"map_size = 65T\n", ":1: map_size: 65T"},
        {"map_size = 99999999999999999999\n", ":1: map_size: 9"},
        {"map_size = -1\n", ":1: map_size: -1"},
        {"max_connections = 0\n", ":1: max_connections: 0"},
        {"max_connections = 12x\n", ":1: max_connections: 12x"},
        {"log_level = loud\n", ":1: log_level: loud"},
        {"\nlissten = {\"unix:/a\"}\n", ":2: no such option 'lissten'"},
        {"state = \"/x\n", "thiduad.conf:"},
        {"unit \"x\" { }\n", ":1: no such option 'unit'"},
        {"# one\n// two\n/* three\n*/\nlog_level = loud # four\n", ":5: log_level: loud"},
        {"\n/* log_level = info\n", ":2: this comment is never closed"},
        {"state = \"/a\"\nstate = \"/b\"\n", ":2: state is given twice"},
        {"listen = {\"unix:/a\"}\nlisten = {\"unix:/b\"}\n", ":2: listen is given twice"},
        {"log_level = info\n\nlog_level = info\n", ":3: log_level is given twice"},
        {"public = \"a:1\"\npublic = \"b:1\"\n", ":2: public is given twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(GIVE_FILE(desk, cases[i].file), OPTIONS_CONFIG);
        assert_non_null(strstr(desk->text, desk->file));
        assert_non_null(strstr(desk->text, cases[i].says));
    }
}

static void a_mark_and_crlf_are_accepted(void **state) {
    struct desk *desk = *state;
    assert_int_equal(GIVE_FILE(desk, "\xef\xbb\xbf# one\r\nlog_level = error\r\nstate = \"/here\"\r\n"), 0);
    assert_int_equal(desk->options.log_level, LOG_ERROR);
    assert_string_equal(desk->options.state, "/here");
}

static void all_wrong_values_are_named(void **state) {
    struct desk *desk = *state;
    assert_int_equal(GIVE_FILE(desk, "listen = {\"a\", \"b\"}\nmap_size = c\nlog_level = d\npublic = e\n"),
                     OPTIONS_CONFIG);
    static const char *const says[] = {":1: listen: a", ":1: listen: b", ":2: map_size: c", ":3: log_level: d",
                                       ":4: public: e"};
    for (size_t i = 0; i < sizeof says / sizeof says[0]; i++)
        assert_non_null(strstr(desk->text, says[i]));
}

static void the_command_line_stands_above_the_file(void **state) {
    struct desk *desk = *state;
    configure(desk, "listen = {\"unix:/a\", \"[::]:22022\"}\nstate = \"/from/file\"\n");
    assert_int_equal(GIVE(desk, "--listen", "plain:127.0.0.1:0", "-c", desk->file, "--state", "/mine"), 0);
    assert_string_equal(desk->options.state, "/mine");
    assert_int_equal(desk->options.n_listen, 1);
    assert_int_equal(desk->options.listen[0].kind, ADDRESS_PLAIN);
    assert_true(desk->options.listen_chosen);
}

static void a_file_that_is_named_must_be_there(void **state) {
    struct desk *desk = *state;
    assert_int_equal(GIVE(desk, "-c", "/nonexistent/thiduad.conf"), OPTIONS_CONFIG);
    assert_non_null(strstr(desk->text, "/nonexistent/thiduad.conf"));
    assert_int_equal(GIVE(desk, "-c", desk->folder), OPTIONS_CONFIG);
    assert_non_null(strstr(desk->text, "not a file"));
}

static void a_wrong_command_line_is_usage(void **state) {
    struct desk *desk = *state;
    configure(desk, "");
    assert_int_equal(GIVE(desk, "--wrong"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "serve"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "restore", "x"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "--listen", "nowhere", "-c", desk->file), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "--state"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "--state", "", "-c", desk->file), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "check"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "check", "/srv"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "check", "--state", "/srv", "--listen", "unix:/a"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "check", "--state", "/srv", "--from-journal", "/a"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "--from-journal", "/a", "-c", desk->file), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "restore", "--state", "/srv"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "restore", "--from-journal", "/a"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "restore", "--from-journal", "/a", "--state", ""), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "restore", "/b", "--from-journal", "/a", "--state", "/srv"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "restore", "/a", "/b", "--state", "/srv"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "restore", "/a", "--state", "/srv", "--listen", "unix:/a"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "check", "/a", "--state", "/srv"), OPTIONS_USAGE);
    assert_int_equal(GIVE(desk, "restore", "--from-journal", "/a", "--state", "/srv", "-c", desk->file), OPTIONS_USAGE);
    assert_non_null(strstr(desk->text, "--help"));
}

static void verbs_are_told_apart(void **state) {
    struct desk *desk = *state;
    configure(desk, "");
    assert_int_equal(GIVE(desk, "check", "--state", "/srv"), 0);
    assert_int_equal(desk->options.verb, OPTIONS_CHECK);
    assert_string_equal(desk->options.state, "/srv");
    assert_int_equal(GIVE(desk, "restore", "--from-journal", "-", "--state", "/new"), 0);
    assert_int_equal(desk->options.verb, OPTIONS_RESTORE);
    assert_string_equal(desk->options.journal, "-");
    assert_null(desk->options.backup);
    assert_string_equal(desk->options.state, "/new");
    assert_true(desk->options.map_size == UINT64_C(64) << 30);
    assert_int_equal(GIVE(desk, "restore", "/srv/thidua.mdb", "--state", "/new"), 0);
    assert_int_equal(desk->options.verb, OPTIONS_RESTORE);
    assert_string_equal(desk->options.backup, "/srv/thidua.mdb");
    assert_null(desk->options.journal);
    assert_int_equal(GIVE(desk, "--check-config", "-c", desk->file), 0);
    assert_int_equal(desk->options.verb, OPTIONS_CHECK_CONFIG);
    assert_int_equal(GIVE(desk, "--help"), 0);
    assert_int_equal(desk->options.verb, OPTIONS_HELP);
    assert_int_equal(GIVE(desk, "--version"), 0);
    assert_int_equal(desk->options.verb, OPTIONS_VERSION);
}

#define DESK_TEST(test) cmocka_unit_test_setup_teardown(test, set_desk, clear_desk)

int main(void) {
    const struct CMUnitTest tests[] = {
        DESK_TEST(with_an_empty_file_all_is_default),
        DESK_TEST(folders_follow_the_environment),
        DESK_TEST(every_key_is_read),
        DESK_TEST(a_wrong_value_is_named_with_file_and_line),
        DESK_TEST(a_mark_and_crlf_are_accepted),
        DESK_TEST(all_wrong_values_are_named),
        DESK_TEST(the_command_line_stands_above_the_file),
        DESK_TEST(a_file_that_is_named_must_be_there),
        DESK_TEST(a_wrong_command_line_is_usage),
        DESK_TEST(verbs_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
