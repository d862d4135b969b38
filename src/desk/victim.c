// Who lost money, and the story: a record beside the report, in a compartment of its own, so that a
// report can be shared and its victim not. Reports of older nodes carry both in their body.
#include "desk/desk_priv.h"

static Err body_of(Ctx *c, RecordId report, const DeskVictim *v, Buf *out) {
    char id[RECORD_ID_TEXT_BYTES];
    record_id_text(report, id);
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_opt_str(&w, "contact", v->contact);
    json_put_key_str(&w, "report", str_of(id));
    desk_put_opt_str(&w, "story", v->story);
    desk_put_opt_str(&w, "victim", v->victim);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_victim_add(Ctx *c, DeskWriting *w, RecordId report, const DeskVictim *v) {
    if (v->victim.n == 0 && v->story.n == 0 && v->contact.n == 0)
        return OK;
    AUTO(Buf) body = {0};
    TRY(body_of(c, report, v, &body));
    DeskDraft draft = {.kind = RECORD_VICTIM,
                       .refs = &report,
                       .ref_count = 1,
                       .purpose = "investigation",
                       .body = buf_view(&body)};
    return desk_group_add(c, w, &draft, NULL);
}

Err desk_victim_find(Ctx *c, DeskSlot *s, RecordId report, PictureRecord *ret_record) {
    const PictureRecord *items;
    size_t n;
    TRY(picture_record_quotes(c, s->picture, report, &items, &n));
    for (size_t i = 0; i < n; i++) {
        if (str_eq_c(items[i].kind, "victim") && str_eq_c(items[i].state, "held")) {
            *ret_record = items[i];
            return OK;
        }
    }
    return fail(c, E_NOT_FOUND, "the report names no victim");
}

bool desk_body_names(const Record *r) {
    if (r->kind == RECORD_VICTIM || r->kind == RECORD_GRIEVANCE)
        return true;
    if (r->kind != RECORD_REPORT)
        return false;
    static const char *const fields[] = {"victim", "story"};
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        const JsonValue *v = json_find(r->body, str_of(fields[i]));
        if (v && v->type == JSON_STR)
            return true;
    }
    return false;
}

Err desk_victim_read(Ctx *c, DeskSlot *s, const Record *report, DeskVictim *ret_victim) {
    DeskVictim v = {.record = report->id};
    TRY(json_find_str(c, report->body, "victim", &v.victim));
    TRY(json_find_str(c, report->body, "story", &v.story));
    PictureRecord found;
    Err e = desk_victim_find(c, s, report->id, &found);
    if (e == OK) {
        Record r;
        v.record = found.id;
        TRY(desk_body_get(c, s, found.id, &r));
        TRY(json_find_str(c, r.body, "victim", &v.victim));
        TRY(json_find_str(c, r.body, "story", &v.story));
        TRY(json_find_str(c, r.body, "contact", &v.contact));
    } else if (e != E_NOT_FOUND) {
        return e;
    }
    *ret_victim = v;
    return OK;
}
