-- As in 007_views: every row passes may(mark_id). Of a share or notice the recipient's words count,
-- of an accord its members': whose they are is compared by agency.

CREATE VIEW v_word AS
SELECT w.pos, w.list, w.n, w.word
FROM raw_word w CROSS JOIN raw_record r ON r.pos = w.pos WHERE may(r.mark_id);

CREATE VIEW v_named AS
SELECT n.pos, n.n, n.record
FROM raw_named n CROSS JOIN raw_record r ON r.pos = n.pos WHERE may(r.mark_id);

CREATE VIEW v_link AS
SELECT k.pos, k.rank, r.at, r.id, a.agency, x.address, x.link_key, k.pos & 0xFFFFFFFFFF AS seq
FROM raw_link x
CROSS JOIN raw_child k ON k.pos = x.pos
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = x.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE may(r.mark_id);

CREATE VIEW v_peer AS
SELECT r.pos, r.at, r.id, p.agency, p.name, p.state, p.address, p.reason, p.relay
FROM raw_peer p CROSS JOIN raw_record r ON r.pos = p.pos WHERE may(r.mark_id);

CREATE VIEW v_flag AS
SELECT r.pos, r.at, r.id, f.party, f.country, f.source, f.reason, f.active
FROM raw_flag f CROSS JOIN raw_record r ON r.pos = f.pos WHERE may(r.mark_id);

CREATE VIEW v_accord AS
SELECT r.pos, r.at, r.id, a.agency, x.name, x.title, x.tlp, x.pap, x.handling, x.days, x.begins_at,
    x.ends_at, m.mark
FROM raw_accord x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = x.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
CROSS JOIN raw_mark m ON m.mark_id = r.mark_id
WHERE r.state = 'held' AND may(r.mark_id);

CREATE VIEW v_member AS
SELECT x.pos, x.n, x.agency, x.law, x.mirror
FROM raw_member x CROSS JOIN raw_record r ON r.pos = x.pos WHERE may(r.mark_id);

CREATE VIEW v_accord_sign AS
SELECT k.root_pos, k.rank, k.pos, r.at, r.id, a.agency, g.signed
FROM raw_child k
CROSS JOIN raw_accord_sign g ON g.pos = k.pos
CROSS JOIN raw_record r ON r.pos = k.pos
CROSS JOIN raw_log l ON l.n = k.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE may(r.mark_id);

-- With the recipient's last act, and the author's retract that came first behind it.
CREATE VIEW v_share AS
SELECT r.pos, r.mark_id, r.at, r.id, r.kind AS what, s.record, a.agency, s.recipient, s.kind,
    s.title, s.contact, m.mark, s.accept, s.answers, s.due_at, r.until, r.officer,
    r.pos & 0xFFFFFFFFFF AS seq, e.act, e.handling, e.code, g.id AS act_id, g.at AS act_at,
    u.id AS retract, u.at AS retracted_at, s.for_us, l.agency_n = 0 AS own,
    NOT EXISTS (
        SELECT 1 FROM raw_share n
        CROSS JOIN raw_record y ON y.pos = n.pos
        CROSS JOIN raw_log z ON z.n = n.pos >> 40
        WHERE n.record = s.record AND n.recipient = s.recipient AND z.agency_n = l.agency_n
            AND (y.at, y.pos) > (r.at, r.pos) AND y.state = 'held') AS is_last
FROM raw_record r
CROSS JOIN raw_share s ON s.pos = r.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
CROSS JOIN raw_mark m ON m.mark_id = r.mark_id
LEFT JOIN raw_record g ON g.pos = (
    SELECT k.pos FROM raw_child k
    CROSS JOIN raw_share_act t ON t.pos = k.pos
    CROSS JOIN raw_log q ON q.n = k.pos >> 40
    CROSS JOIN raw_agency b ON b.agency_n = q.agency_n
    WHERE k.root_pos = r.pos AND b.agency = s.recipient
    ORDER BY k.rank DESC LIMIT 1) AND may(g.mark_id)
LEFT JOIN raw_share_act e ON e.pos = g.pos
LEFT JOIN raw_record u ON u.pos = (
    SELECT t.pos FROM raw_retract t
    CROSS JOIN raw_record y ON y.pos = t.pos
    CROSS JOIN raw_log z ON z.n = t.pos >> 40
    WHERE t.record = s.record AND y.state = 'held' AND z.agency_n = l.agency_n
        AND (y.at, y.pos) > (r.at, r.pos)
        AND EXISTS (SELECT 1 FROM raw_word w
            WHERE w.pos = t.pos AND w.list = 'from' AND w.word = s.recipient)
    ORDER BY y.at, y.pos LIMIT 1) AND may(u.mark_id)
WHERE r.state = 'held' AND may(r.mark_id);

CREATE VIEW v_share_of AS SELECT pos, record FROM raw_share;

CREATE VIEW v_share_act AS
SELECT k.root_pos, k.rank, k.pos, r.at, r.id, r.officer, a.agency, e.act, e.handling, e.code
FROM raw_child k
CROSS JOIN raw_share s ON s.pos = k.root_pos
CROSS JOIN raw_share_act e ON e.pos = k.pos
CROSS JOIN raw_record r ON r.pos = k.pos
CROSS JOIN raw_log l ON l.n = k.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE a.agency = s.recipient AND may(r.mark_id);

