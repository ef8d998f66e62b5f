// Events of a restored backup.
#ifndef THIDUA_TESTS_RESTORED_EVENTS_H
#define THIDUA_TESTS_RESTORED_EVENTS_H

#include "tests/unit/event_fixture.h"

// The branch of 16 bytes `fill` begins with the next entry.
static inline Pb__Event restored(struct world *world, uint8_t fill) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__Restored *body = made(world, sizeof *body);
    pb__restored__init(body);
    body->has_branch = body->has_from_seq = true;
    body->branch = bytes_of(world, fill, 16);
    body->from_seq = ledger_tip(world->ledger)->seq;
    event.body_case = PB__EVENT__BODY_RESTORED;
    event.restored = body;
    return event;
}

static inline Pb__Event accounts_confirmed(struct world *world, uint64_t entry, uint32_t accounts) {
    Pb__Event event = PB__EVENT__INIT;
    Pb__AccountsConfirmed *body = made(world, sizeof *body);
    pb__accounts_confirmed__init(body);
    body->has_restored = body->has_accounts = true;
    body->restored = entry;
    body->accounts = accounts;
    event.body_case = PB__EVENT__BODY_ACCOUNTS_CONFIRMED;
    event.accounts_confirmed = body;
    return event;
}

#endif
