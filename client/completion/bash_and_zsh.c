// One script in two dialects: both shells read the line so far in the same words, and differ in how they are given it
// and in what they do with what was found.
#include <stdlib.h>
#include <string.h>

#include "client/completion/groups.h"
#include "client/completion/shells.h"
#include "client/completion/values.h"
#include "client/memory.h"
#include "client/options.h"
#include "client/verbs.h"
#include "client/words.h"

static const struct dialect {
    const char *begins, *ends; // of the script
    const char *open, *close;  // of what is added to the list
    bool described;            // each with its meaning
} bash =
    {
        .begins = "# bash completion for thidua; printed by: thidua completion bash\n"
                  "_thidua() {\n"
                  "    local cur=${COMP_WORDS[COMP_CWORD]} flag= verb= group= list= files= ended= word i\n"
                  "    for (( i = 1; i < COMP_CWORD; i++ )); do\n"
                  "        word=${COMP_WORDS[i]}\n"
                  "        [[ -n $flag && $word == = ]] && continue\n",
        .ends = "    [[ $cur == = ]] && cur=\n"
                "    if [[ -n $files ]]; then\n"
                "        compopt -o filenames 2> /dev/null\n"
                "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
                "    else\n"
                "        mapfile -t COMPREPLY < <(compgen -W \"$list\" -- \"$cur\")\n"
                "    fi\n"
                "}\n"
                "complete -F _thidua thidua\n",
        .open = "list+='",
        .close = "'",
},
  zsh = {
      .begins = "#compdef thidua\n"
                "# zsh completion for thidua; printed by: thidua completion zsh\n"
                "_thidua() {\n"
                "    local cur=${words[CURRENT]} flag= verb= group= files= ended= word\n"
                "    local -a list\n"
                "    local -i i\n"
                "    for (( i = 2; i < CURRENT; i++ )); do\n"
                "        word=${words[i]}\n",
      .ends = "    if [[ -n $files ]]; then\n"
              "        _files\n"
              "    elif (( $#list )); then\n"
              "        _describe -o 'thidua' list\n"
              "    fi\n"
              "}\n"
              "if [[ ${funcstack[1]} == _thidua ]]; then\n"
              "    _thidua \"$@\"\n"
              "else\n"
              "    compdef _thidua thidua\n"
              "fi\n",
      .open = "list+=(",
      .close = ")",
      .described = true,
};

static void print_word(FILE *out, const struct dialect *dialect, const char *word, const char *meaning) {
    if (!dialect->described) {
        fprintf(out, " %s", word);
        return;
    }
    fprintf(out, " '%s:", word);
    for (; *meaning; meaning++)
        if (*meaning == '\'')
            fputs("'\\''", out);
        else
            putc(*meaning, out);
    putc('\'', out);
}

static void print_first_words(FILE *out, const struct dialect *dialect) {
    for (const struct verb *verb = verbs; verb->name; verb++) {
        char *group = group_begun(verb), *members = group ? group_members(group) : NULL;
        if (group)
            print_word(out, dialect, group, members);
        else if (!group_member(verb))
            print_word(out, dialect, verb->name, _(verb->summary));
        free(members);
        free(group);
    }
}

static void print_second_words(FILE *out, const struct dialect *dialect) {
    for (const struct verb *first = verbs; first->name; first++) {
        char *group = group_begun(first);
        if (!group)
            continue;
        fprintf(out, "        %s) %s", group, dialect->open);
        for (const struct verb *verb = first; verb->name; verb++)
            if (group_has(group, verb))
                print_word(out, dialect, group_member(verb), _(verb->summary));
        fprintf(out, "%s ;;\n", dialect->close);
        free(group);
    }
}

static void print_group_names(FILE *out) {
    const char *between = "";
    for (const struct verb *verb = verbs; verb->name; verb++) {
        char *group = group_begun(verb);
        if (!group)
            continue;
        fprintf(out, "%s%s", between, group);
        between = "|";
        free(group);
    }
}

static void print_names(FILE *out, const struct dialect *dialect, const struct flag *flags) {
    fputs(dialect->open, out);
    for (; flags->name; flags++) {
        char *name = must_format("--%s", flags->name);
        print_word(out, dialect, name, _(flags->meaning));
        free(name);
    }
    fputs(dialect->close, out);
}

