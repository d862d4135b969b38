-- Facts of what agencies say to one another. The first value is the place; the others stand in the
-- order of picture_fact_order.c.

-- :link_add
INSERT INTO raw_link (pos, link_key, address) VALUES (:pos, :link_key, :address);

-- :peer_add
INSERT INTO raw_peer (pos, agency, name, state, address, reason, relay)
VALUES (:pos, :agency, :name, :state, :address, :reason, :relay);

-- :word_add
INSERT INTO raw_word (pos, list, n, word) VALUES (:pos, :list, :n, :word);

-- :flag_add
INSERT INTO raw_flag (pos, party, country, source, reason, active)
VALUES (:pos, :party, :country, :source, :reason, :active);

-- :accord_add
INSERT INTO raw_accord (pos, name, title, tlp, pap, handling, days, begins_at, ends_at)
VALUES (:pos, :name, :title, :tlp, :pap, :handling, :days, :begins_at, :ends_at);

-- :member_add
INSERT INTO raw_member (pos, n, agency, law, mirror) VALUES (:pos, :n, :agency, :law, :mirror);

-- :accord_sign_add
INSERT INTO raw_accord_sign (pos, signed) VALUES (:pos, :signed);

-- :share_add
INSERT INTO raw_share (pos, record, recipient, for_us, kind, title, accept, answers, due_at, contact)
VALUES (:pos, :record, :recipient, :for_us, :kind, :title, :accept, :answers, :due_at, :contact);

-- :share_act_add
INSERT INTO raw_share_act (pos, act, handling, code) VALUES (:pos, :act, :handling, :code);

-- :retract_add
INSERT INTO raw_retract (pos, record, for_us) VALUES (:pos, :record, :for_us);

-- :let_go_add
INSERT INTO raw_let_go (pos, whose, record, because, by_id)
VALUES (:pos, :whose, :record, :because, :by_id);

-- :shell_set
UPDATE raw_let_go SET shell = :shell WHERE pos = :pos;

-- :let_go_leaf_add
INSERT OR IGNORE INTO raw_let_go_leaf (pos, leaf) VALUES (:pos, :leaf);

-- :disclosed_add
INSERT INTO raw_disclosed (pos, recipient, journal) VALUES (:pos, :recipient, :journal);

-- :range_add
INSERT INTO raw_range (pos, n, agency, first, last) VALUES (:pos, :n, :agency, :first, :last);

-- :passed_add
INSERT INTO raw_passed (pos, whose, recipient, record, by_id)
VALUES (:pos, :whose, :recipient, :record, :by_id);

-- :notice_add
INSERT INTO raw_notice (pos, act, title, handling, contact, recipient, due_at, for_us)
VALUES (:pos, :act, :title, :handling, :contact, :recipient, :due_at, :for_us);

-- :named_add
INSERT INTO raw_named (pos, n, record) VALUES (:pos, :n, :record);

-- :notice_act_add
INSERT INTO raw_notice_act (pos, act, until, code) VALUES (:pos, :act, :until, :code);

-- :fork_add
INSERT INTO raw_fork (pos, whose, why) VALUES (:pos, :whose, :why);

-- :share_here
SELECT 1 FROM raw_share WHERE record = :record LIMIT 1;

-- :let_go_naming
SELECT 1 FROM raw_let_go_leaf x
CROSS JOIN raw_let_go g ON g.pos = x.pos
CROSS JOIN raw_log l ON l.n = g.pos >> 40
WHERE x.leaf = :leaf AND g.whose = :whose AND (g.record = :id OR g.record = :of_id)
    AND l.agency_n = 0;
