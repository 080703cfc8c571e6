/*
 * CPC: contato por cliente. The C ABI of the rules engine, libcpc.
 *
 * Made from the sources of crates/cpc-capi; do not edit it by hand.
 *
 * Three levels, all on the same engine:
 *   cpc_engine_massivocpc  a request body in, a response body and an HTTP status out
 *   cpc_engine_execute     a command line in JSON in, its answer out
 *   the other functions    plain structs; batches are decided without allocating
 *
 * RESULTS. Every call that can fail returns a cpc_result: CPC_OK, or why nothing was done. The answer to one message of
 * a batch is not a result but a cpc_status, in its cpc_outcome. cpc_engine_error says more about the last failure.
 * Numbers never change their meaning. Choices go in as int32_t; a number that is none of the choices is refused.
 *
 * What every call of a kind can fail with is said here once; the comments of functions say what else it can be.
 *   a pointer            CPC_ERR_NULL, CPC_ERR_ALIGNMENT
 *   a struct             CPC_ERR_STRUCT_SIZE; CPC_ERR_UNKNOWN_VALUE for its choices and flags
 *   a text or an array   CPC_ERR_NULL, CPC_ERR_TOO_LARGE; CPC_ERR_UTF8 for texts other than JSON and snapshots
 *   a handle             CPC_ERR_BUSY, CPC_ERR_POISONED, CPC_ERR_PANIC
 *   at                   CPC_ERR_TIMESTAMP_OUT_OF_RANGE; CPC_ERR_CLOCK_JUMP for all that can change something, but for
 *                        cpc_engine_clock
 * cpc_engine_massivocpc and cpc_engine_execute answer with JSON that says what is wrong with the body, the line or the
 * time, and return CPC_OK.
 *
 * TIME. The engine has no clock: at is when a call happens, in milliseconds since 1970, UTC. A call counts at the later
 * of that and the latest time of a command before.
 *
 * ANSWERS. Where one outcome comes out, outcome may be NULL; so may applied, everywhere.
 *
 * TEXTS go in as cpc_text, a pointer and a length, in UTF-8. They are read during the call and never kept. Texts that
 * come out as const char * or cpc_text are static. Answers of any length come out in a cpc_buffer of the caller's.
 *
 * STRUCTS belong to the caller. Set struct_size to the size of the struct, and all else to 0, before anything else.
 * Structs that begin with struct_size grow within an ABI version: later headers add members at their end. The library
 * takes every size from that of the first published version to its own. A member that the caller's struct does not have
 * is absent, as if it were 0, and is not written. Elements of an array stand as far apart as the first one's struct_size
 * says, and all that go in must have the same. A size that no version has, or that is larger than the library's own
 * struct, is CPC_ERR_STRUCT_SIZE: a program may be older than the library, not newer. Ignore bits of present that your
 * header does not name. Structs without struct_size stay as they are. What goes in must not be where something comes
 * out.
 *
 * POINTERS. NULL, or a pointer that is not aligned, is refused where it may not be; it never crashes. What else a
 * pointer points to must be there: memory as long as the call says, a handle that was not freed. Nothing is written
 * unless the call succeeds.
 *
 * THREADS. A handle may be used from any thread, by one at a time: a call that finds another one running on the same
 * handle returns CPC_ERR_BUSY. Handles do not share anything. Functions without a handle are for any thread at any time.
 *
 * BUGS. A panic of the library never leaves it: the call returns CPC_ERR_PANIC, the handle answers every later call with
 * CPC_ERR_POISONED, and other handles go on.
 */


#ifndef CPC_H
#define CPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The version of the library, as text.
 */
#define CPC_VERSION "0.1.0"

/**
 * The version of this ABI. It grows when something that existed is changed or removed. New functions, new numbers and
 * new members at the end of structs that begin with `struct_size` do not count: a library serves programs that were
 * built against any earlier header of its ABI version. A program compares it with `cpc_abi_version()` once, before
 * anything else.
 */
#define CPC_ABI_VERSION 1

/**
 * The first number of the version.
 */
#define CPC_VERSION_MAJOR 0

/**
 * The second number of the version.
 */
#define CPC_VERSION_MINOR 1

/**
 * The third number of the version.
 */
#define CPC_VERSION_PATCH 0

/**
 * `cpc_sender.flags`: `daily_limit` is there.
 */
#define CPC_SENDER_HAS_DAILY_LIMIT 1

/**
 * `cpc_sender.flags`: `per_second` and `burst` are there.
 */
#define CPC_SENDER_HAS_PACE 2

/**
 * `cpc_wallet.flags`: `window_ms` is there.
 */
#define CPC_WALLET_HAS_WINDOW 1

/**
 * `cpc_message.flags`: `closeTicket` is true, as it must be.
 */
#define CPC_MESSAGE_CLOSE_TICKET 1

/**
 * `cpc_message.flags`: `id_message` is there.
 */
#define CPC_MESSAGE_HAS_ID 2

/**
 * `cpc_outcome.present`: `stage` is there.
 */
#define CPC_HAS_STAGE 1

/**
 * `cpc_outcome.present`: `first_index` is there.
 */
#define CPC_HAS_FIRST_INDEX 2

/**
 * `cpc_outcome.present`: `sender` is there.
 */
#define CPC_HAS_SENDER 4

/**
 * `cpc_outcome.present`: `phone` is there.
 */
#define CPC_HAS_PHONE 8

/**
 * `cpc_outcome.present`: `dispatch` is there.
 */
#define CPC_HAS_DISPATCH 16

/**
 * `cpc_outcome.present`: `origin` is there.
 */
#define CPC_HAS_ORIGIN 32

/**
 * `cpc_outcome.present`: `to` is there.
 */
#define CPC_HAS_TO 64

/**
 * `cpc_outcome.present`: `send_at` is there.
 */
#define CPC_HAS_SEND_AT 128

/**
 * `cpc_outcome.present`: `blocked_until` is there.
 */
#define CPC_HAS_BLOCKED_UNTIL 256

/**
 * `cpc_outcome.present`: `retry_at` is there.
 */
#define CPC_HAS_RETRY_AT 512

/**
 * `cpc_outcome.present`: `expired_at` is there.
 */
#define CPC_HAS_EXPIRED_AT 1024

/**
 * `cpc_outcome.present`: `field` is there.
 */
#define CPC_HAS_FIELD 2048

/**
 * `cpc_outcome.present`, a warning. `accepted`: whether the main template was blank.
 */
#define CPC_WARNS_EMPTY_TEMPLATE 4096

/**
 * `cpc_batch.flags`, `cpc_columns.flags`: all messages are accepted or none.
 */
#define CPC_BATCH_ATOMIC 1

/**
 * `cpc_columns.flags`: all messages are accepted or none. It is `CPC_BATCH_ATOMIC`.
 */
#define CPC_COLUMNS_ATOMIC 1

/**
 * `cpc_columns.flags`: `closeTicket` of all messages is true, as it must be.
 */
#define CPC_COLUMNS_CLOSE_TICKET 2

/**
 * `cpc_reply.flags`: the contact asks not to be written to any more.
 */
