-- What readers ask: views only. A list is asked once for each pair of mark and state that the reader
-- may see, cut by (sort key, pos), and merged in memory: its first columns are always these two.

-- :mark_list
SELECT mark_id, mark, compartment FROM v_mark ORDER BY mark_id;

-- :pairs
SELECT mark_id, state FROM v_count WHERE tbl = :tbl;

-- :pairs_of
SELECT mark_id, state FROM v_count WHERE tbl = :tbl AND state = :state;

-- :counts
SELECT tbl, state, sum(n) FROM v_count GROUP BY tbl, state ORDER BY tbl, state;

-- :counts_of
SELECT tbl, state, sum(n) FROM v_count WHERE tbl = :tbl GROUP BY tbl, state ORDER BY tbl, state;

-- :record_list
SELECT at, pos, id, root, kind, state, agency, log, seq, officer, until, mark, at, NULL,
    ledger_log
FROM v_record
WHERE mark_id = :mark AND kind = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :record_get
SELECT at, pos, id, root, kind, state, agency, log, seq, officer, until, mark, at, NULL,
    ledger_log
FROM v_record WHERE id = :id AND state <> 'clash';

-- :record_children
SELECT at, pos, id, root, kind, state, agency, log, seq, officer, until, mark, at, NULL,
    ledger_log
FROM v_record WHERE of_id = :id AND state <> 'clash' ORDER BY at, agency, log, seq LIMIT :limit;

-- :record_quotes
SELECT at, pos, id, root, kind, state, agency, log, seq, officer, until, mark, at, NULL,
    ledger_log
FROM v_quote WHERE ref = :id ORDER BY at, agency, log, seq LIMIT :limit;

-- :record_erased
SELECT at, pos, id, root, '', 'erased', agency, log, seq, officer, until, mark, at, by_id,
    ledger_log
FROM v_erased WHERE id = :id;

-- :record_let_gone
SELECT at, pos, id, root, '', 'let_go', agency, log, seq, officer, until, mark, at, by_id,
    ledger_log
FROM v_let_gone WHERE id = :id ORDER BY at, pos LIMIT 1;

-- :report_list
SELECT at, pos, id, report, state, agency, at, reported_at, happened_at, country,
    channel, loss, currency, row, seed, mark
FROM v_report
WHERE mark_id = :mark AND state = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :record_pos
SELECT pos FROM v_record WHERE id = :id AND state <> 'clash';

-- :report_get
SELECT at, pos, id, report, state, agency, at, reported_at, happened_at, country,
    channel, loss, currency, row, seed, mark
FROM v_report WHERE pos = :pos;

-- :report_find
SELECT at, pos, id, report, state, agency, at, reported_at, happened_at, country,
    channel, loss, currency, row, seed, mark
FROM v_report WHERE report = :report AND state = 'held' ORDER BY own DESC, at, agency;

-- :named_accounts
SELECT country, institution, account FROM v_report_account WHERE pos = :pos ORDER BY n;

-- :named_transfers
SELECT transfer FROM v_report_transfer WHERE pos = :pos ORDER BY n;

-- :named_seeds
SELECT transfer FROM v_seed WHERE pos = :pos ORDER BY n;

-- :named_phones
SELECT phone FROM v_report_phone WHERE pos = :pos ORDER BY n;

-- :named_urls
SELECT url FROM v_report_url WHERE pos = :pos ORDER BY n;

-- :report_case
SELECT k.id FROM v_case_report x CROSS JOIN v_case k ON k.pos = x.case_pos
WHERE x.report = :report AND x.live = 1 AND x.state = 'in' ORDER BY x.own DESC, x.at, x.pos;

-- :case_list
SELECT at, pos, id, title, state, agency, closed_at, reason, reports, mark
FROM v_case
WHERE mark_id = :mark AND state = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :case_get
SELECT at, pos, id, title, state, agency, closed_at, reason, reports, mark
FROM v_case WHERE pos = :pos;

-- :case_reports
SELECT at, pos, report, id, state, reason, name
FROM v_case_report
WHERE case_pos = :case_pos AND (at, pos) > (:sort, :pos)
ORDER BY at, pos LIMIT :limit;

-- :claim_list
SELECT at, pos, id, tbl, name, source, row, agency, mark
FROM v_claim
WHERE mark_id = :mark AND tbl = :state AND (at, pos) > (:sort, :pos)
ORDER BY at, pos;

-- :batch_list
SELECT at, pos, id, what, mapping, agency, sha256, root, part, rows, taken, known, filled,
    conflicts, bad, mark
FROM v_batch
WHERE mark_id = :mark AND 'held' = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :batch_of_file
SELECT at, pos, id, what, mapping, agency, sha256, root, part, rows, taken, known, filled,
    conflicts, bad, mark
FROM v_batch WHERE sha256 = :sha256 ORDER BY part, at, agency, pos;

-- :pick_list
SELECT at, pos, id, transfer, row, state, own
FROM v_pick
WHERE mark_id = :mark AND state = :state AND (at, pos) > (:sort, :pos)
ORDER BY at, pos;

-- :pick_find
SELECT at, pos, id, transfer, row, state, own
FROM v_pick WHERE transfer = :transfer AND state = 'held' AND own = 1;

-- :agency_list
SELECT at, pos, id, agency, name, title, country, agency_kind, timezone, log_key, recovery_key
FROM v_agency
WHERE mark_id = :mark AND 'held' = :state AND (at, pos) > (:sort, :pos)
ORDER BY at, pos;

-- :agency_get
SELECT at, pos, id, agency, name, title, country, agency_kind, timezone, log_key, recovery_key
FROM v_agency WHERE agency = :agency;

-- :officer_list
SELECT at, pos, id, agency, name, role, officer_key, active
FROM v_officer
WHERE mark_id = :mark AND 'held' = :state AND (at, pos) > (:sort, :pos)
ORDER BY at, pos;

-- :officer_get
SELECT at, pos, id, agency, name, role, officer_key, active
FROM v_officer WHERE pos = :pos;
