// What pages for people without a log-in are made of: HTML without script, in the reader's
// language.
#include "web/web_priv.h"
#include <stdio.h>

#include <microhttpd.h>

static const struct {
    const char *tag, *name;
} languages[WEB_LANGUAGES] = {{"en", "English"},   {"th", "ไทย"}, {"zh-Hans", "中文"},
                              {"my", "မြန်မာ"},     {"lo", "ລາວ"}, {"km", "ខ្មែរ"},
                              {"vi", "Tiếng Việt"}};

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{margin:0;font:1.05rem/1.6 system-ui,\"Noto Sans\",\"Noto Sans Thai\",\"Noto Sans "
    "Myanmar\",\"Noto Sans Khmer\",\"Noto Sans Lao\",sans-serif;background:Canvas;color:CanvasText}"
    "main{max-width:38rem;margin:0 auto;padding:1.5rem 1rem 3rem}"
    "h1{font-size:1.5rem;line-height:1.3}h2{font-size:1.2rem;margin-top:2rem}"
    ".stage{font-size:1.15rem;border-inline-start:.3rem solid;padding:.4rem .9rem}"
    ".warn{border:.1rem solid;border-radius:.4rem;padding:.7rem .9rem;font-weight:600}"
    "label{display:block;margin:1rem 0 .3rem;font-weight:600}"
    "textarea,input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:.1rem "
    "solid;border-radius:.3rem;background:Field;color:FieldText}"
    "button{font:inherit;font-weight:600;margin-top:1.2rem;padding:.6rem 1.4rem;min-height:2.75rem}"
    "nav{margin-top:2.5rem}nav a{display:inline-block;margin:.3rem .9rem .3rem 0;padding:.4rem 0;"
    "color:LinkText}";

void web_html_text(Buf *b, Str s) {
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        if (ch == '&')
            buf_text(b, "&amp;");
        else if (ch == '<')
            buf_text(b, "&lt;");
        else if (ch == '>')
            buf_text(b, "&gt;");
        else if (ch == '"')
            buf_text(b, "&quot;");
        else if (ch == '\'')
            buf_text(b, "&#39;");
        else
            buf_char(b, ch);
    }
}

// --- pieces
// ---------------------------------------------------------------------------------------

// Words with their values in place, escaped.
void web_put_words(WebPublicPage *p, const char *key) {
    Str rest = web_word(&p->r->server->words, p->language, key);
    while (rest.n) {
        const char *open = memchr(rest.p, '{', rest.n);
        size_t before = open ? (size_t)(open - rest.p) : rest.n;
        web_html_text(p->b, (Str){rest.p, before});
        rest = (Str){rest.p + before, rest.n - before};
        size_t used = rest.n ? 1 : 0;
        bool found = false;
        for (size_t i = 0; i < p->value_count && rest.n && !found; i++)
            if (str_starts(rest, str_of(p->values[i].name))) {
                web_html_text(p->b, p->values[i].text);
                used = strlen(p->values[i].name);
                found = true;
            }
        if (!found)
            web_html_text(p->b, (Str){rest.p, used});
        rest = (Str){rest.p + used, rest.n - used};
    }
}

void web_put_element(WebPublicPage *p, const char *open, const char *key, const char *close) {
    buf_text(p->b, open);
    web_put_words(p, key);
    buf_text(p->b, close);
    buf_char(p->b, '\n');
}

void web_put_head(WebPublicPage *p, const char *title) {
    buf_format(p->b,
               "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width\">\n"
               "<meta name=\"robots\" content=\"noindex\">\n",
               languages[p->language].tag);
    web_put_element(p, "<title>", title, "</title>");
    buf_text(p->b, "<style>");
    buf_text(p->b, style);
    buf_text(p->b, "</style>\n</head>\n<body>\n<main>\n");
    web_put_element(p, "<h1>", title, "</h1>");
}

Err web_put_end(WebPublicPage *p, WebAnswer *a, unsigned status) {
    web_put_element(p, "<p class=\"warn\">", "never_ask", "</p>");
    buf_text(p->b, "<nav aria-label=\"");
    web_put_words(p, "languages");
    buf_text(p->b, "\">\n");
    for (size_t i = 0; i < WEB_LANGUAGES; i++)
        buf_format(p->b, "<a href=\"?lang=%s\" lang=\"%s\" hreflang=\"%s\"%s>%s</a>\n",
                   languages[i].tag, languages[i].tag, languages[i].tag,
                   i == p->language ? " aria-current=\"true\"" : "", languages[i].name);
    buf_text(p->b, "</nav>\n</main>\n</body>\n</html>\n");
    TRY(buf_check(&p->r->c, p->b));
    TRY(web_policy_of(&p->r->c, buf_view(p->b), &a->policy));
    a->status = status;
    a->type = "text/html; charset=utf-8";
    a->language = str_of(languages[p->language].tag);
    return OK;
}

WebPublicPage web_page_begin(WebRequest *r, WebAnswer *a) {
    web_answer_done(a);
    unsigned wait_s = a->wait_s;
    web_answer_init(a);
    a->wait_s = wait_s;
    size_t language = web_language_pick(&r->server->words, web_param(r, "lang"), r->languages);
    return (WebPublicPage){.r = r, .b = &a->body, .language = language};
}

void web_public_message(WebRequest *r, WebAnswer *a, unsigned status, const char *key) {
    WebPublicPage p = web_page_begin(r, a);
    bool holder = str_starts(r->path, STR("/h/"));
    web_put_head(&p, holder ? "holder_title" : "title");
    web_put_element(&p, "<p class=\"stage\">", key, "</p>");
    Err e = web_put_end(&p, a, status);
    if (e != OK)
        web_problem_err(r, a, e);
}
