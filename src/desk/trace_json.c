// The exact JSON of a trace: two programs that agree about the money agree about every byte.
#include "desk/desk_priv.h"

static void put_money(JsonWriter *w, const char *key, const DeskMoney *items, size_t n) {
    json_put_key(w, str_of(key));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(w);
        json_put_key_i64(w, "amount", items[i].amount);
        json_put_key_str(w, "currency", items[i].currency);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static void put_tags(JsonWriter *w, const DeskTrace *t, const DeskTag *tags, size_t n) {
    json_put_key(w, STR("tags"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(w);
        if (t->rule != TRACE_POISON)
            json_put_key_i64(w, "amount", tags[i].amount);
        json_put_key_str(w, "report", t->reports[tags[i].report].id);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static void put_account(JsonWriter *w, const DeskTrace *t, const DeskTraceAccount *a) {
    json_put_object_begin(w);
    json_put_key_str(w, "account", a->account.account);
    json_put_key_i64(w, "balance", a->balance);
    json_put_key_str(w, "country", a->account.country);
    json_put_key_str(w, "currency", a->currency);
    desk_put_time(w, "first_at", a->first_at);
    json_put_key_str(w, "institution", a->account.institution);
    json_put_key_i64(w, "level", a->level);
    put_tags(w, t, a->tags, a->tag_count);
    json_put_object_end(w);
}

static void put_note(JsonWriter *w, const DeskTraceNote *n) {
    json_put_object_begin(w);
    if (n->belongs_to.n > 0)
        json_put_key_str(w, "belongs_to", n->belongs_to);
    else
        json_put_key_null(w, "belongs_to");
    json_put_key_str(w, "report", n->report);
    json_put_key_str(w, "transfer", n->transfer);
    json_put_object_end(w);
}

static void put_report(JsonWriter *w, const DeskTraceReport *r) {
    json_put_object_begin(w);
    put_money(w, "cost", r->cost, r->cost_count);
    json_put_key_str(w, "currency", r->currency);
    put_money(w, "exits", r->exits, r->exit_count);
    json_put_key_str(w, "id", r->id);
    put_money(w, "left", r->left, r->left_count);
    put_money(w, "seed", r->seed, r->seed_count);
    json_put_object_end(w);
}

static void put_transfer(JsonWriter *w, const DeskTrace *t, const DeskTraceTransfer *x) {
    json_put_object_begin(w);
    json_put_key_str(w, "id", x->id);
    json_put_key_i64(w, "level", x->level);
    put_tags(w, t, x->tags, x->tag_count);
    json_put_object_end(w);
}

Err desk_trace_json(Ctx *c, const DeskTrace *t, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("accounts"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < t->account_count; i++)
        put_account(&w, t, &t->accounts[i]);
    json_put_array_end(&w);
    json_put_key(&w, STR("notes"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < t->note_count; i++)
        put_note(&w, &t->notes[i]);
    json_put_array_end(&w);
    json_put_key(&w, STR("reports"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < t->report_count; i++)
        put_report(&w, &t->reports[i]);
    json_put_array_end(&w);
    json_put_key_str(&w, "rule", str_of(trace_rule_name(t->rule)));
    json_put_key(&w, STR("transfers"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < t->transfer_count; i++)
        put_transfer(&w, t, &t->transfers[i]);
    json_put_array_end(&w);
    desk_put_opt_time(&w, "until", t->has_until, t->until_us);
    json_put_object_end(&w);
    TRY(json_writer_end(c, &w));
    buf_char(out, '\n');
    return buf_check(c, out);
}