#define CPC_REPLY_OPT_OUT 1

/**
 * `cpc_reply.flags`: `received_at` is there.
 */
#define CPC_REPLY_HAS_RECEIVED_AT 2

/**
 * `cpc_target.kind`: a phone, as written.
 */
#define CPC_TARGET_PHONE 1

/**
 * `cpc_target.kind`: a client id.
 */
#define CPC_TARGET_CLIENT 2

/**
 * `cpc_contact.present`: `key` is there.
 */
#define CPC_HAS_KEY 8192

/**
 * `cpc_contact.present`: `since` is there.
 */
#define CPC_HAS_SINCE 16384

/**
 * `cpc_contact.present`: `until` is there.
 */
#define CPC_HAS_UNTIL 32768

/**
 * `cpc_contact.present`: `last_reply` is there.
 */
#define CPC_HAS_LAST_REPLY 65536

/**
 * `cpc_deadlines.present`: `follow_up` is there.
 */
#define CPC_HAS_FOLLOW_UP 131072

/**
 * `cpc_deadlines.present`: `expiry` is there.
 */
#define CPC_HAS_EXPIRY 262144

/**
 * `cpc_contact.pending_stages`: follow-up stage 1 is pending.
 */
#define CPC_PENDING_STAGE_1 1

/**
 * `cpc_contact.pending_stages`: follow-up stage 2 is pending.
 */
#define CPC_PENDING_STAGE_2 2

/**
 * `cpc_advice.flags`: the contact has opted out by it.
 */
#define CPC_ADVICE_OPT_OUT 1

/**
 * What a call returns. Nothing has changed unless it is `CPC_OK`, but for `CPC_ERR_PANIC`. Numbers never change their
 * meaning and are never reused.
 */
enum cpc_result
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Done. Each item's own answer is in its outcome.
     */
    CPC_OK = 0,
    /**
     * A pointer that must not be NULL is; or a text is NULL and has a length.
     */
    CPC_ERR_NULL = -1,
    /**
     * A pointer is not aligned as its type must be.
     */
    CPC_ERR_ALIGNMENT = -2,
    /**
     * The `struct_size` of a struct is not one that a version of it has, or is larger than the library's.
     */
    CPC_ERR_STRUCT_SIZE = -3,
    /**
     * A number that stands for a choice is none of those that exist, or a flag does not exist.
     */
    CPC_ERR_UNKNOWN_VALUE = -4,
    /**
     * A text is not UTF-8.
     */
    CPC_ERR_UTF8 = -5,
    /**
     * There is room for fewer outcomes, or bytes, than there would be.
     */
    CPC_ERR_CAPACITY = -6,
    /**
     * A length or count is larger than memory.
     */
    CPC_ERR_TOO_LARGE = -7,
    /**
     * Another call on the same handle is running. Put a lock around the handle, or give each thread its own.
     */
    CPC_ERR_BUSY = -8,
    /**
     * An earlier call on this handle ended with `CPC_ERR_PANIC`; it can only be freed.
     */
    CPC_ERR_POISONED = -9,
    /**
     * A bug of the library. The handle is poisoned; others are not touched.
     */
    CPC_ERR_PANIC = -10,
    /**
     * A time is not between 2000-01-01 and 2100-01-01 in milliseconds: it is probably in seconds or microseconds. Over
     * HTTP, a wrong clock of the host is a 503.
     */
    CPC_ERR_TIMESTAMP_OUT_OF_RANGE = -20,
    /**
     * `at` is too far ahead of the clock: more than the policy's `maxClockJumpMs`. It is the host that has to change
     * something, not its client.
     */
    CPC_ERR_CLOCK_JUMP = -21,
    /**
     * No wallet has this tag.
     */
    CPC_ERR_UNKNOWN_WALLET = -22,
    /**
     * The wallet has no such sender.
     */
    CPC_ERR_UNKNOWN_SENDER = -23,
    /**
     * The sender belongs to another wallet: it must be removed there first.
     */
    CPC_ERR_SENDER_TAKEN = -24,
    /**
     * The batch has no messages.
     */
    CPC_ERR_EMPTY_BATCH = -25,
    /**
     * The batch has more messages than the policy allows: `maxBatch`, which bounds the contacts of an import as well.
     */
    CPC_ERR_BATCH_TOO_LARGE = -26,
    /**
     * A member is missing or malformed: also one that is there twice, or that does not exist.
     */
    CPC_ERR_INVALID_FIELD = -27,
    /**
     * Not a valid phone number: where an answer has no outcome to say so in.
     */
    CPC_ERR_INVALID_PHONE = -28,
    /**
     * A member of the policy is outside its bounds: also one that does not exist, and a new `hashKey` while forgotten
     * opt-outs need the old one.
     */
    CPC_ERR_INVALID_POLICY = -29,
    /**
     * More wallets, senders or groups than an engine holds.
     */
    CPC_ERR_TOO_MANY = -30,
    /**
     * Refused for a reason that has no number of its own yet; `cpc_engine_error` names it.
     */
    CPC_ERR_REFUSED = -31,
    /**
     * The bytes are not a snapshot.
     */
    CPC_ERR_NOT_A_SNAPSHOT = -40,
    /**
     * A snapshot of a format that this version does not read.
     */
    CPC_ERR_SNAPSHOT_VERSION = -41,
    /**
     * The snapshot is truncated.
     */
    CPC_ERR_SNAPSHOT_TRUNCATED = -42,
    /**
     * The snapshot is damaged.
     */
    CPC_ERR_SNAPSHOT_DAMAGED = -43,
    /**
     * There is more after the snapshot.
     */
    CPC_ERR_SNAPSHOT_TRAILING_BYTES = -44,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cpc_result cpc_result;
#else
typedef int32_t cpc_result;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The answer to one message, reply, report or other item. The refusals of a dispatch (10 to 90) are in order of
 * precedence: the first that applies is the answer (RULES §4). Numbers never change their meaning and are never
 * reused; later versions may add some.
 */
