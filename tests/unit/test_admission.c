#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "server/net/admission.h"

enum { GUESTS = ADMISSION_MAX + ADMISSION_PARKED_MAX + 1 };

struct room {
    struct admission admission;
    struct guest guests[GUESTS];
};

static int open_room(void **state) {
    static struct room room;
    room = (struct room){0};
    *state = &room;
    return 0;
}

static enum admission_verdict enter(struct room *room, size_t guest, uint64_t source) {
    return admission_enter(&room->admission, &room->guests[guest], source);
}

static void leave(struct room *room, size_t guest) {
    admission_leave(&room->admission, &room->guests[guest]);
}

static void all_leave(struct room *room) {
    for (size_t i = 0; i < GUESTS; i++)
        leave(room, i);
    assert_int_equal(room->admission.admitted, 0);
    assert_int_equal(room->admission.parked, 0);
    assert_null(room->admission.first);
    for (size_t i = 0; i < ADMISSION_BUCKETS; i++)
        assert_null(room->admission.sources[i]);
}

static void one_source_has_sixteen_places(void **state) {
    struct room *room = *state;
    for (size_t i = 0; i < ADMISSION_PER_SOURCE; i++)
        assert_int_equal(enter(room, i, 7), ADMISSION_OPEN);
    assert_int_equal(enter(room, 16, 7), ADMISSION_PARKED);
    assert_int_equal(enter(room, 17, 8), ADMISSION_OPEN); // another source is not held up by it
    assert_null(admission_next(&room->admission));
    leave(room, 3);
    assert_ptr_equal(admission_next(&room->admission), &room->guests[16]);
    assert_null(admission_next(&room->admission));
    all_leave(room);
}

static void places_are_given_in_the_order_of_coming(void **state) {
    struct room *room = *state;
    for (size_t i = 0; i < ADMISSION_MAX; i++)
        assert_int_equal(enter(room, i, 100 + i), ADMISSION_OPEN);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(enter(room, ADMISSION_MAX + i, 1000 + i), ADMISSION_PARKED);
    assert_null(admission_next(&room->admission));
    leave(room, 0);
    leave(room, 1);
    leave(room, ADMISSION_MAX + 1); // gives up waiting
    assert_ptr_equal(admission_next(&room->admission), &room->guests[ADMISSION_MAX]);
    assert_ptr_equal(admission_next(&room->admission), &room->guests[ADMISSION_MAX + 2]);
    assert_null(admission_next(&room->admission));
    all_leave(room);
}

static void not_more_than_a_thousand_wait(void **state) {
    struct room *room = *state;
    size_t last = ADMISSION_PER_SOURCE + ADMISSION_PARKED_MAX;
    for (size_t i = 0; i < last; i++)
        assert_int_equal(enter(room, i, 7), i < ADMISSION_PER_SOURCE ? ADMISSION_OPEN : ADMISSION_PARKED);
    assert_int_equal(enter(room, last, 7), ADMISSION_REFUSED);
    leave(room, last); // has nothing to give back
    assert_int_equal(room->admission.admitted, ADMISSION_PER_SOURCE);
    assert_int_equal(room->admission.parked, ADMISSION_PARKED_MAX);
    all_leave(room);
}

static uint64_t key_of(int family, const char *text) {
    struct sockaddr_storage socket = {.ss_family = (sa_family_t)family};
    void *address = family == AF_INET ? (void *)&((struct sockaddr_in *)&socket)->sin_addr
                                      : (void *)&((struct sockaddr_in6 *)&socket)->sin6_addr;
    assert_int_equal(inet_pton(family, text, address), 1);
    return admission_key_of((struct sockaddr *)&socket);
}

static void a_source_is_an_address_or_a_network_of_ipv6(void **state) {
    (void)state;
    assert_true(key_of(AF_INET, "10.0.0.1") == key_of(AF_INET6, "::ffff:10.0.0.1"));
    assert_true(key_of(AF_INET, "10.0.0.1") != key_of(AF_INET, "10.0.0.2"));
    assert_true(key_of(AF_INET6, "2001:db8:0:1::1") == key_of(AF_INET6, "2001:db8:0:1:ffff::2"));
    assert_true(key_of(AF_INET6, "2001:db8:0:1::1") != key_of(AF_INET6, "2001:db8:0:2::1"));
    assert_true(key_of(AF_INET, "0.0.3.232") != admission_key_of_user(htonl(1000)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_source_has_sixteen_places, open_room),
        cmocka_unit_test_setup(places_are_given_in_the_order_of_coming, open_room),
        cmocka_unit_test_setup(not_more_than_a_thousand_wait, open_room),
        cmocka_unit_test(a_source_is_an_address_or_a_network_of_ipv6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
