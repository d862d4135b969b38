// Pages for people without a log-in: a victim's stage (/r/CODE), a holder's order (/h/CODE).
// No victim, amount or case stands on them.
#include "web/web_priv.h"
#include <stdio.h>

#include <microhttpd.h>

// --- the victim
// -----------------------------------------------------------------------------------

static const char *const victim_stages[] = {"received", "looked_at", "held",
                                            "sharing",  "paid",      "closed"};

static Err victim_page(WebRequest *r, WebAnswer *a) {
    Str stage;
    DeskInfo info;
    char key[32] = "stage_received";
    TRY(desk_victim_stage(&r->c, r->node, r->places.items[0], &stage));
    TRY(desk_info(&r->c, r->node, &info));
    for (size_t i = 0; i < COUNT_OF(victim_stages); i++)
        if (str_eq_c(stage, victim_stages[i]))
            snprintf(key, sizeof key, "stage_%s", victim_stages[i]);
    WebValue values[] = {{"{agency}", info.name}};
    WebPublicPage p = web_page_begin(r, a);
    p.values = values;
    p.value_count = COUNT_OF(values);
    web_put_head(&p, "title");
    web_put_element(&p, "<p class=\"stage\">", key, "</p>");
    web_put_element(&p, "<p>", "agency", "</p>");
    return web_put_end(&p, a, MHD_HTTP_OK);
}

// --- the holder
// -----------------------------------------------------------------------------------

static const char *const holder_stages[] = {"asked",    "held",     "lapsed",
                                            "released", "not_held", "ended"};
static const char *const appeals[] = {"none", "appealed", "upheld", "reduced", "overturned"};

static void put_form(WebPublicPage *p) {
    web_put_element(p, "<h2>", "contest_title", "</h2>");
    web_put_element(p, "<p>", "review_within", "</p>");
    buf_text(p->b, "<form method=\"post\" enctype=\"multipart/form-data\">\n");
    web_put_element(p, "<label for=\"text\">", "contest_text", "</label>");
    buf_format(p->b,
               "<textarea id=\"text\" name=\"text\" rows=\"8\" maxlength=\"%d\" required>"
               "</textarea>\n",
               WEB_FORM_TEXT_BYTES_MAX / 4);
    web_put_element(p, "<label for=\"contact\">", "contest_contact", "</label>");
    buf_text(p->b, "<input id=\"contact\" name=\"contact\" maxlength=\"200\">\n");
    web_put_element(p, "<label for=\"files\">", "contest_files", "</label>");
    buf_text(p->b, "<input id=\"files\" name=\"files\" type=\"file\" multiple "
                   "accept=\"application/pdf,image/jpeg,image/png\">\n");
    web_put_element(p, "<button>", "contest_send", "</button>");
    buf_text(p->b, "</form>\n");
}

static const char *key_of(char *room, size_t bytes, const char *start, Str word) {
    snprintf(room, bytes, "%s%.*s", start, (int)(word.n < 24 ? word.n : 24), word.p);
    return room;
}

static Str known_word(Str word, const char *const *known, size_t n, const char *otherwise) {
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(word, known[i]))
            return word;
    return str_of(otherwise);
}

static Err holder_page_of(WebRequest *r, WebAnswer *a, const DeskHolderView *view, const char *note,
                          unsigned status) {
    Str until = {0};
    char key[64];
    if (view->ends_at) {
        TRY(desk_time_local(&r->c, r->node, view->ends_at, &until));
        until.n = until.n > 3 ? until.n - 3 : until.n; // without seconds
    }
    WebValue values[] = {
        {"{agency}", view->agency},    {"{number}", view->number}, {"{tail}", view->account_tail},
        {"{bank}", view->institution}, {"{until}", until},         {"{phone}", view->agency_phone}};
    Str stage = known_word(view->stage, holder_stages, COUNT_OF(holder_stages), "ended");
    Str appeal = known_word(view->appeal, appeals, COUNT_OF(appeals), "none");
    WebPublicPage p = web_page_begin(r, a);
    p.values = values;
    p.value_count = COUNT_OF(values);
    web_put_head(&p, "holder_title");
    if (note)
        web_put_element(&p, "<p class=\"stage\" role=\"status\">", note, "</p>");
    web_put_element(&p, "<p>", "holder_intro", "</p>");
    web_put_element(&p, "<p class=\"stage\">", key_of(key, sizeof key, "holder_stage_", stage),
                    "</p>");
    if (view->ends_at && str_eq_c(stage, "held"))
        web_put_element(&p, "<p>", "holder_until", "</p>");
    web_put_element(&p, "<p>", key_of(key, sizeof key, "appeal_", appeal), "</p>");
    if (view->may_contest)
        put_form(&p);
    web_put_element(&p, "<p>", "agency", "</p>");
    if (view->agency_phone.n)
        web_put_element(&p, "<p>", "call", "</p>");
    return web_put_end(&p, a, status);
}

static Err holder_page(WebRequest *r, WebAnswer *a) {
    DeskHolderView view;
    TRY(desk_holder_view(&r->c, r->node, r->places.items[0], &view));
    return holder_page_of(r, a, &view, web_param_yes(r, "sent") ? "contest_done" : NULL,
                          MHD_HTTP_OK);
}

static Err holder_contest(WebRequest *r, WebAnswer *a) {
    DeskHolderView view;
    WebForm form;
    Ctx *c = &r->c;
    Str code = r->places.items[0];
    TRY(desk_holder_view(c, r->node, code, &view));
    Err e = web_form_read(c, r->boundary, buf_view(&r->body), &form);
    if (e == E_LIMIT)
        return holder_page_of(r, a, &view, "contest_too_large", MHD_HTTP_CONTENT_TOO_LARGE);
    if (e == E_INVALID || (e == OK && !form.text.n))
        return holder_page_of(r, a, &view, "contest_empty", MHD_HTTP_BAD_REQUEST);
    TRY(e);
    e = desk_holder_contest(c, r->node, code, form.text, form.contact, form.files, form.file_count);
    if (e == E_STATE)
        return holder_page_of(r, a, &view, "contest_not_now", MHD_HTTP_CONFLICT);
    if (e == E_LIMIT || e == E_INVALID)
        return holder_page_of(r, a, &view, "contest_too_large", MHD_HTTP_CONTENT_TOO_LARGE);
    TRY(e);
    // Seen again by reloading, it is not sent again.
    a->status = MHD_HTTP_SEE_OTHER;
    a->type = "text/plain; charset=utf-8";
    Str lang = web_param(r, "lang");
    size_t language = web_language_pick(&r->server->words, lang, r->languages);
    return str_format(c, &a->location, STR_FMT "?sent=1&lang=" STR_FMT, STR_ARG(r->path),
                      STR_ARG(r->server->words.languages[language].tag));
}

static const WebRoute routes[] = {
    {WEB_GET, "/r/{code}", "victimPage", WEB_ANYONE, WEB_BODY_NONE, WEB_PAGE | WEB_SLOW, "lang",
     NULL, 0, "text/html", victim_page, "The stage of a report, for its victim."},
    {WEB_GET, "/h/{code}", "holderPage", WEB_ANYONE, WEB_BODY_NONE, WEB_PAGE | WEB_SLOW,
     "lang sent", NULL, 0, "text/html", holder_page, "An order, for the holder of the account."},
    {WEB_POST, "/h/{code}", "holderContest", WEB_ANYONE, WEB_BODY_FORM, WEB_PAGE, "lang sent", NULL,
     0, "text/html", holder_contest, "Contests an order."},
};
const WebRouteGroup web_routes_public = {routes, COUNT_OF(routes)};
