// Routes: agencies, accords, shares, what was taken back, requests and alerts. docs/api.md, 10.
#include "web/upload_priv.h"

// --- agencies
// -------------------------------------------------------------------------------------

static Err exchange(WebRequest *r, WebAnswer *a) {
    return desk_exchange_json(&r->c, &r->desk, &a->body);
}

static Err card_get(WebRequest *r, WebAnswer *a) {
    return desk_card_json(&r->c, &r->desk, &a->body);
}

static const WebField card_fields[] = {WEB_NEEDED("card", DeskPeerDraft, card)};

static Err card_look(WebRequest *r, WebAnswer *a) {
    DeskPeerDraft draft = {0};
    TRY(web_read(r, &draft));
    return desk_card_look_json(&r->c, &r->desk, draft.card, &a->body);
}

static const WebField peer_fields[] = {
    WEB_NEEDED("card", DeskPeerDraft, card),
    WEB_TEXTS("institutions", DeskPeerDraft, institutions, institution_count),
    WEB_TEXT("name", DeskPeerDraft, name),
    {"relay", WEB_FIELD_BOOL, false, offsetof(DeskPeerDraft, relay), 0, NULL},
};

static Err peer_add(WebRequest *r, WebAnswer *a) {
    DeskPeerDraft draft = {0};
    TRY(web_read(r, &draft));
    TRY(desk_peer_add(&r->c, &r->desk, &draft, &a->body));
    return web_created(r, a, WEB_API "/exchange", (Str){0});
}

typedef struct ReasonDraft {
    Str reason;
} ReasonDraft;
static const WebField reason_fields[] = {WEB_NEEDED("reason", ReasonDraft, reason)};

static Err peer_revoke(WebRequest *r, WebAnswer *a) {
    ReasonDraft draft = {0};
    TRY(web_read(r, &draft));
    return desk_peer_revoke(&r->c, &r->desk, r->places.items[0], draft.reason, &a->body);
}

static Err peer_resume(WebRequest *r, WebAnswer *a) {
    return desk_peer_resume(&r->c, &r->desk, r->places.items[0], &a->body);
}

// --- for who runs the node
// -------------------------------------------------------------------------

static Err links_get(WebRequest *r, WebAnswer *a) {
    return desk_links_json(&r->c, &r->desk, &a->body);
}

typedef struct KeyDraft {
    Str key;
} KeyDraft;
static const WebField key_fields[] = {WEB_NEEDED("key", KeyDraft, key)};

static Err key_roll(WebRequest *r, WebAnswer *a) {
    KeyDraft draft = {0};
    TRY(web_read(r, &draft));
    bool link = str_eq_c(draft.key, "link");
    if (!link && !str_eq_c(draft.key, "log"))
        return fail(&r->c, E_INVALID, "key: \"log\" or \"link\"");
    return desk_key_roll(&r->c, &r->desk, link ? DESK_KEY_OF_LINK : DESK_KEY_OF_LOG, &a->body);
}

#define IN_QUOTA(name, member)                                                                     \
    { name, WEB_FIELD_INT, false, offsetof(DeskQuotaDraft, member), 0, NULL }
static const WebField quota_fields[] = {
    IN_QUOTA("bytes", bytes),
    IN_QUOTA("messages", messages),
    IN_QUOTA("records", records),
};

static Err peer_quota(WebRequest *r, WebAnswer *a) {
    DeskQuotaDraft draft = {0}; // what is not given is the default again
    TRY(web_read(r, &draft));
    if (draft.bytes < 0 || draft.messages < 0 || draft.records < 0)
        return fail(&r->c, E_INVALID, "a limit is a positive number, or null for the default");
    return desk_peer_quota(&r->c, &r->desk, r->places.items[0], &draft, &a->body);
}

static Err exchange_verify(WebRequest *r, WebAnswer *a) {
    DeskVerdict verdict;
    TRY(desk_verify(&r->c, r->node, (DeskProgress){0}, &verdict));
    return desk_verdict_json(&r->c, &verdict, &a->body);
}

