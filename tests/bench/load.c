// A load generator for one daemon on loopback: keeps DEPTH requests in flight on each of CONNECTIONS connections for a
// while, decodes every answer, and compares the board afterwards with what was acknowledged.
//
// usage: load PORT ACCOUNTS PERIOD submit|totals CONNECTIONS DEPTH SECONDS
//
// ACCOUNTS is a file with a line for each account: number, token in hex, unit ("-" for none). The last one reads the
// board; connections of `submit` take one of the others each, so that nobody else writes their unit's lines.
// Prints: answers a second, then the latencies in microseconds at 50 %, 99 % and the longest. Exit status 1: an answer
// was wrong, or the board is not the sum of what was acknowledged.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "proto/arena.h"
#include "proto/frame.h"
#include "proto/message.h"
#include "proto/thidua.pb-c.h"

enum { CODES_MAX = 64, DEPTH_MAX = 64, ANSWER_BUDGET = 64 * 1024 * 1024, EVENTS = 64 };

struct account {
    uint32_t number;
    uint8_t token[TOKEN_SIZE];
    char unit[128];
};

struct flight { // one request that is not answered yet
    uint64_t id;
    int64_t sent_us;
    size_t code;
    int32_t points_cp;
};

struct link {
    int fd;
    const struct account *account;
    uint64_t last_id;
    struct flight flights[DEPTH_MAX]; // a ring: answers come in the order of the requests
    size_t first, in_flight;
    uint8_t *in, *out;
    size_t in_size, in_room, out_size, out_sent;
    int32_t standing_cp[CODES_MAX]; // as acknowledged; POINTS_UNKNOWN where nothing was
};

struct load {
    const char *period;
    bool submits;
    size_t depth;
    int epoll;
    struct account *accounts;
    size_t n_accounts;
    struct link *links;
    size_t n_links;
    char codes[CODES_MAX][16];
    size_t n_codes;
    struct arena *arena;
    int64_t *latencies;
    size_t n_latencies, latencies_room;
    int64_t end_us;
    uint64_t random;
};

enum { POINTS_UNKNOWN = -1, STEP_CP = 25 };

static _Noreturn void die(const char *what) {
    fprintf(stderr, "load: %s%s%s\n", what, errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
    exit(1);
}

static void *must(void *memory) {
    if (memory == NULL)
        die("out of memory");
    return memory;
}

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// xorshift: the same numbers in every run.
static uint64_t next_random(struct load *load) {
    load->random ^= load->random << 13;
    load->random ^= load->random >> 7;
    load->random ^= load->random << 17;
    return load->random;
}

// ---- accounts ----

static bool parse_token(const char *hex, uint8_t token[TOKEN_SIZE]) {
    if (hex == NULL || strlen(hex) != 2 * TOKEN_SIZE)
        return false;
    for (size_t i = 0; i < TOKEN_SIZE; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'}, *end;
        token[i] = (uint8_t)strtoul(pair, &end, 16);
        if (*end != '\0')
            return false;
    }
    return true;
}

static bool parse_account(char *line, struct account *account) {
    char *place, *end;
    const char *number = strtok_r(line, " \n", &place), *token = strtok_r(NULL, " \n", &place);
    const char *unit = strtok_r(NULL, " \n", &place);
    if (unit == NULL || !parse_token(token, account->token))
        return false;
    account->number = (uint32_t)strtoul(number, &end, 10);
    snprintf(account->unit, sizeof account->unit, "%s", unit);
    return *end == '\0';
}

static void read_accounts(struct load *load, const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL)
        die(path);
    char line[512];
    while (fgets(line, sizeof line, file) != NULL) {
        load->accounts = must(realloc(load->accounts, (load->n_accounts + 1) * sizeof *load->accounts));
        if (!parse_account(line, &load->accounts[load->n_accounts++]))
            die("a line is not an account, its token and its unit");
    }
    fclose(file);
    if (load->n_accounts < 2)
        die("too few accounts");
}

// ---- sending ----

static void queue_request(struct link *link, Pb__Request *request) {
    request->has_id = true;
    request->id = ++link->last_id;
    size_t size = message_frame_size(&request->base);
    link->out = must(realloc(link->out, link->out_size + size));
    link->out_size += message_frame(&request->base, link->out + link->out_size);
}

