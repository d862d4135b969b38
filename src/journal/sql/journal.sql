-- :peer_find
SELECT peer, agency, card_key, entries, told, head_size, head_root, looked, arrived, accords,
    taken, ends, relay, fault, fault_at, words, day, records, bytes, messages, skew, card_from,
    restore_from, spoke_key, returns_from, quota_records, quota_bytes, quota_messages, quota_at,
    quota_by, over_at, address_from, prove_since, prove_silent, refused
FROM journal_peer WHERE agency = :agency
-- :peer_list
SELECT peer, agency, card_key, entries, told, head_size, head_root, looked, arrived, accords,
    taken, ends, relay, fault, fault_at, words, day, records, bytes, messages, skew, card_from,
    restore_from, spoke_key, returns_from, quota_records, quota_bytes, quota_messages, quota_at,
    quota_by, over_at, address_from, prove_since, prove_silent, refused
FROM journal_peer ORDER BY peer
-- :peer_add
INSERT INTO journal_peer (agency, card_key, entries, told, head_size, head_root, looked, arrived,
    accords, taken, ends, relay, fault, fault_at, words, day, records, bytes, messages, skew, card_from)
VALUES (:agency, x'', 0, 0, 0, x'', 0, 0, zeroblob(32), 0, 0, 0, 0, 0, '', 0, 0, 0, 0, 0, 0)
ON CONFLICT (agency) DO NOTHING
-- :peer_save
UPDATE journal_peer SET card_key = :card_key, entries = :entries, told = :told,
    head_size = :head_size, head_root = :head_root, looked = :looked, arrived = :arrived,
    accords = :accords, taken = :taken, ends = :ends,
    relay = :relay, fault = :fault, fault_at = :fault_at, words = :words, day = :day,
    records = :records, bytes = :bytes, messages = :messages, skew = :skew,
    card_from = :card_from, restore_from = :restore_from, spoke_key = :spoke_key,
    returns_from = :returns_from, quota_records = :quota_records, quota_bytes = :quota_bytes,
    quota_messages = :quota_messages, quota_at = :quota_at, quota_by = :quota_by, over_at = :over_at,
    address_from = :address_from, prove_since = :prove_since, prove_silent = :prove_silent,
    refused = :refused
WHERE peer = :peer
-- :peer_returns
UPDATE journal_peer SET returns_from = :from
-- :run_last
SELECT pos, place, n, hole FROM journal_run WHERE peer = :peer ORDER BY pos DESC LIMIT 1
-- :run_before
SELECT pos, place, n, hole FROM journal_run WHERE peer = :peer AND pos <= :pos
ORDER BY pos DESC LIMIT 1
-- :run_from
SELECT pos, place, n, hole FROM journal_run WHERE peer = :peer AND pos >= :pos ORDER BY pos
-- :run_put
INSERT INTO journal_run (peer, pos, place, n, hole) VALUES (:peer, :pos, :place, :n, :hole)
ON CONFLICT (peer, pos) DO UPDATE SET place = :place, n = :n, hole = :hole
-- :bits_get
SELECT given, gone FROM journal_bits WHERE peer = :peer AND number = :number
-- :bits_put
INSERT INTO journal_bits (peer, number, given, gone) VALUES (:peer, :number, :given, :gone)
ON CONFLICT (peer, number) DO UPDATE SET given = :given, gone = :gone
-- :name_add
INSERT INTO journal_name (peer, sha256, place) VALUES (:peer, :sha256, :place)
ON CONFLICT (peer, sha256, place) DO NOTHING
-- :name_list
SELECT place FROM journal_name WHERE peer = :peer AND sha256 = :sha256 ORDER BY place
-- :seen_get
SELECT size, root, note, told FROM journal_seen WHERE peer = :peer AND origin = :origin
-- :seen_put
INSERT INTO journal_seen (peer, origin, size, root, note, told)
VALUES (:peer, :origin, :size, :root, :note, :told)
ON CONFLICT (peer, origin) DO UPDATE SET size = :size, root = :root, note = :note, told = :told
-- :origin_get
SELECT forked, failed, ask_size, ask_root, note FROM journal_origin WHERE agency = :agency
-- :origin_put
INSERT INTO journal_origin (agency, forked, failed, ask_size, ask_root, note)
VALUES (:agency, :forked, :failed, :ask_size, :ask_root, :note)
ON CONFLICT (agency) DO UPDATE SET forked = :forked, failed = :failed, ask_size = :ask_size,
    ask_root = :ask_root, note = :note
-- :origin_forked
SELECT agency FROM journal_origin WHERE forked <> 0 ORDER BY agency
-- :cosign_put
INSERT INTO journal_cosign (origin, witness, size, at, line)
VALUES (:origin, :witness, :size, :at, :line)
ON CONFLICT (origin, witness) DO UPDATE SET size = :size, at = :at, line = :line
WHERE excluded.size >= size
-- :cosign_list
SELECT witness, size, at, line FROM journal_cosign WHERE origin = :origin ORDER BY witness
-- :want_add
INSERT INTO journal_want (sha256, peer, have, total) VALUES (:sha256, :peer, 0, 0)
ON CONFLICT (sha256) DO NOTHING
-- :want_turn
UPDATE journal_want SET peer = :peer WHERE sha256 = :sha256 AND peer <> :peer
-- :want_get
SELECT have, total FROM journal_want WHERE sha256 = :sha256 AND peer = :peer
-- :want_list
SELECT sha256, have, total FROM journal_want WHERE peer = :peer ORDER BY sha256 LIMIT :limit
-- :want_set
UPDATE journal_want SET have = :have, total = :total WHERE sha256 = :sha256
-- :want_done
DELETE FROM journal_want WHERE sha256 = :sha256
-- :asked_add
INSERT INTO journal_asked (peer, sha256, at) VALUES (:peer, :sha256, :at)
ON CONFLICT (peer, sha256) DO UPDATE SET at = :at
-- :asked_list
SELECT sha256, at AS have, 0 AS total FROM journal_asked WHERE peer = :peer ORDER BY sha256 LIMIT :limit
-- :asked_done
DELETE FROM journal_asked WHERE peer = :peer
