#include "client/profile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client/conf.h"
#include "client/file.h"
#include "client/hex.h"
#include "client/memory.h"
#include "client/words.h"

static char *default_path(void) {
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (base && *base)
        return must_format("%s/thidua/profile", base);
    return home && *home ? must_format("%s/.config/thidua/profile", home) : NULL;
}

void profile_init(struct profile *profile, const struct options *options) {
    *profile = (struct profile){.chosen = options->profile != NULL};
    profile->path = options->profile ? must_strdup(options->profile) : default_path();
}

void profile_free(struct profile *profile) {
    free(profile->path);
    free(profile->server);
    explicit_bzero(profile, sizeof(*profile));
}

static int take_hash(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    uint8_t bytes[32];
    if (conf_take(cfg, option, value, result))
        return -1;
    if (hex_decode(value, bytes, sizeof(bytes)))
        return 0;
    cfg_error(cfg, _("%s takes 64 hexadecimal digits"), option->name);
    return -1;
}

static int take_account(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    if (conf_take(cfg, option, value, result))
        return -1;
    size_t n = strspn(value, "0123456789");
    if (n && n <= 10 && !value[n] && strtoll(value, NULL, 10) <= UINT32_MAX && strtoll(value, NULL, 10) > 0)
        return 0;
    cfg_error(cfg, _("%s takes the number of an account"), option->name);
    return -1;
}

static int take_server(cfg_t *cfg, cfg_opt_t *option, const char *value, void *result) {
    struct address address;
    if (conf_take(cfg, option, value, result))
        return -1;
    const char *wrong = address_from_text(&address, value);
    address_free(&address);
    if (wrong)
        cfg_error(cfg, "%s: %s", option->name, wrong);
    return wrong ? -1 : 0;
}

static bool take_bytes(cfg_t *cfg, const char *key, uint8_t bytes[32]) {
    const char *text = conf_text(cfg, key);
    return text && hex_decode(text, bytes, 32);
}

static char *parse(struct profile *profile, char *text, size_t size) {
    struct conf_errors errors = {0};
    cfg_opt_t options[] = {CONF_TEXT("server", take_server), CONF_TEXT("pin", take_hash),
                           CONF_TEXT("token", take_hash),    CONF_TEXT("account", take_account),
                           CONF_TEXT("invite", take_hash),   CONF_END(&errors)};
    cfg_t *cfg = conf_parse(options, profile->path, text, size, &errors);
    if (!cfg)
        return errors.text;
    const char *server = conf_text(cfg, "server"), *account = conf_text(cfg, "account");
    profile->there = true;
    profile->server = server ? must_strdup(server) : NULL;
    profile->account = account ? (uint32_t)strtoul(account, NULL, 10) : 0;
    profile->has_pin = take_bytes(cfg, "pin", profile->pin);
    profile->has_token = take_bytes(cfg, "token", profile->token);
    profile->has_invite = take_bytes(cfg, "invite", profile->invite);
    cfg_free(cfg);
    return NULL;
}

char *profile_read(struct profile *profile) {
    struct stat status;
    size_t size;
    if (!profile->path || (stat(profile->path, &status) && (errno == ENOENT || errno == ENOTDIR)))
        return NULL;
    char *text = conf_read(profile->path, &size);
    if (!text)
        return must_format(_("the profile %s cannot be read: %s"), profile->path, strerror(errno));
    char *wrong = NULL;
    if (S_ISREG(status.st_mode) && status.st_mode & 077)
        wrong = must_format(_("the profile %s can be read by others; it holds a token: chmod 600 %s"), profile->path,
                            profile->path);
    else
        wrong = parse(profile, text, size);
    explicit_bzero(text, size);
    free(text);
    return wrong;
}

static void print_hash(FILE *file, const char *key, bool has, const uint8_t bytes[32]) {
    char text[65];
    if (has)
        fprintf(file, "%s = \"%s\"\n", key, hex_encode(text, bytes, 32));
}

char *profile_write(const struct profile *profile) {
    struct new_file new_file;
    if (!make_folder_of(profile->path) || !new_file_open(&new_file, profile->path))
        return must_format(_("the profile %s cannot be written: %s"), profile->path, strerror(errno));
    fprintf(new_file.file, "# This device's access to thiduad. Whoever has this file acts as its account.\n");
    fprintf(new_file.file, "server = \"%s\"\n", profile->server);
    print_hash(new_file.file, "pin", profile->has_pin, profile->pin);
    print_hash(new_file.file, "token", profile->has_token, profile->token);
    print_hash(new_file.file, "invite", profile->has_invite, profile->invite);
    if (profile->account)
        fprintf(new_file.file, "account = %" PRIu32 "\n", profile->account);
    if (new_file_keep(&new_file))
        return NULL;
    return must_format(_("the profile %s cannot be written: %s"), profile->path, strerror(errno));
}
