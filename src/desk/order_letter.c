// Letters and tables for an addressee without a node.
#include "desk/order_priv.h"

// --- letter -------------------------------------------------------------------------------------

static FormatLetterKind kind_of(const DeskOrder *o) {
    if (o->request)
        return FORMAT_LETTER_REQUEST;
    if (o->view.has_ended_at || o->now.state == ORDER_LAPSED || o->now.state == ORDER_VOID)
        return FORMAT_LETTER_RELEASE;
    if (o->view.waits_reduction)
        return FORMAT_LETTER_REDUCED;
    if (o->view.waits_receipt || o->view.extensions > 0)
        return FORMAT_LETTER_EXTENDED;
    return FORMAT_LETTER_HOLD;
}

static Err both_times(Ctx *c, const DeskNode *n, int64_t at_us, Str *ret_text) {
    Str when;
    char utc[TIME_TEXT_BYTES];
    TRY(desk_when(c, n, at_us, &when));
    time_format(at_us - at_us % 1000000, utc);
    return str_format(c, ret_text, STR_FMT " (" STR_FMT "; UTC %s)", STR_ARG(when),
                      STR_ARG(n->timezone), utc);
}

// The end that is asked for: of an extension that waits for its receipt, the new one.
static int64_t end_of(const DeskOrder *o) {
    int64_t end = o->view.has_ends_at ? o->view.ends_at : 0;
    for (size_t i = 0; i < o->event_count; i++) {
        const DeskOrderEvent *e = &o->events[i];
        bool asks = str_eq_c(e->act, "extend") && str_eq_c(e->effect, "waits");
        bool requests = o->request && str_eq_c(e->act, "issue");
        if ((asks || requests) && e->has_ends_at)
            end = e->ends_at;
    }
    return end ? end : o->has_asks_end ? o->asks_end : 0;
}

static Err fill_law(Ctx *c, const DeskOrder *o, FormatLetter *l) {
    if (o->law_count == 0)
        return OK;
    const OrderLaw *law = o->laws[0].law;
    l->basis_confirmed = str_eq_c(law->standing, "confirmed");
    l->exempt = law->exempt_amount;
    TRY(str_format(c, &l->basis, STR_FMT "%s" STR_FMT, STR_ARG(law->id), law->ground.n ? ": " : "",
                   STR_ARG(law->ground)));
    return OK;
}

static Err fill_people(Ctx *c, const DeskNode *n, DeskSlot *s, const DeskOrder *o,
                       FormatLetter *l) {
    RecordId officer;
    PictureOfficer who;
    memcpy(officer.b, o->view.issuer_officer, sizeof officer.b);
    Err e = picture_officer_get(c, s->picture, officer, &who);
    if (e != OK && e != E_NOT_FOUND)
        return e;
    if (e == OK)
        l->officer = who.name;
    const PictureContact *own;
    size_t count;
    TRY(picture_contacts(c, s->picture, n->country, n->kind, &own, &count));
    if (count > 0)
        l->phone = own[0].phone.n > 0 ? own[0].phone : own[0].email;
    return OK;
}

// The part for the holder has a code by which whoever reads it speaks as the holder: it is printed
// for those who send letters, and for no other reader.
static Err fill_holder(Ctx *c, const Desk *d, const DeskOrder *o, FormatLetter *l) {
    RecordId id;
    if (!desk_may(d, DESK_ORDER_PROPOSE) && !desk_may(d, DESK_ORDER_ANSWER))
        return OK;
    if (o->request || !o->facts.hold || !record_id_parse(o->id, &id))
        return OK;
    size_t tail = o->account.account.n > 3 ? 3 : o->account.account.n;
    TRY(str_format(c, &l->holder_account, "…" STR_FMT, (int)tail,
                   o->account.account.p + o->account.account.n - tail));
    return desk_public_address(c, d->node, 'h', id, &l->holder_address);
}

