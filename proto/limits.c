#include "proto/limits.h"

#include <stddef.h>

enum {
    ID_MAX = 64,      // of units, periods, clusters, classes
    NAME_LIMIT = 200, // also what a unit is looked up by
    CODE_MAX = 16,    // of a criterion
    TITLE_MAX = 1000,
    NOTE_MAX = 2000, // notes, reasons, the legal basis
    LABEL_LIMIT = 128,
    PROGRAM_MAX = 64,
    DECISION_MAX = 200,
    NUMBER_MAX = 100, // of a document
    EVIDENCE_TITLE_MAX = 500,
    EVIDENCE_COUNT = 20,
    TIE_BREAK_COUNT = 20,
    CLASS_COUNT = 20,
    BAND_COUNT = 20,
    CRITERION_COUNT = 512,
    UNIT_COUNT = 4096,
    POINTS_LIMIT = 10 * 1000 * 1000, // 100.000,00
    PERCENT_LIMIT = 1000 * 1000,     // 10.000,00 %
    YEAR_LEAST = 1945,
    YEAR_LIMIT = 9999,
    VERSION_LIMIT = 1000 * 1000,
};

#define TIME_LIMIT   INT64_C(8204889600000)    // the year 2230
#define FIGURE_LIMIT INT64_C(1000000000000000) // targets and actual figures, in đồng at most
#define TTL_LEAST    (INT64_C(60) * 1000)
#define TTL_LIMIT    (INT64_C(365) * 24 * 3600 * 1000)

// A row's fields, in reading order: how often, and what each value must be within.
#define REQUIRED           .required = true
#define OPTIONAL           .required = false
#define REPEATED(from, to) .count_least = (from), .count_limit = (to)
#define WITHIN(from, to)   .least = (from), .limit = (to)
#define TEXT(most)         WITHIN(1, most)
#define EXACTLY(size)      WITHIN(size, size)
#define DATE               WITHIN(1, 32), .form = FORM_DATE
#define TIME               WITHIN(0, TIME_LIMIT), .form = FORM_TIME
#define POINTS             WITHIN(0, POINTS_LIMIT)
#define KNOWN              WITHIN(0, 0) // an enum, a bool or a message

static const struct field_limits request_limits[] = {
    {"id", REQUIRED, WITHIN(1, INT64_MAX)},
    {"submission", OPTIONAL, EXACTLY(16)},
    {"hello", OPTIONAL, KNOWN},
    {"authenticate", OPTIONAL, KNOWN},
    {"enrol", OPTIONAL, KNOWN},
    {"ping", OPTIONAL, KNOWN},
    {"whoami", OPTIONAL, KNOWN},
    {"invite", OPTIONAL, KNOWN},
    {"accounts", OPTIONAL, KNOWN},
    {"revoke", OPTIONAL, KNOWN},
    {"stats", OPTIONAL, KNOWN},
    {"backup", OPTIONAL, KNOWN},
    {"accounts_confirm", OPTIONAL, KNOWN},
    {"period_load", OPTIONAL, KNOWN},
    {"periods", OPTIONAL, KNOWN},
    {"period", OPTIONAL, KNOWN},
    {"period_advance", OPTIONAL, KNOWN},
    {"sign", OPTIONAL, KNOWN},
    {"extend", OPTIONAL, KNOWN},
    {"score", OPTIONAL, KNOWN},
    {"submit", OPTIONAL, KNOWN},
    {"sheet", OPTIONAL, KNOWN},
    {"history", OPTIONAL, KNOWN},
    {"totals", OPTIONAL, KNOWN},
    {"status", OPTIONAL, KNOWN},
    {"watch", OPTIONAL, KNOWN},
    {"audit", OPTIONAL, KNOWN},
    {"receipt", OPTIONAL, KNOWN},
    {"appraise", OPTIONAL, KNOWN},
    {"appraise_preview", OPTIONAL, KNOWN},
    {"adjust", OPTIONAL, KNOWN},
    {"return_sheet", OPTIONAL, KNOWN},
    {"explain", OPTIONAL, KNOWN},
    {"finalize", OPTIONAL, KNOWN},
    {"hold", OPTIONAL, KNOWN},
    {"nominate", OPTIONAL, KNOWN},
};

// ---- connection ----

