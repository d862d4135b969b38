// What commands print with: text, tables that fit the terminal, progress.
#include "cli/cli_priv.h"
#include "text/text.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

bool cli_gone(const CliCall *call) {
    if (!call->in_server)
        return false;
    if (atomic_load(call->stop))
        return true;
    struct pollfd peer = {.fd = call->peer, .events = POLLRDHUP};
    return poll(&peer, 1, 0) == 1 && (peer.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

// Waits until a write of CLI_PIPE_BYTES cannot block, or nobody waits for it any more.
static bool write_possible(const CliCall *call, int fd) {
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    for (;;) {
        int k = poll(&ready, 1, call->in_server ? CLI_GONE_EVERY_MS : -1);
        if (k > 0)
            return true; // an error shows in the write
        if (k < 0 && errno != EINTR)
            return false;
        if (cli_gone(call))
            return false;
    }
}

bool cli_write_all(const CliCall *call, int fd, const void *bytes, size_t n) {
    const char *p = bytes;
    // A caller who stops reading must not hold a thread of the server in write() for ever.
    size_t piece = call->in_server ? CLI_PIPE_BYTES : n;
    while (n > 0) {
        if (call->in_server && !write_possible(call, fd))
            return false;
        ssize_t k = write(fd, p, n < piece ? n : piece);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0 && errno == EAGAIN) {
            if (!write_possible(call, fd))
                return false;
            continue;
        }
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

void cli_print(CliCall *call, const char *format, ...) {
    char text[BASE_ERROR_TEXT_BYTES_MAX];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof text) {
        buf_append(&call->out, text, (size_t)n);
    } else if (n >= 0) {
        char *long_text = mem_alloc((size_t)n + 1);
        if (long_text) {
            vsnprintf(long_text, (size_t)n + 1, format, again);
            buf_append(&call->out, long_text, (size_t)n);
        } else {
            call->out.failed = true;
        }
        mem_free(long_text);
    }
    va_end(again);
}

void cli_note(CliCall *call, const char *format, ...) {
    char text[BASE_ERROR_TEXT_BYTES_MAX + 1];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, BASE_ERROR_TEXT_BYTES_MAX, format, args);
    va_end(args);
    size_t used = n < 0 ? 0 : (size_t)n;
    used = used < BASE_ERROR_TEXT_BYTES_MAX ? used : BASE_ERROR_TEXT_BYTES_MAX - 1;
    text[used++] = '\n';
    (void)cli_write_all(call, call->io.err, text, used);
}

Err cli_flush(CliCall *call) {
    TRY(buf_check(call->c, &call->out));
    bool whole = cli_write_all(call, call->io.out, call->out.p, call->out.n);
    buf_clear(&call->out);
    return whole ? OK : fail_errno(call->c, "cannot write the answer");
}

unsigned cli_columns(const CliCall *call) {
    if (!call->io.out_tty || call->io.columns == 0)
        return UINT32_MAX;
    return call->io.columns < CLI_COLUMNS_MIN ? CLI_COLUMNS_MIN : call->io.columns;
}

void cli_put_count(Buf *b, int64_t v) {
    cli_put_amount(b, v, 0);
}

void cli_put_amount(Buf *b, int64_t minor, unsigned exponent) {
    // 19 digits and room for leading zeros of a small amount in a currency of many digits.
    char digits[64];
    uint64_t v = minor < 0 ? (uint64_t)0 - (uint64_t)minor : (uint64_t)minor;
    exponent = exponent < 18 ? exponent : 18;
    size_t n = 0;
    while (v > 0 || n <= exponent) {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    }
    if (minor < 0)
        buf_char(b, '-');
    for (size_t i = n; i-- > 0;) {
        buf_char(b, digits[i]);
        if (i == exponent && exponent > 0)
            buf_char(b, '.');
        else if (i > exponent && (i - exponent) % 3 == 0)
            buf_char(b, ',');
    }
}

// --- tables
// ---------------------------------------------------------------------------------------

void cli_table_start(CliTable *t, const char *const *titles, const bool *right, size_t columns) {
    *t = (CliTable){.titles = titles, .right = right, .columns = columns};
}

void cli_table_cell(CliTable *t, Str cell) {
    Ctx quiet; // the words of a failure are made when the table is printed
    memset(&quiet, 0, sizeof quiet);
    if (t->failed || t->cell_count >= CLI_TABLE_CELLS_MAX ||
        mem_grow(&quiet, &t->ends, &t->cell_cap, t->cell_count + 1, sizeof *t->ends) != OK) {
        t->failed = true;
        return;
    }
    // A control character from outside must not move the cursor of whoever reads.
    for (size_t i = 0; i < cell.n; i++)
        buf_char(&t->text, (unsigned char)cell.p[i] < 0x20 || cell.p[i] == 0x7f ? ' ' : cell.p[i]);
    t->ends[t->cell_count++] = t->text.n;
}

void cli_table_cell_i64(CliTable *t, int64_t v) {
    AUTO(Buf) b = {0};
    cli_put_count(&b, v);
    t->failed = t->failed || b.failed;
    cli_table_cell(t, buf_view(&b));
}

static Str table_cell(const CliTable *t, size_t i) {
    size_t from = i ? t->ends[i - 1] : 0;
    return (Str){t->text.p + from, t->ends[i] - from};
}

// Column widths: as needed, then the widest left-aligned column gives way until all fit.
static void table_widths(const CliTable *t, size_t total, size_t *widths) {
    size_t sum = 0;
    for (size_t k = 0; k < t->columns; k++) {
        widths[k] = text_width(str_of(t->titles[k]));
        for (size_t i = k; i < t->cell_count; i += t->columns) {
            size_t w = text_width(table_cell(t, i));
            widths[k] = w > widths[k] ? w : widths[k];
        }
        sum += widths[k];
    }
    size_t gaps = 2 * (t->columns - 1);
    while (sum + gaps > total) {
        size_t widest = t->columns;
        for (size_t k = 0; k < t->columns; k++)
            if (!t->right[k] && widths[k] > CLI_COLUMN_MIN &&
                (widest == t->columns || widths[k] > widths[widest]))
                widest = k;
        if (widest == t->columns)
            return;
        widths[widest]--;
        sum--;
    }
}

static Err table_put(CliCall *call, Str cell, size_t width, bool right, bool last) {
    Str shown = cell;
    size_t w = text_width(cell);
    if (w > width) {
        TRY(text_truncate(call->c, cell, width - 1, &shown));
        w = text_width(shown) + 1;
    }
    for (size_t i = w; right && i < width; i++)
        buf_char(&call->out, ' ');
    buf_str(&call->out, shown);
    if (shown.n != cell.n)
        buf_text(&call->out, "…");
    for (size_t i = w; !right && !last && i < width; i++)
        buf_char(&call->out, ' ');
    if (!last) {
        buf_text(&call->out, "  ");
        return OK;
    }
    while (call->out.n > 0 && call->out.p[call->out.n - 1] == ' ')
        call->out.n--;
    buf_char(&call->out, '\n');
    return OK;
}

Err cli_table_print(CliCall *call, CliTable *t) {
    if (t->failed || t->text.failed)
        return fail(call->c, E_LIMIT, "the table is too large to be shown; use --json");
    size_t widths[CLI_TABLE_COLUMNS_MAX] = {0};
    ASSERT(t->columns > 0 && t->columns <= COUNT_OF(widths));
    ASSERT(t->cell_count % t->columns == 0);
    table_widths(t, cli_columns(call), widths);
    for (size_t k = 0; k < t->columns; k++)
        TRY(table_put(call, str_of(t->titles[k]), widths[k], t->right[k], k + 1 == t->columns));
    for (size_t i = 0; i < t->cell_count; i++) {
        size_t k = i % t->columns;
        TRY(table_put(call, table_cell(t, i), widths[k], t->right[k], k + 1 == t->columns));
    }
    return OK;
}

void CliTable_cleanup(CliTable *t) {
    buf_done(&t->text);
    mem_free(t->ends);
    *t = (CliTable){0};
}

// --- progress
// -------------------------------------------------------------------------------------

void cli_progress_start(CliProgress *p, CliCall *call, const char *what) {
    int64_t now = clock_monotonic_us();
    *p = (CliProgress){.call = call, .what = what, .started_us = now, .shown_us = now};
}

// A bar never waits for a slow reader: what cannot be written at once is left out.
static void progress_put(const CliProgress *p, Buf *line) {
    struct pollfd ready = {.fd = p->call->io.err, .events = POLLOUT};
    if (!line->failed && poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT))
        (void)cli_write_all(p->call, p->call->io.err, line->p, line->n);
}

