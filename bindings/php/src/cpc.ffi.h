enum cpc_result
 {
    CPC_OK = 0,
    CPC_ERR_NULL = -1,
    CPC_ERR_ALIGNMENT = -2,
    CPC_ERR_STRUCT_SIZE = -3,
    CPC_ERR_UNKNOWN_VALUE = -4,
    CPC_ERR_UTF8 = -5,
    CPC_ERR_CAPACITY = -6,
    CPC_ERR_TOO_LARGE = -7,
    CPC_ERR_BUSY = -8,
    CPC_ERR_POISONED = -9,
    CPC_ERR_PANIC = -10,
    CPC_ERR_TIMESTAMP_OUT_OF_RANGE = -20,
    CPC_ERR_CLOCK_JUMP = -21,
    CPC_ERR_UNKNOWN_WALLET = -22,
    CPC_ERR_UNKNOWN_SENDER = -23,
    CPC_ERR_SENDER_TAKEN = -24,
    CPC_ERR_EMPTY_BATCH = -25,
    CPC_ERR_BATCH_TOO_LARGE = -26,
    CPC_ERR_INVALID_FIELD = -27,
    CPC_ERR_INVALID_PHONE = -28,
    CPC_ERR_INVALID_POLICY = -29,
    CPC_ERR_TOO_MANY = -30,
    CPC_ERR_REFUSED = -31,
    CPC_ERR_NOT_A_SNAPSHOT = -40,
    CPC_ERR_SNAPSHOT_VERSION = -41,
    CPC_ERR_SNAPSHOT_TRUNCATED = -42,
    CPC_ERR_SNAPSHOT_DAMAGED = -43,
    CPC_ERR_SNAPSHOT_TRAILING_BYTES = -44,
};
typedef int32_t cpc_result;
enum cpc_status
 {
    CPC_STATUS_ACCEPTED = 0,
    CPC_STATUS_INVALID_PHONE = 10,
    CPC_STATUS_INVALID_FIELD = 11,
    CPC_STATUS_CLOSE_TICKET_REQUIRED = 12,
    CPC_STATUS_EMPTY_TEMPLATE = 13,
    CPC_STATUS_OPTED_OUT = 20,
    CPC_STATUS_UNDELIVERABLE = 21,
    CPC_STATUS_DUPLICATE_IN_BATCH = 30,
    CPC_STATUS_ALREADY_ACCEPTED = 31,
    CPC_STATUS_CONTACT_BLOCKED = 40,
    CPC_STATUS_OUT_OF_HOURS = 50,
    CPC_STATUS_UNKNOWN_OPERATOR = 60,
    CPC_STATUS_NO_SENDER_AVAILABLE = 70,
    CPC_STATUS_CONTACTS_FULL = 80,
    CPC_STATUS_NOT_ATTEMPTED = 90,
    CPC_STATUS_APPLIED = 100,
    CPC_STATUS_UNCHANGED = 101,
    CPC_STATUS_REPLIED = 110,
    CPC_STATUS_STALE_REPLY = 111,
    CPC_STATUS_MOVED = 120,
    CPC_STATUS_RELEASED = 121,
    CPC_STATUS_KEPT = 122,
    CPC_STATUS_STALE_REPORT = 123,
    CPC_STATUS_UNKNOWN_DISPATCH = 124,
    CPC_STATUS_ALLOWED = 130,
    CPC_STATUS_MANUAL_START_DENIED = 131,
    CPC_STATUS_EXPIRED = 140,
};
typedef int32_t cpc_status;
enum cpc_language
 {
    CPC_LANGUAGE_PT_BR = 1,
    CPC_LANGUAGE_EN = 2,
};
typedef int32_t cpc_language;
enum cpc_profile
 {
    CPC_PROFILE_FULL = 1,
    CPC_PROFILE_SPEC = 2,
};
typedef int32_t cpc_profile;
enum cpc_delivery
 {
    CPC_DELIVERY_SENT = 1,
    CPC_DELIVERY_DELIVERED = 2,
    CPC_DELIVERY_READ = 3,
    CPC_DELIVERY_FAILED = 4,
};
typedef int32_t cpc_delivery;
enum cpc_fault
 {
    CPC_FAULT_NONE = 0,
    CPC_FAULT_CONTACT = 1,
    CPC_FAULT_SENDER = 2,
    CPC_FAULT_REQUEST = 3,
    CPC_FAULT_AMBIGUOUS = 4,
};
typedef int32_t cpc_fault;
enum cpc_gate
 {
    CPC_GATE_FREE = 0,
    CPC_GATE_BLOCKED = 1,
    CPC_GATE_EXPIRED = 2,
    CPC_GATE_REPLIED = 3,
    CPC_GATE_SUPPRESSED = 4,
};
typedef int32_t cpc_gate;
enum cpc_suppression
 {
    CPC_SUPPRESSION_NONE = 0,
    CPC_SUPPRESSION_OPTED_OUT = 1,
    CPC_SUPPRESSION_UNDELIVERABLE = 2,
};
typedef int32_t cpc_suppression;
enum cpc_sender_state
 {
    CPC_SENDER_READY = 0,
    CPC_SENDER_PAUSED = 1,
    CPC_SENDER_EXISTING_ONLY = 2,
    CPC_SENDER_QUARANTINED = 3,
    CPC_SENDER_DISABLED = 4,
};
typedef int32_t cpc_sender_state;
enum cpc_sender_advice
 {
    CPC_SENDER_ADVICE_NONE = 0,
    CPC_SENDER_ADVICE_HOLD = 1,
    CPC_SENDER_ADVICE_EXISTING_ONLY = 2,
    CPC_SENDER_ADVICE_DISABLE = 3,
    CPC_SENDER_ADVICE_DISABLE_GROUP = 4,
};
typedef int32_t cpc_sender_advice;
enum cpc_retry
 {
    CPC_RETRY_AS_DECIDED = 0,
    CPC_RETRY_AFTER = 1,
    CPC_RETRY_BACK_OFF = 2,
    CPC_RETRY_AS_TEMPLATE = 3,
    CPC_RETRY_NEVER = 4,
};
typedef int32_t cpc_retry;
typedef struct cpc_engine cpc_engine;
typedef struct cpc_text {
    const char *data;
    size_t length;
} cpc_text;
typedef struct cpc_buffer {
    char *data;
    size_t length;
    size_t capacity;
} cpc_buffer;
typedef struct cpc_digest {
    uint64_t high;
    uint64_t low;
} cpc_digest;
typedef struct cpc_sender {
    uint32_t struct_size;
    uint32_t flags;
    struct cpc_text id;
    uint32_t weight;
    uint32_t daily_limit;
    uint32_t per_second;
    uint32_t burst;
    struct cpc_text group;
    const struct cpc_text *operators;
    size_t operator_count;
} cpc_sender;
typedef struct cpc_wallet {
    uint32_t struct_size;
    uint32_t flags;
    struct cpc_text tag;
    uint64_t window_ms;
    const struct cpc_text *operators;
    size_t operator_count;
    const struct cpc_sender *senders;
    size_t sender_count;
} cpc_wallet;
typedef struct cpc_outcome {
    uint32_t struct_size;
    int32_t status;
    uint32_t present;
    uint32_t stage;
    uint32_t first_index;
    uint32_t sender;
    uint64_t phone;
    uint64_t dispatch;
    uint64_t origin;
    uint64_t to;
    int64_t send_at;
    int64_t blocked_until;
    int64_t retry_at;
    int64_t expired_at;
    struct cpc_text field;
} cpc_outcome;
typedef struct cpc_applied {
    uint32_t struct_size;
    uint32_t reserved;
    int64_t effective_at;
    uint64_t seq;
} cpc_applied;
typedef struct cpc_message {
    uint32_t struct_size;
    uint32_t flags;
    uint64_t id_message;
    struct cpc_text phone;
    struct cpc_text client_id;
    struct cpc_text contract;
    struct cpc_text specialist_code;
    struct cpc_text main_template;
    struct cpc_text retry_template;
    struct cpc_text last_template;
} cpc_message;
typedef struct cpc_batch {
    uint32_t struct_size;
    uint32_t flags;
    struct cpc_text campaign;
    struct cpc_text id_account;
    struct cpc_text tag;
    const struct cpc_message *messages;
    size_t count;
} cpc_batch;
typedef struct cpc_number_column {
    const uint64_t *data;
    size_t stride;
} cpc_number_column;
typedef struct cpc_text_column {
    const char *data;
    size_t width;
    size_t stride;
} cpc_text_column;
typedef struct cpc_columns {
    uint32_t struct_size;
    uint32_t flags;
    struct cpc_text campaign;
    struct cpc_text id_account;
    struct cpc_text tag;
    struct cpc_text specialist_code;
    struct cpc_text main_template;
    struct cpc_text retry_template;
    struct cpc_text last_template;
    size_t count;
    struct cpc_number_column phones;
    struct cpc_number_column id_messages;
    struct cpc_text_column client_ids;
    struct cpc_text_column contracts;
} cpc_columns;
typedef struct cpc_reply {
    uint32_t struct_size;
    uint32_t flags;
    struct cpc_text phone;
    int64_t received_at;
} cpc_reply;
typedef struct cpc_report {
    uint32_t struct_size;
    int32_t delivery;
    int32_t fault;
    uint32_t reserved;
    uint64_t dispatch;
    struct cpc_text sender;
} cpc_report;
typedef struct cpc_target {
    uint32_t struct_size;
    int32_t kind;
    struct cpc_text id;
} cpc_target;
typedef struct cpc_contact {
    uint32_t struct_size;
    int32_t state;
    uint32_t present;
    int32_t suppression;
    uint32_t stage;
    uint32_t pending_stages;
    uint32_t sender;
    uint32_t reserved;
    int64_t at;
    uint64_t key;
    int64_t since;
    int64_t until;
    uint64_t dispatch;
    int64_t last_reply;
} cpc_contact;
typedef struct cpc_deadlines {
    uint32_t struct_size;
    uint32_t present;
    int64_t at;
    int64_t follow_up;
    int64_t expiry;
} cpc_deadlines;
typedef struct cpc_stats {
    uint32_t struct_size;
    uint32_t reserved;
    int64_t at;
    uint64_t seq;
    uint64_t dispatches;
    uint64_t phones;
    uint64_t clients;
    uint64_t blocked;
    uint64_t opted_out;
    uint64_t pending_follow_ups;
    uint64_t wallets;
    uint64_t senders;
} cpc_stats;
typedef struct cpc_advice {
    uint32_t struct_size;
    uint32_t flags;
    int32_t fault;
    int32_t sender;
    int32_t retry;
    uint32_t reserved;
    uint64_t hold_ms;
    uint64_t retry_after_ms;
} cpc_advice;
uint32_t cpc_abi_version(void);
const char *cpc_version(void);
const char *cpc_result_name(int32_t result);
const char *cpc_result_message(int32_t result);
cpc_result cpc_result_of_name(struct cpc_text name);
const char *cpc_status_name(int32_t status);
const char *cpc_status_message(int32_t status,
                               int32_t language);