static const struct field_limits hello_limits[] = {
    {"version_min", REQUIRED, WITHIN(1, VERSION_LIMIT)},
    {"version_max", REQUIRED, WITHIN(1, VERSION_LIMIT)},
    {"program", OPTIONAL, TEXT(PROGRAM_MAX)},
};
static const struct field_limits authenticate_limits[] = {
    {"account", REQUIRED, WITHIN(1, INT32_MAX)},
    {"token", REQUIRED, EXACTLY(32)},
};
static const struct field_limits enrol_limits[] = {
    {"code", REQUIRED, EXACTLY(16)},
    {"verifier", REQUIRED, EXACTLY(32)},
};

// ---- accounts ----

static const struct field_limits invite_limits[] = {
    {"unit", OPTIONAL, TEXT(NAME_LIMIT)},
    {"role", OPTIONAL, KNOWN},
    {"ttl_ms", REQUIRED, WITHIN(TTL_LEAST, TTL_LIMIT)},
    {"label", OPTIONAL, TEXT(LABEL_LIMIT)},
    {"code_hash", REQUIRED, EXACTLY(32)},
    {"replaces", OPTIONAL, WITHIN(1, INT32_MAX)},
};
static const struct field_limits revoke_limits[] = {
    {"account", REQUIRED, WITHIN(1, INT32_MAX)},
};

// ---- periods ----

static const struct field_limits period_load_limits[] = {
    {"definition", REQUIRED, KNOWN},
};
static const struct field_limits definition_limits[] = {
    {"id", REQUIRED, TEXT(ID_MAX)},
    {"name", REQUIRED, TEXT(NAME_LIMIT)},
    {"cluster", REQUIRED, TEXT(ID_MAX)},
    {"year", REQUIRED, WITHIN(YEAR_LEAST, YEAR_LIMIT)},
    {"total_cp", REQUIRED, WITHIN(1, POINTS_LIMIT)},
    {"bonus_cap_cp", REQUIRED, POINTS},
    {"deadline_ms", OPTIONAL, TIME},
    {"hard_close", REQUIRED, KNOWN},
    {"visibility", REQUIRED, KNOWN},
    {"leader", OPTIONAL, TEXT(ID_MAX)},
    {"deputy", OPTIONAL, TEXT(ID_MAX)},
    {"tie_breaks", REPEATED(0, TIE_BREAK_COUNT), TEXT(CODE_MAX)},
    {"units", REPEATED(1, UNIT_COUNT), KNOWN},
    {"criteria", REPEATED(1, CRITERION_COUNT), KNOWN},
    {"classes", REPEATED(0, CLASS_COUNT), KNOWN},
    {"legal_basis", OPTIONAL, TEXT(NOTE_MAX)},
};
static const struct field_limits unit_limits[] = {
    {"id", REQUIRED, TEXT(ID_MAX)},   {"name", REQUIRED, TEXT(NAME_LIMIT)}, {"alias", OPTIONAL, TEXT(ID_MAX)},
    {"kind", OPTIONAL, TEXT(ID_MAX)}, {"parent", OPTIONAL, TEXT(ID_MAX)},   {"valid_from", OPTIONAL, DATE},
    {"valid_to", OPTIONAL, DATE},
};
static const struct field_limits criterion_limits[] = {
    {"code", REQUIRED, TEXT(CODE_MAX)},
    {"title", REQUIRED, TEXT(TITLE_MAX)},
    {"provenance", REQUIRED, KNOWN},
    {"max_cp", REQUIRED, POINTS},
    {"step_cp", REQUIRED, WITHIN(1, POINTS_LIMIT)},
    {"formula", REQUIRED, KNOWN},
    {"bands", REPEATED(0, BAND_COUNT), KNOWN},
    {"targets", REPEATED(0, UNIT_COUNT), KNOWN},
    {"not_assigned", REPEATED(0, UNIT_COUNT), TEXT(ID_MAX)},
};
static const struct field_limits band_limits[] = {
    {"from_percent_cp", REQUIRED, WITHIN(0, PERCENT_LIMIT)},
    {"points_cp", REQUIRED, POINTS},
};
static const struct field_limits target_limits[] = {
    {"unit", REQUIRED, TEXT(ID_MAX)},
    {"value", REQUIRED, WITHIN(0, FIGURE_LIMIT)},
    {"label", OPTIONAL, TEXT(LABEL_LIMIT)},
};
static const struct field_limits class_limits[] = {
    {"id", REQUIRED, TEXT(ID_MAX)},
    {"name", REQUIRED, TEXT(NAME_LIMIT)},
    {"from_cp", REQUIRED, POINTS},
};
static const struct field_limits period_query_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
};
static const struct field_limits period_advance_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"state", REQUIRED, KNOWN},
    {"decision", OPTIONAL, TEXT(DECISION_MAX)},
    {"reason", OPTIONAL, TEXT(NOTE_MAX)},
};
static const struct field_limits sign_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"hash", OPTIONAL, EXACTLY(32)},
};

