//! The OpenAPI document of the whole gateway: that of the massivocpc endpoint, and its own routes.
//!
//! Nothing is read or written through these types; a test calls every route that is described here.

#![expect(dead_code, reason = "the shapes are all there is to these types")]

use utoipa::openapi::OpenApi;
use utoipa::{OpenApi as _, ToSchema};

/// The document.
pub(crate) fn openapi() -> OpenApi {
    let mut document = cpc_http::openapi();
    document.merge(Document::openapi());
    document
}

/// Declares operations that differ in little: method, path, name, parameters, body, and what they do.
macro_rules! operations {
    ($($method:ident $path:literal $name:ident ($($parameter:literal)*) $(body $body:ident)? => $answer:ident, $about:literal;)*) => {
        $(
            #[doc = $about]
            #[utoipa::path(
                $method,
                path = $path,
                operation_id = stringify!($name),
                tag = "gateway",
                security(("token" = [])),
                params($(($parameter = String, Path)),*),
                $(request_body(content = $body, content_type = "application/json"),)?
                responses(
                    (status = 200, description = "Done; what became of it is in the answer.", body = $answer),
                    (status = 400, description = "It cannot be read, or is refused as a whole.", body = Failure),
                    (status = 401, description = "`unauthorized`: no token, or an unknown one.", body = Failure),
                    (status = 404, description = "No such wallet, sender or path.", body = Failure),
                    (status = 413, description = "`body_too_large`.", body = Failure),
                    (status = 503, description = "`overloaded`, `timeout`, `unavailable`: the log cannot be written.", body = Failure),
                )
            )]
            fn $name() {}
        )*

        #[derive(utoipa::OpenApi)]
        #[openapi(
            info(title = "CPC gateway", description = "Disparo CPC: dispatches, replies, reports, and the wallets they go out from."),
            paths(follow_ups, outbox, contact, healthz, readyz, metrics, handshake, notified, $($name),*)
        )]
        struct Document;
    };
}

operations! {
    post "/api/replies" reply() body Reply => Answer, "A message came in from a contact.\n\nWith its `text`, it is an opt-out if the whole of it is one of the words for that.";
    post "/api/reports" report() body Report => Answer, "What became of a message.";
    post "/api/operator-messages" operator_message() body OperatorMessage => Answer, "Whether an operator may write to a contact.";
    post "/api/opt-outs" opt_out() body Target => Answer, "A contact is to be left alone until it opts in again.";
    post "/api/opt-ins" opt_in() body Target => Answer, "Lifts an opt-out and, for a phone, `undeliverable`.";
    post "/api/erasures" forget() body Target => Answer, "Forgets all that is known of a contact; of an opt-out only a keyed hash stays.";
    post "/api/unblocks" force_unblock() body Unblock => Answer, "Releases the open cycle of a contact.";
    post "/api/imports" import() body Import => Answer, "Takes contacts over from another system.";
    post "/api/commands" command() body CommandLine => Answer, "Any command line or query, without its `at`.";
    put "/api/policy" policy() body Policy => Answer, "Replaces the policy. Members that are left out go back to their defaults.";
    put "/api/groups/{name}" group("name") body Group => Answer, "Sets the limit that a group's senders share.";
    get "/api/wallets" wallets() => Wallets, "The tags of all wallets.";
    get "/api/wallets/{tag}" wallet("tag") => WalletAnswer, "A wallet with its senders, their states and usage.";
    put "/api/wallets/{tag}" put_wallet("tag") body Wallet => Answer, "Creates a wallet, or replaces its settings and its set of senders.";
    delete "/api/wallets/{tag}" remove_wallet("tag") => Answer, "Removes a wallet.";
    put "/api/wallets/{tag}/senders/{id}" put_sender("tag" "id") body Sender => Answer, "Changes the members of a sender that are named, or adds the sender.";
    delete "/api/wallets/{tag}/senders/{id}" remove_sender("tag" "id") => Answer, "Removes a sender from its wallet.";
    get "/api/clients/{clientId}" client("clientId") => ContactAnswer, "What is known of a client.";
}

#[utoipa::path(get, path = "/api/contacts/{phone}", operation_id = "contact", tag = "gateway", security(("token" = [])),
    params(
        ("phone" = String, Path, description = "The contact's phone."),
        ("tag" = Option<String>, Query, description = "With a wallet and an operator, the answer explains whether the contact could be written to."),
        ("specialistCode" = Option<String>, Query, description = "The operator."),
        ("clientId" = Option<String>, Query, description = "The client, if any."),
    ),
    responses((status = 200, body = ContactAnswer), (status = 400, body = Failure), (status = 401, body = Failure), (status = 404, body = Failure)))]
/// The state of a contact, and why it may or may not be written to.
fn contact() {}

#[utoipa::path(get, path = "/api/follow-ups", operation_id = "follow_ups", tag = "gateway", security(("token" = [])),
    params(("limit" = Option<u32>, Query, description = "At most 1000; 100 if absent.")),
    responses((status = 200, body = FollowUps), (status = 400, body = Failure), (status = 401, body = Failure)))]
/// The follow-ups that are due and have not been sent.
fn follow_ups() {}

#[utoipa::path(get, path = "/api/outbox", operation_id = "outbox", tag = "gateway", security(("token" = [])),
    params(
        ("after" = Option<u64>, Query, description = "`next` of the page before; 0 at first."),
        ("limit" = Option<u32>, Query, description = "At most 1000; 100 if absent.")),
    responses((status = 200, body = OutboxPage), (status = 400, body = Failure), (status = 401, body = Failure)))]