static void print_flags(FILE *out, const struct dialect *dialect) {
    for (const struct verb *verb = verbs; verb->name; verb++) {
        if (!verb->flags)
            continue;
        fprintf(out, "        '%s') ", verb->name);
        print_names(out, dialect, verb->flags);
        fputs(" ;;\n", out);
    }
}

static void print_values(FILE *out, const struct dialect *dialect, struct values values) {
    if (values.file)
        fputs(") files=1 ;;\n", out);
    else
        fprintf(out, ") %s%s%s ;;\n", dialect->open, values.words, dialect->close);
}

static void print_flag_values(FILE *out, const struct dialect *dialect, const char *verb, const struct flag *flags) {
    for (; flags && flags->name; flags++) {
        struct values values = values_of(flags->value ? flags->value : "");
        if (values.file || *values.words) {
            fprintf(out, "        %s:--%s", verb, flags->name);
            if (flags->letter)
                fprintf(out, "|%s:-%c", verb, flags->letter);
            print_values(out, dialect, values);
        }
        free(values.words);
    }
}

static void print_all_flag_values(FILE *out, const struct dialect *dialect) {
    print_flag_values(out, dialect, "*", options_flags);
    for (const struct verb *verb = verbs; verb->name; verb++) {
        char *quoted = must_format("'%s'", verb->name);
        print_flag_values(out, dialect, quoted, verb->flags);
        free(quoted);
    }
}

static void print_operands(FILE *out, const struct dialect *dialect) {
    for (const struct verb *verb = verbs; verb->name; verb++) {
        struct values values = values_of_operands(verb);
        if (values.file || *values.words) {
            fprintf(out, "        '%s'", verb->name);
            print_values(out, dialect, values);
        }
        free(values.words);
    }
}

// What the words before the one at the cursor say: a flag that waits for its value, a verb, or the first half of one.
static void print_scan(FILE *out) {
    fputs("        if [[ -n $flag ]]; then\n"
          "            flag=\n"
          "            continue\n"
          "        fi\n"
          "        [[ -n $ended ]] && word=./$word\n"
          "        case $word in\n"
          "        --) ended=1 ;;\n        ",
          out);
    group_print_flags(out, "|");
    fputs(") flag=$word ;;\n"
          "        -*|help) ;;\n        ",
          out);
    print_group_names(out);
    fputs(") if [[ -z $verb ]]; then [[ -n $group ]] && verb=\"$group $word\" || group=$word; fi ;;\n"
          "        *) [[ -n $verb ]] || verb=${group:+$group }$word ;;\n"
          "        esac\n"
          "    done\n",
          out);
}

static void print_script(FILE *out, const struct dialect *dialect) {
    fputs(dialect->begins, out);
    print_scan(out);
    if (dialect->described) // this shell does not part --flag=value
        fputs("    if [[ -z $flag && $cur == --*=* ]]; then\n"
              "        flag=${cur%%=*}\n"
              "        compset -P '*='\n"
              "    fi\n",
              out);
    fputs("    if [[ -n $flag ]]; then\n        case \"$verb:$flag\" in\n", out);
    print_all_flag_values(out, dialect);
    fputs("        esac\n    elif [[ $cur == -* && -z $ended ]]; then\n        ", out);
    print_names(out, dialect, options_flags);
    fputs("\n        case $verb in\n", out);
    print_flags(out, dialect);
    fputs("        esac\n    elif [[ -n $verb ]]; then\n        case $verb in\n", out);
    print_operands(out, dialect);
    fputs("        esac\n    elif [[ -n $group ]]; then\n        case $group in\n", out);
    print_second_words(out, dialect);
    fprintf(out, "        esac\n    else\n        %s", dialect->open);
    print_first_words(out, dialect);
    fprintf(out, "%s\n    fi\n%s", dialect->close, dialect->ends);
}

void completion_bash(FILE *out) {
    print_script(out, &bash);
}

void completion_zsh(FILE *out) {
    print_script(out, &zsh);
}
