// What a node says of itself, and the forms in which people read times and amounts.
#include "desk/exchange_priv.h"

const FormatTables *desk_tables(const DeskNode *n) {
    return n->tables;
}

Err desk_time_local(Ctx *c, const DeskNode *n, int64_t at_us, Str *ret_text) {
    char text[TIME_TEXT_BYTES];
    time_format_record(text_zone_to_local(n->zone, at_us), text);
    text[10] = ' ';
    return str_copy(c, (Str){text, 19}, ret_text);
}

bool desk_opens_slowly(Str dir) {
    AUTO(Ctx) c;
    AUTO(File) ledger = {0};
    Str path;
    uint64_t bytes = 0;
    ctx_init(&c);
    if (str_format(&c, &path, STR_FMT "/picture-%d.db", STR_ARG(dir), PICTURE_VERSION) != OK ||
        file_exists(path) || str_format(&c, &path, STR_FMT "/ledger.db", STR_ARG(dir)) != OK)
        return false;
    return file_open(&c, path, FILE_READ, &ledger) == OK && file_size(&c, &ledger, &bytes) == OK &&
           bytes >= SLOW_OPEN_BYTES;
}

Err desk_time_zoned(Ctx *c, const DeskNode *n, int64_t at_us, Str *ret_text) {
    Str local;
    int64_t minutes = (text_zone_to_local(n->zone, at_us) - at_us) / TIME_MINUTE_US;
    int off = (int)(minutes < 0 ? -minutes : minutes);
    TRY(desk_time_local(c, n, at_us, &local));
    return str_format(c, ret_text, STR_FMT " %c%02d:%02d", STR_ARG(local), minutes < 0 ? '-' : '+',
                      off / 60, off % 60);
}

Err desk_amount_text(Ctx *c, const DeskNode *n, int64_t minor, Str currency, Str *ret_text) {
    const FormatCurrency *known = format_currency_find(n->tables, currency);
    AUTO(Buf) plain = {0};
    format_amount_write(&plain, minor, known ? known->exponent : 0);
    TRY(buf_check(c, &plain));
    Str s = buf_view(&plain);
    size_t point = 0, sign = s.n > 0 && s.p[0] == '-';
    while (point < s.n && s.p[point] != '.')
        point++;
    AUTO(Buf) out = {0};
    for (size_t i = 0; i < s.n; i++) {
        if (i > sign && i < point && (point - i) % 3 == 0)
            buf_char(&out, ',');
        buf_char(&out, s.p[i]);
    }
    TRY(buf_check(c, &out));
    return str_copy(c, buf_view(&out), ret_text);
}

static Err count_tables(Ctx *c, DeskReading *r, DeskInfo *info) {
    const PictureCount *counts;
    size_t n;
    TRY(picture_counts(c, r->slot->picture, (Str){0}, &counts, &n));
    for (size_t i = 0; i < n; i++) {
        uint64_t v = (uint64_t)counts[i].n;
        if (str_eq_c(counts[i].table, "report") && str_eq_c(counts[i].state, "held"))
            info->reports += v;
        else if (str_eq_c(counts[i].table, "case"))
            info->cases += v;
        else if (str_eq_c(counts[i].table, "claim"))
            info->claims += v;
    }
    return OK;
}

Err desk_info(Ctx *c, DeskNode *n, DeskInfo *ret_info) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    DeskInfo info = {
        .dir = str_of(n->dir),
        .agency_id = str_of(n->agency_id),
        .agency = n->agency,
        .name = n->name,
        .country = n->country,
        .kind = n->kind,
        .timezone = n->timezone,
        .demo = n->demo,
        .read_only = desk_exchange_silent(n),
    };
    if (info.read_only)
        info.read_only_why = STR("the ledger is older than what this node has given out: see "
                                 "`moei recover --help`");
    int64_t size;
    TRY(ledger_reader_size(c, r.slot->ledger, LEDGER_MAIN, &size));
    info.records = (uint64_t)size;
    TRY(ledger_reader_size(c, r.slot->ledger, LEDGER_READS, &size));
    info.reads = (uint64_t)size;
    TRY(count_tables(c, &r, &info));
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(n->stream);
    StreamCounts counts = stream_counts(snap);
    info.transfers = counts.transfers;
    info.accounts = counts.accounts;
    info.segments = counts.segments;
    info.tail_rows = counts.tail_rows;
    info.conflicts = counts.conflicts;
    *ret_info = info;
    return OK;
}