enum cpc_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * The message goes out; its contact is blocked from then on.
     */
    CPC_STATUS_ACCEPTED = 0,
    /**
     * Not a phone, or of a country that is not allowed.
     */
    CPC_STATUS_INVALID_PHONE = 10,
    /**
     * A required member is missing, or one is malformed.
     */
    CPC_STATUS_INVALID_FIELD = 11,
    /**
     * `closeTicket` is missing or not true.
     */
    CPC_STATUS_CLOSE_TICKET_REQUIRED = 12,
    /**
     * `mainTemplate` is blank, and the policy refuses that.
     */
    CPC_STATUS_EMPTY_TEMPLATE = 13,
    /**
     * The phone, or the client, has opted out.
     */
    CPC_STATUS_OPTED_OUT = 20,
    /**
     * The phone was found not to be reachable at all.
     */
    CPC_STATUS_UNDELIVERABLE = 21,
    /**
     * An earlier message of the same batch took one of the gates.
     */
    CPC_STATUS_DUPLICATE_IN_BATCH = 30,
    /**
     * The same message was accepted before; a success, nothing is sent again.
     */
    CPC_STATUS_ALREADY_ACCEPTED = 31,
    /**
     * A gate is blocked: the contact has not answered, and its window is not over.
     */
    CPC_STATUS_CONTACT_BLOCKED = 40,
    /**
     * It is outside the contact hours, or would be when the message goes out.
     */
    CPC_STATUS_OUT_OF_HOURS = 50,
    /**
     * The wallet lists operators, and this is none of them.
     */
    CPC_STATUS_UNKNOWN_OPERATOR = 60,
    /**
     * No sender of the wallet can serve this contact now.
     */
    CPC_STATUS_NO_SENDER_AVAILABLE = 70,
    /**
     * A new contact would exceed `maxContacts`.
     */
    CPC_STATUS_CONTACTS_FULL = 80,
    /**
     * Another message of an atomic batch was refused.
     */
    CPC_STATUS_NOT_ATTEMPTED = 90,
    /**
     * The command did what it says.
     */
    CPC_STATUS_APPLIED = 100,
    /**
     * It was so already.
     */
    CPC_STATUS_UNCHANGED = 101,
    /**
     * The contact answered, or wrote by itself.
     */
    CPC_STATUS_REPLIED = 110,
    /**
     * The reply is older than the open cycle; it frees nothing.
     */
    CPC_STATUS_STALE_REPLY = 111,
    /**
     * The dispatch goes out from another sender.
     */
    CPC_STATUS_MOVED = 120,
    /**
     * The cycle was released: its gates are free again.
     */
    CPC_STATUS_RELEASED = 121,
    /**
     * It may have been delivered: the gates stay as they are.
     */
    CPC_STATUS_KEPT = 122,
    /**
     * The report is too late, or contradicts what is known; nothing changes.
     */
    CPC_STATUS_STALE_REPORT = 123,
    /**
     * No such dispatch was ever made.
     */
    CPC_STATUS_UNKNOWN_DISPATCH = 124,
    /**
     * The operator may write.
     */
    CPC_STATUS_ALLOWED = 130,
    /**
     * Operators do not open conversations.
     */
    CPC_STATUS_MANUAL_START_DENIED = 131,
    /**
     * A cycle ended unanswered.
     */
    CPC_STATUS_EXPIRED = 140,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cpc_status cpc_status;
#else
typedef int32_t cpc_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * A language of texts for people.
 */
enum cpc_language
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Portuguese as written in Brazil.
     */
    CPC_LANGUAGE_PT_BR = 1,
    /**
     * English.
     */
    CPC_LANGUAGE_EN = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cpc_language cpc_language;
#else
typedef int32_t cpc_language;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How much the response to a massivocpc request says.
 */
enum cpc_profile
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * All of it: `partial`, and of every error its code, its message's number and when to try again.
     */
    CPC_PROFILE_FULL = 1,
    /**
     * Only what the document has: `success` and `error`, `phone` and `reason`.
     */
    CPC_PROFILE_SPEC = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cpc_profile cpc_profile;
#else
typedef int32_t cpc_profile;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * How a delivery went.
 */
enum cpc_delivery
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * On its way.
     */
    CPC_DELIVERY_SENT = 1,
    /**
     * Delivered to the contact's device.
     */
    CPC_DELIVERY_DELIVERED = 2,
    /**
     * Read by the contact.
     */
    CPC_DELIVERY_READ = 3,
    /**
     * Not delivered; a `cpc_fault` says why.
     */
    CPC_DELIVERY_FAILED = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cpc_delivery cpc_delivery;
#else
typedef int32_t cpc_delivery;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The cause of a failed delivery.
 */
enum cpc_fault
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * None: it did not fail.
     */
    CPC_FAULT_NONE = 0,
    /**
     * The contact can never be reached.
     */
    CPC_FAULT_CONTACT = 1,
    /**
     * The sender cannot send.
     */
    CPC_FAULT_SENDER = 2,
    /**
     * The message itself: its template, its payload.
     */
    CPC_FAULT_REQUEST = 3,
    /**
     * Not known; it may have been delivered.
     */
    CPC_FAULT_AMBIGUOUS = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cpc_fault cpc_fault;
#else
typedef int32_t cpc_fault;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The state of a contact's gate.
 */
enum cpc_gate
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * No cycle, or it was released: a new contact may be made.
     */
    CPC_GATE_FREE = 0,
    /**
     * The cycle is open and its window runs: no new contact.
     */
    CPC_GATE_BLOCKED = 1,
    /**
     * The cycle's window ended unanswered: a new contact may be made.
     */
    CPC_GATE_EXPIRED = 2,
    /**
     * The contact answered, or wrote by itself: a new contact may be made.
     */
    CPC_GATE_REPLIED = 3,
    /**
     * Opted out or undeliverable: no new contact until that is lifted.
     */
    CPC_GATE_SUPPRESSED = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cpc_gate cpc_gate;
#else
typedef int32_t cpc_gate;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Why a contact is suppressed.
 */
enum cpc_suppression
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It is not.
     */
    CPC_SUPPRESSION_NONE = 0,
    /**
     * It asked not to be written to.
     */
    CPC_SUPPRESSION_OPTED_OUT = 1,
    /**
     * It was found not to be reachable.
     */
    CPC_SUPPRESSION_UNDELIVERABLE = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cpc_suppression cpc_suppression;
#else
typedef int32_t cpc_suppression;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Whether a sender may be used.
 */
enum cpc_sender_state
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * It serves everybody.
     */
    CPC_SENDER_READY = 0,
    /**
     * It rests.
     */
    CPC_SENDER_PAUSED = 1,
    /**
     * It serves only the contacts whose last sender it is.
     */
    CPC_SENDER_EXISTING_ONLY = 2,
    /**
     * It failed, and rests.
     */
    CPC_SENDER_QUARANTINED = 3,
    /**
     * It is out of use.
     */
    CPC_SENDER_DISABLED = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cpc_sender_state cpc_sender_state;
#else
typedef int32_t cpc_sender_state;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * What happens to a sender whose message failed, beyond the quarantine that a report of its fault leads to.
 */
enum cpc_sender_advice
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Nothing more.
     */
    CPC_SENDER_ADVICE_NONE = 0,
    /**
     * It rests for `hold_ms`: state `CPC_SENDER_QUARANTINED`.
     */
    CPC_SENDER_ADVICE_HOLD = 1,
    /**
     * It serves only contacts that it wrote to before, until the time that the error names: state
     * `CPC_SENDER_EXISTING_ONLY`.
     */
    CPC_SENDER_ADVICE_EXISTING_ONLY = 2,
    /**
     * It is out of use until a person acts: state `CPC_SENDER_DISABLED`.
     */
    CPC_SENDER_ADVICE_DISABLE = 3,
    /**
     * So are all senders of its group, because their common account is at fault.
     */
    CPC_SENDER_ADVICE_DISABLE_GROUP = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cpc_sender_advice cpc_sender_advice;
#else
typedef int32_t cpc_sender_advice;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Whether and when a message that failed may be tried again.
 */
