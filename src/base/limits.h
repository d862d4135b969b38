// Every limit of the product stands here, so that one page answers "how large may it be?".
// Units are in the names. A limit that is reached is E_LIMIT, an ordinary error.
#ifndef MOEI_BASE_LIMITS_H
#define MOEI_BASE_LIMITS_H

#include <assert.h>
#include <stdint.h>

// --- memory and text
#define BASE_ERROR_TEXT_BYTES_MAX 1024
#define BASE_HEAP_PART_BYTES (1 << 20) // what is larger is mapped, and goes when it is freed
#define BASE_HEAPS 4                   // that all threads share
#define BASE_ARENA_BLOCK_BYTES 65536
#define BASE_ARENA_BYTES_MAX (256LL << 20)
#define BASE_BUF_BYTES_MAX (1LL << 30)
#define BASE_PATH_BYTES_MAX 4096

// --- numbers and time
#define BASE_INT_SAFE_MAX 9007199254740991LL     // 2^53 - 1, RFC 8785 / I-JSON
#define BASE_AMOUNT_MINOR_MAX 1000000000000000LL // 10^15 minor units a row
#define BASE_TIME_US_MIN (-62135596800000000LL)  // 0001-01-01T00:00:00Z
#define BASE_TIME_US_MAX 253402300799999999LL    // 9999-12-31T23:59:59.999999Z

// --- JSON
#define JSON_DOCUMENT_BYTES_MAX (16 << 20)
#define JSON_DEPTH_MAX 64
#define JSON_KEYS_MAX 65536

// --- crypto
#define CRYPTO_PASSWORD_BYTES_MAX 1024
#define CRYPTO_PASSWORD_MEMORY_KIB_MAX (1 << 20)
#define CRYPTO_PASSWORD_PASSES_MAX 16
#define CRYPTO_FILE_CHUNK_BYTES (64 << 10)

// --- files taken in
#define CSV_FIELD_BYTES_MAX (64 << 10)
#define CSV_LINE_BYTES_MAX (1 << 20)
#define CSV_COLUMNS_MAX 4096
#define MAPPING_BYTES_MAX (256 << 10)
#define MAPPING_COLUMNS_MAX 64
#define MAPPING_FROM_MAX 8
#define IMPORT_BAD_ROWS_SHOWN_MAX 20
#define IMPORT_BATCH_ROWS_MAX (1 << 21) // rows of one batch record
#define IMPORT_LIST_ITEMS_MAX 256       // items of one `;` list
#define MAPPING_MAP_ITEMS_MAX 4096      // rows of one column's `map`
#define FORMAT_URL_BYTES_MAX 2048
#define FORMAT_QR_BYTES_MAX 2953 // of version 40 at the lowest correction
#define FORMAT_ROW_WARNINGS_MAX 8
#define FORMAT_EQUAL_ROWS_MAX (1 << 27) // different rows of a file without ids
#define FORMAT_TIME_YEAR_MIN 1900
#define FORMAT_TIME_YEAR_MAX 2199

// --- spreadsheets taken in and written
#define XLSX_FILE_BYTES_MAX (64LL << 20)
#define XLSX_UNPACKED_BYTES_MAX (1LL << 30) // of all parts of one file, counted while unpacking
#define XLSX_RATIO_MAX 200                  // unpacked to packed bytes of a part
#define XLSX_RATIO_FROM_BYTES (8LL << 20)   // unpacked; below it the ratio does not matter
#define XLSX_ENTRIES_MAX 4096               // parts of one file
#define XLSX_DEPTH_MAX 32                   // elements within elements
#define XLSX_NAME_BYTES_MAX 256             // of a part or a sheet
#define XLSX_SHEETS_MAX 256
#define XLSX_ROW_MAX 1048576
#define XLSX_STRINGS_MAX (1 << 24)          // shared strings
#define XLSX_STRING_BYTES_MAX (256LL << 20) // of all of them
#define XLSX_STYLES_MAX 65536
#define XLSX_FORMATS_MAX 1024 // number formats of its own
#define XLSX_MERGES_MAX 65536 // of one sheet
#define SHEET_COLUMNS_MAX 256 // of a sheet that is written
#define SHEET_CELL_BYTES_MAX 32767

