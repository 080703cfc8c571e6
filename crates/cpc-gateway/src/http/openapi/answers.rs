//! The schemas of responses. Optional fields are absent, never `null`. Times are milliseconds since 1970.

use super::requests::SenderState;
use cpc_core::Status;
use utoipa::ToSchema;
use utoipa::openapi::{Object, ObjectBuilder, Type};

fn status_name() -> Object {
    let names = Status::ALL.into_iter().map(Status::name);
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()
}

/// The number as posted, even if it is not a valid one.
fn number_as_posted() -> Object {
    let types = [Type::Number, Type::String].into_iter().collect::<utoipa::openapi::schema::SchemaType>();
    ObjectBuilder::new().schema_type(types).description(Some("As posted.")).build()
}

/// The reply to a command.
#[derive(ToSchema)]
pub(super) struct CommandAnswer {
    /// How many commands have been applied.
    seq: u64,
    /// When it took effect.
    at: u64,
    /// One for every item of the command.
    outcomes: Vec<Outcome>,
}

/// The outcome of one item. Which fields it has besides the first two depends on its status.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Outcome {
    #[schema(schema_with = status_name)]
    status: String,
    /// The number of the status.
    code: u8,
    /// As posted, or else the contact's key.
    #[schema(required = false)]
    phone: String,
    /// The member at fault.
    #[schema(required = false)]
    field: String,
    #[schema(required = false)]
    warnings: Vec<Warning>,
    /// Which message of the batch has the same contact, counted from 0.
    #[schema(required = false)]
    first_index: u32,
    #[schema(required = false)]
    dispatch: u64,
    #[schema(required = false)]
    sender: String,
    /// The number to send to.
    #[schema(required = false)]
    to: String,
    #[schema(required = false)]
    send_at: u64,
    #[schema(required = false)]
    blocked_until: u64,
    /// 0, or 1 or 2 of a follow-up.
    #[schema(required = false)]
    stage: u8,
    /// The dispatch that is followed up.
    #[schema(required = false)]
    origin: u64,
    /// When asking again could help.
    #[schema(required = false)]
    retry_at: u64,
    #[schema(required = false)]
    expired_at: u64,
    /// Why not, for people.
    #[schema(required = false)]
    reason: String,
}

#[derive(ToSchema)]
enum Warning {
    #[schema(rename = "empty_template")]
    EmptyTemplate,
}

/// The answer to any line.
#[derive(ToSchema)]
#[serde(untagged)]
pub(super) enum LineAnswer {
    Command(CommandAnswer),
    Contact(ContactAnswer),
    Wallet(WalletAnswer),
    Preview(PreviewAnswer),
    Explain(ExplainAnswer),
    FollowUps(FollowUps),
    Sendable(SendableAnswer),
    Deadline(DeadlineAnswer),
    Digest(DigestAnswer),
    Stats(StatsAnswer),
}

/// Why a request failed.
#[derive(ToSchema)]
pub(super) struct Failure {
    /// For programs.
    error: String,
    /// For people.
    message: String,
    /// The member at fault.
    #[schema(required = false)]
    field: String,
}

/// What a notification of WhatsApp's led to.
#[derive(ToSchema)]
pub(super) struct Notified {
    outcomes: Vec<String>,
    unmatched: u32,
}

/// Tags, in alphabetical order.
#[derive(ToSchema)]
pub(super) struct Wallets {
    wallets: Vec<String>,
}

