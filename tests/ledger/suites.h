// Tests of the room that stand in files of their own.
#ifndef MOEI_TESTS_LEDGER_SUITES_H
#define MOEI_TESTS_LEDGER_SUITES_H

void test_note_vector(void **state);
void test_merkle_vectors(void **state);
void test_kill_during_append(void **state);
void test_kill_during_take(void **state);
void test_every_write_fails(void **state);
void test_every_allocation_fails(void **state);
void test_scan_beside_writer(void **state);
void test_multiproof_against_naive(void **state);
void test_sparse_handed_on(void **state);
void test_false_batches(void **state);
void test_false_records(void **state);
void test_key_roll_over(void **state);
void test_mirror(void **state);
void test_tiles(void **state);
void test_two_histories(void **state);
void test_loose_checkpoints(void **state);
void test_let_go(void **state);
void test_recovery_statement(void **state);
void test_restore_from_mirror(void **state);
void test_clash_and_arrivals(void **state);
void test_foreign_tampering(void **state);
void test_verify_beside_taking(void **state);

#endif
