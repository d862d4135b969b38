-- What readers may touch. Every row passes may(mark_id); a child passes by the mark of its object,
-- and what another agency may have said of it by its own as well.
CREATE VIEW v_mark AS SELECT mark_id, mark, compartment FROM raw_mark;

CREATE VIEW v_count AS SELECT tbl, state, mark_id, n FROM raw_count WHERE may(mark_id);

CREATE VIEW v_record AS
SELECT r.pos, r.id, coalesce(r.of_id, r.id) AS root, r.of_id, r.kind, r.state, r.at, r.officer,
    r.mark_id, r.until, a.agency, l.name AS log, r.pos & 0xFFFFFFFFFF AS seq, m.mark, l.ledger_log
FROM raw_record r
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
CROSS JOIN raw_mark m ON m.mark_id = r.mark_id
WHERE may(r.mark_id);

CREATE VIEW v_quote AS
SELECT f.ref, r.pos, r.id, coalesce(r.of_id, r.id) AS root, r.kind, r.state, r.at, r.officer,
    r.until, a.agency, l.name AS log, r.pos & 0xFFFFFFFFFF AS seq, m.mark, l.ledger_log
FROM raw_ref f
CROSS JOIN raw_record r ON r.pos = f.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
CROSS JOIN raw_mark m ON m.mark_id = r.mark_id
WHERE may(r.mark_id);

CREATE VIEW v_erased AS
SELECT e.id, coalesce(r.of_id, e.id) AS root, r.id AS by_id, r.pos, r.at, r.officer, r.until,
    a.agency, x.log, x.leaf AS seq, m.mark, l.ledger_log
FROM raw_erased e
CROSS JOIN raw_record r ON r.pos = e.by_pos
CROSS JOIN raw_erase x ON x.pos = e.by_pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
CROSS JOIN raw_mark m ON m.mark_id = r.mark_id
WHERE may(r.mark_id)
    AND NOT EXISTS (SELECT 1 FROM raw_let_go g CROSS JOIN raw_log o ON o.n = g.pos >> 40
        WHERE g.record = e.id AND o.agency_n = 0 AND g.shell IS NOT NULL AND may(g.shell) = 0);

-- What we let go of is known by the object that our let_go names, to those who saw the object.
CREATE VIEW v_let_gone AS
SELECT g.record AS id, g.record AS root, r.id AS by_id, r.pos, r.at, r.officer, r.until,
    g.whose AS agency, 'main' AS log, m.mark,
    (SELECT min(x.leaf) FROM raw_let_go_leaf x WHERE x.pos = g.pos) AS seq,
    coalesce((SELECT t.ledger_log FROM raw_log t CROSS JOIN raw_agency b ON b.agency_n = t.agency_n
        WHERE b.agency = g.whose AND t.name = 'main'), 0) AS ledger_log
FROM raw_let_go g
CROSS JOIN raw_record r ON r.pos = g.pos
CROSS JOIN raw_log l ON l.n = g.pos >> 40
CROSS JOIN raw_mark m ON m.mark_id = coalesce(g.shell, r.mark_id)
WHERE l.agency_n = 0 AND may(coalesce(g.shell, r.mark_id))
    AND NOT EXISTS (SELECT 1 FROM raw_record k WHERE k.id = g.record AND k.state <> 'clash')
    AND EXISTS (SELECT 1 FROM raw_let_go_leaf y WHERE y.pos = g.pos);

CREATE VIEW v_report AS
SELECT p.pos, p.mark_id, p.state, p.at, a.agency, p.report, p.reported_at, p.happened_at,
    p.standing, p.country, p.channel, p.loss, p.currency, p.row, r.id, s.id AS seed, m.mark,
    p.agency_n = 0 AS own
FROM raw_report p
CROSS JOIN raw_record r ON r.pos = p.pos
CROSS JOIN raw_agency a ON a.agency_n = p.agency_n
CROSS JOIN raw_mark m ON m.mark_id = p.mark_id
LEFT JOIN raw_record s ON s.pos = p.seed_pos
WHERE may(p.mark_id);

-- What a report names, out of its one row, in its own order.
CREATE VIEW v_report_account AS
SELECT p.pos, j.key AS n, c.value AS country, i.value AS institution, j.value AS account
FROM raw_report p
CROSS JOIN json_each(p.named, '$[0]') j
CROSS JOIN json_each(p.named, '$[1]') c ON c.key = j.key
CROSS JOIN json_each(p.named, '$[2]') i ON i.key = j.key
WHERE may(p.mark_id);

