-- Readers have the statements up to scan; the writer has all.

-- :log_get
SELECT agency, name FROM log WHERE log_id = :log_id
-- :log_key_at
SELECT public_key FROM log_key
WHERE log_id = :log_id AND from_size <= :size ORDER BY from_size DESC LIMIT 1
-- :log_key_list
SELECT log_id, from_size, public_key, place FROM log_key ORDER BY log_id, from_size
-- :log_list
SELECT log_id FROM log ORDER BY log_id
-- :leaf_last
SELECT place FROM leaf WHERE place >= :first AND place < :beyond ORDER BY place DESC LIMIT 1
-- :leaf_hashes
SELECT place, commitment FROM leaf WHERE place >= :first AND place < :beyond ORDER BY place
-- :node_hashes
SELECT number, hash FROM node
WHERE log_id = :log_id AND level = :level AND number >= :first AND number < :beyond
ORDER BY number
-- :record_find
SELECT place FROM record_id WHERE id = :id
-- :checkpoint_last
SELECT size, at_us, note FROM checkpoint WHERE log_id = :log_id ORDER BY size DESC LIMIT 1
-- :checkpoint_at
SELECT size, at_us, note FROM checkpoint WHERE log_id = :log_id AND size = :size
-- :checkpoint_range
SELECT size, at_us, note FROM checkpoint
WHERE log_id = :log_id AND size > :above AND size <= :up_to ORDER BY size
-- :counts
SELECT (SELECT count(id) FROM record_id), (SELECT max(opening_id) FROM opening),
       (SELECT count(place) FROM erasure), (SELECT count(place) FROM clash)
-- :item_get
SELECT l.place, l.commitment, l.opening_id, o.opening_id, o.salt, o.envelope, e.by_place
FROM leaf l LEFT JOIN opening o ON o.opening_id = l.opening_id
    LEFT JOIN erasure e ON e.place = l.place
WHERE l.place = :place
-- :scan
SELECT l.place, l.commitment, l.opening_id, o.opening_id, o.salt, o.envelope, e.by_place
FROM leaf l LEFT JOIN opening o ON o.opening_id = l.opening_id
    LEFT JOIN erasure e ON e.place = l.place
WHERE l.place >= :first AND l.place < :beyond ORDER BY l.place
-- :log_all
SELECT log_id, agency, name FROM log ORDER BY log_id
-- :log_find
SELECT log_id FROM log WHERE agency = :agency AND name <> 'reads' ORDER BY log_id DESC LIMIT 1
-- :log_state_get
SELECT openings FROM log_state WHERE log_id = :log_id
-- :log_ended
SELECT 1 FROM rewind WHERE log_id = :log_id AND next_log <> log_id LIMIT 1
-- :rewind_to
SELECT good_size, statement FROM rewind WHERE next_log = :log_id
-- :rewind_all
SELECT log_id, next_log, good_size, at_us, statement FROM rewind
WHERE log_id IN (SELECT log_id FROM log WHERE agency = :agency) ORDER BY at_us
-- :log_first
SELECT min(log_id) FROM log WHERE name <> 'reads' AND
    agency = (SELECT agency FROM log WHERE log_id = :log_id)
-- :log_key_next
SELECT from_size FROM log_key WHERE log_id = :log_id AND from_size > :size
ORDER BY from_size LIMIT 1
-- :checkpoint_below
SELECT size, at_us, note FROM checkpoint
WHERE log_id = :log_id AND size <= :size ORDER BY size DESC LIMIT 1
-- :loose_at
SELECT size, at_us, note FROM loose WHERE log_id = :log_id AND size = :size
-- :loose_above
SELECT size, at_us, note FROM loose WHERE log_id = :log_id AND size > :size ORDER BY size LIMIT 1
-- :loose_leaf_get
SELECT size FROM loose_leaf WHERE place = :place
-- :loose_leaf_next
SELECT place FROM loose_leaf
WHERE size = :size AND place >= :first AND place < :beyond ORDER BY place LIMIT 1
-- :leaf_get
SELECT commitment, opening_id FROM leaf WHERE place = :place
-- :clash_get
SELECT 1 FROM clash WHERE place = :place
-- :restored_at
SELECT upto_seq FROM restored WHERE log_id = :log_id AND from_seq <= :seq
ORDER BY from_seq DESC LIMIT 1
-- :arrivals
SELECT l.place, l.commitment, l.opening_id, o.opening_id, o.salt, o.envelope, e.by_place
FROM leaf l LEFT JOIN opening o ON o.opening_id = l.opening_id
    LEFT JOIN erasure e ON e.place = l.place
