#include "client/period_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "client/instant.h"
#include "client/memory.h"
#include "client/output/value.h"
#include "client/points.h"
#include "client/words.h"
#include "proto/text.h"

enum { STEP_DEFAULT_CP = 1 };

// ---- judging values while the file is read ----

static int refuse(cfg_t *cfg, const cfg_opt_t *option, const char *value, const char *why) {
    cfg_error(cfg, "%s: “%s” %s", option->name, value, why);
    return -1;
}

static int take_points(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    int32_t points;
    if (conf_take(cfg, option, value, result))
        return -1;
    enum points_verdict verdict = points_parse(value, &points);
    return verdict == POINTS_GOOD ? 0 : refuse(cfg, option, value, points_complaint(verdict));
}

static bool whole_number(const char *text, int64_t most, int64_t *number) {
    size_t n = strspn(text, "0123456789");
    if (!n || n > 18 || text[n])
        return false;
    *number = strtoll(text, NULL, 10);
    return *number <= most;
}

static int take_year(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    int64_t year;
    if (conf_take(cfg, option, value, result))
        return -1;
    bool good = whole_number(value, 9999, &year) && year >= 1900;
    return good ? 0 : refuse(cfg, option, value, _("is not a year"));
}

static int take_number(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    int64_t number;
    if (conf_take(cfg, option, value, result))
        return -1;
    return whole_number(value, INT64_MAX, &number) ? 0 : refuse(cfg, option, value, _("is not a whole number"));
}

static int take_flag(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    if (conf_take(cfg, option, value, result))
        return -1;
    return cfg_parse_boolean(value) >= 0 ? 0 : refuse(cfg, option, value, _("is neither true nor false"));
}

static int take_deadline(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    int64_t late_ms;
    if (conf_take(cfg, option, value, result))
        return -1;
    if (instant_parse_deadline(value, &late_ms))
        return 0;
    return refuse(cfg, option, value, _("is no time; write 2026-11-30 or 2026-11-30T17:00:00+07:00"));
}

static int take_date(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    char iso[DATE_TEXT];
    if (conf_take(cfg, option, value, result))
        return -1;
    return date_parse(value, iso) ? 0 : refuse(cfg, option, value, _("is no date; write 2025-06-30"));
}

static int take_word(cfg_t *cfg, cfg_opt_t *option, const char *value, const ProtobufCEnumDescriptor *words) {
    int found;
    if (enum_find(words, value, &found))
        return 0;
    char *known = enum_names(words, 1, (int)words->n_values);
    cfg_error(cfg, _("%s: “%s” is none of %s"), option->name, value, known);
    free(known);
    return -1;
}

static int take_visibility(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    return conf_take(cfg, option, value, result) ? -1 : take_word(cfg, option, value, &pb__visibility__descriptor);
}

static int take_provenance(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    return conf_take(cfg, option, value, result) ? -1 : take_word(cfg, option, value, &pb__provenance__descriptor);
}

static int take_formula(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    return conf_take(cfg, option, value, result) ? -1 : take_word(cfg, option, value, &pb__formula__descriptor);
}

static bool read_band(const char *text, int32_t *percent, int32_t *points) {
    const char *colon = strchr(text, ':');
    char *from = colon ? must_format("%.*s", (int)(colon - text), text) : NULL;
    bool good = colon && points_parse(from, percent) == POINTS_GOOD && points_parse(colon + 1, points) == POINTS_GOOD;
    free(from);
    return good;
}

static int take_band(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    int32_t percent, points;
    if (conf_take(cfg, option, value, result))
        return -1;
    if (read_band(value, &percent, &points))
        return 0;
    return refuse(cfg, option, value, _("is not PERCENT:POINTS, as in 95:10,00"));
}

// ---- building the definition ----

struct builder {
    struct arena *arena;
    struct conf_errors *errors;
    const char *name;
};

static const char *keep(const struct builder *builder, const char *text) {
    if (!text)
        return NULL;
    char *normal = text_normalize(text);
    if (!normal)
        conf_add_error(builder->errors, builder->name, 0, _("the title of a section is not UTF-8 text"));
    const char *kept = must(arena_strdup(builder->arena, normal ? normal : ""));
    free(normal);
    return kept;
}

static const char *text_of(const struct builder *builder, cfg_t *cfg, const char *key) {
    return keep(builder, conf_text(cfg, key));
}

// The text of a key that must be there.
static const char *required(const struct builder *builder, cfg_t *cfg, const char *key) {
    const char *text = text_of(builder, cfg, key);
    if (text)
        return text;
    char *what = cfg->title ? must_format(_("%s “%s” has no %s"), cfg->name, cfg->title, key)
                            : must_format(_("%s is missing"), key);
    conf_add_error(builder->errors, builder->name, cfg->title ? cfg->line : 0, what);
    free(what);
    return NULL;
}

static int32_t points_of(const char *text, int32_t otherwise) {
    int32_t points = otherwise;
    if (text)
        points_parse(text, &points);
    return points;
}

