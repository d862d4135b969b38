// Inside of room format: what the intake of files needs of the CSV reader beyond the door.
#ifndef MOEI_FORMAT_CSV_PRIV_H
#define MOEI_FORMAT_CSV_PRIV_H

#include "format/format.h"

const char *csv_encoding(const FormatCsv *r);
uint64_t csv_bytes_read(const FormatCsv *r);
uint64_t csv_bytes_total(const FormatCsv *r);
// SHA-256 of all bytes so far.
CryptoHash csv_sha256(const FormatCsv *r);

#endif