CREATE VIEW v_retract AS
SELECT r.pos, r.mark_id, r.at, r.id, r.kind AS what, t.record, a.agency, t.for_us,
    l.agency_n = 0 AS own
FROM raw_record r
CROSS JOIN raw_retract t ON t.pos = r.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE r.state = 'held' AND may(r.mark_id);

CREATE VIEW v_retract_of AS SELECT pos, record FROM raw_retract;

CREATE VIEW v_target AS
SELECT t.pos, w.n, w.word AS agency, g.id AS let_go, g.at AS let_go_at
FROM raw_retract t
CROSS JOIN raw_record r ON r.pos = t.pos
CROSS JOIN raw_word w ON w.pos = t.pos AND w.list = 'from'
LEFT JOIN raw_record g ON g.pos = (
    SELECT x.pos FROM raw_let_go x
    CROSS JOIN raw_record y ON y.pos = x.pos
    CROSS JOIN raw_log l ON l.n = x.pos >> 40
    CROSS JOIN raw_agency b ON b.agency_n = l.agency_n
    WHERE x.by_id = r.id AND y.state = 'held' AND b.agency = w.word
    ORDER BY y.at, y.pos LIMIT 1) AND may(g.mark_id)
WHERE may(r.mark_id);

-- Our erase records that name what others were given, by us or by who passed it on.
CREATE VIEW v_erasure AS
SELECT r.pos, r.mark_id, r.at, r.id, r.kind AS what, x.target AS record,
    coalesce(r.of_id, x.target) AS root, x.leaf
FROM raw_record r
CROSS JOIN raw_erase x ON x.pos = r.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
WHERE l.agency_n = 0 AND r.state = 'held' AND x.log = 'main' AND may(r.mark_id) AND (
    EXISTS (SELECT 1 FROM raw_passed p WHERE p.record = coalesce(r.of_id, x.target))
    OR EXISTS (
        SELECT 1 FROM raw_agency a
        CROSS JOIN raw_range g ON g.agency = a.agency
        CROSS JOIN raw_log z ON z.n = g.pos >> 40
        WHERE a.agency_n = 0 AND z.agency_n = 0 AND g.first > x.leaf - 4096 AND g.first <= x.leaf
            AND g.last >= x.leaf));

CREATE VIEW v_let_go AS
SELECT g.pos, r.at, r.id, g.record, a.agency, g.whose, g.because, g.by_id,
    (SELECT count(*) FROM raw_let_go_leaf x WHERE x.pos = g.pos) AS leaves
FROM raw_let_go g
CROSS JOIN raw_record r ON r.pos = g.pos
CROSS JOIN raw_log l ON l.n = g.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE r.state = 'held' AND may(r.mark_id);

CREATE VIEW v_owed AS
SELECT o.by_pos AS pos, r.at, r.id, a.agency, r.kind AS because,
    coalesce(t.record, x.target) AS record, coalesce(t.record, r.of_id, x.target) AS root, x.leaf
FROM raw_owed o
CROSS JOIN raw_record r ON r.pos = o.by_pos
CROSS JOIN raw_log l ON l.n = o.by_pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
LEFT JOIN raw_retract t ON t.pos = o.by_pos
LEFT JOIN raw_erase x ON x.pos = o.by_pos
WHERE may(r.mark_id);

CREATE VIEW v_ended AS
SELECT r.until, r.pos, r.id, a.agency
FROM raw_record r
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE r.until IS NOT NULL AND r.of_id IS NULL AND r.pos >= 2199023255552
    AND r.kind NOT IN ('genesis', 'officer', 'erase', 'accord', 'share', 'retract', 'let_go', 'disclosed', 'passed',
        'notice', 'fork')
    AND r.state <> 'clash' AND may(r.mark_id);

-- Our own words only: what another agency says to have disclosed is its own.
CREATE VIEW v_disclosed AS
SELECT d.pos, d.journal, d.recipient, r.at, r.id, d.pos & 0xFFFFFFFFFF AS seq
FROM raw_disclosed d
CROSS JOIN raw_record r ON r.pos = d.pos
CROSS JOIN raw_log l ON l.n = d.pos >> 40
WHERE l.agency_n = 0 AND may(r.mark_id);

CREATE VIEW v_range AS
SELECT g.pos, g.n, g.agency, g.first, g.last, d.recipient, r.at
FROM raw_range g
CROSS JOIN raw_disclosed d ON d.pos = g.pos
CROSS JOIN raw_record r ON r.pos = g.pos
CROSS JOIN raw_log l ON l.n = g.pos >> 40
WHERE l.agency_n = 0 AND may(r.mark_id);

CREATE VIEW v_passed AS
SELECT x.pos, r.at, r.id, x.record, x.by_id, a.agency, x.whose, x.recipient
FROM raw_passed x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_log l ON l.n = x.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE r.state = 'held' AND may(r.mark_id);