static int word_of(cfg_t *cfg, const char *key, const ProtobufCEnumDescriptor *words, int otherwise) {
    const char *text = conf_text(cfg, key);
    int value = otherwise;
    if (text)
        enum_find(words, text, &value);
    return value;
}

static const char *date_of(const struct builder *builder, cfg_t *cfg, const char *key) {
    char iso[DATE_TEXT];
    const char *text = conf_text(cfg, key);
    return text && date_parse(text, iso) ? keep(builder, iso) : NULL;
}

static const char **texts_of(const struct builder *builder, cfg_t *cfg, const char *key, size_t *count) {
    *count = cfg_size(cfg, key);
    const char **texts = must(arena_alloc(builder->arena, (*count + 1) * sizeof(*texts)));
    for (size_t i = 0; i < *count; i++)
        texts[i] = keep(builder, cfg_getnstr(cfg, key, (unsigned)i));
    return texts;
}

// Room for one message of each section; pointers and messages in one go.
static void *messages(const struct builder *builder, const ProtobufCMessageDescriptor *descriptor, size_t count) {
    void **list = must(arena_alloc(builder->arena, (count + 1) * sizeof(*list)));
    for (size_t i = 0; i < count; i++) {
        list[i] = must(arena_alloc(builder->arena, descriptor->sizeof_message));
        protobuf_c_message_init(descriptor, list[i]);
    }
    return list;
}

static void build_unit(const struct builder *builder, cfg_t *cfg, Pb__UnitDefinition *unit) {
    unit->id = keep(builder, cfg_title(cfg));
    unit->name = required(builder, cfg, "name");
    unit->alias = text_of(builder, cfg, "alias");
    unit->kind = text_of(builder, cfg, "kind");
    unit->parent = text_of(builder, cfg, "parent");
    unit->valid_from = date_of(builder, cfg, "valid_from");
    unit->valid_to = date_of(builder, cfg, "valid_to");
}

static void build_target(const struct builder *builder, cfg_t *cfg, Pb__Target *target) {
    const char *value = required(builder, cfg, "value");
    target->unit = keep(builder, cfg_title(cfg));
    target->has_value = value != NULL;
    target->value = value ? strtoll(value, NULL, 10) : 0;
    target->label = text_of(builder, cfg, "label");
}

static void build_bands(const struct builder *builder, cfg_t *cfg, Pb__CriterionDefinition *criterion) {
    criterion->n_bands = cfg_size(cfg, "bands");
    criterion->bands = messages(builder, &pb__band__descriptor, criterion->n_bands);
    for (size_t i = 0; i < criterion->n_bands; i++) {
        Pb__Band *band = criterion->bands[i];
        int32_t percent = 0;
        read_band(cfg_getnstr(cfg, "bands", (unsigned)i), &percent, &band->points_cp);
        band->has_from_percent_cp = band->has_points_cp = true;
        band->from_percent_cp = (uint32_t)percent;
    }
}

static void build_criterion(const struct builder *builder, cfg_t *cfg, Pb__CriterionDefinition *criterion) {
    const char *max = required(builder, cfg, "max");
    criterion->code = keep(builder, cfg_title(cfg));
    criterion->title = required(builder, cfg, "title");
    criterion->has_provenance = criterion->has_max_cp = criterion->has_step_cp = criterion->has_formula = true;
    criterion->provenance =
        (Pb__Provenance)word_of(cfg, "provenance", &pb__provenance__descriptor, PB__PROVENANCE__NAMED);
    criterion->max_cp = points_of(max, 0);
    criterion->step_cp = points_of(conf_text(cfg, "step"), STEP_DEFAULT_CP);
    criterion->formula = (Pb__Formula)word_of(cfg, "formula", &pb__formula__descriptor, PB__FORMULA__MANUAL);
    criterion->not_assigned = texts_of(builder, cfg, "not_assigned", &criterion->n_not_assigned);
    build_bands(builder, cfg, criterion);
    criterion->n_targets = cfg_size(cfg, "target");
    criterion->targets = messages(builder, &pb__target__descriptor, criterion->n_targets);
    for (size_t i = 0; i < criterion->n_targets; i++)
        build_target(builder, cfg_getnsec(cfg, "target", (unsigned)i), criterion->targets[i]);
}

static void build_class(const struct builder *builder, cfg_t *cfg, Pb__ClassDefinition *class) {
    const char *from = required(builder, cfg, "from");
    class->id = keep(builder, cfg_title(cfg));
    class->name = required(builder, cfg, "name");
    class->has_from_cp = from != NULL;
    class->from_cp = points_of(from, 0);
}