// --- by file
// -------------------------------------------------------------------------------------

// The bundle is written beside the node's files, opened, and has no name any more when it is sent.
// Its name tells neither sender nor recipient, as its header does not.
static Err bundle_export(WebRequest *r, WebAnswer *a) {
    Ctx *c = &r->c;
    AUTO(Buf) words = {0};
    TRY(web_upload_begin(r, STR("bundle.moei")));
    file_close(&r->upload);
    TRY(desk_bundle_export(c, &r->desk, r->places.items[0], r->upload_path, (DeskProgress){0},
                           &words));
    return web_upload_send(r, a, "application/octet-stream", STR("bundle.moei"));
}

static Err bundle_import(WebRequest *r, WebAnswer *a) {
    file_close(&r->upload);
    return desk_bundle_import(&r->c, &r->desk, r->upload_path, (DeskProgress){0}, &a->body);
}

static Err flags_list(WebRequest *r, WebAnswer *a) {
    return desk_party_list_json(&r->c, &r->desk, &a->body);
}

static const WebField flag_fields[] = {
    {"active", WEB_FIELD_BOOL, true, offsetof(DeskPartyDraft, active), 0, NULL},
    WEB_TEXT("country", DeskPartyDraft, country),
    WEB_NEEDED("party", DeskPartyDraft, party),
    WEB_TEXT("reason", DeskPartyDraft, reason),
    WEB_TEXT("source", DeskPartyDraft, source),
};

static Err flag_add(WebRequest *r, WebAnswer *a) {
    DeskPartyDraft draft = {0};
    TRY(web_read(r, &draft));
    TRY(desk_party_flag(&r->c, &r->desk, &draft, &a->body));
    return web_created(r, a, WEB_API "/flags", (Str){0});
}

// --- accords
// --------------------------------------------------------------------------------------

typedef struct AccordDraft {
    DeskAccordDraft accord;
    const JsonValue *members;
} AccordDraft;
#define IN_ACCORD(name, member) WEB_TEXT(name, AccordDraft, accord.member)
static const WebField accord_fields[] = {
    IN_ACCORD("begins_at", begins_at),
    {"days", WEB_FIELD_INT, false, offsetof(AccordDraft, accord.days), 0, NULL},
    IN_ACCORD("ends_at", ends_at),
    IN_ACCORD("handling", handling),
    WEB_TEXTS("kinds", AccordDraft, accord.kinds, accord.kind_count),
    {"members", WEB_FIELD_JSON, false, offsetof(AccordDraft, members), 0, "MemberDraft"},
    WEB_NEEDED("name", AccordDraft, accord.name),
    IN_ACCORD("pap", pap),
    WEB_TEXTS("purposes", AccordDraft, accord.purposes, accord.purpose_count),
    IN_ACCORD("title", title),
    IN_ACCORD("tlp", tlp),
};

static Err member_read(Ctx *c, const JsonValue *v, DeskMemberDraft *ret_member) {
    static const char *const keys[] = {"agency", "law", "mirror"};
    DeskMemberDraft member = {0};
    TRY(json_as_object(c, v, "members", &v));
    TRY(json_check_keys(c, v, "members", keys, COUNT_OF(keys)));
    TRY(json_get_str(c, v, "agency", &member.agency));
    TRY(json_find_str(c, v, "law", &member.law));
    TRY(json_find_bool(c, v, "mirror", &member.mirror));
    *ret_member = member;
    return OK;
}

