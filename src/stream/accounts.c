// Account table: joined keys to dense ids and back. Files hold the old ones, memory the young ones.
#include "stream/stream_priv.h"

// --- keys
// -------------------------------------------------------------------------------------------

size_t key_join(const StreamParty *party, Str currency, char ret_key[KEY_BYTES_MAX]) {
    const Str parts[4] = {party->country, party->institution, party->account, currency};
    char *p = ret_key;
    for (size_t i = 0; i < 4; i++) {
        ASSERT(parts[i].n <= STREAM_FIELD_BYTES_MAX);
        if (i)
            *p++ = UNIT_SEPARATOR;
        for (size_t k = 0; k < parts[i].n; k++)
            *p++ = parts[i].p[k];
    }
    return (size_t)(p - ret_key);
}

bool key_split(Str key, StreamParty *ret_party, Str *ret_currency) {
    Str parts[4];
    size_t part = 0, start = 0;
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] != UNIT_SEPARATOR)
            continue;
        if (part == 3)
            return false;
        parts[part++] = (Str){key.p + start, i - start};
        start = i + 1;
    }
    if (part != 3)
        return false;
    *ret_party = (StreamParty){parts[0], parts[1], parts[2]};
    *ret_currency = (Str){key.p + start, key.n - start};
    return true;
}

// --- currencies
// ---------------------------------------------------------------------------------------

void currencies_done(Currencies *k) {
    mem_free(k->items);
    *k = (Currencies){0};
}

Err currencies_copy(Ctx *c, const Currencies *from, Currencies *ret_to) {
    Currencies k = {0};
    TRY(mem_grow(c, &k.items, &k.cap, from->n + 1, sizeof *k.items));
    if (from->n)
        memcpy(k.items, from->items, from->n * sizeof *k.items);
    k.n = from->n;
    *ret_to = k;
    return OK;
}

Err currencies_intern(Ctx *c, Currencies *k, Str code, uint8_t exponent, uint16_t *ret_number) {
    ASSERT(code.n <= CURRENCY_BYTES_MAX);
    for (size_t i = 0; i < k->n; i++) {
        const Currency *have = &k->items[i];
        if (have->n != code.n || memcmp(have->code, code.p, code.n) != 0)
            continue;
        if (have->exponent != exponent)
            return fail(c, E_INVALID,
                        "currency " STR_FMT " came with %u digits before, now with %u",
                        STR_ARG(code), have->exponent, exponent);
        *ret_number = (uint16_t)i;
        return OK;
    }
    if (k->n >= STREAM_CURRENCIES_MAX)
        return fail(c, E_INVALID, "more than %d currencies", STREAM_CURRENCIES_MAX);
    TRY(mem_grow(c, &k->items, &k->cap, k->n + 1, sizeof *k->items));
    Currency *add = &k->items[k->n];
    *add = (Currency){.n = (uint8_t)code.n, .exponent = exponent};
    memcpy(add->code, code.p, code.n);
    *ret_number = (uint16_t)k->n++;
    return OK;
}

// --- young accounts
// -----------------------------------------------------------------------------------

void young_done(Young *y) {
    mem_free(y->offsets);
    mem_free(y->bytes);
    mem_free(y->currencies);
    mem_free(y->slots);
    *y = (Young){0};
}

static Str young_key(const Young *y, uint32_t i) {
    return (Str){y->bytes + y->offsets[i], (size_t)(y->offsets[i + 1] - y->offsets[i])};
}

static uint64_t slot_of(uint64_t hash, uint32_t index) {
    return (hash & ~(uint64_t)UINT32_MAX) | (index + 1);
}

// The first slot whose part of the hash fits, NULL where there is none.
static const uint64_t *young_probe(const Young *y, uint64_t hash, size_t *at) {
    for (;; *at = (*at + 1) & (y->slot_count - 1)) {
        const uint64_t *slot = &y->slots[*at];
        if (!*slot)
            return NULL;
        if ((*slot ^ hash) >> 32 == 0)
            return slot;
    }
}

