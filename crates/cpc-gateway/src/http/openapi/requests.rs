//! The schemas of requests.

use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, SchemaType};
use utoipa::openapi::{Object, ObjectBuilder, Type};

/// An instant, or `null`.
fn instant() -> Object {
    let types = SchemaType::from_iter([Type::Integer, Type::String, Type::Null]);
    let described = "Milliseconds since 1970, or RFC 3339.";
    ObjectBuilder::new().schema_type(types).description(Some(described)).build()
}

/// A message that came in.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct Reply {
    phone: String,
    #[schema(schema_with = instant, required = false)]
    received_at: i64,
    /// It asks not to be written to any more.
    opt_out: Option<bool>,
    /// Looked at for words that are opt-outs, and not kept.
    text: Option<String>,
}

/// How a delivery ended or stands.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
enum Delivery {
    Sent,
    Delivered,
    Read,
    Failed,
}

/// What a failed delivery is attributed to.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
enum Blame {
    Contact,
    Sender,
    Request,
    Ambiguous,
}

/// A delivery report.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct Report {
    dispatch: u64,
    status: Delivery,
    /// Of a failure; `ambiguous` if absent.
    fault: Option<Blame>,
    /// Of a failure without a fault: WhatsApp's error code, which says what to do.
    error_code: Option<u32>,
    /// Of an error code by which a number is locked for new chats (463): until when. Without it, the number stays
    /// `existingOnly` until someone makes it `ready`.
    #[schema(schema_with = instant, required = false)]
    until: i64,
    /// The sender it is about, if the message may have moved to another since. A report that is repeated must name it:
    /// otherwise it is one of the sender that the message has moved to.
    sender: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct OperatorMessage {
    phone: String,
    specialist_code: String,
}

/// Either of the two.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct Target {
    phone: Option<String>,
    client_id: Option<String>,
}

/// Either of the first two.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct Unblock {
    phone: Option<String>,
    client_id: Option<String>,
    /// For the log.
    reason: Option<String>,
}

#[derive(ToSchema)]
pub(super) struct Import {
    contacts: Vec<ImportedContact>,
}

/// A contact as another system knew it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct ImportedContact {
    phone: String,
    client_id: Option<String>,
    /// When its last cycle began.
    #[schema(schema_with = instant, required = false)]
    t0: i64,
    #[schema(schema_with = instant, required = false)]
    replied_at: i64,
    /// The number it was last written to from.
    sender: Option<String>,
    opted_out: Option<bool>,
}

/// The name of an operation. The last nine are questions, and change nothing; so is a `wallet` without its `senders`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
enum OpName {
    Policy,
    Wallet,
    Sender,
    Group,
    Dispatch,
    Reply,
    Report,
    OperatorMessage,
    FollowUps,
    Expire,
    Clock,
    OptOut,
    OptIn,
    Forget,
    ForceUnblock,
    Import,
    Contact,
    Preview,
    Explain,
    DueFollowUps,
    Sendable,
    Deadline,
    Digest,
    Stats,
}

/// `op`, and the members of that operation; there is no `at`: the gateway says when.
#[derive(ToSchema)]
pub(super) struct CommandLine {
    op: OpName,
}

/// Which gates a new contact must find open.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
enum Gate {
    PhoneOrClient,
    Phone,
    Client,
}

/// Whether a contact keeps its sender.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
enum Sticky {
    Prefer,
    Require,
    Off,
}

/// Whether an operator's messages go out from the senders that list the operator.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
enum OperatorAffinity {
    Prefer,
    Require,
    Ignore,
}

/// What a blank `mainTemplate` leads to.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
enum EmptyTemplate {
    Warn,
    Reject,
}

/// Which members a message must have.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
enum Profile {
    Standard,
    Strict,
}

