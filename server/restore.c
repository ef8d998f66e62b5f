#include "server/restore.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
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

#include "server/ledger/folder.h"
#include "server/restore_state.h"

enum { ERROR_TEXT = 512, TIME_TEXT = 40, SIGNALED = 128 };

static const int64_t hanoi_ms = 7 * 3600 * 1000;

int restore_complain(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("thiduad: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return status;
}

int restore_out_of_memory(void) {
    return restore_complain(EX_OSERR, "out of memory");
}

const char *restore_file_name(const struct restore *restore) {
    return strcmp(restore->file, "-") == 0 ? "standard input" : restore->file;
}

// ---- what both children do with a store ----

int restore_refuse_store(const struct restore *restore) {
    return restore_complain(EX_CANTCREAT, "%s: the store cannot be written: %s; make room, then restore again",
                            restore->folder, ledger_fault(restore->ledger));
}

bool restore_keep(struct restore *restore) {
    return ledger_flush(restore->ledger) == STORE_OK && ledger_keep(restore->ledger) == STORE_OK &&
           ledger_commit(restore->ledger) == STORE_OK;
}

int restore_count(struct restore *restore) {
    const struct view *view = ledger_read_begin(restore->ledger);
    if (!view)
        return restore_refuse_store(restore);
    struct facts *facts = restore->facts;
    facts->periods = view_last_period(view);
    facts->units = view_last_unit(view);
    facts->accounts = view_last_account(view);
    return view_fault(view) ? restore_complain(EX_CANTCREAT, "%s: %s", restore->folder, view_fault(view)) : 0;
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
        exit(getppid() == parent ? restore->build(restore) : EX_SOFTWARE);
    }
    if (child > 0)
        status = wait_for(child, &set, &interrupted);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (child < 0)
        return restore_complain(EX_OSERR, "no process can be made: %s; try again", strerror(errno));
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    if (interrupted)
        return restore_complain(SIGNALED + interrupted, "interrupted: nothing has been restored");
    return restore->refuse_death(restore, strsignal(WTERMSIG(status)));
}

// ---- the folder ----

static int refuse_folder(const struct restore *restore, const char *why) {
    return restore_complain(EX_CANTCREAT, "%s: %s; name a new folder with --state", restore->folder, why);
}

static int check_empty(const struct restore *restore) {
    int status = 0;
    DIR *dir = opendir(restore->folder);
    if (!dir)
        return refuse_folder(restore, strerror(errno));
    for (const struct dirent *entry; status == 0 && (entry = readdir(dir)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = restore_complain(EX_CANTCREAT, "%s is not empty (%s is in it); name a new folder with --state",
                                      restore->folder, entry->d_name);
    closedir(dir);
    return status;
}

static int make_folder(struct restore *restore) {
    char error[ERROR_TEXT];
    restore->made_folder = mkdir(restore->folder, 0700) == 0;
    if (!restore->made_folder && errno != EEXIST)
        return restore_complain(EX_CANTCREAT,
                                "%s cannot be made: %s; the folder above it must be there, and yours to write in",
                                restore->folder, strerror(errno));
    if (!folder_check(restore->folder, error, sizeof error))
        return restore_complain(EX_CANTCREAT, "%s", error);
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

static void print_hex(FILE *out, const char *name, const uint8_t *bytes, size_t size) {
    fputs(name, out);
    for (size_t i = 0; i < size; i++)
        fprintf(out, "%02x", bytes[i]);
    fputc('\n', out);
}

static void report_facts(const struct restore *restore, FILE *out) {
    const struct facts *facts = restore->facts;
    char time[TIME_TEXT];
    fprintf(out,
            "%" PRIu64 " entries restored into %s\n"
            "last entry  %" PRIu64 "\n"
            "time        %s\n",
            facts->tip.seq, restore->folder, facts->tip.seq, time_text(facts->time_ms, time));
    print_hex(out, "hash        ", facts->tip.hash, sizeof facts->tip.hash);
    if (facts->restored_seq)
        print_hex(out, "new branch  ", facts->branch, sizeof facts->branch);
    fprintf(out,
            "periods     %" PRIu32 "\n"
            "units       %" PRIu32 "\n"
            "accounts    %" PRIu32 "\n",
            facts->periods, facts->units, facts->accounts);
}

static void report_lost(const struct restore *restore, FILE *out) {
    fprintf(out,
            "\n"
            "What was written after entry %" PRIu64 " is lost; its receipts are answered \"issued after the restored\n"
            "backup\". Entry %" PRIu64 " says that the ledger was restored.\n",
            restore->facts->tip.seq, restore->facts->restored_seq);
}

static void report_key(const struct restore *restore, FILE *out) {
    fprintf(out,
            "\n"
            "The server's TLS key is no part of %s. Copy tls.key from the old state folder to\n"
            "%s/tls.key (mode 0600, the daemon's user) before the first start, and every\n"
            "office goes on with the profile it has. Without that file the daemon makes a new key, and each office\n"
            "must enrol again: thidua admin rotate ID prints its invitation. A key that systemd passes as a\n"
            "credential stays as it is.\n",
            restore->source, restore->folder);
}

static void report_accounts(FILE *out) {
    fputs("\n"
          "Then start the daemon on this folder. It lets nobody in over TCP until local administration has looked\n"
          "at the accounts: they are those of the backup, and one that was revoked since is there again. End it\n"
          "with thidua admin revoke ID; then let the offices in with: thidua admin accounts --confirm\n",
          out);
}

static int report(const struct restore *restore, FILE *out) {
    report_facts(restore, out);
    if (restore->facts->restored_seq)
        report_lost(restore, out);
    report_key(restore, out);
    if (restore->facts->restored_seq)
        report_accounts(out);
    fprintf(out, "\nLook at it with: thiduad check --state %s\n", restore->folder);
    if (fflush(out) == 0 && !ferror(out))
        return 0;
    return restore_complain(EX_IOERR,
                            "%s is restored whole, but standard output cannot be written: %s; look at it with: thiduad "
                            "check --state %s",
                            restore->folder, strerror(errno), restore->folder);
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

int restore_run(struct restore *restore, FILE *out) {
    restore->in = strcmp(restore->file, "-") == 0 ? stdin : fopen(restore->file, "re");
    if (!restore->in)
        return restore_complain(EX_NOINPUT, "%s cannot be read: %s", restore->file, strerror(errno));
    restore->facts = mmap(NULL, sizeof *restore->facts, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status = restore->facts == MAP_FAILED ? restore_out_of_memory() : restore_input(restore);
    if (status == 0)
        status = report(restore, out);
    if (restore->facts != MAP_FAILED)
        munmap(restore->facts, sizeof *restore->facts);
    if (restore->in != stdin)
        fclose(restore->in);
    return status;
}