static const struct field_limits period_extend_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"unit", REQUIRED, TEXT(NAME_LIMIT)},
    {"until_ms", REQUIRED, TIME},
    {"reason", REQUIRED, TEXT(NOTE_MAX)},
};

// ---- scores ----

static const struct field_limits score_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"lines", REPEATED(1, CRITERION_COUNT), KNOWN},
    {"note", OPTIONAL, TEXT(NOTE_MAX)},
    {"evidence", REPEATED(0, EVIDENCE_COUNT), KNOWN},
};
static const struct field_limits line_limits[] = {
    {"criterion", REQUIRED, TEXT(CODE_MAX)},
    {"points_cp", OPTIONAL, POINTS},
    {"actual", OPTIONAL, WITHIN(0, FIGURE_LIMIT)},
    {"if_revision", OPTIONAL, WITHIN(0, INT32_MAX)},
    {"note", OPTIONAL, TEXT(NOTE_MAX)},
    {"evidence", REPEATED(0, EVIDENCE_COUNT), KNOWN},
};
static const struct field_limits evidence_limits[] = {
    {"number", REQUIRED, TEXT(NUMBER_MAX)},
    {"date", OPTIONAL, DATE},
    {"title", OPTIONAL, TEXT(EVIDENCE_TITLE_MAX)},
};
static const struct field_limits submit_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"if_total_cp", OPTIONAL, POINTS},
};
static const struct field_limits sheet_query_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"unit", OPTIONAL, TEXT(NAME_LIMIT)},
};
static const struct field_limits history_query_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"unit", OPTIONAL, TEXT(NAME_LIMIT)},
    {"criterion", OPTIONAL, TEXT(CODE_MAX)},
};
static const struct field_limits totals_query_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)}, {"column", OPTIONAL, KNOWN},  {"at_seq", OPTIONAL, WITHIN(1, INT64_MAX)},
    {"at_ms", OPTIONAL, TIME},          {"explain", OPTIONAL, KNOWN},
};
static const struct field_limits status_query_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
};

static const struct field_limits watch_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"column", OPTIONAL, KNOWN},
    {"since_seq", OPTIONAL, WITHIN(0, INT64_MAX)},
};

// ---- appraisal ----

static const struct field_limits appraise_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"unit", REQUIRED, TEXT(NAME_LIMIT)},
    {"lines", REPEATED(1, CRITERION_COUNT), KNOWN},
    {"reason", OPTIONAL, TEXT(NOTE_MAX)},
};
static const struct field_limits appraised_input_limits[] = {
    {"criterion", REQUIRED, TEXT(CODE_MAX)},
    {"points_cp", REQUIRED, POINTS},
    {"if_revision", OPTIONAL, WITHIN(0, INT32_MAX)},
};
static const struct field_limits adjust_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},      {"unit", REQUIRED, TEXT(NAME_LIMIT)},
    {"criterion", OPTIONAL, TEXT(CODE_MAX)}, {"points_cp", REQUIRED, WITHIN(1, POINTS_LIMIT)},
    {"reason", REQUIRED, TEXT(NOTE_MAX)},
};
static const struct field_limits return_sheet_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"unit", REQUIRED, TEXT(NAME_LIMIT)},
    {"reason", REQUIRED, TEXT(NOTE_MAX)},
};
static const struct field_limits explain_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"criterion", REQUIRED, TEXT(CODE_MAX)},
    {"text", REQUIRED, TEXT(NOTE_MAX)},
};
static const struct field_limits finalize_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"units", REPEATED(0, UNIT_COUNT), TEXT(NAME_LIMIT)},
    {"reason", OPTIONAL, TEXT(NOTE_MAX)},
    {"if_seq", OPTIONAL, WITHIN(1, INT64_MAX)},
};
static const struct field_limits hold_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"unit", REQUIRED, TEXT(NAME_LIMIT)},
    {"reason", REQUIRED, TEXT(NOTE_MAX)},
    {"lift", OPTIONAL, KNOWN},
};
static const struct field_limits nominate_limits[] = {
    {"period", OPTIONAL, TEXT(ID_MAX)},
    {"unit", REQUIRED, TEXT(NAME_LIMIT)},
    {"award", REQUIRED, TEXT(NAME_LIMIT)},
};

