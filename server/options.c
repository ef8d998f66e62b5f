#include "server/options.h"

#include <confuse.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/config_text.h"

enum { CONNECTIONS_MOST = 1000000, FILE_MOST = 1 << 20, SEEN = 1 << 24 };
static const uint64_t map_size_least = UINT64_C(1) << 20, map_size_most = UINT64_C(1) << 46;
static const long map_size_default = 1L << 36; // 64 GiB, sparse

const char *options_usage(void) {
    return "thiduad [-c FILE] [--state DIR] [--listen ADDR]...   run in the foreground\n"
           "thiduad --check-config [-c FILE]                     say what is wrong with the configuration\n"
           "thiduad check --state DIR                            replay the journal and compare every row\n"
           "thiduad restore FILE --state NEWDIR                  make a new state folder from a backup\n"
           "thiduad restore --from-journal FILE --state NEWDIR   make a new state folder from an exported journal\n"
           "\n"
           "  -c, --config FILE   default " OPTIONS_CONFIG_FILE "\n"
           "      --state DIR     where the records are kept\n"
           "      --listen ADDR   unix:PATH, HOST:PORT (TLS) or plain:HOST:PORT (loopback only); replaces the\n"
           "                      addresses of the configuration; may be given several times\n"
           "      --check-config  exit 78 if anything is wrong\n"
           "      --from-journal FILE\n"
           "                      what thidua audit -o ndjson has printed; - is standard input\n"
           "  -h, --help          this text\n"
           "  -V, --version       the version\n";
}

// ---- the command line ----

// What the command line says, before the file is read.
struct command_line {
    const char *config, *state, *journal, *backup;
    const char *listen[OPTIONS_LISTEN_MAX];
    size_t n_listen;
};

static int usage(const char *what, const char *value) {
    fprintf(stderr, "thiduad: %s%s%s\n", what, value ? ": " : "", value ? value : "");
    fputs("Try: thiduad --help\n", stderr);
    return OPTIONS_USAGE;
}

static int out_of_memory(void) {
    fputs("thiduad: out of memory\n", stderr);
    return OPTIONS_CONFIG;
}

static int take_listen(struct command_line *line, const char *text) {
    if (line->n_listen == OPTIONS_LISTEN_MAX)
        return usage("too many addresses to listen on", text);
    line->listen[line->n_listen++] = text;
    return 0;
}

static int take_option(struct options *options, struct command_line *line, int letter) {
    switch (letter) {
    case 'c':
        line->config = optarg;
        return 0;
    case 's':
        line->state = optarg;
        return 0;
    case 'l':
        return take_listen(line, optarg);
    case 'j':
        line->journal = optarg;
        return 0;
    case 'k':
        options->verb = OPTIONS_CHECK_CONFIG;
        return 0;
    case 'h':
        options->verb = OPTIONS_HELP;
        return 0;
    case 'V':
        options->verb = OPTIONS_VERSION;
        return 0;
    default: // getopt has said what is wrong
        fputs("Try: thiduad --help\n", stderr);
        return OPTIONS_USAGE;
    }
}

// A word that stands for another thing to do than to run, and what it is given.
struct command {
    const char *word;
    enum options_verb verb;
    int sources; // a backup's file or --from-journal
    const char *given;
};

static const struct command commands[] = {
    {"check", OPTIONS_CHECK, 0, "check is given --state DIR and nothing else"},
    {"restore", OPTIONS_RESTORE, 1,
     "restore is given a backup's FILE or --from-journal FILE, --state NEWDIR and nothing else"},
};

static const struct command *find_command(const char *word) {
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].word, word) == 0)
            return &commands[i];
    return NULL;
}

static int take_operands(struct options *options, struct command_line *line, int count, char *const *operands) {
    if (options->verb == OPTIONS_HELP || options->verb == OPTIONS_VERSION)
        return 0;
    if (count == 0)
        return line->journal ? usage("--from-journal goes with restore", NULL) : 0;
    const struct command *command = find_command(operands[0]);
    if (!command)
        return usage("there is no such command", operands[0]);
    bool state = line->state && line->state[0];
    int sources = count - 1 + (line->journal != NULL);
    if (options->verb == OPTIONS_CHECK_CONFIG || line->config || line->n_listen > 0 || !state ||
        sources != command->sources)
        return usage(command->given, NULL);
    options->verb = command->verb;
    line->backup = count > 1 ? operands[1] : NULL;
    return 0;
}

