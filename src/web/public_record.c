// The data of the public record: docs/page-data.md, GET /api/v1/public-record.
#include "web/web_priv.h"
#include "json/json.h"

static const char *const tables[] = {"events", "figures",   "movements", "orders",    "parties",
                                     "places", "relations", "sources",   "statements"};

typedef struct Board {
    Ctx *c;
    const Desk *desk;
    Dict records;   // ids of claim records
    int64_t *at_us; // by id in `records`; heap
    size_t at_cap;
    JsonWriter w;
} Board;

static void Board_cleanup(Board *b) {
    dict_done(&b->records);
    mem_free(b->at_us);
}

// A list tells when each claim was made, a claim does not: the times are gathered first.
static Err gather_times(Board *b) {
    DeskPage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (size_t pages = 0; pages < WEB_CLAIM_PAGES_MAX; pages++) {
        DeskRecordList list;
        TRY(desk_record_list(b->c, b->desk, STR("claim"), page, &list));
        for (size_t i = 0; i < list.count; i++) {
            uint32_t id;
            TRY(dict_intern(b->c, &b->records, list.items[i].id, &id));
            TRY(mem_grow(b->c, &b->at_us, &b->at_cap, (size_t)id + 1, sizeof *b->at_us));
            b->at_us[id] = list.items[i].at;
        }
        if (!list.next.n)
            break;
        page.cursor = list.next;
    }
    return OK;
}

// Columns as the shipped file has them: a claim's own are sorted by name.
static Err columns_of(Board *b, const char *table, Str **ret_columns, size_t *ret_n) {
    Str name, bytes, line, column;
    TRY(str_format(b->c, &name, "data/public-record/%s.csv", table));
    TRY(format_data_get(b->c, name, &bytes));
    if (!str_split(&bytes, '\n', &line))
        return fail(b->c, E_CORRUPT, "data/public-record/%s.csv is empty", table);
    line = str_trim(line);
    size_t n = 1;
    for (size_t i = 0; i < line.n; i++)
        n += line.p[i] == ',';
    Str *columns = NULL;
    TRY(ctx_alloc(b->c, n * sizeof *columns, &columns));
    size_t count = 0;
    while (count < n && str_split(&line, ',', &column))
        columns[count++] = column;
    *ret_columns = columns;
    *ret_n = count;
    return OK;
}

static Str cell_of(const DeskClaim *claim, Str column) {
    for (size_t i = 0; i < claim->cell_count; i++)
        if (str_eq(claim->cells[i].column, column))
            return claim->cells[i].value;
    return (Str){0};
}

static void put_claim(Board *b, const DeskClaim *claim, const Str *columns, size_t n) {
    JsonWriter *w = &b->w;
    uint32_t id;
    char at[TIME_TEXT_BYTES] = "";
    if (dict_find(&b->records, claim->record, &id))
        time_format(b->at_us[id], at);
    json_put_object_begin(w);
    json_put_key_str(w, "at", str_of(at));
    json_put_key(w, STR("cells"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_str(w, cell_of(claim, columns[i]));
    json_put_array_end(w);
    json_put_key_str(w, "key", claim->key);
    json_put_key_str(w, "record", claim->record);
    json_put_key(w, STR("sources"));
    json_put_array_begin(w);
    Str rest = claim->source, one;
    while (rest.n && str_split(&rest, ';', &one))
        if (str_trim(one).n)
            json_put_str(w, str_trim(one));
    json_put_array_end(w);
    json_put_object_end(w);
}

// Calls back for each claim of a table.
static Err each_claim(Board *b, const char *table,
                      void (*put)(Board *b, const DeskClaim *claim, const Str *columns, size_t n),
                      const Str *columns, size_t n) {
    DeskPage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (size_t pages = 0; pages < WEB_CLAIM_PAGES_MAX; pages++) {
        DeskClaimList list;
        TRY(desk_claim_list(b->c, b->desk, str_of(table), page, &list));
        for (size_t i = 0; i < list.count; i++)
            put(b, &list.items[i], columns, n);
        if (!list.next.n)
            break;
        page.cursor = list.next;
    }
    return OK;
}

static void put_source(Board *b, const DeskClaim *claim, const Str *columns, size_t n) {
    JsonWriter *w = &b->w;
    (void)columns;
    (void)n;
    json_put_object_begin(w);
    json_put_key_str(w, "id", claim->key);
    json_put_key_str(w, "kind", cell_of(claim, STR("kind")));
    json_put_key_str(w, "published", cell_of(claim, STR("published")));
    json_put_key_str(w, "published_is", cell_of(claim, STR("published_is")));
    json_put_key_str(w, "publisher", cell_of(claim, STR("publisher")));
    json_put_key_str(w, "record", claim->record);
    json_put_key_str(w, "title", cell_of(claim, STR("title")));
    json_put_object_end(w);
}

static Err put_table(Board *b, const char *table) {
    JsonWriter *w = &b->w;
    Str *columns;
    size_t n;
    TRY(columns_of(b, table, &columns, &n));
    json_put_object_begin(w);
    json_put_key(w, STR("columns"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_str(w, columns[i]);
    json_put_array_end(w);
    json_put_key_str(w, "name", str_of(table));
    json_put_key(w, STR("rows"));
    json_put_array_begin(w);
    TRY(each_claim(b, table, put_claim, columns, n));
    json_put_array_end(w);
    json_put_object_end(w);
    return OK;
}

Err web_public_record(WebRequest *r, WebAnswer *a) {
    AUTO(Board) b = {.c = &r->c, .desk = &r->desk};
    dict_init(&b.records, 0);
    TRY(gather_times(&b));
    b.w = json_writer_start(&a->body);
    json_put_object_begin(&b.w);
    json_put_key(&b.w, STR("sources"));
    json_put_array_begin(&b.w);
    TRY(each_claim(&b, "sources", put_source, NULL, 0));
    json_put_array_end(&b.w);
    json_put_key(&b.w, STR("tables"));
    json_put_array_begin(&b.w);
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        TRY(put_table(&b, tables[i]));
    json_put_array_end(&b.w);
    json_put_object_end(&b.w);
    TRY(json_writer_end(&r->c, &b.w));
    buf_char(&a->body, '\n');
    return OK;
}
