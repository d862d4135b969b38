// The public record as it was taken in: who said what.
#include "desk/desk_priv.h"

static Err fill(Ctx *c, DeskSlot *s, const PictureClaim *p, DeskClaim *ret_claim) {
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(p->id, text);
    DeskClaim claim = {.table = p->table, .key = p->name, .source = p->source, .at = p->at};
    TRY(str_copy(c, str_of(text), &claim.record));
    const JsonValue *row;
    TRY(json_read(c, &s->json, p->row, &row));
    if (row->type != JSON_OBJECT)
        return fail(c, E_CORRUPT, "claim %s has no row", text);
    DeskCell *cells;
    TRY(ctx_alloc(c, (row->count + (size_t)1) * sizeof *cells, &cells));
    for (uint32_t i = 0; i < row->count; i++) {
        cells[i].column = row->members[i].key;
        TRY(json_as_str(c, &row->members[i].value, "row", &cells[i].value));
    }
    claim.cells = cells;
    claim.cell_count = row->count;
    *ret_claim = claim;
    return OK;
}

Err desk_claim_list(Ctx *c, const Desk *d, Str table, DeskPage page, DeskClaimList *ret_list) {
    TRY(desk_need(c, d, DESK_PUBLIC_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    PicturePage p;
    TRY(desk_cursor_open(c, d, "claim", page, &p));
    const PictureClaim *found;
    size_t n;
    bool more;
    TRY(picture_claim_list(c, r.slot->picture, table, p, &found, &n, &more));
    DeskClaim *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++)
        TRY(fill(c, r.slot, &found[i], &items[i]));
    DeskClaimList list = {items, n, {0}};
    if (more && n > 0)
        TRY(desk_cursor_seal(c, d, "claim", found[n - 1].key, &list.next));
    *ret_list = list;
    return OK;
}

Err desk_claim_list_json(Ctx *c, const DeskClaimList *l, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < l->count; i++) {
        const DeskClaim *k = &l->items[i];
        json_put_object_begin(&w);
        desk_put_time(&w, "at", k->at);
        json_put_key_str(&w, "key", k->key);
        json_put_key_str(&w, "record", k->record);
        json_put_key(&w, STR("row"));
        json_put_object_begin(&w);
        for (size_t i2 = 0; i2 < k->cell_count; i2++) {
            json_put_key(&w, k->cells[i2].column);
            json_put_str(&w, k->cells[i2].value);
        }
        json_put_object_end(&w);
        json_put_key_str(&w, "source", k->source);
        json_put_key_str(&w, "table", k->table);
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    desk_put_next(&w, l->next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_claim_columns(Ctx *c, Str table, const Str **ret_columns, size_t *ret_n) {
    Str name, bytes;
    TRY(str_format(c, &name, "data/public-record/" STR_FMT ".csv", STR_ARG(table)));
    TRY(format_data_get(c, name, &bytes));
    FormatCsvOptions options = {.bytes = bytes};
    AUTO(FormatCsvPtr) csv = NULL;
    TRY(format_csv_open(c, &options, &csv));
    FormatCsvRow row;
    TRY(format_csv_next(c, csv, &row));
    Str *columns;
    TRY(ctx_alloc(c, (row.field_count + 1) * sizeof *columns, &columns));
    for (size_t i = 0; i < row.field_count; i++)
        TRY(str_copy(c, row.fields[i], &columns[i]));
    *ret_columns = columns;
    *ret_n = row.field_count;
    return OK;
}
