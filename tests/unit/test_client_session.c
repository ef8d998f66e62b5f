// What the client makes of servers that answer, refuse, fall silent, or are none: exit statuses and what is said.
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

static const char id[] = "01a20b08-683e-79ec-9128-f78c8d98f680";

// ---- a server that does as it is told ----

enum behaviour {
    ANSWER,
    REFUSE,
    REFUSE_UNKNOWN,
    REFUSE_ALL,
    CLOSE,
    SILENT,
    INTERRUPT,
    GARBAGE,
    WRONG_BODY,
    WRONG_ID,
    DEAF
};

struct fake {
    char folder[32], path[64], said[64];
    pid_t pid;
};

static void send_message(int fd, const Pb__Response *response) {
    uint8_t bytes[4096];
    size_t size = message_frame(&response->base, bytes);
    if (write(fd, bytes, size) != (ssize_t)size)
        _exit(1);
}

static void send_hello(int fd) {
    Pb__Response response = PB__RESPONSE__INIT;
    Pb__HelloReply hello = PB__HELLO_REPLY__INIT;
    response.has_id = response.has_status = true;
    response.id = 1;
    response.body_case = PB__RESPONSE__BODY_HELLO;
    response.hello = &hello;
    hello.program = "fake";
    send_message(fd, &response);
}

static void send_refusal(int fd, uint64_t to, Pb__Status status, const char *reason) {
    Pb__Response response = PB__RESPONSE__INIT;
    Pb__Problem problem = PB__PROBLEM__INIT, *problems[] = {&problem, &problem};
    Pb__Argument argument = PB__ARGUMENT__INIT, *arguments[] = {&argument};
    argument.name = "period";
    argument.value_case = PB__ARGUMENT__VALUE_TEXT;
    argument.text = "nam-2022";
    problem.reason = reason;
    problem.n_arguments = 1;
    problem.arguments = arguments;
    response.has_id = response.has_status = true;
    response.id = to;
    response.status = status;
    response.n_problems = 2;
    response.problems = problems;
    send_message(fd, &response);
}

static void send_sign(int fd, uint64_t to) {
    Pb__Response response = PB__RESPONSE__INIT;
    Pb__SignReply sign = PB__SIGN_REPLY__INIT;
    response.has_id = response.has_status = true;
    response.id = to;
    response.body_case = PB__RESPONSE__BODY_SIGN;
    response.sign = &sign;
    sign.unit = "quan-ba-dinh";
    send_message(fd, &response);
}

static void behave(int fd, enum behaviour behaviour) {
    char request[1024];
    if (behaviour != DEAF && read(fd, request, sizeof(request)) <= 0)
        _exit(1);
    if (behaviour == REFUSE_ALL)
        send_refusal(fd, 0, PB__STATUS__UNAVAILABLE, "BUSY");
    else if (behaviour != GARBAGE && behaviour != DEAF)
        send_hello(fd);
    if (behaviour == ANSWER || behaviour == WRONG_ID)
        send_sign(fd, behaviour == ANSWER ? 3 : 9);
    if (behaviour == REFUSE)
        send_refusal(fd, 3, PB__STATUS__FAILED_PRECONDITION, "PERIOD_LOCKED");
    if (behaviour == REFUSE_UNKNOWN)
        send_refusal(fd, 3, PB__STATUS__CONFLICT, "NEWER_REASON");
    if (behaviour == GARBAGE && write(fd, "\005hello", 6) != 6)
        _exit(1);
    if (behaviour == INTERRUPT)
        kill(getppid(), SIGINT);
    if (behaviour == SILENT || behaviour == INTERRUPT)
        pause();
}

static void start(struct fake *fake, enum behaviour behaviour) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(fake->folder, sizeof(fake->folder), "/tmp/test-session-XXXXXX");
    assert_non_null(mkdtemp(fake->folder));
    snprintf(fake->path, sizeof(fake->path), "%s/socket", fake->folder);
    snprintf(fake->said, sizeof(fake->said), "%s/said", fake->folder);
    snprintf(name.sun_path, sizeof(name.sun_path), "%s", fake->path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&name, sizeof(name)), 0);
    assert_int_equal(listen(listener, 1), 0);
    fake->pid = fork();
    if (!fake->pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        int fd = accept(listener, NULL, NULL);
        behave(fd, behaviour);
        _exit(0);
    }
    close(listener);
}

static void stop(struct fake *fake) {
    kill(fake->pid, SIGKILL);
    waitpid(fake->pid, NULL, 0);
    unlink(fake->path);
    unlink(fake->said);
    rmdir(fake->folder);
}

// ---- the client, with what it says on standard error ----

static int run(struct fake *fake, const char *output, const char *verb, char *said, size_t size) {
    char address[80], *argv[] = {"thidua",     "-s",       address, "-o", (char *)output, "--timeout", "0.3",
                                 (char *)verb, "--period", "p 1",   NULL, NULL,           NULL};
    struct client client = {.argv = argv, .arena = arena_new(1 << 20)};
    if (!strcmp(verb, "sign")) {
        argv[10] = "--id";
        argv[11] = (char *)id;
    }
    snprintf(address, sizeof(address), "unix:%s", fake->path);
    arguments_parse(&client.arguments, argv[10] ? 12 : 10, argv, options_flags, verbs);
    assert_null(client.arguments.wrong);
    assert_null(options_take(&client.options, &client.arguments));
    memcpy(client.id, client.options.id, UUID_SIZE);
    int saved = dup(STDERR_FILENO), file = open(fake->said, O_RDWR | O_CREAT | O_TRUNC, 0600);
    dup2(file, STDERR_FILENO);
    int exit_status = client.arguments.verb->run(&client);
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t n = pread(file, said, size - 1, 0);
    said[n > 0 ? n : 0] = 0;
    close(file);
    arguments_free(&client.arguments);
    arena_free(client.arena);
    return exit_status;
}

