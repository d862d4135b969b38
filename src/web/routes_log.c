// Routes: the log main for readers of other makes, as C2SP tlog-tiles. Open to all: an entry is a
// commitment, which hides its record.
#include "web/web_priv.h"

// "x001/x234/067" and "x001/x234/067.p/5": groups of three digits, all but the last with an x.
static bool number_read(Str s, int64_t *ret_number) {
    int64_t number = 0;
    size_t groups = 0;
    Str rest = s, part;
    while (rest.n && str_split(&rest, '/', &part)) {
        bool last = !rest.p;
        if (++groups > 5 || part.n != (last ? 3 : 4) || (!last && part.p[0] != 'x'))
            return false;
        for (size_t i = part.n - 3; i < part.n; i++) {
            if (part.p[i] < '0' || part.p[i] > '9')
                return false;
            number = number * 10 + (part.p[i] - '0');
        }
        // The number is written in one way only.
        if (groups == 1 && !last && number == 0)
            return false;
    }
    *ret_number = number;
    return groups > 0 && !rest.p;
}

static bool digits_read(Str s, int64_t max, int64_t *ret_v) {
    int64_t v = 0;
    if (s.n == 0 || s.n > 3 || (s.n > 1 && s.p[0] == '0'))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    *ret_v = v;
    return v <= max;
}

bool web_tile_read(Str level, Str name, DeskLogTile *ret_tile) {
    DeskLogTile t = {.width = 256, .entries = str_eq_c(level, "entries")};
    int64_t v = 0, width;
    size_t at;
    if (!t.entries && !digits_read(level, 5, &v))
        return false;
    t.level = (unsigned)v;
    if (str_find(name, STR(".p/"), &at)) {
        if (!digits_read((Str){name.p + at + 3, name.n - at - 3}, 255, &width) || width == 0)
            return false;
        t.width = (unsigned)width;
        name.n = at;
    }
    if (!number_read(name, &t.number))
        return false;
    *ret_tile = t;
    return true;
}

static Err checkpoint(WebRequest *r, WebAnswer *a) {
    Str note;
    TRY(desk_log_checkpoint(&r->c, r->node, &note));
    a->type = "text/plain; charset=utf-8";
    a->cache = "no-cache";
    buf_str(&a->body, note);
    return OK;
}

static Err tile(WebRequest *r, WebAnswer *a) {
    DeskLogTile t;
    if (!web_tile_read(r->places.items[0], r->places.items[1], &t))
        return fail(&r->c, E_NOT_FOUND, "no tile has this name");
    TRY(desk_log_tile(&r->c, r->node, &t, &a->body));
    a->type = "application/octet-stream";
    // The log only grows: what a tile says, it says for ever.
    a->cache = "public, max-age=31536000, immutable";
    return OK;
}

static const WebRoute routes[] = {
    {WEB_GET, "/log/checkpoint", "logCheckpoint", WEB_ANYONE, WEB_BODY_NONE, WEB_PUBLIC, "",
     WEB_NO_FIELDS, "text/plain", checkpoint, "The newest checkpoint of the log, a signed note."},
    {WEB_GET, "/log/tile/{level}/{tile}", "logTile", WEB_ANYONE, WEB_BODY_NONE,
     WEB_PUBLIC | WEB_TAIL, "", WEB_NO_FIELDS, "application/octet-stream", tile,
     "A tile of the log's hashes, or of its entries (C2SP tlog-tiles)."},
};
const WebRouteGroup web_routes_log = {routes, COUNT_OF(routes)};
