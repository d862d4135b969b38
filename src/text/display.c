// Normal form, width on a terminal, script.
#include "text/text.h"

#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

// The code point at *i, which moves behind it. Strings inside are valid UTF-8.
static UChar32 next_point(Str s, size_t *i) {
    UChar32 point = 0;
    U8_NEXT_OR_FFFD((const uint8_t *)s.p, *i, s.n, point);
    return point;
}

// --- normal form --------------------------------------------------------------------------------

bool text_nfc_surely(Str s) {
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] >= 0xcc) // the first byte of U+0300 and all above it
            return false;
    return true;
}

// Normalises UTF-16 and gives it back as UTF-8 in the arena.
static Err nfc_of_units(Ctx *c, const UNormalizer2 *nfc, const UChar *units, int32_t n,
                        Str *ret_s) {
    int32_t room = n * 3 + 16; // NFC grows UTF-16 at most threefold
    UChar *normal = NULL;
    char *text = NULL;
    TRY(ctx_alloc(c, (size_t)room * sizeof *normal, &normal));
    UErrorCode status = U_ZERO_ERROR;
    int32_t normal_n = unorm2_normalize(nfc, units, n, normal, room, &status);
    if (U_FAILURE(status))
        return fail(c, E_INVALID, "the text has no normal form");
    size_t text_room = (size_t)normal_n * 3 + 1;
    TRY(ctx_alloc(c, text_room, &text));
    int32_t text_n = 0;
    u_strToUTF8(text, (int32_t)text_room, &text_n, normal, normal_n, &status);
    if (U_FAILURE(status))
        return fail(c, E_INVALID, "the text has no normal form");
    *ret_s = (Str){text, (size_t)text_n};
    return OK;
}

Err text_nfc(Ctx *c, Str s, Str *ret_s) {
    if (text_nfc_surely(s)) {
        *ret_s = s;
        return OK;
    }
    if (s.n > RECORD_BYTES_MAX)
        return fail(c, E_LIMIT, "a text is at most %d bytes long", RECORD_BYTES_MAX);
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    UChar small[1024];
    UChar *units = small;
    if (s.n > COUNT_OF(small))
        TRY(ctx_alloc(c, s.n * sizeof *units, &units));
    int32_t n = 0;
    int32_t room = (int32_t)(s.n > COUNT_OF(small) ? s.n : COUNT_OF(small));
    u_strFromUTF8(units, room, &n, s.p, (int32_t)s.n, &status);
    if (U_FAILURE(status) && status != U_STRING_NOT_TERMINATED_WARNING)
        return fail(c, E_INVALID, "the text is not valid UTF-8");
    status = U_ZERO_ERROR;
    if (unorm2_isNormalized(nfc, units, n, &status) && U_SUCCESS(status)) {
        *ret_s = s;
        return OK;
    }
    return nfc_of_units(c, nfc, units, n, ret_s);
}

bool text_has_control(Str s, const char *allowed) {
    for (size_t i = 0; i < s.n; i++) {
        uint8_t b = (uint8_t)s.p[i];
        if (b < 0x20 || b == 0x7f) {
            if (b == 0 || strchr(allowed, b) == NULL)
                return true;
        } else if (b == 0xc2 && i + 1 < s.n && (uint8_t)s.p[i + 1] < 0xa0) {
            return true;
        }
    }
    return false;
}

// --- width --------------------------------------------------------------------------------------

static size_t point_width(UChar32 point) {
    if (point >= 0x20 && point < 0x7f)
        return 1;
    int8_t type = u_charType(point);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR ||
        type == U_CONTROL_CHAR || type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR)
        return 0;
    int32_t wide = u_getIntPropertyValue(point, UCHAR_EAST_ASIAN_WIDTH);
    if (wide == U_EA_WIDE || wide == U_EA_FULLWIDTH)
        return 2;
    // The middle and last letters of a Korean syllable lie over the first.
    return point >= 0x1160 && point <= 0x11ff ? 0 : 1;
}

size_t text_width(Str s) {
    size_t width = 0;
    for (size_t i = 0; i < s.n;)
        width += point_width(next_point(s, &i));
    return width;
}

// The end of the last whole cluster that still fits, going from break to break.
static size_t fitting_end(Str s, UBreakIterator *breaks, size_t columns) {
    size_t end = 0, used = 0;
    for (int32_t at = ubrk_next(breaks); at != UBRK_DONE; at = ubrk_next(breaks)) {
        used += text_width((Str){s.p + end, (size_t)at - end});
        if (used > columns)
            break;
        end = (size_t)at;
    }
    return end;
}

Err text_truncate(Ctx *c, Str s, size_t columns, Str *ret_prefix) {
    if (text_width(s) <= columns) {
        *ret_prefix = s;
        return OK;
    }
    UErrorCode status = U_ZERO_ERROR;
    UText *text = utext_openUTF8(NULL, s.p, (int64_t)s.n, &status);
    UBreakIterator *breaks = ubrk_open(UBRK_CHARACTER, "en", NULL, 0, &status);
    ubrk_setUText(breaks, text, &status);
    size_t end = U_SUCCESS(status) ? fitting_end(s, breaks, columns) : 0;
    if (breaks)
        ubrk_close(breaks);
    if (text)
        utext_close(text);
    if (U_FAILURE(status))
        return fail(c, E_MEMORY, "no memory to shorten a text");
    *ret_prefix = (Str){s.p, end};
    return OK;
}

// --- script -------------------------------------------------------------------------------------

static bool script_japanese(UScriptCode code) {
    return code == USCRIPT_HAN || code == USCRIPT_HIRAGANA || code == USCRIPT_KATAKANA;
}

const char *text_script(Str s) {
    UScriptCode found = USCRIPT_UNKNOWN;
    bool japanese = false;
    for (size_t i = 0; i < s.n;) {
        UChar32 point = next_point(s, &i);
        if (!u_isalpha(point))
            continue;
        UErrorCode status = U_ZERO_ERROR;
        UScriptCode code = uscript_getScript(point, &status);
        if (U_FAILURE(status) || code == USCRIPT_COMMON || code == USCRIPT_INHERITED ||
            code == found)
            continue;
        if (found == USCRIPT_UNKNOWN)
            found = code;
        else if (script_japanese(code) && script_japanese(found))
            japanese = true;
        else
            return "mixed";
    }
    if (japanese)
        return "Japanese";
    return found == USCRIPT_UNKNOWN ? "none" : uscript_getName(found);
}