static Err accord_add(WebRequest *r, WebAnswer *a) {
    AccordDraft draft = {0};
    DeskMemberDraft *members = NULL;
    TRY(web_read(r, &draft));
    size_t n = draft.members ? draft.members->count : 0;
    if (n > ACCORD_MEMBERS_MAX)
        return fail(&r->c, E_LIMIT, "an accord has at most %d members", ACCORD_MEMBERS_MAX);
    TRY(ctx_alloc(&r->c, (n + 1) * sizeof *members, &members));
    for (size_t i = 0; i < n; i++)
        TRY(member_read(&r->c, &draft.members->items[i], &members[i]));
    draft.accord.members = members;
    draft.accord.member_count = n;
    TRY(desk_accord_new(&r->c, &r->desk, &draft.accord, &a->body));
    return web_created(r, a, WEB_API "/accords/", draft.accord.name);
}

static Err accords_list(WebRequest *r, WebAnswer *a) {
    return desk_accord_list_json(&r->c, &r->desk, &a->body);
}

static Err accord_get(WebRequest *r, WebAnswer *a) {
    return desk_accord_json(&r->c, &r->desk, r->places.items[0], &a->body);
}

static Err accord_sees(WebRequest *r, WebAnswer *a) {
    Str kind = web_param(r, "kind");
    if (kind.n == 0)
        return fail(&r->c, E_INVALID, "say of which kind of record: ?kind=report");
    return desk_accord_sees_json(&r->c, &r->desk, r->places.items[0], kind, &a->body);
}

typedef struct SignDraft {
    Str note;
    bool is_signed;
} SignDraft;
static const WebField sign_fields[] = {
    WEB_TEXT("note", SignDraft, note),
    {"signed", WEB_FIELD_BOOL, true, offsetof(SignDraft, is_signed), 0, NULL},
};

static Err accord_sign(WebRequest *r, WebAnswer *a) {
    SignDraft draft = {0};
    TRY(web_read(r, &draft));
    return desk_accord_sign(&r->c, &r->desk, r->places.items[0], draft.is_signed, draft.note,
                            &a->body);
}

// --- sharing, taking back
// -------------------------------------------------------------------------

static Err sharing_get(WebRequest *r, WebAnswer *a) {
    return desk_sharing_json(&r->c, &r->desk, r->places.items[0], &a->body);
}

static const WebField share_fields[] = {
    WEB_TEXT("accord", DeskShareDraft, accord),
    WEB_TEXT("answers", DeskShareDraft, answers),
    WEB_TEXT("contact", DeskShareDraft, contact),
    WEB_TEXT("due_at", DeskShareDraft, due_at),
    WEB_TEXT("handling", DeskShareDraft, handling),
    WEB_TEXT("handling_words", DeskShareDraft, handling_words),
    {"only", WEB_FIELD_BOOL, false, offsetof(DeskShareDraft, only), 0, NULL},
    WEB_TEXT("pap", DeskShareDraft, pap),
    WEB_TEXTS("purposes", DeskShareDraft, purposes, purpose_count),
    WEB_TEXT("title", DeskShareDraft, title),
    WEB_TEXT("tlp", DeskShareDraft, tlp),
    WEB_TEXTS("to", DeskShareDraft, to, to_count),
    WEB_TEXT("until", DeskShareDraft, until),
};

static Err share_preview(WebRequest *r, WebAnswer *a) {
    DeskShareDraft draft = {0};
    TRY(web_read(r, &draft));
    return desk_share_preview_json(&r->c, &r->desk, r->places.items[0], &draft, &a->body);
}

static Err share_add(WebRequest *r, WebAnswer *a) {
    DeskShareDraft draft = {0};
    TRY(web_read(r, &draft));
    TRY(desk_share(&r->c, &r->desk, r->places.items[0], &draft, &a->body));
    return web_created(r, a, WEB_API "/shares", (Str){0});
}

static const WebField retract_fields[] = {
    WEB_TEXTS("from", DeskRetractDraft, from, from_count),
    WEB_NEEDED("reason", DeskRetractDraft, reason),
};

static Err retract_add(WebRequest *r, WebAnswer *a) {
    DeskRetractDraft draft = {0};
    TRY(web_read(r, &draft));
    TRY(desk_retract(&r->c, &r->desk, r->places.items[0], &draft, &a->body));
    return web_created(r, a, WEB_API "/retractions", (Str){0});
}