CREATE VIEW v_report_transfer AS
SELECT p.pos, j.key AS n, j.value AS transfer
FROM raw_report p CROSS JOIN json_each(p.named, '$[3]') j WHERE may(p.mark_id);

CREATE VIEW v_report_phone AS
SELECT p.pos, j.key AS n, j.value AS phone
FROM raw_report p CROSS JOIN json_each(p.named, '$[4]') j WHERE may(p.mark_id);

CREATE VIEW v_report_url AS
SELECT p.pos, j.key AS n, j.value AS url
FROM raw_report p CROSS JOIN json_each(p.named, '$[5]') j WHERE may(p.mark_id);

CREATE VIEW v_seed AS
SELECT p.pos, s.n, s.transfer
FROM raw_report p CROSS JOIN raw_seed s ON s.pos = p.seed_pos WHERE may(p.mark_id);

CREATE VIEW v_case AS
SELECT k.pos, k.mark_id, k.state, k.at, k.title, r.id, a.agency, q.at AS closed_at, e.reason, m.mark,
    (SELECT count(*) FROM raw_case_report x WHERE x.case_pos = k.pos AND x.state = 'in') AS reports
FROM raw_case k
CROSS JOIN raw_record r ON r.pos = k.pos
CROSS JOIN raw_log l ON l.n = k.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
CROSS JOIN raw_mark m ON m.mark_id = k.mark_id
LEFT JOIN raw_record q ON q.pos = k.closed_pos
LEFT JOIN raw_case_event e ON e.pos = k.closed_pos
WHERE may(k.mark_id);

CREATE VIEW v_case_report AS
SELECT x.add_pos AS pos, x.case_pos, x.report, x.state, x.live, r.id, r.at, e.reason,
    p.report AS name, l.agency_n = 0 AS own
FROM raw_case_report x
CROSS JOIN raw_case k ON k.pos = x.case_pos
CROSS JOIN raw_record r ON r.pos = x.add_pos
CROSS JOIN raw_log l ON l.n = x.add_pos >> 40
LEFT JOIN raw_case_event e ON e.pos = x.out_pos
LEFT JOIN raw_record t ON t.id = x.report AND t.state <> 'clash'
LEFT JOIN raw_report p ON p.pos = t.pos AND may(p.mark_id)
WHERE may(k.mark_id);

CREATE VIEW v_batch AS
SELECT b.pos, b.mark_id, b.at, b.what, b.sha256, b.part, b.rows, b.taken, b.known, b.filled,
    b.conflicts, b.bad, b.root, b.mapping, r.id, a.agency, m.mark
FROM raw_batch b
CROSS JOIN raw_record r ON r.pos = b.pos
CROSS JOIN raw_log l ON l.n = b.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
CROSS JOIN raw_mark m ON m.mark_id = b.mark_id
WHERE may(b.mark_id);

CREATE VIEW v_pick AS
SELECT p.pos, p.mark_id, p.state, p.at, p.transfer, p.row, r.id, l.agency_n = 0 AS own
FROM raw_pick p
CROSS JOIN raw_record r ON r.pos = p.pos
CROSS JOIN raw_log l ON l.n = p.pos >> 40
WHERE may(p.mark_id);

CREATE VIEW v_claim AS
SELECT k.pos, k.mark_id, k.tbl, k.at, k.name, k.source, k.row, r.id, a.agency, m.mark
FROM raw_claim k
CROSS JOIN raw_record r ON r.pos = k.pos
CROSS JOIN raw_log l ON l.n = k.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
CROSS JOIN raw_mark m ON m.mark_id = k.mark_id
WHERE may(k.mark_id);

CREATE VIEW v_agency AS
SELECT g.pos, g.mark_id, g.at, g.name, g.title, g.country, g.agency_kind, g.timezone, g.log_key,
    g.recovery_key, r.id, a.agency
FROM raw_genesis g
CROSS JOIN raw_record r ON r.pos = g.pos
CROSS JOIN raw_log l ON l.n = g.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE may(g.mark_id);

CREATE VIEW v_officer AS
SELECT o.pos, o.mark_id, o.at, o.name, o.role_now AS role, o.key_now AS officer_key, o.active, r.id,
    a.agency
FROM raw_officer o
CROSS JOIN raw_record r ON r.pos = o.pos
CROSS JOIN raw_log l ON l.n = o.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE may(o.mark_id);
