// text: what people and their machines write: encodings, digits, time zones, phone numbers,
// normal forms, widths.
//
// Stands on ICU and libphonenumber (the latter behind phone_shim.cc). Owns decoders and zones that
// the caller closes; no global state. Invariants: whatever leaves this room as Str is valid UTF-8;
// input that is not what its encoding says is refused, never replaced. Strings that a function
// returns lie in the request's arena or are the input itself, as said at each.
// Threads: a TextDecoder belongs to one thread; a TextZone may be read by many.
#ifndef MOEI_TEXT_H
#define MOEI_TEXT_H

#include "base/base.h"

// --- UTF-8 --------------------------------------------------------------------------------------

// True when the bytes are UTF-8 (no overlong forms, surrogates, or values above U+10FFFF).
bool text_utf8_valid(Str s);
// Length of the longest valid prefix in *ret_n. True when what follows could still become valid
// with more bytes (a character cut at the end, or nothing), false when it never can.
bool text_utf8_prefix(Str s, size_t *ret_n);

// --- encodings ----------------------------------------------------------------------------------

typedef struct TextEncoding {
    char name[TEXT_ENCODING_NAME_BYTES_MAX]; // "UTF-8", "UTF-16LE", "TIS-620", what ICU knows …
    size_t bom_bytes;                        // to be skipped at the start of the file
    bool assumed; // neither a BOM nor the caller said so: every byte must prove to be UTF-8
} TextEncoding;

// Chooses the encoding from the first bytes of a file (up to a few KiB; all of it if shorter): BOM,
// else `asked` (empty: not asked), else UTF-8. E_UNSUPPORTED for a name that is not known;
// E_INVALID when UTF-16 or UTF-32 is asked for and neither a BOM nor the bytes tell the order, or
// when nothing is asked for and the bytes are not UTF-8: the words then name the candidates.
Err text_encoding_choose(Ctx *c, Str first_bytes, Str asked, TextEncoding *ret_encoding) MUST_USE;
// Up to three names of encodings that the bytes may be in, as words: "TIS-620, UTF-16LE"; empty
// when there is no guess. In the request's arena.
Err text_encoding_guess(Ctx *c, Str bytes, Str *ret_names) MUST_USE;

// Streaming bytes to UTF-8. The byte order mark is for the caller to skip.
typedef struct TextDecoder TextDecoder;
typedef TextDecoder *TextDecoderPtr;

Err text_decoder_open(Ctx *c, const TextEncoding *encoding, TextDecoder **ret_decoder) MUST_USE;
void text_decoder_close(TextDecoder *d); // NULL is fine
void TextDecoderPtr_cleanup(TextDecoderPtr *d);
// True when the decoder only checks: *ret_text then is the input itself, without a copy.
bool text_decoder_is_utf8(const TextDecoder *d);
// Decodes `bytes`, `last` at the end of the file. *ret_used: bytes taken, the rest must be given
// again in front of the next bytes (at most 3, UTF-8 only). *ret_text: valid until the next call.
// E_INVALID names the offset of the byte in the file, the mark counted (TextEncoding.bom_bytes).
// Takes at most TEXT_DECODE_BYTES_MAX a call where it converts.
Err text_decoder_feed(Ctx *c, TextDecoder *d, Str bytes, bool last, size_t *ret_used,
                      Str *ret_text) MUST_USE;

// --- digits -------------------------------------------------------------------------------------

typedef enum TextDigits {
    TEXT_DIGITS_ASCII,     // nothing to do, the output equals the input
    TEXT_DIGITS_CONVERTED, // Thai, Lao, Burmese or Khmer digits became ASCII
    TEXT_DIGITS_MIXED      // digits of more than one script: the output is not to be used
} TextDigits;

// Copies s to ret_text with the digits of Thai, Lao, Burmese and Khmer as ASCII; ret_text has room
// for s.n bytes. All else is copied as it is.
TextDigits text_digits_ascii(Str s, char *ret_text, size_t *ret_n);

// --- time zones ---------------------------------------------------------------------------------

typedef struct TextZone TextZone;
typedef TextZone *TextZonePtr;

typedef enum TextLocal {
    TEXT_LOCAL_OK,
    TEXT_LOCAL_SKIPPED, // the clocks jumped over it: there is no such time
    TEXT_LOCAL_DOUBLED  // it was there twice: the earlier is given
} TextLocal;

// An IANA zone by name ("Asia/Bangkok", "UTC"). E_INVALID when there is none of this name.
Err text_zone_open(Ctx *c, Str name, TextZone **ret_zone) MUST_USE;
void text_zone_close(TextZone *z);
void TextZonePtr_cleanup(TextZonePtr *z);
bool text_zone_known(Str name);
// Local civil time, as µs since 1970-01-01T00:00 of the local calendar, to UTC. *ret_utc_us is set
// unless SKIPPED. Transitions are known for the years TEXT_ZONE_YEAR_MIN to TEXT_ZONE_YEAR_MAX;
// outside them the offset next to the range is taken.
TextLocal text_zone_to_utc(const TextZone *z, int64_t local_us, int64_t *ret_utc_us);
// UTC to local civil time, same units.
int64_t text_zone_to_local(const TextZone *z, int64_t utc_us);

// --- phone numbers ------------------------------------------------------------------------------

// Room for an E.164 number or a short code.
#define TEXT_PHONE_BYTES 24
typedef struct TextPhone {
    char p[TEXT_PHONE_BYTES];
    size_t n;
} TextPhone;

// E.164 ("+66812345678") of a number as people write it, in any digits of text_digits_ascii, with
// blanks, hyphens, brackets. `country` (ISO 3166-1 alpha-2) is the hint for national forms and may
// be empty. Three to six digits without "+" are a short code (191, 1441) and kept. E_INVALID says
// why it is no number.
Err text_phone_parse(Ctx *c, Str phone, Str country, TextPhone *ret_phone) MUST_USE;

// --- normal form, width, script ------------------------------------------------------------------

// NFC of s: s itself where it is in NFC already, else a copy in the request's arena.
Err text_nfc(Ctx *c, Str s, Str *ret_s) MUST_USE;
// True when s is in NFC for certain without ICU being asked (all below U+0300): the fast path.
bool text_nfc_surely(Str s);
// True when s has a control character (C0, DEL, C1) other than those in `allowed`.
bool text_has_control(Str s, const char *allowed);
// Columns on a terminal: East Asian wide 2, combining marks and controls 0, else 1.
size_t text_width(Str s);
// The longest prefix of whole grapheme clusters that is at most `columns` wide. A view into s.
Err text_truncate(Ctx *c, Str s, size_t columns, Str *ret_prefix) MUST_USE;
// The script of the letters in one word ("Latin", "Thai", "Myanmar", "Han" …), "mixed" where
// there are several, "none" without letters. Kana with Han are "Japanese". Static storage.
const char *text_script(Str s);

#endif
