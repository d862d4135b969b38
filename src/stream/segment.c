// A sealed segment: what its sections hold, finding rows in it, and checking all of it.
#include "stream/stream_priv.h"

static Err sizes_bad(Ctx *c, const StreamFile *f, const char *what) {
    return fail(c, E_CORRUPT, "%s: the size of %s does not fit its %llu rows", f->path, what,
                (unsigned long long)f->map.head.n);
}

Err segment_bind(Ctx *c, StreamFile *f) {
    const SectionMap *m = &f->map;
    uint64_t n = m->head.n, p = m->head.p, a = m->head.a, blocks = (a + 511) / 512;
    uint64_t slots = section_bytes(m, SECTION_ID_INDEX) / 4;
    if (n == 0 || n > STREAM_SEGMENT_ROWS_MAX || p > 2 * n || a > STREAM_ACCOUNTS_MAX)
        return fail(c, E_CORRUPT, "%s: its head names %llu rows", f->path, (unsigned long long)n);
    if (section_bytes(m, SECTION_TRANSFERS) != n * sizeof(TraceTransfer))
        return sizes_bad(c, f, "transfers");
    if (section_bytes(m, SECTION_BOOKED_AT) != n * 8)
        return sizes_bad(c, f, "booked_at");
    if (section_bytes(m, SECTION_PRESENT) != blocks * 64)
        return sizes_bad(c, f, "present");
    if (section_bytes(m, SECTION_RANK) != blocks * 4)
        return sizes_bad(c, f, "rank");
    if (section_bytes(m, SECTION_ENTRY_FIRST) != (p + 1) * 4)
        return sizes_bad(c, f, "entry_first");
    if (section_bytes(m, SECTION_ENTRIES) % sizeof(TraceEntry) != 0 ||
        section_bytes(m, SECTION_ENTRIES) / sizeof(TraceEntry) > 2 * n)
        return sizes_bad(c, f, "entries");
    if (section_bytes(m, SECTION_SUMS) != p * sizeof(TraceSum))
        return sizes_bad(c, f, "sums");
    if (section_bytes(m, SECTION_ROW_AT) != (n + 1) * 8)
        return sizes_bad(c, f, "row_at");
    if (slots <= n || (slots & (slots - 1)) != 0 || section_bytes(m, SECTION_ID_INDEX) != slots * 4)
        return sizes_bad(c, f, "id_index");
    f->segment = (TraceSegment){.transfer_count = (uint32_t)n,
                                .present_count = (uint32_t)p,
                                .account_limit = (uint32_t)a,
                                .transfers = section_at(m, SECTION_TRANSFERS),
                                .booked_at = section_at(m, SECTION_BOOKED_AT),
                                .present = section_at(m, SECTION_PRESENT),
                                .rank = section_at(m, SECTION_RANK),
                                .entry_first = section_at(m, SECTION_ENTRY_FIRST),
                                .entries = section_at(m, SECTION_ENTRIES),
                                .sums = section_at(m, SECTION_SUMS)};
    return OK;
}

bool segment_details_bytes(const StreamFile *f, uint32_t row, const uint8_t **ret_p,
                           size_t *ret_n) {
    const uint64_t *at = section_at(&f->map, SECTION_ROW_AT);
    uint64_t from = at[row], to = at[row + 1], bytes = section_bytes(&f->map, SECTION_DETAILS);
    if (from >= to || to > bytes)
        return false;
    *ret_p = (const uint8_t *)section_at(&f->map, SECTION_DETAILS) + from;
    *ret_n = (size_t)(to - from);
    return true;
}

bool segment_details(const StreamFile *f, uint32_t row, Details *ret_details) {
    const uint8_t *p;
    size_t n;
    return segment_details_bytes(f, row, &p, &n) && details_read(p, n, ret_details);
}

uint32_t segment_slot_tag(uint64_t hash) {
    return (uint32_t)(hash >> 59) << 27;
}

void segment_prefetch(const StreamFile *f, uint64_t hash) {
    const uint32_t *slots = section_at(&f->map, SECTION_ID_INDEX);
    __builtin_prefetch(&slots[hash & (section_bytes(&f->map, SECTION_ID_INDEX) / 4 - 1)]);
}

