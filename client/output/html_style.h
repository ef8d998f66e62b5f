// How the page looks.
#ifndef THIDUA_CLIENT_OUTPUT_HTML_STYLE_H
#define THIDUA_CLIENT_OUTPUT_HTML_STYLE_H

extern const char html_style[];

#endif
