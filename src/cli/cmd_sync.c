// sync: an exchange with peers here and now, without waiting for a server to do it.
#include "cli/cli_priv.h"
#include "dial/dial.h"

typedef struct Done {
    const DeskLink *link;
    DialResult result;
    Err err;
    Str words; // why it failed
} Done;

static Err links_of(CliCall *call, const DeskLink **ret_links, size_t *ret_n) {
    Ctx *c = call->c;
    const DeskLink *links;
    CryptoHash agency;
    size_t n;
    Str peer = cli_option_str(call, "peer");
    TRY(desk_need(c, &call->desk, DESK_EXCHANGE_READ));
    TRY(desk_link_list(c, call->node, &links, &n));
    if (!peer.n) {
        *ret_links = links;
        *ret_n = n;
        return OK;
    }
    TRY(desk_peer_find(c, &call->desk, peer, &agency));
    for (size_t i = 0; i < n; i++) {
        if (memcmp(links[i].agency.b, agency.b, sizeof agency.b) == 0) {
            *ret_links = &links[i];
            *ret_n = 1;
            return OK;
        }
    }
    return fail(c, E_STATE, STR_FMT " was revoked: nothing is exchanged with it", STR_ARG(peer));
}

static void put_json(JsonWriter *w, const Done *d) {
    json_put_object_begin(w);
    if (d->err == OK)
        json_put_key_null(w, "error");
    else
        json_put_key_str(w, "error", str_of(err_name(d->err)));
    json_put_key_i64(w, "known", (int64_t)d->result.known);
    json_put_key_i64(w, "messages", (int64_t)d->result.messages);
    json_put_key_str(w, "name", d->link->name);
    json_put_key_i64(w, "new", (int64_t)d->result.fresh);
    json_put_key_bool(w, "waits", d->result.waits);
    json_put_key_str(w, "words", d->words);
    json_put_object_end(w);
}

static Err print_json(CliCall *call, const Done *done, size_t n) {
    JsonWriter w = json_writer_start(&call->out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < n; i++)
        put_json(&w, &done[i]);
    json_put_array_end(&w);
    json_put_object_end(&w);
    TRY(json_writer_end(call->c, &w));
    cli_end_json(call);
    return OK;
}

static void print_words(CliCall *call, const Done *done, size_t n) {
    if (n == 0)
        cli_print(call, "There are no peers yet: `moei peer card` prints the card to hand over.\n");
    for (size_t i = 0; i < n; i++) {
        const Done *d = &done[i];
        AUTO(Buf) b = {0};
        if (n == 1 && d->err != OK)
            return; // the failure of the command says it
        if (d->words.n)
            buf_str(&b, d->words);
        else
            buf_format(&b, "%llu new record%s came; %s", (unsigned long long)d->result.fresh,
                       d->result.fresh == 1 ? "" : "s",
                       d->result.waits ? "more of ours waits for it" : "it has all that is for it");
        AUTO(Buf) name = {0};
        buf_str(&name, d->link->name);
        buf_char(&name, 0);
        if (!b.failed && !name.failed)
            cli_field(call, name.p, buf_view(&b));
    }
}

// All are tried; the first failure is the command's.
Err cli_sync(CliCall *call) {
    Ctx *c = call->c;
    const DeskLink *links;
    Done *done;
    size_t n;
    TRY(links_of(call, &links, &n));
    TRY(ctx_alloc(c, (n + 1) * sizeof *done, &done));
    for (size_t i = 0; i < n; i++) {
        AUTO(Ctx) turn = {0};
        done[i].link = &links[i];
        // Who calls us is not called, and is no failure unless it was asked for.
        if (!links[i].address.n && !cli_option(call, "peer")) {
            done[i].words = STR("not called: it has no address, and calls this node");
            continue;
        }
        CliProgress progress;
        cli_progress_start(&progress, call, "sync");
        done[i].err = dial_once(&turn, call->node, &links[i].agency, cli_progress_desk(&progress),
                                &done[i].result);
        if (progress.line_open)
            cli_progress_end(&progress, "records");
        if (done[i].err != OK)
            TRY(str_copy(c, str_of(turn.error), &done[i].words));
    }
    if (call->json)
        TRY(print_json(call, done, n));
    else
        print_words(call, done, n);
    for (size_t i = 0; i < n; i++)
        if (done[i].err != OK) {
            // Some of the words begin with the name already.
            bool named = str_starts(done[i].words, links[i].name);
            return fail(c, done[i].err, STR_FMT "%s" STR_FMT,
                        STR_ARG(named ? (Str){0} : links[i].name), named ? "" : ": ",
                        STR_ARG(done[i].words));
        }
    return OK;
}
