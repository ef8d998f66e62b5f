#include "client/language.h"

#include <libgen.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/memory.h"
#include "client/words.h"

#define DOMAIN    "thidua"
#define CATALOGUE "vi/LC_MESSAGES/" DOMAIN ".mo"

#ifndef LOCALEDIR
#define LOCALEDIR "/usr/local/share/locale"
#endif

// The folder "locale" beside the program, as a build leaves it; NULL: there is no catalogue in it. Free it.
static char *beside_program(void) {
    char program[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (size <= 0)
        return NULL;
    program[size] = 0;
    char *folder = must_format("%s/locale", dirname(program));
    char *catalogue = must_format("%s/" CATALOGUE, folder);
    bool there = !access(catalogue, R_OK);
    free(catalogue);
    if (there)
        return folder;
    free(folder);
    return NULL;
}

// gettext looks up nothing in the locale "C", and in any other one it takes LANGUAGE before the locale's own name:
// that is how a system which has no more than C.UTF-8 speaks Vietnamese.
static bool choose_locale(void) {
    static const char *const names[] = {"vi_VN.UTF-8", "C.UTF-8", "en_US.UTF-8", NULL};
    for (size_t i = 0; names[i]; i++)
        if (setlocale(LC_MESSAGES, names[i]))
            return setlocale(LC_CTYPE, names[i]) && !setenv("LANGUAGE", "vi", 1);
    return false;
}

void language_use(bool vietnamese) {
    if (!vietnamese || !choose_locale())
        return;
    char *beside = beside_program();
    bindtextdomain(DOMAIN, beside ? beside : LOCALEDIR);
    bind_textdomain_codeset(DOMAIN, "UTF-8");
    textdomain(DOMAIN);
    free(beside);
}

// As msgctxt in the catalogue: the same code may be another word elsewhere.
const char *language_word(const char *kind, const char *code) {
    char *key = must_format("%s\004%s", kind, code);
    const char *word = gettext(key);
    bool found = word != key;
    free(key);
    return found ? word : code;
}

char *language_words(const char *kind, const char *codes) {
    char *list = must_strdup(codes), *text = must_strdup(""), *rest = list;
    for (char *code; (code = strsep(&rest, ", "));) {
        const char *word = language_word(kind, code);
        const char *between = *text && *code ? ", " : "";
        char *longer = word == code ? must_format("%s%s%s", text, between, code)
                                    : must_format("%s%s%s (%s)", text, between, word, code);
        free(text);
        text = longer;
    }
    free(list);
    return text;
}
