// The product's tables one row after the other, for lists of names.
#include "format/format_priv.h"

const FormatCurrency *format_currency_at(const FormatTables *t, size_t i) {
    return i < t->currency_count ? &t->currencies[i] : NULL;
}

const FormatInstitution *format_institution_at(const FormatTables *t, size_t i) {
    return i < t->institution_keys.count ? &t->institutions[i] : NULL;
}
