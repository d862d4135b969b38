// QR codes: the picture and the text show the same modules, those of the code, with room around.
// That another program reads them was tried with zbar when this was written.
#include <qrencode.h>

#include "format/format_qr.h"
#include "test_format.h"

#define SIDE_MAX 200

typedef struct Grid {
    int side;
    bool dark[SIDE_MAX][SIDE_MAX];
} Grid;

// The modules of the second path: M x y h run v1 h -run z.
static void read_svg(Str svg, Grid *ret_grid) {
    size_t at;
    int side, x, y, run, back, used;
    memset(ret_grid, 0, sizeof *ret_grid);
    assert_true(str_find(svg, STR("viewBox=\"0 0 "), &at));
    assert_int_equal(sscanf(svg.p + at, "viewBox=\"0 0 %d %d\"", &side, &used), 2);
    assert_true(side == used && side < SIDE_MAX);
    ret_grid->side = side;
    assert_true(str_find(svg, STR("#000\" d=\""), &at));
    const char *p = svg.p + at + 9;
    while (*p == 'M') {
        assert_int_equal(sscanf(p, "M%d %dh%dv1h-%dz%n", &x, &y, &run, &back, &used), 4);
        assert_true(run == back && run > 0 && x >= 0 && y >= 0 && x + run <= side && y < side);
        for (int i = 0; i < run; i++)
            ret_grid->dark[y][x + i] = true;
        p += used;
    }
    assert_memory_equal(p, "\"/></svg>", 9);
}

static void read_text(Str text, Grid *ret_grid) {
    Str line;
    int y = 0;
    memset(ret_grid, 0, sizeof *ret_grid);
    while (str_split(&text, '\n', &line) && line.n > 0) {
        int x = 0;
        for (size_t i = 0; i < line.n; x++) {
            bool blank = line.p[i] == ' ';
            char last = blank ? ' ' : line.p[i + 2]; // full E2 96 88, upper 80, lower 84
            assert_true(blank || memcmp(line.p + i, "\xE2\x96", 2) == 0);
            ret_grid->dark[y][x] = blank || last == (char)0x84;
            ret_grid->dark[y + 1][x] = blank || last == (char)0x80;
            i += blank ? 1 : 3;
        }
        ret_grid->side = x;
        y += 2;
    }
    assert_true(y == ret_grid->side + 1); // odd, and the row below it is dark
    for (int x = 0; x < ret_grid->side; x++) {
        assert_true(ret_grid->dark[y - 1][x]);
        ret_grid->dark[y - 1][x] = false;
    }
}

static void test_same_modules(void **state) {
    (void)state;
    static Grid svg, text;
    static const size_t sizes[] = {1, 17, 18, 300, 1130, FORMAT_QR_BYTES_MAX};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        AUTO(Buf) words = {0};
        AUTO(Buf) out = {0};
        for (size_t k = 0; k < sizes[i]; k++)
            buf_char(&words, (char)('A' + (k * 7 + k / 26) % 26));
        assert_ok(&c, format_qr_svg(&c, buf_view(&words), STR("Card"), &out));
        buf_char(&out, '\0');
        read_svg(buf_view(&out), &svg);
        buf_clear(&out);
        assert_ok(&c, format_qr_text(&c, buf_view(&words), &out));
        read_text(buf_view(&out), &text);
        assert_int_equal(svg.side, text.side);
        assert_memory_equal(svg.dark, text.dark, sizeof svg.dark);
        QRcode *q = QRcode_encodeData((int)words.n, (unsigned char *)words.p, 0, QR_ECLEVEL_L);
        assert_non_null(q);
        assert_int_equal(svg.side, q->width + 8);
        for (int y = 0; y < svg.side; y++)
            for (int x = 0; x < svg.side; x++) {
                bool quiet = x < 4 || y < 4 || x >= 4 + q->width || y >= 4 + q->width;
                bool want = !quiet && (q->data[(y - 4) * q->width + x - 4] & 1);
                assert_true(svg.dark[y][x] == want);
            }
        QRcode_free(q);
    }
}

static void test_qr_limits(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) words = {0};
    AUTO(Buf) out = {0};
    assert_int_equal(format_qr_svg(&c, (Str){0}, STR("x"), &out), E_INVALID);
    for (size_t k = 0; k <= FORMAT_QR_BYTES_MAX; k++)
        buf_char(&words, 'a');
    assert_int_equal(format_qr_svg(&c, buf_view(&words), STR("x"), &out), E_LIMIT);
    assert_int_equal(format_qr_text(&c, buf_view(&words), &out), E_LIMIT);
    assert_int_equal(out.n, 0);
    size_t at;
    assert_ok(&c, format_qr_svg(&c, STR("a"), STR("<b> & \"c\""), &out));
    assert_true(str_find(buf_view(&out), STR("<title>&lt;b&gt; &amp; &quot;c&quot;</title>"), &at));
}

const struct CMUnitTest qr_tests[] = {
    cmocka_unit_test(test_same_modules),
    cmocka_unit_test(test_qr_limits),
};
const size_t qr_test_count = COUNT_OF(qr_tests);