// --- case files that leave
#define ZIP_FILES_MAX (1 << 20)
#define ZIP_BYTES_MAX (16LL << 30)
#define ZIP_NAME_BYTES_MAX 255
#define CASE_FILE_RECORDS_MAX 100000
#define CASE_FILE_IDS_SHOWN_MAX 10

// --- text
#define TEXT_ENCODING_NAME_BYTES_MAX 64
#define TEXT_ENCODING_LOOK_BYTES 16384   // first bytes of a file that choose its encoding
#define TEXT_DECODE_BYTES_MAX (16 << 10) // input taken by one step of a converter
#define TEXT_ZONE_NAME_BYTES_MAX 64
#define TEXT_ZONE_TRANSITIONS_MAX 2048
#define TEXT_ZONE_YEAR_MIN 1900
#define TEXT_ZONE_YEAR_MAX 2200
#define TEXT_PHONE_INPUT_BYTES_MAX 128

// --- records and ledger
#define RECORD_BYTES_MAX (1 << 20)
#define RECORD_REFS_MAX 1024
#define RECORD_SIGS_MAX 8
#define LEDGER_GROUP_RECORDS_MAX 256
#define LEDGER_LOGS_MAX 65536
#define LEDGER_NOTE_BYTES_MAX 4096
#define LEDGER_PROOF_NODES_MAX 64
#define LEDGER_SEQ_MAX ((1LL << 40) - 1)   // leaves of one log
#define LEDGER_WAL_PAGES_MAX 200           // moved out of the WAL between two groups
#define LEDGER_BACKLOG_GROUP_PAGES_MIN 128 // of one group; after it more may wait:
#define LEDGER_BACKLOG_WAL_PAGES_MAX 4096
#define LEDGER_SCAN_ROWS 4096        // leaves of one read transaction
#define LEDGER_READER_CACHE_KIB 2048 // of each connection that reads
#define LEDGER_CACHE_KIB 4096        // of the one that writes, mostly at the end of each table
#define LEDGER_SIGN_KEYS_MAX 64      // log keys of one agency, of all its time
#define LEDGER_TAKE_KEYS_MAX 16      // `key` records of one batch of another agency
#define RECORD_NOTE_BYTES_MAX 4096
#define RECORD_MARK_TO_MAX 1024
#define RECORD_MARK_PURPOSES_MAX 64

// --- shelf
#define ANSWER_ROWS_MAX 120             // of one file of answers: they become one group
#define ATTACHMENT_BYTES_MAX (16 << 20) // a document that a person hands in
#define SHELF_BYTES_MAX (256LL << 20)   // an evidence pack
#define SHELF_PIECE_BYTES (1U << 20)
#define SHELF_READER_CACHE_KIB 1024

// --- store
#define STORE_SCHEMAS_MAX 8
#define STORE_STATEMENTS_MAX 512 // of one connection
#define STORE_PARAMETERS_MAX 64  // of one statement
#define STORE_BUSY_MS_MAX 5000
#define STORE_CACHE_KIB_DEFAULT 16384
#define STORE_DUMP_COLUMNS_MAX 64

// --- stream
#define STREAM_FIELD_BYTES_MAX 255 // account, institution, channel
#define STREAM_ID_BYTES_MAX 64
#define STREAM_MEMO_BYTES_MAX 1024
#define STREAM_SEGMENT_ROWS_MAX (1 << 26)
#define STREAM_SEGMENTS_MAX 64
#define STREAM_TAIL_ROWS_MAX 65536
#define STREAM_ACCOUNTS_MAX (1U << 31)
#define STREAM_TAIL_BATCH_ROWS_MAX 4096       // a larger batch writes segments
#define STREAM_SEGMENT_ROWS_TARGET (1 << 21)  // a seal splits larger runs
#define STREAM_TELLINGS_MAX 256               // different tellings of one transfer
#define STREAM_VERSION_TELLINGS_MAX (1 << 20) // tellings kept beside current rows, in all
#define STREAM_BATCH_DETAILS_BYTES_MAX (512LL << 20)
#define STREAM_CURRENCIES_MAX 65535
#define STREAM_ACCOUNTS_FOUND_MAX 65536    // accounts of one number
#define STREAM_ENTRIES_MAX (1 << 20)       // entries of one answer
#define STREAM_VERIFY_LEAVES_MAX (1 << 23) // leaves of batches held at once while verifying

