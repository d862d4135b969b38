// The container of a spreadsheet: a ZIP of XML parts, unpacked a little at a time within limits.
#include "format/xlsx_priv.h"

#include <stdio.h>

static_assert(XLSX_FILE_BYTES_MAX >> 20 == 64 && XLSX_UNPACKED_BYTES_MAX >> 20 == 1024,
              "as the words say");

// --- the file
// -------------------------------------------------------------------------------------

static Err zip_read_file(Ctx *c, Str path, XlsxZip *z) {
    AUTO(File) f = {0};
    uint64_t size = 0;
    size_t n = 0;
    TRY(file_open(c, path, FILE_READ, &f));
    TRY(file_size(c, &f, &size));
    if (size > XLSX_FILE_BYTES_MAX)
        return fail(c, E_LIMIT, "the spreadsheet is larger than 64 MiB: save it as CSV");
    z->own = mem_alloc((size_t)size + 1);
    if (z->own == NULL)
        return fail(c, E_MEMORY, "no memory to read a spreadsheet");
    while (n < size) {
        size_t got = 0;
        TRY(file_read(c, &f, z->own + n, (size_t)size - n, &got));
        if (got == 0)
            break;
        n += got;
    }
    z->bytes = (Str){(const char *)z->own, n};
    return OK;
}

// What else people send as a spreadsheet.
static Err zip_other(Ctx *c, Str bytes) {
    const Str ole = STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    const Str encrypted = STR("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e");
    size_t at = 0;
    if (!str_starts(bytes, ole))
        return fail(c, E_INVALID, "the file is no XLSX spreadsheet");
    if (str_find(bytes, encrypted, &at))
        return fail(c, E_UNSUPPORTED,
                    "the spreadsheet is protected with a password: open it, take the password off "
                    "and save it again");
    return fail(c, E_UNSUPPORTED,
                "this is an old binary spreadsheet (.xls): open it and save it as .xlsx or CSV");
}

bool xlsx_zip_has(const XlsxZip *z, const char *name) {
    return zip_name_locate(z->zip, name, 0) >= 0;
}

static Err zip_check(Ctx *c, const XlsxZip *z) {
    zip_int64_t n = zip_get_num_entries(z->zip, 0);
    if (n > XLSX_ENTRIES_MAX)
        return fail(c, E_LIMIT, "the spreadsheet has more than %d parts", XLSX_ENTRIES_MAX);
    if (xlsx_zip_has(z, "xl/workbook.bin"))
        return fail(c, E_UNSUPPORTED,
                    "this is a binary workbook (.xlsb): open it and save it as .xlsx or CSV");
    if (xlsx_zip_has(z, "content.xml"))
        return fail(c, E_UNSUPPORTED,
                    "this is an OpenDocument file (.ods): open it and save it as .xlsx or CSV");
    return OK;
}

static Err zip_open_bytes(Ctx *c, XlsxZip *z) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(z->bytes.p, z->bytes.n, 0, &error);
    if (source)
        z->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (source && z->zip == NULL)
        zip_source_free(source);
    Err e = OK;
    if (z->zip == NULL)
        e = fail(c, E_INVALID, "the spreadsheet is broken or was cut off: %s",
                 zip_error_strerror(&error));
    zip_error_fini(&error);
    return e;
}

Err xlsx_zip_open(Ctx *c, Str path, Str bytes, XlsxZip *ret_zip) {
    XlsxZip *z = ret_zip; // closed by the caller also after an error
    *z = (XlsxZip){.bytes = bytes};
    if (path.n)
        TRY(zip_read_file(c, path, z));
    if (z->bytes.n > XLSX_FILE_BYTES_MAX)
        return fail(c, E_LIMIT, "the spreadsheet is larger than 64 MiB: save it as CSV");
    if (!str_starts(z->bytes, STR("PK")))
        return zip_other(c, z->bytes);
    TRY(zip_open_bytes(c, z));
    return zip_check(c, z);
}

void xlsx_zip_close(XlsxZip *z) {
    if (z->zip)
        zip_discard(z->zip);
    mem_free(z->own);
    *z = (XlsxZip){0};
}

// --- one part
// -------------------------------------------------------------------------------------

static Err part_limits(Ctx *c, const XlsxPart *p) {
    if (p->zip->unpacked > XLSX_UNPACKED_BYTES_MAX)
        return fail(c, E_LIMIT, "the spreadsheet unpacks to more than 1 GiB: it is refused");
    if (p->read > XLSX_RATIO_FROM_BYTES && p->read / XLSX_RATIO_MAX > p->packed)
        return fail(c, E_LIMIT,
                    "the part %s unpacks to more than %d times its size, as only a zip bomb does: "
                    "it is refused",
                    p->name, XLSX_RATIO_MAX);
    return OK;
}

Err xlsx_part_bytes(Ctx *c, XlsxPart *part, char *bytes, size_t n, size_t *ret_n) {
    zip_int64_t got = zip_fread(part->file, bytes, n);
    if (got < 0)
        return fail(c, E_INVALID, "the spreadsheet is broken: its part %s cannot be unpacked (%s)",
                    part->name, zip_file_strerror(part->file));
    part->read += (uint64_t)got;
    part->zip->unpacked += (uint64_t)got;
    TRY(part_limits(c, part));
    *ret_n = (size_t)got;
    return OK;
}

