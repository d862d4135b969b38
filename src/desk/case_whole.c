// A case with all that belongs to it: reports in short, who is one victim, the orders; its JSON.
#include "desk/order_priv.h"

static Err fill_shorts(Ctx *c, const Desk *d, DeskSlot *s, DeskCase *k) {
    DeskCaseReport *items;
    TRY(ctx_alloc(c, (k->report_count + 1) * sizeof *items, &items));
    for (size_t i = 0; i < k->report_count; i++) {
        PictureReport p;
        PictureNamed named;
        TRY(desk_report_find(c, d->node, s, k->reports[i], &p));
        TRY(picture_report_named(c, s->picture, p.id, &named));
        items[i] = (DeskCaseReport){.id = k->reports[i],
                                    .currency = p.currency,
                                    .has_loss = p.has_loss,
                                    .loss = p.loss,
                                    .seeded = named.transfer_count + named.seed_count > 0};
        TRY(desk_id_text(c, p.id, &items[i].record));
        TRY(picture_report_standing(c, s->picture, p.id, &items[i].standing));
    }
    k->shorts = items;
    return OK;
}

// Ids of those of the reports that this user may see.
static Err claimant_reports(Ctx *c, const DeskNode *node, DeskSlot *s, const PictureClaimant *p,
                            DeskCaseClaimant *ret_claimant) {
    Str *reports;
    size_t n = 0;
    TRY(ctx_alloc(c, (p->report_count + 1) * sizeof *reports, &reports));
    for (size_t i = 0; i < p->report_count; i++) {
        PictureReport one;
        Err e = picture_report_get(c, s->picture, p->reports[i], &one);
        if (e == E_NOT_FOUND)
            continue;
        TRY(e);
        TRY(desk_report_name(c, node, s, &one, &reports[n++]));
    }
    desk_sort_strs(reports, n);
    TRY(desk_id_text(c, p->id, &ret_claimant->id));
    ret_claimant->reports = reports;
    ret_claimant->report_count = n;
    return OK;
}

static Err fill_claimants(Ctx *c, const DeskNode *node, DeskSlot *s, RecordId id, DeskCase *k) {
    const PictureClaimant *found;
    size_t n;
    TRY(picture_case_claimants(c, s->picture, id, &found, &n));
    DeskCaseClaimant *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++)
        TRY(claimant_reports(c, node, s, &found[i], &items[i]));
    k->claimants = items;
    k->claimant_count = n;
    return OK;
}

static Err fill_orders(Ctx *c, const Desk *d, DeskSlot *s, RecordId id, DeskCase *k) {
    const PictureOrder *found;
    size_t n;
    if (!desk_may(d, DESK_ORDER_READ))
        return OK;
    TRY(picture_orders_of_case(c, s->picture, id, &found, &n));
    DeskOrder *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++)
        TRY(desk_order_fill(c, d->node, s, &found[i], &items[i]));
    k->orders = items;
    k->order_count = n;
    return OK;
}

Err desk_case_whole(Ctx *c, const Desk *d, DeskSlot *s, RecordId id, DeskCase *k) {
    TRY(fill_shorts(c, d, s, k));
    TRY(fill_claimants(c, d->node, s, id, k));
    return fill_orders(c, d, s, id, k);
}

// --- JSON ---------------------------------------------------------------------------------------

static void put_head(JsonWriter *w, const DeskCase *k) {
    desk_put_opt_time(w, "closed_at", k->has_closed_at, k->closed_at);
    json_put_key_str(w, "id", k->id);
}

static void put_short(JsonWriter *w, const DeskCaseReport *r) {
    json_put_object_begin(w);
    desk_put_opt_str(w, "currency", r->currency);
    json_put_key_str(w, "id", r->id);
    desk_put_opt_i64(w, "loss", r->has_loss, r->loss);
    json_put_key_str(w, "record", r->record);
    json_put_key_bool(w, "seeded", r->seeded);
    json_put_key_str(w, "standing", r->standing);
    json_put_object_end(w);
}

static void put_claimants(JsonWriter *w, const DeskCase *k) {
    json_put_key(w, STR("claimants"));
    json_put_array_begin(w);
    for (size_t i = 0; i < k->claimant_count; i++) {
        json_put_object_begin(w);
        json_put_key_str(w, "id", k->claimants[i].id);
        desk_put_strs(w, "reports", k->claimants[i].reports, k->claimants[i].report_count);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

Err desk_case_json(Ctx *c, const DeskCase *k, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_str(&w, "agency", k->agency);
    desk_put_time(&w, "at", k->at);
    put_claimants(&w, k);
    put_head(&w, k);
    desk_put_opt_str(&w, "officer", k->officer);
    json_put_key_bool(&w, "open", k->open);
    desk_orders_put(&w, "orders", k->orders, k->order_count, false);
    desk_put_opt_str(&w, "reason", k->reason);
    desk_put_strs(&w, "refused", k->refused, k->refused_count);
    json_put_key(&w, STR("reports"));
    json_put_array_begin(&w);
    for (size_t i = 0; k->shorts && i < k->report_count; i++)
        put_short(&w, &k->shorts[i]);
    json_put_array_end(&w);
    json_put_key_str(&w, "title", k->title);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_case_list_json(Ctx *c, const DeskCaseList *l, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < l->count; i++) {
        const DeskCase *k = &l->items[i];
        json_put_object_begin(&w);
        desk_put_time(&w, "at", k->at);
        put_head(&w, k);
        json_put_key_bool(&w, "open", k->open);
        desk_put_opt_str(&w, "reason", k->reason);
        json_put_key_i64(&w, "report_count", (int64_t)k->report_count);
        json_put_key_str(&w, "title", k->title);
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    desk_put_next(&w, l->next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