// --- trace
#define TRACE_REPORTS_MAX 65535
#define TRACE_SEEDS_MAX (1 << 20)
#define TRACE_QUEUE_PACK_PARTS 64 // more parts moved at once become a tree
#define TRACE_ROPE_BLOCK_PARTS 16
#define TRACE_ROPE_DEPTH_MAX 256
#define TRACE_HISTORY_BYTES_MAX (4LL << 30) // runs of the accounts reached

// --- refund
#define REFUND_POTS_MAX 65536
#define REFUND_CLAIMANTS_MAX 65536
#define REFUND_TAGS_MAX (1 << 20) // of all pots of one refund
#define REFUND_RATES_MAX 256
#define REFUND_SIGNATURES 2 // different officers that sign a plan
#define REFUND_REFERENCE_BYTES_MAX 128

// --- grievances, shifts
#define GRIEVANCE_FILES_MAX 5
#define GRIEVANCE_TEXT_BYTES_MAX (16 << 10)
#define GRIEVANCE_OF_ORDER_MAX 20
#define HOLDER_ACCOUNT_TAIL_BYTES 3 // of the account, on the holder's page
#define SHIFT_HOURS 12              // the length of a shift that is looked ahead
#define SHIFT_REPORTS_MAX 1000      // newest ones among which half reports are looked for
#define SHIFT_ITEMS_MAX 500
#define SHIFT_AUDIT_ITEMS 5
#define FRONT_ITEMS_MAX 200
#define SEARCH_HITS_MAX 50

// --- order
#define ORDER_EVENTS_MAX 4096    // records of one order
#define ORDER_EVENT_HOURS_MAX 72 // from issue until what the clock runs from
#define ORDER_ANSWER_HOURS 24    // where no law row says otherwise
#define ORDER_UNDONE_HOURS 24
#define ORDER_REVIEW_HOURS 24
#define ORDER_SOON_HOURS 12
#define ORDER_DAY_FROM_HOUR 8
#define ORDER_DAY_UNTIL_HOUR 18
#define ORDER_TERM_COUNT_MAX 100000
#define ORDER_SHIFT_DAYS_MAX 60 // how far back the last working shift is looked for

// --- exchange between agencies
#define SYNC_MESSAGE_BYTES_MAX (4 << 20)  // plain
#define SYNC_MESSAGE_BYTES_MIN (16 << 10) // the first on a link
#define SYNC_OPENINGS_MAX 4096            // of one message, and of one block of a journal
#define SYNC_TREES_MAX 16
#define SYNC_FRAMES_MAX 16384
#define SYNC_LEAVES_MAX 65536 // commitments for a mirror, of one message
#define SYNC_WANTS_MAX 16
#define SYNC_HEADS_MAX 256       // COSIGN, SEEN, ASK, PROVE, RECOVER frames of one message
#define SYNC_RECOVERS_MAX 16     // recovery statements of an agency that are told
#define SYNC_LINE_BYTES_MAX 1024 // of a cosignature, of the words of a refusal
#define SYNC_ADDRESS_BYTES_MAX 512
#define SYNC_CHUNK_BYTES 65536                  // plain bytes of a chunk of a bundle, at most
#define SYNC_BLOB_BYTES_MAX (1 << 20)           // of one BLOB frame
#define SYNC_DOCUMENT_BYTES_MAX SHELF_BYTES_MAX // that is exchanged in parts
#define SYNC_WANT_EVERY_S 30                    // a document is asked for again
#define SYNC_SEEN_EVERY_S 60                    // heads of others are told again
#define SYNC_WAIT_S 25                          // a caller's request waits for news
#define SYNC_CLOCK_WARN_S 120
#define SYNC_CLOCK_STOP_S 600             // issues no order
#define SYNC_QUOTA_RECORDS_DAY 20000000LL // of one peer, where nobody said otherwise
#define SYNC_QUOTA_RECORDS_DAY_MIN 10000LL
#define SYNC_QUOTA_RECORDS_DAY_MAX 1000000000LL
#define SYNC_QUOTA_BYTES_DAY (64LL << 30)
#define SYNC_QUOTA_BYTES_DAY_MIN (16LL << 20)
#define SYNC_QUOTA_BYTES_DAY_MAX (4LL << 40)
#define SYNC_QUOTA_MESSAGES_DAY 2000000LL
#define SYNC_QUOTA_MESSAGES_DAY_MIN 1000LL
#define SYNC_QUOTA_MESSAGES_DAY_MAX 100000000LL
#define CARD_BYTES_MAX 8192
#define PEERS_MAX 1024
#define SYNC_PASSED_MAX 128 // objects relayed by one look
#define SYNC_PLACES_MAX                                                                            \
    (128 * (SYNC_OPENINGS_MAX - 1)) // found by one look at what is to be disclosed