/// All rules that can be chosen. It is replaced as a whole: a member that is not named, or is `null`, goes back to its
/// default. `hashKey` is the gateway's own, and refused here.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    /// How long a contact is left alone; 24 h.
    window_ms: Option<u64>,
    /// `phoneOrClient` if absent.
    gate: Option<Gate>,
    /// `prefer` if absent.
    sticky: Option<Sticky>,
    /// `prefer` if absent.
    operator_affinity: Option<OperatorAffinity>,
    /// `warn` if absent.
    empty_template: Option<EmptyTemplate>,
    /// `standard` if absent; `strict` wants every member that the customer's document requires.
    profile: Option<Profile>,
    /// Prefixes of the countries that may be contacted, or `["*"]`; `["55"]`.
    countries: Option<Vec<String>>,
    /// How far a command may be ahead of the last one; 30 days.
    max_clock_jump_ms: Option<u64>,
    /// How much older than its cycle a reply may seem; 1 s.
    reply_skew_ms: Option<u64>,
    /// How long a contact is remembered; 30 days.
    retention_ms: Option<u64>,
    /// The most messages of a batch; 100 000.
    max_batch: Option<u64>,
    /// The most phones and clients; 50 000 000.
    max_contacts: Option<u64>,
    /// The longest that a sender's pace may put a message off; 1 h.
    max_delay_ms: Option<u64>,
    /// When a follow-up that cannot go is due again, if nothing better is known; 15 min.
    follow_up_retry_ms: Option<u64>,
    /// Whether a contact that stays silent to the last follow-up is blocked for good; `false`.
    final_block: Option<bool>,
    /// How long delivery reports count; 48 h.
    report_ttl_ms: Option<u64>,
    /// How often a dispatch may move to another sender; 2.
    max_failover: Option<u64>,
    /// How long a failed sender rests; 1 h.
    sender_hold_ms: Option<u64>,
    /// How long operators may write after a reply; 24 h.
    service_window_ms: Option<u64>,
    /// None if absent.
    hours: Option<ContactHours>,
}

/// When contacts may be made, in local time: a preset, a week, or a preset of which some days are others.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[serde(deny_unknown_fields)]
struct ContactHours {
    preset: Option<Preset>,
    /// Of places without an offset of their own.
    utc_offset_minutes: Option<i64>,
    #[schema(schema_with = ddd_offsets, required = false)]
    ddd_offsets: String,
    week: Option<Week>,
    /// `2026-12-25`
    closed_dates: Option<Vec<String>>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
enum Preset {
    BrConservador,
}

fn ddd_offsets() -> Object {
    let minutes = ObjectBuilder::new().schema_type(Type::Integer);
    let types = SchemaType::from_iter([Type::Object, Type::Null]);
    let described = "Offsets in minutes by area code: `{\"92\":-240}`.";
    let offsets = ObjectBuilder::new().schema_type(types).additional_properties(Some(minutes));
    offsets.description(Some(described)).build()
}

/// The hours of each day; one that is empty or, without a preset, absent is closed.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct Week {
    #[schema(schema_with = spans, required = false)]
    mon: String,
    #[schema(schema_with = spans, required = false)]
    tue: String,
    #[schema(schema_with = spans, required = false)]
    wed: String,
    #[schema(schema_with = spans, required = false)]
    thu: String,
    #[schema(schema_with = spans, required = false)]
    fri: String,
    #[schema(schema_with = spans, required = false)]
    sat: String,
    #[schema(schema_with = spans, required = false)]
    sun: String,
}

/// From when to when: `[["09:00","18:00"]]`.
fn spans() -> Array {
    let clock = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9]{2}:[0-9]{2}$"));
    let mut span = Array::new(clock);
    (span.min_items, span.max_items) = (Some(2), Some(2));
    let mut spans = Array::new(span);
    spans.schema_type = SchemaType::from_iter([Type::Array, Type::Null]);
    spans.description = Some(String::from("From when to when: `[[\"09:00\",\"18:00\"]]`."));
    spans
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct Group {
    /// The most dispatches of all its senders in any 24 h; none if absent.
    daily_limit: Option<u32>,
}

/// All settings of a wallet.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct Wallet {
    senders: Vec<NewSender>,
    /// In the place of the policy's.
    window_ms: Option<u64>,
    /// Who may write from it; everybody if absent.
    operators: Option<Vec<String>>,
}

/// All settings of a sender: what is not named goes back to its default.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct NewSender {
    /// Usually its number. No other wallet has a sender of the same.
    id: String,
    /// Its share of the wallet's dispatches; 1.
    weight: Option<u32>,
    /// The most dispatches in any 24 h.
    daily_limit: Option<u32>,
    /// Its pace, messages a second on average.
    per_second: Option<u32>,
    /// Messages at once; 1. Needs `perSecond`.
    burst: Option<u32>,
    /// The operators it is kept for.
    operators: Option<Vec<String>>,
    /// The group whose limit it shares.
    group: Option<String>,
}

/// Whether a sender serves. One that is `existingOnly` serves only contacts that it served last; `quarantined` is what failures
/// lead to.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) enum SenderState {
    Ready,
    Paused,
    ExistingOnly,
    Quarantined,
    Disabled,
}

/// What changes about a sender: a member that is absent stays as it is, `null` goes back to its default.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct Sender {
    state: Option<SenderState>,
    /// When the state lapses into `ready`. Needs `state`.
    #[schema(schema_with = instant, required = false)]
    until: i64,
    weight: Option<u32>,
    daily_limit: Option<u32>,
    per_second: Option<u32>,
    /// Needs `perSecond`.
    burst: Option<u32>,
    operators: Option<Vec<String>>,
    group: Option<String>,
}
