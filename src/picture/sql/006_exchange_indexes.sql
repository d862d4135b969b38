-- As in 004_indexes. Places from 2 << 40 on are those of other agencies' logs.
CREATE INDEX peer_by_agency ON raw_peer (agency);
CREATE INDEX flag_by_party ON raw_flag (party);
CREATE INDEX share_by_record ON raw_share (record);
CREATE INDEX retract_by_record ON raw_retract (record);
CREATE INDEX let_go_by_record ON raw_let_go (record);
CREATE INDEX let_go_by_asking ON raw_let_go (by_id) WHERE by_id IS NOT NULL;
CREATE INDEX let_go_by_leaf ON raw_let_go_leaf (leaf);
CREATE INDEX disclosed_by_recipient ON raw_disclosed (recipient, journal);
CREATE INDEX range_by_leaf ON raw_range (agency, first);
CREATE INDEX passed_by_record ON raw_passed (record);
CREATE INDEX named_by_record ON raw_named (record);
CREATE INDEX record_by_end ON raw_record (until)
WHERE until IS NOT NULL AND of_id IS NULL AND pos >= 2199023255552
    AND kind NOT IN ('genesis', 'officer', 'erase', 'accord', 'share', 'retract', 'let_go', 'disclosed', 'passed',
        'notice', 'fork');
CREATE INDEX record_of_identity ON raw_record (kind)
WHERE kind IN ('genesis', 'key', 'link', 'recover', 'officer', 'officer_change');