#define LINK_KEYS_MAX 16            // of our own, earlier ones too
#define JOURNAL_NAMES_MAX 256       // records naming one document that are looked at
#define PETNAME_BYTES_MAX 64        // of a peer or an accord
#define ACCORDS_MAX 4096
#define ACCORD_MEMBERS_MAX 64
#define ACCORD_DAYS_MAX 36500
#define ACCORD_KINDS_MAX 64
#define PEER_INSTITUTIONS_MAX 256
#define PEER_ANEW_DAYS 14 // a peer that went on by its recovery key is named on the page
#define FLAGS_MAX 4096
#define SHARE_RECIPIENTS_MAX 64 // of one act
#define SHARE_ANSWER_HOURS 72   // until an answer is due, where nobody said when
#define NOTICE_RECORDS_MAX 64
#define SLOW_OPEN_BYTES (64 << 20)  // of a ledger whose picture is made anew: said before
#define BUNDLE_MESSAGES_MAX 1000000 // of one file
#define SHARES_OF_RECORD_MAX 1024
#define RETRACT_HOURS 24 // until a recipient's acknowledgement is overdue
#define LET_GO_LEAVES_MAX 1024
#define PROVE_TRIES_MAX 3
#define PROVE_SILENT_SHOWN 3  // askings for a proof that a peer passed over, until it is named
#define PROVE_SILENT_MAX 20   // and until its link stops,
#define PROVE_SILENT_HOURS 24 // where it was asked for so long

// --- links between nodes
#define TLS_CERTIFICATE_BYTES_MAX 8192
#define DIAL_LINKS_MAX 1024
#define DIAL_URL_BYTES_MAX 512
#define DIAL_RETRY_MS_MIN 250 // after a failure; doubled with each further one
#define DIAL_RETRY_MS_MAX 30000
#define DIAL_TICK_MS 1000         // desk_exchange_tick at least so often
#define DIAL_TICK_SPACE_MS 20     // and no more often than this
#define DIAL_SLOW_US 2000000      // a message that took less may be doubled
#define DIAL_BYTES_MAX (2U << 20) // plain bytes of a message of ours, and of the answer to it
#define DIAL_BYTES_MIN 4096       // plain bytes of a message, after many that broke
#define DIAL_ACK_BYTES 4096       // of the answer to a push: acknowledgements
#define DIAL_CONNECT_S 60         // until a connection is there
#define DIAL_ASK_STOPPED_S 60     // a link that is stopped is asked for a recovery statement
#define DIAL_SILENT_S 60          // without one byte; longer than SYNC_WAIT_S
#define DIAL_UNSENT_BYTES (16 << 10)
#define DIAL_MEMORY_BYTES (16U << 20) // of messages of all links in one direction
#define DIAL_STACK_BYTES (2 << 20)
#define DIAL_ONCE_MESSAGES_MAX 100000 // of one `moei sync`
#define WEB_PEER_BODY_BYTES_MAX (SYNC_MESSAGE_BYTES_MAX + (64 << 10))
#define WEB_PEER_BYTES_MAX (24LL << 20) // bodies and answers held at once, of all peers
#define WEB_PEER_WORKERS 4
#define WEB_PEER_REQUESTS_MAX 8 // of one peer at once
#define WEB_PEER_PER_S 100      // requests of one peer
#define WEB_PEER_BURST 400
#define WEB_PEER_CONNECTIONS_PER_S 10 // of one address
#define WEB_PEER_CONNECTIONS_BURST 100
#define WEB_PEER_OFFERS_MAX 8 // recovery statements of strangers that wait to be looked at
#define WEB_PEER_OFFER_BYTES_MAX 4096
#define WEB_PEER_OFFERS_PER_S 1 // of one address
#define WEB_PEER_OFFERS_BURST 5
#define WEB_PEER_OFFERS_ALL_PER_S 20
#define WEB_PEER_OFFERS_ALL_BURST 100
#define WEB_PEER_IDLE_S 120
#define WEB_PEER_TURN_MS 200 // between two looks at who waits