-- With the last act of those whom it is for, or of its author.
CREATE VIEW v_notice AS
SELECT r.pos, r.mark_id, r.at, r.id, r.kind AS what, a.agency, t.act, t.title, t.handling,
    t.contact, t.recipient, r.officer, t.due_at, e.act AS answer, g.at AS answered_at, m.mark,
    t.for_us, l.agency_n = 0 AS own
FROM raw_record r
CROSS JOIN raw_notice t ON t.pos = r.pos
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
CROSS JOIN raw_mark m ON m.mark_id = r.mark_id
LEFT JOIN raw_record g ON g.pos = (
    SELECT k.pos FROM raw_child k
    CROSS JOIN raw_notice_act x ON x.pos = k.pos
    CROSS JOIN raw_log q ON q.n = k.pos >> 40
    CROSS JOIN raw_agency b ON b.agency_n = q.agency_n
    WHERE k.root_pos = r.pos AND (b.agency_n = l.agency_n OR EXISTS (
        SELECT 1 FROM raw_word w WHERE w.pos = r.pos AND w.list = 'to' AND w.word = b.agency))
    ORDER BY k.rank DESC LIMIT 1) AND may(g.mark_id)
LEFT JOIN raw_notice_act e ON e.pos = g.pos
WHERE r.state = 'held' AND may(r.mark_id);

CREATE VIEW v_notice_act AS
SELECT k.root_pos, k.rank, k.pos, r.at, r.id, r.officer, a.agency, e.act, e.code, e.until
FROM raw_child k
CROSS JOIN raw_notice_act e ON e.pos = k.pos
CROSS JOIN raw_record r ON r.pos = k.pos
CROSS JOIN raw_log l ON l.n = k.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE may(r.mark_id) AND (l.agency_n = (SELECT z.agency_n FROM raw_log z WHERE z.n = k.root_pos >> 40)
    OR EXISTS (SELECT 1 FROM raw_word w
        WHERE w.pos = k.root_pos AND w.list = 'to' AND w.word = a.agency));

-- Our pass_on notices, where the last word of the object's author to them is a grant.
CREATE VIEW v_grant AS
SELECT n.record, n.pos, g.at, r.id AS notice, g.id, t.recipient, e.until
FROM raw_named n
CROSS JOIN raw_notice t ON t.pos = n.pos AND t.act = 'pass_on'
CROSS JOIN raw_record r ON r.pos = n.pos AND r.state = 'held'
CROSS JOIN raw_log l ON l.n = n.pos >> 40 AND l.agency_n = 0
CROSS JOIN raw_record o ON o.id = n.record AND o.state <> 'clash'
CROSS JOIN raw_log ol ON ol.n = o.pos >> 40
CROSS JOIN raw_record g ON g.pos = (
    SELECT k.pos FROM raw_child k
    CROSS JOIN raw_notice_act x ON x.pos = k.pos
    CROSS JOIN raw_log q ON q.n = k.pos >> 40
    WHERE k.root_pos = n.pos AND q.agency_n = ol.agency_n AND x.act IN ('grant', 'refuse')
    ORDER BY k.rank DESC LIMIT 1)
CROSS JOIN raw_notice_act e ON e.pos = g.pos AND e.act = 'grant'
WHERE may(r.mark_id) AND may(g.mark_id);

CREATE VIEW v_fork AS
SELECT f.pos, r.at, r.id, a.agency, f.whose, f.why
FROM raw_fork f
CROSS JOIN raw_record r ON r.pos = f.pos
CROSS JOIN raw_log l ON l.n = f.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE r.state = 'held' AND may(r.mark_id);

-- A record with what the rules of flow ask of its object.
CREATE VIEW v_scan AS
SELECT r.pos, r.pos & 0xFFFFFFFFFF AS seq, l.ledger_log, r.id, r.of_id, coalesce(r.of_id, r.id) AS root,
    a.agency, l.name AS log, ra.agency AS root_agency, t.kind AS root_kind, r.kind, r.state,
    mo.mark AS own, me.mark AS effective, r.own_until, r.until, r.at, x.target, x.leaf,
    tm.mark AS root_mark, t.until AS root_until
FROM raw_record r
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
CROSS JOIN raw_mark mo ON mo.mark_id = r.own_mark
CROSS JOIN raw_mark me ON me.mark_id = r.mark_id
LEFT JOIN raw_record t ON t.id = coalesce(r.of_id, r.id) AND t.of_id IS NULL AND t.state <> 'clash'
LEFT JOIN raw_log tl ON tl.n = t.pos >> 40
LEFT JOIN raw_agency ra ON ra.agency_n = tl.agency_n
LEFT JOIN raw_mark tm ON tm.mark_id = t.mark_id
LEFT JOIN raw_erase x ON x.pos = r.pos
WHERE may(r.mark_id);

-- Records by which an agency says who it is.
CREATE VIEW v_identity AS
SELECT r.pos, r.kind, a.agency
FROM raw_record r
CROSS JOIN raw_log l ON l.n = r.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE r.kind IN ('genesis', 'key', 'link', 'recover', 'officer', 'officer_change') AND r.state <> 'clash'
    AND may(r.mark_id);
