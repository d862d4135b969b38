-- As in read.sql: views only, the first two columns are sort key and place.

-- :words_of
SELECT n, pos, word FROM v_word WHERE pos = :pos AND list = :list ORDER BY n;

-- :named_of
SELECT n, pos, record FROM v_named WHERE pos = :pos ORDER BY n;

-- :link_list
SELECT at, pos, id, agency, address, link_key, seq FROM v_link ORDER BY agency, rank;

-- :link_get
SELECT at, pos, id, agency, address, link_key, seq FROM v_link WHERE agency = :agency
ORDER BY rank DESC LIMIT 1;

-- :peer_list
SELECT at, pos, id, agency, name, state, address, reason, relay FROM v_peer
ORDER BY agency, at, pos;

-- :peer_get
SELECT at, pos, id, agency, name, state, address, reason, relay FROM v_peer
WHERE agency = :agency ORDER BY at, pos;

-- :flag_list
SELECT at, pos, id, party, country, source, reason, active FROM v_flag ORDER BY party, at, pos;

-- :accord_list
SELECT at, pos, id, agency, name, title, tlp, pap, handling, days, begins_at, ends_at, mark
FROM v_accord ORDER BY at DESC, id DESC;

-- :accord_get
SELECT at, pos, id, agency, name, title, tlp, pap, handling, days, begins_at, ends_at, mark
FROM v_accord WHERE pos = :pos;

-- :members_of
SELECT n, pos, agency, law, mirror FROM v_member WHERE pos = :pos ORDER BY n;

-- :signs_of
SELECT rank, pos, id, agency, at, signed FROM v_accord_sign WHERE root_pos = :pos ORDER BY rank;

-- :share_list
SELECT at, pos, s.* FROM v_share s
WHERE mark_id = :mark AND what = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :share_list_in
SELECT at, pos, s.* FROM v_share s
WHERE mark_id = :mark AND what = :state AND (at, pos) < (:sort, :pos) AND for_us = 1
ORDER BY at DESC, pos DESC;

-- :share_list_out
SELECT at, pos, s.* FROM v_share s
WHERE mark_id = :mark AND what = :state AND (at, pos) < (:sort, :pos) AND own = 1
ORDER BY at DESC, pos DESC;

-- :share_get
SELECT at, pos, s.* FROM v_share s WHERE pos = :pos;

-- :share_of
SELECT at, pos, s.* FROM v_share s
WHERE pos IN (SELECT pos FROM v_share_of WHERE record = :record) ORDER BY at, id;

-- :share_acts
SELECT rank, pos, id, agency, act, handling, code, officer, at FROM v_share_act
WHERE root_pos = :pos ORDER BY rank;

-- :retract_list
SELECT at, pos, id, record, agency FROM v_retract
WHERE mark_id = :mark AND what = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :retract_list_in
SELECT at, pos, id, record, agency FROM v_retract
WHERE mark_id = :mark AND what = :state AND (at, pos) < (:sort, :pos) AND for_us = 1
ORDER BY at DESC, pos DESC;

-- :retract_list_out
SELECT at, pos, id, record, agency FROM v_retract
WHERE mark_id = :mark AND what = :state AND (at, pos) < (:sort, :pos) AND own = 1
ORDER BY at DESC, pos DESC;

-- :retract_get
SELECT at, pos, id, record, agency FROM v_retract WHERE pos = :pos;

-- :retract_of
SELECT at, pos, id, record, agency FROM v_retract
WHERE pos IN (SELECT pos FROM v_retract_of WHERE record = :record) ORDER BY at, id;

-- :targets_of
SELECT n, pos, agency, let_go, let_go_at FROM v_target WHERE pos = :pos ORDER BY n;

-- :erasure_list
SELECT at, pos, id, record, root, leaf FROM v_erasure
WHERE mark_id = :mark AND what = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :let_go_list
SELECT at, pos, id, record, agency, whose, because, by_id, leaves FROM v_let_go
WHERE record = :record ORDER BY at, id;

