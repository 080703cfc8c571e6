//! The OpenAPI document of the gateway: that of the massivocpc endpoint, and the gateway's own routes.
//!
//! The names of types in this module and below it are names of schemas in the document. Nothing is read or written
//! through them; tests call every route that is described here, and check real responses against the schemas.

#![expect(dead_code, reason = "the shapes are all there is to these types")]

mod answers;
mod described;
mod requests;

use answers::{
    CommandAnswer, ContactAnswer, Failure, FollowUps, LineAnswer, Notified, OutboxMessage, OutboxPage,
    WalletAnswer, Wallets,
};
use requests::{
    CommandLine, ContactHours, Group, Import, OperatorMessage, Policy, Reply, Report, Sender, Target,
    Unblock, Wallet,
};
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, PathItem, Paths};
use utoipa::openapi::{Content, OpenApi, Ref, ResponseBuilder};

/// The document.
pub(crate) fn openapi() -> OpenApi {
    let mut document = cpc_http::openapi();
    let mut own = Document::openapi();
    own.paths.paths.values_mut().flat_map(operations).for_each(add_failures);
    document.info = own.info.clone();
    document.webhooks = Some(own_webhooks());
    document.merge(own);
    document
}

/// The statuses with which any route may fail, and whether only routes with a body do.
const FAILURES: [(&str, bool, &str); 8] = [
    ("400", false, "It cannot be read, or is refused as a whole."),
    ("401", false, "`unauthorized`: no token, or an unknown one."),
    ("404", false, "`not_found`, `unknown_wallet`: no such path or wallet."),
    ("405", false, "`method_not_allowed`; `allow` names those that are."),
    ("413", true, "`body_too_large`, in bytes, or `batch_too_large`, in items."),
    ("415", true, "`unsupported_media_type`: not JSON, not in UTF-8, or compressed."),
    ("500", false, "`internal_error`."),
    (
        "503",
        false,
        "`overloaded`, `body_timeout`: nothing was done. `timeout`, `unavailable`: it may have been. \
         `timestamp_out_of_range`, `clock_jump`: the gateway's clock is wrong.",
    ),
];

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete].into_iter().flatten()
}

fn add_failures(operation: &mut Operation) {
    if operation.security.is_none() {
        return;
    }
    for (status, with_a_body, about) in FAILURES {
        if with_a_body && operation.request_body.is_none() {
            continue;
        }
        let content = Content::new(Some(Ref::from_schema_name("Failure")));
        let failure = ResponseBuilder::new().description(about).content("application/json", content);
        operation.responses.responses.insert(status.to_owned(), failure.build().into());
    }
}

/// The webhook that the gateway calls.
fn own_webhooks() -> Paths {
    let mut paths = Webhooks::openapi().paths.paths;
    let message = paths.pop_first().map(|(_, item)| item).unwrap_or_default();
    Paths::builder().path("message", message).build()
}

#[derive(utoipa::OpenApi)]
#[openapi(paths(message))]
struct Webhooks;

/// Declares similar operations: method, path, name, parameters, body, response, description.
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
                )
            )]
            fn $name() {}
        )*

        #[derive(utoipa::OpenApi)]
        #[openapi(
            info(title = "CPC gateway", description = "Disparo CPC: dispatches, replies, reports, and the wallets they go out from."),
            components(schemas(Failure, ContactHours)),
            paths(follow_ups, outbox, contact, healthz, readyz, metrics, handshake, notified, $($name),*)
        )]
        struct Document;
    };
}

operations! {
    post "/api/replies" reply() body Reply => CommandAnswer, "A message came in from a contact.\n\nWith its `text`, it is an opt-out if the whole of it is one of the words for that.";
    post "/api/reports" report() body Report => CommandAnswer, "What became of a message.";
    post "/api/operator-messages" operator_message() body OperatorMessage => CommandAnswer, "Whether an operator may write to a contact.";
    post "/api/opt-outs" opt_out() body Target => CommandAnswer, "A contact is to be left alone until it opts in again.";
    post "/api/opt-ins" opt_in() body Target => CommandAnswer, "Lifts an opt-out and, for a phone, `undeliverable`.";
    post "/api/erasures" forget() body Target => CommandAnswer, "Forgets all that is known of a contact; of an opt-out only a keyed hash stays. In the log its commands stay until they are older than `log.keep_days`.";
    post "/api/unblocks" force_unblock() body Unblock => CommandAnswer, "Releases the open cycle of a contact.";
    post "/api/imports" import() body Import => CommandAnswer, "Takes contacts over from another system.";
    post "/api/commands" command() body CommandLine => LineAnswer, "Any command line or query, without its `at`.";
    put "/api/policy" policy() body Policy => CommandAnswer, "Replaces the policy. Members that are left out go back to their defaults.";
    put "/api/groups/{name}" group("name") body Group => CommandAnswer, "Sets the limit that a group's senders share.";
    get "/api/wallets" wallets() => Wallets, "The tags of all wallets.";
    get "/api/wallets/{tag}" wallet("tag") => WalletAnswer, "A wallet with its senders, their states and usage.";
    put "/api/wallets/{tag}" put_wallet("tag") body Wallet => CommandAnswer, "Creates a wallet, or replaces its settings and its set of senders.";
    delete "/api/wallets/{tag}" remove_wallet("tag") => CommandAnswer, "Removes a wallet.";
    put "/api/wallets/{tag}/senders/{id}" put_sender("tag" "id") body Sender => CommandAnswer, "Changes the members of a sender that are named, or adds the sender.";
    delete "/api/wallets/{tag}/senders/{id}" remove_sender("tag" "id") => CommandAnswer, "Removes a sender from its wallet.";
    get "/api/clients/{clientId}" client("clientId") => ContactAnswer, "What is known of a client.";
}