static int part_read(void *self, char *bytes, int n) {
    XlsxPart *p = self;
    size_t got = 0;
    p->err = xlsx_part_bytes(p->c, p, bytes, (size_t)n, &got);
    return p->err == OK ? (int)got : -1;
}

// Errors are told through the Ctx; libxml2 would write them to stderr.
static void part_silent(void *self, xmlErrorPtr error) {
    (void)self;
    (void)error;
}

Err xlsx_part_open(Ctx *c, XlsxZip *zip, const char *name, XlsxPart *part) {
    *part = (XlsxPart){.c = c, .zip = zip};
    snprintf(part->name, sizeof part->name, "%s", name);
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_stat(zip->zip, name, 0, &stat) != 0)
        return fail(c, E_INVALID, "the ZIP has no part %s: it is no XLSX spreadsheet", name);
    if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) && stat.encryption_method != ZIP_EM_NONE)
        return fail(c, E_UNSUPPORTED,
                    "the spreadsheet is protected with a password: take it off and save it again");
    part->size = stat.valid & ZIP_STAT_SIZE ? stat.size : 0;
    part->packed = stat.valid & ZIP_STAT_COMP_SIZE ? stat.comp_size : 0;
    if (part->size > XLSX_UNPACKED_BYTES_MAX)
        return fail(c, E_LIMIT, "the part %s says that it unpacks to more than 1 GiB", name);
    part->file = zip_fopen(zip->zip, name, 0);
    if (part->file == NULL)
        return fail(c, E_INVALID, "the part %s cannot be unpacked: %s", name,
                    zip_strerror(zip->zip));
    return OK;
}

static Err part_xml(Ctx *c, XlsxPart *part) {
    part->xml = xmlReaderForIO(part_read, NULL, part, NULL, NULL, XML_PARSE_NONET);
    if (part->xml == NULL)
        return fail(c, E_MEMORY, "no memory to read a spreadsheet");
    xmlTextReaderSetStructuredErrorHandler(part->xml, part_silent, NULL);
    return OK;
}

void xlsx_part_close(XlsxPart *part) {
    if (part->xml)
        xmlFreeTextReader(part->xml);
    if (part->file)
        zip_fclose(part->file);
    *part = (XlsxPart){0};
}

void XlsxPart_cleanup(XlsxPart *part) {
    xlsx_part_close(part);
}

// --- XML nodes
// ------------------------------------------------------------------------------------

static Err part_broken(Ctx *c, const XlsxPart *part) {
    if (part->err != OK)
        return part->err; // its words stand already
    return fail(c, E_INVALID, "the spreadsheet is broken: line %d of its part %s is no XML",
                xmlTextReaderGetParserLineNumber(part->xml), part->name);
}

Err xlsx_part_next(Ctx *c, XlsxPart *part, XlsxNode *ret_node) {
    part->c = c;
    if (part->xml == NULL)
        TRY(part_xml(c, part));
    for (;;) {
        int more = xmlTextReaderRead(part->xml);
        if (more < 0)
            return part_broken(c, part);
        if (more == 0) {
            *ret_node = XLSX_END;
            return OK;
        }
        if (xmlTextReaderDepth(part->xml) > XLSX_DEPTH_MAX)
            return fail(c, E_LIMIT, "the part %s nests its elements too deeply", part->name);
        int type = xmlTextReaderNodeType(part->xml);
        if (type == XML_READER_TYPE_DOCUMENT_TYPE || type == XML_READER_TYPE_ENTITY_REFERENCE ||
            type == XML_READER_TYPE_ENTITY)
            return fail(c, E_INVALID,
                        "the part %s has a document type, which no spreadsheet program writes: it "
                        "is refused",
                        part->name);
        if (type == XML_READER_TYPE_ELEMENT)
            *ret_node = XLSX_START;
        else if (type == XML_READER_TYPE_END_ELEMENT)
            *ret_node = XLSX_STOP;
        else if (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA ||
                 type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE)
            *ret_node = XLSX_TEXT;
        else
            continue;
        return OK;
    }
}

static Str str_of_xml(const xmlChar *s) {
    return str_of((const char *)s);
}

bool xlsx_part_is(const XlsxPart *part, const char *local_name) {
    return str_eq_c(str_of_xml(xmlTextReaderConstLocalName(part->xml)), local_name);
}

bool xlsx_part_empty(const XlsxPart *part) {
    return xmlTextReaderIsEmptyElement(part->xml) == 1;
}

Str xlsx_part_text(const XlsxPart *part) {
    return str_of_xml(xmlTextReaderConstValue(part->xml));
}

bool xlsx_part_attribute_next(XlsxPart *part, Str *ret_name, Str *ret_value) {
    if (xmlTextReaderMoveToNextAttribute(part->xml) != 1) {
        xmlTextReaderMoveToElement(part->xml);
        return false;
    }
    *ret_name = str_of_xml(xmlTextReaderConstLocalName(part->xml));
    *ret_value = str_of_xml(xmlTextReaderConstValue(part->xml));
    return true;
}

Str xlsx_part_attribute(XlsxPart *part, const char *local_name) {
    Str name, value, found = {0};
    while (xlsx_part_attribute_next(part, &name, &value))
        if (str_eq_c(name, local_name))
            found = value;
    return found;
}
