-- What is derived of shares, ids that several logs use, and what is let go.

-- :shares_of
SELECT r.own_mark, r.own_until, s.for_us, l.agency_n
FROM raw_share s
CROSS JOIN raw_record r ON r.pos = s.pos
CROSS JOIN raw_log l ON l.n = s.pos >> 40
WHERE s.record = :record AND r.state = 'held'
ORDER BY r.at, l.name, r.pos;

-- :share_record
SELECT record FROM raw_share WHERE pos = :pos;

-- :erase_target
SELECT target FROM raw_erase WHERE pos = :pos;

-- :twins_of_id
SELECT r.pos, r.state, r.mark_id, r.kind, r.of_id, r.own_mark, r.own_until, r.folded
FROM raw_record r
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE r.id = :id
ORDER BY l.agency_n <> 0, r.at, a.agency, l.name, r.pos;

-- :let_go_get
SELECT g.whose, g.record, g.by_id, l.agency_n FROM raw_let_go g
CROSS JOIN raw_log l ON l.n = g.pos >> 40 WHERE g.pos = :pos;

-- :let_go_leaves
SELECT leaf FROM raw_let_go_leaf WHERE pos = :pos ORDER BY leaf;

-- :let_go_of_id
SELECT 1 FROM raw_let_go g CROSS JOIN raw_log l ON l.n = g.pos >> 40
WHERE g.record = :record AND l.agency_n = 0 AND g.whose <> (
    SELECT agency FROM raw_agency WHERE agency_n = 0) LIMIT 1;

-- :of_object
SELECT 1 FROM raw_record
WHERE pos = :pos AND (id = :record OR of_id = :record) AND kind NOT IN ('genesis', 'erase');

-- :owed_asks
SELECT r.pos FROM raw_record r
CROSS JOIN raw_log l ON l.n = r.pos >> 40
LEFT JOIN raw_retract t ON t.pos = r.pos
WHERE r.id = :id AND r.state = 'held' AND r.folded = 1 AND l.agency_n <> 0
    AND (t.for_us = 1 OR r.kind = 'erase')
    AND NOT EXISTS (
        SELECT 1 FROM raw_let_go g CROSS JOIN raw_log o ON o.n = g.pos >> 40
        WHERE g.by_id = :id AND o.agency_n = 0);

-- :owed_clear
DELETE FROM raw_owed WHERE by_pos IN (SELECT pos FROM raw_record WHERE id = :id);

-- :owed_put
INSERT INTO raw_owed (by_pos) VALUES (:by_pos);

-- The mark that counts, in the record and in the table of its kind.

-- :mark_record
UPDATE raw_record SET mark_id = :mark_id, until = :until WHERE pos = :pos;

-- :mark_genesis
UPDATE raw_genesis SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_officer
UPDATE raw_officer SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_report
UPDATE raw_report SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_case
UPDATE raw_case SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_batch
UPDATE raw_batch SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_pick
UPDATE raw_pick SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_claim
UPDATE raw_claim SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_victim
UPDATE raw_victim SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_standing
UPDATE raw_standing SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_attachment
UPDATE raw_attachment SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_order
UPDATE raw_order SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_order_event
UPDATE raw_order_event SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_contact
UPDATE raw_contact SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_account_class
UPDATE raw_account_class SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_grievance
UPDATE raw_grievance SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_plan
UPDATE raw_plan SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_plan_sign
UPDATE raw_plan_sign SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_paid
UPDATE raw_paid SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_refund_account
UPDATE raw_refund_account SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_second
UPDATE raw_second SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_shift
UPDATE raw_shift SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_read
UPDATE raw_read SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_glass
UPDATE raw_glass SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_glass_decision
UPDATE raw_glass_decision SET mark_id = :mark_id WHERE pos = :pos;

-- :mark_officer_change
UPDATE raw_officer_change SET mark_id = :mark_id WHERE pos = :pos;

-- :drop_link
DELETE FROM raw_link WHERE pos = :pos;

-- :drop_peer
DELETE FROM raw_peer WHERE pos = :pos;

-- :drop_word
DELETE FROM raw_word WHERE pos = :pos;

-- :drop_flag
DELETE FROM raw_flag WHERE pos = :pos;

-- :drop_accord
DELETE FROM raw_accord WHERE pos = :pos;

-- :drop_member
DELETE FROM raw_member WHERE pos = :pos;

-- :drop_accord_sign
DELETE FROM raw_accord_sign WHERE pos = :pos;

-- :drop_share
DELETE FROM raw_share WHERE pos = :pos;

-- :drop_share_act
DELETE FROM raw_share_act WHERE pos = :pos;

-- :drop_retract
DELETE FROM raw_retract WHERE pos = :pos;

-- :drop_let_go
DELETE FROM raw_let_go WHERE pos = :pos;

-- :drop_let_go_leaf
DELETE FROM raw_let_go_leaf WHERE pos = :pos;

-- :drop_owed
DELETE FROM raw_owed WHERE by_pos = :pos;

-- :drop_disclosed
DELETE FROM raw_disclosed WHERE pos = :pos;

-- :drop_range
DELETE FROM raw_range WHERE pos = :pos;

-- :drop_passed
DELETE FROM raw_passed WHERE pos = :pos;

-- :drop_notice
DELETE FROM raw_notice WHERE pos = :pos;

-- :drop_named
DELETE FROM raw_named WHERE pos = :pos;

-- :drop_notice_act
DELETE FROM raw_notice_act WHERE pos = :pos;

-- :drop_fork
DELETE FROM raw_fork WHERE pos = :pos;

-- What a rebuild derives after loading, a page at a time.

-- :all_clashes
SELECT id FROM raw_record WHERE id > :after GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT 4096;

-- :all_shared
SELECT DISTINCT record FROM raw_share WHERE record > :after ORDER BY record LIMIT 4096;

-- :all_let_go
SELECT g.pos FROM raw_let_go g CROSS JOIN raw_log l ON l.n = g.pos >> 40
WHERE g.pos > :after AND l.agency_n = 0 ORDER BY g.pos LIMIT 4096;

-- :all_asking
SELECT r.id FROM raw_retract t CROSS JOIN raw_record r ON r.pos = t.pos
WHERE r.id > :after AND t.for_us = 1 ORDER BY r.id LIMIT 4096;
