-- As in read.sql: views only, the first two columns are sort key and place.

-- :report_standing_get
SELECT standing FROM v_report WHERE pos = :pos;

-- :report_victim
SELECT at, pos, id FROM v_victim WHERE report = :report ORDER BY at DESC, id DESC;

-- :reports_of_account
SELECT p.at, p.pos, p.id, p.report, p.standing, a.country, a.institution
FROM v_find x
CROSS JOIN v_report p ON p.pos = x.pos
CROSS JOIN v_report_account a ON a.pos = x.pos
WHERE x.what = 0 AND x.text = :account AND a.account = :account AND p.state = 'held'
ORDER BY p.at, p.id;

-- :order_list
SELECT at, pos, o.* FROM v_order o
WHERE mark_id = :mark AND state = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :order_board
SELECT due, pos, o.* FROM v_order o
WHERE mark_id = :mark AND open = 1 AND 'open' = :state AND (due, pos) > (:sort, :pos)
    AND coalesce(gone_at, 9223372036854775807) > :now
ORDER BY due, pos;

-- :order_get
SELECT at, pos, o.* FROM v_order o WHERE pos = :pos;

-- :order_find
SELECT at, pos, o.* FROM v_order o WHERE number = :number ORDER BY own DESC, at, id;

-- :order_find_of
SELECT at, pos, o.* FROM v_order o WHERE number = :number AND agency = :agency ORDER BY at, id;

-- :orders_of_case
SELECT coalesce(issued_at, at), pos, o.* FROM v_order o WHERE case_id = :case_id
ORDER BY 1, id;

-- :orders_of_account
SELECT coalesce(issued_at, at), pos, o.* FROM v_order o WHERE account = :account
ORDER BY 1, id;

-- :orders_of_report
SELECT coalesce(issued_at, at), pos, o.* FROM v_order o
WHERE pos IN (SELECT pos FROM v_order WHERE report = :report
    UNION SELECT pos FROM v_order_tag WHERE report = :report)
ORDER BY 1, id;

-- :order_tags
SELECT n, pos, report, amount FROM v_order_tag WHERE pos = :pos ORDER BY n;

-- :order_events_of
SELECT rank, pos, id, effect, at, officer, agency, act, party, outcome, amount, balance, code,
    ends_at, happened_at, target, persons, on_behalf_of, document, country, institution, account
FROM v_order_event WHERE root_pos = :pos ORDER BY rank;

-- :case_claimants
SELECT rank, n, id, report FROM v_claimant WHERE root_pos = :pos ORDER BY rank, n;

-- :contacts_all
SELECT at, pos, id, country, institution, desk, phone, email, hours, language, note
FROM v_contact ORDER BY country, institution, desk, own, at, agency, log, pos;

-- :contacts_of_country
SELECT at, pos, id, country, institution, desk, phone, email, hours, language, note
FROM v_contact WHERE country = :country
ORDER BY country, institution, desk, own, at, agency, log, pos;

-- :classes_of
SELECT at, pos, country, institution, class, coalesce(on_behalf_of, agency)
FROM v_account_class WHERE account = :account
ORDER BY at, agency, log, pos;

-- :grievance_list
SELECT at, pos, id, order_id, documents, number, appeal, reviewed_at
FROM v_grievance
WHERE mark_id = :mark AND state = :state AND (at, pos) > (:sort, :pos)
ORDER BY at, pos;

-- :grievance_get
SELECT at, pos, id, order_id, documents, number, appeal, reviewed_at
FROM v_grievance WHERE pos = :pos;

-- :plan_list
SELECT at, pos, id, case_id, plan_hash, inputs, officer
FROM v_plan
WHERE mark_id = :mark AND 'held' = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :plans_of_case
SELECT at, pos, id, case_id, plan_hash, inputs, officer
FROM v_plan
WHERE case_id = :case_id AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC LIMIT :limit;

-- :plan_get
SELECT at, pos, id, case_id, plan_hash, inputs, officer FROM v_plan WHERE pos = :pos;

-- :plan_signers
SELECT officer FROM v_plan_sign WHERE root_pos = :pos ORDER BY rank;

