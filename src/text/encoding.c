// Encodings: which one a file is in, and its bytes as UTF-8.
#include "text/text.h"

#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/ustring.h>

// --- names ------------------------------------------------------------------------------------

// TIS-620 and its kin are read as windows-874, which has all of their characters and those that
// Windows programs write in the same files.
static const char *const thai_names[] = {"TIS-620",     "TIS620",      "CP874", "874",
                                         "WINDOWS-874", "ISO-8859-11", "MS874"};

static bool same_name(Str a, const char *b) {
    return strlen(b) == a.n && strncasecmp(a.p, b, a.n) == 0;
}

static bool name_is_thai(Str name) {
    for (size_t i = 0; i < COUNT_OF(thai_names); i++)
        if (same_name(name, thai_names[i]))
            return true;
    return false;
}

// Converter options ("UTF-16,version=1") and paths are not names.
static bool name_is_plain(Str name) {
    if (name.n == 0 || name.n >= TEXT_ENCODING_NAME_BYTES_MAX)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char ch = name.p[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
        if (!letter && !(ch >= '0' && ch <= '9') && (ch == 0 || !strchr("._:+-()", ch)))
            return false;
    }
    return true;
}

static void name_set(TextEncoding *e, Str name) {
    ASSERT(name.n < sizeof e->name);
    memcpy(e->name, name.p, name.n);
    e->name[name.n] = 0;
}

