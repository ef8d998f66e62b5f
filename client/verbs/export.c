#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client/file.h"
#include "client/memory.h"
#include "client/output/html.h"
#include "client/output/value.h"
#include "client/output/xlsx.h"
#include "client/verbs.h"

enum { REFRESH_MOST = 86400 };

static const struct column head[] = {
    {"period", N_("Period"), CELL_CODE, EVERYWHERE, NULL},
    {"state", N_("State"), CELL_WORD, EVERYWHERE, NULL},
    {"column", N_("Column"), CELL_WORD, EVERYWHERE, NULL},
    {"seq", N_("Entry"), CELL_COUNT, EVERYWHERE, NULL},
    {"provisional", N_("Provisional"), CELL_FLAG, EVERYWHERE, NULL},
    {"units", N_("Units"), CELL_COUNT, EVERYWHERE, NULL},
    {"sheets", N_("Sheets"), CELL_COUNT, EVERYWHERE, NULL},
    {"steady", N_("Of one entry"), CELL_FLAG, EVERYWHERE, NULL},
    {"xlsx", N_("Workbook"), CELL_TEXT, IF_SAID, NULL},
    {"html", N_("Page"), CELL_TEXT, IF_SAID, NULL},
    {0},
};

static const struct report report = {.head = head};

struct exporting {
    struct client *client;
    struct snapshot snapshot;
    int refresh_s;
};

// Writes the snapshot to the open file. NULL, or why not; free it.
typedef char *write_output(const struct exporting *exporting, struct new_file *file);

static char *write_xlsx(const struct exporting *exporting, struct new_file *file) {
    return xlsx_write(&exporting->snapshot, &exporting->client->options, file->hidden);
}

static char *write_html(const struct exporting *exporting, struct new_file *file) {
    html_write(file->file, &exporting->snapshot, &exporting->client->options, exporting->refresh_s);
    return fflush(file->file) || ferror(file->file) ? must_strdup(strerror(errno)) : NULL;
}

static const struct target {
    const char *flag;
    write_output *write;
} outputs[] = {{"xlsx", write_xlsx}, {"html", write_html}};

enum { OUTPUTS = sizeof(outputs) / sizeof(*outputs) };

static int cannot_write(const struct client *client, const char *path, const char *why) {
    return say_error(&client->options, EXIT_NO_OUTPUT,
                     _("What was there is as it was. Make room, or name another file."), _("%s cannot be written: %s"),
                     path, why);
}

// ---- the command line ----

static int read_refresh(struct exporting *exporting) {
    const struct client *client = exporting->client;
    const char *text = client_flag(client, "refresh");
    size_t n = text ? strspn(text, "0123456789") : 0;
    if (!text)
        return EXIT_DONE;
    exporting->refresh_s = n && n <= 5 && !text[n] ? (int)strtol(text, NULL, 10) : 0;
    if (exporting->refresh_s < 1 || exporting->refresh_s > REFRESH_MOST)
        return say_error(&client->options, EXIT_USAGE, NULL, _("--refresh takes 1 to %d seconds, not “%s”"),
                         REFRESH_MOST, text);
    if (!client_flag(client, "html"))
        return say_error(&client->options, EXIT_USAGE, NULL, _("--refresh is of the page: --html FILE"));
    return EXIT_DONE;
}

static int check_line(struct exporting *exporting) {
    const struct client *client = exporting->client;
    const char *xlsx = client_flag(client, "xlsx"), *html = client_flag(client, "html");
    if (!xlsx && !html)
        return say_error(&client->options, EXIT_USAGE, _("Name one or both: --xlsx FILE, --html FILE"),
                         _("there is nothing to write"));
    if (xlsx && html && !strcmp(xlsx, html))
        return say_error(&client->options, EXIT_USAGE, NULL, _("--xlsx and --html name the same file"));
    return read_refresh(exporting);
}

// ---- files ----

static void drop(struct new_file *files, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (files[i].file)
            new_file_drop(&files[i]);
}

// Before the server is asked: who cannot write need not wait for an answer.
static int open_files(const struct client *client, struct new_file *files) {
    for (size_t i = 0; i < OUTPUTS; i++) {
        const char *path = client_flag(client, outputs[i].flag);
        files[i].file = NULL;
        if (!path || (new_file_open(&files[i], path) && new_file_share(&files[i])))
            continue;
        int exit_status = cannot_write(client, path, strerror(errno));
        drop(files, i + 1);
        return exit_status;
    }
    return EXIT_DONE;
}

static int write_files(const struct exporting *exporting, struct new_file *files) {
    for (size_t i = 0; i < OUTPUTS; i++) {
        char *why = files[i].file ? outputs[i].write(exporting, &files[i]) : NULL;
        if (!why)
            continue;
        int exit_status = cannot_write(exporting->client, files[i].path, why);
        free(why);
        return exit_status;
    }
    return EXIT_DONE;
}

// What was kept before one that fails stays: each is whole.
static int keep_files(const struct client *client, struct new_file *files) {
    for (size_t i = 0; i < OUTPUTS; i++) {
        if (!files[i].file || new_file_keep(&files[i]))
            continue;
        int exit_status = cannot_write(client, client_flag(client, outputs[i].flag), strerror(errno));
        drop(files + i + 1, OUTPUTS - i - 1);
        return exit_status;
    }
    return EXIT_DONE;
}

// ---- the verb ----

static int take(struct exporting *exporting) {
    struct client *client = exporting->client;
    int exit_status = snapshot_take(client, client_flag(client, "xlsx") != NULL, &exporting->snapshot);
    const char *unit = exit_status ? NULL : snapshot_adds_up(&exporting->snapshot);
    if (unit)
        return say_error(&client->options, EXIT_PROTOCOL,
                         _("Nothing was written. Have the server's folder checked: thiduad check"),
                         _("the figures of %s do not add up"), unit);
    if (!exit_status && !exporting->snapshot.steady)
        say_warning(&client->options,
                    _("warning: the period went on while it was read; the sheets may be newer than the summary"));
    return exit_status;
}

static int show(const struct exporting *exporting) {
    static const char *const keys[] = {"period", "state", "column", "seq", "provisional", "units"};
    const struct snapshot *snapshot = &exporting->snapshot;
    json_t *answer = must(json_object());
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        put(answer, keys[i], json_incref(json_object_get(snapshot->board, keys[i])));
    put(answer, "sheets", value_count(true, json_object_size(snapshot->sheets)));
    put(answer, "steady", value_flag(snapshot->steady));
    for (size_t i = 0; i < OUTPUTS; i++)
        put(answer, outputs[i].flag, value_text(client_flag(exporting->client, outputs[i].flag)));
    int exit_status = client_show(exporting->client, &report, answer);
    json_decref(answer);
    return exit_status;
}

int run_export(struct client *client) {
    struct exporting exporting = {.client = client};
    struct new_file files[OUTPUTS];
    int exit_status = check_line(&exporting);
    if (!exit_status)
        exit_status = open_files(client, files);
    if (exit_status)
        return exit_status;
    exit_status = take(&exporting);
    if (!exit_status)
        exit_status = write_files(&exporting, files);
    if (exit_status)
        drop(files, OUTPUTS);
    else
        exit_status = keep_files(client, files);
    if (!exit_status)
        exit_status = show(&exporting);
    snapshot_free(&exporting.snapshot);
    return exit_status;
}
