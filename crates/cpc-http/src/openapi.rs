//! The OpenAPI document: the schemas of requests and responses as types, and the endpoint's statuses.
//!
//! The names of types here are names of schemas in the document. Nothing is read or written through them; `cpc-wire` does
//! that, and tests check real requests and responses against the schemas.

#![expect(dead_code, reason = "the shapes are all there is to these types")]

use cpc_core::schema::{Field, Kind};
use cpc_core::{Message, Status};
use utoipa::openapi::schema::{Schema, SchemaType};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Object, ObjectBuilder, OpenApi, RefOr, Type};
use utoipa::{OpenApi as _, ToSchema};

/// The request of the customer's document, as it stands there. The OpenAPI document shows it.
///
/// ```
/// println!("curl {} -d '{}'", cpc_http::MASSIVOCPC_PATH, cpc_http::EXAMPLE_REQUEST);
/// ```
pub const EXAMPLE_REQUEST: &str = include_str!("example.json").trim_ascii_end();

/// The OpenAPI 3.1 document of the endpoint, as [`router`](crate::router()) serves it. A host with more routes
/// merges it into its own.
#[must_use]
pub fn openapi() -> OpenApi {
    let mut document = Document::openapi();
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A token of the host's."));
    document
        .components
        .get_or_insert_default()
        .add_security_scheme("token", SecurityScheme::Http(token.build()));
    document
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Disparo CPC",
        description = "Dispatches WhatsApp messages under CPC (contato por cliente): a contact that was written to is left alone until it answers, or until a window is over."
    ),
    paths(massivocpc)
)]
struct Document;

/// Dispatch a batch of messages
///
/// Each message is decided by itself, in order. A message with an `idMessage` may be posted again, with the same
/// campaign, account, wallet and phone, without being sent twice.
#[utoipa::path(
    post,
    path = "/api/messages/massivocpc",
    operation_id = "massivocpc",
    security(("token" = [])),
    params(
        ("x-request-id" = Option<String>, Header, description = "A name for this request, repeated in its answer: 8 to 128 letters, digits and `-_.:`, at least one of them a letter. Without one, one is made.")
    ),
    request_body(content = MassivocpcRequest, content_type = "application/json"),
    responses(
        (status = 200, description = "All messages were accepted, now or before (`success`), or some were refused (`partial`, or `error` where the host keeps to the customer's document).", body = BatchAnswer,
            headers(("x-request-id" = String, description = "The name of the request."))),
        (status = 400, description = "Not JSON, of the wrong shape, incomplete, or refused for what the batch as a whole says: `invalid_json`, `invalid_field`, `empty_batch`, `body_incomplete`…", body = RequestError,
            headers(("x-request-id" = String, description = "The name of the request."))),
        (status = 401, description = "`unauthorized`: no token, or an unknown one.", body = RequestError,
            headers(
                ("www-authenticate" = String, description = "`Bearer`"),
                ("x-request-id" = String, description = "The name of the request."))),
        (status = 404, description = "`unknown_wallet`: no wallet has this `tag`. Or `not_found`: no such path.", body = RequestError,
            headers(("x-request-id" = String, description = "The name of the request."))),
        (status = 405, description = "`method_not_allowed`.", body = RequestError,
            headers(
                ("allow" = String, description = "The methods that are."),
                ("x-request-id" = String, description = "The name of the request."))),
        (status = 413, description = "`body_too_large`, in bytes, or `batch_too_large`, in messages.", body = RequestError,
            headers(("x-request-id" = String, description = "The name of the request."))),
        (status = 415, description = "`unsupported_media_type`: not JSON, not in UTF-8, or compressed.", body = RequestError,
            headers(("x-request-id" = String, description = "The name of the request."))),
        (status = 422, description = "Every message was refused.", body = Refusals,
            headers(("x-request-id" = String, description = "The name of the request."))),
        (status = 429, description = "`rate_limited`: the client asks too often. Nothing was accepted.", body = RequestError,
            headers(
                ("retry-after" = u64, description = "Seconds to wait."),
                ("x-request-id" = String, description = "The name of the request."))),
        (status = 500, description = "`internal_error`. The batch may have been accepted; repeat it with the same `idMessage`.", body = RequestError,
            headers(("x-request-id" = String, description = "The name of the request."))),
        (status = 503, description = "`overloaded` or `body_timeout`: nothing was accepted. `timeout` or `unavailable`: the batch may have been; repeat it with the same `idMessage`. `timestamp_out_of_range` or `clock_jump`: the host's clock is wrong.", body = RequestError,
            headers(
                ("retry-after" = u64, description = "Seconds to wait."),
                ("x-request-id" = String, description = "The name of the request."))),
    )
)]
fn massivocpc() {}