// --- picture
#define PICTURE_LOG_NAME_BYTES_MAX 32
#define PICTURE_STATE_BYTES_MAX 16
#define PICTURE_GROUP_RECORDS_MAX 4096 // of one transaction while catching up
#define PICTURE_GROUP_BYTES_MAX (4 << 20)
#define PICTURE_AHEAD_RECORDS_MIN 32   // of a group that is read on a second thread
#define PICTURE_AHEAD_RECORDS_MAX 256  // read at a time
#define PICTURE_LOAD_RECORDS_MAX 65536 // of one transaction of a rebuild
#define PICTURE_LOAD_BATCH_RECORDS 256 // handed from thread to thread
#define PICTURE_LOAD_BATCH_BYTES (4 << 20)
#define PICTURE_LOAD_BATCHES 4
#define PICTURE_WAL_PAGES_MAX 128          // more are moved into the file between groups
#define PICTURE_BACKLOG_RECORDS_MIN 512    // of one group; more of them come at once:
#define PICTURE_BACKLOG_WAL_PAGES_MAX 8192 // a page is written often before it is moved
#define PICTURE_FIND_FRESH_MAX (96 << 10)  // rows, some 30 bytes each: a quarter of the cache
#define PICTURE_CACHE_KIB (12 << 10)
#define PICTURE_LOAD_CACHE_KIB (64 << 10) // while a rebuild loads
#define PICTURE_READER_CACHE_KIB (4 << 10)
#define PICTURE_COUNT_KEYS_KEPT_MAX 4096
#define PICTURE_FILE_PARTS_MAX 65536 // batches of one file
#define PICTURE_ORDERS_MAX 10000     // of one case, account or report
#define PICTURE_CHILDREN_MAX 65536   // events, tags, payments of one object
#define PICTURE_CONTACTS_MAX 65536
#define PICTURE_SIGNERS_MAX 16        // officers named for one plan
#define PICTURE_NEWS_PLACES_MAX 65536 // looked at by one call
#define PICTURE_SEARCH_ROWS_MAX 2000  // of each kind that are looked at
#define PICTURE_SEARCH_HITS_MAX 200

// --- people's entries
#define REPORT_ID_BYTES_MAX 64
#define REPORT_STORY_BYTES_MAX (64 << 10)
#define CASE_REPORTS_MAX 65536
#define MATCH_PROPOSALS_MAX 100
#define MATCH_ENTRIES_MAX 200000 // of one account within the times looked at
#define MATCH_WINDOW_HOURS 24
#define MATCH_LOOKBACK_DAYS 7
#define LIST_PAGE_ITEMS_MAX 1000
#define LIST_PAGE_ITEMS_DEFAULT 100

// --- server
#define WEB_CONNECTIONS_MAX 1024
#define WEB_ADDRESS_CONNECTIONS_MAX 256 // of one address
#define WEB_BODY_BYTES_MAX (4 << 20)
#define WEB_URL_BYTES_MAX 8192
#define WEB_UPLOAD_BYTES_MAX (512LL << 20)    // a sheet that is taken in
#define WEB_UPLOADS_MAX 8                     // at once
#define WEB_ATTACHMENT_BYTES_MAX (16LL << 20) // of an officer
#define WEB_PARAMS_MAX 12
#define WEB_KEY_BYTES_MAX 64 // Idempotency-Key
#define WEB_PEM_BYTES_MAX (1 << 20)
#define WEB_STYLES_MAX 4 // <style> elements of one page of ours
#define WEB_RATES_MAX 256
#define WEB_WORKERS 16
#define WEB_QUEUE_MAX 256
#define WEB_FORMS_MAX 8 // of the public pages, being read
#define WEB_FORM_FILES_MAX 5
#define WEB_FORM_FILE_BYTES_MAX (5 << 20)
#define WEB_FORM_BYTES_MAX (26LL << 20)
#define WEB_FORM_PARTS_MAX 16
#define WEB_FORM_HEADERS_MAX 8
#define WEB_FORM_BOUNDARY_BYTES_MAX 200
#define WEB_FORM_NAME_BYTES_MAX 255
#define WEB_FORM_TEXT_BYTES_MAX (16 << 10)
#define WEB_FORM_CONTACT_BYTES_MAX 1024
#define WEB_ACCEPT_LANGUAGES_MAX 16
#define WEB_PUBLIC_TICK_US 25000 // public pages are answered at the next of these
#define WEB_RATE_BUCKETS 16384
#define WEB_RATE_PROBES 8
#define WEB_RATE_USER_PER_S 1000
#define WEB_RATE_USER_BURST 2000
#define WEB_RATE_ADDRESS_PER_S 5000
#define WEB_RATE_ADDRESS_BURST 10000
#define WEB_RATE_OPEN_PER_S 2 // of an address without a log-in
#define WEB_RATE_OPEN_BURST 60
#define WEB_RATE_PUBLIC_PER_S 50 // public pages, all addresses together
#define WEB_RATE_PUBLIC_BURST 200
#define WEB_STREAMS_MAX 256
#define WEB_USER_STREAMS_MAX 6
#define WEB_STREAM_BYTES_MAX (1 << 20) // that a slow reader may leave waiting
#define WEB_STREAM_BLOCK_BYTES 16384
#define WEB_NEWS_MAX 500
#define WEB_NEWS_WAIT_MS 1000
#define WEB_HEARTBEAT_MS 15000
#define WEB_THREADS_MAX 64
#define WEB_CONNECTION_BYTES_MAX (32 << 10) // head of a request
#define WEB_CONNECTION_IDLE_S 30
#define WEB_NAMES_MAX 256 // institutions, currencies of one answer
#define WEB_LEVEL_ACCOUNTS_MAX 200
#define WEB_TRACE_TRANSFERS_MAX 5000
#define WEB_CLAIM_PAGES_MAX 1000
#define SOCKET_MESSAGE_BYTES_MAX (64 << 20)
#define SOCKET_CLIENTS_MAX 64
#define READ_TRANSACTION_MS_MAX 2000