bool segment_find(const StreamFile *f, Str id, uint64_t hash, uint32_t *ret_row) {
    const uint32_t *slots = section_at(&f->map, SECTION_ID_INDEX);
    uint64_t mask = section_bytes(&f->map, SECTION_ID_INDEX) / 4 - 1;
    uint32_t tag = segment_slot_tag(hash), n = f->segment.transfer_count;
    // A damaged index may have no empty slot: the steps are counted.
    for (uint64_t i = hash & mask, steps = 0; steps <= mask; i = (i + 1) & mask, steps++) {
        uint32_t slot = slots[i], row = (slot & 0x7ffffff) - 1;
        const uint8_t *p;
        size_t bytes;
        if (!slot)
            return false;
        if ((slot & ~0x7ffffffU) != tag || row >= n || !segment_details_bytes(f, row, &p, &bytes))
            continue;
        if (bytes < 2 || p[1] > bytes - 2 || !str_eq(details_id(p), id))
            continue;
        *ret_row = row;
        return true;
    }
    return false;
}

bool segment_entries(const TraceSegment *s, uint32_t account, SegmentEntries *ret_entries) {
    if (account >= s->account_limit)
        return false;
    uint32_t word = account >> 6, rank = s->rank[account >> 9];
    uint64_t bit = 1ULL << (account & 63);
    if (!(s->present[word] & bit))
        return false;
    for (uint32_t w = word & ~7U; w < word; w++)
        rank += (uint32_t)__builtin_popcountll(s->present[w]);
    rank += (uint32_t)__builtin_popcountll(s->present[word] & (bit - 1));
    *ret_entries = (SegmentEntries){.entries = s->entries + s->entry_first[rank],
                                    .n = s->entry_first[rank + 1] - s->entry_first[rank],
                                    .sum = &s->sums[rank]};
    return true;
}

bool segment_order(const StreamFile *f, const Keys *keys, uint32_t row, OrderKey *ret_key) {
    Details d;
    uint32_t from = TRACE_ACCOUNT(f->segment.transfers[row].from);
    if (!segment_details(f, row, &d) || from >= keys_count(keys))
        return false;
    *ret_key = (OrderKey){.booked_at = f->segment.booked_at[row],
                          .from = from,
                          .prefix = keys_order_prefix(keys, from),
                          .seq = d.seq,
                          .id = d.id};
    return true;
}