enum cpc_retry
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : int32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * As the engine decides.
     */
    CPC_RETRY_AS_DECIDED = 0,
    /**
     * Not before `retry_after_ms` have passed.
     */
    CPC_RETRY_AFTER = 1,
    /**
     * After a while that grows each time.
     */
    CPC_RETRY_BACK_OFF = 2,
    /**
     * Only as a template message.
     */
    CPC_RETRY_AS_TEMPLATE = 3,
    /**
     * Never to this contact.
     */
    CPC_RETRY_NEVER = 4,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum cpc_retry cpc_retry;
#else
typedef int32_t cpc_retry;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * An engine: one tenant's rules and state. `cpc_engine_new` or `cpc_engine_restore` makes one, `cpc_engine_free` ends
 * it.
 *
 * It may be used from any thread, by one at a time; a call that finds another one running does nothing and returns
 * `CPC_ERR_BUSY`.
 */
typedef struct cpc_engine cpc_engine;

/**
 * A text of the caller's, or a static one of the library's: UTF-8, `length` bytes, no NUL needed. NULL with length
 * 0 is the empty text. A text that goes in is read during the call and never kept.
 */
typedef struct cpc_text {
    /**
     * The first byte.
     */
    const char *data;
    /**
     * How many bytes.
     */
    size_t length;
} cpc_text;

/**
 * Bytes that the library writes and the caller owns. It begins as zeros (`cpc_buffer b = {0};`) and is handed in
 * again and again: each call replaces what it holds and keeps its memory, so that after a while nothing is
 * allocated any more. Only the library changes its members. `cpc_buffer_free` ends it.
 *
 * There is no NUL at the end.
 */
typedef struct cpc_buffer {
    /**
     * The first byte; NULL as long as nothing was written.
     */
    char *data;
    /**
     * How many bytes there are.
     */
    size_t length;
    /**
     * How many bytes there is room for.
     */
    size_t capacity;
} cpc_buffer;

/**
 * A digest of an engine's state, 128 bits: two engines with the same digest decide alike. In JSON it is 32 hexadecimal
 * digits, those of `high` first.
 */
typedef struct cpc_digest {
    /**
     * The upper 64 bits.
     */
    uint64_t high;
    /**
     * The lower 64 bits.
     */
    uint64_t low;
} cpc_digest;

/**
 * A sender's settings, whole: what is not named goes back to its default. Its state stays.
 */
typedef struct cpc_sender {
    /**
     * `sizeof(cpc_sender)`.
     */
    uint32_t struct_size;
    /**
     * `CPC_SENDER_HAS_…`.
     */
    uint32_t flags;
    /**
     * Its id, usually its number; not blank, up to 128 bytes, unique in the engine.
     */
    struct cpc_text id;
    /**
     * Its share of the wallet's dispatches, 1 to 1 000 000; 0 is the default, 1.
     */
    uint32_t weight;
    /**
     * The most dispatches in any 24 h.
     */
    uint32_t daily_limit;
    /**
     * Messages a second on average, 1 to 1 000 000.
     */
    uint32_t per_second;
    /**
     * Messages at once, 1 to 1 000 000.
     */
    uint32_t burst;
    /**
     * The group whose limit it shares; empty is none.
     */
    struct cpc_text group;
    /**
     * The operators it is kept for.
     */
    const struct cpc_text *operators;
    /**
     * How many operators there are.
     */
    size_t operator_count;
} cpc_sender;

/**
 * A wallet's settings, whole: what is not named goes back to its default.
 */
typedef struct cpc_wallet {
    /**
     * `sizeof(cpc_wallet)`.
     */
    uint32_t struct_size;
    /**
     * `CPC_WALLET_…`.
     */
    uint32_t flags;
    /**
     * Its tag; not blank, up to 128 bytes.
     */
    struct cpc_text tag;
    /**
     * The window of its cycles in milliseconds, up to 30 days; the policy's if absent.
     */
    uint64_t window_ms;
    /**
     * Its operators; all may use it if there are none.
     */
    const struct cpc_text *operators;
    /**
     * How many operators there are.
     */
    size_t operator_count;
    /**
     * Its senders; new ones are added in this order, after those that stay.
     */
    const struct cpc_sender *senders;
    /**
     * How many senders there are.
     */
    size_t sender_count;
} cpc_wallet;

/**
 * The answer to one item. `present` says which members are there; the others are 0. Instants are milliseconds since
 * 1970, UTC; phones are their digits as a number, with the country.
 *
 * Where a call fills an array of these, set the `struct_size` of the first; the call sets the others to the same.
 */
typedef struct cpc_outcome {
    /**
     * `sizeof(cpc_outcome)`.
     */
    uint32_t struct_size;
    /**
     * The answer, a `cpc_status`.
     */
    int32_t status;
    /**
     * Which members are there: the flags `CPC_HAS_…`, and warnings `CPC_WARNS_…`.
     */
    uint32_t present;
    /**
     * Which message of the cycle this is: 0 the dispatch itself, 1 and 2 its follow-ups. Cycles only.
     */
    uint32_t stage;
    /**
     * `duplicate_in_batch`: the earlier item that took the gate. Counted from 0.
     */
    uint32_t first_index;
    /**
     * The sender of the cycle. A number that `cpc_engine_sender_id` has the id of. Do not store the number: after a
     * restore it may be another sender's.
     */
    uint32_t sender;
    /**
     * The contact, where the call did not name it: the number of a follow-up as it was posted, the contact key of an
     * expired cycle.
     */
    uint64_t phone;
    /**
     * The number of the dispatch.
     */
    uint64_t dispatch;
    /**
     * A follow-up: the dispatch it follows up.
     */
    uint64_t origin;
    /**
     * The number to send to.
     */
    uint64_t to;
    /**
     * When to send.
     */
    int64_t send_at;
    /**
     * Until when the contact is blocked unless it answers.
     */
    int64_t blocked_until;
    /**
     * A refusal: when asking again could help; absent if never, or not known.
     */
    int64_t retry_at;
    /**
     * `expired`: when the cycle ended.
     */
    int64_t expired_at;
    /**
     * `invalid_field`: which one. Its name in JSON; a static text without a NUL.
     */
    struct cpc_text field;
} cpc_outcome;

/**
 * When a command took effect, and how many there have been. A log stores `effective_at`.
 */
typedef struct cpc_applied {
    /**
     * `sizeof(cpc_applied)`.
     */
    uint32_t struct_size;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * The later of the command's time and the engine's clock, in milliseconds since 1970, UTC.
     */
    int64_t effective_at;
    /**
     * How many commands have been applied, this one included.
     */
    uint64_t seq;
} cpc_applied;

/**
 * One message of a batch. An empty text is the same as an absent one.
 */
