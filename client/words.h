// Words for people go through _() so that they can be translated; codes, field names and keys never do.
#ifndef THIDUA_CLIENT_WORDS_H
#define THIDUA_CLIENT_WORDS_H

#include <libintl.h>

#define _(text)  gettext(text)
#define N_(text) text // a constant that is translated where it is used

#endif
