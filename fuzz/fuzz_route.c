// A path and its parameters as they come over the line: found or refused, never both.
#include "web/web_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) b = {0};
    buf_append(&b, data, size);
    Str url = buf_view(&b), text = {0}, rest = url, one;
    for (int m = 0; m <= WEB_NO_METHOD; m++) {
        const WebRoute *route = NULL;
        WebPlaces places = {.count = 0};
        WebFound found = web_route_find(&c, (WebMethod)m, url, &route, &places);
        ASSERT((found == WEB_NO_PATH) == (route == NULL));
        ASSERT(found != WEB_FOUND || (int)route->method == m);
        for (size_t i = 0; found == WEB_FOUND && i < places.count; i++)
            ASSERT(places.items[i].n > 0 && !memchr(places.items[i].p, 0, places.items[i].n));
    }
    bool good = web_unescape(&c, url, &text);
    ASSERT(!good || (text.n <= url.n && json_utf8_valid(text)));
    (void)web_same_origin(url, text, STR("127.0.0.1:8441"), size % 2);
    while (rest.n && str_split(&rest, '&', &one))
        (void)web_language_pick(NULL, one, rest);
    return 0;
}