#[utoipa::path(get, path = "/api/contacts/{phone}", operation_id = "contact", tag = "gateway", security(("token" = [])),
    params(
        ("phone" = String, Path, description = "The contact's phone."),
        ("tag" = Option<String>, Query, description = "With a wallet and an operator, the answer explains whether the contact could be written to."),
        ("specialistCode" = Option<String>, Query, description = "The operator."),
        ("clientId" = Option<String>, Query, description = "The client, if any."),
    ),
    responses((status = 200, description = "What was asked.", body = ContactAnswer)))]
/// The state of a contact, and why it may or may not be written to.
fn contact() {}

#[utoipa::path(get, path = "/api/follow-ups", operation_id = "follow_ups", tag = "gateway", security(("token" = [])),
    params(("limit" = Option<u32>, Query, description = "At most 1000; 100 if absent.")),
    responses((status = 200, description = "What was asked.", body = FollowUps)))]
/// The follow-ups that are due and have not been sent.
fn follow_ups() {}

#[utoipa::path(get, path = "/api/outbox", operation_id = "outbox", tag = "gateway", security(("token" = [])),
    params(
        ("after" = Option<u64>, Query, description = "`next` of the page before; 0 at first."),
        ("limit" = Option<u32>, Query, description = "At most 1000; 100 if absent.")),
    responses(
        (status = 200, description = "What was asked.", body = OutboxPage),
        (status = 409, description = "`outbox_is_posted`: messages are posted to a webhook, and no other client may send them.", body = Failure)))]
/// The messages that are to be sent.
///
/// For hosts that send them themselves (`outbox.transport` is `none`): each is to be sent at its `sendAt`, once for its
/// `messageId`, and reported at `/api/reports`, which takes it out of the outbox.
fn outbox() {}

#[utoipa::path(post, path = "/", operation_id = "message", tag = "outbox",
    params(
        ("idempotency-key" = String, Header, description = "The `messageId`: the same whenever this message is sent."),
        ("x-cpc-signature" = Option<String>, Header, description = "If `outbox.secret` is set: `sha256=` and the HMAC-SHA-256 of the body with it, in hexadecimal digits.")),
    request_body(content = OutboxMessage, content_type = "application/json"),
    responses(
        (status = "2XX", description = "It is taken, and reported as `sent`."),
        (status = 503, description = "It has not got it: it is sent again, later and later. So it is after 425 and 429. A `retry-after` holds back all messages."),
        (status = "5XX", description = "It may have got it: it is sent again likewise. So it is after 408."),
        (status = "4XX", description = "It will never be taken: `failed`, `request`. The same after 3xx.")))]
/// A message is to be sent.
///
/// Posted to `outbox.url` if `outbox.transport` is `webhook`, at least once, always with the same `messageId` and
/// content. Without an answer in time it may have been sent: it is posted again, and in the end it is `failed`, `ambiguous`.
fn message() {}

#[utoipa::path(get, path = "/healthz", operation_id = "healthz", tag = "operation", responses((status = 200, description = "The process answers.")))]
/// Whether the process answers.
fn healthz() {}

#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "operation", responses((status = 200, description = "Commands can be written."), (status = 503, description = "They could not be, when it was last tried, or the clock and that of the log are too far apart.")))]
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
    responses(
        (status = 200, description = "All of it is taken: what became of each command it led to, and how much of it is nothing that a contact or message of ours did.", body = Notified),
        (status = 400, description = "No JSON object. Repeating it would not help.", body = Failure),
        (status = 401, description = "No signature, or another.", body = Failure),
        (status = 413, description = "Longer than 4 MiB, or than `limits.max_body`.", body = Failure),
        (status = 503, description = "To be repeated.", body = Failure)))]
/// Messages that came in, and what became of messages that went out.
fn notified() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_schema_means_two_things() {
        let (endpoint, own, whole) = (cpc_http::openapi(), Document::openapi(), openapi());
        let whole = whole.components.unwrap_or_default().schemas;
        for part in [endpoint, own, Webhooks::openapi()] {
            for (name, schema) in part.components.unwrap_or_default().schemas {
                assert!(whole.get(&name) == Some(&schema), "{name}");
            }
        }
    }
}
