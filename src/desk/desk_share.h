// Part of the door of desk (included by desk.h): the people's half of the exchange between
// agencies (docs/protocol-sync.md): cards, peers, flags, accords, shares, retractions, notices,
// proofs, bundles. Each function asks for its act first, as all functions of the desk do. Answers
// are JSON of docs/api.md, section 10, the same for pages and commands. An agency is named by its
// petname (the `name` of its peer record), or by its id in hex. Texts are as typed; empty: not
// given. Kinds that bind (accord_sign, share_act, notice_act, second) need the officer's key.
#ifndef MOEI_DESK_SHARE_H
#define MOEI_DESK_SHARE_H

// --- cards and peers ----------------------------------------------------------------------------

// Our own card: text, fingerprint, QR as SVG. Act exchange.read.
Err desk_card_json(Ctx *c, const Desk *d, Buf *out) MUST_USE;
// The same card as a QR of half blocks, for a terminal.
Err desk_card_qr_text(Ctx *c, const Desk *d, Buf *out) MUST_USE;
// Who a card claims to be, before it is confirmed. Changes nothing. E_INVALID, E_CRYPTO.
Err desk_card_look_json(Ctx *c, const Desk *d, Str card, Buf *out) MUST_USE;

typedef struct DeskPeerDraft {
    Str card;                // or, of a peer that is here, its name: what is given is changed
    Str name;                // how we call it; empty: by its genesis
    const Str *institutions; // "TH/004": those that it answers for
    size_t institution_count;
    bool relay; // take relayed records from it
} DeskPeerDraft;
// The confirmation. E_DENIED of a flagged party and of ourselves; E_EXISTS where another peer has
// the name; E_INVALID, E_CRYPTO (card). *out: Peer.
Err desk_peer_add(Ctx *c, const Desk *d, const DeskPeerDraft *draft, Buf *out) MUST_USE;
// Ends it from our side; what it received stays listed. E_NOT_FOUND, E_STATE.
Err desk_peer_revoke(Ctx *c, const Desk *d, Str peer, Str reason, Buf *out) MUST_USE;
typedef enum DeskKeyWhich { DESK_KEY_OF_LOG, DESK_KEY_OF_LINK } DeskKeyWhich;
// A new key in place of the present one. The log's signs from the next checkpoint on. The link's
// comes into use with the first start of the node at which every confirmed peer has its record;
// E_STATE while one waits. Act link.write. *out: {"from_size","key","waits_for","what"}.
Err desk_key_roll(Ctx *c, const Desk *d, DeskKeyWhich which, Buf *out) MUST_USE;
// What a peer may send in a day (of UTC); 0: what limits.h says; less: as it is. E_INVALID outside
// of the bounds of limits.h, E_NOT_FOUND, E_STATE. `draft` NULL changes nothing. *out: Link.
typedef struct DeskQuotaDraft {
    int64_t records, bytes, messages;
} DeskQuotaDraft;
Err desk_peer_quota(Ctx *c, const Desk *d, Str peer, const DeskQuotaDraft *draft,
                    Buf *out) MUST_USE;
// For who runs the node, and may see no record: its own keys and who knows them, the links, quotas.
Err desk_links_json(Ctx *c, const Desk *d, Buf *out) MUST_USE;
// Lets a link that was stopped by a fault go on. E_STATE where it is not stopped.
Err desk_peer_resume(Ctx *c, const Desk *d, Str peer, Buf *out) MUST_USE;
Err desk_peer_list_json(Ctx *c, const Desk *d, Buf *out) MUST_USE;
Err desk_peer_json(Ctx *c, const Desk *d, Str peer, Buf *out) MUST_USE;
// The page Exchange: peers, what waits, alarms.
Err desk_exchange_json(Ctx *c, const Desk *d, Buf *out) MUST_USE;
// Petname, agency id in hex, or a unique beginning of it of 8 digits and more. E_NOT_FOUND.
Err desk_peer_find(Ctx *c, const Desk *d, Str peer, CryptoHash *ret_agency) MUST_USE;

// --- flags --------------------------------------------------------------------------------------

// A party under sanctions. `active` false takes the flag back. Never leaves the node.
typedef struct DeskPartyDraft {
    Str party; // words, an agency id, "TH/004" or "TH/004/ACCOUNT"
    Str country, source, reason;
    bool active;
} DeskPartyDraft;
Err desk_party_flag(Ctx *c, const Desk *d, const DeskPartyDraft *draft, Buf *out) MUST_USE;
Err desk_party_list_json(Ctx *c, const Desk *d, Buf *out) MUST_USE;

// --- accords ------------------------------------------------------------------------------------