/// The request of the customer's document.
fn example_request() -> serde_json::Value {
    // It is JSON, as a test of the document shows.
    serde_json::from_str(EXAMPLE_REQUEST).unwrap_or_default()
}

/// A batch. Absent, `null` and `""` are the same; members that are not listed are ignored.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase", example = example_request)]
struct MassivocpcRequest {
    /// The campaign's name.
    #[schema(min_length = 1, max_length = 256)]
    campaign: String,
    /// The account. The host may require it.
    #[schema(max_length = 128)]
    id_account: Option<String>,
    /// The wallet whose numbers send the messages.
    #[schema(min_length = 1, max_length = 128)]
    tag: String,
    /// The messages, in the order in which they are decided. The host limits how many.
    #[schema(min_items = 1)]
    messages: Vec<MassivocpcMessage>,
}

/// One message to one contact: its members are the rows of [`Message`], with what a schema can say besides.
struct MassivocpcMessage;

/// The lengths of texts, in bytes as RULES §2 and §4.1 have them, the least first.
const LENGTHS: [(&str, usize, usize); 3] =
    [("clientId", 0, 128), ("contract", 0, 128), ("specialistCode", 1, 128)];

impl utoipa::PartialSchema for MassivocpcMessage {
    fn schema() -> RefOr<Schema> {
        let mut message =
            ObjectBuilder::new().schema_type(Type::Object).description(Some("One message to one contact."));
        for field in Message::SCHEMA.fields {
            message = message.property(field.name, member_of_message(field));
            // A message without a template is sent, blank, unless the host refuses that.
            if field.required && field.name != "mainTemplate" {
                message = message.required(field.name);
            }
        }
        message.into()
    }
}

impl ToSchema for MassivocpcMessage {}

fn member_of_message(field: &Field) -> Object {
    let is_nullable = !field.required || field.name == "mainTemplate";
    let kind = match field.kind {
        Kind::MessageId => return own_number(&field.doc()),
        Kind::Boolean if field.name == "closeTicket" => return only_true(),
        Kind::Boolean => Type::Boolean,
        Kind::Integer | Kind::Milliseconds | Kind::Timestamp => Type::Integer,
        _ => Type::String,
    };
    let types = SchemaType::from_iter([kind].into_iter().chain(is_nullable.then_some(Type::Null)));
    let mut member = ObjectBuilder::new().schema_type(types).description(Some(field.doc()));
    if let Some((_, least, most)) = LENGTHS.iter().find(|(name, ..)| *name == field.name) {
        member = member.min_length(Some(*least).filter(|least| *least > 0)).max_length(Some(*most));
    }
    if field.name == "phone" {
        member = member.examples([serde_json::json!("5511988876204")]);
    }
    member.build()
}

/// The result of a batch.
#[derive(ToSchema)]
#[serde(untagged)]
enum BatchAnswer {
    Success(Success),
    Refusals(Refusals),
}

/// Every message was accepted.
#[derive(ToSchema)]
#[schema(example = json!({
    "status": "success", "message": "Mensagens enviadas com sucesso", "processed": 1, "errors": 0
}))]
struct Success {
    #[schema(schema_with = only_success)]
    status: String,
    /// The same, for people.
    message: String,
    /// How many messages there were.
    processed: u64,
    /// How many were refused: none.
    #[schema(minimum = 0, maximum = 0)]
    errors: u64,
}

