#include "server/restore.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "proto/export.h"
#include "proto/message.h"
#include "server/ledger/folder.h"
#include "server/ledger/ledger.h"

enum { BATCH = 1000, ERROR_TEXT = 512, TIME_TEXT = 40, SIGNALED = 128 };

static const int64_t hanoi_ms = 7 * 3600 * 1000;

// What the child has made, in memory that both processes see.
struct facts {
    struct journal_tip tip;
    int64_t time_ms;
    uint32_t periods, units, accounts;
};

struct restore {
    const char *file, *folder;
    uint64_t map_size;
    FILE *in;
    struct facts *facts;
    char building[PATH_MAX]; // inside the folder
    bool made_folder;
    // the child's
    json_t *row; // of the line that was read last
    struct export_reader *reader;
    struct store *store;
    struct ledger *ledger;
};

static int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Returns the status.
static int complain(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("thiduad: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return status;
}

static int out_of_memory(void) {
    return complain(EX_OSERR, "out of memory");
}

static const char *file_name(const struct restore *restore) {
    return strcmp(restore->file, "-") == 0 ? "standard input" : restore->file;
}

// ---- the child: entries into a store ----

static bool split(void *ctx, const char *text, size_t size, struct export_line *line) {
    struct restore *restore = ctx;
    json_int_t seq = 0;
    json_decref(restore->row);
    restore->row = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    int unpacked = json_unpack(restore->row, "{s:I, s:s, s:s, s:s}", "seq", &seq, "record", &line->record, "prev",
                               &line->prev, "hash", &line->hash);
    line->seq = (uint64_t)seq;
    return unpacked == 0 && seq > 0;
}

static int refuse_line(const struct restore *restore) {
    char text[ERROR_TEXT];
    const struct export_fault *fault = export_fault(restore->reader);
    export_fault_text(restore->reader, fault->text, text, sizeof text);
    return complain(EX_DATAERR, "%s:%" PRIu64 ": %s\n%s", file_name(restore), export_line_number(restore->reader), text,
                    fault->hint);
}

static int refuse_store(const struct restore *restore) {
    return complain(EX_CANTCREAT, "%s: the store cannot be written: %s; make room, then restore again", restore->folder,
                    ledger_fault(restore->ledger));
}

// What an entry states can contradict the entries before it, though the chain is whole.
static int refuse_entry(const struct restore *restore) {
    enum store_status status = store_fault(ledger_txn(restore->ledger));
    if (status != STORE_OK && status != STORE_ABSENT && status != STORE_DAMAGED)
        return refuse_store(restore);
    return complain(EX_DATAERR,
                    "%s:%" PRIu64 ": %s\nThis entry does not follow from those before it: use the version of thiduad "
                    "that wrote it, or take another export.",
                    file_name(restore), export_line_number(restore->reader), ledger_fault(restore->ledger));
}

static bool keep_batch(struct restore *restore) {
    return ledger_flush(restore->ledger) == STORE_OK && ledger_keep(restore->ledger) == STORE_OK &&
           ledger_commit(restore->ledger) == STORE_OK;
}

// Definitions are made ready for use by code that counts on what the door has let in.
static bool is_well_formed(const Pb__Event *event) {
    if (!event || event->body_case != PB__EVENT__BODY_PERIOD_DEFINED || !event->period_defined->definition)
        return true; // ledger_apply compares the rest
    struct problems problems;
    struct arena *arena = arena_new(MESSAGE_BUDGET);
    problems_init(&problems, arena);
    bool good = arena && message_validate(&event->period_defined->definition->base, &problems);
    arena_free(arena);
    return good;
}

static int refuse_definition(const struct restore *restore) {
    return complain(EX_DATAERR,
                    "%s:%" PRIu64 ": the period's definition is not one that thiduad has written\n"
                    "Take another export; what this one says cannot be trusted.",
                    file_name(restore), export_line_number(restore->reader));
}

static int take_entry(struct restore *restore, const struct export_entry *entry) {
    struct journal_entry raw = {.seq = entry->seq, .record = {entry->record, entry->size}};
    memcpy(raw.hash, entry->hash, sizeof raw.hash);
    if (!is_well_formed(entry->entry->event))
        return refuse_definition(restore);
    if (!ledger_apply(restore->ledger, entry->entry, &raw))
        return refuse_entry(restore);
    restore->facts->time_ms = entry->entry->time_ms;
    if (entry->seq % BATCH != 0 || (keep_batch(restore) && ledger_write_begin(restore->ledger) == STORE_OK))
        return 0;
    return refuse_store(restore);
}

static int take_all(struct restore *restore) {
    struct export_entry entry;
    enum export_result result;
    int status = ledger_write_begin(restore->ledger) == STORE_OK ? 0 : refuse_store(restore);
    while (status == 0 && (result = export_next(restore->reader, &entry)) != EXPORT_END)
        switch (result) {
        case EXPORT_ENTRY:
            status = take_entry(restore, &entry);
            break;
        case EXPORT_UNREADABLE:
            status = complain(EX_NOINPUT, "%s cannot be read: %s", file_name(restore), strerror(errno));
            break;
        default:
            status = refuse_line(restore);
        }
    return status != 0 || keep_batch(restore) ? status : refuse_store(restore);
}

static int count_rows(struct restore *restore) {
    const struct view *view = ledger_read_begin(restore->ledger);
    if (!view)
        return refuse_store(restore);
    struct facts *facts = restore->facts;
    facts->periods = view_last_period(view);
    facts->units = view_last_unit(view);
    facts->accounts = view_last_account(view);
    facts->tip = *ledger_tip(restore->ledger);
    return view_fault(view) ? complain(EX_CANTCREAT, "%s: %s", restore->folder, view_fault(view)) : 0;
}

static int build(struct restore *restore) {
    char error[ERROR_TEXT];
    restore->store = store_open(restore->building, restore->map_size, error, sizeof error);
    if (!restore->store)
        return complain(EX_CANTCREAT, "%s", error);
    restore->ledger = ledger_new(restore->store, NULL);
    restore->reader = export_open(restore->in, split, restore);
    int status = restore->ledger && restore->reader ? take_all(restore) : out_of_memory();
    if (status == 0)
        status = count_rows(restore);
    export_close(restore->reader);
    json_decref(restore->row);
    ledger_free(restore->ledger);
    store_close(restore->store);
    return status;
}

// ---- the parent: a child that may be interrupted, or die of a record that nobody should have written ----

static sigset_t awaited(void) {
    static const int numbers[] = {SIGCHLD, SIGINT, SIGTERM, SIGHUP};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaddset(&set, numbers[i]);
    return set;
}

static int wait_for(pid_t child, const sigset_t *set, int *interrupted) {
    int number, status = 0;
    while (waitpid(child, &status, WNOHANG) != child) {
        if (sigwait(set, &number) != 0 || number == SIGCHLD)
            continue;
        *interrupted = number;
        kill(child, SIGTERM);
    }
    return status;
}

static int build_apart(struct restore *restore) {
    sigset_t before, set = awaited();
    int interrupted = 0, status = 0;
    fflush(NULL);
    sigprocmask(SIG_BLOCK, &set, &before);
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        exit(getppid() == parent ? build(restore) : EX_SOFTWARE);
    }
    if (child > 0)
        status = wait_for(child, &set, &interrupted);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (child < 0)
        return complain(EX_OSERR, "no process can be made: %s; try again", strerror(errno));
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    if (interrupted)
        return complain(SIGNALED + interrupted, "interrupted: nothing has been restored");
    return complain(EX_SOFTWARE,
                    "%s holds an entry that this program cannot take in (%s); use the version that wrote it",
                    file_name(restore), strsignal(WTERMSIG(status)));
}