typedef struct DeskMemberDraft {
    Str agency, law; // law: the legal basis, in words
    bool mirror;
} DeskMemberDraft;
typedef struct DeskAccordDraft {
    Str name, title;
    const DeskMemberDraft *members; // ourselves may be left out; we then stand without words of law
    size_t member_count;
    const Str *kinds, *purposes; // kinds: "*" is any; purposes: none is any
    size_t kind_count, purpose_count;
    Str tlp, pap, handling; // defaults: AMBER, AMBER, H0
    int64_t days;           // of what is shared under it; 0: without an end
    Str begins_at, ends_at; // defaults: now, never
} DeskAccordDraft;
Err desk_accord_new(Ctx *c, const Desk *d, const DeskAccordDraft *draft, Buf *out) MUST_USE;
// By name or id. `sign` false: leaves. E_STATE where that is said already, E_DENIED (no member).
Err desk_accord_sign(Ctx *c, const Desk *d, Str accord, bool sign, Str note, Buf *out) MUST_USE;
Err desk_accord_list_json(Ctx *c, const Desk *d, Buf *out) MUST_USE;
Err desk_accord_json(Ctx *c, const Desk *d, Str accord, Buf *out) MUST_USE;
// Who will see what is written under an accord (kind "report", "case"): before it is written.
Err desk_accord_sees_json(Ctx *c, const Desk *d, Str accord, Str kind, Buf *out) MUST_USE;

// --- sharing ------------------------------------------------------------------------------------

typedef struct DeskShareDraft {
    const Str *to; // petnames, agency ids, or names of accords, meaning their other members
    size_t to_count;
    Str accord;             // its default marking; empty: of one that all are in, else the
                            // record's own
    Str tlp, pap, handling; // the granted mark
    Str handling_words;     // of H3
    const Str *purposes;    // none: those of the default
    size_t purpose_count;
    Str until, title, due_at, contact;
    Str answers; // notice that it answers
    bool only;   // who has it now and is not named loses it: narrowing
} DeskShareDraft;
// Who would see it, and who would lose it. Changes nothing. E_NOT_FOUND, E_INVALID, E_DENIED.
Err desk_share_preview_json(Ctx *c, const Desk *d, Str record, const DeskShareDraft *draft,
                            Buf *out) MUST_USE;
// *out: the preview, and the ids of what was written. A flagged recipient's waits for a second
// officer.
Err desk_share(Ctx *c, const Desk *d, Str record, const DeskShareDraft *draft, Buf *out) MUST_USE;
// Mark, holders, shares of one record's object, and what this user may do.
Err desk_sharing_json(Ctx *c, const Desk *d, Str record, Buf *out) MUST_USE;

typedef struct DeskRetractDraft {
    const Str *from; // none: all who have it
    size_t from_count;
    Str reason;
} DeskRetractDraft;
Err desk_retract(Ctx *c, const Desk *d, Str record, const DeskRetractDraft *draft,
                 Buf *out) MUST_USE;
// What was taken back (retracted, erased), from whom, and who acknowledged.
Err desk_retraction_list_json(Ctx *c, const Desk *d, DeskPage page, Buf *out) MUST_USE;

typedef enum DeskBox { DESK_BOX_ALL, DESK_BOX_IN, DESK_BOX_OUT } DeskBox;
// "", "in", "out". E_INVALID.
Err desk_box_find(Ctx *c, Str text, DeskBox *ret_box) MUST_USE;
Err desk_share_list_json(Ctx *c, const Desk *d, DeskBox box, DeskPage page, Buf *out) MUST_USE;
Err desk_share_json(Ctx *c, const Desk *d, Str id, Buf *out) MUST_USE;
typedef struct DeskShareActDraft {
    Str act;      // receive, accept, refuse; second: ours, that waits
    Str handling; // of accept: the code that is accepted
    Str code, note;
} DeskShareActDraft;
Err desk_share_act(Ctx *c, const Desk *d, Str id, const DeskShareActDraft *draft,
                   Buf *out) MUST_USE;

// --- requests, alerts, permission to pass on ----------------------------------------------------

typedef struct DeskNoticeDraft {
    Str act; // request, alert, pass_on
    const Str *to;
    size_t to_count;
    Str title, text, recipient; // recipient: of pass_on, to whom
    Str handling, due_at, contact;
    const Str *records; // that it speaks of; of pass_on: what is passed on
    size_t record_count;
} DeskNoticeDraft;
Err desk_notice_new(Ctx *c, const Desk *d, const DeskNoticeDraft *draft, Buf *out) MUST_USE;
Err desk_notice_list_json(Ctx *c, const Desk *d, DeskBox box, DeskPage page, Buf *out) MUST_USE;
Err desk_notice_json(Ctx *c, const Desk *d, Str id, Buf *out) MUST_USE;
typedef struct DeskNoticeActDraft {
    Str act; // receive, provide, grant, refuse, close; second: ours, that waits
    const Str *shares;
    size_t share_count;
    Str until, code, note;
} DeskNoticeActDraft;
Err desk_notice_act(Ctx *c, const Desk *d, Str id, const DeskNoticeActDraft *draft,
                    Buf *out) MUST_USE;

// --- proofs and bundles -------------------------------------------------------------------------

// All that docs/format-record.md, section 5, needs to check one record without this program.
Err desk_log_proof_json(Ctx *c, const Desk *d, Str record, Buf *out) MUST_USE;

// Everything that waits for the peer, sealed to it, in one file. Written beside and renamed.
Err desk_bundle_export(Ctx *c, const Desk *d, Str peer, Str path, DeskProgress progress,
                       Buf *out) MUST_USE;
// Message by message, each durable: what was whole before an error counts. E_CRYPTO where the
// file is not for us.
Err desk_bundle_import(Ctx *c, const Desk *d, Str path, DeskProgress progress, Buf *out) MUST_USE;

#endif