WHERE l.place >= 2199023255552 AND l.opening_id > :arrival
UNION ALL
SELECT l.place, l.commitment, l.opening_id, o.opening_id, o.salt, o.envelope, e.by_place
FROM late t CROSS JOIN leaf l ON l.place = t.place LEFT JOIN opening o ON o.opening_id = l.opening_id
    LEFT JOIN erasure e ON e.place = l.place
WHERE t.opening_id > :arrival ORDER BY 3 LIMIT :rows

-- :log_add
INSERT INTO log(log_id, agency, name) VALUES(:log_id, :agency, :name)
-- :log_key_add
INSERT INTO log_key(log_id, from_size, public_key, place)
VALUES(:log_id, :from_size, :public_key, :place)
-- :record_add
INSERT INTO record_id(id, place) VALUES(:id, :place)
-- :opening_add
INSERT INTO opening(opening_id, salt, envelope) VALUES(:opening_id, :salt, :envelope)
-- :leaf_add
INSERT INTO leaf(place, commitment, opening_id) VALUES(:place, :commitment, :opening_id)
-- :node_add
INSERT INTO node(log_id, level, number, hash) VALUES(:log_id, :level, :number, :hash)
-- :checkpoint_add
INSERT INTO checkpoint(log_id, size, at_us, note) VALUES(:log_id, :size, :at_us, :note)
-- :group_check
SELECT l.commitment, o.salt, o.envelope FROM leaf l JOIN opening o ON o.opening_id = l.opening_id
WHERE l.place >= :first AND l.place < :beyond ORDER BY l.place
-- :opening_erase
UPDATE opening SET salt = zeroblob(length(salt)), envelope = zeroblob(length(envelope))
WHERE opening_id = (SELECT opening_id FROM leaf WHERE place = :place)
-- :erasure_add
INSERT INTO erasure(place, by_place) VALUES(:place, :by_place)
-- :id_add
INSERT INTO record_id(id, place) VALUES(:id, :place) ON CONFLICT DO NOTHING
-- :clash_add
INSERT INTO clash(place) VALUES(:place)
-- :leaf_open
UPDATE leaf SET opening_id = :opening_id WHERE place = :place
-- :late_add
INSERT INTO late(opening_id, place) VALUES(:opening_id, :place)
-- :node_keep
INSERT INTO node(log_id, level, number, hash) VALUES(:log_id, :level, :number, :hash)
ON CONFLICT DO NOTHING
-- :log_state_add
INSERT INTO log_state(log_id, openings) VALUES(:log_id, :openings)
ON CONFLICT DO UPDATE SET openings = openings + excluded.openings
-- :opening_check
SELECT salt, envelope FROM opening WHERE opening_id >= :first AND opening_id < :beyond
ORDER BY opening_id
-- :loose_add
INSERT INTO loose(log_id, size, at_us, note) VALUES(:log_id, :size, :at_us, :note)
-- :loose_leaf_add
INSERT INTO loose_leaf(place, size) VALUES(:place, :size) ON CONFLICT DO NOTHING
-- :loose_leaf_remove
DELETE FROM loose_leaf WHERE place = :place
-- :log_key_find
SELECT public_key FROM log_key WHERE log_id = :log_id AND from_size = :from_size
-- :log_key_copy
INSERT INTO log_key(log_id, from_size, public_key, place)
SELECT :next_log, from_size, public_key, place FROM log_key
WHERE log_id = :log_id AND from_size <= :size
-- :log_last
SELECT max(log_id) FROM log
-- :log_count
SELECT count(*) FROM log WHERE agency = :agency AND name <> 'reads'
-- :rewind_find
SELECT next_log FROM rewind WHERE statement = :statement
    AND log_id IN (SELECT log_id FROM log WHERE agency = :agency)
-- :rewind_last
SELECT max(at_us) FROM rewind WHERE log_id IN (SELECT log_id FROM log WHERE agency = :agency)
-- :rewind_add
INSERT INTO rewind(log_id, at_us, good_size, statement, next_log)
VALUES(:log_id, :at_us, :good_size, :statement, :next_log)
-- :restored_add
INSERT INTO restored(log_id, from_seq, upto_seq) VALUES(:log_id, :from_seq, :upto_seq)
-- :log_key_place
SELECT 1 FROM log_key k WHERE k.place = :place AND NOT EXISTS (
    SELECT 1 FROM rewind r WHERE r.next_log = k.place >> 40
        AND r.good_size = k.place & 1099511627775) LIMIT 1
