// Reports and proposals as JSON.
#include "desk/order_priv.h"

// `first`: what its first hop came to, or NULL.
static void put_report(JsonWriter *w, const DeskReport *r, const DeskProposed *first, bool whole) {
    json_put_object_begin(w);
    json_put_key(w, STR("accounts"));
    json_put_array_begin(w);
    for (size_t i = 0; i < r->account_count; i++)
        desk_put_account(w, &r->accounts[i]);
    json_put_array_end(w);
    desk_put_opt_str(w, "case_id", r->case_id);
    desk_put_opt_str(w, "channel", r->channel);
    desk_put_opt_str(w, "country", r->country);
    desk_put_opt_str(w, "currency", r->currency);
    json_put_key_bool(w, "duplicate", r->duplicate);
    if (first)
        desk_orders_put(w, "first_hop", first->created, first->created_count, true);
    desk_flags_put(w, r->flags, r->flag_count);
    desk_put_opt_time(w, "happened_at", r->has_happened_at, r->happened_at);
    json_put_key_str(w, "id", r->id);
    if (first)
        desk_left_outs_put(w, first->left_out, first->left_out_count);
    if (r->has_loss)
        json_put_key_i64(w, "loss", r->loss);
    else
        json_put_key_null(w, "loss");
    json_put_key_str(w, "name", r->name);
    if (whole)
        desk_put_strs(w, "phones", r->phones, r->phone_count);
    json_put_key_str(w, "record", r->record);
    desk_put_time(w, "reported_at", r->reported_at);
    desk_put_strs(w, "seeds", r->seeds, r->seed_count);
    json_put_key_str(w, "standing", r->standing);
    if (whole) {
        desk_put_opt_str(w, "standing_by", r->standing_by);
        desk_put_opt_str(w, "story", r->story);
    }
    desk_put_strs(w, "transfers", r->transfers, r->transfer_count);
    if (whole) {
        desk_put_strs(w, "urls", r->urls, r->url_count);
        desk_put_opt_str(w, "victim", r->victim);
        desk_put_opt_str(w, "victim_url", r->victim_url);
    }
    json_put_object_end(w);
}

Err desk_report_json(Ctx *c, const DeskReport *r, Buf *out) {
    JsonWriter w = json_writer_start(out);
    put_report(&w, r, NULL, true);
    return json_writer_end(c, &w);
}

Err desk_report_first_hop_json(Ctx *c, const DeskReport *r, const DeskProposed *first, Buf *out) {
    JsonWriter w = json_writer_start(out);
    put_report(&w, r, first, true);
    return json_writer_end(c, &w);
}

Err desk_report_list_json(Ctx *c, const DeskReportList *l, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < l->count; i++)
        put_report(&w, &l->items[i], NULL, false);
    json_put_array_end(&w);
    desk_put_next(&w, l->next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

static void put_proposal(JsonWriter *w, const DeskProposal *p) {
    json_put_object_begin(w);
    json_put_key_i64(w, "amount", p->amount.amount);
    desk_put_time(w, "booked_at", p->booked_at);
    json_put_key_i64(w, "credited_amount", p->credited.amount);
    json_put_key_str(w, "credited_currency", p->credited.currency);
    json_put_key_str(w, "currency", p->amount.currency);
    json_put_key(w, STR("from"));
    desk_put_account(w, &p->from);
    json_put_key_bool(w, "picked", p->picked);
    json_put_key_i64(w, "score", p->score);
    json_put_key(w, STR("to"));
    desk_put_account(w, &p->to);
    json_put_key_str(w, "transfer", p->transfer);
    json_put_key_str(w, "why", p->why);
    json_put_object_end(w);
}

Err desk_match_json(Ctx *c, const DeskMatch *m, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_time(&w, "from", m->from_us);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < m->count; i++)
        put_proposal(&w, &m->items[i]);
    json_put_array_end(&w);
    json_put_key_bool(&w, "more", m->more);
    json_put_key_null(&w, "next");
    desk_put_strs(&w, "picked", m->picked, m->picked_count);
    json_put_key_str(&w, "report", m->report);
    desk_put_time(&w, "until", m->until_us);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