/// Some messages were refused, or all of them.
#[derive(ToSchema)]
#[schema(example = json!({
    "status": "partial", "message": "Parte das mensagens foi recusada", "processed": 1, "errors": [{
        "phone": "5514998830081",
        "reason": "Contato bloqueado até 24/11/2026 09:00:00 (horário de Brasília)",
        "code": "contact_blocked", "idMessage": 1235, "retryAt": 1795521600000_u64
    }]
}))]
struct Refusals {
    #[schema(schema_with = partial_or_error)]
    status: String,
    /// The same, for people.
    message: String,
    /// How many messages were accepted, now or before. Not in the customer's document.
    #[schema(required = false)]
    processed: u64,
    /// The messages that were refused, in order.
    #[schema(min_items = 1)]
    errors: Vec<MessageError>,
}

/// A message that was refused.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
struct MessageError {
    /// As posted.
    phone: String,
    /// Why, for people.
    reason: String,
    #[schema(schema_with = codes_of_messages, required = false)]
    code: String,
    #[schema(schema_with = number_as_posted, required = false)]
    id_message: String,
    /// When asking again could help, in milliseconds since 1970.
    #[schema(required = false)]
    retry_at: u64,
}

/// The request as a whole failed.
#[derive(ToSchema)]
#[schema(example = json!({
    "status": "error", "message": "Falha ao processar requisição", "processed": 0, "errors": [{
        "reason": "messages[3].phone: esperado texto", "code": "invalid_field", "field": "messages[3].phone"
    }]
}))]
struct RequestError {
    #[schema(schema_with = only_error)]
    status: String,
    /// The same, for people.
    message: String,
    /// None. Not in the customer's document.
    #[schema(minimum = 0, maximum = 0, required = false)]
    processed: u64,
    /// What is wrong.
    #[schema(min_items = 1, max_items = 1)]
    errors: Vec<RequestFault>,
}

/// What is wrong with a request.
#[derive(ToSchema)]
struct RequestFault {
    /// For people.
    reason: String,
    /// For programs. Not in the customer's document, like what follows.
    #[schema(required = false)]
    code: String,
    /// The member at fault: `messages[3].phone`.
    #[schema(required = false)]
    field: String,
}

fn one_of(names: impl IntoIterator<Item = &'static str>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names))
}

fn only_success() -> Object {
    one_of(["success"]).build()
}

fn only_error() -> Object {
    one_of(["error"]).build()
}

fn partial_or_error() -> Object {
    one_of(["partial", "error"]).build()
}

fn only_true() -> Object {
    let always = ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([true]));
    always.description(Some("Always `true`.")).build()
}

/// The statuses that refuse a message: those before the ones that answer other commands.
fn codes_of_messages() -> Object {
    let refusals = Status::ALL.into_iter().filter(|status| status.is_refusal());
    let codes = refusals.filter(|status| status.code() <= Status::NotAttempted.code()).map(Status::name);
    let described = "Why, for programs. Not in the customer's document, like `idMessage` and `retryAt`.";
    one_of(codes).description(Some(described)).build()
}

/// No integer format of OpenAPI holds 2^64-1, so none is named: `int64` would have clients made that cannot
/// send it.
fn own_number(about: &str) -> Object {
    let types = SchemaType::from_iter([Type::Integer, Type::String, Type::Null]);
    let described = format!(
        "{about} A whole number up to 2^64-1, or a text of its digits for clients whose numbers are not as exact."
    );
    let number = ObjectBuilder::new().schema_type(types).minimum(Some(0)).pattern(Some("^[0-9]*$"));
    number.description(Some(described)).build()
}

/// Whatever was posted comes back, also what is no valid number.
fn number_as_posted() -> Object {
    let types = SchemaType::from_iter([Type::Number, Type::String]);
    ObjectBuilder::new().schema_type(types).description(Some("As posted.")).build()
}