bool young_find(const Young *y, Str key, uint64_t hash, uint32_t *ret_id) {
    if (y->slot_count == 0)
        return false;
    for (size_t at = hash & (y->slot_count - 1);; at = (at + 1) & (y->slot_count - 1)) {
        const uint64_t *slot = young_probe(y, hash, &at);
        if (!slot)
            return false;
        uint32_t index = (uint32_t)*slot - 1;
        if (str_eq(young_key(y, index), key)) {
            *ret_id = y->first + index;
            return true;
        }
    }
}

void young_prefetch(const Young *y, uint64_t hash, int step) {
    if (y->slot_count == 0)
        return;
    size_t at = hash & (y->slot_count - 1);
    if (step == 0) {
        __builtin_prefetch(&y->slots[at]);
        return;
    }
    const uint64_t *slot = young_probe(y, hash, &at);
    if (slot && step == 1)
        __builtin_prefetch(&y->offsets[(uint32_t)*slot - 1]);
    else if (slot)
        __builtin_prefetch(y->bytes + y->offsets[(uint32_t)*slot - 1]);
}

static void young_place(const Young *y, uint64_t hash, uint32_t index) {
    size_t i = hash & (y->slot_count - 1);
    while (y->slots[i])
        i = (i + 1) & (y->slot_count - 1);
    y->slots[i] = slot_of(hash, index);
}

static Err young_rehash(Ctx *c, Young *y, uint64_t hash_key) {
    size_t count = y->slot_count ? y->slot_count * 4 : 64;
    uint64_t *slots = mem_alloc_zero(count, sizeof *slots);
    if (!slots)
        return fail(c, E_MEMORY, "not enough memory for %u accounts", y->count);
    mem_free(y->slots);
    y->slots = slots;
    y->slot_count = count;
    for (uint32_t i = 0; i < y->count; i++) {
        Str key = young_key(y, i);
        young_place(y, hash_bytes(hash_key, key.p, key.n), i);
    }
    return OK;
}

Err young_add(Ctx *c, Young *y, uint64_t hash_key, Str key, uint16_t currency) {
    if (y->first + y->count + 1 >= STREAM_ACCOUNTS_MAX)
        return fail(c, E_LIMIT, "more than %u accounts", STREAM_ACCOUNTS_MAX - 1);
    TRY(mem_grow(c, &y->offsets, &y->offset_cap, (size_t)y->count + 2, sizeof *y->offsets));
    TRY(mem_grow(c, &y->currencies, &y->currency_cap, (size_t)y->count + 1, sizeof *y->currencies));
    uint64_t at = y->count ? y->offsets[y->count] : 0;
    TRY(mem_grow(c, &y->bytes, &y->bytes_cap, (size_t)at + key.n + 1, 1));
    if ((size_t)y->count * 2 >= y->slot_count)
        TRY(young_rehash(c, y, hash_key));
    memcpy(y->bytes + at, key.p, key.n);
    y->offsets[y->count] = at;
    y->offsets[y->count + 1] = at + key.n;
    y->currencies[y->count] = currency;
    young_place(y, hash_bytes(hash_key, key.p, key.n), y->count);
    y->count++;
    return OK;
}

// --- files
// ----------------------------------------------------------------------------------------------

enum {
    SECTION_KEY_AT = 1,
    SECTION_KEYS,
    SECTION_CURRENCY,
    SECTION_CURRENCIES,
    SECTION_INDEX,
    SECTION_NUMBERS
};

Err accounts_file_bind(Ctx *c, StreamFile *f) {
    const SectionMap *m = &f->map;
    uint64_t n = m->head.n, slots = section_bytes(m, SECTION_INDEX) / 4;
    if (n == 0 || n >= STREAM_ACCOUNTS_MAX || m->head.p >= STREAM_ACCOUNTS_MAX - n ||
        section_bytes(m, SECTION_KEY_AT) != (n + 1) * 8 ||
        section_bytes(m, SECTION_CURRENCY) != n * 2 || slots <= n || (slots & (slots - 1)) != 0 ||
        section_bytes(m, SECTION_INDEX) != slots * 4 ||
        section_bytes(m, SECTION_NUMBERS) != slots * 4)
        return fail(c, E_CORRUPT, "%s: the sizes of its sections do not fit %llu accounts", f->path,
                    (unsigned long long)n);
    return OK;
}

