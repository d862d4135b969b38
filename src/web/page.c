// The files of the page, carried in the program.
#include "web/web_priv.h"

#include "page_files.h"

static const struct {
    const char *ending, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".json", "application/json"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
};

bool web_page_find(Str name, WebPage *ret_page) {
    for (size_t i = 0; i < COUNT_OF(page_files); i++) {
        if (!str_eq_c(name, page_files[i].name))
            continue;
        *ret_page = (WebPage){.bytes = page_files[i].bytes,
                              .n = page_files[i].n,
                              .type = "application/octet-stream",
                              .forever = str_starts(name, STR("assets/"))};
        for (size_t t = 0; t < COUNT_OF(types); t++)
            if (str_ends(name, str_of(types[t].ending)))
                ret_page->type = types[t].type;
        return true;
    }
    return false;
}