static void progress_bar(CliProgress *p) {
    AUTO(Buf) line = {0};
    unsigned columns = p->call->io.columns ? p->call->io.columns : CLI_COLUMNS_MIN;
    unsigned bar = columns > 70 ? 30 : 12;
    buf_format(&line, "\r%-18.18s ", p->what);
    if (p->total > 0) {
        uint64_t done = p->done < p->total ? p->done : p->total;
        unsigned full = (unsigned)((U128)done * bar / p->total);
        for (unsigned i = 0; i < bar; i++)
            buf_text(&line, i < full ? "█" : "░");
        buf_format(&line, " %3u %%", (unsigned)((U128)done * 100 / p->total));
    } else {
        cli_put_count(&line, (int64_t)p->done);
    }
    buf_text(&line, "\033[K");
    progress_put(p, &line);
    p->line_open = true;
}

static void progress_line(const CliProgress *p) {
    AUTO(Buf) line = {0};
    buf_format(&line, "%s: ", p->what);
    if (p->total > 0)
        buf_format(&line, "%u %%\n",
                   (unsigned)((U128)(p->done < p->total ? p->done : p->total) * 100 / p->total));
    else
        buf_format(&line, "%llu\n", (unsigned long long)p->done);
    progress_put(p, &line);
}

bool cli_progress_step(void *self, const char *what, uint64_t done, uint64_t total) {
    CliProgress *p = self;
    p->what = what && *what ? what : p->what;
    p->done = done;
    p->total = total;
    int64_t now = clock_monotonic_us();
    bool bar = p->call->io.err_tty;
    if (now - p->asked_us >= CLI_BAR_EVERY_US) {
        p->asked_us = now;
        if (cli_gone(p->call))
            return false;
    }
    if (now - p->shown_us < (bar ? CLI_BAR_EVERY_US : CLI_LINE_EVERY_US))
        return true;
    p->shown_us = now;
    if (bar)
        progress_bar(p);
    else
        progress_line(p);
    return true;
}

DeskProgress cli_progress_desk(CliProgress *p) {
    return (DeskProgress){.step = cli_progress_step, .self = p};
}

void cli_progress_end(CliProgress *p, const char *unit) {
    AUTO(Buf) line = {0};
    int64_t took_ms = (clock_monotonic_us() - p->started_us) / 1000;
    if (p->line_open)
        buf_text(&line, "\r\033[K");
    buf_format(&line, "%s: ", p->what);
    cli_put_count(&line, (int64_t)p->done);
    buf_format(&line, " %s in %lld.%01lld s\n", unit, (long long)(took_ms / 1000),
               (long long)(took_ms % 1000 / 100));
    progress_put(p, &line);
}