Str accounts_file_key(const StreamFile *f, uint32_t i) {
    const uint64_t *at = section_at(&f->map, SECTION_KEY_AT);
    uint64_t from = at[i], to = at[i + 1];
    if (from > to || to > section_bytes(&f->map, SECTION_KEYS))
        return (Str){0};
    return (Str){(const char *)section_at(&f->map, SECTION_KEYS) + from, (size_t)(to - from)};
}

static bool file_find(const StreamFile *f, Str key, uint64_t hash, uint32_t *ret_id) {
    const uint32_t *slots = section_at(&f->map, SECTION_INDEX);
    uint64_t mask = section_bytes(&f->map, SECTION_INDEX) / 4 - 1;
    // A damaged index may have no empty slot: the steps are counted.
    for (uint64_t i = hash & mask, steps = 0; steps <= mask; i = (i + 1) & mask, steps++) {
        uint32_t slot = slots[i];
        if (!slot)
            return false;
        if (slot <= f->map.head.n && str_eq(accounts_file_key(f, slot - 1), key)) {
            *ret_id = (uint32_t)f->map.head.p + slot - 1;
            return true;
        }
    }
    return false;
}

static Str key_number(Str key) {
    StreamParty party;
    Str currency;
    return key_split(key, &party, &currency) ? party.account : (Str){0};
}

Err accounts_by_number(Ctx *c, const Accounts *a, Str number, IdList *list) {
    uint64_t hash = hash_bytes(a->hash_key, number.p, number.n);
    for (size_t k = 0; k < a->file_count; k++) {
        const StreamFile *f = a->files[k];
        const uint32_t *slots = section_at(&f->map, SECTION_NUMBERS);
        uint64_t mask = section_bytes(&f->map, SECTION_NUMBERS) / 4 - 1;
        for (uint64_t i = hash & mask, steps = 0; slots[i] && steps <= mask; steps++) {
            uint32_t slot = slots[i];
            i = (i + 1) & mask;
            if (slot > f->map.head.n || !str_eq(key_number(accounts_file_key(f, slot - 1)), number))
                continue;
            TRY(mem_grow(c, &list->items, &list->cap, list->n + 1, sizeof *list->items));
            list->items[list->n++] = (uint32_t)f->map.head.p + slot - 1;
        }
    }
    for (uint32_t i = 0; i < a->young.count; i++) {
        if (!str_eq(key_number(young_key(&a->young, i)), number))
            continue;
        TRY(mem_grow(c, &list->items, &list->cap, list->n + 1, sizeof *list->items));
        list->items[list->n++] = a->young.first + i;
    }
    return OK;
}

// --- tables
// ---------------------------------------------------------------------------------------------

Err accounts_empty(Ctx *c, uint64_t hash_key, Accounts **ret_accounts) {
    Accounts *a = mem_alloc_zero(1, sizeof *a);
    if (!a)
        return fail(c, E_MEMORY, "not enough memory for the account table");
    atomic_store(&a->refs, 1);
    a->hash_key = hash_key;
    *ret_accounts = a;
    return OK;
}

Accounts *accounts_ref(Accounts *a) {
    atomic_fetch_add(&a->refs, 1);
    return a;
}

void accounts_put(Accounts *a) {
    if (!a || atomic_fetch_sub(&a->refs, 1) != 1)
        return;
    for (size_t i = 0; i < a->file_count; i++)
        stream_file_put(a->files[i]);
    young_done(&a->young);
    currencies_done(&a->currencies);
    mem_free(a->currency_of);
    mem_free(a);
}

void AccountsPtr_cleanup(AccountsPtr *a) {
    accounts_put(*a);
}

