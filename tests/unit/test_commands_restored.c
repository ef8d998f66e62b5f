// After a restored backup: receipts of each branch, and the accounts that are to be confirmed.
#include "tests/unit/reads.h"
#include "tests/unit/restored_events.h"

enum { FIRST = 0x1e, SECOND = 0xb2 }; // what the ids of the branches are made of

static void restore(struct office *office) {
    append_own(office, restored(&office->world, SECOND));
}

// ---- receipts ----

static Pb__ReceiptQuery receipt_of(const Pb__SubmitReply *reply) {
    Pb__ReceiptQuery receipt = PB__RECEIPT_QUERY__INIT;
    receipt.has_branch = receipt.has_seq = receipt.has_time_ms = receipt.has_hash = true;
    receipt.branch = reply->branch;
    receipt.seq = reply->seq;
    receipt.time_ms = reply->time_ms;
    receipt.hash = reply->hash;
    return receipt;
}

static Pb__ReceiptVerdict verdict(struct office *office, Pb__ReceiptQuery receipt) {
    const Pb__Response *response = read_as(office, AUDITOR, ASK(RECEIPT, &receipt));
    assert_ok(response);
    bool genuine = response->receipt->verdict == PB__RECEIPT_VERDICT__GENUINE;
    assert_int_equal(response->receipt->event != NULL, genuine);
    assert_int_equal(response->receipt->unit != NULL, genuine);
    return response->receipt->verdict;
}

static void receipts_are_judged_by_their_branch(void **state) {
    struct office *office = *state;
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2000);
    fill_sheet(office, DONG_DA_HEAD, 2000);
    Pb__ReceiptQuery old = receipt_of(hand_in(office, BA_DINH_HEAD)->submit);
    uint64_t last = last_seq(office);
    restore(office);
    Pb__ReceiptQuery new = receipt_of(hand_in(office, DONG_DA_HEAD)->submit);
    assert_int_equal(old.branch.data[0], FIRST);
    assert_int_equal(new.branch.data[0], SECOND);
    assert_int_equal(verdict(office, old), PB__RECEIPT_VERDICT__GENUINE);
    assert_int_equal(verdict(office, new), PB__RECEIPT_VERDICT__GENUINE);
    Pb__ReceiptQuery other = old;
    other.seq = last + 1; // which the new branch has
    assert_int_equal(verdict(office, other), PB__RECEIPT_VERDICT__LOST_BY_RESTORE);
    other.seq = last + 1000;
    assert_int_equal(verdict(office, other), PB__RECEIPT_VERDICT__LOST_BY_RESTORE);
    other.seq = last - 1;
    assert_int_equal(verdict(office, other), PB__RECEIPT_VERDICT__ANOTHER_ENTRY);
    other = old;
    other.branch = new.branch;
    assert_int_equal(verdict(office, other), PB__RECEIPT_VERDICT__ANOTHER_ENTRY);
    other = new;
    other.seq += 1000;
    assert_int_equal(verdict(office, other), PB__RECEIPT_VERDICT__NO_SUCH_ENTRY);
    other.branch = bytes_of(&office->world, 0xff, 16);
    assert_int_equal(verdict(office, other), PB__RECEIPT_VERDICT__ANOTHER_LEDGER);
}

// The answer to a write follows from its entry alone, whatever was restored since.
static void a_resend_gets_the_same_receipt(void **state) {
    struct office *office = *state;
    open_scoring(office);
    fill_sheet(office, BA_DINH_HEAD, 2000);
    const Pb__SubmitReply *first = hand_in(office, BA_DINH_HEAD)->submit;
    restore(office);
    Pb__Submit submit = PB__SUBMIT__INIT;
    const Pb__Response *again = write_again(office, BA_DINH_HEAD, ASK(SUBMIT, &submit));
    assert_ok(again);
    assert_true(again->submit->replayed);
    assert_int_equal(again->submit->seq, first->seq);
    assert_memory_equal(again->submit->branch.data, first->branch.data, 16);
    assert_memory_equal(again->submit->hash.data, first->hash.data, 32);
}

// ---- the accounts ----

static bool unconfirmed(struct office *office) {
    Pb__StatsQuery query = PB__STATS_QUERY__INIT;
    const Pb__Response *response = read_as(office, ADMIN, ASK(STATS, &query));
    assert_ok(response);
    assert_true(response->stats->has_unconfirmed);
    return response->stats->unconfirmed;
}

static const Pb__Response *confirm_accounts(struct office *office, enum who who) {
    Pb__AccountsConfirm message = PB__ACCOUNTS_CONFIRM__INIT;
    return write_as(office, who, ASK(ACCOUNTS_CONFIRM, &message));
}

static void accounts_are_confirmed_by_local_administration(void **state) {
    struct office *office = *state;
    assert_false(unconfirmed(office));
    assert_refused(confirm_accounts(office, ADMIN), PB__STATUS__FAILED_PRECONDITION, "CONFIRMED_ALREADY");
    restore(office);
    assert_true(unconfirmed(office));
    assert_refused(confirm_accounts(office, COUNCIL), PB__STATUS__PERMISSION_DENIED, "LOCAL_ONLY");
    const Pb__Response *response = confirm_accounts(office, ADMIN);
    assert_ok(response);
    assert_int_equal(response->accounts_confirm->seq, last_seq(office));
    assert_int_equal(response->accounts_confirm->accounts, 9);
    assert_false(unconfirmed(office));
    Pb__AccountsConfirm message = PB__ACCOUNTS_CONFIRM__INIT;
    const Pb__Response *again = write_again(office, ADMIN, ASK(ACCOUNTS_CONFIRM, &message));
    assert_ok(again);
    assert_int_equal(again->accounts_confirm->seq, response->accounts_confirm->seq);
    assert_refused(confirm_accounts(office, ADMIN), PB__STATUS__FAILED_PRECONDITION, "CONFIRMED_ALREADY");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        OFFICE_TEST(receipts_are_judged_by_their_branch),
        OFFICE_TEST(a_resend_gets_the_same_receipt),
        OFFICE_TEST(accounts_are_confirmed_by_local_administration),
    };
    return cmocka_run_group_tests_name("commands restored", tests, NULL, NULL);
}
