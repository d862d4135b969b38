// After an agency's keys were stolen its link key is one that nobody knows: its recovery statement
// is brought to a peer that hangs up on us, and asked of one that shows another key than its own.
#include "dial/dial_priv.h"

#define RECOVER_TYPE "application/vnd.moei.recover"

// The end of the program is not waited for.
static int keep_on(void *self, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                   curl_off_t up) {
    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    Dial *d = self;
    if (!d)
        return 0;
    pthread_mutex_lock(&d->lock);
    bool end = d->ending;
    pthread_mutex_unlock(&d->lock);
    return end;
}

static Err set_request(Ctx *c, Dial *d, DialCall *call, const DeskLink *link, Str body) {
    char url[DIAL_URL_BYTES_MAX + 32];
    CURL *curl = call->curl;
    TRY(dial_url(c, link, "/recover/v1", url));
    call->pinned = link->key;
    call->before = link->before;
    CURLcode bad = curl_easy_setopt(curl, CURLOPT_URL, url);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_WRITEDATA, call);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, call->error);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_PREREQDATA, call);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)DIAL_CONNECT_S);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, keep_on);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_XFERINFODATA, d);
    if (body.n == 0) {
        bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
        bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
    } else {
        bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.p);
        bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.n);
    }
    return bad == CURLE_OK ? OK : fail(c, E_MEMORY, "no memory for a call to a peer");
}

// Who answers has another key than the peer's: it is asked for nothing but what proves itself.
static Err ask(Ctx *c, DeskNode *node, DialCall *call, const DeskLink *link, bool *ret_done) {
    long status = 0;
    char *type = NULL;
    curl_easy_getinfo(call->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(call->curl, CURLINFO_CONTENT_TYPE, &type);
    if (status != 200 || !type || strcmp(type, RECOVER_TYPE) != 0 || call->answer.failed)
        return OK;
    Err e = desk_statements_offer(c, node, &link->agency, buf_view(&call->answer), ret_done);
    return e == E_INVALID ? OK : e;
}

Err dial_statement(Ctx *c, const DialStatement *s, bool *ret_done) {
    AUTO(DialCallOpen) call = {0};
    Str own = desk_statements_own(s->node), body = s->other_key ? (Str){0} : own;
    struct curl_slist *headers = NULL;
    *ret_done = false;
    if (!s->other_key && own.n == 0)
        return OK;
    TRY(dial_call_open(c, s->own, &call));
    call.any_key = s->other_key;
    TRY(set_request(c, s->dial, &call, s->link, body));
    if (!s->other_key) {
        headers = curl_slist_append(NULL, "Content-Type: " RECOVER_TYPE);
        if (!headers || curl_easy_setopt(call.curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK) {
            curl_slist_free_all(headers);
            return fail(c, E_MEMORY, "no memory for a call to a peer");
        }
    }
    CURLcode code = curl_easy_perform(call.curl);
    curl_slist_free_all(headers);
    if (s->other_key)
        return code == CURLE_OK ? ask(c, s->node, &call, s->link, ret_done) : OK;
    // A peer takes it without a word.
    *ret_done = code == CURLE_GOT_NOTHING;
    return OK;
}
