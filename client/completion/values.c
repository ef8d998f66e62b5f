#include "client/completion/values.h"

#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/output/value.h"
#include "proto/thidua.pb-c.h"

// Words of the usage that stand for those of an enumeration.
static const struct kind {
    const char *name;
    const ProtobufCEnumDescriptor *words;
    int first, last;
} kinds[] = {
    {"ROLE", &pb__role__descriptor, PB__ROLE__OFFICER, PB__ROLE__AUDITOR},
    {"STATE", &pb__period_state__descriptor, PB__PERIOD_STATE__SIGNED, PB__PERIOD_STATE__REOPENED},
};

static char *with_spaces(char *text, const char *separators) {
    for (char *at = text; (at = strpbrk(at, separators));)
        *at = ' ';
    return text;
}

// Lower case, as it is typed; "SEQ|TIME" stands for other things.
static bool is_typed_so(const char *name) {
    return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz|-") == strlen(name);
}

static char *enumerated(const char *name) {
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (strcmp(kinds[i].name, name) != 0)
            continue;
        char *list = enum_names(kinds[i].words, kinds[i].first, kinds[i].last), *words = must_strdup("");
        for (char *rest = list, *word; (word = strsep(&rest, ", "));) {
            char *longer = must_format("%s%s%s", words, *words && *word ? " " : "", word);
            free(words);
            words = longer;
        }
        free(list);
        return words;
    }
    return NULL;
}

struct values values_of(const char *name) {
    struct values values = {0};
    char *bare = must_format("%.*s", (int)strcspn(name + (*name == '['), "]. "), name + (*name == '['));
    values.file = !strncmp(bare, "FILE", 4);
    values.words = enumerated(bare);
    if (!values.words && is_typed_so(bare) && strchr(bare, '|'))
        values.words = with_spaces(must_strdup(bare), "|");
    if (!values.words)
        values.words = must_strdup("");
    free(bare);
    return values;
}

// Flags stand among the operands of the usage, each with its value: "UNIT --until T --reason TEXT".
struct values values_of_operands(const struct verb *verb) {
    char *list = must_strdup(verb->operands);
    struct values values = {.words = must_strdup("")};
    bool of_flag = false;
    for (char *rest = list, *word; !values.file && !*values.words && (word = strsep(&rest, " "));) {
        bool flag = word[*word == '['] == '-';
        if (!flag && !of_flag && *word) {
            free(values.words);
            values = values_of(word);
        }
        of_flag = flag;
    }
    free(list);
    return values;
}
