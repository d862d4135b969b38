-- What is derived of orders and of what speaks of them.

-- :children_clear
DELETE FROM raw_child WHERE root_pos = :root_pos;

-- :child_put
INSERT INTO raw_child (pos, root_pos, rank) VALUES (:pos, :root_pos, :rank);

-- :child_effect
UPDATE raw_child SET effect = :effect WHERE pos = :pos;

-- :report_standing
UPDATE raw_report
SET standing = coalesce((SELECT standing FROM raw_standing WHERE pos = :standing_pos), 'claimed')
WHERE pos = :pos;

-- :officer_now
UPDATE raw_officer
SET active = coalesce((SELECT active FROM raw_officer_change WHERE pos = :change_pos), 1),
    role_now = coalesce((SELECT role FROM raw_officer_change WHERE pos = :change_pos), role),
    key_now = coalesce((SELECT officer_key FROM raw_officer_change WHERE pos = :change_pos),
        officer_key)
WHERE pos = :pos;

-- :order_facts
SELECT request, amount, clock_from, answer_hours, at, to_agency, state, open FROM raw_order
WHERE pos = :pos;

-- :order_events
SELECT k.pos, r.id, r.at, r.officer, a.agency, e.act, e.party, e.outcome, e.amount, e.ends_at,
    e.happened_at, e.target, e.persons, l.agency_n, e.code
FROM raw_child k
CROSS JOIN raw_order_event e ON e.pos = k.pos
CROSS JOIN raw_record r ON r.pos = k.pos
CROSS JOIN raw_log l ON l.n = k.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE k.root_pos = :root_pos
ORDER BY k.rank;

-- :order_set
UPDATE raw_order
SET state = :state, open = :open, due = :due, gone_at = :gone_at, appeal = :appeal,
    issued_at = :issued_at, reviewed_at = :reviewed_at, view = :view
WHERE pos = :pos;

-- :grievances_of
SELECT pos, state, mark_id FROM raw_grievance WHERE order_id = :order_id;

-- :order_appeal
SELECT o.appeal FROM raw_record r CROSS JOIN raw_order o ON o.pos = r.pos
WHERE r.id = :id AND r.state <> 'clash';

-- :grievance_state
UPDATE raw_grievance SET state = :state WHERE pos = :pos;

-- :content_order
SELECT o.state, o.open, g.order_id, g.state
FROM raw_record r
LEFT JOIN raw_order o ON o.pos = r.pos
LEFT JOIN raw_grievance g ON g.pos = r.pos
WHERE r.pos = :pos;

-- :drop_child
DELETE FROM raw_child WHERE pos = :pos;

-- :drop_children
DELETE FROM raw_child WHERE root_pos = :pos;

-- :drop_victim
DELETE FROM raw_victim WHERE pos = :pos;

-- :drop_standing
DELETE FROM raw_standing WHERE pos = :pos;

-- :drop_claimant
DELETE FROM raw_claimant WHERE pos = :pos;

-- :drop_attachment
DELETE FROM raw_attachment WHERE pos = :pos;

-- :drop_order
DELETE FROM raw_order WHERE pos = :pos;

-- :drop_order_tag
DELETE FROM raw_order_tag WHERE pos = :pos;

-- :drop_order_event
DELETE FROM raw_order_event WHERE pos = :pos;

-- :drop_contact
DELETE FROM raw_contact WHERE pos = :pos;

-- :drop_class
DELETE FROM raw_account_class WHERE pos = :pos;

-- :drop_grievance
DELETE FROM raw_grievance WHERE pos = :pos;

-- :drop_plan
DELETE FROM raw_plan WHERE pos = :pos;

-- :drop_plan_sign
DELETE FROM raw_plan_sign WHERE pos = :pos;

-- :drop_paid
DELETE FROM raw_paid WHERE pos = :pos;

-- :drop_refund_account
DELETE FROM raw_refund_account WHERE pos = :pos;

-- :drop_second
DELETE FROM raw_second WHERE pos = :pos;

-- :drop_shift
DELETE FROM raw_shift WHERE pos = :pos;

-- :drop_read
DELETE FROM raw_read WHERE pos = :pos;

-- :drop_read_item
DELETE FROM raw_read_item WHERE pos = :pos;

-- :drop_glass
DELETE FROM raw_glass WHERE pos = :pos;

-- :drop_glass_decision
DELETE FROM raw_glass_decision WHERE pos = :pos;

-- :drop_officer_change
DELETE FROM raw_officer_change WHERE pos = :pos;

-- What a rebuild derives after loading, a page at a time.

-- :all_orders
SELECT r.id FROM raw_order o CROSS JOIN raw_record r ON r.pos = o.pos
WHERE r.id > :after ORDER BY r.id LIMIT 4096;

-- :all_grievances
SELECT DISTINCT order_id FROM raw_grievance WHERE order_id > :after ORDER BY order_id LIMIT 4096;