typedef struct cpc_message {
    /**
     * `sizeof(cpc_message)`.
     */
    uint32_t struct_size;
    /**
     * `CPC_MESSAGE_…`.
     */
    uint32_t flags;
    /**
     * The message's own number, which makes posting it again harmless.
     */
    uint64_t id_message;
    /**
     * The phone, as posted, with its country; a `+` in front, spaces, dashes, dots, parentheses and what cannot be
     * seen do not count.
     */
    struct cpc_text phone;
    /**
     * The client; trimmed, up to 128 bytes.
     */
    struct cpc_text client_id;
    /**
     * The contract; up to 128 bytes, and required by profile `strict`. The engine only looks how long it is.
     */
    struct cpc_text contract;
    /**
     * The operator; not blank, up to 128 bytes.
     */
    struct cpc_text specialist_code;
    /**
     * What is sent. Of the templates the engine only looks whether they are blank; it keeps none.
     */
    struct cpc_text main_template;
    /**
     * What is sent when the contact stays silent; none if blank.
     */
    struct cpc_text retry_template;
    /**
     * What is sent when it stays silent again; none if blank.
     */
    struct cpc_text last_template;
} cpc_message;

/**
 * Messages that are decided in order, each seeing the ones before it.
 */
typedef struct cpc_batch {
    /**
     * `sizeof(cpc_batch)`.
     */
    uint32_t struct_size;
    /**
     * `CPC_BATCH_…`.
     */
    uint32_t flags;
    /**
     * The campaign; not blank, up to 256 bytes.
     */
    struct cpc_text campaign;
    /**
     * The account; empty is none, up to 128 bytes.
     */
    struct cpc_text id_account;
    /**
     * The wallet's tag; not blank.
     */
    struct cpc_text tag;
    /**
     * The messages.
     */
    const struct cpc_message *messages;
    /**
     * How many messages there are.
     */
    size_t count;
} cpc_batch;

/**
 * A column of numbers: row `i` is the 8 bytes at `data + i * stride`, which need not be aligned.
 */
typedef struct cpc_number_column {
    /**
     * The first row; NULL if there is no such column.
     */
    const uint64_t *data;
    /**
     * From row to row, in bytes; 0 if all rows are the same.
     */
    size_t stride;
} cpc_number_column;

/**
 * A column of texts: row `i` is the `width` bytes at `data + i * stride`, less the NULs at their end.
 */
typedef struct cpc_text_column {
    /**
     * The first row; NULL if there is no such column.
     */
    const char *data;
    /**
     * How many bytes a row has.
     */
    size_t width;
    /**
     * From row to row, in bytes; 0 if all rows are the same.
     */
    size_t stride;
} cpc_text_column;

/**
 * A batch by columns, for campaigns whose messages have the same texts. An empty text is the same as an absent one.
 */
typedef struct cpc_columns {
    /**
     * `sizeof(cpc_columns)`.
     */
    uint32_t struct_size;
    /**
     * `CPC_COLUMNS_…`.
     */
    uint32_t flags;
    /**
     * The campaign; not blank, up to 256 bytes.
     */
    struct cpc_text campaign;
    /**
     * The account; empty is none, up to 128 bytes.
     */
    struct cpc_text id_account;
    /**
     * The wallet's tag; not blank.
     */
    struct cpc_text tag;
    /**
     * The operator of all messages; not blank, up to 128 bytes.
     */
    struct cpc_text specialist_code;
    /**
     * What is sent, or a sample of it. Of templates the engine only looks whether they are blank.
     */
    struct cpc_text main_template;
    /**
     * What is sent when a contact stays silent; none if blank.
     */
    struct cpc_text retry_template;
    /**
     * What is sent when it stays silent again; none if blank.
     */
    struct cpc_text last_template;
    /**
     * How many messages there are.
     */
    size_t count;
    /**
     * The phones, as numbers of all their digits.
     */
    struct cpc_number_column phones;
    /**
     * The messages' own numbers; may be absent.
     */
    struct cpc_number_column id_messages;
    /**
     * The clients; may be absent.
     */
    struct cpc_text_column client_ids;
    /**
     * The contracts; may be absent.
     */
    struct cpc_text_column contracts;
} cpc_columns;

/**
 * A message that came in from a contact.
 */
typedef struct cpc_reply {
    /**
     * `sizeof(cpc_reply)`.
     */
    uint32_t struct_size;
    /**
     * `CPC_REPLY_…`.
     */
    uint32_t flags;
    /**
     * Its phone, as written.
     */
    struct cpc_text phone;
    /**
     * When it was received, in milliseconds since 1970, UTC; the call's time if absent.
     */
    int64_t received_at;
} cpc_reply;

/**
 * A delivery report.
 */
typedef struct cpc_report {
    /**
     * `sizeof(cpc_report)`.
     */
    uint32_t struct_size;
    /**
     * How the delivery went, a `cpc_delivery`.
     */
    int32_t delivery;
    /**
     * Whose fault it is, a `cpc_fault`: `CPC_FAULT_NONE` unless it failed, another one if it did.
     */
    int32_t fault;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * Which dispatch.
     */
    uint64_t dispatch;
    /**
     * The sender that reports, empty if unknown: a report of a sender that no longer has the dispatch is stale.
     */
    struct cpc_text sender;
} cpc_report;

/**
 * The contact that a call is about.
 */
typedef struct cpc_target {
    /**
     * `sizeof(cpc_target)`.
     */
    uint32_t struct_size;
    /**
     * `CPC_TARGET_PHONE` or `CPC_TARGET_CLIENT`.
     */
    int32_t kind;
    /**
     * The phone or the client id.
     */
    struct cpc_text id;
} cpc_target;

/**
 * What is known of a contact. `present` says which members are there; the others are 0. Instants are milliseconds
 * since 1970, UTC.
 */
typedef struct cpc_contact {
    /**
     * `sizeof(cpc_contact)`.
     */
    uint32_t struct_size;
    /**
     * The state of its gate, a `cpc_gate`.
     */
    int32_t state;
    /**
     * Which members are there: `CPC_HAS_…`.
     */
    uint32_t present;
    /**
     * Why it is suppressed, a `cpc_suppression`.
     */
    int32_t suppression;
    /**
     * Which message of the last cycle was the latest: 0, 1 or 2.
     */
    uint32_t stage;
    /**
     * Which follow-ups are pending: `CPC_PENDING_STAGE_…`.
     */
    uint32_t pending_stages;
    /**
     * The sender of its last cycle, a number that `cpc_engine_sender_id` has the id of.
     */
    uint32_t sender;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * When the answer is as of.
     */
    int64_t at;
    /**
     * The contact key of a phone, as a number; a client has none.
     */
    uint64_t key;
    /**
     * When its last cycle began.
     */
    int64_t since;
    /**
     * `CPC_GATE_BLOCKED`: until when; absent when there is no end.
     */
    int64_t until;
    /**
     * The dispatch of its last cycle.
     */
    uint64_t dispatch;
    /**
     * When it last wrote.
     */
    int64_t last_reply;
} cpc_contact;

/**
 * When the next timers run out. Instants are milliseconds since 1970, UTC.
 */
typedef struct cpc_deadlines {
    /**
     * `sizeof(cpc_deadlines)`.
     */
    uint32_t struct_size;
    /**
     * Which members are there: `CPC_HAS_FOLLOW_UP`, `CPC_HAS_EXPIRY`.
     */
    uint32_t present;
    /**
     * When the answer is as of.
     */
    int64_t at;
    /**
     * When the next follow-up is due; in the past if one is due already.
     */
    int64_t follow_up;
    /**
     * When the next blocked cycle ends.
     */
    int64_t expiry;
} cpc_deadlines;