// ---- the folder ----

static int refuse_folder(const struct restore *restore, const char *why) {
    return complain(EX_CANTCREAT, "%s: %s; name a new folder with --state", restore->folder, why);
}

static int check_empty(const struct restore *restore) {
    int status = 0;
    DIR *dir = opendir(restore->folder);
    if (!dir)
        return refuse_folder(restore, strerror(errno));
    for (const struct dirent *entry; status == 0 && (entry = readdir(dir)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = complain(EX_CANTCREAT, "%s is not empty (%s is in it); name a new folder with --state",
                              restore->folder, entry->d_name);
    closedir(dir);
    return status;
}

static int make_folder(struct restore *restore) {
    char error[ERROR_TEXT];
    restore->made_folder = mkdir(restore->folder, 0700) == 0;
    if (!restore->made_folder && errno != EEXIST)
        return complain(EX_CANTCREAT, "%s cannot be made: %s; the folder above it must be there, and yours to write in",
                        restore->folder, strerror(errno));
    if (!folder_check(restore->folder, error, sizeof error))
        return complain(EX_CANTCREAT, "%s", error);
    int status = check_empty(restore);
    if (status != 0)
        return status;
    int n = snprintf(restore->building, sizeof restore->building, "%s/restore-XXXXXX", restore->folder);
    if (n > 0 && (size_t)n < sizeof restore->building && mkdtemp(restore->building))
        return 0;
    restore->building[0] = '\0';
    return refuse_folder(restore, "nothing can be written into it");
}

// The store that was built becomes the folder's, all at once; of its files it needs the one.
static int hand_over(const struct restore *restore) {
    char from[PATH_MAX + 16], to[PATH_MAX + 16], above[PATH_MAX + 16];
    struct stat st;
    snprintf(from, sizeof from, "%s/" FOLDER_DATA, restore->building);
    snprintf(to, sizeof to, "%s/" FOLDER_DATA, restore->folder);
    snprintf(above, sizeof above, "%s/..", restore->folder);
    // A file that root has restored is for the folder's owner to open.
    if (geteuid() == 0 && (stat(restore->folder, &st) != 0 || chown(from, st.st_uid, st.st_gid) != 0))
        return refuse_folder(restore, strerror(errno));
    if (link(from, to) == 0 && folder_sync(restore->folder) && folder_sync(above))
        return 0;
    return refuse_folder(restore, errno == EEXIST ? "it has been taken into use meanwhile" : strerror(errno));
}

// ---- the whole ----

static const char *time_text(int64_t time_ms, char out[TIME_TEXT]) {
    time_t seconds = (time_t)((time_ms + hanoi_ms) / 1000);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm))
        return "-";
    size_t n = strftime(out, TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + n, TIME_TEXT - n, ".%03d+07:00", (int)(time_ms % 1000));
    return out;
}

