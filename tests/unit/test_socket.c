#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
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

#include "server/net/socket.h"

struct place {
    char folder[64], path[96];
    struct address address;
    char error[512];
};

static int make_place(void **state) {
    struct place *place = calloc(1, sizeof *place);
    char text[128];
    *state = place;
    if (!place)
        return -1;
    snprintf(place->folder, sizeof place->folder, "/tmp/thidua-socket-XXXXXX");
    if (!mkdtemp(place->folder))
        return -1;
    snprintf(place->path, sizeof place->path, "%s/s", place->folder);
    snprintf(text, sizeof text, "unix:%s", place->path);
    return address_parse(text, &place->address, place->error, sizeof place->error) ? 0 : -1;
}

static int clear_place(void **state) {
    struct place *place = *state;
    unlink(place->path);
    rmdir(place->folder);
    free(place);
    return 0;
}

static int try(struct place *place) {
    place->error[0] = '\0';
    return socket_listen(&place->address, false, 8, place->error, sizeof place->error);
}

static void what_a_dead_daemon_left_is_replaced(void **state) {
    struct place *place = *state;
    int first = try(place);
    assert_true(first >= 0);
    close(first);
    assert_int_equal(access(place->path, F_OK), 0);
    int second = try(place);
    assert_true(second >= 0);
    close(second);
    socket_remove(&place->address);
    assert_int_equal(access(place->path, F_OK), -1);
}

static void one_that_answers_is_left_alone(void **state) {
    struct place *place = *state;
    int first = try(place);
    struct stat before, after;
    assert_true(first >= 0);
    assert_int_equal(stat(place->path, &before), 0);
    assert_int_equal(try(place), -1);
    assert_non_null(strstr(place->error, "another program answers there"));
    assert_int_equal(stat(place->path, &after), 0);
    assert_true(before.st_ino == after.st_ino);
    close(first);
}

static void what_is_no_socket_is_left_alone(void **state) {
    struct place *place = *state;
    int file = open(place->path, O_WRONLY | O_CREAT, 0600);
    assert_true(file >= 0);
    close(file);
    assert_int_equal(try(place), -1);
    assert_non_null(strstr(place->error, place->path));
    assert_int_equal(access(place->path, F_OK), 0);
}

static void the_kernel_may_choose_the_port(void **state) {
    struct place *place = *state;
    struct address asked, bound;
    assert_true(address_parse("plain:127.0.0.1:0", &asked, place->error, sizeof place->error));
    int fd = socket_listen(&asked, false, 8, place->error, sizeof place->error);
    assert_true(fd >= 0);
    assert_true(socket_describe(fd, &bound));
    uint16_t port = address_port((const struct sockaddr *)&bound.socket);
    assert_true(port != 0);
    ((struct sockaddr_in *)&asked.socket)->sin_port = htons(port);
    assert_int_equal(socket_listen(&asked, false, 8, place->error, sizeof place->error), -1);
    assert_non_null(strstr(place->error, "127.0.0.1:"));
    close(fd);
}

// Until it listens, the address is taken and connections are refused.
static void an_address_may_be_taken_first(void **state) {
    struct place *place = *state;
    struct address asked, bound;
    assert_true(address_parse("plain:127.0.0.1:0", &asked, place->error, sizeof place->error));
    int fd = socket_listen(&asked, false, 0, place->error, sizeof place->error);
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0 && peer >= 0 && socket_describe(fd, &bound));
    assert_int_equal(connect(peer, (const struct sockaddr *)&bound.socket, bound.size), -1);
    assert_int_equal(errno, ECONNREFUSED);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(connect(peer, (const struct sockaddr *)&bound.socket, bound.size), 0);
    close(peer);
    close(fd);
}

#define PLACE_TEST(test) cmocka_unit_test_setup_teardown(test, make_place, clear_place)

int main(void) {
    const struct CMUnitTest tests[] = {
        PLACE_TEST(what_a_dead_daemon_left_is_replaced), PLACE_TEST(one_that_answers_is_left_alone),
        PLACE_TEST(what_is_no_socket_is_left_alone),     PLACE_TEST(the_kernel_may_choose_the_port),
        PLACE_TEST(an_address_may_be_taken_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
