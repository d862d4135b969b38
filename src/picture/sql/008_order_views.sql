-- As in 007_views: every row passes may(mark_id); what belongs to an object passes by its mark.
CREATE VIEW v_log AS SELECT n, upto FROM raw_log;

CREATE VIEW v_arrival AS SELECT arrival, pos FROM raw_arrival;

CREATE VIEW v_order AS
SELECT o.pos, o.mark_id, o.at, r.id, o.number, o.what, a.agency, m.mark, r.officer, o.request,
    o.to_agency, o.to_country, o.to_institution, o.to_kind, o.country, o.institution, o.account,
    o.currency, o.amount, o.level, o.trace, o.case_id, o.report, o.replaces, o.law, o.law_standing,
    o.clock_from, o.answer_hours, o.persons, o.view, o.state, o.open, o.due, o.gone_at, o.issued_at,
    l.agency_n = 0 AS own
FROM raw_order o
CROSS JOIN raw_record r ON r.pos = o.pos
CROSS JOIN raw_log l ON l.n = o.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
CROSS JOIN raw_mark m ON m.mark_id = o.mark_id
WHERE may(o.mark_id);

CREATE VIEW v_order_tag AS
SELECT x.pos, x.n, x.report, x.amount
FROM raw_order_tag x CROSS JOIN raw_order o ON o.pos = x.pos WHERE may(o.mark_id);

CREATE VIEW v_order_event AS
SELECT k.root_pos, k.rank, k.pos, k.effect, r.id, r.at, r.officer, a.agency, e.act, e.party,
    e.outcome, e.amount, e.balance, e.code, e.ends_at, e.happened_at, e.target, e.persons,
    e.on_behalf_of, e.document, e.country, e.institution, e.account
FROM raw_child k
CROSS JOIN raw_order o ON o.pos = k.root_pos
CROSS JOIN raw_order_event e ON e.pos = k.pos
CROSS JOIN raw_record r ON r.pos = k.pos
CROSS JOIN raw_log l ON l.n = k.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE may(o.mark_id) AND may(r.mark_id);

CREATE VIEW v_victim AS
SELECT v.pos, v.at, v.report, r.id
FROM raw_victim v CROSS JOIN raw_record r ON r.pos = v.pos WHERE may(v.mark_id);

CREATE VIEW v_find AS
SELECT x.what, x.text, x.pos, p.at, p.state, r.id
FROM raw_find x
CROSS JOIN raw_report p ON p.pos = x.pos
CROSS JOIN raw_record r ON r.pos = x.pos
WHERE may(p.mark_id)
UNION ALL
SELECT x.what, x.text, x.pos, p.at, p.state, r.id
FROM raw_find_new x
CROSS JOIN raw_report p ON p.pos = x.pos
CROSS JOIN raw_record r ON r.pos = x.pos
WHERE may(p.mark_id);

CREATE VIEW v_claimant AS
SELECT k.root_pos, k.rank, x.n, x.report, r.id
FROM raw_child k
CROSS JOIN raw_case q ON q.pos = k.root_pos
CROSS JOIN raw_claimant x ON x.pos = k.pos
CROSS JOIN raw_record r ON r.pos = k.pos
WHERE may(q.mark_id);

CREATE VIEW v_contact AS
SELECT x.pos, x.at, x.country, x.institution, x.desk, x.phone, x.email, x.hours, x.language, x.note,
    r.id, a.agency, l.name AS log, l.agency_n = 0 AS own
FROM raw_contact x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = x.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE may(x.mark_id);

CREATE VIEW v_account_class AS
SELECT x.pos, x.at, x.country, x.institution, x.account, x.class, a.agency,
    l.name AS log, CASE l.agency_n WHEN 0 THEN x.on_behalf_of END AS on_behalf_of
FROM raw_account_class x
CROSS JOIN raw_log l ON l.n = x.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE may(x.mark_id);

-- What the order says is there for those who see the order.
CREATE VIEW v_grievance AS
SELECT g.pos, g.mark_id, g.at, g.order_id, g.documents, g.state, r.id, o.number, o.appeal,
    o.reviewed_at
