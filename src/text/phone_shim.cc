// libphonenumber for C. No exception leaves this file.
#include "text/text_priv.h"

#include <cstring>
#include <string>

#include <phonenumbers/phonenumberutil.h>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

static int of_parse_error(PhoneNumberUtil::ErrorType e) {
    switch (e) {
    case PhoneNumberUtil::NO_PARSING_ERROR:
        return PHONE_OK;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
        return PHONE_COUNTRY_UNKNOWN;
    case PhoneNumberUtil::NOT_A_NUMBER:
        return PHONE_NOT_A_NUMBER;
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN:
        return PHONE_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG_NSN:
        return PHONE_TOO_LONG;
    }
    return PHONE_NOT_A_NUMBER;
}

static int parse(const std::string &text, const char *country, char *ret_e164, size_t e164_size) {
    const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    int result = of_parse_error(util->Parse(text, country, &number));
    if (result != PHONE_OK)
        return result;
    // Possible, not valid: the tables of valid ranges are older than the numbers that are reported,
    // and callers send false ones.
    switch (util->IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::IS_POSSIBLE:
        break;
    case PhoneNumberUtil::TOO_SHORT:
        return PHONE_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG:
        return PHONE_TOO_LONG;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE:
        return PHONE_COUNTRY_UNKNOWN;
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
    case PhoneNumberUtil::INVALID_LENGTH:
        return PHONE_NOT_POSSIBLE;
    }
    std::string e164;
    util->Format(number, PhoneNumberUtil::E164, &e164);
    if (e164.size() >= e164_size)
        return PHONE_TOO_LONG;
    std::memcpy(ret_e164, e164.c_str(), e164.size() + 1);
    return PHONE_OK;
}

int phone_shim_parse(const char *text, size_t n, const char country[3], char *ret_e164,
                     size_t e164_size) {
    try {
        return parse(std::string(text, n), country, ret_e164, e164_size);
    } catch (...) {
        return PHONE_FAULT;
    }
}
