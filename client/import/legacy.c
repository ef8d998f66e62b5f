#include "client/import/legacy.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

#include "client/memory.h"
#include "client/words.h"

enum {
    READINGS = 4, // LEGACY_NONE stands for Latin-1, whose letters are Unicode's as they are
    WORD_MOST = 16,
    MARKED_MOST = 2, // characters that a byte stands for

    GRAVE = 0x300,
    ACUTE = 0x301,
    CIRCUMFLEX = 0x302,
    TILDE = 0x303,
    BREVE = 0x306,
    HOOK = 0x309,
    HORN = 0x31b,
    DOT = 0x323,
    D_WITH_STROKE_SMALL = 0x111,
};

// ---- the encodings: what a byte above 0x7f stands for ----

// From 0xa1 to 0xfe.
static const uint32_t tcvn3[] = {
    U'Ă', U'Â', U'Ê', U'Ô', U'Ơ', U'Ư', U'Đ', U'ă', U'â', U'ê', U'ô', U'ơ', U'ư', U'đ', U'Ằ',       // a1
    0,    0,    0,    0,    0,    U'à', U'ả', U'ã', U'á', U'ạ', U'Ẳ', U'ằ', U'ẳ', U'ẵ', U'ắ', U'Ẵ', // b0
    U'Ắ', U'Ầ', U'Ẩ', U'Ẫ', U'Ấ', U'Ề', U'ặ', U'ầ', U'ẩ', U'ẫ', U'ấ', U'ậ', U'è', U'Ể', U'ẻ', U'ẽ', // c0
    U'é', U'ẹ', U'ề', U'ể', U'ễ', U'ế', U'ệ', U'ì', U'ỉ', U'Ễ', U'Ế', U'Ồ', U'ĩ', U'í', U'ị', U'ò', // d0
    U'Ổ', U'ỏ', U'õ', U'ó', U'ọ', U'ồ', U'ổ', U'ỗ', U'ố', U'ộ', U'ờ', U'ở', U'ỡ', U'ớ', U'ợ', U'ù', // e0
    U'Ỗ', U'ủ', U'ũ', U'ú', U'ụ', U'ừ', U'ử', U'ữ', U'ứ', U'ự', U'ỳ', U'ỷ', U'ỹ', U'ý', U'ỵ',       // f0
};

// From 0xe0 to 0xff, and the same as capitals from 0xc0: a letter, or marks of the letter before.
static const uint32_t vni[] = {
    CIRCUMFLEX, CIRCUMFLEX, CIRCUMFLEX, CIRCUMFLEX, CIRCUMFLEX, CIRCUMFLEX, U'ỉ', 0,   // e0
    BREVE,      BREVE,      BREVE,      BREVE,      U'ì',       U'í',       U'ỵ', DOT, // e8
    0,          U'đ',       U'ị',       U'ĩ',       U'ơ',       TILDE,      U'ư', 0,   // f0
    GRAVE,      ACUTE,      BREVE,      HOOK,       BREVE,      0,          0,    0,   // f8
};
static const uint32_t vni_second[] = {
    GRAVE, ACUTE, 0,    TILDE, DOT,   HOOK, 0, 0, // e0
    GRAVE, ACUTE, 0,    DOT,   0,     0,    0, 0, // e8
    0,     0,     0,    0,     0,     0,    0, 0, // f0
    0,     0,     HOOK, 0,     TILDE, 0,    0, 0, // f8
};

// From 0xc0; a letter that Vietnamese does not have is 0.
static const uint32_t windows_1258[] = {
    U'À', U'Á', U'Â', U'Ă', 0,    0,    0, 0, U'È', U'É', U'Ê', 0, GRAVE, U'Í', 0,     0, // c0
    U'Đ', 0,    HOOK, U'Ó', U'Ô', U'Ơ', 0, 0, 0,    U'Ù', U'Ú', 0, 0,     U'Ư', TILDE, 0, // d0
    U'à', U'á', U'â', U'ă', 0,    0,    0, 0, U'è', U'é', U'ê', 0, ACUTE, U'í', 0,     0, // e0
    U'đ', 0,    DOT,  U'ó', U'ô', U'ơ', 0, 0, 0,    U'ù', U'ú', 0, 0,     U'ư', 0,     0, // f0
};

// Writes what a byte stands for; 0: for no letter of Vietnamese.
static size_t decode(enum legacy reading, uint8_t byte, uint32_t out[MARKED_MOST]) {
    out[0] = byte;
    if (byte < 0x80 || reading == LEGACY_NONE)
        return 1;
    out[0] = 0;
    if (reading == LEGACY_TCVN3 && byte >= 0xa1 && byte <= 0xfe)
        out[0] = tcvn3[byte - 0xa1];
    if (reading == LEGACY_1258 && byte >= 0xc0)
        out[0] = windows_1258[byte - 0xc0];
    if (reading != LEGACY_VNI || byte < 0xc0)
        return 1;
    out[0] = vni[byte & 0x1f];
    out[1] = vni_second[byte & 0x1f];
    return out[1] ? 2 : 1;
}