static void flush(struct link *link) {
    while (link->out_sent < link->out_size) {
        ssize_t sent = send(link->fd, link->out + link->out_sent, link->out_size - link->out_sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN)
            return; // the next answer brings us back here
        if (sent < 0)
            die("send");
        link->out_sent += (size_t)sent;
    }
    link->out_sent = link->out_size = 0;
}

static void queue_totals(struct load *load, struct link *link) {
    Pb__TotalsQuery totals = PB__TOTALS_QUERY__INIT;
    Pb__Request request = PB__REQUEST__INIT;
    totals.period = load->period;
    request.body_case = PB__REQUEST__BODY_TOTALS;
    request.totals = &totals;
    queue_request(link, &request);
}

static void queue_score(struct load *load, struct link *link, struct flight *flight) {
    uint64_t submission[2] = {next_random(load), next_random(load)};
    Pb__LineInput line = PB__LINE_INPUT__INIT, *lines = &line;
    Pb__Score score = PB__SCORE__INIT;
    Pb__Request request = PB__REQUEST__INIT;
    flight->code = next_random(load) % load->n_codes;
    flight->points_cp = (int32_t)(next_random(load) % 51) * STEP_CP;
    line.criterion = load->codes[flight->code];
    line.has_points_cp = true;
    line.points_cp = flight->points_cp;
    score.period = load->period;
    score.n_lines = 1;
    score.lines = &lines;
    request.has_submission = true;
    request.submission = (ProtobufCBinaryData){sizeof submission, (uint8_t *)submission};
    request.body_case = PB__REQUEST__BODY_SCORE;
    request.score = &score;
    queue_request(link, &request);
}

static void fill_flights(struct load *load, struct link *link) {
    int64_t now = now_us();
    while (link->in_flight < load->depth && now < load->end_us) {
        struct flight *flight = &link->flights[(link->first + link->in_flight++) % DEPTH_MAX];
        if (load->submits)
            queue_score(load, link, flight);
        else
            queue_totals(load, link);
        flight->id = link->last_id;
        flight->sent_us = now;
    }
    flush(link);
}

// ---- receiving ----

// The next whole frame's body, or NULL where more bytes are needed. *used is what the frame takes.
static const uint8_t *whole_frame(const struct link *link, size_t *size, size_t *used) {
    size_t prefix;
    switch (frame_look(link->in, link->in_size, link->in_size, FRAME_LIMIT_RESPONSE, &prefix, size)) {
    case FRAME_READY:
        *used = prefix + *size;
        return link->in + prefix;
    case FRAME_PARTIAL:
        return NULL;
    default:
        die("what arrived is no frame");
    }
}

static bool receive_bytes(struct link *link) {
    if (link->in_room - link->in_size < 65536) {
        link->in_room += 131072;
        link->in = must(realloc(link->in, link->in_room));
    }
    ssize_t got = recv(link->fd, link->in + link->in_size, link->in_room - link->in_size, 0);
    if (got < 0 && errno == EAGAIN)
        return false;
    if (got <= 0)
        die("the server closed a connection");
    link->in_size += (size_t)got;
    return true;
}

static void consume(struct link *link, size_t used) {
    link->in_size -= used;
    if (link->in != NULL)
        memmove(link->in, link->in + used, link->in_size);
}

static Pb__Response *decode(struct load *load, const uint8_t *body, size_t size) {
    arena_reset(load->arena);
    Pb__Response *response = message_unpack_response(load->arena, body, size);
    if (response == NULL)
        die("an answer cannot be decoded");
    if (response->status != PB__STATUS__OK) {
        fprintf(stderr, "load: refused: %s\n", response->n_problems > 0 ? response->problems[0]->reason : "?");
        exit(1);
    }
    return response;
}

// Waits for the answer to the one request in flight; it lives until the next decode.
static Pb__Response *answer(struct load *load, struct link *link) {
    size_t size, used;
    const uint8_t *body;
    flush(link);
    while ((body = whole_frame(link, &size, &used)) == NULL)
        receive_bytes(link);
    Pb__Response *response = decode(load, body, size);
    consume(link, used);
    return response;
}

