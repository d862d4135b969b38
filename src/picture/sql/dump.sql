-- Each statement gives one text a row, in the order of the texts.
-- A place is written as agency/log/leaf, a mark as its text.

-- :dump_record
SELECT 'record ' || a.agency || '/' || l.name || '/' || (r.pos & 0xFFFFFFFFFF) || ' ' || hex(r.id) ||
    ' ' || quote(r.of_id) || ' ' || quote(r.kind) || ' ' || r.state || ' ' || r.at || ' ' ||
    quote(r.officer) || ' ' || m.compartment || m.mark || ' ' || quote(r.until) || ' ' || o.mark ||
    ' ' || quote(r.own_until) || ' ' || r.folded AS line
FROM raw_record r
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
CROSS JOIN raw_mark m ON m.mark_id = r.mark_id
CROSS JOIN raw_mark o ON o.mark_id = r.own_mark
ORDER BY 1;

-- :dump_ref
SELECT 'ref ' || hex(r.id) || ' ' || hex(f.ref) FROM raw_ref f
CROSS JOIN raw_record r ON r.pos = f.pos ORDER BY 1;

-- :dump_genesis
SELECT 'genesis ' || hex(r.id) || ' ' || m.mark || ' ' || g.at || ' ' || quote(g.name) || ' ' ||
    quote(g.title) || ' ' || g.country || ' ' || g.agency_kind || ' ' || quote(g.timezone) || ' ' ||
    hex(g.log_key) || ' ' || hex(g.recovery_key)
FROM raw_genesis g
CROSS JOIN raw_record r ON r.pos = g.pos
CROSS JOIN raw_mark m ON m.mark_id = g.mark_id
ORDER BY 1;

-- :dump_key
SELECT 'key ' || hex(r.id) || ' ' || k.log || ' ' || hex(k.log_key) || ' ' || k.from_size
FROM raw_key k CROSS JOIN raw_record r ON r.pos = k.pos ORDER BY 1;

-- :dump_officer
SELECT 'officer ' || hex(r.id) || ' ' || m.mark || ' ' || o.at || ' ' || quote(o.name) || ' ' ||
    quote(o.role) || ' ' || hex(o.officer_key) || ' ' || o.active || ' ' || quote(o.role_now) || ' ' ||
    hex(o.key_now)
FROM raw_officer o
CROSS JOIN raw_record r ON r.pos = o.pos
CROSS JOIN raw_mark m ON m.mark_id = o.mark_id
ORDER BY 1;

-- :dump_report
SELECT 'report ' || hex(r.id) || ' ' || m.mark || ' ' || p.state || ' ' || p.at || ' ' ||
    a.agency || ' ' || quote(p.report) || ' ' || quote(p.reported_at) || ' ' ||
    quote(p.happened_at) || ' ' || p.standing || ' ' || quote(p.country) || ' ' ||
    quote(p.channel) || ' ' || quote(p.loss) || ' ' || quote(p.currency) || ' ' || quote(p.row) ||
    ' ' || quote(s.id)
FROM raw_report p
CROSS JOIN raw_record r ON r.pos = p.pos
CROSS JOIN raw_mark m ON m.mark_id = p.mark_id
CROSS JOIN raw_agency a ON a.agency_n = p.agency_n
LEFT JOIN raw_record s ON s.pos = p.seed_pos
ORDER BY 1;

-- :dump_report_named
SELECT 'named ' || hex(r.id) || ' ' || p.named
FROM raw_report p CROSS JOIN raw_record r ON r.pos = p.pos WHERE p.named IS NOT NULL ORDER BY 1;

-- :dump_find
SELECT 'find ' || hex(r.id) || ' ' || x.what || ' ' || quote(x.text)
FROM (SELECT what, text, pos FROM raw_find UNION ALL SELECT what, text, pos FROM raw_find_new) x
CROSS JOIN raw_record r ON r.pos = x.pos ORDER BY 1;

-- :dump_seed
SELECT 'seed ' || hex(r.id) || ' ' || x.n || ' ' || quote(x.transfer)
FROM raw_seed x CROSS JOIN raw_record r ON r.pos = x.pos ORDER BY 1;

-- :dump_case
SELECT 'case ' || hex(r.id) || ' ' || m.mark || ' ' || k.state || ' ' || k.at || ' ' ||
    quote(k.title) || ' ' || quote(q.id)
FROM raw_case k
CROSS JOIN raw_record r ON r.pos = k.pos
CROSS JOIN raw_mark m ON m.mark_id = k.mark_id
LEFT JOIN raw_record q ON q.pos = k.closed_pos
ORDER BY 1;

-- :dump_case_event
SELECT 'case_event ' || hex(r.id) || ' ' || quote(e.report) || ' ' || quote(e.reason)
FROM raw_case_event e CROSS JOIN raw_record r ON r.pos = e.pos ORDER BY 1;

-- :dump_case_report
SELECT 'case_report ' || hex(r.id) || ' ' || hex(k.id) || ' ' || hex(x.report) || ' ' || x.state ||
    ' ' || x.live || ' ' || quote(q.id)
FROM raw_case_report x
CROSS JOIN raw_record r ON r.pos = x.add_pos
CROSS JOIN raw_record k ON k.pos = x.case_pos
LEFT JOIN raw_record q ON q.pos = x.out_pos
ORDER BY 1;

-- :dump_batch
SELECT 'batch ' || hex(r.id) || ' ' || m.mark || ' ' || b.at || ' ' || b.what || ' ' ||
    hex(b.sha256) || ' ' || b.part || ' ' || b.rows || ' ' || b.taken || ' ' || b.known || ' ' ||
    b.filled || ' ' || b.conflicts || ' ' || b.bad || ' ' || hex(b.root) || ' ' || quote(b.mapping)
FROM raw_batch b
CROSS JOIN raw_record r ON r.pos = b.pos
CROSS JOIN raw_mark m ON m.mark_id = b.mark_id
ORDER BY 1;

-- :dump_pick
SELECT 'pick ' || hex(r.id) || ' ' || m.mark || ' ' || p.state || ' ' || p.at || ' ' ||
    quote(p.transfer) || ' ' || hex(p.row)
FROM raw_pick p
CROSS JOIN raw_record r ON r.pos = p.pos
CROSS JOIN raw_mark m ON m.mark_id = p.mark_id
ORDER BY 1;

-- :dump_claim
SELECT 'claim ' || hex(r.id) || ' ' || m.mark || ' ' || quote(k.tbl) || ' ' || k.at || ' ' ||
    quote(k.name) || ' ' || quote(k.source) || ' ' || quote(k.row)
FROM raw_claim k
CROSS JOIN raw_record r ON r.pos = k.pos
CROSS JOIN raw_mark m ON m.mark_id = k.mark_id
ORDER BY 1;

-- :dump_erase
SELECT 'erase ' || hex(r.id) || ' ' || hex(x.target) || ' ' || quote(x.log) || ' ' || x.leaf
FROM raw_erase x CROSS JOIN raw_record r ON r.pos = x.pos ORDER BY 1;

-- :dump_erased
SELECT 'erased ' || hex(e.id) || ' ' || hex(r.id)
FROM raw_erased e CROSS JOIN raw_record r ON r.pos = e.by_pos ORDER BY 1;

-- :dump_count
SELECT 'count ' || k.tbl || ' ' || quote(k.state) || ' ' || m.compartment || m.mark || ' ' || k.n
FROM raw_count k CROSS JOIN raw_mark m ON m.mark_id = k.mark_id
ORDER BY 1;