/// The messages that are to be sent.
///
/// For hosts that send them themselves (`outbox.transport` is `none`): each is to be sent at its `sendAt`, once for its
/// `messageId`, and reported at `/api/reports`, which takes it out of the outbox.
fn outbox() {}

#[utoipa::path(get, path = "/healthz", operation_id = "healthz", tag = "operation", responses((status = 200, description = "The process answers.")))]
/// Whether the process answers.
fn healthz() {}

#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "operation", responses((status = 200, description = "Commands can be written."), (status = 503, description = "They could not be, when it was last tried.")))]
/// Whether commands can be written.
fn readyz() {}

#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "operation", responses((status = 200, description = "Metrics in Prometheus' text format.")))]
/// Metrics.
fn metrics() {}

#[utoipa::path(get, path = "/webhooks/whatsapp", operation_id = "handshake", tag = "whatsapp",
    params(("hub.mode" = String, Query), ("hub.verify_token" = String, Query), ("hub.challenge" = String, Query)),
    responses((status = 200, description = "The challenge."), (status = 401, description = "Another token.")))]
/// The handshake of WhatsApp's webhooks. Only there if the webhooks are configured.
fn handshake() {}

#[utoipa::path(post, path = "/webhooks/whatsapp", operation_id = "notified", tag = "whatsapp",
    params(("x-hub-signature-256" = String, Header, description = "`sha256=` and the HMAC-SHA-256 of the body with the app's secret.")),
    responses((status = 200, description = "All of it is taken."), (status = 401, description = "The signature is another."), (status = 503, description = "To be repeated.")))]
/// Messages that came in, and what became of messages that went out.
fn notified() {}

/// A message that came in.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Reply {
    phone: String,
    /// Milliseconds since 1970, or RFC 3339; now if absent.
    received_at: Option<i64>,
    opt_out: Option<bool>,
    /// Looked at for words that are opt-outs, and not kept.
    text: Option<String>,
}

/// What became of a message.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Report {
    dispatch: u64,
    /// `sent`, `delivered`, `read` or `failed`.
    status: String,
    /// Of a failure: `contact`, `sender`, `request` or `ambiguous`.
    fault: Option<String>,
    /// Of a failure without a fault: WhatsApp's error code.
    error_code: Option<u32>,
    sender: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct OperatorMessage {
    phone: String,
    specialist_code: String,
}

/// Either of the two.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Target {
    phone: Option<String>,
    client_id: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Unblock {
    phone: Option<String>,
    client_id: Option<String>,
    reason: Option<String>,
}

#[derive(ToSchema)]
struct Import {
    contacts: Vec<Imported>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Imported {
    phone: String,
    client_id: Option<String>,
    t0: Option<i64>,
    replied_at: Option<i64>,
    sender: Option<String>,
    opted_out: Option<bool>,
}

/// `op`, and the members of that operation.
#[derive(ToSchema)]
struct CommandLine {
    op: String,
}

/// The members of a policy but `hashKey`, which is the gateway's own.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Policy {
    window_ms: Option<u64>,
    gate: Option<String>,
    sticky: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Group {
    daily_limit: Option<u32>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Wallet {
    senders: Vec<NewSender>,
    window_ms: Option<u64>,
    operators: Option<Vec<String>>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct NewSender {
    id: String,
    weight: Option<u32>,
    daily_limit: Option<u32>,
    per_second: Option<u32>,
    burst: Option<u32>,
    operators: Option<Vec<String>>,
    group: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct Sender {
    /// `ready`, `paused`, `existingOnly`, `quarantined` or `disabled`.
    state: Option<String>,
    until: Option<i64>,
    weight: Option<u32>,
    daily_limit: Option<u32>,
    per_second: Option<u32>,
    burst: Option<u32>,
    operators: Option<Vec<String>>,
    group: Option<String>,
}

/// What a command led to.
#[derive(ToSchema)]
struct Answer {
    /// How many commands have been applied.
    seq: u64,
    /// When it took effect, in milliseconds since 1970.
    at: u64,
    /// One for every item of the command.
    outcomes: Vec<Outcome>,
}

/// What became of one item; other members depend on the status.
#[derive(ToSchema)]
struct Outcome {
    status: String,
    code: u8,
}

/// Why a request failed.
#[derive(ToSchema)]
struct Failure {
    error: String,
    message: String,
    /// The member at fault.
    field: Option<String>,
}

#[derive(ToSchema)]
struct Wallets {
    wallets: Vec<String>,
}

#[derive(ToSchema)]
struct WalletAnswer {
    at: u64,
    wallet: Wallet,
}

#[derive(ToSchema)]
struct ContactAnswer {
    at: u64,
    contact: Contact,
}

#[derive(ToSchema)]
struct Contact {
    key: String,
    /// `free`, `blocked`, `expired`, `replied` or `suppressed`.
    state: String,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct FollowUps {
    at: u64,
    follow_ups: Vec<FollowUp>,
}

#[derive(ToSchema)]
struct FollowUp {
    phone: String,
    stage: u8,
    origin: u64,
    due: u64,
}

#[derive(ToSchema)]
struct OutboxPage {
    at: u64,
    /// The position to go on from.
    next: u64,
    messages: Vec<OutboxMessage>,
}

/// Every member that was posted, and what was decided.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct OutboxMessage {
    message_id: String,
    position: u64,
    dispatch: u64,
    origin: Option<u64>,
    stage: u8,
    sender: String,
    to: String,
    send_at: u64,
    blocked_until: u64,
    text: String,
}