static void remember_latency(struct load *load, int64_t latency) {
    if (load->n_latencies == load->latencies_room) {
        load->latencies_room = load->latencies_room * 2 + 65536;
        load->latencies = must(realloc(load->latencies, load->latencies_room * sizeof *load->latencies));
    }
    load->latencies[load->n_latencies++] = latency;
}

static void take_answer(struct load *load, struct link *link, const Pb__Response *response) {
    struct flight *flight = &link->flights[link->first];
    if (link->in_flight == 0 || response->id != flight->id)
        die("an answer is out of order");
    if (response->has_more && response->more)
        return;
    if (load->submits) {
        const Pb__ScoreReply *reply = response->body_case == PB__RESPONSE__BODY_SCORE ? response->score : NULL;
        if (reply == NULL || reply->n_lines != 1 || reply->lines[0]->points_cp != flight->points_cp)
            die("an answer is not the one to its request");
        link->standing_cp[flight->code] = flight->points_cp;
    } else if (response->body_case != PB__RESPONSE__BODY_TOTALS) {
        die("an answer is no board");
    }
    remember_latency(load, now_us() - flight->sent_us);
    link->first = (link->first + 1) % DEPTH_MAX;
    link->in_flight--;
}

static void serve(struct load *load, struct link *link) {
    size_t size, used, done = 0;
    const uint8_t *body;
    if (!receive_bytes(link))
        return;
    struct link rest = *link; // a window on the bytes that are not taken yet
    while ((body = whole_frame(&rest, &size, &used)) != NULL) {
        take_answer(load, link, decode(load, body, size));
        rest.in += used;
        rest.in_size -= used;
        done += used;
    }
    consume(link, done);
    fill_flights(load, link);
}

// ---- connections ----

static void greet(struct load *load, struct link *link) {
    Pb__Hello hello = PB__HELLO__INIT;
    Pb__Authenticate authenticate = PB__AUTHENTICATE__INIT;
    Pb__Request request = PB__REQUEST__INIT;
    hello.has_version_min = hello.has_version_max = true;
    hello.version_min = hello.version_max = MESSAGE_VERSION;
    request.body_case = PB__REQUEST__BODY_HELLO;
    request.hello = &hello;
    queue_request(link, &request);
    authenticate.has_account = authenticate.has_token = true;
    authenticate.account = link->account->number;
    uint8_t token[TOKEN_SIZE];
    memcpy(token, link->account->token, TOKEN_SIZE);
    authenticate.token = (ProtobufCBinaryData){TOKEN_SIZE, token};
    request.body_case = PB__REQUEST__BODY_AUTHENTICATE;
    request.authenticate = &authenticate;
    queue_request(link, &request);
    answer(load, link);
    answer(load, link);
}

static void open_link(struct load *load, struct link *link, uint16_t port, const struct account *account) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    link->account = account;
    for (size_t i = 0; i < CODES_MAX; i++)
        link->standing_cp[i] = POINTS_UNKNOWN;
    link->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link->fd < 0 || connect(link->fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("connect");
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    greet(load, link);
}

static void open_links(struct load *load, uint16_t port) {
    size_t offices = load->n_accounts - 1;
    if (load->submits && load->n_links > offices)
        die("more connections than offices");
    load->links = must(calloc(load->n_links, sizeof *load->links));
    for (size_t i = 0; i < load->n_links; i++) {
        struct link *link = &load->links[i];
        open_link(load, link, port, load->submits ? &load->accounts[i] : &load->accounts[offices]);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = link};
        if (fcntl(link->fd, F_SETFL, O_NONBLOCK) != 0 || epoll_ctl(load->epoll, EPOLL_CTL_ADD, link->fd, &event) != 0)
            die("epoll");
    }
}

// ---- the board ----

static const struct link *link_of_unit(const struct load *load, const char *unit) {
    for (size_t i = 0; i < load->n_links; i++)
        if (strcmp(load->links[i].account->unit, unit) == 0)
            return &load->links[i];
    return NULL;
}

static bool row_agrees(const struct load *load, const Pb__BoardRow *row, const struct link *link) {
    int64_t sum = 0;
    for (size_t i = 0; i < row->n_points_cp; i++) {
        if (link != NULL && link->standing_cp[i] != POINTS_UNKNOWN && link->standing_cp[i] != row->points_cp[i])
            return false;
        if (row->points_cp[i] >= 0)
            sum += row->points_cp[i];
    }
    return row->n_points_cp == load->n_codes && (!row->has_total_cp || row->total_cp == sum);
}