static int report(const struct restore *restore, FILE *out) {
    const struct facts *facts = restore->facts;
    char time[TIME_TEXT];
    fprintf(out,
            "%" PRIu64 " entries restored into %s\n"
            "last entry  %" PRIu64 "\n"
            "time        %s\n"
            "hash        ",
            facts->tip.seq, restore->folder, facts->tip.seq, time_text(facts->time_ms, time));
    for (size_t i = 0; i < sizeof facts->tip.hash; i++)
        fprintf(out, "%02x", facts->tip.hash[i]);
    fprintf(out,
            "\n"
            "periods     %" PRIu32 "\n"
            "units       %" PRIu32 "\n"
            "accounts    %" PRIu32 "\n"
            "\n"
            "The server's TLS key is no part of a journal. Copy tls.key from the old state folder to\n"
            "%s/tls.key (mode 0600, the daemon's user) before the first start, and every\n"
            "office goes on with the profile it has. Without that file the daemon makes a new key, and each office\n"
            "must enrol again: thidua admin rotate ID prints its invitation. A key that systemd passes as a\n"
            "credential stays as it is.\n"
            "\n"
            "Look at it with: thiduad check --state %s\n",
            facts->periods, facts->units, facts->accounts, restore->folder, restore->folder);
    return fflush(out) == 0 ? 0 : complain(EX_CANTCREAT, "restored, but standard output cannot be written");
}

static int restore_input(struct restore *restore) {
    int status = make_folder(restore);
    if (status == 0)
        status = build_apart(restore);
    if (status == 0)
        status = hand_over(restore);
    if (restore->building[0])
        folder_drop(restore->building);
    if (status != 0 && restore->made_folder)
        rmdir(restore->folder);
    return status;
}

int restore_journal(const char *file, const char *folder, uint64_t map_size, FILE *out) {
    struct restore restore = {.file = file, .folder = folder, .map_size = map_size};
    restore.in = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
    if (!restore.in)
        return complain(EX_NOINPUT, "%s cannot be read: %s", file, strerror(errno));
    restore.facts = mmap(NULL, sizeof *restore.facts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = restore.facts == MAP_FAILED ? out_of_memory() : restore_input(&restore);
    if (status == 0)
        status = report(&restore, out);
    if (restore.facts != MAP_FAILED)
        munmap(restore.facts, sizeof *restore.facts);
    if (restore.in != stdin)
        fclose(restore.in);
    return status;
}