uint32_t segment_lower_bound(const StreamFile *f, const Keys *keys, const OrderKey *key) {
    uint32_t low = 0, high = f->segment.transfer_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        OrderKey at;
        bool before = f->segment.booked_at[middle] < key->booked_at;
        if (f->segment.booked_at[middle] == key->booked_at)
            before = segment_order(f, keys, middle, &at) && order_cmp(&at, key) < 0;
        if (before)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// --- checking
// ---------------------------------------------------------------------------------------

static Err row_bad(Ctx *c, const StreamFile *f, uint32_t row, const char *what) {
    return fail(c, E_CORRUPT, "%s, row %u: %s", f->path, row, what);
}

static Err check_details(Ctx *c, const StreamFile *f) {
    const uint64_t *at = section_at(&f->map, SECTION_ROW_AT);
    uint32_t n = f->segment.transfer_count;
    if (at[0] != 0 || at[n] != section_bytes(&f->map, SECTION_DETAILS))
        return fail(c, E_CORRUPT, "%s: row_at does not span the details", f->path);
    for (uint32_t i = 0; i < n; i++) {
        Details d;
        Contribution k;
        uint32_t found;
        if (!segment_details(f, i, &d))
            return row_bad(c, f, i, "its details cannot be read");
        const uint8_t *p = d.contributions;
        for (uint64_t left = d.contribution_count; left; left--)
            if (!contribution_read(&p, d.end, &k) || k.mask & ~d.presence)
                return row_bad(c, f, i, "its contributions cannot be read");
        if (p != d.end)
            return row_bad(c, f, i, "bytes follow its details");
        if (!segment_find(f, d.id, hash_bytes(f->map.head.key, d.id.p, d.id.n), &found) ||
            found != i)
            return row_bad(c, f, i, "it is not found by its id");
    }
    return OK;
}

static Err check_order(Ctx *c, const StreamFile *f, const Keys *keys) {
    OrderKey before, now;
    for (uint32_t i = 0; i < f->segment.transfer_count; i++) {
        const TraceTransfer *t = &f->segment.transfers[i];
        if (TRACE_ACCOUNT(t->from) >= keys_count(keys) || TRACE_ACCOUNT(t->to) >= keys_count(keys))
            return row_bad(c, f, i, "its account is not in the table");
        if (!segment_order(f, keys, i, &now))
            return row_bad(c, f, i, "its place in the order cannot be told");
        if (i && order_cmp(&before, &now) >= 0)
            return row_bad(c, f, i, "it does not come after the row before it");
        before = now;
    }
    return OK;
}

// What the row gives as balances, for the index.
static void balances_of(const Details *d, TraceBalances *ret_balances) {
    ret_balances->from = d->presence & HAS_FROM_BALANCE ? d->from_balance : TRACE_BALANCE_NONE;
    ret_balances->to = d->presence & HAS_TO_BALANCE ? d->to_balance : TRACE_BALANCE_NONE;
}

static bool same_section(const StreamFile *f, uint32_t kind, const void *bytes) {
    uint64_t n = section_bytes(&f->map, kind);
    return n == 0 || memcmp(section_at(&f->map, kind), bytes, n) == 0;
}

// The index built again from the rows must be the one in the file, byte by byte.
static Err check_index(Ctx *c, const StreamFile *f, const TraceBalances *balances) {
    const TraceSegment *s = &f->segment;
    AUTO(TraceIndex) index = {0};
    Err e = trace_index_build(c, s->transfers, s->booked_at, balances, s->transfer_count, &index);
    if (e != OK)
        return e == E_MEMORY ? e : fail(c, E_CORRUPT, "%s: its rows cannot be indexed", f->path);
    const TraceSegment *o = &index.segment;
    uint64_t entries = section_bytes(&f->map, SECTION_ENTRIES) / sizeof(TraceEntry);
    if (o->present_count != s->present_count || o->account_limit != s->account_limit ||
        o->entry_first[o->present_count] != entries)
        return fail(c, E_CORRUPT, "%s: its accounts are not those of its rows", f->path);
    const struct {
        uint32_t kind;
        const void *bytes;
        const char *name;
    } parts[] = {{SECTION_PRESENT, o->present, "present"},
                 {SECTION_RANK, o->rank, "rank"},
                 {SECTION_ENTRY_FIRST, o->entry_first, "entry_first"},
                 {SECTION_ENTRIES, o->entries, "entries"},
                 {SECTION_SUMS, o->sums, "sums"}};
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (!same_section(f, parts[i].kind, parts[i].bytes))
            return fail(c, E_CORRUPT, "%s: %s is not what its rows make", f->path, parts[i].name);
    return OK;
}

static Err check_sums(Ctx *c, const StreamFile *f) {
    uint32_t n = f->segment.transfer_count;
    for (uint32_t i = 0; i < n; i++) {
        const TraceTransfer *t = &f->segment.transfers[i];
        bool from_bad = !(t->from & TRACE_OUTSIDE) && t->from >= f->segment.account_limit;
        bool to_bad = !(t->to & TRACE_OUTSIDE) && t->to >= f->segment.account_limit;
        if (from_bad || to_bad || t->amount <= 0 || t->amount > BASE_AMOUNT_MINOR_MAX ||
            t->credited < 0 || t->credited > BASE_AMOUNT_MINOR_MAX)
            return row_bad(c, f, i, "its accounts or amounts are out of range");
    }
    TraceBalances *balances = mem_alloc(n * sizeof *balances);
    if (!balances)
        return fail(c, E_MEMORY, "not enough memory to check %s", f->path);
    for (uint32_t i = 0; i < n; i++) {
        Details d = {0};
        bool read = segment_details(f, i, &d);
        ASSERT(read);
        balances_of(&d, &balances[i]);
    }
    Err e = check_index(c, f, balances);
    mem_free(balances);
    return e;
}

Err segment_check(Ctx *c, const StreamFile *f, const Keys *keys) {
    for (uint32_t k = 1; k <= f->kind->sections; k++)
        if (crc32c(0, section_at(&f->map, k), section_bytes(&f->map, k)) != f->map.rows[k - 1].crc)
            return fail(c, E_CORRUPT, "%s: section %u does not fit its checksum", f->path, k);
    TRY(check_details(c, f));
    if (keys)
        TRY(check_order(c, f, keys));
    return check_sums(c, f);
}
