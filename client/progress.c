#include "client/progress.h"

#include <stdlib.h>
#include <unistd.h>

#include "client/instant.h"
#include "client/memory.h"
#include "client/output/table.h"
#include "client/words.h"
#include "proto/text.h"

enum { REDRAW_MS = 100, BAR_LEAST = 10, BAR_MOST = 40 };

void progress_begin(struct progress *progress, const struct options *options, size_t total) {
    *progress = (struct progress){.total = total, .mark = options_mark(options), .begun_ms = instant_monotonic()};
    if (options->quiet || !total)
        return;
    progress->out = stderr;
    progress->bar = isatty(STDERR_FILENO);
    progress->screen = table_screen(stderr);
}

char *progress_text(size_t done, size_t total, int64_t spent_ms, char mark) {
    int64_t tenths = spent_ms > 0 ? (int64_t)done * 10000 / spent_ms : 0; // of a step in a second
    int64_t left_s = done ? ((int64_t)(total - done) * spent_ms / (int64_t)done + 999) / 1000 : 0;
    size_t percent = total ? done * 100 / total : 100;
    if (!tenths)
        return must_format(_("%zu %%, %zu of %zu"), percent, done, total);
    return must_format(_("%zu %%, %zu of %zu, %lld%c%lld/s, %lld:%02lld left"), percent, done, total,
                       (long long)(tenths / 10), mark, (long long)(tenths % 10), (long long)(left_s / 60),
                       (long long)(left_s % 60));
}

// "[=====     ] 50 %, ..."; the bar where there is room for one.
static void draw(const struct progress *progress, const char *text, size_t done) {
    size_t taken = text_width(text) + 4, room = progress->screen > taken ? progress->screen - taken : 0;
    size_t width = room > BAR_MOST ? BAR_MOST : room;
    fputs("\r", progress->out);
    if (width >= BAR_LEAST) {
        size_t full = done * width / progress->total;
        putc('[', progress->out);
        for (size_t i = 0; i < width; i++)
            putc(i < full ? '=' : ' ', progress->out);
        fputs("] ", progress->out);
    }
    size_t fits = progress->screen ? text_fit(text, progress->screen - 1) : SIZE_MAX;
    fprintf(progress->out, "%.*s\033[K", (int)(fits < 200 ? fits : 200), text);
    fflush(progress->out);
}

void progress_step(struct progress *progress, size_t done) {
    int64_t now_ms = instant_monotonic();
    if (!progress->out || !progress->total)
        return;
    size_t tenths = done * 10 / progress->total;
    bool due = progress->bar ? now_ms - progress->drawn_ms >= REDRAW_MS : tenths > progress->tenths;
    if (!due)
        return;
    char *text = progress_text(done, progress->total, now_ms - progress->begun_ms, progress->mark);
    if (progress->bar)
        draw(progress, text, done);
    else
        fprintf(progress->out, "thidua: %s\n", text);
    free(text);
    progress->drawn_ms = now_ms;
    progress->tenths = tenths;
}

void progress_end(struct progress *progress) {
    if (progress->out && progress->bar && progress->drawn_ms)
        fputs("\r\033[K", progress->out);
    progress->out = NULL;
}
