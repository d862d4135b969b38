// Time zones: all transitions of a zone are read from ICU once, so that a million local times a
// second become UTC by a search in a table.
#include "text/text.h"

#include <unicode/ucal.h>
#include <unicode/ustring.h>

#define US_PER_MS 1000

// Span k holds from start_us (UTC) to the start of the next; the first begins at INT64_MIN.
typedef struct Span {
    int64_t start_us;
    int64_t local_us; // start_us + offset_us: local time at the start
    int64_t offset_us;
} Span;

struct TextZone {
    size_t count;
    Span spans[TEXT_ZONE_TRANSITIONS_MAX];
};

// ICU keeps three-letter names of its own past, some of which mean other zones elsewhere ("IST",
// "CST"); of those without a slash only these are clear.
static bool short_name_clear(Str name) {
    static const char *const clear[] = {"UTC", "GMT", "UCT", "EST", "MST", "HST", "CET",
                                        "EET", "MET", "WET", "PRC", "ROC", "ROK"};
    if (name.n != 3)
        return true;
    for (size_t i = 0; i < COUNT_OF(clear); i++)
        if (str_eq_c(name, clear[i]))
            return true;
    return false;
}

// The name for ICU; false when it is no system zone.
static bool name_to_icu(Str name, UChar ret_name[TEXT_ZONE_NAME_BYTES_MAX]) {
    if (name.n == 0 || name.n >= TEXT_ZONE_NAME_BYTES_MAX || !short_name_clear(name))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char ch = name.p[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
        if (!letter && !(ch >= '0' && ch <= '9') && (ch == 0 || !strchr("/_+-", ch)))
            return false;
        ret_name[i] = (UChar)(unsigned char)ch;
    }
    ret_name[name.n] = 0;
    UChar canonical[TEXT_ZONE_NAME_BYTES_MAX * 2];
    UBool system_zone = false;
    UErrorCode status = U_ZERO_ERROR;
    ucal_getCanonicalTimeZoneID(ret_name, (int32_t)name.n, canonical, (int32_t)COUNT_OF(canonical),
                                &system_zone, &status);
    return U_SUCCESS(status) && system_zone;
}

bool text_zone_known(Str name) {
    UChar icu_name[TEXT_ZONE_NAME_BYTES_MAX];
    return name_to_icu(name, icu_name);
}

static int64_t offset_at(UCalendar *cal, UDate at_ms, UErrorCode *status) {
    ucal_setMillis(cal, at_ms, status);
    int32_t zone = ucal_get(cal, UCAL_ZONE_OFFSET, status);
    int32_t summer = ucal_get(cal, UCAL_DST_OFFSET, status);
    return ((int64_t)zone + summer) * US_PER_MS;
}

// Fills the spans; false when ICU fails or there are too many transitions.
static bool spans_fill(TextZone *z, UCalendar *cal) {
    UErrorCode status = U_ZERO_ERROR;
    int64_t first_us = days_from_civil(TEXT_ZONE_YEAR_MIN, 1, 1) * TIME_DAY_US;
    int64_t end_us = days_from_civil(TEXT_ZONE_YEAR_MAX + 1, 1, 1) * TIME_DAY_US;
    int64_t offset = offset_at(cal, (UDate)first_us / US_PER_MS, &status);
    z->spans[0] = (Span){INT64_MIN, INT64_MIN, offset};
    z->count = 1;
    for (size_t i = 0; i < 2 * TEXT_ZONE_TRANSITIONS_MAX; i++) {
        UDate next = 0;
        if (!ucal_getTimeZoneTransitionDate(cal, UCAL_TZ_TRANSITION_NEXT, &next, &status))
            break;
        int64_t start_us = (int64_t)next * US_PER_MS;
        if (U_FAILURE(status) || start_us >= end_us)
            break;
        int64_t now = offset_at(cal, next, &status);
        // Some transitions only change the name or move time between zone and summer offset.
        if (now == z->spans[z->count - 1].offset_us)
            continue;
        if (z->count == TEXT_ZONE_TRANSITIONS_MAX)
            return false;
        z->spans[z->count++] = (Span){start_us, start_us + now, now};
    }
    return U_SUCCESS(status);
}

Err text_zone_open(Ctx *c, Str name, TextZone **ret_zone) {
    UChar icu_name[TEXT_ZONE_NAME_BYTES_MAX];
    if (!name_to_icu(name, icu_name))
        return fail(c, E_INVALID,
                    "\"" STR_FMT "\" is no time zone; say one such as Asia/Bangkok or UTC",
                    STR_ARG(name));
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *cal = ucal_open(icu_name, -1, "en_US", UCAL_GREGORIAN, &status);
    if (U_FAILURE(status))
        return fail(c, E_MEMORY, "the time zone " STR_FMT " could not be opened", STR_ARG(name));
    TextZone *z = mem_alloc(sizeof *z);
    if (z == NULL) {
        ucal_close(cal);
        return fail(c, E_MEMORY, "no memory for a time zone");
    }
    bool filled = spans_fill(z, cal);
    ucal_close(cal);
    if (!filled) {
        mem_free(z);
        return fail(c, E_UNSUPPORTED, "the time zone " STR_FMT " could not be read", STR_ARG(name));
    }
    *ret_zone = z;
    return OK;
}

void text_zone_close(TextZone *z) {
    mem_free(z);
}

void TextZonePtr_cleanup(TextZonePtr *z) {
    text_zone_close(*z);
}

TextLocal text_zone_to_utc(const TextZone *z, int64_t local_us, int64_t *ret_utc_us) {
    size_t low = 0, high = z->count; // spans[low].local_us <= local_us, spans[high].local_us >
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (z->spans[middle].local_us <= local_us)
            low = middle;
        else
            high = middle;
    }
    const Span *span = &z->spans[low];
    if (low > 0) {
        const Span *before = span - 1;
        if (local_us < span->start_us + before->offset_us) {
            *ret_utc_us = local_us - before->offset_us;
            return TEXT_LOCAL_DOUBLED;
        }
    }
    if (low + 1 < z->count && local_us >= span[1].start_us + span->offset_us)
        return TEXT_LOCAL_SKIPPED;
    *ret_utc_us = local_us - span->offset_us;
    return TEXT_LOCAL_OK;
}

int64_t text_zone_to_local(const TextZone *z, int64_t utc_us) {
    size_t low = 0, high = z->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (z->spans[middle].start_us <= utc_us)
            low = middle;
        else
            high = middle;
    }
    return utc_us + z->spans[low].offset_us;
}