/**
 * How much an engine holds.
 */
typedef struct cpc_stats {
    /**
     * `sizeof(cpc_stats)`.
     */
    uint32_t struct_size;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * When the answer is as of, in milliseconds since 1970, UTC.
     */
    int64_t at;
    /**
     * Commands applied.
     */
    uint64_t seq;
    /**
     * Dispatches and follow-ups accepted.
     */
    uint64_t dispatches;
    /**
     * Phones that count as contacts.
     */
    uint64_t phones;
    /**
     * Clients that count as contacts.
     */
    uint64_t clients;
    /**
     * Phones that are blocked.
     */
    uint64_t blocked;
    /**
     * Phones and clients that have opted out, forgotten ones included.
     */
    uint64_t opted_out;
    /**
     * Phones with a follow-up pending.
     */
    uint64_t pending_follow_ups;
    /**
     * Wallets.
     */
    uint64_t wallets;
    /**
     * Senders that belong to a wallet.
     */
    uint64_t senders;
} cpc_stats;

/**
 * What to do about an error code of WhatsApp's.
 */
typedef struct cpc_advice {
    /**
     * `sizeof(cpc_advice)`.
     */
    uint32_t struct_size;
    /**
     * `CPC_ADVICE_OPT_OUT`, or 0.
     */
    uint32_t flags;
    /**
     * Whose fault it is, a `cpc_fault`.
     */
    int32_t fault;
    /**
     * What happens to the sender, a `cpc_sender_advice`.
     */
    int32_t sender;
    /**
     * Whether and when the message may be tried again, a `cpc_retry`.
     */
    int32_t retry;
    /**
     * 0.
     */
    uint32_t reserved;
    /**
     * How long the sender rests, in milliseconds; 0 unless `sender` is `CPC_SENDER_ADVICE_HOLD`.
     */
    uint64_t hold_ms;
    /**
     * How long to wait, in milliseconds; 0 unless `retry` is `CPC_RETRY_AFTER`.
     */
    uint64_t retry_after_ms;
} cpc_advice;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The `CPC_ABI_VERSION` that the library was built with.
 */
uint32_t cpc_abi_version(void);

/**
 * The version of the library, a static text that ends with NUL: `CPC_VERSION` if header and library are of the same
 * version.
 */
const char *cpc_version(void);

/**
 * The name of a result, `unknown_wallet`, a static text that ends with NUL; those of refused commands are as in
 * JSON. NULL for a number that is no result.
 */
const char *cpc_result_name(int32_t result);

/**
 * What a result means, in English, for programmers: a static text that ends with NUL. NULL for a number that is no
 * result.
 */
const char *cpc_result_message(int32_t result);

/**
 * The result that a refused command line names, so that both levels have the same numbers: `unknown_wallet`, from
 * `{"error":"unknown_wallet",…}`, is `CPC_ERR_UNKNOWN_WALLET`. `CPC_ERR_REFUSED` for a name that is no result's, such
 * as `unknown_op`, and for NULL.
 */
cpc_result cpc_result_of_name(struct cpc_text name);

/**
 * The name of a status as it is written in JSON, `contact_blocked`: a static text that ends with NUL. NULL for a
 * number that is no status.
 */
const char *cpc_status_name(int32_t status);

/**
 * What a status says to people, in a `cpc_language`: a static text in UTF-8 that ends with NUL. NULL for a number
 * that is no status, or no language.
 */
const char *cpc_status_message(int32_t status,
                               int32_t language);

/**
 * Gives a buffer's memory back and leaves zeros behind, so that freeing it again does nothing. NULL is allowed. No other
 * thread may use the buffer meanwhile.
 */
void cpc_buffer_free(struct cpc_buffer *buffer);

/**
 * Ends an engine and gives its memory back. NULL is allowed and does nothing. Afterwards the handle must not be used
 * any more, by any thread.
 *
 * Returns `CPC_ERR_BUSY`, and frees nothing, while another call on the handle is running.
 */
cpc_result cpc_engine_free(struct cpc_engine *engine);

/**
 * Why the last call on this engine failed: returns its result, `CPC_OK` if it did not. Calls that ended with
 * `CPC_ERR_BUSY` do not count.
 *
 * `field` (may be NULL) gets the member at fault by its name in JSON, or the argument's or member's name in this
 * header; a static text without a NUL, empty if there is none. In a wallet's list of senders it is the sender's own
 * member, `weight`; the message has its place too, `senders[12].weight`. `message` (may be NULL) gets a sentence for
 * people: refusals in the engine's language, misuse of this library in English. Texts never repeat values that were
 * handed in.
 */
cpc_result cpc_engine_error(const struct cpc_engine *engine,
                            struct cpc_text *field,
                            struct cpc_buffer *message);

/**
 * Makes an engine without contacts, with the default policy, and writes its handle to `*engine`. The caller
 * owns it and ends it with `cpc_engine_free`. `language` is a `cpc_language`: that of all texts for people.
 */
cpc_result cpc_engine_new(int32_t language,
                          struct cpc_engine **engine);

/**
 * Makes an engine that no later call can tell from the one that the snapshot was taken of, and writes its handle to
 * `*engine`. The caller owns it. Memory is used in proportion to the bytes, whatever they claim.
 *
 * Also fails with `CPC_ERR_NOT_A_SNAPSHOT` or a `CPC_ERR_SNAPSHOT_…`.
 */
cpc_result cpc_engine_restore(struct cpc_text snapshot,
                              int32_t language,
                              struct cpc_engine **engine);

/**
 * Writes the engine's state to `snapshot`, which it replaces. The same commands lead to the same bytes, on every
 * platform. Takes time and memory in proportion to the contacts.
 */
cpc_result cpc_engine_snapshot(const struct cpc_engine *engine,
                               struct cpc_buffer *snapshot);

/**
 * Writes the engine's digest, as of its clock. It does not depend on how often `cpc_engine_expire` was called, nor on
 * how many commands were applied. Takes time in proportion to the contacts.
 */
cpc_result cpc_engine_digest(const struct cpc_engine *engine,
                             struct cpc_digest *digest);

/**
 * Answers a request `POST /api/messages/massivocpc`: its body in, the body of the response and the HTTP status out.
 *
 * `profile` is a `cpc_profile`. `response` gets a JSON object
 * in the engine's language, which it replaces; `http_status` gets 200, 400, 404, 413, 422 or 503. A body that is
 * wrong in any way has a response that says so; then the call still says `CPC_OK`.
 */
cpc_result cpc_engine_massivocpc(struct cpc_engine *engine,
                                 struct cpc_text body,
                                 int64_t at,
                                 int32_t profile,
                                 struct cpc_buffer *response,
                                 uint16_t *http_status);