FROM raw_grievance g
CROSS JOIN raw_record r ON r.pos = g.pos
LEFT JOIN raw_record t ON t.id = g.order_id AND t.state <> 'clash'
LEFT JOIN raw_order o ON o.pos = t.pos AND may(o.mark_id)
WHERE may(g.mark_id);

CREATE VIEW v_plan AS
SELECT p.pos, p.mark_id, p.at, p.case_id, p.plan_hash, p.inputs, r.id, r.officer
FROM raw_plan p CROSS JOIN raw_record r ON r.pos = p.pos WHERE may(p.mark_id);

CREATE VIEW v_plan_sign AS
SELECT k.root_pos, k.rank, r.officer
FROM raw_child k
CROSS JOIN raw_plan p ON p.pos = k.root_pos
CROSS JOIN raw_plan_sign s ON s.pos = k.pos AND s.plan_hash = p.plan_hash
CROSS JOIN raw_record r ON r.pos = k.pos
WHERE may(p.mark_id) AND r.officer IS NOT NULL;

CREATE VIEW v_paid AS
SELECT x.pos, x.at, x.report, x.country, x.institution, x.account, x.currency, x.amount,
    x.reference, r.id, r.of_id AS plan
FROM raw_paid x
CROSS JOIN raw_child k ON k.pos = x.pos
CROSS JOIN raw_plan p ON p.pos = k.root_pos
CROSS JOIN raw_record r ON r.pos = x.pos
WHERE may(p.mark_id);

-- Refund accounts of a report and what seconds them.
CREATE VIEW v_refund_account AS
SELECT k.root_pos, k.rank, k.pos, r.id, r.at, r.officer, x.country, x.institution, x.account,
    x.persons, s.target
FROM raw_child k
CROSS JOIN raw_report p ON p.pos = k.root_pos
CROSS JOIN raw_record r ON r.pos = k.pos
LEFT JOIN raw_refund_account x ON x.pos = k.pos
LEFT JOIN raw_second s ON s.pos = k.pos
WHERE may(p.mark_id) AND r.kind IN ('refund_account', 'second');

-- Signed by the first other officer who did.
CREATE VIEW v_shift AS
SELECT s.pos, s.mark_id, s.at, s.began_at, s.ended_at, s.next, r.id, r.officer, g.officer AS signer,
    g.at AS signed_at
FROM raw_shift s
CROSS JOIN raw_record r ON r.pos = s.pos
LEFT JOIN raw_record g ON g.pos = (
    SELECT k.pos FROM raw_child k CROSS JOIN raw_record q ON q.pos = k.pos
    WHERE k.root_pos = s.pos AND q.kind = 'shift_sign' AND q.officer IS NOT NULL
        AND q.officer IS NOT r.officer
    ORDER BY k.rank LIMIT 1)
WHERE may(s.mark_id);

CREATE VIEW v_attachment AS
SELECT x.pos, x.at, x.sha256, x.bytes, x.type, x.name, r.id
FROM raw_attachment x CROSS JOIN raw_record r ON r.pos = x.pos WHERE may(x.mark_id);

-- Decided by the first other officer who did.
CREATE VIEW v_glass AS
SELECT b.pos, b.mark_id, b.at, b.grants, b.until, r.id, r.officer, d.ratified, g.officer AS decider
FROM raw_glass b
CROSS JOIN raw_record r ON r.pos = b.pos
LEFT JOIN raw_record g ON g.pos = (
    SELECT k.pos FROM raw_child k CROSS JOIN raw_record q ON q.pos = k.pos
    WHERE k.root_pos = b.pos AND q.kind = 'glass_ratify' AND q.officer IS NOT NULL
        AND q.officer IS NOT r.officer
    ORDER BY k.rank LIMIT 1)
LEFT JOIN raw_glass_decision d ON d.pos = g.pos
WHERE may(b.mark_id);

CREATE VIEW v_read AS
SELECT x.pos, x.mark_id, x.at, x.officer, x.outlet, r.id
FROM raw_read x CROSS JOIN raw_record r ON r.pos = x.pos WHERE may(x.mark_id);

CREATE VIEW v_read_item AS
SELECT i.pos, i.n, i.record
FROM raw_read_item i CROSS JOIN raw_read x ON x.pos = i.pos WHERE may(x.mark_id);