static Err letter(Ctx *c, const Desk *d, DeskSlot *s, const DeskOrder *o, Buf *out) {
    DeskNode *n = d->node;
    FormatLetter l = {.kind = kind_of(o),
                      .country = o->addressee_country,
                      .number = o->number,
                      .agency = n->name,
                      .to = o->addressee_name};
    Str amount;
    TRY(desk_amount_text(c, n, o->view.asked, o->currency, &amount));
    TRY(str_format(c, &l.amount, STR_FMT " " STR_FMT, STR_ARG(amount), STR_ARG(o->currency)));
    TRY(str_format(c, &l.account, STR_FMT " (" STR_FMT ")", STR_ARG(o->account.account),
                   STR_ARG(desk_bank_name(n, o->account.country, o->account.institution))));
    TRY(both_times(c, n, o->view.issued_at, &l.issued));
    int64_t end = end_of(o);
    if (end)
        TRY(both_times(c, n, end, &l.until));
    TRY(both_times(c, n, o->view.issued_at + o->facts.answer_hours * TIME_HOUR_US, &l.answer_by));
    l.is_void_without_event = !end && !o->request;
    DeskOrderBody body;
    RecordId id;
    if (!record_id_parse(o->id, &id))
        return fail(c, E_CORRUPT, "an order has no id");
    TRY(desk_order_body_get(c, n, s, id, &body));
    TRY(str_format(c, &l.marking, "TLP:%s", record_tlp_text(body.mark.tlp)));
    if (o->replaces.n > 0) {
        PictureOrder old;
        TRY(desk_order_find(c, s, o->replaces, &old));
        TRY(str_format(c, &l.replaces,
                       "This order takes the place of " STR_FMT ": what is held under it goes on "
                       "being held under this one.",
                       STR_ARG(old.number)));
    }
    if (o->addressee_agency.n > 0)
        l.network = STR("The addressee has a node: this also goes to it by the network, and is "
                        "answered there. It is one and the same, under the number above.");
    l.codes = format_refusals(n->tables, &l.code_count);
    TRY(fill_law(c, o, &l));
    TRY(fill_people(c, n, s, o, &l));
    TRY(fill_holder(c, d, o, &l));
    return format_letter_html(c, &l, out);
}

// --- tables -------------------------------------------------------------------------------------

static Err row_texts(Ctx *c, const DeskNode *n, const DeskOrder *o,
                     Str ret_texts[FORMAT_ANSWER_COLUMNS]) {
    const FormatCurrency *currency = format_currency_find(n->tables, o->currency);
    AUTO(Buf) amount = {0};
    format_amount_write(&amount, o->view.asked, currency ? currency->exponent : 0);
    TRY(buf_check(c, &amount));
    memset(ret_texts, 0, FORMAT_ANSWER_COLUMNS * sizeof *ret_texts);
    ret_texts[0] = o->number;
    ret_texts[1] = o->account.account;
    ret_texts[2] = o->currency;
    TRY(str_copy(c, buf_view(&amount), &ret_texts[3]));
    int64_t end = end_of(o);
    if (end) {
        char utc[TIME_TEXT_BYTES];
        time_format(end, utc);
        TRY(str_copy(c, str_of(utc), &ret_texts[4]));
    }
    return OK;
}

static Err table_csv(Ctx *c, const DeskNode *n, const DeskOrder *orders, size_t count, Buf *out) {
    for (size_t i = 0; i < FORMAT_ANSWER_COLUMNS; i++)
        buf_format(out, "%s%s", i ? "," : "", format_answer_columns[i]);
    buf_text(out, "\r\n");
    for (size_t k = 0; k < count; k++) {
        Str texts[FORMAT_ANSWER_COLUMNS];
        TRY(row_texts(c, n, &orders[k], texts));
        for (size_t i = 0; i < FORMAT_ANSWER_COLUMNS; i++) {
            if (i > 0)
                buf_char(out, ',');
            format_csv_field_safe(out, texts[i]);
        }
        buf_text(out, "\r\n");
    }
    return buf_check(c, out);
}