/**
 * Carries out one command line, a JSON object such as `{"op":"reply","at":1795435200000,"phone":"5511988876204"}`,
 * and writes its answer, a JSON object without a line end, to `answer`, which it replaces. All commands and queries
 * exist as lines (`LINES.md` of `crates/cpc-wire` has their members); the policy, groups, single senders, imports and
 * explanations only as such.
 *
 * `CPC_OK` does not mean that the line was carried out: one that was not is answered
 * `{"error":…,"message":…,"field":…}`, so look for a leading `{"error":`. `cpc_result_of_name` makes a number of its name.
 */
cpc_result cpc_engine_execute(struct cpc_engine *engine,
                              struct cpc_text line,
                              struct cpc_buffer *answer);

/**
 * Creates a wallet, or replaces its settings and its set of senders. Allocates. `outcome` gets `applied` or `unchanged`.
 *
 * Also fails with `CPC_ERR_INVALID_FIELD` (a member is malformed, or the window is too long for the retention),
 * `CPC_ERR_SENDER_TAKEN` or `CPC_ERR_TOO_MANY`.
 */
cpc_result cpc_engine_set_wallet(struct cpc_engine *engine,
                                 int64_t at,
                                 const struct cpc_wallet *wallet,
                                 struct cpc_outcome *outcome,
                                 struct cpc_applied *applied);

/**
 * Removes a wallet with its senders; pending follow-ups of its dispatches are cancelled. `outcome` gets `applied`.
 *
 * Also fails with `CPC_ERR_UNKNOWN_WALLET`.
 */
cpc_result cpc_engine_remove_wallet(struct cpc_engine *engine,
                                    int64_t at,
                                    struct cpc_text tag,
                                    struct cpc_outcome *outcome,
                                    struct cpc_applied *applied);

/**
 * Changes the state of a sender, and nothing else about it; adds it to the wallet if it is new. `state` is a
 * `cpc_sender_state`. `until` (may be NULL; must be for `CPC_SENDER_READY`) is when the state lapses into ready, in
 * milliseconds since 1970, UTC. `outcome` gets `applied` or `unchanged`.
 *
 * Also fails as `cpc_engine_set_wallet` does, and with `CPC_ERR_UNKNOWN_WALLET`.
 */
cpc_result cpc_engine_set_sender_state(struct cpc_engine *engine,
                                       int64_t at,
                                       struct cpc_text tag,
                                       struct cpc_text id,
                                       int32_t state,
                                       const int64_t *until,
                                       struct cpc_outcome *outcome,
                                       struct cpc_applied *applied);

/**
 * Decides a batch: `outcomes[i]` gets the answer to `messages[i]`. A refused message does not affect the others, unless
 * the batch is atomic. `capacity` is how many outcomes there is room for, at least `batch->count`. Once the engine's
 * buffers have grown, nothing is allocated.
 *
 * Refuses the batch as a whole with `CPC_ERR_CAPACITY`, `CPC_ERR_UNKNOWN_WALLET`, `CPC_ERR_EMPTY_BATCH`,
 * `CPC_ERR_BATCH_TOO_LARGE`, `CPC_ERR_INVALID_FIELD` or `CPC_ERR_TOO_MANY`.
 */
cpc_result cpc_engine_dispatch(struct cpc_engine *engine,
                               int64_t at,
                               const struct cpc_batch *batch,
                               struct cpc_outcome *outcomes,
                               size_t capacity,
                               struct cpc_applied *applied);

/**
 * Answers as `cpc_engine_dispatch` would, and changes nothing. Allocates.
 */
cpc_result cpc_engine_preview(const struct cpc_engine *engine,
                              int64_t at,
                              const struct cpc_batch *batch,
                              struct cpc_outcome *outcomes,
                              size_t capacity);

/**
 * Decides a batch by columns; the same as `cpc_engine_dispatch` of the messages that the rows are. Once the engine's
 * buffers have grown, nothing is allocated.
 */
cpc_result cpc_engine_dispatch_columns(struct cpc_engine *engine,
                                       int64_t at,
                                       const struct cpc_columns *columns,
                                       struct cpc_outcome *outcomes,
                                       size_t capacity,
                                       struct cpc_applied *applied);

/**
 * Records a message that came in from a contact. `outcome` gets `replied`, `stale_reply`, `opted_out` or
 * `invalid_phone`.
 */
cpc_result cpc_engine_reply(struct cpc_engine *engine,
                            int64_t at,
                            const struct cpc_reply *reply,
                            struct cpc_outcome *outcome,
                            struct cpc_applied *applied);

/**
 * Records a delivery report. `outcome` gets `applied`, `moved` (with the new sender, `to`, `send_at`, `blocked_until`),
 * `released`, `kept`, `stale_report` or `unknown_dispatch`.
 */
cpc_result cpc_engine_report(struct cpc_engine *engine,
                             int64_t at,
                             const struct cpc_report *report,
                             struct cpc_outcome *outcome,
                             struct cpc_applied *applied);

/**
 * Asks whether an operator may write to a contact. It is a command: it counts in `seq` and moves the clock. `outcome`
 * gets `allowed`, `manual_start_denied`, `opted_out` or `invalid_phone`.
 *
 * Also fails with `CPC_ERR_INVALID_FIELD` if the operator is blank or too long.
 */
cpc_result cpc_engine_operator_message(struct cpc_engine *engine,
                                       int64_t at,
                                       struct cpc_text phone,
                                       struct cpc_text specialist_code,
                                       struct cpc_outcome *outcome,
                                       struct cpc_applied *applied);

/**
 * Suppresses a contact until it opts in again. `outcome` gets `applied` or `unchanged`.
 *
 * Also fails with `CPC_ERR_INVALID_PHONE`, or `CPC_ERR_INVALID_FIELD` for a client id that is blank or too long.
 */
cpc_result cpc_engine_opt_out(struct cpc_engine *engine,
                              int64_t at,
                              const struct cpc_target *target,
                              struct cpc_outcome *outcome,
                              struct cpc_applied *applied);

/**
 * Lifts an opt-out and, for a phone, `undeliverable`. Outcomes and failures are those of `cpc_engine_opt_out`.
 */
cpc_result cpc_engine_opt_in(struct cpc_engine *engine,
                             int64_t at,
                             const struct cpc_target *target,
                             struct cpc_outcome *outcome,
                             struct cpc_applied *applied);

/**
 * Drops all that is known of a contact; of an opt-out only a keyed hash stays, which still refuses it. Outcomes and
 * failures are those of `cpc_engine_opt_out`.
 */
cpc_result cpc_engine_forget(struct cpc_engine *engine,
                             int64_t at,
                             const struct cpc_target *target,
                             struct cpc_outcome *outcome,
                             struct cpc_applied *applied);

/**
 * Releases the open cycle of a gate. `reason` is why; the engine does not keep it. Outcomes and failures are those of
 * `cpc_engine_opt_out`.
 */
cpc_result cpc_engine_force_unblock(struct cpc_engine *engine,
                                    int64_t at,
                                    const struct cpc_target *target,
                                    struct cpc_text reason,
                                    struct cpc_outcome *outcome,
                                    struct cpc_applied *applied);

