-- :agency_all
SELECT agency_n, agency FROM raw_agency ORDER BY agency_n;

-- :agency_add
INSERT INTO raw_agency (agency_n, agency) VALUES (:agency_n, :agency);

-- :log_all
SELECT l.n, l.agency_n, a.agency, l.name, l.upto, l.top, l.ledger_log
FROM raw_log l CROSS JOIN raw_agency a ON a.agency_n = l.agency_n ORDER BY l.n;

-- :log_add
INSERT INTO raw_log (n, agency_n, name, ledger_log, upto, top)
VALUES (:n, :agency_n, :name, :ledger_log, 0, 0);

-- :log_set
UPDATE raw_log SET upto = :upto, top = :top WHERE n = :n;

-- :mark_all
SELECT mark_id, compartment || ' ' || mark FROM raw_mark ORDER BY mark_id;

-- :mark_add
INSERT INTO raw_mark (mark_id, mark, compartment) VALUES (:mark_id, :mark, :compartment);

-- :record_at
SELECT 1 FROM raw_record WHERE pos = :pos;

-- :record_add
INSERT INTO raw_record (pos, id, of_id, kind, state, at, officer, mark_id, until, own_mark,
    own_until, folded)
VALUES (:pos, :id, :of_id, :kind, :state, :at, :officer, :mark_id, :until, :mark_id, :until,
    :folded);

-- :record_last
SELECT id FROM raw_record ORDER BY id DESC LIMIT 1;

-- :record_twin
SELECT 1 FROM raw_record WHERE id = :id AND pos <> :pos LIMIT 1;

-- :arrival_add
INSERT OR IGNORE INTO raw_arrival (arrival, pos) VALUES (:arrival, :pos);

-- :arrival_last
SELECT coalesce(max(arrival), 0) FROM raw_arrival;

-- :ref_add
INSERT INTO raw_ref (pos, ref) VALUES (:pos, :ref);

-- :genesis_add
INSERT INTO raw_genesis (pos, mark_id, at, name, title, country, agency_kind, timezone, log_key,
    recovery_key)
VALUES (:pos, :mark_id, :at, :name, :title, :country, :agency_kind, :timezone, :log_key,
    :recovery_key);

-- :key_add
INSERT INTO raw_key (pos, log, log_key, from_size) VALUES (:pos, :log, :log_key, :from_size);

-- :officer_add
INSERT INTO raw_officer (pos, mark_id, at, name, role, officer_key, active, role_now, key_now)
VALUES (:pos, :mark_id, :at, :name, :role, :officer_key, 1, :role, :officer_key);

-- :report_add
INSERT INTO raw_report (pos, mark_id, state, at, agency_n, report, reported_at, happened_at,
    country, channel, loss, currency, row, named, standing)
VALUES (:pos, :mark_id, 'held', :at, :agency_n, :report, :reported_at, :happened_at,
    :country, :channel, :loss, :currency, :row, :named, 'claimed');

-- :report_twin
SELECT 1 FROM raw_report WHERE report = :report AND agency_n = :agency_n;

-- :find_add
INSERT OR IGNORE INTO raw_find_new (what, text, pos) VALUES (:what, :text, :pos);

-- :find_count
SELECT count(*) FROM raw_find_new;

-- The last of the next rows behind a place.
-- :find_end
SELECT what, text, pos FROM raw_find_new
WHERE (what, text, pos) > (:what, :text, :pos)
ORDER BY what, text, pos LIMIT 1 OFFSET :n;

-- :find_move
INSERT INTO raw_find (what, text, pos)
SELECT what, text, pos FROM raw_find_new
WHERE (what, text, pos) > (:what, :text, :pos)
    AND (what, text, pos) <= (:to_what, :to_text, :to_pos)
ORDER BY what, text, pos;

-- :find_moved
DELETE FROM raw_find_new
WHERE (what, text, pos) > (:what, :text, :pos)
    AND (what, text, pos) <= (:to_what, :to_text, :to_pos);

-- Of all reports, once a rebuild has loaded them.
-- :find_load
INSERT OR IGNORE INTO raw_find (what, text, pos)
SELECT 0, j.value, p.pos FROM raw_report p CROSS JOIN json_each(p.named, '$[0]') j
UNION ALL
SELECT 1, j.value, p.pos FROM raw_report p CROSS JOIN json_each(p.named, '$[4]') j
ORDER BY 1, 2, 3;

-- :seed_add
INSERT INTO raw_seed (pos, n, transfer) VALUES (:pos, :n, :transfer);

-- :case_add
INSERT INTO raw_case (pos, mark_id, state, at, title) VALUES (:pos, :mark_id, 'open', :at, :title);

-- :case_event_add
INSERT INTO raw_case_event (pos, report, reason) VALUES (:pos, :report, :reason);

-- :batch_add
INSERT INTO raw_batch (pos, mark_id, at, what, sha256, part, rows, taken, known, filled, conflicts,
    bad, root, mapping)
VALUES (:pos, :mark_id, :at, :what, :sha256, :part, :rows, :taken, :known, :filled, :conflicts,
    :bad, :root, :mapping);

-- :pick_add
INSERT INTO raw_pick (pos, mark_id, state, at, transfer, row)
VALUES (:pos, :mark_id, 'held', :at, :transfer, :row);

-- :claim_add
INSERT INTO raw_claim (pos, mark_id, tbl, at, name, source, row)
VALUES (:pos, :mark_id, :tbl, :at, :name, :source, :row);

-- :erase_add
INSERT INTO raw_erase (pos, target, log, leaf) VALUES (:pos, :target, :log, :leaf);

-- :erase_naming
SELECT x.log, x.leaf, l.agency_n FROM raw_erase x CROSS JOIN raw_log l ON l.n = x.pos >> 40
WHERE x.target = :id;

-- :count_change
INSERT INTO raw_count (tbl, state, mark_id, n) VALUES (:tbl, :state, :mark_id, :n)
ON CONFLICT (tbl, state, mark_id) DO UPDATE SET n = n + excluded.n;

-- :count_trim
DELETE FROM raw_count WHERE tbl = :tbl AND state = :state AND mark_id = :mark_id AND n = 0;

-- :count_total
SELECT coalesce(sum(n), 0) FROM raw_count WHERE tbl = :tbl AND state = :state;