static Err record_erase(WebRequest *r, WebAnswer *a) {
    ReasonDraft draft = {0};
    DeskRecord erase;
    TRY(web_read(r, &draft));
    TRY(desk_erase(&r->c, &r->desk, r->places.items[0], draft.reason, &erase));
    return web_id(r, a, erase.id);
}

static Err retractions_list(WebRequest *r, WebAnswer *a) {
    return desk_retraction_list_json(&r->c, &r->desk, web_page_of(r), &a->body);
}

static Err shares_list(WebRequest *r, WebAnswer *a) {
    DeskBox box;
    TRY(desk_box_find(&r->c, web_param(r, "box"), &box));
    return desk_share_list_json(&r->c, &r->desk, box, web_page_of(r), &a->body);
}

static Err share_get(WebRequest *r, WebAnswer *a) {
    return desk_share_json(&r->c, &r->desk, r->places.items[0], &a->body);
}

static const WebField share_act_fields[] = {
    WEB_NEEDED("act", DeskShareActDraft, act),
    WEB_TEXT("code", DeskShareActDraft, code),
    WEB_TEXT("handling", DeskShareActDraft, handling),
    WEB_TEXT("note", DeskShareActDraft, note),
};

static Err share_act(WebRequest *r, WebAnswer *a) {
    DeskShareActDraft draft = {0};
    TRY(web_read(r, &draft));
    return desk_share_act(&r->c, &r->desk, r->places.items[0], &draft, &a->body);
}

// --- requests, alerts, permission to pass on
// ------------------------------------------------------

static Err notices_list(WebRequest *r, WebAnswer *a) {
    DeskBox box;
    TRY(desk_box_find(&r->c, web_param(r, "box"), &box));
    return desk_notice_list_json(&r->c, &r->desk, box, web_page_of(r), &a->body);
}

static Err notice_get(WebRequest *r, WebAnswer *a) {
    return desk_notice_json(&r->c, &r->desk, r->places.items[0], &a->body);
}

static const WebField notice_fields[] = {
    WEB_NEEDED("act", DeskNoticeDraft, act),
    WEB_TEXT("contact", DeskNoticeDraft, contact),
    WEB_TEXT("due_at", DeskNoticeDraft, due_at),
    WEB_TEXT("handling", DeskNoticeDraft, handling),
    WEB_TEXT("recipient", DeskNoticeDraft, recipient),
    WEB_TEXTS("records", DeskNoticeDraft, records, record_count),
    WEB_TEXT("text", DeskNoticeDraft, text),
    WEB_NEEDED("title", DeskNoticeDraft, title),
    WEB_TEXTS("to", DeskNoticeDraft, to, to_count),
};

static Err notice_add(WebRequest *r, WebAnswer *a) {
    DeskNoticeDraft draft = {0};
    TRY(web_read(r, &draft));
    TRY(desk_notice_new(&r->c, &r->desk, &draft, &a->body));
    return web_created(r, a, WEB_API "/notices", (Str){0});
}

static const WebField notice_act_fields[] = {
    WEB_NEEDED("act", DeskNoticeActDraft, act),
    WEB_TEXT("code", DeskNoticeActDraft, code),
    WEB_TEXT("note", DeskNoticeActDraft, note),
    WEB_TEXTS("shares", DeskNoticeActDraft, shares, share_count),
    WEB_TEXT("until", DeskNoticeActDraft, until),
};

static Err notice_act(WebRequest *r, WebAnswer *a) {
    DeskNoticeActDraft draft = {0};
    TRY(web_read(r, &draft));
    return desk_notice_act(&r->c, &r->desk, r->places.items[0], &draft, &a->body);
}

static Err proof_get(WebRequest *r, WebAnswer *a) {
    return desk_log_proof_json(&r->c, &r->desk, r->places.items[0], &a->body);
}

