-- As in dump.sql.

-- :dump_link
SELECT 'link ' || hex(r.id) || ' ' || quote(x.link_key) || ' ' || quote(x.address)
FROM raw_link x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_peer
SELECT 'peer ' || hex(r.id) || ' ' || x.agency || ' ' || quote(x.name) || ' ' || x.state || ' ' || quote(x.address) || ' ' ||
    quote(x.reason) || ' ' || x.relay
FROM raw_peer x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_flag
SELECT 'flag ' || hex(r.id) || ' ' || quote(x.party) || ' ' || quote(x.country) || ' ' || quote(x.source) || ' ' || quote(x.reason) ||
    ' ' || x.active
FROM raw_flag x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_accord
SELECT 'accord ' || hex(r.id) || ' ' || quote(x.name) || ' ' || quote(x.title) || ' ' || quote(x.tlp) || ' ' || quote(x.pap) || ' ' ||
    quote(x.handling) || ' ' || quote(x.days) || ' ' || x.begins_at || ' ' || quote(x.ends_at)
FROM raw_accord x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_accord_sign
SELECT 'accord_sign ' || hex(r.id) || ' ' || x.signed
FROM raw_accord_sign x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_share
SELECT 'share ' || hex(r.id) || ' ' || hex(x.record) || ' ' || quote(x.recipient) || ' ' || x.for_us || ' ' || x.kind || ' ' ||
    quote(x.title) || ' ' || x.accept || ' ' || quote(x.answers) || ' ' || quote(x.due_at) || ' ' ||
    quote(x.contact)
FROM raw_share x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_share_act
SELECT 'share_act ' || hex(r.id) || ' ' || x.act || ' ' || quote(x.handling) || ' ' || quote(x.code)
FROM raw_share_act x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_retract
SELECT 'retract ' || hex(r.id) || ' ' || hex(x.record) || ' ' || x.for_us
FROM raw_retract x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_let_go
SELECT 'let_go ' || hex(r.id) || ' ' || x.whose || ' ' || hex(x.record) || ' ' || x.because || ' ' || quote(x.by_id) || ' ' ||
    coalesce((SELECT m.compartment || ' ' || m.mark FROM raw_mark m WHERE m.mark_id = x.shell), 'no mark')
FROM raw_let_go x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_disclosed
SELECT 'disclosed ' || hex(r.id) || ' ' || x.recipient || ' ' || x.journal
FROM raw_disclosed x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_passed
SELECT 'passed ' || hex(r.id) || ' ' || x.whose || ' ' || x.recipient || ' ' || hex(x.record) || ' ' || hex(x.by_id)
FROM raw_passed x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_notice
SELECT 'notice ' || hex(r.id) || ' ' || x.act || ' ' || quote(x.title) || ' ' || x.handling || ' ' || quote(x.contact) || ' ' ||
    quote(x.recipient) || ' ' || x.due_at || ' ' || x.for_us
FROM raw_notice x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_notice_act
SELECT 'notice_act ' || hex(r.id) || ' ' || x.act || ' ' || quote(x.until) || ' ' || quote(x.code)
FROM raw_notice_act x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_fork
SELECT 'fork ' || hex(r.id) || ' ' || x.whose || ' ' || x.why
FROM raw_fork x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_word
SELECT 'word ' || hex(r.id) || ' ' || x.list || ' ' || x.n || ' ' || quote(x.word)
FROM raw_word x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_member
SELECT 'member ' || hex(r.id) || ' ' || x.n || ' ' || quote(x.agency) || ' ' || quote(x.law) || ' ' || x.mirror
FROM raw_member x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_let_go_leaf
SELECT 'let_go_leaf ' || hex(r.id) || ' ' || x.leaf
FROM raw_let_go_leaf x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_range
SELECT 'range ' || hex(r.id) || ' ' || x.n || ' ' || x.agency || ' ' || x.first || ' ' || x.last
FROM raw_range x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_named
SELECT 'named ' || hex(r.id) || ' ' || x.n || ' ' || hex(x.record)
FROM raw_named x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
ORDER BY 1;

-- :dump_owed
SELECT 'owed ' || hex(r.id) FROM raw_owed x CROSS JOIN raw_record r ON r.pos = x.by_pos ORDER BY 1;
