#include "client/conf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/memory.h"
#include "client/words.h"
#include "proto/config_text.h"
#include "proto/text.h"

enum { SEEN = 1 << 24, FILE_MOST = 16 * 1024 * 1024 };

void conf_add_error(struct conf_errors *errors, const char *name, int line, const char *what) {
    char *before = errors->text;
    errors->text = line ? must_format("%s%s%s:%d: %s", before ? before : "", before ? "\n" : "", name, line, what)
                        : must_format("%s%s%s: %s", before ? before : "", before ? "\n" : "", name, what);
    free(before);
}

static struct conf_errors *sink(cfg_t *cfg) {
    for (cfg_opt_t *option = cfg->opts; option->name; option++)
        if (!strcmp(option->name, CONF_SINK))
            return (struct conf_errors *)option->simple_value.ptr;
    return NULL;
}

static void on_error(cfg_t *cfg, const char *format, va_list list) {
    struct conf_errors *errors = sink(cfg);
    char *what = NULL;
    if (vasprintf(&what, _(format), list) < 0)
        must(NULL);
    if (errors)
        conf_add_error(errors, cfg->filename ? cfg->filename : "", cfg->line, what);
    free(what);
}

static int judge_text(cfg_t *cfg, cfg_opt_t *option, const char *value) {
    switch (text_judge(value, strlen(value))) {
    case TEXT_NOT_UTF8:
        cfg_error(cfg, _("%s is not UTF-8 text; save the file as UTF-8"), option->name);
        return -1;
    case TEXT_CONTROL:
        cfg_error(cfg, _("%s holds a line break or another control character"), option->name);
        return -1;
    case TEXT_NOT_NFC: // is made so when it is sent
    case TEXT_OK:
        break;
    }
    return 0;
}

int conf_take(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    // A new assignment has dropped the values of the one before it, but not this mark.
    if (option->nvalues == 1 && option->flags & SEEN) {
        cfg_error(cfg, _("%s is given twice"), option->name);
        return -1;
    }
    option->flags |= SEEN;
    *(const char **)result = value;
    return judge_text(cfg, option, value);
}

int conf_take_end(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    (void)option;
    *(const char **)result = value;
    if (!cfg->title)
        return 0;
    cfg->line--;
    cfg_error(cfg, _("the file ends before %s “%s” is closed with }"), cfg->name, cfg->title);
    return -1;
}

static cfg_t *parse(cfg_opt_t *options, const char *name, const char *text, struct conf_errors *errors) {
    cfg_t *cfg = must(cfg_init(options, CFGF_NONE));
    cfg->filename = must_strdup(name);
    cfg_set_error_function(cfg, on_error);
    FILE *file = *text ? must(fmemopen((char *)text, strlen(text), "r")) : NULL;
    bool good = !file || cfg_parse_fp(cfg, file) == CFG_SUCCESS;
    if (file)
        fclose(file);
    if (!good && !errors->text)
        conf_add_error(errors, name, cfg->line, _("this cannot be read"));
    if (!errors->text)
        return cfg;
    cfg_free(cfg);
    return NULL;
}

cfg_t *conf_parse(cfg_opt_t *options, const char *name, char *text, size_t size, struct conf_errors *errors) {
    if (memchr(text, 0, size)) {
        conf_add_error(errors, name, 0, _("this is not a text file: it holds a zero byte"));
        return NULL;
    }
    int open = config_text_clean(text, size);
    if (open) {
        conf_add_error(errors, name, open, _("this comment is never closed with */"));
        return NULL;
    }
    cfg_t *cfg = parse(options, name, text, errors);
    if (!cfg)
        return NULL;
    cfg_free(cfg);
    char *with_end = must_format("%s\n\"\\n\\n\" = end\n", text);
    cfg = parse(options, name, with_end, errors);
    free(with_end);
    return cfg;
}

const char *conf_text(cfg_t *cfg, const char *key) {
    return cfg_size(cfg, key) ? cfg_getstr(cfg, key) : NULL;
}

static char *read_all(FILE *file, size_t *size) {
    char *text = NULL;
    *size = 0;
    do {
        text = must_grow(text, *size + 65536 + 1, 1);
        *size += fread(text + *size, 1, 65536, file);
    } while (!feof(file) && !ferror(file) && *size <= FILE_MOST);
    text[*size] = 0;
    if (!ferror(file) && *size <= FILE_MOST)
        return text;
    errno = ferror(file) ? errno : EFBIG;
    free(text);
    return NULL;
}

char *conf_read(const char *path, size_t *size) {
    if (!strcmp(path, "-"))
        return read_all(stdin, size);
    FILE *file = fopen(path, "re");
    if (!file)
        return NULL;
    char *text = read_all(file, size);
    int saved = errno;
    fclose(file);
    errno = saved;
    return text;
}