struct expectation {
    enum behaviour behaviour;
    const char *verb, *output;
    int exit_status;
    const char *parts[3]; // of what is said
};

static void check(const struct expectation *expected) {
    struct fake fake;
    char said[4096];
    start(&fake, expected->behaviour);
    int exit_status = run(&fake, expected->output, expected->verb, said, sizeof(said));
    stop(&fake);
    assert_int_equal(exit_status, expected->exit_status);
    for (size_t i = 0; i < 3 && expected->parts[i]; i++)
        if (!strstr(said, expected->parts[i]))
            fail_msg("expected “%s” in: %s", expected->parts[i], said);
}

static void an_answer_is_shown(void **state) {
    (void)state;
    check(&(struct expectation){ANSWER, "sign", "json", EXIT_DONE, {0}});
}

static void refusals_are_said_with_reason_and_hint(void **state) {
    (void)state;
    check(&(struct expectation){REFUSE,
                                "sign",
                                "table",
                                EXIT_REFUSED,
                                {"The period nam-2022 is locked. (PERIOD_LOCKED)", "  hint: A correction takes"}});
    check(&(struct expectation){REFUSE,
                                "sign",
                                "json",
                                EXIT_REFUSED,
                                {"{\"status\":\"FAILED_PRECONDITION\",\"reason\":\"PERIOD_LOCKED\",\"message\":",
                                 "\"hint\":\"A correction", "\"problems\":[{"}});
}

static void a_reason_of_a_newer_server_keeps_its_arguments(void **state) {
    (void)state;
    check(&(struct expectation){REFUSE_UNKNOWN, "sign", "table", EXIT_CONFLICT, {"period=nam-2022 (NEWER_REASON)"}});
}

static void a_refused_connection_is_a_busy_server(void **state) {
    (void)state;
    check(&(struct expectation){REFUSE_ALL, "sign", "table", EXIT_NOT_REACHED, {"(BUSY)"}});
}

static void a_write_without_answer_is_of_unknown_outcome(void **state) {
    (void)state;
    check(&(struct expectation){CLOSE, "sign", "table", EXIT_UNKNOWN, {id, "--id 01a20b08", "--period 'p 1'"}});
    check(&(struct expectation){SILENT, "sign", "table", EXIT_UNKNOWN, {id, "thidua -s unix:", "no answer in time"}});
    check(&(struct expectation){SILENT, "sign", "json", EXIT_UNKNOWN, {"\"reason\":\"OUTCOME_UNKNOWN\"", id}});
}

static void a_read_without_answer_is_an_unreachable_server(void **state) {
    (void)state;
    check(&(struct expectation){CLOSE, "totals", "table", EXIT_NOT_REACHED, {"lost"}});
    check(&(struct expectation){SILENT, "totals", "table", EXIT_NOT_REACHED, {"no answer in time"}});
    check(&(struct expectation){DEAF, "totals", "table", EXIT_NOT_REACHED, {0}});
}

static void an_interrupt_still_tells_the_id(void **state) {
    (void)state;
    check(&(struct expectation){INTERRUPT, "sign", "table", EXIT_INTERRUPTED, {id, "interrupted"}});
    check(&(struct expectation){INTERRUPT, "totals", "table", EXIT_INTERRUPTED, {"interrupted"}});
}

static void what_is_not_the_protocol_is_named(void **state) {
    (void)state;
    check(&(struct expectation){GARBAGE, "totals", "table", EXIT_PROTOCOL, {"(PROTOCOL)"}});
    check(&(struct expectation){ANSWER, "totals", "table", EXIT_PROTOCOL, {"another question"}});
    check(&(struct expectation){WRONG_ID, "sign", "table", EXIT_PROTOCOL, {id}});
}

static void nobody_there_is_an_unreachable_server(void **state) {
    struct fake fake;
    char said[1024];
    (void)state;
    start(&fake, SILENT);
    unlink(fake.path);
    assert_int_equal(run(&fake, "table", "sign", said, sizeof(said)), EXIT_NOT_REACHED);
    stop(&fake);
    assert_non_null(strstr(said, "cannot be reached"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_shown),
        cmocka_unit_test(refusals_are_said_with_reason_and_hint),
        cmocka_unit_test(a_reason_of_a_newer_server_keeps_its_arguments),
        cmocka_unit_test(a_refused_connection_is_a_busy_server),
        cmocka_unit_test(a_write_without_answer_is_of_unknown_outcome),
        cmocka_unit_test(a_read_without_answer_is_an_unreachable_server),
        cmocka_unit_test(an_interrupt_still_tells_the_id),
        cmocka_unit_test(what_is_not_the_protocol_is_named),
        cmocka_unit_test(nobody_there_is_an_unreachable_server),
    };
    unsetenv("THIDUA_PROFILE");
    unsetenv("THIDUA_SERVER");
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("client session", tests, NULL, NULL);
}
