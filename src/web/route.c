// The table of routes, and the way from a path to its row.
#include "text/text.h"
#include "web/web_priv.h"

static const WebRouteGroup *const groups[] = {
    &web_routes_user,  &web_routes_report,   &web_routes_intake, &web_routes_case,
    &web_routes_order, &web_routes_refund,   &web_routes_file,   &web_routes_node,
    &web_routes_log,   &web_routes_exchange, &web_routes_public,
};

size_t web_route_count(void) {
    size_t n = 0;
    for (size_t g = 0; g < COUNT_OF(groups); g++)
        n += groups[g]->count;
    return n;
}

const WebRoute *web_route_at(size_t i) {
    for (size_t g = 0; g < COUNT_OF(groups); g++) {
        if (i < groups[g]->count)
            return &groups[g]->routes[i];
        i -= groups[g]->count;
    }
    return NULL;
}

size_t web_route_index(const WebRoute *route) {
    size_t before = 0;
    for (size_t g = 0; g < COUNT_OF(groups); g++) {
        const WebRoute *first = groups[g]->routes;
        if (route >= first && route < first + groups[g]->count)
            return before + (size_t)(route - first);
        before += groups[g]->count;
    }
    return before;
}

static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

const char *web_method_name(WebMethod m) {
    return m < WEB_NO_METHOD ? methods[m] : "";
}

static bool hex_digit(char ch, unsigned *ret_v) {
    if (ch >= '0' && ch <= '9')
        *ret_v = (unsigned)(ch - '0');
    else if ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'f')
        *ret_v = (unsigned)((ch | 0x20) - 'a' + 10);
    else
        return false;
    return true;
}

bool web_unescape(Ctx *c, Str s, Str *ret_s) {
    char *out = NULL;
    size_t n = 0;
    if (s.n == 0) {
        *ret_s = (Str){0};
        return true;
    }
    if (memchr(s.p, '%', s.n) == NULL) {
        *ret_s = s;
        return !memchr(s.p, 0, s.n) && text_utf8_valid(s);
    }
    if (ctx_alloc(c, s.n + 1, &out) != OK)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned high, low;
        if (s.p[i] != '%') {
            out[n++] = s.p[i];
            continue;
        }
        if (s.n - i < 3 || !hex_digit(s.p[i + 1], &high) || !hex_digit(s.p[i + 2], &low))
            return false;
        out[n++] = (char)(high << 4 | low);
        i += 2;
    }
    *ret_s = (Str){out, n};
    return !memchr(out, 0, n) && text_utf8_valid(*ret_s);
}

bool web_names_have(const char *names, Str name) {
    Str rest = str_of(names), one;
    while (rest.n && str_split(&rest, ' ', &one))
        if (str_eq(one, name))
            return true;
    return false;
}

// Segment by segment; what stands for "{…}" is given as it came, still escaped.
static bool path_fits(const WebRoute *route, Str url, WebPlaces *ret_places) {
    Str want = str_of(route->path), part, given;
    WebPlaces places = {.count = 0};
    for (;;) {
        bool more = str_split(&want, '/', &part);
        if (more != str_split(&url, '/', &given))
            return false;
        if (!more)
            break;
        if (part.n && part.p[0] == '{') {
            const char *close = memchr(part.p, '}', part.n);
            ASSERT(close && places.count < COUNT_OF(places.items));
            Str tail = {close + 1, part.n - (size_t)(close + 1 - part.p)};
            if ((route->flags & WEB_TAIL) && !want.p && url.p) {
                given.n += url.n + 1;
                url = (Str){0};
            }
            if (given.n <= tail.n || !str_ends(given, tail))
                return false;
            places.items[places.count++] = (Str){given.p, given.n - tail.n};
        } else if (!str_eq(part, given)) {
            return false;
        }
    }
    *ret_places = places;
    return true;
}

WebFound web_route_find(Ctx *c, WebMethod method, Str url, const WebRoute **ret_route,
                        WebPlaces *ret_places) {
    const WebRoute *other = NULL;
    WebPlaces places;
    for (size_t g = 0; g < COUNT_OF(groups); g++)
        for (size_t i = 0; i < groups[g]->count; i++) {
            const WebRoute *route = &groups[g]->routes[i];
            if (!path_fits(route, url, &places))
                continue;
            *ret_route = other = route;
            if (route->method != method)
                continue;
            for (size_t k = 0; k < places.count; k++)
                if (!web_unescape(c, places.items[k], &places.items[k]))
                    return WEB_BAD_PATH;
            *ret_places = places;
            return WEB_FOUND;
        }
    return other ? WEB_OTHER_METHOD : WEB_NO_PATH;
}