static int read_command_line(struct options *options, struct command_line *line, int argc, char *const *argv) {
    static const struct option known[] = {
        {"config", required_argument, NULL, 'c'},
        {"state", required_argument, NULL, 's'},
        {"listen", required_argument, NULL, 'l'},
        {"check-config", no_argument, NULL, 'k'},
        {"from-journal", required_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };
    int letter, status = 0;
    optind = 0; // begin anew, should this be called twice
    while (status == 0 && (letter = getopt_long(argc, argv, "c:hV", known, NULL)) != -1)
        status = take_option(options, line, letter);
    return status ? status : take_operands(options, line, argc - optind, argv + optind);
}

// ---- the file ----

// Values are judged as they are read, while libConfuse knows the line. A bad one is reported and marked, and reading
// goes on, so that all are reported.
static const long bad_number = -1;

// The library would silently let the last of two stand. It drops the values of the one before, but not this mark.
static bool given_twice(cfg_t *file, cfg_opt_t *option) {
    bool twice = option->nvalues == 1 && option->flags & SEEN;
    option->flags |= SEEN;
    if (twice)
        cfg_error(file, "%s is given twice", option->name);
    return twice;
}

static int read_text(cfg_t *file, cfg_opt_t *option, const char *text, void *result) {
    *(const char **)result = text;
    return given_twice(file, option) ? -1 : 0;
}

typedef bool address_reader(const char *text, struct address *address, char *error, size_t error_size);

static int read_address_with(address_reader *reader, cfg_t *file, cfg_opt_t *option, const char *text, void *result) {
    if (given_twice(file, option))
        return -1;
    char error[512];
    struct address *address = malloc(sizeof *address);
    if (address && !reader(text, address, error, sizeof error)) {
        cfg_error(file, "%s: %s", option->name, error);
        free(address);
        address = NULL;
    }
    *(void **)result = address;
    return 0;
}

static int read_address(cfg_t *file, cfg_opt_t *option, const char *text, void *result) {
    return read_address_with(address_parse, file, option, text, result);
}

static int read_metrics(cfg_t *file, cfg_opt_t *option, const char *text, void *result) {
    return read_address_with(address_parse_local, file, option, text, result);
}

static int read_size(cfg_t *file, cfg_opt_t *option, const char *text, void *result) {
    static const char units[] = "KMGT";
    if (given_twice(file, option))
        return -1;
    char *end;
    errno = 0;
    uint64_t size = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
    const char *unit = size > 0 && *end ? strchr(units, *end) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    bool whole = size > 0 && errno == 0 && end[unit ? 1 : 0] == '\0';
    if (whole && size <= map_size_most >> shift && size << shift >= map_size_least) {
        *(long *)result = (long)(size << shift);
        return 0;
    }
    cfg_error(file, "map_size: %s is not a size from 1M to 64T (bytes, or with K, M, G or T)", text);
    *(long *)result = bad_number;
    return 0;
}

static int read_count(cfg_t *file, cfg_opt_t *option, const char *text, void *result) {
    if (given_twice(file, option))
        return -1;
    char *end;
    long count = strspn(text, "0123456789") == strlen(text) ? strtol(text, &end, 10) : 0;
    if (count >= 1 && count <= CONNECTIONS_MOST) {
        *(long *)result = count;
        return 0;
    }
    cfg_error(file, "max_connections: %s is not a number from 1 to %d", text, CONNECTIONS_MOST);
    *(long *)result = bad_number;
    return 0;
}

static int read_level(cfg_t *file, cfg_opt_t *option, const char *text, void *result) {
    if (given_twice(file, option))
        return -1;
    enum log_level level;
    if (log_level_parse(text, &level)) {
        *(long *)result = (long)level;
        return 0;
    }
    cfg_error(file, "log_level: %s is none of error, warning, notice, info, debug", text);
    *(long *)result = bad_number;
    return 0;
}

// Public's text is kept as an address that cannot be written down would be: NULL.
static int read_public(cfg_t *file, cfg_opt_t *option, const char *text, void *result) {
    if (given_twice(file, option))
        return -1;
    char error[512];
    if (address_check_public(text, error, sizeof error)) {
        *(void **)result = strdup(text);
        return 0;
    }
    cfg_error(file, "public: %s", error);
    *(void **)result = NULL;
    return 0;
}

static bool take_addresses(struct options *options, cfg_t *file) {
    size_t count = cfg_size(file, "listen");
    if (count > OPTIONS_LISTEN_MAX) {
        cfg_error(file, "listen: at most %d addresses are served", OPTIONS_LISTEN_MAX);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const struct address *address = cfg_getnptr(file, "listen", (unsigned)i);
        if (!address)
            return false;
        options->listen[options->n_listen++] = *address;
    }
    options->listen_chosen = count > 0;
    return true;
}

static bool take_text(char **to, const char *text) {
    if (text && !(*to = strdup(text)))
        return false;
    return true;
}

static int take_values(struct options *options, cfg_t *file) {
    long map_size = cfg_getint(file, "map_size"), most = cfg_getint(file, "max_connections"),
         level = cfg_getint(file, "log_level");
    bool good = take_addresses(options, file);
    if (!good || map_size == bad_number || most == bad_number || level == bad_number ||
        (cfg_size(file, "public") > 0 && !cfg_getptr(file, "public")) ||
        (cfg_size(file, "metrics") > 0 && !cfg_getptr(file, "metrics")))
        return OPTIONS_CONFIG;
    if (cfg_size(file, "metrics") > 0)
        options->metrics = *(const struct address *)cfg_getptr(file, "metrics");
    options->map_size = (uint64_t)map_size;
    options->max_connections = (uint32_t)most;
    options->log_level = (enum log_level)level;
    bool copied = take_text(&options->public, cfg_getptr(file, "public")) &&
                  take_text(&options->state, cfg_getstr(file, "state")) &&
                  take_text(&options->admin_group, cfg_getstr(file, "admin_group"));
    return copied ? 0 : out_of_memory();
}

static int refuse_file(const char *path, int line, const char *why) {
    if (line)
        fprintf(stderr, "%s:%d: %s\n", path, line, why);
    else
        fprintf(stderr, "%s: %s\n", path, why);
    return OPTIONS_CONFIG;
}

static int parse_text(cfg_t *file, const char *path, char *text, size_t size) {
    text[size] = '\0';
    if (memchr(text, 0, size))
        return refuse_file(path, 0, "this is not a text file: it holds a zero byte");
    int open = config_text_clean(text, size);
    if (open)
        return refuse_file(path, open, "this comment is never closed with */");
    if (!*text)
        return 0;
    FILE *stream = fmemopen(text, strlen(text), "r");
    if (!stream || !(file->filename = strdup(path))) {
        if (stream)
            fclose(stream);
        return out_of_memory();
    }
    int parsed = cfg_parse_fp(file, stream) == CFG_SUCCESS ? 0 : OPTIONS_CONFIG; // libConfuse says what is wrong
    fclose(stream);
    return parsed;
}

static int parse_stream(cfg_t *file, const char *path, FILE *stream) {
    char *text = malloc(FILE_MOST + 1);
    if (!text)
        return out_of_memory();
    errno = 0;
    size_t size = fread(text, 1, FILE_MOST, stream);
    int parsed = ferror(stream)      ? refuse_file(path, 0, strerror(errno))
                 : size == FILE_MOST ? refuse_file(path, 0, "this is too large for a configuration")
                                     : parse_text(file, path, text, size);
    free(text);
    return parsed;
}

static int parse_file(cfg_t *file, const char *path, bool named) {
    struct stat st;
    if (stat(path, &st) != 0)
        return errno == ENOENT && !named ? 0 : refuse_file(path, 0, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return refuse_file(path, 0, "not a file");
    FILE *stream = fopen(path, "re");
    if (!stream)
        return refuse_file(path, 0, strerror(errno));
    int parsed = parse_stream(file, path, stream);
    fclose(stream);
    return parsed;
}

static int read_file(struct options *options, const char *path, bool named) {
    cfg_opt_t keys[] = {
        CFG_PTR_LIST_CB("listen", 0, CFGF_NONE, read_address, free),
        CFG_PTR_CB("metrics", 0, CFGF_NODEFAULT, read_metrics, free),
        CFG_PTR_CB("public", 0, CFGF_NODEFAULT, read_public, free),
        CFG_STR_CB("state", NULL, CFGF_NONE, read_text),
        CFG_STR_CB("admin_group", OPTIONS_ADMIN_GROUP, CFGF_NONE, read_text),
        CFG_INT_CB("map_size", map_size_default, CFGF_NONE, read_size),
        CFG_INT_CB("max_connections", 0, CFGF_NONE, read_count),
        CFG_INT_CB("log_level", LOG_INFORM, CFGF_NONE, read_level),
        CFG_END(),
    };
    cfg_t *file = cfg_init(keys, CFGF_NONE);
    if (!file)
        return out_of_memory();
    int parsed = parse_file(file, path, named);
    int taken = parsed ? parsed : take_values(options, file);
    cfg_free(file);
    return taken;
}

// ---- what neither says ----

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

// The first of systemd's colon-separated folders.
static char *first_folder(const char *folders) {
    return strndup(folders, strcspn(folders, ":"));
}

static int default_state(struct options *options) {
    const char *given = getenv("STATE_DIRECTORY"), *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n = 0;
    if (given && given[0] == '/')
        options->state = first_folder(given);
    else if (base && base[0] == '/')
        n = asprintf(&options->state, "%s/thiduad", base);
    else if (home && home[0] == '/')
        n = asprintf(&options->state, "%s/.local/state/thiduad", home);
    else
        return usage("no state folder is known, for HOME is not set: give --state DIR", NULL);
    return n < 0 || !options->state ? out_of_memory() : 0;
}

// Where a client without any settings looks, in the same order.
static int socket_path(const struct options *options, char *text, size_t size) {
    const char *service = getenv("RUNTIME_DIRECTORY"), *session = getenv("XDG_RUNTIME_DIR");
    char user[64];
    snprintf(user, sizeof user, "/run/user/%lu", (unsigned long)geteuid());
    if (service && service[0] == '/')
        return snprintf(text, size, "unix:%.*s/admin.sock", (int)strcspn(service, ":"), service);
    if (session && session[0] == '/')
        return snprintf(text, size, "unix:%s/thidua.sock", session);
    return snprintf(text, size, "unix:%s/thidua.sock", is_folder(user) ? user : options->state);
}

static int default_listen(struct options *options) {
    char text[512], error[512];
    int n = socket_path(options, text, sizeof text);
    if (n < 0 || (size_t)n >= sizeof text || !address_parse(text, &options->listen[0], error, sizeof error)) {
        fputs("thiduad: the path of the local socket would be too long: give --listen unix:PATH\n", stderr);
        return OPTIONS_CONFIG;
    }
    bool parsed = address_parse("127.0.0.1:22022", &options->listen[1], error, sizeof error);
    options->n_listen = parsed ? 2 : 1;
    return 0;
}

// The command line's word stands above the file's.
static int lay_over(struct options *options, const struct command_line *line) {
    char error[512];
    if (line->state) {
        free(options->state);
        if (!(options->state = strdup(line->state)))
            return out_of_memory();
    }
    if (!take_text(&options->journal, line->journal) || !take_text(&options->backup, line->backup))
        return out_of_memory();
    if (line->n_listen > 0) {
        options->n_listen = 0;
        options->listen_chosen = true;
    }
    for (size_t i = 0; i < line->n_listen; i++)
        if (!address_parse(line->listen[i], &options->listen[options->n_listen++], error, sizeof error))
            return usage(error, NULL);
    return 0;
}

static int complete(struct options *options) {
    int status = options->state ? 0 : default_state(options);
    if (status == 0 && options->state[0] == '\0')
        return usage("the state folder has an empty name", NULL);
    return status == 0 && options->n_listen == 0 ? default_listen(options) : status;
}

int options_read(struct options *options, int argc, char *const *argv) {
    struct command_line line = {0};
    memset(options, 0, sizeof *options);
    int status = read_command_line(options, &line, argc, argv);
    if (status != 0 || options->verb == OPTIONS_HELP || options->verb == OPTIONS_VERSION)
        return status;
    options->map_size = (uint64_t)map_size_default;
    if (options->verb == OPTIONS_CHECK || options->verb == OPTIONS_RESTORE)
        return lay_over(options, &line);
    if (!(options->config = strdup(line.config ? line.config : OPTIONS_CONFIG_FILE)))
        return out_of_memory();
    status = read_file(options, options->config, line.config != NULL);
    if (status == 0)
        status = lay_over(options, &line);
    return status == 0 ? complete(options) : status;
}

void options_free(struct options *options) {
    free(options->config);
    free(options->state);
    free(options->journal);
    free(options->backup);
    free(options->public);
    free(options->admin_group);
    memset(options, 0, sizeof *options);
}
