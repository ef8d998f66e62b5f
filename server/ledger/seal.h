// How a row lies in its table: sealed with a checksum over table, key and content.
#ifndef THIDUA_LEDGER_SEAL_H
#define THIDUA_LEDGER_SEAL_H

#include "server/ledger/store.h"

enum { SEAL_SIZE = 4 }; // bytes before the content

// Writes seal and content; `out` has room for SEAL_SIZE + content.size.
void seal_row(enum store_table table, struct span key, struct span content, uint8_t *out);

// The content of a sealed value. False: the seal does not match.
bool unseal_row(enum store_table table, struct span key, struct span sealed, struct span *content);

#endif