// The file's own currency numbers are turned into those of the table.
static Err file_currencies(Ctx *c, const StreamFile *f, Currencies *into, uint16_t *currency_of) {
    const uint8_t *p = section_at(&f->map, SECTION_CURRENCIES);
    const uint8_t *end = p + section_bytes(&f->map, SECTION_CURRENCIES);
    const uint16_t *own = section_at(&f->map, SECTION_CURRENCY);
    uint16_t *numbers = mem_alloc_zero(f->map.head.a + 1, sizeof *numbers);
    Err e = numbers ? OK : fail(c, E_MEMORY, "not enough memory for currencies");
    for (uint64_t i = 0; e == OK && i < f->map.head.a; i++) {
        if (end - p < 2 || p[1] > CURRENCY_BYTES_MAX || end - p < 2 + p[1] || p[0] > 12)
            e = fail(c, E_CORRUPT, "%s: currency %llu is damaged", f->path, (unsigned long long)i);
        else
            e = currencies_intern(c, into, (Str){(const char *)p + 2, p[1]}, p[0], &numbers[i]);
        if (e == OK)
            p += 2 + p[1];
    }
    for (uint64_t i = 0; e == OK && i < f->map.head.n; i++) {
        if (own[i] >= f->map.head.a)
            e = fail(c, E_CORRUPT, "%s: account %llu has no currency", f->path,
                     (unsigned long long)i);
        else
            currency_of[i] = numbers[own[i]];
    }
    mem_free(numbers);
    return e;
}

Err accounts_of_files(Ctx *c, uint64_t hash_key, StreamFile *const *files, size_t n,
                      Accounts **ret_accounts) {
    AUTO(AccountsPtr) a = NULL;
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (files[i]->map.head.p != count || files[i]->map.head.key != hash_key)
            return fail(c, E_CORRUPT, "%s does not follow the account table before it",
                        files[i]->path);
        count += files[i]->map.head.n;
    }
    TRY(accounts_empty(c, hash_key, &a));
    if (n > ACCOUNT_FILES_MAX || count >= STREAM_ACCOUNTS_MAX)
        return fail(c, E_LIMIT, "the account table has too many files");
    a->currency_of = mem_alloc_zero(count + 1, sizeof *a->currency_of);
    if (!a->currency_of)
        return fail(c, E_MEMORY, "not enough memory for the account table");
    for (size_t i = 0; i < n; i++)
        TRY(file_currencies(c, files[i], &a->currencies, a->currency_of + files[i]->map.head.p));
    for (size_t i = 0; i < n; i++)
        a->files[i] = files[i];
    a->file_count = n;
    a->count = a->young.first = (uint32_t)count;
    *ret_accounts = a;
    a = NULL;
    return OK;
}

bool accounts_find(const Accounts *a, Str key, uint64_t hash, uint32_t *ret_id) {
    for (size_t i = 0; i < a->file_count; i++)
        if (file_find(a->files[i], key, hash, ret_id))
            return true;
    return young_find(&a->young, key, hash, ret_id);
}

void accounts_prefetch(const Accounts *a, uint64_t hash, int step) {
    for (size_t i = 0; i < a->file_count; i++) {
        const StreamFile *f = a->files[i];
        const uint32_t *slots = section_at(&f->map, SECTION_INDEX);
        const uint64_t *key_at = section_at(&f->map, SECTION_KEY_AT);
        uint64_t mask = section_bytes(&f->map, SECTION_INDEX) / 4 - 1;
        uint32_t slot = step ? slots[hash & mask] : 0;
        if (step == 0)
            __builtin_prefetch(&slots[hash & mask]);
        else if (slot && slot <= f->map.head.n && step == 1)
            __builtin_prefetch(&key_at[slot - 1]);
        else if (slot && slot <= f->map.head.n)
            __builtin_prefetch(accounts_file_key(f, slot - 1).p);
    }
    young_prefetch(&a->young, hash, step);
}

static Err young_append(Ctx *c, Young *to, uint64_t hash_key, const Young *from) {
    for (uint32_t i = 0; i < from->count; i++)
        TRY(young_add(c, to, hash_key, young_key(from, i), from->currencies[i]));
    return OK;
}

