-- Facts of orders and of what speaks of them. The first three values of each are place, mark, time;
-- the others stand in the order of picture_fact_order.c.

-- :victim_add
INSERT INTO raw_victim (pos, mark_id, at, report) VALUES (:pos, :mark_id, :at, :report);

-- :standing_add
INSERT INTO raw_standing (pos, mark_id, at, standing) VALUES (:pos, :mark_id, :at, :standing);

-- :claimant_add
INSERT INTO raw_claimant (pos, n, report) VALUES (:pos, :n, :report);

-- :attachment_add
INSERT INTO raw_attachment (pos, mark_id, at, sha256, bytes, type, name)
VALUES (:pos, :mark_id, :at, :sha256, :bytes, :type, :name);

-- :order_add
INSERT INTO raw_order (pos, mark_id, at, number, what, request, to_agency, to_country,
    to_institution, to_kind, country, institution, account, currency, amount, level, trace, case_id,
    report, replaces, law, law_standing, clock_from, answer_hours, persons,
    state, open, due, appeal, view)
VALUES (:pos, :mark_id, :at, :number, :what, :request, :to_agency, :to_country,
    :to_institution, :to_kind, :country, :institution, :account, :currency, :amount, :level, :trace,
    :case_id, :report, :replaces, :law, :law_standing, :clock_from, :answer_hours, :persons,
    'draft', 1, :at, 0, x'');

-- :order_tag_add
INSERT INTO raw_order_tag (pos, n, report, amount) VALUES (:pos, :n, :report, :amount);

-- :order_event_add
INSERT INTO raw_order_event (pos, mark_id, at, act, party, outcome, amount, balance, code, ends_at,
    happened_at, target, persons, on_behalf_of, document, country, institution, account)
VALUES (:pos, :mark_id, :at, :act, :party, :outcome, :amount, :balance, :code, :ends_at,
    :happened_at, :target, :persons, :on_behalf_of, :document, :country, :institution, :account);

-- :contact_add
INSERT INTO raw_contact (pos, mark_id, at, country, institution, desk, phone, email, hours,
    language, note)
VALUES (:pos, :mark_id, :at, :country, :institution, :desk, :phone, :email, :hours,
    :language, :note);

-- :class_add
INSERT INTO raw_account_class (pos, mark_id, at, country, institution, account, class, on_behalf_of)
VALUES (:pos, :mark_id, :at, :country, :institution, :account, :class, :on_behalf_of);

-- :grievance_add
INSERT INTO raw_grievance (pos, mark_id, at, order_id, documents, state)
VALUES (:pos, :mark_id, :at, :order_id, :documents, 'closed');

-- :plan_add
INSERT INTO raw_plan (pos, mark_id, at, case_id, plan_hash, inputs)
VALUES (:pos, :mark_id, :at, :case_id, :plan_hash, :inputs);

-- :plan_sign_add
INSERT INTO raw_plan_sign (pos, mark_id, at, plan_hash) VALUES (:pos, :mark_id, :at, :plan_hash);

-- :paid_add
INSERT INTO raw_paid (pos, mark_id, at, report, country, institution, account, currency, amount,
    reference)
VALUES (:pos, :mark_id, :at, :report, :country, :institution, :account, :currency, :amount,
    :reference);

-- :refund_account_add
INSERT INTO raw_refund_account (pos, mark_id, at, country, institution, account, persons)
VALUES (:pos, :mark_id, :at, :country, :institution, :account, :persons);

-- :second_add
INSERT INTO raw_second (pos, mark_id, at, target) VALUES (:pos, :mark_id, :at, :target);

-- :shift_add
INSERT INTO raw_shift (pos, mark_id, at, began_at, ended_at, next)
VALUES (:pos, :mark_id, :at, :began_at, :ended_at, :next);

-- :read_add
INSERT INTO raw_read (pos, mark_id, at, officer, outlet)
VALUES (:pos, :mark_id, :at, :officer, :outlet);

-- :read_item_add
INSERT INTO raw_read_item (pos, n, record) VALUES (:pos, :n, :record);

-- :glass_add
INSERT INTO raw_glass (pos, mark_id, at, grants, until)
VALUES (:pos, :mark_id, :at, :grants, :until);

-- :glass_decision_add
INSERT INTO raw_glass_decision (pos, mark_id, at, ratified)
VALUES (:pos, :mark_id, :at, :ratified);

-- :officer_change_add
INSERT INTO raw_officer_change (pos, mark_id, at, role, active, officer_key)
VALUES (:pos, :mark_id, :at, :role, :active, :officer_key);

-- :order_last
SELECT o.number FROM raw_order o
CROSS JOIN raw_log l ON l.n = o.pos >> 40
CROSS JOIN raw_agency a ON a.agency_n = l.agency_n
WHERE o.number >= :prefix AND o.number < :behind AND a.agency = :agency
ORDER BY o.number DESC LIMIT 1;
