// The address under which holders and victims reach this node, and what lies under it: /h/ and /r/.
#include "desk/desk_priv.h"

// What may stand behind "://": a host with a port and a path, nothing that a browser would read as
// a user, a question or a place in the page.
static bool is_plain(Str rest) {
    static const char others[] = ".-_~:/[]%";
    for (size_t i = 0; i < rest.n; i++) {
        char at = rest.p[i];
        bool letter = (at >= 'a' && at <= 'z') || (at >= 'A' && at <= 'Z');
        if (!letter && !(at >= '0' && at <= '9') && (at == 0 || !strchr(others, at)))
            return false;
    }
    return rest.n > 0 && rest.p[0] != '/' && rest.p[0] != ':';
}

static Str host_of(Str rest) {
    size_t n = 0;
    bool bracket = rest.p[0] == '[';
    while (n < rest.n && rest.p[n] != '/' && (bracket || rest.p[n] != ':')) {
        if (rest.p[n] == ']')
            bracket = false;
        n++;
    }
    return (Str){rest.p, n};
}

static bool is_here(Str host) {
    return str_eq_c(host, "127.0.0.1") || str_eq_c(host, "localhost") || str_eq_c(host, "[::1]");
}

Err desk_public_url_set(Ctx *c, DeskNode *n, Str url) {
    static const Str https = {"https://", 8}, http = {"http://", 7};
    Str kept = str_trim(url);
    while (kept.n > 0 && kept.p[kept.n - 1] == '/')
        kept.n--;
    if (str_eq_c(kept, "none")) {
        kept = (Str){0};
    } else {
        bool safe = str_starts(kept, https);
        size_t head = safe ? https.n : http.n;
        Str rest = kept.n > head ? (Str){kept.p + head, kept.n - head} : (Str){0};
        if (kept.n > DESK_PUBLIC_URL_BYTES_MAX || (!safe && !str_starts(kept, http)) ||
            !is_plain(rest) || (!safe && !is_here(host_of(rest))))
            return fail(c, E_INVALID,
                        "\"" STR_FMT "\" is no address for victims and holders: write "
                        "https://HOST, as in https://help.example.org (http:// only for this "
                        "machine: http://127.0.0.1:8441), or none",
                        STR_ARG(url));
    }
    desk_local_lock(n);
    Err e = desk_setting_put(c, n->local, STR("public_url"), kept);
    desk_local_unlock(n);
    return e;
}

Err desk_public_url(Ctx *c, DeskNode *n, Str *ret_url) {
    Str url = {0};
    desk_local_lock(n);
    Err e = desk_setting_get(c, n->local, STR("public_url"), &url);
    desk_local_unlock(n);
    if (e != OK && e != E_NOT_FOUND)
        return e;
    *ret_url = url;
    return OK;
}

Err desk_public_address(Ctx *c, DeskNode *n, char kind, RecordId id, Str *ret_address) {
    Str base;
    char code[DESK_CODE_TEXT_BYTES];
    TRY(desk_code_of(c, n, kind, id, code));
    TRY(desk_public_url(c, n, &base));
    return str_format(c, ret_address, STR_FMT "/%c/%s", STR_ARG(base), kind, code);
}

Err desk_report_address(Ctx *c, const Desk *d, Str report, Str *ret_address) {
    TRY(desk_need(c, d, DESK_REPORT_WRITE));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    PictureReport p;
    TRY(desk_report_find(c, d->node, r.slot, report, &p));
    return desk_public_address(c, d->node, 'r', p.id, ret_address);
}
