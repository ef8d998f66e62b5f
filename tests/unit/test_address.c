#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

#include "server/net/address.h"

static const struct sockaddr *socket_of(const struct address *address) {
    return (const struct sockaddr *)&address->socket;
}

static void every_form_is_read_and_written_back(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum address_kind kind;
        const char *written;
    } cases[] = {
        {"unix:/run/thidua/admin.sock", ADDRESS_UNIX, "unix:/run/thidua/admin.sock"},
        {"127.0.0.1:22022", ADDRESS_TLS, "127.0.0.1:22022"},
        {"0.0.0.0:0", ADDRESS_TLS, "0.0.0.0:0"},
        {"localhost:1", ADDRESS_TLS, "127.0.0.1:1"},
        {"[::]:22022", ADDRESS_TLS, "[::]:22022"},
        {"[2001:db8::1]:65535", ADDRESS_TLS, "[2001:db8::1]:65535"},
        {"[::ffff:10.0.0.1]:9", ADDRESS_TLS, "10.0.0.1:9"},
        {"plain:127.0.0.1:80", ADDRESS_PLAIN, "127.0.0.1:80"},
        {"plain:127.1.2.3:80", ADDRESS_PLAIN, "127.1.2.3:80"},
        {"plain:[::1]:80", ADDRESS_PLAIN, "[::1]:80"},
        {"plain:localhost:80", ADDRESS_PLAIN, "127.0.0.1:80"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address address;
        char error[256] = "", text[ADDRESS_TEXT_MAX];
        assert_true(address_parse(cases[i].text, &address, error, sizeof error));
        assert_int_equal(address.kind, cases[i].kind);
        address_text(socket_of(&address), address.size, text);
        assert_string_equal(text, cases[i].written);
    }
}

static void what_is_local_is_reached_from_here_alone(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool good;
        enum address_kind kind;
    } cases[] = {
        {"unix:/run/thidua/metrics.sock", true, ADDRESS_UNIX},
        {"127.0.0.1:9", true, ADDRESS_PLAIN},
        {"plain:[::1]:9", true, ADDRESS_PLAIN},
        {"localhost:9", true, ADDRESS_PLAIN},
        {"192.0.2.1:9", false, ADDRESS_PLAIN},
        {"0.0.0.0:9", false, ADDRESS_PLAIN},
        {"[::]:9", false, ADDRESS_PLAIN},
        {"[::ffff:127.0.0.1]:9", false, ADDRESS_PLAIN},
        {"metrics", false, ADDRESS_PLAIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address address;
        char error[256] = "";
        assert_int_equal(address_parse_local(cases[i].text, &address, error, sizeof error), cases[i].good);
        if (cases[i].good)
            assert_int_equal(address.kind, cases[i].kind);
        else
            assert_non_null(strstr(error, cases[i].text));
    }
}

static void what_is_no_address_is_named(void **state) {
    (void)state;
    static const char *const cases[] = {"",
                                        "22022",
                                        ":22022",
                                        "127.0.0.1",
                                        "127.0.0.1:",
                                        "127.0.0.1:65536",
                                        "1.2.3.4:-1",
                                        "1.2.3.4:+1",
                                        "1.2.3.4:8x",
                                        "1.2.3.4: 8",
                                        "1.2.3.4:000080",
                                        "::1:80",
                                        "[::1]",
                                        "[::1]80",
                                        "[127.0.0.1]:80",
                                        "[]:80",
                                        "example.vn:22022",
                                        "unix:",
                                        "plain:",
                                        "plain:unix:",
                                        "*:80",
                                        "127.1:80",
                                        "010.0.0.1:80",
                                        "127.0.0.1:80:1",
                                        "[*]:80",
                                        "https://127.0.0.1:80"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address address;
        char error[256] = "";
        assert_false(address_parse(cases[i], &address, error, sizeof error));
        assert_true(error[0] != '\0');
        assert_non_null(strstr(error, cases[i]));
    }
}

static void without_tls_only_loopback_is_served(void **state) {
    (void)state;
    static const char *const cases[] = {"plain:0.0.0.0:80", "plain:10.0.0.1:80", "plain:[::]:80", "plain:128.0.0.1:80"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address address;
        char error[256] = "";
        assert_false(address_parse(cases[i], &address, error, sizeof error));
        assert_non_null(strstr(error, "loopback"));
    }
}

static void a_socket_path_has_room_for_its_end(void **state) {
    (void)state;
    enum { ROOM = sizeof((struct sockaddr_un *)NULL)->sun_path };
    char text[5 + ROOM + 1] = "unix:", error[512];
    struct address address;
    memset(text + 5, 'a', ROOM);
    assert_false(address_parse(text, &address, error, sizeof error));
    text[5 + ROOM - 1] = '\0';
    assert_true(address_parse(text, &address, error, sizeof error));
    assert_string_equal(((struct sockaddr_un *)&address.socket)->sun_path, text + 5);
}

static void what_offices_are_told_may_be_a_name(void **state) {
    (void)state;
    static const char *const good[] = {"diem.example.vn:22022", "10.0.0.1:1", "[2001:db8::1]:65535"};
    static const char *const bad[] = {"diem.example.vn", "diem:0",    ":1",      "[diem]:1",
                                      "a b:1",           "điểm.vn:1", "x:65536", ""};
    char error[512];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(address_check_public(good[i], error, sizeof error));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(address_check_public(bad[i], error, sizeof error));
}

static void wildcards_and_ports_are_seen(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool wildcard;
        uint16_t port;
    } cases[] = {{"0.0.0.0:7", true, 7}, {"[::]:8", true, 8}, {"127.0.0.1:9", false, 9}, {"unix:/x", false, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address address;
        char error[256];
        assert_true(address_parse(cases[i].text, &address, error, sizeof error));
        assert_int_equal(address_is_wildcard(socket_of(&address)), cases[i].wildcard);
        assert_int_equal(address_port(socket_of(&address)), cases[i].port);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_read_and_written_back),
        cmocka_unit_test(what_is_no_address_is_named),
        cmocka_unit_test(what_is_local_is_reached_from_here_alone),
        cmocka_unit_test(without_tls_only_loopback_is_served),
        cmocka_unit_test(a_socket_path_has_room_for_its_end),
        cmocka_unit_test(what_offices_are_told_may_be_a_name),
        cmocka_unit_test(wildcards_and_ports_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