-- :owed_list
SELECT at, pos, id, agency, because, record, root, leaf FROM v_owed ORDER BY at, id LIMIT :limit;

-- :ended_list
SELECT until, pos, id, agency FROM v_ended WHERE until <= :upto ORDER BY until LIMIT :limit;

-- :disclosed_list
SELECT journal, pos, id, at, seq FROM v_disclosed
WHERE recipient = :recipient AND journal >= :from ORDER BY journal, pos LIMIT :limit;

-- :ranges_of
SELECT n, pos, agency, first, last FROM v_range WHERE pos = :pos ORDER BY n;

-- :ranges_at
SELECT at, pos, recipient FROM v_range
WHERE agency = :agency AND first > :leaf - 4096 AND first <= :leaf AND last >= :leaf;

-- :disclosed_has
SELECT at, pos FROM v_range
WHERE agency = :agency AND first > :leaf - 4096 AND first <= :leaf AND last >= :leaf
    AND recipient = :recipient LIMIT 1;

-- :passed_of
SELECT at, pos, id, record, by_id, agency, whose, recipient FROM v_passed
WHERE record = :record ORDER BY at, id;

-- :notice_list
SELECT at, pos, s.* FROM v_notice s
WHERE mark_id = :mark AND what = :state AND (at, pos) < (:sort, :pos)
ORDER BY at DESC, pos DESC;

-- :notice_list_in
SELECT at, pos, s.* FROM v_notice s
WHERE mark_id = :mark AND what = :state AND (at, pos) < (:sort, :pos) AND for_us = 1
ORDER BY at DESC, pos DESC;

-- :notice_list_out
SELECT at, pos, s.* FROM v_notice s
WHERE mark_id = :mark AND what = :state AND (at, pos) < (:sort, :pos) AND own = 1
ORDER BY at DESC, pos DESC;

-- :notice_get
SELECT at, pos, s.* FROM v_notice s WHERE pos = :pos;

-- :notices_naming
SELECT at, pos, s.* FROM v_notice s
WHERE pos IN (SELECT pos FROM v_named WHERE record = :record) ORDER BY at, id;

-- :notice_acts
SELECT rank, pos, id, agency, act, code, officer, until, at FROM v_notice_act
WHERE root_pos = :pos ORDER BY rank;

-- :grant_of
SELECT at, pos, notice, id, recipient, until FROM v_grant WHERE record = :record ORDER BY at, id;

-- :fork_list
SELECT at, pos, id, agency, whose, why FROM v_fork ORDER BY at, id;

-- :scan_own
SELECT seq, pos, s.* FROM v_scan s WHERE pos >= :from AND pos < 1099511627776
ORDER BY pos LIMIT :limit;

-- :scan_arrivals
SELECT x.arrival, x.pos, s.* FROM v_arrival x CROSS JOIN v_scan s ON s.pos = x.pos
WHERE x.arrival > :after ORDER BY x.arrival LIMIT :limit;

-- :scan_opening
SELECT x.arrival, x.pos, s.* FROM v_arrival x CROSS JOIN v_scan s ON s.pos = x.pos
WHERE x.arrival > :after AND x.arrival <= :upto AND (x.pos < 1099511627776
    OR s.kind IN ('share', 'share_act', 'notice_act', 'order_act', 'retract'))
ORDER BY x.arrival LIMIT :limit;

-- :arrival_newest
SELECT coalesce(max(arrival), 0) FROM v_arrival;

-- :scan_root
SELECT at, pos, s.* FROM v_scan s WHERE id = :id AND of_id IS NULL AND state <> 'clash';

-- :scan_children
SELECT at, pos, s.* FROM v_scan s WHERE of_id = :id AND state <> 'clash'
ORDER BY at, agency, log, pos LIMIT :limit;

-- :scan_kind
SELECT seq, pos, s.* FROM v_scan s
WHERE pos IN (SELECT pos FROM v_identity WHERE kind = :kind AND agency = :agency)
ORDER BY pos;
