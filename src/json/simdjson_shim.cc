// The only C++ of the room: simdjson's DOM parser and std::to_chars behind plain C functions.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <new>

#include "json/json_priv.h"

using simdjson::dom::document;
using simdjson::dom::element;
using simdjson::dom::parser;

namespace {

// A parser that once read a large document gives that memory back at the next small one.
constexpr size_t keep_bytes = size_t{1} << 20;
constexpr size_t least_bytes = 4096;

struct Shim {
    parser machine{};
    document doc{};
    std::unique_ptr<char[]> padded{};
    size_t capacity = 0;
};

bool make_room(Shim *s, size_t n) noexcept {
    if (s->capacity > 0 && s->capacity >= n && (s->capacity <= keep_bytes || n > keep_bytes / 2))
        return true;
    size_t capacity = least_bytes;
    while (capacity < n)
        capacity *= 2;
    s->capacity = 0;
    s->padded.reset(new (std::nothrow) char[capacity + simdjson::SIMDJSON_PADDING]);
    if (!s->padded)
        return false;
    if (s->machine.allocate(capacity) != simdjson::SUCCESS)
        return false;
    if (s->doc.allocate(capacity) != simdjson::SUCCESS)
        return false;
    s->capacity = capacity;
    return true;
}

ShimResult result_of(simdjson::error_code e) noexcept {
    if (e == simdjson::SUCCESS)
        return SHIM_OK;
    if (e == simdjson::NUMBER_ERROR)
        return SHIM_NUMBER;
    if (e == simdjson::DEPTH_ERROR)
        return SHIM_DEPTH;
    if (e == simdjson::MEMALLOC)
        return SHIM_MEMORY;
    return SHIM_SYNTAX;
}

} // namespace

void *json_shim_open(void) {
    return new (std::nothrow) Shim;
}

void json_shim_close(void *shim) {
    delete static_cast<Shim *>(shim);
}

ShimResult json_shim_parse(void *shim, const char *text, size_t n, const uint64_t **ret_tape,
                           const uint8_t **ret_strings) {
    Shim *s = static_cast<Shim *>(shim);
    if (!make_room(s, n))
        return SHIM_MEMORY;
    // simdjson reads a little past the end, so that it needs a copy with room behind.
    if (n > 0)
        std::memcpy(s->padded.get(), text, n);
    std::memset(s->padded.get() + n, ' ', simdjson::SIMDJSON_PADDING);
    simdjson::simdjson_result<element> root =
        s->machine.parse_into_document(s->doc, s->padded.get(), n, false);
    if (root.error() == simdjson::SUCCESS) {
        *ret_tape = s->doc.tape.get();
        *ret_strings = s->doc.string_buf.get();
    }
    return result_of(root.error());
}

bool json_shim_utf8_valid(const char *bytes, size_t n) {
    return simdjson::validate_utf8(bytes, n);
}

void json_shim_shortest(double v, char *ret_text) {
    std::to_chars_result r =
        std::to_chars(ret_text, ret_text + 31, v, std::chars_format::scientific);
    *r.ptr = '\0';
}