// --- command line
#define CLI_ARGS_MAX 1024 // words after the verb that are no options
#define CLI_OPTIONS_MAX 24
#define CLI_COMMANDS_MAX 160
#define CLI_TABLE_CELLS_MAX (1 << 20)
#define CLI_TABLE_COLUMNS_MAX 12
#define CLI_COLUMNS_MIN 40
#define CLI_COLUMN_MIN 6  // a column is not cut below it
#define CLI_TRACE_ROWS 15 // accounts of a level shown without --all
#define CLI_PASSPHRASE_FILE_BYTES_MAX 65536
#define CLI_BAR_EVERY_US 100000
#define CLI_LINE_EVERY_US 5000000
#define CLI_CHECKPOINT_EVERY_MS 10000
#define CLI_BENCH_ROWS_MAX 16
#define CLI_BENCH_REPORTS 5000
#define CLI_BENCH_TRACES 21
#define CLI_GONE_EVERY_MS 200 // how often a server looks whether its caller is still there
#define CLI_PIPE_BYTES 4096   // PIPE_BUF: a write of it does not block once poll says so
#define CLI_CALL_BYTES_MAX (4 << 20)
#define CLI_CALL_WORDS_MAX 2048
#define CLI_DRILL_SECONDS_MAX 31622400LL // a year
#define CLI_SOCKET_PATIENCE_S 10         // for a caller that connects and says nothing

// --- drill
#define DRILL_TRANSFERS_MIN 1000
#define DRILL_TRANSFERS_MAX 200000000
#define DRILL_TRANSFERS_A_REPORT 50 // at least, so that the everyday outweighs the scams
#define DRILL_ACCOUNTS_MIN 500
#define DRILL_ACCOUNTS_MAX 5000000
#define DRILL_INSTITUTIONS_MAX 12
#define DRILL_COUNTRIES_MAX 5
#define DRILL_COUNTRY_ACCOUNTS_MIN 8
#define DRILL_RING_MULES_MAX 16
#define DRILL_RING_ABROAD_MAX 4
#define DRILL_PAYS_MAX 3
#define DRILL_LEVELS_MAX 6
#define DRILL_FREE_TRIES 64
#define DRILL_ROW_BYTES_MAX 512
#define DRILL_WRITE_BYTES (1 << 20)
#define DRILL_REPORTS_MAX 100000
#define DRILL_PLANTED_MAX 1000