// ---- the journal ----

static const struct field_limits audit_query_limits[] = {
    {"since", OPTIONAL, WITHIN(0, INT64_MAX)},
    {"unit", OPTIONAL, TEXT(NAME_LIMIT)},
    {"actor", OPTIONAL, TEXT(LABEL_LIMIT)},
};

static const struct field_limits receipt_query_limits[] = {
    {"branch", REQUIRED, EXACTLY(16)},
    {"seq", REQUIRED, WITHIN(1, INT64_MAX)},
    {"time_ms", REQUIRED, TIME},
    {"hash", REQUIRED, EXACTLY(32)},
};

static const struct field_limits no_fields[] = {{"", OPTIONAL, KNOWN}};

static const struct {
    const ProtobufCMessageDescriptor *message;
    const struct field_limits *fields;
} messages[] = {
    {&pb__request__descriptor, request_limits},
    {&pb__hello__descriptor, hello_limits},
    {&pb__authenticate__descriptor, authenticate_limits},
    {&pb__enrol__descriptor, enrol_limits},
    {&pb__ping__descriptor, no_fields},
    {&pb__whoami__descriptor, no_fields},
    {&pb__invite__descriptor, invite_limits},
    {&pb__accounts_query__descriptor, no_fields},
    {&pb__revoke__descriptor, revoke_limits},
    {&pb__stats_query__descriptor, no_fields},
    {&pb__backup_query__descriptor, no_fields},
    {&pb__accounts_confirm__descriptor, no_fields},
    {&pb__period_load__descriptor, period_load_limits},
    {&pb__period_definition__descriptor, definition_limits},
    {&pb__unit_definition__descriptor, unit_limits},
    {&pb__criterion_definition__descriptor, criterion_limits},
    {&pb__band__descriptor, band_limits},
    {&pb__target__descriptor, target_limits},
    {&pb__class_definition__descriptor, class_limits},
    {&pb__periods_query__descriptor, no_fields},
    {&pb__period_query__descriptor, period_query_limits},
    {&pb__period_advance__descriptor, period_advance_limits},
    {&pb__sign__descriptor, sign_limits},
    {&pb__period_extend__descriptor, period_extend_limits},
    {&pb__score__descriptor, score_limits},
    {&pb__line_input__descriptor, line_limits},
    {&pb__evidence__descriptor, evidence_limits},
    {&pb__submit__descriptor, submit_limits},
    {&pb__sheet_query__descriptor, sheet_query_limits},
    {&pb__history_query__descriptor, history_query_limits},
    {&pb__totals_query__descriptor, totals_query_limits},
    {&pb__status_query__descriptor, status_query_limits},
    {&pb__watch__descriptor, watch_limits},
    {&pb__audit_query__descriptor, audit_query_limits},
    {&pb__receipt_query__descriptor, receipt_query_limits},
    {&pb__appraise__descriptor, appraise_limits},
    {&pb__appraised_input__descriptor, appraised_input_limits},
    {&pb__adjust__descriptor, adjust_limits},
    {&pb__return_sheet__descriptor, return_sheet_limits},
    {&pb__explain__descriptor, explain_limits},
    {&pb__finalize__descriptor, finalize_limits},
    {&pb__hold__descriptor, hold_limits},
    {&pb__nominate__descriptor, nominate_limits},
};

const struct field_limits *limits_of(const ProtobufCMessageDescriptor *message) {
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++)
        if (messages[i].message == message)
            return messages[i].fields;
    return NULL;
}
