// Inside crypto only: the front of what is sealed by password.
#ifndef MOEI_CRYPTO_PRIV_H
#define MOEI_CRYPTO_PRIV_H

#include "crypto/crypto.h"

#define CRYPTO_FRONT_BYTES 36 // magic 12, memory KiB 4, passes 4, salt 16

bool crypto_cost_allowed(CryptoCost cost);
void crypto_front_write(const char magic[12], CryptoCost cost, const uint8_t *salt,
                        uint8_t ret_front[CRYPTO_FRONT_BYTES]);
// The key of a front; E_INVALID for another magic, E_LIMIT for a cost that is not done.
Err crypto_front_open(Ctx *c, const char magic[12], Str front, Str password, CryptoKey *ret_key);

#endif
