// The groups of tests of this room; test_main.c runs them.
#ifndef MOEI_TESTS_DESK_GROUPS_H
#define MOEI_TESTS_DESK_GROUPS_H

int run_desk_story_tests(void);
int run_desk_intake_tests(void);
int run_desk_preview_tests(void);
int run_desk_node_tests(void);
int run_desk_order_tests(void);
int run_desk_fault_tests(void);
int run_desk_user_tests(void);
int run_desk_sight_tests(void);
int run_desk_outlet_tests(void);
int run_desk_refund_tests(void);
int run_desk_money_role_tests(void);
int run_desk_grievance_tests(void);
int run_desk_shift_tests(void);
int run_desk_casefile_tests(void);
int run_desk_peer_tests(void);
int run_desk_accord_tests(void);
int run_desk_share_tests(void);
int run_desk_let_go_tests(void);
int run_desk_hold_tests(void);
int run_desk_notice_tests(void);
int run_desk_dual_tests(void);
int run_desk_exchange_tests(void);
int run_desk_order_across_tests(void);
int run_desk_exchange_recover_tests(void);
int run_desk_exchange_reach_tests(void);
int run_desk_signature_tests(void);
int run_desk_document_tests(void);
int run_desk_exchange_key_tests(void);
int run_desk_exchange_lost_tests(void);
int run_desk_exchange_cost_tests(void);
int run_desk_hostile_tests(void);
int run_desk_witness_tests(void);
int run_desk_liar_tests(void);
int run_desk_quota_tests(void);
int run_desk_pass_on_tests(void);
int run_desk_network_tests(void);
int run_desk_frame_tests(void);
int run_desk_guard_tests(void);

#endif