void cpc_buffer_free(struct cpc_buffer *buffer);
cpc_result cpc_engine_free(struct cpc_engine *engine);
cpc_result cpc_engine_error(const struct cpc_engine *engine,
                            struct cpc_text *field,
                            struct cpc_buffer *message);
cpc_result cpc_engine_new(int32_t language,
                          struct cpc_engine **engine);
cpc_result cpc_engine_restore(struct cpc_text snapshot,
                              int32_t language,
                              struct cpc_engine **engine);
cpc_result cpc_engine_snapshot(const struct cpc_engine *engine,
                               struct cpc_buffer *snapshot);
cpc_result cpc_engine_digest(const struct cpc_engine *engine,
                             struct cpc_digest *digest);
cpc_result cpc_engine_massivocpc(struct cpc_engine *engine,
                                 struct cpc_text body,
                                 int64_t at,
                                 int32_t profile,
                                 struct cpc_buffer *response,
                                 uint16_t *http_status);
cpc_result cpc_engine_execute(struct cpc_engine *engine,
                              struct cpc_text line,
                              struct cpc_buffer *answer);
cpc_result cpc_engine_set_wallet(struct cpc_engine *engine,
                                 int64_t at,
                                 const struct cpc_wallet *wallet,
                                 struct cpc_outcome *outcome,
                                 struct cpc_applied *applied);
