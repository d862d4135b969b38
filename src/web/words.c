// The words of the public pages: data/public/<language>.csv.
#include "web/web_priv.h"

static const char *const tags[WEB_LANGUAGES] = {"en", "th", "zh-Hans", "my", "lo", "km", "vi"};

// One field of a CSV line: plain, or in quotes with doubled quotes inside.
static Err field_take(Ctx *c, Str *rest, char until, Str *ret_field) {
    char *out = NULL;
    size_t n = 0, i = 0;
    if (!rest->n || rest->p[0] != '"') {
        const char *end = rest->n ? memchr(rest->p, until, rest->n) : NULL;
        n = end ? (size_t)(end - rest->p) : rest->n;
        *ret_field = (Str){rest->p, n};
        n += end != NULL;
        *rest = (Str){rest->p + n, rest->n - n};
        return OK;
    }
    TRY(ctx_alloc(c, rest->n, &out));
    for (i = 1; i < rest->n; i++) {
        if (rest->p[i] == '"') {
            if (i + 1 >= rest->n || rest->p[i + 1] != '"')
                break;
            i++;
        }
        out[n++] = rest->p[i];
    }
    if (i >= rest->n || (i + 1 < rest->n && rest->p[i + 1] != until))
        return fail(c, E_CORRUPT, "a quoted text of the public pages does not end");
    i += i + 1 < rest->n ? 2 : 1;
    *ret_field = (Str){out, n};
    *rest = (Str){rest->p + i, rest->n - i};
    return OK;
}

static Str keep(Arena *arena, Str s) {
    char *p = arena_alloc(arena, s.n + 1);
    if (!p)
        return (Str){0};
    memcpy(p, s.p, s.n);
    p[s.n] = 0;
    return (Str){p, s.n};
}

static Err language_open(Ctx *c, WebWords *w, size_t language) {
    Str name, rest, key, text;
    WebWord *words = w->languages[language].words;
    size_t n = 0;
    w->languages[language].tag = str_of(tags[language]);
    TRY(str_format(c, &name, "data/public/%s.csv", tags[language]));
    TRY(format_data_get(c, name, &rest));
    for (bool head = true; rest.n; head = false) {
        TRY(field_take(c, &rest, ',', &key));
        TRY(field_take(c, &rest, '\n', &text));
        if (head || !key.n)
            continue;
        if (n == WEB_WORDS_MAX)
            return fail(c, E_LIMIT, STR_FMT " has too many words", STR_ARG(name));
        words[n] = (WebWord){keep(&w->arena, key), keep(&w->arena, str_trim(text))};
        if (!words[n].key.n || !words[n].text.n)
            return fail(c, E_MEMORY, "no memory for the words of the public pages");
        n++;
    }
    w->languages[language].count = n;
    return OK;
}

Err web_words_open(Ctx *c, WebWords *ret_words) {
    for (size_t i = 0; i < WEB_LANGUAGES; i++)
        TRY(language_open(c, ret_words, i));
    return OK;
}

void web_words_done(WebWords *w) {
    arena_done(&w->arena);
}

static bool find(const WebWords *w, size_t language, const char *key, Str *ret_text) {
    for (size_t i = 0; i < w->languages[language].count; i++)
        if (str_eq_c(w->languages[language].words[i].key, key)) {
            *ret_text = w->languages[language].words[i].text;
            return true;
        }
    return false;
}

Str web_word(const WebWords *w, size_t language, const char *key) {
    Str text = str_of(key);
    // What a language does not have yet is said in English.
    if (!find(w, language, key, &text))
        (void)find(w, 0, key, &text);
    return text;
}

static bool same_letters(Str a, Str b) {
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if ((a.p[i] | 0x20) != (b.p[i] | 0x20))
            return false;
    return true;
}

// "zh-TW" and "zh" are served by zh-Hans: better than English.
static bool tag_find(Str tag, size_t *ret_language) {
    Str rest = tag, primary;
    for (size_t i = 0; i < WEB_LANGUAGES; i++)
        if (same_letters(tag, str_of(tags[i]))) {
            *ret_language = i;
            return true;
        }
    if (!tag.n || !str_split(&rest, '-', &primary))
        return false;
    for (size_t i = 0; i < WEB_LANGUAGES; i++) {
        Str own = str_of(tags[i]), first;
        if (str_split(&own, '-', &first) && same_letters(primary, first)) {
            *ret_language = i;
            return true;
        }
    }
    return false;
}

// "th;q=0.8" → 800.
static int64_t quality(Str one, Str *ret_tag) {
    Str part, rest = one;
    int64_t q = 1000;
    if (!str_split(&rest, ';', ret_tag))
        return 0;
    *ret_tag = str_trim(*ret_tag);
    while (rest.n && str_split(&rest, ';', &part)) {
        part = str_trim(part);
        if (!str_starts(part, STR("q=")))
            continue;
        if (part.n > 2 && part.p[2] == '1')
            return q;
        q = 0;
        int64_t unit = 100;
        for (size_t k = 4; k < part.n && k < 7; k++, unit /= 10)
            if (part.p[k] >= '0' && part.p[k] <= '9')
                q += (part.p[k] - '0') * unit;
        return q;
    }
    return q;
}

size_t web_language_pick(const WebWords *w, Str asked, Str accept) {
    (void)w;
    size_t best = 0, language;
    int64_t best_q = 0;
    Str one, tag;
    if (asked.n && tag_find(asked, &language))
        return language;
    for (size_t i = 0; accept.n && i < WEB_ACCEPT_LANGUAGES_MAX && str_split(&accept, ',', &one);
         i++) {
        int64_t q = quality(one, &tag);
        if (q > best_q && tag_find(tag, &language)) {
            best = language;
            best_q = q;
        }
    }
    return best;
}