// --- users
#define DESK_ROLES_MAX 16
#define DESK_PURPOSES_MAX 32
#define DESK_SIGHTS_MAX 256 // kinds of eyes whose bits are kept
#define DESK_USER_NAME_BYTES_MAX 32
#define DESK_USERS_MAX 1000
#define DESK_PASSWORD_BYTES_MIN 12
#define LOGIN_TRIES_USER 5     // wrong passwords of one user before it waits
#define LOGIN_TRIES_ADDRESS 20 // of one address
#define LOGIN_WAIT_S_MAX 900   // the wait doubles with each further one up to this
#define LOGIN_TRIES_FORGET_HOURS 24
#define SESSION_HOURS_MAX 12
#define SESSION_IDLE_MINUTES 60
#define SESSION_SEEN_EVERY_S 60 // how often its use is written down
#define SESSIONS_MAX 16         // of one user: the oldest ends
#define SESSIONS_KEPT 256       // found lately, kept in memory
#define SESSION_KEPT_MS 1000    // for so long
#define CODES_KEPT 1024         // known to stand in local.db
#define TOKEN_DAYS_DEFAULT 90
#define TOKEN_DAYS_MAX 730
#define TOKENS_MAX 64 // of one user, in force
#define TOKENS_LISTED_MAX 4096
#define GLASS_HOURS_MAX 12
#define GLASS_RATIFY_HOURS 8
#define GLASS_KEPT_MAX 256 // in force at once
#define GLASS_REASON_BYTES_MAX 1000
#define REPLAY_KEY_BYTES_MAX 64
#define REPLAY_DAYS 7
#define REPLAY_ANSWER_BYTES_MAX (16 << 20)
#define READS_RECORDS_MAX 1000 // of one entry in the log of reads
#define LOCAL_WAL_PAGES_MAX 256

// --- desk
#define DESK_READERS_MAX 64 // calls that read at the same time
#define DESK_SAVED_MAPPINGS_MAX 256
#define DESK_AGENCY_BYTES_MAX 32
#define DESK_TITLE_BYTES_MAX 255
#define DESK_SENDER_BYTES_MAX 255
#define DESK_PREVIEW_ROWS_MAX 50
#define DESK_PREVIEW_CELL_BYTES_MAX 2000
#define DESK_PUBLIC_FILES_MAX 64
#define DESK_PUBLIC_FILE_BYTES_MAX (16 << 20)
#define DESK_LATER_RECORDS_MIN 512   // of one message: they are folded behind its commit
#define DESK_BEHIND_RECORDS_MAX 4096 // that the picture may lack while the next message is taken
#define DESK_RETRIES_MAX 50          // of what a reader's short transaction holds up
#define DESK_RETRY_US 20000
#define DESK_COMPARE_RECORDS_MAX 200000 // of a rebuild whose tables are compared with the old ones
#define DESK_NOTE_BYTES_MAX 4096
#define DESK_PUBLIC_URL_BYTES_MAX 200
#define DESK_ACT_RECORDS_MAX 8   // that one answer becomes
#define DESK_REPLACED_MAX 64     // first hops whose place one order takes
#define DESK_CLAIMED_ONLY_FLAG 3 // reports that are only claimed: a second officer signs
#define DESK_BACKUP_CHUNK_BYTES (1 << 20)
#define DESK_BACKUP_FILES_MAX 4096
#define DESK_BACKUP_PASSPHRASE_BYTES_MIN 8

static_assert(CSV_FIELD_BYTES_MAX < CSV_LINE_BYTES_MAX, "a field lies in a line");
static_assert(REPORT_STORY_BYTES_MAX < RECORD_BYTES_MAX, "a story fits into a record");
static_assert(RECORD_BYTES_MAX * 2 < SYNC_MESSAGE_BYTES_MAX, "any record fits into a message");
static_assert(SYNC_OPENINGS_MAX < SYNC_QUOTA_RECORDS_DAY_MIN, "one message is within any quota");
static_assert(SYNC_MESSAGE_BYTES_MAX * 2 < SYNC_QUOTA_BYTES_DAY_MIN, "as are its bytes");
static_assert(RECORD_BYTES_MAX < JSON_DOCUMENT_BYTES_MAX, "a record is a document");
static_assert(SHEET_CELL_BYTES_MAX < CSV_FIELD_BYTES_MAX, "a sheet of ours can be read again");
static_assert(STREAM_MEMO_BYTES_MAX < CSV_FIELD_BYTES_MAX, "a memo comes from a field");
static_assert(DIAL_SILENT_S > SYNC_WAIT_S, "a peer that waits is not taken for dead");
static_assert(BASE_AMOUNT_MINOR_MAX < BASE_INT_SAFE_MAX, "an amount can be written as JSON");

#endif