/**
 * Sends follow-ups that are due, at most `capacity`; call it when `cpc_engine_next_deadline` says. `outcomes` gets one
 * outcome for each stage taken, in order, and `*count` how many there are. Accepted ones carry `stage`, `origin`,
 * `phone`, and what every accepted message does; others are due again later.
 */
cpc_result cpc_engine_follow_ups(struct cpc_engine *engine,
                                 int64_t at,
                                 struct cpc_outcome *outcomes,
                                 size_t capacity,
                                 size_t *count,
                                 struct cpc_applied *applied);

/**
 * Lists cycles that ended unanswered since the last call, at most `capacity`, and frees memory. It decides nothing: a
 * program that never calls it gets the same answers. `outcomes` gets one outcome for each, with `phone` (the contact
 * key), `dispatch` and `expired_at`, and `*count` how many there are.
 */
cpc_result cpc_engine_expire(struct cpc_engine *engine,
                             int64_t at,
                             struct cpc_outcome *outcomes,
                             size_t capacity,
                             size_t *count,
                             struct cpc_applied *applied);

/**
 * Moves the clock to `at`, however far.
 */
cpc_result cpc_engine_clock(struct cpc_engine *engine,
                            int64_t at,
                            struct cpc_applied *applied);

/**
 * Writes what is known of a contact at `at`. It changes nothing.
 *
 * Also fails with `CPC_ERR_INVALID_PHONE`, or `CPC_ERR_INVALID_FIELD` for a client id that is blank or too long.
 */
cpc_result cpc_engine_contact(const struct cpc_engine *engine,
                              int64_t at,
                              const struct cpc_target *target,
                              struct cpc_contact *contact);

/**
 * Writes when the next follow-up is due and the next cycle ends, as of `at`. It changes nothing.
 */
cpc_result cpc_engine_deadlines(const struct cpc_engine *engine,
                                int64_t at,
                                struct cpc_deadlines *deadlines);

/**
 * Says when to call `cpc_engine_follow_ups` and `cpc_engine_expire` next, at no cost: the earlier of the deadlines as of
 * the engine's clock. `*exists` gets whether there is one, `*deadline` when, in milliseconds since 1970, UTC.
 */
cpc_result cpc_engine_next_deadline(const struct cpc_engine *engine,
                                    bool *exists,
                                    int64_t *deadline);

/**
 * Writes how much the engine holds, as of `at`. It changes nothing. Takes time in proportion to the contacts.
 */
cpc_result cpc_engine_stats(const struct cpc_engine *engine,
                            int64_t at,
                            struct cpc_stats *stats);

/**
 * Writes the id of a sender that an outcome or contact of this engine names to `id`, which it replaces.
 *
 * Also fails with `CPC_ERR_UNKNOWN_SENDER` if the engine has no sender of this number.
 */
cpc_result cpc_engine_sender_id(const struct cpc_engine *engine,
                                uint32_t sender,
                                struct cpc_buffer *id);

/**
 * Whether a message of a contact's asks not to be written to any more: what `CPC_REPLY_OPT_OUT` is to say of it. It does
 * if the whole of it is one of `parar`, `pare`, `sair`, `cancelar`, `stop`, `remover` and `descadastrar`; case, accents,
 * punctuation and symbols do not matter. Allocates. Any thread may call it at any time.
 *
 * Fails with `CPC_ERR_NULL`, `CPC_ERR_ALIGNMENT`, `CPC_ERR_UTF8` or `CPC_ERR_TOO_LARGE`.
 */
cpc_result cpc_is_opt_out(struct cpc_text message,
                          bool *is_opt_out);

/**
 * Whose fault an error code of WhatsApp's is, a `cpc_fault` for the report of a failed delivery: 131026 is
 * `CPC_FAULT_CONTACT`, 131049 is `CPC_FAULT_REQUEST`. Codes that are not known are `CPC_FAULT_AMBIGUOUS`, as the message
 * may have been delivered. `cpc_advice_of_code` says the rest of what a code means. Allocates. Any thread may call it at any time.
 */
int32_t cpc_fault_of_code(uint32_t code);

/**
 * Writes all that an error code of WhatsApp's means: its fault, and what `cpc_engine_whatsapp_commands` does about its
 * sender and its contact. Codes that are not known are `CPC_FAULT_AMBIGUOUS` and nothing more. Allocates. Any thread may
 * call it at any time.
 *
 * Fails with `CPC_ERR_NULL`, `CPC_ERR_ALIGNMENT` or `CPC_ERR_STRUCT_SIZE`.
 */
cpc_result cpc_advice_of_code(uint32_t code,
                              struct cpc_advice *advice);

/**
 * Takes a notification of the WhatsApp Cloud API apart into events, the body of its webhook as it came. `events`, which
 * it replaces, gets them as JSON objects in their order, each with a line end after it. Hand them to
 * `cpc_engine_whatsapp_commands`, one after the other. The webhook's signature is for the caller to check, before.
 *
 * What cannot be read within a notification is an event too, which is ignored. Any thread may call it at any time.
 *
 * Fails with `CPC_ERR_INVALID_FIELD` if it is no JSON object, or with `CPC_ERR_NULL`, `CPC_ERR_ALIGNMENT`,
 * `CPC_ERR_TOO_LARGE` or `CPC_ERR_PANIC`.
 */
cpc_result cpc_whatsapp_events(struct cpc_text notification,
                               struct cpc_buffer *events);

/**
 * Writes the command lines that an event leads to as the engine stands at `at`, in milliseconds since 1970, UTC. It
 * changes nothing: write the lines to the log as one entry, if there is one, and carry each out with
 * `cpc_engine_execute`, before the next event is asked about.
 *
 * `event` is a line of `cpc_whatsapp_events`, or made by the caller: `{"message":{"phone":…,"text":…}}` is a message,
 * `{"optOut":{"phone":…}}` a wish, and `{"status":{"dispatch":17,"status":"failed","code":131048,"sender":…}}` a delivery
 * status. A status of WhatsApp's names its dispatch in `messageId`, which is what `biz_opaque_callback_data` was set to
 * when the message went out: the dispatch's number, `17`, or number and sender id, `17:5514990000001`. Who sets it to
 * something else adds the members `dispatch`, `sender` and `phone` (README of `crates/cpc-whatsapp`).
 *
 * `commands`, which it replaces, gets JSON objects, each with a line end after it. `ignored` (may be NULL) gets why the
 * event leads to none: a static text without a NUL, such as `reaction`; empty if there are commands.
 *
 * Fails with `CPC_ERR_INVALID_FIELD` if it is no event, or with `CPC_ERR_NULL`, `CPC_ERR_ALIGNMENT`,
 * `CPC_ERR_TOO_LARGE`, `CPC_ERR_BUSY`, `CPC_ERR_POISONED` or `CPC_ERR_PANIC`.
 */
cpc_result cpc_engine_whatsapp_commands(const struct cpc_engine *engine,
                                        struct cpc_text event,
                                        int64_t at,
                                        struct cpc_buffer *commands,
                                        struct cpc_text *ignored);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CPC_H */