#define V1 WEB_API
static const WebRoute routes[] = {
    {WEB_GET, V1 "/exchange", "exchange", DESK_EXCHANGE_READ, WEB_BODY_NONE, WEB_SLOW, "",
     WEB_NO_FIELDS, "Exchange", exchange, "The agencies, their links, what waits, what is wrong."},
    {WEB_GET, V1 "/exchange/card", "card", DESK_EXCHANGE_READ, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS,
     "Card", card_get, "Our own card."},
    {WEB_POST, V1 "/exchange/card", "cardLook", DESK_EXCHANGE_READ, WEB_BODY_JSON, WEB_NO_REPLAY,
     "", WEB_FIELDS(card_fields), "CardSeen", card_look,
     "Who a card claims to be; changes nothing."},
    {WEB_POST, V1 "/exchange/peers", "peerAdd", DESK_PEER_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(peer_fields), "Peer", peer_add, "Confirms an agency by its card."},
    {WEB_POST, V1 "/exchange/peers/{agency}/revoke", "peerRevoke", DESK_PEER_WRITE, WEB_BODY_JSON,
     0, "", WEB_FIELDS(reason_fields), "Peer", peer_revoke, "Ends the exchange with an agency."},
    {WEB_POST, V1 "/exchange/peers/{agency}/resume", "peerResume", DESK_PEER_WRITE, WEB_BODY_NONE,
     0, "", WEB_NO_FIELDS, "Peer", peer_resume, "Lets a stopped link go on."},
    {WEB_GET, V1 "/exchange/links", "links", DESK_NODE_READ, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS,
     "Links", links_get, "Keys of this node and who knows them, links, what may come in a day."},
    {WEB_POST, V1 "/exchange/keys", "keyRoll", DESK_LINK_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(key_fields), "KeyRolled", key_roll, "A new key of the log or of the links."},
    {WEB_POST, V1 "/exchange/peers/{agency}/quota", "peerQuota", DESK_LINK_WRITE, WEB_BODY_JSON, 0,
     "", WEB_FIELDS(quota_fields), "Link", peer_quota, "What an agency may send in a day."},
    {WEB_POST, V1 "/exchange/verify", "exchangeVerify", DESK_NODE_VERIFY, WEB_BODY_NONE,
     WEB_NO_REPLAY, "", WEB_NO_FIELDS, "Verdict", exchange_verify,
     "Computes every proof of every log anew."},
    {WEB_POST, V1 "/exchange/peers/{agency}/bundle", "bundleExport", DESK_SHARE, WEB_BODY_NONE,
     WEB_NO_REPLAY, "", WEB_NO_FIELDS, "application/octet-stream", bundle_export,
     "All that waits for an agency, sealed to it, as a file."},
    {WEB_POST, V1 "/exchange/bundle", "bundleImport", DESK_SHARE, WEB_BODY_FILE, WEB_NO_REPLAY,
     "name", WEB_NO_FIELDS, "BundleTaken", bundle_import, "Takes in a bundle of another agency."},
    {WEB_GET, V1 "/flags", "flags", DESK_EXCHANGE_READ, WEB_BODY_NONE, WEB_LIST, "", NULL, 0,
     "PartyList", flags_list, "Lists flagged parties."},
    {WEB_POST, V1 "/flags", "flagAdd", DESK_PEER_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(flag_fields), "Party", flag_add, "Flags a party, or takes a flag back."},
    {WEB_GET, V1 "/accords", "accords", DESK_EXCHANGE_READ, WEB_BODY_NONE, WEB_LIST | WEB_SLOW, "",
     NULL, 0, "AccordList", accords_list, "Lists accords."},
    {WEB_POST, V1 "/accords", "accordAdd", DESK_ACCORD_SIGN, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(accord_fields), "Accord", accord_add, "Proposes an accord."},
    {WEB_GET, V1 "/accords/{id}", "accord", DESK_EXCHANGE_READ, WEB_BODY_NONE, WEB_SLOW, "",
     WEB_NO_FIELDS, "Accord", accord_get, "One accord, and who signed it."},
    {WEB_GET, V1 "/accords/{id}/sees", "accordSees", DESK_EXCHANGE_READ, WEB_BODY_NONE, WEB_SLOW,
     "kind", WEB_NO_FIELDS, "AccordSees", accord_sees,
     "Who will see what is written under an accord."},
    {WEB_POST, V1 "/accords/{id}/sign", "accordSign", DESK_ACCORD_SIGN, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(sign_fields), "Accord", accord_sign, "Signs an accord, or leaves it."},
    {WEB_GET, V1 "/records/{id}/sharing", "sharing", DESK_EXCHANGE_READ, WEB_BODY_NONE, WEB_SLOW,
     "", WEB_NO_FIELDS, "Sharing", sharing_get, "Marking, holders and shares of an object."},
    {WEB_POST, V1 "/records/{id}/share/preview", "sharePreview", DESK_SHARE, WEB_BODY_JSON,
     WEB_NO_REPLAY, "", WEB_FIELDS(share_fields), "Preview", share_preview,
     "Who would see it and who would lose it; changes nothing."},
    {WEB_POST, V1 "/records/{id}/share", "shareAdd", DESK_SHARE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(share_fields), "Shared", share_add, "Shares an object with agencies."},
    {WEB_POST, V1 "/records/{id}/retract", "retractAdd", DESK_RETRACT, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(retract_fields), "Retraction", retract_add, "Takes an object back."},
    {WEB_POST, V1 "/records/{id}/erase", "recordErase", DESK_RECORD_ERASE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(reason_fields), "Id", record_erase,
     "Removes the content of a record of ours for ever; who has it is asked to let go."},
    {WEB_GET, V1 "/records/{id}/proof", "proof", DESK_RECORD_READ, WEB_BODY_NONE, WEB_SLOW, "",
     WEB_NO_FIELDS, "LogProof", proof_get, "All that a check without Moei needs."},
    {WEB_GET, V1 "/retractions", "retractions", DESK_EXCHANGE_READ, WEB_BODY_NONE,
     WEB_LIST | WEB_SLOW, "", NULL, 0, "RetractionList", retractions_list,
     "What was taken back, and who has acknowledged."},
    {WEB_GET, V1 "/shares", "shares", DESK_EXCHANGE_READ, WEB_BODY_NONE, WEB_LIST | WEB_SLOW, "box",
     WEB_NO_FIELDS, "ShareList", shares_list, "Lists shares."},
    {WEB_GET, V1 "/shares/{id}", "share", DESK_EXCHANGE_READ, WEB_BODY_NONE, WEB_SLOW, "",
     WEB_NO_FIELDS, "Share", share_get, "One share, and what was done about it."},
    {WEB_POST, V1 "/shares/{id}/act", "shareAct", DESK_SHARE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(share_act_fields), "Share", share_act, "Accepts, refuses, acknowledges a share."},
    {WEB_GET, V1 "/notices", "notices", DESK_EXCHANGE_READ, WEB_BODY_NONE, WEB_LIST | WEB_SLOW,
     "box", WEB_NO_FIELDS, "NoticeList", notices_list, "Lists requests and alerts."},
    {WEB_POST, V1 "/notices", "noticeAdd", DESK_NOTICE_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(notice_fields), "Notice", notice_add, "Asks, alerts, or asks to pass on."},
    {WEB_GET, V1 "/notices/{id}", "notice", DESK_EXCHANGE_READ, WEB_BODY_NONE, WEB_SLOW, "",
     WEB_NO_FIELDS, "Notice", notice_get, "One request or alert, and its answers."},
    {WEB_POST, V1 "/notices/{id}/act", "noticeAct", DESK_NOTICE_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(notice_act_fields), "Notice", notice_act, "Answers a request or alert."},
};
const WebRouteGroup web_routes_exchange = {routes, COUNT_OF(routes)};
