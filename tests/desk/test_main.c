#include "groups.h"
#include "test.h"

#include "store/store.h"

int main(void) {
    AUTO(Ctx) c;
    ctx_init(&c);
    if (store_faults_install(&c) != OK) {
        fprintf(stderr, "the tests of desk cannot start: %s\n", c.error);
        return 1;
    }
    int failures = run_desk_story_tests();
    failures += run_desk_intake_tests();
    failures += run_desk_preview_tests();
    failures += run_desk_node_tests();
    failures += run_desk_user_tests();
    failures += run_desk_sight_tests();
    failures += run_desk_outlet_tests();
    failures += run_desk_order_tests();
    failures += run_desk_fault_tests();
    failures += run_desk_refund_tests();
    failures += run_desk_money_role_tests();
    failures += run_desk_grievance_tests();
    failures += run_desk_shift_tests();
    failures += run_desk_casefile_tests();
    failures += run_desk_peer_tests();
    failures += run_desk_accord_tests();
    failures += run_desk_share_tests();
    failures += run_desk_let_go_tests();
    failures += run_desk_hold_tests();
    failures += run_desk_notice_tests();
    failures += run_desk_dual_tests();
    failures += run_desk_exchange_tests();
    failures += run_desk_order_across_tests();
    failures += run_desk_exchange_recover_tests();
    failures += run_desk_exchange_reach_tests();
    failures += run_desk_signature_tests();
    failures += run_desk_document_tests();
    failures += run_desk_exchange_key_tests();
    failures += run_desk_exchange_lost_tests();
    failures += run_desk_exchange_cost_tests();
    failures += run_desk_hostile_tests();
    failures += run_desk_witness_tests();
    failures += run_desk_liar_tests();
    failures += run_desk_quota_tests();
    failures += run_desk_pass_on_tests();
    failures += run_desk_frame_tests();
    failures += run_desk_guard_tests();
    failures += run_desk_network_tests();
    return failures != 0;
}