-- :paid_of_plan
SELECT at, pos, id, plan, report, country, institution, account, currency, amount, reference
FROM v_paid WHERE pos IN (SELECT pos FROM v_record WHERE of_id = :id) ORDER BY at, id;

-- :paid_to_report
SELECT at, pos, id, plan, report, country, institution, account, currency, amount, reference
FROM v_paid WHERE report = :id ORDER BY at, id;

-- :refund_accounts
SELECT rank, pos, id, at, officer, country, institution, account, persons, target
FROM v_refund_account WHERE root_pos = :pos ORDER BY rank;

-- :shift_list
SELECT at, pos, id, officer, began_at, ended_at, next, signer, signed_at
FROM v_shift
WHERE mark_id = :mark AND 'held' = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :attachments_of
SELECT x.at, x.pos, x.id, x.sha256, x.bytes, x.type, x.name
FROM v_quote q CROSS JOIN v_attachment x ON x.pos = q.pos
WHERE q.ref = :id ORDER BY x.at, x.id LIMIT :limit;

-- :attachment_find
SELECT at, pos, id, sha256, bytes, type, name
FROM v_attachment WHERE sha256 = :sha256 ORDER BY at, id;

-- :glass_list
SELECT at, pos, id, officer, until, grants, ratified, decider
FROM v_glass
WHERE mark_id = :mark AND 'held' = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :read_list
SELECT at, pos, id, officer, outlet
FROM v_read
WHERE mark_id = :mark AND 'held' = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :reads_by_officer
SELECT at, pos, id, officer, outlet
FROM v_read WHERE officer = :officer AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC LIMIT :limit;

-- :reads_of_record
SELECT DISTINCT x.at, x.pos, x.id, x.officer, x.outlet
FROM v_read_item i CROSS JOIN v_read x ON x.pos = i.pos
WHERE i.record = :record AND (x.at, x.pos) < (:sort, :pos)
ORDER BY x.at DESC, x.pos DESC LIMIT :limit;

-- :read_items
SELECT record FROM v_read_item WHERE pos = :pos ORDER BY n;

-- :news_end
SELECT l.upto, coalesce((SELECT max(arrival) FROM v_arrival), 0) FROM v_log l WHERE l.n = 0;

-- :news
SELECT at, pos, id, root, kind, state, agency, log, seq, officer, until, mark, at, NULL,
    ledger_log
FROM v_record WHERE pos >= :after AND pos < :upto ORDER BY pos LIMIT :limit;

-- :news_arrivals
SELECT x.arrival, r.pos, r.id, r.root, r.kind, r.state, r.agency, r.log, r.seq, r.officer, r.until,
    r.mark, r.at, NULL, r.ledger_log
FROM v_arrival x CROSS JOIN v_record r ON r.pos = x.pos
WHERE x.arrival > :after AND x.arrival <= :upto ORDER BY x.arrival LIMIT :limit;

-- Of what begins so the bytewise greatest first, which for numbered ids is the newest.

-- :search_report
SELECT at, pos, id, report FROM v_report
WHERE report >= :from AND report < :behind AND state = 'held' ORDER BY report DESC LIMIT :limit;

-- :search_order
SELECT at, pos, id, number FROM v_order
WHERE number >= :from AND number < :behind ORDER BY number DESC LIMIT :limit;

-- :search_account
SELECT at, pos, id, text FROM v_find
WHERE what = 0 AND text >= :from AND text < :behind AND state = 'held'
ORDER BY text DESC, pos DESC LIMIT :limit;

-- :search_order_account
SELECT at, pos, id, account FROM v_order
WHERE account >= :from AND account < :behind ORDER BY account DESC LIMIT :limit;

-- :search_phone
SELECT at, pos, id, text FROM v_find
WHERE what = 1 AND text >= :from AND text < :behind AND state = 'held'
ORDER BY text DESC, pos DESC LIMIT :limit;

-- :search_case
SELECT at, pos, id, title FROM v_case
WHERE state = 'open' AND instr(lower(title), lower(:text)) > 0
ORDER BY at DESC, id DESC LIMIT :limit;
