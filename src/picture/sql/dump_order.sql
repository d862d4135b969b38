-- As in dump.sql.

-- :dump_child
SELECT 'child ' || hex(r.id) || ' ' || hex(o.id) || ' ' || x.rank || ' ' || quote(x.effect)
FROM raw_child x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_record o ON o.pos = x.root_pos
ORDER BY 1;

-- :dump_victim
SELECT
    'victim ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' || hex(x.report)
FROM raw_victim x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_standing
SELECT
    'standing ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' || x.standing
FROM raw_standing x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_attachment
SELECT
    'attachment ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' ||
    hex(x.sha256) || ' ' || x.bytes || ' ' || quote(x.type) || ' ' || quote(x.name)
FROM raw_attachment x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_order
SELECT
    'order ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' ||
    quote(x.number) || ' ' || quote(x.what) || ' ' || x.request || ' ' || quote(x.to_agency) ||
    ' ' || quote(x.to_country) || ' ' || quote(x.to_institution) || ' ' || quote(x.to_kind) ||
    ' ' || quote(x.country) || ' ' || quote(x.institution) || ' ' || quote(x.account) || ' ' ||
    quote(x.currency) || ' ' || quote(x.amount) || ' ' || quote(x.level) || ' ' || quote(x.trace) ||
    ' ' || quote(x.case_id) || ' ' || quote(x.report) || ' ' || quote(x.replaces) || ' ' ||
    quote(x.law) || ' ' || quote(x.law_standing) || ' ' || x.clock_from || ' ' || x.answer_hours ||
    ' ' || x.persons || ' ' || x.state || ' ' || x.open || ' ' || x.due || ' ' ||
    quote(x.gone_at) || ' ' || x.appeal || ' ' || quote(x.issued_at) || ' ' ||
    quote(x.reviewed_at) || ' ' || hex(x.view)
FROM raw_order x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_order_event
SELECT
    'order_event ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' || x.act ||
    ' ' || x.party || ' ' || quote(x.outcome) || ' ' || quote(x.amount) || ' ' ||
    quote(x.balance) || ' ' || quote(x.code) || ' ' || quote(x.ends_at) || ' ' ||
    quote(x.happened_at) || ' ' || quote(x.target) || ' ' || x.persons || ' ' ||
    quote(x.on_behalf_of) || ' ' || quote(x.document) || ' ' || quote(x.country) || ' ' ||
    quote(x.institution) || ' ' || quote(x.account)
FROM raw_order_event x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_contact
SELECT
    'contact ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' ||
    quote(x.country) || ' ' || quote(x.institution) || ' ' || quote(x.desk) || ' ' ||
    quote(x.phone) || ' ' || quote(x.email) || ' ' || quote(x.hours) || ' ' || quote(x.language) ||
    ' ' || quote(x.note)
FROM raw_contact x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_class
SELECT
    'class ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' ||
    quote(x.country) || ' ' || quote(x.institution) || ' ' || quote(x.account) || ' ' ||
    quote(x.class) || ' ' || quote(x.on_behalf_of)
FROM raw_account_class x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_grievance
SELECT
    'grievance ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' ||
    hex(x.order_id) || ' ' || x.documents || ' ' || x.state
FROM raw_grievance x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_plan
SELECT
    'plan ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' ||
    hex(x.case_id) || ' ' || hex(x.plan_hash) || ' ' || hex(x.inputs)
FROM raw_plan x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_plan_sign
SELECT
    'plan_sign ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' ||
    hex(x.plan_hash)
FROM raw_plan_sign x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_paid
SELECT
    'paid ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' || hex(x.report) ||
    ' ' || quote(x.country) || ' ' || quote(x.institution) || ' ' || quote(x.account) || ' ' ||
    quote(x.currency) || ' ' || x.amount || ' ' || quote(x.reference)
FROM raw_paid x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_refund_account
SELECT
    'refund_account ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' ||
    quote(x.country) || ' ' || quote(x.institution) || ' ' || quote(x.account) || ' ' || x.persons
FROM raw_refund_account x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_second
SELECT
    'second ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' || hex(x.target)
FROM raw_second x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_shift
SELECT
    'shift ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' || x.began_at ||
    ' ' || x.ended_at || ' ' || quote(x.next)
FROM raw_shift x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_read
SELECT
    'read ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' ||
    quote(x.officer) || ' ' || quote(x.outlet)
FROM raw_read x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_glass
SELECT
    'glass ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' ||
    quote(x.grants) || ' ' || x.until
FROM raw_glass x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_glass_decision
SELECT
    'glass_decision ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' ||
    x.ratified
FROM raw_glass_decision x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_officer_change
SELECT
    'officer_change ' || hex(r.id) || ' ' || m.compartment || m.mark || ' ' || x.at || ' ' ||
    quote(x.role) || ' ' || x.active || ' ' || hex(x.officer_key)
FROM raw_officer_change x
CROSS JOIN raw_record r ON r.pos = x.pos
CROSS JOIN raw_mark m ON m.mark_id = x.mark_id
ORDER BY 1;

-- :dump_claimant
SELECT
    'claimant ' || hex(r.id) || ' ' || x.n || ' ' || hex(x.report)
FROM raw_claimant x CROSS JOIN raw_record r ON r.pos = x.pos ORDER BY 1;

-- :dump_order_tag
SELECT
    'order_tag ' || hex(r.id) || ' ' || x.n || ' ' || hex(x.report) || ' ' || x.amount
FROM raw_order_tag x CROSS JOIN raw_record r ON r.pos = x.pos ORDER BY 1;

-- :dump_read_item
SELECT
    'read_item ' || hex(r.id) || ' ' || x.n || ' ' || hex(x.record)
FROM raw_read_item x CROSS JOIN raw_record r ON r.pos = x.pos ORDER BY 1;
