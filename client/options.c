#include "client/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/memory.h"
#include "client/words.h"

enum { TIMEOUT_DEFAULT_MS = 10000, TIMEOUT_MOST_S = 86400 };

const struct flag options_flags[] = {
    {"server", 's', "ADDR", N_("where: unix:PATH, HOST:PORT or plain:HOST:PORT"), false},
    {"period", 'p', "ID", N_("the period; by default the only open one"), false},
    {"output", 'o', "table|json|ndjson|csv", N_("how the answer is written"), false},
    {"excel", 0, NULL, N_("csv with a byte order mark and semicolons"), false},
    {"id", 0, "UUID", N_("the submission id of a write; by default a new one"), false},
    {"no-spool", 0, NULL, N_("do not keep what cannot be sent"), false},
    {"lang", 0, "vi|en", N_("the language of messages"), false},
    {"color", 0, "auto|always|never", N_("colours on the terminal"), false},
    {"timeout", 0, "SECONDS", N_("how long to wait for the server; 10"), false},
    {"quiet", 'q', NULL, N_("no warnings"), false},
    {"no-input", 0, NULL, N_("ask no questions"), false},
    {"no-header", 0, NULL, N_("no header line"), false},
    {"profile", 0, "FILE", N_("this device's server, key and token"), false},
    {"help", 'h', NULL, N_("how the program, or the verb, is used"), true},
    {"version", 'V', NULL, N_("the version of this program"), true},
    {0},
};

// The flag, else the variable if it is not empty, else NULL.
static const char *setting(const struct arguments *arguments, const char *flag, const char *variable) {
    const char *value = arguments_value(arguments, flag);
    if (value || !variable)
        return value;
    value = getenv(variable);
    return value && *value ? value : NULL;
}

static int place(const char *const words[], const char *word) {
    for (int i = 0; words[i]; i++)
        if (!strcmp(words[i], word))
            return i;
    return -1;
}

static char *joined(const char *const words[]) {
    char *all = must_strdup("");
    for (size_t i = 0; words[i]; i++) {
        char *longer = must_format("%s%s%s", all, i ? ", " : "", words[i]);
        free(all);
        all = longer;
    }
    return all;
}

// Sets *choice to the place of the setting among the words; leaves it where there is no setting.
static char *choose(const struct arguments *arguments, const char *flag, const char *variable,
                    const char *const words[], int *choice) {
    const char *value = setting(arguments, flag, variable);
    int found = value ? place(words, value) : *choice;
    if (found >= 0) {
        *choice = found;
        return NULL;
    }
    char *all = joined(words);
    char *wrong = arguments_value(arguments, flag)
                      ? must_format(_("--%s does not know “%s”, but one of: %s"), flag, value, all)
                      : must_format(_("%s does not know “%s”, but one of: %s"), variable, value, all);
    free(all);
    return wrong;
}

static char *read_output(struct options *options, const struct arguments *arguments) {
    static const char *const words[] = {"table", "json", "ndjson", "csv", NULL};
    int choice = OUTPUT_TABLE;
    char *wrong = choose(arguments, "output", "THIDUA_OUTPUT", words, &choice);
    options->excel = arguments_given(arguments, "excel");
    options->output = (enum output)choice;
    if (!options->excel || wrong)
        return wrong;
    if (arguments_given(arguments, "output") && choice != OUTPUT_CSV)
        return must_strdup(_("--excel goes with -o csv"));
    options->output = OUTPUT_CSV;
    return NULL;
}

static char *read_language(struct options *options, const struct arguments *arguments) {
    static const char *const words[] = {"en", "vi", NULL};
    const char *system = getenv("LC_ALL");
    system = system && *system ? system : getenv("LC_MESSAGES");
    system = system && *system ? system : getenv("LANG");
    int choice = system && !strncmp(system, "vi", 2);
    char *wrong = choose(arguments, "lang", "THIDUA_LANG", words, &choice);
    options->vietnamese = choice == 1;
    return wrong;
}

static char *read_color(struct options *options, const struct arguments *arguments) {
    static const char *const words[] = {"auto", "always", "never", NULL};
    const char *never = getenv("NO_COLOR");
    int choice = never && *never ? 2 : 0;
    char *wrong = choose(arguments, "color", NULL, words, &choice);
    options->color = choice == 1 || (choice == 0 && isatty(STDOUT_FILENO));
    return wrong;
}

static char *read_timeout(struct options *options, const struct arguments *arguments) {
    const char *value = arguments_value(arguments, "timeout");
    options->timeout_ms = TIMEOUT_DEFAULT_MS;
    if (!value)
        return NULL;
    char *end;
    double seconds = strtod(value, &end);
    if (end == value || *end || !isfinite(seconds) || seconds < 0.001 || seconds > TIMEOUT_MOST_S)
        return must_format(_("--timeout takes seconds, up to %d, not “%s”"), TIMEOUT_MOST_S, value);
    options->timeout_ms = (int64_t)(seconds * 1000);
    return NULL;
}

static char *read_id(struct options *options, const struct arguments *arguments) {
    const char *value = arguments_value(arguments, "id");
    if (!value)
        return NULL;
    options->has_id = true;
    if (!uuid_parse(value, options->id))
        return must_format(_("--id takes a UUID, not “%s”"), value);
    if (arguments->verb && !arguments->verb->writes)
        return must_format(_("--id goes with a verb that writes, which %s does not"), arguments->verb->name);
    return NULL;
}

char *options_take(struct options *options, const struct arguments *arguments) {
    typedef char *reader(struct options *, const struct arguments *);
    static reader *const readers[] = {read_output, read_language, read_color, read_timeout, read_id};
    *options = (struct options){
        .server = setting(arguments, "server", "THIDUA_SERVER"),
        .period = setting(arguments, "period", "THIDUA_PERIOD"),
        .profile = setting(arguments, "profile", "THIDUA_PROFILE"),
        .no_spool = arguments_given(arguments, "no-spool"),
        .quiet = arguments_given(arguments, "quiet"),
        .no_input = arguments_given(arguments, "no-input"),
        .no_header = arguments_given(arguments, "no-header"),
    };
    char *first = NULL;
    for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
        char *wrong = readers[i](options, arguments);
        if (first)
            free(wrong);
        else
            first = wrong;
    }
    return first;
}

char options_mark(const struct options *options) {
    return options->vietnamese ? ',' : '.';
}