static void build_head(const struct builder *builder, cfg_t *cfg, Pb__PeriodDefinition *period) {
    const char *year = required(builder, cfg, "year"), *total = required(builder, cfg, "total");
    const char *deadline = conf_text(cfg, "deadline"), *hard = conf_text(cfg, "hard_close");
    period->id = required(builder, cfg, "id");
    period->name = required(builder, cfg, "name");
    period->cluster = required(builder, cfg, "cluster");
    period->has_year = period->has_total_cp = period->has_bonus_cap_cp = true;
    period->year = year ? (uint32_t)strtoul(year, NULL, 10) : 0;
    period->total_cp = points_of(total, 0);
    period->bonus_cap_cp = points_of(conf_text(cfg, "bonus_cap"), 0);
    period->has_deadline_ms = deadline && instant_parse_deadline(deadline, &period->deadline_ms);
    period->has_hard_close = period->has_visibility = true;
    period->hard_close = hard && cfg_parse_boolean(hard) == 1;
    period->visibility =
        (Pb__Visibility)word_of(cfg, "visibility", &pb__visibility__descriptor, PB__VISIBILITY__AFTER_DEADLINE);
    period->leader = text_of(builder, cfg, "leader");
    period->deputy = text_of(builder, cfg, "deputy");
    period->legal_basis = text_of(builder, cfg, "legal_basis");
    period->tie_breaks = texts_of(builder, cfg, "tie_breaks", &period->n_tie_breaks);
}

static void build(const struct builder *builder, cfg_t *cfg, Pb__PeriodDefinition *period) {
    build_head(builder, cfg, period);
    period->n_units = cfg_size(cfg, "unit");
    period->units = messages(builder, &pb__unit_definition__descriptor, period->n_units);
    for (size_t i = 0; i < period->n_units; i++)
        build_unit(builder, cfg_getnsec(cfg, "unit", (unsigned)i), period->units[i]);
    period->n_criteria = cfg_size(cfg, "criterion");
    period->criteria = messages(builder, &pb__criterion_definition__descriptor, period->n_criteria);
    for (size_t i = 0; i < period->n_criteria; i++)
        build_criterion(builder, cfg_getnsec(cfg, "criterion", (unsigned)i), period->criteria[i]);
    period->n_classes = cfg_size(cfg, "class");
    period->classes = messages(builder, &pb__class_definition__descriptor, period->n_classes);
    for (size_t i = 0; i < period->n_classes; i++)
        build_class(builder, cfg_getnsec(cfg, "class", (unsigned)i), period->classes[i]);
}

// ---- the file ----

#define TITLED (CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)

static cfg_t *parse(const struct builder *builder, char *text, size_t size) {
    struct conf_errors *errors = builder->errors;
    cfg_opt_t unit[] = {CONF_TEXT("name", conf_take),
                        CONF_TEXT("alias", conf_take),
                        CONF_TEXT("kind", conf_take),
                        CONF_TEXT("parent", conf_take),
                        CONF_TEXT("valid_from", take_date),
                        CONF_TEXT("valid_to", take_date),
                        CONF_END(errors)};
    cfg_opt_t target[] = {CONF_TEXT("value", take_number), CONF_TEXT("label", conf_take), CONF_END(errors)};
    cfg_opt_t criterion[] = {
        CONF_TEXT("title", conf_take),        CONF_TEXT("provenance", take_provenance), CONF_TEXT("max", take_points),
        CONF_TEXT("step", take_points),       CONF_TEXT("formula", take_formula),       CONF_LIST("bands", take_band),
        CONF_LIST("not_assigned", conf_take), CFG_SEC("target", target, TITLED),        CONF_END(errors)};
    cfg_opt_t class[] = {CONF_TEXT("name", conf_take), CONF_TEXT("from", take_points), CONF_END(errors)};
    cfg_opt_t period[] = {CONF_TEXT("id", conf_take),
                          CONF_TEXT("name", conf_take),
                          CONF_TEXT("cluster", conf_take),
                          CONF_TEXT("year", take_year),
                          CONF_TEXT("total", take_points),
                          CONF_TEXT("bonus_cap", take_points),
                          CONF_TEXT("deadline", take_deadline),
                          CONF_TEXT("hard_close", take_flag),
                          CONF_TEXT("visibility", take_visibility),
                          CONF_TEXT("leader", conf_take),
                          CONF_TEXT("deputy", conf_take),
                          CONF_TEXT("legal_basis", conf_take),
                          CONF_LIST("tie_breaks", conf_take),
                          CFG_SEC("unit", unit, TITLED),
                          CFG_SEC("criterion", criterion, TITLED),
                          CFG_SEC("class", class, TITLED),
                          CONF_END(errors)};
    return conf_parse(period, builder->name, text, size, errors);
}

Pb__PeriodDefinition *period_file_parse(struct arena *arena, const char *name, char *text, size_t size,
                                        struct conf_errors *errors) {
    struct builder builder = {.arena = arena, .errors = errors, .name = name};
    cfg_t *cfg = parse(&builder, text, size);
    if (!cfg)
        return NULL;
    Pb__PeriodDefinition *period = must(arena_alloc(arena, sizeof(*period)));
    pb__period_definition__init(period);
    build(&builder, cfg, period);
    cfg_free(cfg);
    return errors->text ? NULL : period;
}