// ---- Vietnamese syllables ----

// Lists of what can stand where, without tones; đ is dd, and ^ ( + follow the letter that wears them.
static const char onsets[] = " b c ch d dd g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x ";
static const char codas[] = " c ch m n ng nh p t ";
static const char closed[] = " a a( a^ e e^ i ie^ o o( oa oa( oe oo o^ o+ u u+ u+o+ ua^ ue^ uo^ uy uye^ y ye^ ";
static const char open[] =
    " a ai ao au ay a^u a^y e eo e^ e^u i ia ie^u iu o oa oai oao oay oe oeo oi o^ o^i o+ o+i u ua"
    " ua^y ue^ ui uo^i uo+ uy uya uyu u+ u+a u+i u+o+i u+o+u u+u y ye^u ";

static bool listed(const char *list, const char *text, size_t n) {
    char item[2 * WORD_MOST];
    if (n + 3 > sizeof(item))
        return false;
    item[0] = item[n + 1] = ' ';
    memcpy(item + 1, text, n);
    item[n + 2] = 0;
    return strstr(list, item);
}

static bool is_rhyme(const char *text, size_t n) {
    if (listed(open, text, n))
        return true;
    for (size_t coda = 1; coda <= 2 && coda < n; coda++)
        if (listed(codas, text + n - coda, coda) && listed(closed, text, n - coda))
            return true;
    return false;
}

static bool is_toneless_syllable(const char *text) {
    size_t n = strlen(text);
    for (size_t onset = 0; onset <= 3 && onset < n; onset++)
        if ((!onset || listed(onsets, text, onset)) && is_rhyme(text + onset, n - onset))
            return true;
    return false;
}

static char toneless(uint32_t c) {
    switch (c) {
    case CIRCUMFLEX:
        return '^';
    case BREVE:
        return '(';
    case HORN:
        return '+';
    default:
        c = uc_tolower(c);
        return c >= 'a' && c <= 'z' ? (char)c : 0;
    }
}

static bool is_tone(uint32_t c) {
    return c == GRAVE || c == ACUTE || c == TILDE || c == HOOK || c == DOT;
}

// Of letters and marks apart. The one tone stands on a vowel.
static bool is_syllable(const uint32_t *apart, size_t n) {
    char text[2 * WORD_MOST * MARKED_MOST + 1];
    size_t length = 0, tones = 0;
    for (size_t i = 0; i < n && length + 3 < sizeof(text); i++) {
        if (is_tone(apart[i])) {
            if (tones++ || !length || !strchr("aeiouy^(+", text[length - 1]))
                return false;
            continue;
        }
        if (uc_tolower(apart[i]) == D_WITH_STROKE_SMALL)
            text[length++] = 'd';
        char letter = uc_tolower(apart[i]) == D_WITH_STROKE_SMALL ? 'd' : toneless(apart[i]);
        if (!letter)
            return false;
        text[length++] = letter;
    }
    text[length] = 0;
    return is_toneless_syllable(text);
}

// A capital behind a small letter: nobody writes so, but small letters of TCVN3 look so elsewhere. In TCVN3 itself
// the font decides what is a capital.
static bool is_unlikely(enum legacy reading, const uint8_t *word, size_t n) {
    bool small = false;
    for (size_t i = 0; i < n && reading != LEGACY_TCVN3; i++) {
        uint32_t letter[MARKED_MOST] = {word[i]};
        if (reading == LEGACY_1258)
            decode(reading, word[i], letter);
        if (small && uc_tolower(*letter) != *letter)
            return true;
        small = small || uc_toupper(*letter) != *letter;
    }
    return false;
}

static bool reads_as_syllable(enum legacy reading, const uint8_t *word, size_t n) {
    if (is_unlikely(reading, word, n))
        return false;
    uint32_t letters[WORD_MOST * MARKED_MOST], room[4 * WORD_MOST * MARKED_MOST];
    size_t length = 0, decomposed = sizeof(room) / sizeof(*room);
    for (size_t i = 0; i < n; i++)
        length += decode(reading, word[i], letters + length);
    for (size_t i = 0; i < length; i++)
        if (!letters[i])
            return false;
    uint32_t *apart = must(u32_normalize(UNINORM_NFD, letters, length, room, &decomposed));
    bool good = is_syllable(apart, decomposed);
    if (apart != room)
        free(apart);
    return good;
}

// ---- words ----

struct tally {
    size_t words;            // with a byte above 0x7f beside a letter of ASCII
    size_t good[READINGS];   // that read as a syllable
    size_t better[READINGS]; // and do not as they stand; those of two letters may be anything: 5 µm, say
};

