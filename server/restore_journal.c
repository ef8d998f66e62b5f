// Restoring from an exported journal: entries into a store.

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <sysexits.h>

#include "proto/export.h"
#include "proto/message.h"
#include "server/restore.h"
#include "server/restore_state.h"

enum { BATCH = 1000, ERROR_TEXT = 512 };

// What is restored, and how far the export has been read.
struct reading {
    struct restore restore; // first: the one is the other
    json_t *row;            // of the line that was read last
    struct export_reader *reader;
};

static bool split(void *ctx, const char *text, size_t size, struct export_line *line) {
    struct reading *reading = ctx;
    json_int_t seq = 0;
    json_decref(reading->row);
    reading->row = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    int unpacked = json_unpack(reading->row, "{s:I, s:s, s:s, s:s}", "seq", &seq, "record", &line->record, "prev",
                               &line->prev, "hash", &line->hash);
    line->seq = (uint64_t)seq;
    return unpacked == 0 && seq > 0;
}

static int refuse_line(const struct reading *reading) {
    char text[ERROR_TEXT];
    const struct export_fault *fault = export_fault(reading->reader);
    export_fault_text(reading->reader, fault->text, text, sizeof text);
    return restore_complain(EX_DATAERR, "%s:%" PRIu64 ": %s\n%s", restore_file_name(&reading->restore),
                            export_line_number(reading->reader), text, fault->hint);
}

// What an entry states can contradict the entries before it, though the chain is whole.
static int refuse_entry(const struct reading *reading) {
    enum store_status status = store_fault(ledger_txn(reading->restore.ledger));
    if (status != STORE_OK && status != STORE_ABSENT && status != STORE_DAMAGED)
        return restore_refuse_store(&reading->restore);
    return restore_complain(EX_DATAERR,
                            "%s:%" PRIu64
                            ": %s\nThis entry does not follow from those before it: use the version of thiduad "
                            "that wrote it, or take another export.",
                            restore_file_name(&reading->restore), export_line_number(reading->reader),
                            ledger_fault(reading->restore.ledger));
}

// Definitions are made ready for use by code that counts on what the door has let in.
static bool is_well_formed(const Pb__Event *event) {
    if (!event || event->body_case != PB__EVENT__BODY_PERIOD_DEFINED || !event->period_defined->definition)
        return true; // ledger_apply compares the rest
    struct problems problems;
    struct arena *arena = arena_new(MESSAGE_BUDGET);
    problems_init(&problems, arena);
    const Pb__PeriodDefinition *definition = event->period_defined->definition;
    bool good = arena && message_validate(&definition->base, &problems) && period_check(definition, &problems);
    arena_free(arena);
    return good;
}

static int refuse_definition(const struct reading *reading) {
    return restore_complain(EX_DATAERR,
                            "%s:%" PRIu64 ": the period's definition is not one that thiduad has written\n"
                            "Take another export; what this one says cannot be trusted.",
                            restore_file_name(&reading->restore), export_line_number(reading->reader));
}

static int take_entry(struct reading *reading, const struct export_entry *entry) {
    struct journal_entry raw = {.seq = entry->seq, .record = {entry->record, entry->size}};
    memcpy(raw.hash, entry->hash, sizeof raw.hash);
    if (!is_well_formed(entry->entry->event))
        return refuse_definition(reading);
    if (!ledger_apply(reading->restore.ledger, entry->entry, &raw))
        return refuse_entry(reading);
    reading->restore.facts->time_ms = entry->entry->time_ms;
    if (entry->seq % BATCH != 0 ||
        (restore_keep(&reading->restore) && ledger_write_begin(reading->restore.ledger) == STORE_OK))
        return 0;
    return restore_refuse_store(&reading->restore);
}

static int take_all(struct reading *reading) {
    struct export_entry entry;
    enum export_result result;
    int status = ledger_write_begin(reading->restore.ledger) == STORE_OK ? 0 : restore_refuse_store(&reading->restore);
    while (status == 0 && (result = export_next(reading->reader, &entry)) != EXPORT_END)
        switch (result) {
        case EXPORT_ENTRY:
            status = take_entry(reading, &entry);
            break;
        case EXPORT_UNREADABLE:
            status = restore_complain(EX_NOINPUT, "%s cannot be read: %s", restore_file_name(&reading->restore),
                                      strerror(errno));
            break;
        default:
            status = refuse_line(reading);
        }
    return status != 0 || restore_keep(&reading->restore) ? status : restore_refuse_store(&reading->restore);
}

static int build(struct restore *restore) {
    struct reading *reading = (struct reading *)restore;
    char error[ERROR_TEXT];
    restore->store = store_open(restore->building, restore->map_size, error, sizeof error);
    if (!restore->store)
        return restore_complain(EX_CANTCREAT, "%s", error);
    restore->ledger = ledger_new(restore->store, NULL);
    reading->reader = export_open(restore->in, split, reading);
    int status = restore->ledger && reading->reader ? take_all(reading) : restore_out_of_memory();
    if (status == 0) {
        restore->facts->tip = *ledger_tip(restore->ledger);
        status = restore_count(restore);
    }
    export_close(reading->reader);
    json_decref(reading->row);
    ledger_free(restore->ledger);
    store_close(restore->store);
    return status;
}

static int refuse_death(const struct restore *restore, const char *how) {
    return restore_complain(EX_SOFTWARE,
                            "%s holds an entry that this program cannot take in (%s); use the version that wrote it",
                            restore_file_name(restore), how);
}

int restore_journal(const char *file, const char *folder, uint64_t map_size, FILE *out) {
    struct reading reading = {.restore = {.file = file,
                                          .folder = folder,
                                          .map_size = map_size,
                                          .source = "a journal",
                                          .build = build,
                                          .refuse_death = refuse_death}};
    return restore_run(&reading.restore, out);
}