cpc_result cpc_engine_remove_wallet(struct cpc_engine *engine,
                                    int64_t at,
                                    struct cpc_text tag,
                                    struct cpc_outcome *outcome,
                                    struct cpc_applied *applied);
cpc_result cpc_engine_set_sender_state(struct cpc_engine *engine,
                                       int64_t at,
                                       struct cpc_text tag,
                                       struct cpc_text id,
                                       int32_t state,
                                       const int64_t *until,
                                       struct cpc_outcome *outcome,
                                       struct cpc_applied *applied);
cpc_result cpc_engine_dispatch(struct cpc_engine *engine,
                               int64_t at,
                               const struct cpc_batch *batch,
                               struct cpc_outcome *outcomes,
                               size_t capacity,
                               struct cpc_applied *applied);
cpc_result cpc_engine_preview(const struct cpc_engine *engine,
                              int64_t at,
                              const struct cpc_batch *batch,
                              struct cpc_outcome *outcomes,
                              size_t capacity);
cpc_result cpc_engine_dispatch_columns(struct cpc_engine *engine,
                                       int64_t at,
                                       const struct cpc_columns *columns,
                                       struct cpc_outcome *outcomes,
                                       size_t capacity,
                                       struct cpc_applied *applied);
cpc_result cpc_engine_reply(struct cpc_engine *engine,
                            int64_t at,
                            const struct cpc_reply *reply,
                            struct cpc_outcome *outcome,
                            struct cpc_applied *applied);
