// Which law an order stands on, and when its terms end.
#include "desk/order_priv.h"

static int32_t day_of(const DeskNode *n, int64_t at_us) {
    return (int32_t)time_day(text_zone_to_local(n->zone, at_us));
}

Err desk_laws_serving(Ctx *c, const DeskNode *n, const DeskLawQuery *q, const FormatLaw ***ret_laws,
                      size_t *ret_n) {
    size_t all, count = 0;
    const FormatLaw *laws = format_laws(n->tables, &all);
    const FormatLaw **found;
    TRY(ctx_alloc(c, (all + 1) * sizeof *found, &found));
    // A law of another country lets nobody here order anything.
    bool ours = str_eq(q->country, n->country);
    for (size_t i = 0; ours && i < all; i++) {
        const OrderLaw *law = &laws[i].law;
        if (!order_law_serves(law, q->country, n->kind, q->order, day_of(n, q->at)))
            continue;
        if (law->has_amount_limit &&
            (!str_eq(law->currency, q->currency) || q->amount >= law->amount_limit))
            continue;
        found[count++] = &laws[i];
    }
    *ret_laws = found;
    *ret_n = count;
    return OK;
}

void desk_law_put(JsonWriter *w, const FormatLaw *law) {
    // Members stand bytewise, as canonical JSON wants them.
    size_t n;
    const char *const *columns = format_law_columns(&n);
    const char *last = "";
    json_put_object_begin(w);
    for (size_t done = 0; law && done < n; done++) {
        size_t next = n;
        for (size_t i = 0; i < n; i++) {
            if (strcmp(columns[i], last) > 0 &&
                (next == n || strcmp(columns[i], columns[next]) < 0))
                next = i;
        }
        last = columns[next];
        if (law->texts[next].n > 0)
            json_put_key_str(w, last, law->texts[next]);
    }
    json_put_object_end(w);
}

Err desk_law_read(Ctx *c, const DeskNode *n, const JsonValue *row, OrderLaw *ret_law) {
    if (!row || row->type != JSON_OBJECT || row->count == 0) {
        *ret_law = (OrderLaw){0};
        return OK;
    }
    Str *names, *texts;
    TRY(ctx_alloc(c, row->count * sizeof *names, &names));
    TRY(ctx_alloc(c, row->count * sizeof *texts, &texts));
    for (uint32_t i = 0; i < row->count; i++) {
        names[i] = row->members[i].key;
        TRY(json_as_str(c, &row->members[i].value, "law", &texts[i]));
    }
    return format_law_parse(c, n->tables, names, texts, row->count, ret_law);
}

Err desk_law_end(Ctx *c, const DeskNode *n, const OrderLaw *law, OrderTerm term, int64_t from_us,
                 int64_t *ret_ends_at) {
    static const OrderCalendar unknown = {.weekend = 0, .known_from = 0, .known_until = -1};
    const OrderCalendar *calendar = format_calendar(n->tables, law->country);
    return order_term_end(c, n->zone, calendar ? calendar : &unknown, from_us, term, ret_ends_at);
}

OrderEndNote desk_end_note(const DeskNode *n, Str country, int64_t ends_at) {
    const OrderCalendar *calendar = format_calendar(n->tables, country);
    OrderEndNote note = {.warn_at = ends_at};
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    if (calendar && order_end_note(&c, n->zone, calendar, ends_at, &note) != OK)
        note = (OrderEndNote){.warn_at = ends_at}; // beyond the known calendar nothing is guessed
    return note;
}
