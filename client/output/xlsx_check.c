#include "client/output/xlsx_check.h"

#include <minizip/unzip.h>
#include <stdlib.h>
#include <string.h>

#include "client/memory.h"

enum { CHUNK = 64 * 1024, EDGE = 512 }; // EDGE: of the part's beginning, and longer than any end of one

struct part {
    char first[EDGE + 1], last[EDGE + 1]; // its beginning and its end
    size_t n_first, n_last;
};

static void take(struct part *part, const char *bytes, size_t size) {
    size_t more = EDGE - part->n_first < size ? EDGE - part->n_first : size;
    memcpy(part->first + part->n_first, bytes, more);
    part->n_first += more;
    size_t fresh = size < EDGE ? size : EDGE, kept = part->n_last + fresh > EDGE ? EDGE - fresh : part->n_last;
    memmove(part->last, part->last + part->n_last - kept, kept);
    memcpy(part->last + kept, bytes + size - fresh, fresh);
    part->n_last = kept + fresh;
}

// False: the archive is damaged; closing it compares the checksum.
static bool read_part(unzFile archive, struct part *part) {
    char *chunk = must_alloc(CHUNK);
    int size = -1;
    if (unzOpenCurrentFile(archive) == UNZ_OK) {
        while ((size = unzReadCurrentFile(archive, chunk, CHUNK)) > 0)
            take(part, chunk, (size_t)size);
        if (unzCloseCurrentFile(archive) != UNZ_OK)
            size = -1;
    }
    free(chunk);
    return size == 0;
}

// Its last tag closes its first: <?xml …?> <worksheet …> … </worksheet>.
static bool is_whole(const struct part *part) {
    const char *root = strstr(part->first, "?>");
    root = root ? strchr(root, '<') : NULL;
    if (!root)
        return false;
    size_t length = strcspn(root + 1, " />\n");
    char *end = must_format("</%.*s>", (int)length, root + 1);
    size_t n = strlen(end), last = part->n_last;
    while (last && strchr(" \r\n", part->last[last - 1]))
        last--;
    bool closed = last >= n && !memcmp(part->last + last - n, end, n);
    free(end);
    return closed;
}

bool xlsx_is_whole(const char *path) {
    unzFile archive = unzOpen64(path);
    int found = archive ? unzGoToFirstFile(archive) : UNZ_ERRNO;
    bool whole = found == UNZ_OK;
    while (whole && found == UNZ_OK) {
        struct part part = {0};
        whole = read_part(archive, &part) && is_whole(&part);
        found = whole ? unzGoToNextFile(archive) : found;
    }
    if (archive)
        unzClose(archive);
    return whole && found == UNZ_END_OF_LIST_OF_FILE;
}