Err accounts_extend(Ctx *c, const Keys *with, Accounts **ret_accounts) {
    const Accounts *base = with->base;
    AUTO(AccountsPtr) a = NULL;
    TRY(accounts_empty(c, base->hash_key, &a));
    ASSERT(a); // as the compiler cannot know
    TRY(currencies_copy(c, with->currencies, &a->currencies));
    a->young.first = base->young.first;
    TRY(young_append(c, &a->young, a->hash_key, &base->young));
    if (with->fresh)
        TRY(young_append(c, &a->young, a->hash_key, with->fresh));
    a->count = a->young.first + a->young.count;
    a->currency_of = mem_alloc((size_t)(a->count + 1) * sizeof *a->currency_of);
    if (!a->currency_of)
        return fail(c, E_MEMORY, "not enough memory for the account table");
    for (uint32_t i = 0; i < a->count; i++)
        a->currency_of[i] = keys_currency(with, i);
    for (size_t i = 0; i < base->file_count; i++)
        a->files[a->file_count++] = stream_file_ref(base->files[i]);
    *ret_accounts = a;
    a = NULL;
    return OK;
}

// --- the keys of a session
// --------------------------------------------------------------------------------

uint32_t keys_count(const Keys *k) {
    return k->base->count + (k->fresh ? k->fresh->count : 0);
}

Str keys_get(const Keys *k, uint32_t id) {
    const Accounts *a = k->base;
    if (id >= a->count) {
        ASSERT(k->fresh != NULL);
        return young_key(k->fresh, id - a->count);
    }
    if (id >= a->young.first)
        return young_key(&a->young, id - a->young.first);
    size_t f = a->file_count - 1;
    while (id < a->files[f]->map.head.p)
        f--;
    return accounts_file_key(a->files[f], id - (uint32_t)a->files[f]->map.head.p);
}

Str keys_order_prefix(const Keys *k, uint32_t id) {
    Str key = keys_get(k, id);
    size_t separators = 0;
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] == UNIT_SEPARATOR && ++separators == 2)
            return (Str){key.p, i + 1};
    return key;
}

uint16_t keys_currency(const Keys *k, uint32_t id) {
    const Accounts *a = k->base;
    if (id >= a->count) {
        ASSERT(k->fresh != NULL);
        return k->fresh->currencies[id - a->count];
    }
    if (id >= a->young.first)
        return a->young.currencies[id - a->young.first];
    return a->currency_of[id];
}

// --- writing
// ----------------------------------------------------------------------------------------------

typedef uint32_t *Slots;
static void Slots_cleanup(Slots *s) {
    mem_free(*s);
}

// Slots by the hash of the whole key, or of the account number alone.
static Err make_slots(Ctx *c, const Keys *with, uint32_t first, size_t slot_count, bool by_number,
                      uint32_t **ret_slots) {
    AUTO(Slots) slots = mem_alloc_zero(slot_count, sizeof *slots);
    if (!slots)
        return fail(c, E_MEMORY, "not enough memory for the index of accounts");
    uint32_t count = keys_count(with);
    for (uint32_t id = first; id < count; id++) {
        Str key = keys_get(with, id);
        if (by_number)
            key = key_number(key);
        size_t i = hash_bytes(with->base->hash_key, key.p, key.n) & (slot_count - 1);
        while (slots[i])
            i = (i + 1) & (slot_count - 1);
        slots[i] = id - first + 1;
    }
    *ret_slots = slots;
    slots = NULL;
    return OK;
}

static Err put_slots(Ctx *c, SectionWriter *w, const Keys *with, uint32_t first) {
    size_t n = keys_count(with) - first, slot_count = 2;
    while (slot_count < 2 * n)
        slot_count *= 2;
    for (int by_number = 0; by_number < 2; by_number++) {
        AUTO(Slots) slots = NULL;
        TRY(make_slots(c, with, first, slot_count, by_number, &slots));
        TRY(section_put_whole(c, w, slots, slot_count * sizeof *slots));
    }
    return OK;
}