static Err table_xlsx(Ctx *c, const DeskNode *n, const DeskOrder *orders, size_t count, Buf *out) {
    FormatSheetColumn columns[FORMAT_ANSWER_COLUMNS];
    for (size_t i = 0; i < FORMAT_ANSWER_COLUMNS; i++)
        columns[i] = (FormatSheetColumn){str_of(format_answer_columns[i]), FORMAT_SHEET_TEXT, 20};
    FormatSheetOptions options = {.name = "orders",
                                  .columns = columns,
                                  .column_count = FORMAT_ANSWER_COLUMNS,
                                  .at_us = clock_now(n->env.clock)};
    AUTO(FormatSheetPtr) sheet = NULL;
    TRY(format_sheet_open(c, &options, &sheet));
    for (size_t k = 0; k < count; k++) {
        Str texts[FORMAT_ANSWER_COLUMNS];
        FormatSheetCell cells[FORMAT_ANSWER_COLUMNS] = {0};
        TRY(row_texts(c, n, &orders[k], texts));
        for (size_t i = 0; i < FORMAT_ANSWER_COLUMNS; i++)
            cells[i].text = texts[i];
        TRY(format_sheet_row(c, sheet, cells));
    }
    return format_sheet_end(c, sheet, out);
}

// --- the door -----------------------------------------------------------------------------------

static Err check(Ctx *c, const DeskOrder *orders, size_t n, DeskLetterForm form) {
    if (n == 0)
        return fail(c, E_INVALID, "name an order");
    if (form == DESK_LETTER_HTML && n > 1)
        return fail(c, E_INVALID, "a letter carries one order; a table may carry several");
    for (size_t i = 0; i < n; i++) {
        if (!orders[i].is_ours)
            return fail(c, E_DENIED,
                        "order " STR_FMT " is " STR_FMT "'s: its letter is printed there",
                        STR_ARG(orders[i].number), STR_ARG(orders[i].agency_name));
        if (!orders[i].view.has_issued_at)
            return fail(c, E_STATE, "order " STR_FMT " is not issued: a draft is sent to nobody",
                        STR_ARG(orders[i].number));
        if (!str_eq(orders[i].addressee_country, orders[0].addressee_country) ||
            !str_eq(orders[i].addressee_institution, orders[0].addressee_institution))
            return fail(c, E_INVALID,
                        "orders " STR_FMT " and " STR_FMT " go to different addressees: one must "
                        "not see what is asked of the other",
                        STR_ARG(orders[0].number), STR_ARG(orders[i].number));
    }
    return OK;
}

static Err note_reads(Ctx *c, const Desk *d, const DeskOrder *orders, size_t n) {
    RecordId *ids;
    TRY(ctx_alloc(c, (n + 1) * sizeof *ids, &ids));
    for (size_t i = 0; i < n; i++) {
        if (!record_id_parse(orders[i].id, &ids[i]))
            return fail(c, E_CORRUPT, "an order has no id");
    }
    return desk_reads_note(c, d, ids, n, "letter");
}

Err desk_order_letter(Ctx *c, const Desk *d, const Str *ids, size_t count, DeskLetterForm form,
                      Buf *out) {
    TRY(desk_need(c, d, DESK_ORDER_READ));
    DeskOrder *orders;
    TRY(ctx_alloc(c, (count + 1) * sizeof *orders, &orders));
    {
        AUTO(DeskReading) r = {0};
        TRY(desk_reading_begin(c, d, &r));
        for (size_t i = 0; i < count; i++) {
            PictureOrder p;
            TRY(desk_order_find(c, r.slot, ids[i], &p));
            TRY(desk_order_whole(c, d, r.slot, &p, &orders[i]));
        }
        TRY(check(c, orders, count, form));
    }
    TRY(note_reads(c, d, orders, count)); // before anything leaves
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    switch (form) {
    case DESK_LETTER_HTML:
        return letter(c, d, r.slot, &orders[0], out);
    case DESK_LETTER_CSV:
        return table_csv(c, d->node, orders, count, out);
    case DESK_LETTER_XLSX:
        return table_xlsx(c, d->node, orders, count, out);
    }
    UNREACHABLE();
}
