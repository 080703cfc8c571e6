//! The schemas of responses. Optional fields are absent, never `null`. Times are milliseconds since 1970.

use super::described::{Described, described};
use cpc_core::schema::{Field, Kind};
use utoipa::ToSchema;

const AT: Field = Field::new("at", "", Kind::Timestamp, true).documented("When it was answered.");

/// What would lift a refusal.
const REMEDY: Field =
    Field::new("message", "", Kind::Text, false).documented("What would lift it, for people.");

/// An explanation begins with what its outcome says of a refusal.
fn explanation() -> Described {
    let refusal = Described::response(&cpc_core::Outcome::SCHEMA)
        .only(&["status", "code", "field", "retryAt", "reason"])
        .and(&[REMEDY]);
    Described::response(&cpc_core::Explanation::SCHEMA).without(&["outcome"]).and(refusal.fields())
}

/// What is sent: every member that was posted, as it was posted, and what was decided.
fn outbox_message() -> Described {
    let number = |name, about, required| Field::new(name, "", Kind::Integer, required).documented(about);
    let text = |name, about, required| Field::new(name, "", Kind::Text, required).documented(about);
    let posted = [&cpc_core::Batch::SCHEMA, &cpc_core::Message::SCHEMA];
    let posted = posted.into_iter().flat_map(|object| object.fields).filter(|field| field.name != "messages");
    let posted: Vec<Field> = posted
        .map(|field| {
            let mut posted = *field;
            posted.required =
                ["campaign", "tag", "phone", "closeTicket", "specialistCode"].contains(&field.name);
            posted
        })
        .collect();
    Described::response(&cpc_core::schema::Object::new(
        "OutboxMessage",
        "A message to be sent: every member that was posted, and what was decided.",
        &[],
    ))
    .and(&[
        text(
            "messageId",
            "The same whenever this message is sent, and no other's, also after a backup was restored. Its form may \
             change: it is not to be taken apart.",
            true,
        ),
        number("position", "Its place in the outbox.", true),
        number("dispatch", "The number of the dispatch.", true),
        number("origin", "Of a follow-up, the dispatch that is followed up.", false),
        number("stage", "0, or 1 or 2 of a follow-up.", true),
        text("sender", "The number to send from.", true),
        text("to", "The number to send to.", true),
        number("sendAt", "When to send.", true),
        number("blockedUntil", "Until when the contact is blocked.", true),
        text("text", "What to send: the template of its stage.", true),
    ])
    .and(&posted)
    .without(&["atomic"])
}

described! {
    Outcome = Described::response(&cpc_core::Outcome::SCHEMA);
    WalletView = Described::response(&cpc_core::WalletView::SCHEMA);
    ContactView = Described::response(&cpc_core::ContactView::SCHEMA);
    Explanation = explanation();
    FollowUp = Described::response(&cpc_core::DueFollowUp::SCHEMA);
    Stats = Described::response(&cpc_core::Stats::SCHEMA);
    DeadlineAnswer = Described::response(&cpc_core::Deadlines::SCHEMA).and(&[AT]).strict();
    OutboxMessage = outbox_message();
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
pub(super) struct ContactAnswer {
    at: u64,
    contact: ContactView,
    /// Where a wallet and an operator were named.
    #[schema(required = false)]
    explanation: Explanation,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct FollowUps {
    at: u64,
    follow_ups: Vec<FollowUp>,
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

#[derive(ToSchema)]
pub(super) struct OutboxPage {
    at: u64,
    /// The position to go on from.
    next: u64,
    messages: Vec<OutboxMessage>,
}