static Err put_keys(Ctx *c, SectionWriter *w, const Keys *with, uint32_t first) {
    uint32_t count = keys_count(with);
    uint64_t at = 0;
    section_begin(w);
    for (uint32_t id = first; id <= count; id++) {
        uint8_t le[8];
        store_u64le(le, at);
        TRY(section_put(c, w, le, sizeof le));
        at += id < count ? keys_get(with, id).n : 0;
    }
    TRY(section_end(c, w));
    section_begin(w);
    for (uint32_t id = first; id < count; id++) {
        Str key = keys_get(with, id);
        TRY(section_put(c, w, key.p, key.n));
    }
    TRY(section_end(c, w));
    section_begin(w);
    for (uint32_t id = first; id < count; id++) {
        uint16_t number = keys_currency(with, id);
        TRY(section_put(c, w, &number, sizeof number));
    }
    TRY(section_end(c, w));
    section_begin(w);
    for (size_t i = 0; i < with->currencies->n; i++) {
        const Currency *k = &with->currencies->items[i];
        uint8_t head[2] = {k->exponent, k->n};
        TRY(section_put(c, w, head, sizeof head));
        TRY(section_put(c, w, k->code, k->n));
    }
    return section_end(c, w);
}

Err accounts_write(Ctx *c, const Keys *with, Str path, uint64_t number, Accounts **ret_accounts) {
    const Accounts *base = with->base;
    uint32_t count = keys_count(with), first = base->young.first;
    size_t kept = base->file_count;
    ASSERT(count > first);
    // Merging files of up to twice the size keeps their number logarithmic.
    while (kept && base->files[kept - 1]->map.head.n <= 2 * (uint64_t)(count - first))
        first = (uint32_t)base->files[--kept]->map.head.p;
    AUTO(SectionWriter) w = {0};
    FileHead head = {.number = number, .n = count - first, .p = first, .key = base->hash_key};
    head.a = with->currencies->n;
    CryptoHash hash;
    TRY(section_writer_begin(c, path, &FILE_KIND_ACCOUNTS, &head, &w));
    TRY(put_keys(c, &w, with, first));
    TRY(put_slots(c, &w, with, first));
    TRY(section_writer_finish(c, &w, &hash));
    StreamFile *files[ACCOUNT_FILES_MAX];
    for (size_t i = 0; i < kept; i++)
        files[i] = base->files[i];
    TRY(stream_file_open(c, path, &FILE_KIND_ACCOUNTS, &files[kept]));
    files[kept]->hash = hash;
    Err e = accounts_of_files(c, base->hash_key, files, kept + 1, ret_accounts);
    if (e != OK) {
        atomic_store(&files[kept]->doomed, true);
        stream_file_put(files[kept]);
        return e;
    }
    for (size_t i = 0; i < kept; i++)
        stream_file_ref(files[i]);
    return OK;
}

// --- checking
// ---------------------------------------------------------------------------------------------

static Err check_key(Ctx *c, const StreamFile *f, uint32_t i) {
    StreamParty party;
    Str currency, key = accounts_file_key(f, i);
    uint32_t id;
    if (!key_split(key, &party, &currency) || party.country.n > STREAM_FIELD_BYTES_MAX ||
        party.institution.n > STREAM_FIELD_BYTES_MAX || party.account.n > STREAM_FIELD_BYTES_MAX ||
        currency.n == 0 || currency.n > CURRENCY_BYTES_MAX)
        return fail(c, E_CORRUPT, "%s: the key of account %u is damaged", f->path, i);
    uint64_t hash = hash_bytes(f->map.head.key, key.p, key.n);
    if (!file_find(f, key, hash, &id) || id != f->map.head.p + i)
        return fail(c, E_CORRUPT, "%s: account %u is not found by its key", f->path, i);
    return OK;
}

Err accounts_file_check(Ctx *c, const StreamFile *f) {
    for (uint32_t k = 1; k <= f->kind->sections; k++)
        if (crc32c(0, section_at(&f->map, k), section_bytes(&f->map, k)) != f->map.rows[k - 1].crc)
            return fail(c, E_CORRUPT, "%s: section %u does not fit its checksum", f->path, k);
    for (uint32_t i = 0; i < f->map.head.n; i++)
        TRY(check_key(c, f, i));
    return OK;
}
