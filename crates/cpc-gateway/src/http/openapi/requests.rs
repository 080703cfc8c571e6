//! The schemas of requests: those of the core's commands, without what the path says, and with what only the gateway
//! reads.

use super::described::{Described, described, operation_names};
use cpc_core::schema::{Field, Kind};
use utoipa::PartialSchema;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ObjectBuilder, Schema, SchemaType};
use utoipa::openapi::{Object, RefOr, Type};

/// What the gateway reads of a message that came in besides what the engine does.
const TEXT: &[Field] = &[Field::new("text", "", Kind::Text, false)
    .documented("Looked at for words that are opt-outs, and not kept.")];

/// What the gateway reads of a delivery report besides what the engine does.
const ERROR: &[Field] = &[
    Field::new("errorCode", "", Kind::Integer, false)
        .documented("Of a failure without a fault: WhatsApp's error code, which says what to do.")
        .bounded(0, u32::MAX as u64),
    Field::new("until", "", Kind::Timestamp, false).documented(
        "Of an error code by which a number is locked for new chats (463): until when. Without it, the number stays
        `existingOnly` until a person makes it `ready`.",
    ),
];

described! {
    Reply = Described::command("reply").and(TEXT);
    Report = Described::command("report").and(ERROR);
    OperatorMessage = Described::command("operatorMessage");
    Target = Described::command("optOut").documented("A phone or a client: either of the two.");
    Unblock = Described::command("forceUnblock").documented("A phone or a client: either of the two.");
    Import = Described::command("import");
    Group = Described::command("group").without(&["name"]);
    Wallet = Described::command("wallet").without(&["tag"]);
    Sender = Described::command("sender").without(&["tag", "id", "remove"]).documented(
        "What changes about a sender: a member that is absent stays as it is, `null` goes back to its default."
    );
    Policy = Described::request(&cpc_core::Policy::SCHEMA).without(&["hashKey"]).strict().documented(
        "All rules that can be chosen. It is replaced as a whole: a member that is not named, or is `null`, goes back \
         to its default. `hashKey` is the gateway's own, and refused here."
    );
}

/// `op`, and the members of that operation; there is no `at`: the gateway says when.
#[derive(ToSchema)]
pub(super) struct CommandLine {
    op: OpName,
}

/// The name of an operation.
struct OpName;

impl PartialSchema for OpName {
    fn schema() -> RefOr<Schema> {
        let names = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(operation_names()));
        names.description(Some("Commands, and then queries, which change nothing.")).into()
    }
}

impl ToSchema for OpName {}

/// When contacts may be made, in local time: a preset, a week, or a preset of which some days are others.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[serde(deny_unknown_fields)]
pub(super) struct ContactHours {
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