#[derive(ToSchema)]
pub(super) struct WalletAnswer {
    at: u64,
    wallet: WalletView,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct WalletView {
    tag: String,
    #[schema(required = false)]
    window_ms: u64,
    #[schema(required = false)]
    operators: Vec<String>,
    /// In the order in which they were added.
    senders: Vec<SenderView>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct SenderView {
    id: String,
    state: SenderState,
    /// When the state lapses into `ready`.
    #[schema(required = false)]
    until: u64,
    weight: u32,
    /// Its dispatches in the last 24 h.
    usage: u64,
    #[schema(required = false)]
    daily_limit: u32,
    #[schema(required = false)]
    per_second: u32,
    #[schema(required = false)]
    burst: u32,
    #[schema(required = false)]
    operators: Vec<String>,
    #[schema(required = false)]
    group: GroupView,
}

/// The group whose limit a sender shares.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct GroupView {
    name: String,
    /// The dispatches of all its senders in the last 24 h.
    usage: u64,
    #[schema(required = false)]
    daily_limit: u32,
}

#[derive(ToSchema)]
pub(super) struct ContactAnswer {
    at: u64,
    contact: ContactView,
    /// Where a wallet and an operator were named.
    #[schema(required = false)]
    explanation: Explanation,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
enum ContactState {
    Free,
    Blocked,
    Expired,
    Replied,
    Suppressed,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
enum Suppression {
    OptedOut,
    Undeliverable,
}

/// What is known of a contact.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct ContactView {
    /// The contact's key, or the client's id.
    key: String,
    state: ContactState,
    /// When its last cycle began.
    #[schema(required = false)]
    since: u64,
    /// Until when it is blocked; absent if that has no end.
    #[schema(required = false)]
    until: u64,
    #[schema(required = false)]
    dispatch: u64,
    /// Its last sender.
    #[schema(required = false)]
    sender: String,
    #[schema(required = false)]
    stage: u8,
    #[schema(required = false)]
    last_reply: u64,
    /// The follow-ups that are still to come: 1, 2.
    #[schema(required = false)]
    pending_stages: Vec<u8>,
    #[schema(required = false)]
    suppression: Suppression,
}

/// Which rule decides about a contact, from which facts, and what would lift it.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Explanation {
    #[schema(schema_with = status_name)]
    status: String,
    code: u8,
    #[schema(required = false)]
    field: String,
    #[schema(required = false)]
    retry_at: u64,
    /// Why not, for people.
    #[schema(required = false)]
    reason: String,
    /// What would lift it, for people.
    #[schema(required = false)]
    message: String,
    #[schema(required = false)]
    phone: ContactView,
    #[schema(required = false)]
    client: ContactView,
    /// Of each sender of the wallet, whether it could serve.
    senders: Vec<SenderVerdict>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct SenderVerdict {
    id: String,
    eligible: bool,
    /// When it would send.
    #[schema(required = false)]
    send_at: u64,
    /// Why it cannot serve now.
    #[schema(required = false)]
    obstacles: Vec<ObstacleName>,
    #[schema(required = false)]
    eligible_at: u64,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
enum ObstacleName {
    State,
    DailyLimit,
    GroupLimit,
    Pace,
    NotLastSender,
    Operator,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct FollowUps {
    at: u64,
    follow_ups: Vec<FollowUp>,
}

/// A follow-up that is due.
#[derive(ToSchema)]
struct FollowUp {
    phone: String,
    /// 1 or 2.
    stage: u8,
    /// The dispatch that is followed up.
    #[schema(required = false)]
    origin: u64,
    /// When it became due.
    due: u64,
}

/// What would become of a batch.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewAnswer {
    at: u64,
    outcomes: Vec<Outcome>,
}

#[derive(ToSchema)]
pub(super) struct ExplainAnswer {
    at: u64,
    explanation: Explanation,
}

#[derive(ToSchema)]
pub(super) struct SendableAnswer {
    at: u64,
    sendable: bool,
    /// When contact hours begin, if only they stand against it.
    retry_at: Option<u64>,
}

/// When something happens next by itself.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[serde(deny_unknown_fields)]
pub(super) struct DeadlineAnswer {
    at: u64,
    /// When the next follow-up is due.
    #[schema(required = false)]
    follow_up: u64,
    /// When the next open cycle ends.
    #[schema(required = false)]
    expiry: u64,
}

#[derive(ToSchema)]
pub(super) struct DigestAnswer {
    at: u64,
    /// 32 hexadecimal digits.
    digest: String,
}

#[derive(ToSchema)]
pub(super) struct StatsAnswer {
    at: u64,
    stats: Stats,
}

/// How much the engine holds.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Stats {
    seq: u64,
    dispatches: u64,
    phones: u64,
    clients: u64,
    blocked: u64,
    opted_out: u64,
    pending_follow_ups: u64,
    wallets: u64,
    senders: u64,
}

#[derive(ToSchema)]
pub(super) struct OutboxPage {
    at: u64,
    /// The position to go on from.
    next: u64,
    messages: Vec<OutboxMessage>,
}

/// A message to be sent: every member that was posted, and what was decided.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct OutboxMessage {
    /// The same whenever this message is sent, and no other's, also after a backup was restored. Its form may change:
    /// it is not to be taken apart.
    message_id: String,
    /// Its place in the outbox.
    position: u64,
    dispatch: u64,
    /// Of a follow-up, the dispatch that is followed up.
    #[schema(required = false)]
    origin: u64,
    /// 0, or 1 or 2 of a follow-up.
    stage: u8,
    /// The number to send from.
    sender: String,
    /// The number to send to.
    to: String,
    /// When to send.
    send_at: u64,
    blocked_until: u64,
    /// What to send: the template of its stage.
    text: String,
    campaign: String,
    #[schema(required = false)]
    id_account: String,
    tag: String,
    /// As posted.
    phone: String,
    #[schema(schema_with = number_as_posted, required = false)]
    id_message: String,
    #[schema(required = false)]
    client_id: String,
    #[schema(required = false)]
    contract: String,
    close_ticket: bool,
    specialist_code: String,
    #[schema(required = false)]
    main_template: String,
    #[schema(required = false)]
    retry_template: String,
    #[schema(required = false)]
    last_template: String,
}