static bool is_ascii_letter(uint8_t byte) {
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static void count_word(struct tally *tally, const uint8_t *word, size_t n) {
    size_t letters = 0;
    for (size_t i = 0; i < n; i++)
        letters += is_ascii_letter(word[i]);
    if (!letters || letters == n)
        return;
    tally->words++;
    if (n > WORD_MOST)
        return;
    bool plain = reads_as_syllable(LEGACY_NONE, word, n);
    tally->good[LEGACY_NONE] += plain;
    for (size_t reading = LEGACY_TCVN3; reading < READINGS; reading++) {
        if (!reads_as_syllable((enum legacy)reading, word, n))
            continue;
        tally->good[reading]++;
        tally->better[reading] += !plain && n > 2;
    }
}

static struct tally count_words(const uint8_t *bytes, size_t size) {
    struct tally tally = {0};
    for (size_t at = 0; at < size;) {
        size_t n = 0;
        while (at + n < size && (is_ascii_letter(bytes[at + n]) || bytes[at + n] >= 0x80))
            n++;
        if (n)
            count_word(&tally, bytes + at, n);
        at += n + !n;
    }
    return tally;
}

// The reading up to `last` that explains most; LEGACY_NONE where two explain as much.
static enum legacy best(const struct tally *tally, enum legacy last) {
    size_t most = 0, found = LEGACY_NONE;
    for (size_t reading = LEGACY_TCVN3; reading <= last; reading++) {
        if (tally->good[reading] == most)
            found = LEGACY_NONE;
        if (tally->good[reading] > most) {
            most = tally->good[reading];
            found = reading;
        }
    }
    return (enum legacy)found;
}

enum legacy legacy_of_bytes(const char *bytes, size_t size) {
    struct tally tally = count_words((const uint8_t *)bytes, size);
    enum legacy found = best(&tally, LEGACY_1258);
    return found && 2 * tally.good[found] >= tally.words ? found : LEGACY_NONE;
}

// Letters and marks that no old encoding leaves behind.
static bool is_unicode_vietnamese(ucs4_t c) {
    static const ucs4_t others[] = {U'Ă', U'ă', U'Đ', U'đ', U'Ĩ', U'ĩ', U'Ũ', U'ũ', U'Ơ', U'ơ', U'Ư', U'ư'};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (c == others[i])
            return true;
    return (c >= 0x300 && c < 0x370) || (c >= 0x1ea0 && c <= 0x1ef9);
}

// The text as bytes of Latin-1, other characters as spaces; NULL: nothing in it could be of an old encoding. Free it.
static uint8_t *as_latin_1(const uint8_t *text, size_t size, size_t *length) {
    uint8_t *bytes = must_alloc(size);
    bool doubtful = false;
    *length = 0;
    for (size_t at = 0; at < size;) {
        ucs4_t c;
        at += (size_t)u8_mbtouc(&c, text + at, size - at);
        if (is_unicode_vietnamese(c)) {
            free(bytes);
            return NULL;
        }
        doubtful = doubtful || (c >= 0x80 && c < 0x100);
        bytes[(*length)++] = c < 0x100 ? (uint8_t)c : ' ';
    }
    if (doubtful)
        return bytes;
    free(bytes);
    return NULL;
}

enum legacy legacy_of_text(const char *text) {
    size_t length;
    uint8_t *bytes = as_latin_1((const uint8_t *)text, strlen(text), &length);
    if (!bytes)
        return LEGACY_NONE;
    struct tally tally = count_words(bytes, length);
    free(bytes);
    enum legacy found = best(&tally, LEGACY_VNI);
    bool clear = tally.good[found] > tally.good[LEGACY_NONE] && 3 * tally.good[found] >= 2 * tally.words;
    return clear && tally.better[found] ? found : LEGACY_NONE;
}

// ---- for people ----

const char *legacy_name(enum legacy legacy) {
    switch (legacy) {
    case LEGACY_TCVN3:
        return "TCVN3 (ABC)";
    case LEGACY_VNI:
        return "VNI";
    case LEGACY_1258:
        return "Windows-1258";
    case LEGACY_NONE:
        break;
    }
    return "";
}

const char *legacy_hint(enum legacy legacy) {
    if (legacy == LEGACY_TCVN3 || legacy == LEGACY_VNI)
        return _("Convert the text to Unicode in your office program, with UniKey's converter for example, choose a "
                 "Unicode font, and save the file as CSV UTF-8.");
    if (legacy == LEGACY_1258)
        return _("Save the file as CSV UTF-8 in your office program, or run: iconv -f WINDOWS-1258 -t UTF-8");
    return _("Save the file as CSV UTF-8 in your office program.");
}
