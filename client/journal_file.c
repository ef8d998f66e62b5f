#include "client/journal_file.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/reflect.h"
#include "client/say.h"
#include "client/words.h"
#include "proto/export.h"

struct search {
    const Pb__ReceiptQuery *receipt;
    struct journal_finding *finding;
    json_t *row;  // of the line that was read last
    char **units; // ids by number, from 1
    size_t n_units;
};

static bool split(void *ctx, const char *text, size_t size, struct export_line *line) {
    json_t **row = ctx;
    json_decref(*row);
    *row = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *seq = json_object_get(*row, "seq");
    line->seq = json_integer_value(seq) > 0 ? (uint64_t)json_integer_value(seq) : 0;
    line->record = json_string_value(json_object_get(*row, "record"));
    line->prev = json_string_value(json_object_get(*row, "prev"));
    line->hash = json_string_value(json_object_get(*row, "hash"));
    return line->seq && line->record && line->prev && line->hash;
}

// ---- what an entry is about ----

// Units get their numbers in the order in which periods name them first.
static void note_units(struct search *search, const Pb__PeriodDefined *defined) {
    for (size_t i = 0; defined->definition && i < defined->n_units && i < defined->definition->n_units; i++) {
        const char *id = defined->definition->units[i]->id;
        if (!id || defined->units[i] != search->n_units + 1)
            continue;
        search->units = must_grow(search->units, search->n_units + 1, sizeof(*search->units));
        search->units[search->n_units++] = must_strdup(id);
    }
}

// The number of the event's unit, else of the one for which it was written; 0: none.
static uint32_t unit_number(const Pb__Entry *entry, const ProtobufCMessage *body) {
    const ProtobufCFieldDescriptor *field =
        body ? protobuf_c_message_descriptor_get_field_by_name(body->descriptor, "unit") : NULL;
    if (field && field->type == PROTOBUF_C_TYPE_UINT32)
        return *(const uint32_t *)(const void *)((const char *)body + field->offset);
    return entry->actor ? entry->actor->unit : 0;
}

static void name_entry(struct search *search, const Pb__Entry *entry) {
    const ProtobufCMessage *body = NULL;
    const char *event = entry->event ? reflect_body(&entry->event->base, &body) : NULL;
    uint32_t unit = unit_number(entry, body);
    search->finding->event = event ? must_strdup(event) : NULL;
    search->finding->unit = unit && unit <= search->n_units ? must_strdup(search->units[unit - 1]) : NULL;
}

// ---- the search ----

static bool same(ProtobufCBinaryData wanted, const uint8_t *bytes, size_t size) {
    return wanted.len == size && !memcmp(wanted.data, bytes, size);
}

// The branch that begins with this entry; NULL: none does.
static const ProtobufCBinaryData *begun_branch(const Pb__Entry *entry) {
    if (entry->seq == 1) // which founds the ledger
        return &entry->event->founded->ledger;
    bool restored = entry->event && entry->event->body_case == PB__EVENT__BODY_RESTORED;
    return restored ? &entry->event->restored->branch : NULL;
}

// The verdict is NO_SUCH_ENTRY as long as the receipt's branch goes on and its entry has not come.
static void note_branch(struct search *search, uint64_t seq, const ProtobufCBinaryData *branch) {
    Pb__ReceiptVerdict *verdict = &search->finding->verdict;
    if (same(search->receipt->branch, branch->data, branch->len))
        *verdict = search->receipt->seq < seq ? PB__RECEIPT_VERDICT__ANOTHER_ENTRY : PB__RECEIPT_VERDICT__NO_SUCH_ENTRY;
    else if (*verdict == PB__RECEIPT_VERDICT__NO_SUCH_ENTRY)
        *verdict = PB__RECEIPT_VERDICT__LOST_BY_RESTORE;
}

static void look(struct search *search, const struct export_entry *found) {
    const Pb__ReceiptQuery *receipt = search->receipt;
    const Pb__Entry *entry = found->entry;
    search->finding->last_seq = found->seq;
    search->finding->last_ms = entry->time_ms;
    memcpy(search->finding->last_hash, found->hash, EXPORT_HASH);
    const ProtobufCBinaryData *branch = begun_branch(entry);
    if (branch)
        note_branch(search, found->seq, branch);
    if (entry->event && entry->event->body_case == PB__EVENT__BODY_PERIOD_DEFINED)
        note_units(search, entry->event->period_defined);
    if (found->seq != receipt->seq || search->finding->verdict != PB__RECEIPT_VERDICT__NO_SUCH_ENTRY)
        return;
    bool genuine = entry->time_ms == receipt->time_ms && same(receipt->hash, found->hash, EXPORT_HASH);
    search->finding->verdict = genuine ? PB__RECEIPT_VERDICT__GENUINE : PB__RECEIPT_VERDICT__ANOTHER_ENTRY;
    if (genuine)
        name_entry(search, entry);
}

static int say_damage(const struct options *options, const char *path, const struct export_reader *reader) {
    char text[512];
    const struct export_fault *fault = export_fault(reader);
    export_fault_text(reader, _(fault->text), text, sizeof(text));
    return say_error(options, EXIT_REFUSED, _(fault->hint), "%s:%" PRIu64 ": %s", path, export_line_number(reader),
                     text);
}

static int say_unreadable(const struct options *options, const char *path) {
    return say_error(options, EXIT_NO_INPUT, NULL, _("%s cannot be read: %s"), path, strerror(errno));
}

static int search_file(const struct options *options, const char *path, FILE *file, struct search *search) {
    struct export_reader *reader = must(export_open(file, split, &search->row));
    struct export_entry entry;
    enum export_result result;
    int exit_status = EXIT_DONE;
    while ((result = export_next(reader, &entry)) == EXPORT_ENTRY)
        look(search, &entry);
    if (result != EXPORT_END)
        exit_status = result == EXPORT_DAMAGED ? say_damage(options, path, reader) : say_unreadable(options, path);
    export_close(reader);
    return exit_status;
}

int journal_file_ask(const struct options *options, const char *path, const Pb__ReceiptQuery *receipt,
                     struct journal_finding *finding) {
    struct search search = {.receipt = receipt, .finding = finding};
    FILE *file = strcmp(path, "-") ? fopen(path, "re") : stdin;
    *finding = (struct journal_finding){.verdict = PB__RECEIPT_VERDICT__ANOTHER_LEDGER};
    if (!file)
        return say_unreadable(options, path);
    int exit_status = search_file(options, path, file, &search);
    if (file != stdin)
        fclose(file);
    json_decref(search.row);
    for (size_t i = 0; i < search.n_units; i++)
        free(search.units[i]);
    free(search.units);
    if (exit_status)
        journal_finding_free(finding);
    return exit_status;
}

void journal_finding_free(struct journal_finding *finding) {
    free(finding->event);
    free(finding->unit);
    finding->event = finding->unit = NULL;
}