cpc_result cpc_engine_report(struct cpc_engine *engine,
                             int64_t at,
                             const struct cpc_report *report,
                             struct cpc_outcome *outcome,
                             struct cpc_applied *applied);
cpc_result cpc_engine_operator_message(struct cpc_engine *engine,
                                       int64_t at,
                                       struct cpc_text phone,
                                       struct cpc_text specialist_code,
                                       struct cpc_outcome *outcome,
                                       struct cpc_applied *applied);
cpc_result cpc_engine_opt_out(struct cpc_engine *engine,
                              int64_t at,
                              const struct cpc_target *target,
                              struct cpc_outcome *outcome,
                              struct cpc_applied *applied);
cpc_result cpc_engine_opt_in(struct cpc_engine *engine,
                             int64_t at,
                             const struct cpc_target *target,
                             struct cpc_outcome *outcome,
                             struct cpc_applied *applied);
cpc_result cpc_engine_forget(struct cpc_engine *engine,
                             int64_t at,
                             const struct cpc_target *target,
                             struct cpc_outcome *outcome,
                             struct cpc_applied *applied);
cpc_result cpc_engine_force_unblock(struct cpc_engine *engine,
                                    int64_t at,
                                    const struct cpc_target *target,
                                    struct cpc_text reason,
                                    struct cpc_outcome *outcome,
                                    struct cpc_applied *applied);
cpc_result cpc_engine_follow_ups(struct cpc_engine *engine,
                                 int64_t at,
                                 struct cpc_outcome *outcomes,
                                 size_t capacity,
                                 size_t *count,
                                 struct cpc_applied *applied);
cpc_result cpc_engine_expire(struct cpc_engine *engine,
                             int64_t at,
                             struct cpc_outcome *outcomes,
                             size_t capacity,
                             size_t *count,
                             struct cpc_applied *applied);
cpc_result cpc_engine_clock(struct cpc_engine *engine,
                            int64_t at,
                            struct cpc_applied *applied);
cpc_result cpc_engine_contact(const struct cpc_engine *engine,
                              int64_t at,
                              const struct cpc_target *target,
                              struct cpc_contact *contact);
cpc_result cpc_engine_deadlines(const struct cpc_engine *engine,
                                int64_t at,
                                struct cpc_deadlines *deadlines);
cpc_result cpc_engine_next_deadline(const struct cpc_engine *engine,
                                    bool *exists,
                                    int64_t *deadline);
cpc_result cpc_engine_stats(const struct cpc_engine *engine,
                            int64_t at,
                            struct cpc_stats *stats);
cpc_result cpc_engine_sender_id(const struct cpc_engine *engine,
                                uint32_t sender,
                                struct cpc_buffer *id);
cpc_result cpc_is_opt_out(struct cpc_text message,
                          bool *is_opt_out);
int32_t cpc_fault_of_code(uint32_t code);
cpc_result cpc_advice_of_code(uint32_t code,
                              struct cpc_advice *advice);
cpc_result cpc_whatsapp_events(struct cpc_text notification,
                               struct cpc_buffer *events);
cpc_result cpc_engine_whatsapp_commands(const struct cpc_engine *engine,
                                        struct cpc_text event,
                                        int64_t at,
                                        struct cpc_buffer *commands,
                                        struct cpc_text *ignored);