static void check_board(struct load *load, struct link *reader) {
    size_t wrong = 0;
    bool more = true;
    queue_totals(load, reader);
    while (more) {
        const Pb__Response *response = answer(load, reader);
        more = response->has_more && response->more;
        for (size_t i = 0; i < response->totals->n_rows; i++)
            wrong += !row_agrees(load, response->totals->rows[i], link_of_unit(load, response->totals->rows[i]->unit));
    }
    if (wrong > 0) {
        fprintf(stderr, "load: %zu rows of the board are not what was acknowledged\n", wrong);
        exit(1);
    }
}

static void learn_codes(struct load *load, struct link *reader) {
    queue_totals(load, reader);
    const Pb__Response *response = answer(load, reader);
    const Pb__Board *board = response->totals;
    for (size_t i = 0; i < board->n_criteria && i < CODES_MAX; i++)
        snprintf(load->codes[load->n_codes++], sizeof load->codes[0], "%s", board->criteria[i]);
    while (response->has_more && response->more)
        response = answer(load, reader);
    if (load->n_codes == 0)
        die("the period has no criteria");
}

// ---- the run ----

static size_t in_flight(const struct load *load) {
    size_t sum = 0;
    for (size_t i = 0; i < load->n_links; i++)
        sum += load->links[i].in_flight;
    return sum;
}

static int64_t run(struct load *load, double seconds) {
    struct epoll_event events[EVENTS];
    int64_t begin = now_us();
    load->end_us = begin + (int64_t)(seconds * 1e6);
    for (size_t i = 0; i < load->n_links; i++)
        fill_flights(load, &load->links[i]);
    while (in_flight(load) > 0) {
        int n = epoll_wait(load->epoll, events, EVENTS, 10000);
        if (n <= 0)
            die("no answer for 10 s");
        for (int i = 0; i < n; i++)
            serve(load, events[i].data.ptr);
    }
    return now_us() - begin;
}

static int by_size(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void report(const struct load *load, int64_t took_us) {
    size_t n = load->n_latencies;
    qsort(load->latencies, n, sizeof *load->latencies, by_size);
    printf("%.0f %lld %lld %lld\n", (double)n * 1e6 / (double)took_us, (long long)load->latencies[n / 2],
           (long long)load->latencies[n * 99 / 100], (long long)load->latencies[n - 1]);
}

static void free_load(struct load *load, struct link *reader) {
    for (size_t i = 0; i <= load->n_links; i++) {
        struct link *link = i < load->n_links ? &load->links[i] : reader;
        close(link->fd);
        free(link->in);
        free(link->out);
    }
    close(load->epoll);
    free(load->links);
    free(load->accounts);
    free(load->latencies);
    arena_free(load->arena);
}

int main(int argc, char **argv) {
    if (argc != 8)
        die("usage: load PORT ACCOUNTS PERIOD submit|totals CONNECTIONS DEPTH SECONDS");
    struct load load = {.period = argv[3], .submits = strcmp(argv[4], "submit") == 0, .random = 0x9e3779b97f4a7c15};
    struct link reader = {.fd = -1};
    uint16_t port = (uint16_t)strtoul(argv[1], NULL, 10);
    load.n_links = strtoul(argv[5], NULL, 10);
    load.depth = strtoul(argv[6], NULL, 10);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.arena = must(arena_new(ANSWER_BUDGET));
    load.random ^= (uint64_t)now_us() << 20; // submission ids of two runs must differ
    if (load.n_links == 0 || load.depth == 0 || load.depth > DEPTH_MAX || load.epoll < 0)
        die("CONNECTIONS and DEPTH are 1 or more, DEPTH at most 64");
    read_accounts(&load, argv[2]);
    open_link(&load, &reader, port, &load.accounts[load.n_accounts - 1]);
    learn_codes(&load, &reader);
    open_links(&load, port);
    int64_t took_us = run(&load, strtod(argv[7], NULL));
    check_board(&load, &reader);
    report(&load, took_us);
    free_load(&load, &reader);
    return 0;
}
