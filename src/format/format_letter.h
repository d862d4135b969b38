// The part of format's door for agencies without a node: the letter that carries an order to them,
// and the table in which they answer. Included by format.h.
//
// A letter is one HTML page for A4 paper in English and the addressee's language, without script
// and without anything fetched. It names no victim, phone of a victim, or story: there is no field
// for them. docs/order.md, section 11, has the form.
#ifndef MOEI_FORMAT_LETTER_H
#define MOEI_FORMAT_LETTER_H

#include "format/format.h"

// --- letters ------------------------------------------------------------------------------------

typedef enum FormatLetterKind {
    FORMAT_LETTER_HOLD,
    FORMAT_LETTER_REQUEST,
    FORMAT_LETTER_EXTENDED,
    FORMAT_LETTER_REDUCED,
    FORMAT_LETTER_RELEASE
} FormatLetterKind;

// Texts as they are to stand there; what is empty is left out.
typedef struct FormatLetter {
    FormatLetterKind kind;
    Str country; // of the addressee: chooses the second language
    Str number, agency, phone, to, officer, account, amount, marking;
    Str issued, until; // with the wall clock's time and UTC
    Str basis, source; // id and ground of the law row, and where it was read
    bool basis_confirmed, is_void_without_event;
    Str exempt, replaces, network, answer_by; // network: that it goes between nodes too
    const FormatRefusal *codes;
    size_t code_count;
    Str holder_address; // of the page where the holder may contest; empty: no part to tear off
    Str holder_account; // last characters only
} FormatLetter;

// E_NOT_FOUND when the words of a language are not carried by the program.
Err format_letter_html(Ctx *c, const FormatLetter *l, Buf *out) MUST_USE;
// "th" of TH; empty where letters are in English alone.
Str format_letter_language(Str country);

// --- answers ------------------------------------------------------------------------------------

// The columns of a table of orders to be answered, in order.
extern const char *const format_answer_columns[];
#define FORMAT_ANSWER_COLUMNS 12

typedef struct FormatAnswer {
    uint64_t row, line; // data row from 1, line of the file
    bool end;
    Str bad_column, bad_reason; // where the row is no row
    // Trimmed, valid until the next row; empty where not filled in.
    Str order, answer, held, balance, code, moved_to, happened_at, reference;
} FormatAnswer;

typedef struct FormatAnswers FormatAnswers;
typedef FormatAnswers *FormatAnswersPtr;

// CSV or XLSX, told by its first bytes. E_INVALID when a needed column is missing.
Err format_answers_open(Ctx *c, Str bytes, FormatAnswers **ret_answers) MUST_USE;
// Rows without an answer are passed over.
Err format_answers_next(Ctx *c, FormatAnswers *a, FormatAnswer *ret_answer) MUST_USE;
void format_answers_close(FormatAnswers *a); // NULL is fine
void FormatAnswersPtr_cleanup(FormatAnswersPtr *a);

#endif