static Err converter_open(Ctx *c, Str name, UConverter **ret_conv) {
    if (!name_is_plain(name))
        return fail(c, E_UNSUPPORTED, "\"" STR_FMT "\" is no name of an encoding", STR_ARG(name));
    char icu_name[TEXT_ENCODING_NAME_BYTES_MAX] = "windows-874";
    if (!name_is_thai(name)) {
        memcpy(icu_name, name.p, name.n);
        icu_name[name.n] = 0;
    }
    UErrorCode status = U_ZERO_ERROR;
    UConverter *conv = ucnv_open(icu_name, &status);
    if (U_FAILURE(status)) {
        if (status == U_MEMORY_ALLOCATION_ERROR)
            return fail(c, E_MEMORY, "no memory for the encoding");
        return fail(c, E_UNSUPPORTED,
                    "the encoding \"" STR_FMT "\" is not known; examples: UTF-8, UTF-16, TIS-620, "
                    "GB18030, windows-1252",
                    STR_ARG(name));
    }
    ucnv_setFallback(conv, false);
    ucnv_setToUCallBack(conv, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    if (U_FAILURE(status)) {
        ucnv_close(conv);
        return fail(c, E_UNSUPPORTED, "the encoding \"" STR_FMT "\" cannot be read strictly",
                    STR_ARG(name));
    }
    *ret_conv = conv;
    return OK;
}

// --- choosing ---------------------------------------------------------------------------------

typedef struct Bom {
    const char *name;
    size_t n;
    const char *bytes;
} Bom;

// UTF-32LE starts like UTF-16LE and therefore stands before it.
static const Bom boms[] = {{"UTF-8", 3, "\xef\xbb\xbf"},    {"UTF-32LE", 4, "\xff\xfe\0\0"},
                           {"UTF-32BE", 4, "\0\0\xfe\xff"}, {"UTF-16LE", 2, "\xff\xfe"},
                           {"UTF-16BE", 2, "\xfe\xff"},     {"GB18030", 4, "\x84\x31\x95\x33"}};

static bool bom_find(Str bytes, TextEncoding *e) {
    for (size_t i = 0; i < COUNT_OF(boms); i++) {
        if (bytes.n < boms[i].n || memcmp(bytes.p, boms[i].bytes, boms[i].n) != 0)
            continue;
        name_set(e, str_of(boms[i].name));
        e->bom_bytes = boms[i].n;
        return true;
    }
    return false;
}

// Without a mark, the zero bytes of ASCII letters tell the order of UTF-16 and UTF-32.
static const char *order_of(Str bytes, size_t unit) {
    size_t high_first = 0, high_last = 0;
    for (size_t i = 0; i + unit <= bytes.n; i += unit) {
        high_first += bytes.p[i] == 0 && bytes.p[i + unit - 1] != 0;
        high_last += bytes.p[i] != 0 && bytes.p[i + unit - 1] == 0;
    }
    if (high_first == high_last)
        return NULL;
    if (unit == 2)
        return high_first > high_last ? "UTF-16BE" : "UTF-16LE";
    return high_first > high_last ? "UTF-32BE" : "UTF-32LE";
}

static Err choose_asked(Ctx *c, Str bytes, Str asked, TextEncoding *ret_encoding) {
    TextEncoding e = {{0}, 0, false};
    UConverter *conv = NULL;
    TRY(converter_open(c, asked, &conv));
    ucnv_close(conv);
    bool utf16 = same_name(asked, "UTF-16") || same_name(asked, "UTF16");
    bool utf32 = same_name(asked, "UTF-32") || same_name(asked, "UTF32");
    if (utf16 || utf32) {
        const char *order = order_of(bytes, utf16 ? 2 : 4);
        if (bytes.n == 0)
            order = utf16 ? "UTF-16LE" : "UTF-32LE";
        if (order == NULL)
            return fail(
                c, E_INVALID,
                "nothing in the file tells its byte order: say %sLE or %sBE as the encoding",
                utf16 ? "UTF-16" : "UTF-32", utf16 ? "UTF-16" : "UTF-32");
        name_set(&e, str_of(order));
    } else if (same_name(asked, "UTF-8") || same_name(asked, "UTF8")) {
        name_set(&e, STR("UTF-8"));
    } else {
        name_set(&e, asked);
    }
    *ret_encoding = e;
    return OK;
}

Err text_encoding_choose(Ctx *c, Str first_bytes, Str asked, TextEncoding *ret_encoding) {
    TextEncoding e = {{0}, 0, false};
    if (bom_find(first_bytes, &e)) {
        *ret_encoding = e;
        return OK;
    }
    if (asked.n)
        return choose_asked(c, first_bytes, asked, ret_encoding);
    size_t valid = 0;
    // A zero in the first two bytes is how UTF-16 without a mark begins; no text begins so.
    bool zeros = first_bytes.n >= 2 && (first_bytes.p[0] == 0 || first_bytes.p[1] == 0);
    if (zeros || !text_utf8_prefix(first_bytes, &valid)) {
        Str names = STR("");
        TRY(text_encoding_guess(c, first_bytes, &names));
        return fail(c, E_INVALID,
                    "the file has no byte order mark and is not UTF-8 (byte %zu): say its encoding "
                    "with --encoding%s" STR_FMT,
                    valid, names.n ? "; it may be " : "", STR_ARG(names));
    }
    e.assumed = true;
    name_set(&e, STR("UTF-8"));
    *ret_encoding = e;
    return OK;
}

// --- guessing ---------------------------------------------------------------------------------

#define GUESSES_MAX 3

typedef struct Guesses {
    char names[GUESSES_MAX][TEXT_ENCODING_NAME_BYTES_MAX];
    size_t n;
} Guesses;

static void guess_add(Guesses *g, const char *name) {
    for (size_t i = 0; i < g->n; i++)
        if (strcmp(g->names[i], name) == 0)
            return;
    size_t length = strlen(name);
    if (g->n == GUESSES_MAX || length >= TEXT_ENCODING_NAME_BYTES_MAX)
        return;
    memcpy(g->names[g->n++], name, length + 1);
}

// ICU does not know Thai single-byte text, which is what Thai banks send.
static bool may_be_thai(Str bytes) {
    size_t thai = 0;
    for (size_t i = 0; i < bytes.n; i++) {
        uint8_t b = (uint8_t)bytes.p[i];
        if (b < 0x80)
            continue;
        if (!((b >= 0xa1 && b <= 0xda) || (b >= 0xdf && b <= 0xfb)))
            return false;
        thai++;
    }
    return thai > 0;
}

static void guess_by_icu(Str bytes, Guesses *g) {
    UErrorCode status = U_ZERO_ERROR;
    UCharsetDetector *detector = ucsdet_open(&status);
    if (U_FAILURE(status))
        return;
    ucsdet_setText(detector, bytes.p, (int32_t)bytes.n, &status);
    int32_t count = 0;
    const UCharsetMatch **matches = ucsdet_detectAll(detector, &count, &status);
    for (int32_t i = 0; U_SUCCESS(status) && i < count; i++) {
        const char *name = ucsdet_getName(matches[i], &status);
        int32_t confidence = ucsdet_getConfidence(matches[i], &status);
        if (U_SUCCESS(status) && confidence >= 10 && strcmp(name, "UTF-8") != 0)
            guess_add(g, name);
    }
    ucsdet_close(detector);
}

Err text_encoding_guess(Ctx *c, Str bytes, Str *ret_names) {
    Str head = {bytes.p, bytes.n < TEXT_ENCODING_LOOK_BYTES ? bytes.n : TEXT_ENCODING_LOOK_BYTES};
    Guesses g = {.n = 0};
    if (head.n >= 2 && (head.p[0] == 0 || head.p[1] == 0)) {
        const char *order = order_of(head, 2);
        if (order)
            guess_add(&g, order);
    }
    if (may_be_thai(head))
        guess_add(&g, "TIS-620");
    if (head.n)
        guess_by_icu(head, &g);
    Str names = STR("");
    for (size_t i = 0; i < g.n; i++)
        TRY(str_format(c, &names, STR_FMT "%s%s", STR_ARG(names), i ? ", " : "", g.names[i]));
    *ret_names = names;
    return OK;
}

// --- decoding ---------------------------------------------------------------------------------

// One input byte becomes at most this many UTF-16 units in any converter of ICU.
#define UNITS_PER_BYTE 4

struct TextDecoder {
    UConverter *conv; // NULL: UTF-8, only checked
    char name[TEXT_ENCODING_NAME_BYTES_MAX];
    bool refuse_open_bytes;
    bool has_lead; // the last unit was the first half of a pair: it waits for the next bytes
    uint64_t offset;
    UChar units[TEXT_DECODE_BYTES_MAX * UNITS_PER_BYTE + 8];
    char text[(TEXT_DECODE_BYTES_MAX * UNITS_PER_BYTE + 8) * 3];
};

Err text_decoder_open(Ctx *c, const TextEncoding *encoding, TextDecoder **ret_decoder) {
    Str name = str_of(encoding->name);
    UConverter *conv = NULL;
    if (!same_name(name, "UTF-8"))
        TRY(converter_open(c, name, &conv));
    TextDecoder *d = mem_alloc(sizeof *d);
    if (d == NULL) {
        ucnv_close(conv);
        return fail(c, E_MEMORY, "no memory for the encoding");
    }
    d->conv = conv;
    memcpy(d->name, encoding->name, sizeof d->name);
    d->has_lead = false;
    d->offset = encoding->bom_bytes;
    d->refuse_open_bytes = conv != NULL && strncasecmp(d->name, "UTF", 3) != 0;
    *ret_decoder = d;
    return OK;
}

void text_decoder_close(TextDecoder *d) {
    if (d == NULL)
        return;
    ucnv_close(d->conv);
    mem_free(d);
}

void TextDecoderPtr_cleanup(TextDecoderPtr *d) {
    text_decoder_close(*d);
}

bool text_decoder_is_utf8(const TextDecoder *d) {
    return d->conv == NULL;
}

static Err fail_at(Ctx *c, const TextDecoder *d, Str bytes, uint64_t offset) {
    if (d->conv != NULL)
        return fail(c, E_INVALID, "byte %llu of the file is not %s", (unsigned long long)offset,
                    d->name);
    Str names = STR("");
    TRY(text_encoding_guess(c, bytes, &names));
    return fail(c, E_INVALID,
                "byte %llu of the file is not UTF-8: say its encoding with --encoding%s" STR_FMT,
                (unsigned long long)offset, names.n ? "; it may be " : "", STR_ARG(names));
}

static Err feed_utf8(Ctx *c, TextDecoder *d, Str bytes, bool last, size_t *ret_used,
                     Str *ret_text) {
    size_t valid = 0;
    bool so_far = text_utf8_prefix(bytes, &valid);
    if (!so_far || (last && valid < bytes.n))
        return fail_at(c, d, bytes, d->offset + valid);
    d->offset += valid;
    *ret_used = valid;
    *ret_text = (Str){bytes.p, valid};
    return OK;
}

// ICU's one-byte tables give what they leave open as C1 controls, the Thai one as U+F8C1 to U+F8C8.
static bool has_open_byte(const UChar *units, size_t n) {
    for (size_t i = 0; i < n; i++)
        if ((units[i] >= 0x80 && units[i] <= 0x9f) || (units[i] >= 0xf8c1 && units[i] <= 0xf8c8))
            return true;
    return false;
}

// Units so far to UTF-8; keeps a first half of a pair at the end for the next call.
static Err units_to_text(Ctx *c, TextDecoder *d, size_t n, bool last, Str *ret_text) {
    UChar lead = 0;
    bool keep = n && !last && U16_IS_LEAD(d->units[n - 1]);
    if (keep)
        lead = d->units[--n];
    if (d->refuse_open_bytes && has_open_byte(d->units, n))
        return fail(c, E_INVALID, "before byte %llu of the file stands a byte that %s leaves open",
                    (unsigned long long)d->offset, d->name);
    UErrorCode status = U_ZERO_ERROR;
    int32_t bytes = 0;
    u_strToUTF8(d->text, (int32_t)sizeof d->text, &bytes, d->units, (int32_t)n, &status);
    if (U_FAILURE(status))
        return fail(c, E_INVALID, "before byte %llu of the file stands half a character of %s",
                    (unsigned long long)d->offset, d->name);
    d->has_lead = keep;
    if (keep)
        d->units[0] = lead;
    *ret_text = (Str){d->text, (size_t)bytes};
    return OK;
}

Err text_decoder_feed(Ctx *c, TextDecoder *d, Str bytes, bool last, size_t *ret_used,
                      Str *ret_text) {
    if (d->conv == NULL)
        return feed_utf8(c, d, bytes, last, ret_used, ret_text);
    size_t take = bytes.n < TEXT_DECODE_BYTES_MAX ? bytes.n : TEXT_DECODE_BYTES_MAX;
    bool flush = last && take == bytes.n;
    const char *from = bytes.p ? bytes.p : "";
    const char *source = from;
    UChar *target = d->units + (d->has_lead ? 1 : 0);
    UErrorCode status = U_ZERO_ERROR;
    ucnv_toUnicode(d->conv, &target, d->units + COUNT_OF(d->units), &source, from + take, NULL,
                   flush, &status);
    if (U_FAILURE(status)) {
        char wrong[32];
        int8_t wrong_n = (int8_t)sizeof wrong;
        UErrorCode ignored = U_ZERO_ERROR;
        ucnv_getInvalidChars(d->conv, wrong, &wrong_n, &ignored);
        uint64_t at = d->offset + (uint64_t)(source - from);
        uint64_t back = U_SUCCESS(ignored) && wrong_n > 0 ? (uint64_t)wrong_n : 0;
        return fail_at(c, d, bytes, at > back ? at - back : 0);
    }
    ASSERT(source == from + take);
    d->offset += take;
    TRY(units_to_text(c, d, (size_t)(target - d->units), flush, ret_text));
    *ret_used = take;
    return OK;
}
