-- Kept apart from the tables so that a rebuild loads first and sorts once.
CREATE INDEX record_by_id ON raw_record (id);
CREATE INDEX record_by_object ON raw_record (of_id) WHERE of_id IS NOT NULL;
CREATE INDEX record_in_list ON raw_record (mark_id, kind, at);
CREATE INDEX ref_by_target ON raw_ref (ref);
CREATE INDEX genesis_in_list ON raw_genesis (mark_id, at);
CREATE INDEX officer_in_list ON raw_officer (mark_id, at);
CREATE INDEX report_by_name ON raw_report (report, agency_n);
CREATE INDEX report_in_list ON raw_report (mark_id, state, at);
CREATE INDEX case_in_list ON raw_case (mark_id, state, at);
CREATE INDEX case_report_by_case ON raw_case_report (case_pos, state);
CREATE INDEX case_report_by_report ON raw_case_report (report);
CREATE INDEX batch_in_list ON raw_batch (mark_id, at);
CREATE INDEX batch_by_file ON raw_batch (sha256, part);
CREATE INDEX pick_in_list ON raw_pick (mark_id, state, at);
CREATE INDEX pick_by_transfer ON raw_pick (transfer);
CREATE INDEX claim_in_list ON raw_claim (mark_id, tbl, at);
CREATE INDEX erase_by_target ON raw_erase (target);
