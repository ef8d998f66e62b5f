// Runs the client against a server that gives the answers of a test: what it sends, and what it makes of them.
#ifndef THIDUA_TESTS_UNIT_CLIENT_RUN_H
#define THIDUA_TESTS_UNIT_CLIENT_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/verbs.h"
#include "proto/frame.h"

#define ID   "01a20b08-683e-79ec-9128-f78c8d98f680"
#define HEAD "{\"seq\":57,\"id\":\"" ID "\","

enum { WORDS = 16, TEXT = 16384, REQUEST_ID = 3 };

// One run of the client against a server that gives one answer on each connection.
struct run {
    char folder[32], path[64], said[64];
    pid_t server;
    int requests; // what the server has received
    struct arena *arena;
    int exit_status;
    char out[TEXT], err[TEXT];
    const Pb__Request *request; // the last one; NULL: none arrived
};

// ---- the server ----

static inline void send_message(int fd, const Pb__Response *response) {
    uint8_t bytes[TEXT];
    size_t size = message_frame(&response->base, bytes);
    if (write(fd, bytes, size) != (ssize_t)size)
        _exit(1);
}

static inline void serve(int fd, int requests, Pb__Response *answer) {
    uint8_t bytes[TEXT];
    Pb__Response greeting = PB__RESPONSE__INIT;
    Pb__HelloReply hello = PB__HELLO_REPLY__INIT;
    ssize_t size = read(fd, bytes, sizeof(bytes));
    if (size <= 0 || write(requests, bytes, (size_t)size) != size)
        _exit(1);
    greeting.has_id = greeting.has_status = true;
    greeting.id = 1;
    greeting.body_case = PB__RESPONSE__BODY_HELLO;
    greeting.hello = &hello;
    hello.program = "fake";
    send_message(fd, &greeting);
    answer->has_id = answer->has_status = true;
    answer->id = REQUEST_ID;
    send_message(fd, answer);
}

static inline void start(struct run *run, Pb__Response *const answers[]) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int ends[2];
    *run = (struct run){.arena = arena_new(1 << 20)};
    snprintf(run->folder, sizeof(run->folder), "/tmp/test-verbs-XXXXXX");
    assert_non_null(mkdtemp(run->folder));
    snprintf(run->path, sizeof(run->path), "%s/socket", run->folder);
    snprintf(run->said, sizeof(run->said), "%s/said", run->folder);
    snprintf(name.sun_path, sizeof(name.sun_path), "%s", run->path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(pipe(ends), 0);
    run->server = fork();
    if (!run->server) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ends[0]);
        for (; *answers; answers++)
            serve(accept(listener, NULL, NULL), ends[1], *answers);
        _exit(0);
    }
    close(listener);
    close(ends[1]);
    run->requests = ends[0];
}

// The request among the frames that have arrived.
static inline void read_request(struct run *run) {
    uint8_t bytes[TEXT];
    ssize_t size = read(run->requests, bytes, sizeof(bytes));
    size_t at = 0, total = size > 0 ? (size_t)size : 0;
    while (at < total) {
        struct problems problems = {0};
        size_t prefix, body;
        uint64_t id;
        assert_int_equal(frame_look(bytes + at, total - at, total - at, FRAME_LIMIT_OFFICE, &prefix, &body),
                         FRAME_READY);
        const Pb__Request *request = message_unpack_request(run->arena, bytes + at + prefix, body, &id, &problems);
        assert_non_null(request);
        if (id == REQUEST_ID)
            run->request = request;
        at += prefix + body;
    }
}

static inline void stop(struct run *run) {
    kill(run->server, SIGKILL);
    waitpid(run->server, NULL, 0);
    read_request(run);
    close(run->requests);
    unlink(run->path);
    unlink(run->said);
    rmdir(run->folder);
}

// ---- the client ----

struct captured {
    int stream, saved, file;
};

static inline struct captured capture(const struct run *run, int stream) {
    struct captured captured = {.stream = stream, .saved = dup(stream)};
    captured.file = open(run->said, O_RDWR | O_CREAT | O_TRUNC, 0600);
    unlink(run->said);
    fflush(stdout);
    dup2(captured.file, stream);
    return captured;
}

static inline void release(struct captured captured, char *text) {
    fflush(stdout);
    dup2(captured.saved, captured.stream);
    close(captured.saved);
    ssize_t n = pread(captured.file, text, TEXT - 1, 0);
    text[n > 0 ? n : 0] = 0;
    close(captured.file);
}

static inline void run_client(struct run *run, const char *const words[]) {
    char address[80], *argv[WORDS + 6] = {"thidua", "-s", address, "--timeout", "2"};
    struct client client = {.argv = argv, .arena = run->arena};
    int argc = 5;
    snprintf(address, sizeof(address), "unix:%s", run->path);
    for (; *words; words++)
        argv[argc++] = (char *)*words;
    arguments_parse(&client.arguments, argc, argv, options_flags, verbs);
    assert_null(client.arguments.wrong);
    assert_null(options_take(&client.options, &client.arguments));
    memcpy(client.id, client.options.id, UUID_SIZE);
    struct captured out = capture(run, STDOUT_FILENO), err = capture(run, STDERR_FILENO);
    run->exit_status = client.arguments.verb->run(&client);
    release(err, run->err);
    release(out, run->out);
    arguments_free(&client.arguments);
}

static inline void run_words(struct run *run, Pb__Response *const answers[], const char *const words[]) {
    start(run, answers);
    run_client(run, words);
    stop(run);
}

static inline void finish(struct run *run) {
    arena_free(run->arena);
}

#define RUN(run, answer, ...)                                                                                          \
    run_words(run, (Pb__Response *const[]){answer, NULL}, (const char *const[]){__VA_ARGS__, NULL})

// The same of a verb that asks twice.
#define RUN_TWO(run, first, second, ...)                                                                               \
    run_words(run, (Pb__Response *const[]){first, second, NULL}, (const char *const[]){__VA_ARGS__, NULL})

static inline void assert_says(const char *text, const char *part) {
    if (!strstr(text, part))
        fail_msg("expected “%s” in: %s", part, text);
}

static inline void assert_begins(const char *text, const char *part) {
    if (strncmp(text, part, strlen(part)))
        fail_msg("expected “%s” at the beginning of: %s", part, text);
}

// The line is of no use as it stands: exit 64, `part` is said, and nothing has been sent.
#define ASSERT_USAGE(part, ...) assert_refused(EXIT_USAGE, part, (const char *const[]){__VA_ARGS__, NULL})

static inline void assert_refused(int exit_status, const char *part, const char *const words[]) {
    Pb__Response none = PB__RESPONSE__INIT;
    struct run run;
    run_words(&run, (Pb__Response *const[]){&none, NULL}, words);
    assert_int_equal(run.exit_status, exit_status);
    assert_says(run.err, part);
    assert_null(run.request);
    assert_string_equal(run.out, "");
    finish(&run);
}

// Nothing of the person who runs the tests is seen.
static inline void run_alone(void) {
    static const char *const names[] = {"THIDUA_PROFILE", "THIDUA_SERVER", "THIDUA_OUTPUT", "THIDUA_LANG",
                                        "THIDUA_PERIOD",  "LC_ALL",        "LC_MESSAGES",   "LANG"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        unsetenv(names[i]);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    signal(SIGPIPE, SIG_IGN);
}

#endif
