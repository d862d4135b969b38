-- Ties everywhere: by (at, agency, log, leaf).

-- :root_get
SELECT r.pos, r.kind, r.state, r.mark_id, r.until, r.of_id IS NOT NULL, r.own_mark, r.own_until
FROM raw_record r WHERE r.id = :id AND r.state <> 'clash';

-- :children
SELECT r.pos, r.id, r.kind, r.state, r.at, r.mark_id, r.until, e.report, r.own_mark, r.own_until,
    r.folded
FROM raw_record r
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
LEFT JOIN raw_case_event e ON e.pos = r.pos
WHERE r.of_id = :of_id AND r.state <> 'clash'
ORDER BY r.at, a.agency, l.name, r.pos;

-- :child_any
SELECT 1 FROM raw_record WHERE of_id = :of_id LIMIT 1;

-- :refs_of_children
SELECT f.pos, r.pos FROM raw_record k
CROSS JOIN raw_ref f ON f.pos = k.pos
CROSS JOIN raw_record r ON r.id = f.ref
WHERE k.of_id = :of_id AND r.of_id = :of_id AND r.state <> 'clash';

-- :record_state
UPDATE raw_record SET state = :state WHERE pos = :pos;

-- :report_seed
UPDATE raw_report SET seed_pos = :seed_pos WHERE pos = :pos AND seed_pos IS NOT :seed_pos;

-- :case_now
SELECT state, closed_pos FROM raw_case WHERE pos = :pos;

-- :case_set
UPDATE raw_case SET state = :state, closed_pos = :closed_pos WHERE pos = :pos;

-- :members
SELECT add_pos, report, state, live, out_pos FROM raw_case_report WHERE case_pos = :case_pos
ORDER BY add_pos;

-- :member_put
INSERT INTO raw_case_report (add_pos, case_pos, report, state, live, out_pos)
VALUES (:add_pos, :case_pos, :report, :state, :live, :out_pos)
ON CONFLICT (add_pos) DO UPDATE
SET state = excluded.state, live = excluded.live, out_pos = excluded.out_pos;

-- :member_drop
DELETE FROM raw_case_report WHERE add_pos = :add_pos;

-- :members_of_report
SELECT x.add_pos, x.state, l.agency_n
FROM raw_case_report x
CROSS JOIN raw_record r ON r.pos = x.add_pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE x.report = :report AND x.live = 1
ORDER BY a.agency, r.at, l.name, r.pos;

-- :member_state
UPDATE raw_case_report SET state = :state WHERE add_pos = :add_pos;

-- :twins
SELECT p.pos, p.state, p.mark_id
FROM raw_report p
CROSS JOIN raw_record r ON r.pos = p.pos
CROSS JOIN raw_log l ON l.n = p.pos >> 40
WHERE p.report = :report AND p.agency_n = :agency_n AND r.state <> 'clash'
ORDER BY r.at, l.name, p.pos;

-- :report_state
UPDATE raw_report SET state = :state WHERE pos = :pos;

-- :picks
SELECT p.pos, p.state, p.mark_id
FROM raw_pick p
CROSS JOIN raw_record r ON r.pos = p.pos
CROSS JOIN raw_log l ON l.n = p.pos >> 40
WHERE p.transfer = :transfer AND l.agency_n = :agency_n AND r.state <> 'clash'
ORDER BY p.at DESC, l.name DESC, p.pos DESC;

-- :pick_state
UPDATE raw_pick SET state = :state WHERE pos = :pos;

-- :erases_of
SELECT x.pos, x.log, x.leaf, l.agency_n, r.state, r.mark_id, r.id
FROM raw_erase x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = x.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE x.target = :target
ORDER BY r.state = 'clash', r.at, a.agency, l.name, x.pos;

-- :erased_get
SELECT by_pos FROM raw_erased WHERE id = :id;

-- :erased_put
INSERT INTO raw_erased (id, by_pos) VALUES (:id, :by_pos)
ON CONFLICT (id) DO UPDATE SET by_pos = excluded.by_pos;

-- :erased_drop
DELETE FROM raw_erased WHERE id = :id;

-- :erasable
SELECT r.pos, r.kind, r.folded FROM raw_record r
CROSS JOIN raw_log l ON l.n = r.pos >> 40
WHERE r.id = :id AND l.name = :log AND l.agency_n = :agency_n AND (r.pos & 0xFFFFFFFFFF) = :leaf;

-- :content_get
SELECT r.id, r.kind, r.state, r.mark_id, r.of_id, r.folded,
    p.report, p.state, k.state, c.transfer, c.state, q.tbl
FROM raw_record r
LEFT JOIN raw_report p ON p.pos = r.pos
LEFT JOIN raw_case k ON k.pos = r.pos
LEFT JOIN raw_pick c ON c.pos = r.pos
LEFT JOIN raw_claim q ON q.pos = r.pos
WHERE r.pos = :pos;

-- :drop_record
DELETE FROM raw_record WHERE pos = :pos;

-- :drop_ref
DELETE FROM raw_ref WHERE pos = :pos;

-- :drop_genesis
DELETE FROM raw_genesis WHERE pos = :pos;

-- :drop_key
DELETE FROM raw_key WHERE pos = :pos;

-- :drop_officer
DELETE FROM raw_officer WHERE pos = :pos;

-- Before the report, whose row tells what is to be found there.
-- :drop_find
DELETE FROM raw_find WHERE what IN (0, 1) AND pos = :pos AND text IN (
    SELECT j.value FROM raw_report p CROSS JOIN json_each(p.named, '$[0]') j WHERE p.pos = :pos
    UNION ALL
    SELECT j.value FROM raw_report p CROSS JOIN json_each(p.named, '$[4]') j WHERE p.pos = :pos);

-- :drop_find_new
DELETE FROM raw_find_new WHERE what IN (0, 1) AND pos = :pos AND text IN (
    SELECT j.value FROM raw_report p CROSS JOIN json_each(p.named, '$[0]') j WHERE p.pos = :pos
    UNION ALL
    SELECT j.value FROM raw_report p CROSS JOIN json_each(p.named, '$[4]') j WHERE p.pos = :pos);

-- :drop_report
DELETE FROM raw_report WHERE pos = :pos;

-- :drop_seed
DELETE FROM raw_seed WHERE pos = :pos;

-- :drop_case
DELETE FROM raw_case WHERE pos = :pos;

-- :drop_case_event
DELETE FROM raw_case_event WHERE pos = :pos;

-- :drop_batch
DELETE FROM raw_batch WHERE pos = :pos;

-- :drop_pick
DELETE FROM raw_pick WHERE pos = :pos;

-- :drop_claim
DELETE FROM raw_claim WHERE pos = :pos;

-- What a rebuild derives after loading, a page at a time.

-- :all_erased
SELECT DISTINCT target FROM raw_erase WHERE target > :after ORDER BY target LIMIT 4096;

-- :all_objects
SELECT DISTINCT of_id FROM raw_record WHERE of_id > :after ORDER BY of_id LIMIT 4096;

-- :all_twins
SELECT report, agency_n FROM raw_report GROUP BY report, agency_n HAVING count(*) > 1;

-- :all_picks
SELECT p.transfer, l.agency_n FROM raw_pick p CROSS JOIN raw_log l ON l.n = p.pos >> 40
GROUP BY p.transfer, l.agency_n HAVING count(*) > 1;
