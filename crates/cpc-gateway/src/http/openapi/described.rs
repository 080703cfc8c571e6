//! Schemas of what the core describes: the fields of commands, outcomes and views, with their meaning, bounds and
//! defaults. A field that is added to the core is in the document without a word here.

use cpc_core::schema::{Choices, DefaultValue, Field, Kind, Object, Value};
use cpc_core::{Command, Query, Status};
use std::collections::BTreeMap;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType,
};
use utoipa::openapi::{Ref, RefOr, Type};

/// What the JSON of some objects has besides the fields of the core, or otherwise than it.
const ADDED: [(&str, &[Field]); 2] = [
    (
        "Outcome",
        &[
            Field::new("code", "", Kind::Integer, true).documented("The number of the status."),
            Field::new("reason", "", Kind::Text, false).documented("Why not, for people."),
            Field::new("warnings", "", WARNINGS, false)
                .documented("What is odd about a message that was accepted."),
        ],
    ),
    (
        "SenderVerdict",
        &[Field::new("eligible", "", Kind::Boolean, true).documented("Whether it could serve now.")],
    ),
];

const WARNINGS: Kind = Kind::List(&Kind::Choice(&Choices::new(
    "Warning",
    "What is odd about a message that was accepted.",
    &[Value::new("empty_template", 0, false, "What is sent is blank.")],
)));

/// The fields of an object as its JSON has them.
fn fields_of(object: &Object) -> Vec<Field> {
    let added = ADDED.iter().find(|(name, _)| *name == object.name).map_or(&[][..], |(_, added)| added);
    let is_other = |field: &&Field| added.iter().any(|other| other.name == field.name);
    object.fields.iter().filter(|field| !is_other(field)).chain(added).copied().collect()
}

/// Which way an object goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    /// It is posted: `null` is the same as absent, and instants may be texts.
    Request,
    /// It is answered: what is not there is left out, and so are empty lists of anything but objects.
    Response,
}

/// An object of the document.
pub(super) struct Described {
    documentation: String,
    fields: Vec<Field>,
    direction: Direction,
    is_strict: bool,
}

impl Described {
    /// An object that is posted.
    pub(super) fn request(object: &Object) -> Described {
        Described::new(object.doc(), &fields_of(object), Direction::Request)
    }

    /// An object that is answered.
    pub(super) fn response(object: &Object) -> Described {
        Described::new(object.doc(), &fields_of(object), Direction::Response)
    }

    /// What a command of that name is posted as.
    pub(super) fn command(name: &str) -> Described {
        let found = Command::OPERATIONS.iter().find(|operation| operation.name == name);
        let documentation = found.map(|operation| operation.doc()).unwrap_or_default();
        let fields: Vec<Field> =
            found.into_iter().flat_map(|operation| operation.fields()).copied().collect();
        Described::new(documentation, &fields, Direction::Request)
    }

    fn new(documentation: String, fields: &[Field], direction: Direction) -> Described {
        let mut flat = Vec::new();
        fields.iter().for_each(|field| flatten(field, true, &mut flat));
        Described { documentation, fields: flat, direction, is_strict: false }
    }

    /// Says what it is in other words: the core's are about the command, these about the route.
    pub(super) fn documented(mut self, documentation: &str) -> Described {
        documentation.clone_into(&mut self.documentation);
        self
    }

    /// Without the fields that the path has, or that are no client's concern.
    pub(super) fn without(mut self, names: &[&str]) -> Described {
        self.fields.retain(|field| !names.contains(&field.name));
        self
    }

    /// Those fields alone.
    pub(super) fn only(mut self, names: &[&str]) -> Described {
        self.fields.retain(|field| names.contains(&field.name));
        self
    }

    /// Its fields.
    pub(super) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// With fields that the core does not have.
    pub(super) fn and(mut self, fields: &[Field]) -> Described {
        self.fields.extend(fields);
        self
    }

    /// Other fields are refused.
    pub(super) const fn strict(mut self) -> Described {
        self.is_strict = true;
        self
    }

    /// The schema.
    pub(super) fn schema(&self) -> RefOr<Schema> {
        let mut object =
            ObjectBuilder::new().schema_type(Type::Object).description(Some(plain(&self.documentation)));
        if self.is_strict {
            object = object.additional_properties(Some(AdditionalProperties::FreeForm(false)));
        }
        for field in &self.fields {
            object = object.property(field.name, property(field, self.direction));
            if is_always_there(field, self.direction) {
                object = object.required(field.name);
            }
        }
        object.into()
    }

    /// The schemas that it refers to, by their names.
    pub(super) fn parts(&self) -> BTreeMap<String, RefOr<Schema>> {
        let mut parts = BTreeMap::new();
        self.fields.iter().for_each(|field| add_part(field.kind, self.direction, &mut parts));
        parts
    }
}

/// A field, or those of the object whose fields stand in its place.
fn flatten(field: &Field, is_required: bool, flat: &mut Vec<Field>) {
    let is_required = is_required && field.required;
    match field.kind {
        Kind::Object(inner) | Kind::Flattened(inner) if field.name.is_empty() => {
            inner.fields.iter().for_each(|field| flatten(field, is_required, flat));
        }
        _ => {
            let mut field = *field;
            field.required = is_required;
            flat.push(field);
        }
    }
}

fn is_always_there(field: &Field, direction: Direction) -> bool {
    let may_be_empty = matches!(field.kind, Kind::List(of) if !matches!(of, Kind::Object(_)));
    field.required && !(direction == Direction::Response && may_be_empty)
}

fn add_part(kind: Kind, direction: Direction, parts: &mut BTreeMap<String, RefOr<Schema>>) {
    match kind {
        Kind::Choice(choices) => {
            parts.insert(choices.name.to_owned(), choice(choices));
        }
        Kind::Object(object) => {
            let described = Described::new(object.doc(), &fields_of(object), direction);
            parts.insert(object.name.to_owned(), described.schema());
            parts.extend(described.parts());
        }
        Kind::List(of) => add_part(*of, direction, parts),
        _ => {}
    }
}

fn property(field: &Field, direction: Direction) -> RefOr<Schema> {
    let is_nullable = direction == Direction::Request && !field.required;
    let documentation = plain(&field.doc());
    match field.kind {
        Kind::Choice(Choices { name, .. }) => reference(name, &documentation, is_nullable),
        Kind::Object(Object { name, .. }) => reference(name, &documentation, is_nullable),
        Kind::ContactHours => reference("ContactHours", &documentation, is_nullable),
        Kind::List(of) => {
            let types = types([Type::Array], is_nullable);
            let list = ArrayBuilder::new().items(value(*of, direction)).description(Some(documentation));
            let mut list = list.build();
            list.schema_type = types;
            list.into()
        }
        Kind::Countries => {
            let mut list = ArrayBuilder::new()
                .items(plain_value([Type::String]))
                .description(Some(documentation))
                .build();
            list.schema_type = types([Type::Array], is_nullable);
            list.into()
        }
        kind => {
            let mut object = scalar(kind, direction, is_nullable).description(Some(documentation));
            if let Some(bounds) = field.bounds {
                object = object.minimum(Some(bounds.min)).maximum(Some(bounds.max));
            }
            object.default(field.default.and_then(default)).into()
        }
    }
}

/// A named schema. What may be `null` is either of the two.
fn reference(name: &str, documentation: &str, is_nullable: bool) -> RefOr<Schema> {
    if !is_nullable {
        return Ref::from_schema_name(name).into();
    }
    let null = ObjectBuilder::new().schema_type(Type::Null);
    OneOfBuilder::new().description(Some(documentation)).item(null).item(Ref::from_schema_name(name)).into()
}

/// An item of a list.
fn value(kind: Kind, direction: Direction) -> RefOr<Schema> {
    match kind {
        Kind::Choice(Choices { name, .. }) | Kind::Object(Object { name, .. }) => {
            Ref::from_schema_name(*name).into()
        }
        kind => scalar(kind, direction, false).into(),
    }
}

fn plain_value(kinds: impl IntoIterator<Item = Type>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(types(kinds, false))
}

fn types(kinds: impl IntoIterator<Item = Type>, is_nullable: bool) -> SchemaType {
    SchemaType::from_iter(kinds.into_iter().chain(is_nullable.then_some(Type::Null)))
}

fn scalar(kind: Kind, direction: Direction, is_nullable: bool) -> ObjectBuilder {
    let of = |kinds: &[Type]| ObjectBuilder::new().schema_type(types(kinds.iter().cloned(), is_nullable));
    match kind {
        Kind::Boolean => of(&[Type::Boolean]),
        Kind::True => of(&[Type::Boolean]).enum_values(Some([true])),
        Kind::Integer | Kind::Milliseconds => of(&[Type::Integer]),
        Kind::Timestamp if direction == Direction::Request => of(&[Type::Integer, Type::String]),
        Kind::Timestamp => of(&[Type::Integer]),
        Kind::MessageId => of(&[Type::Number, Type::String]),
        Kind::Status => of(&[Type::String]).enum_values(Some(Status::ALL.into_iter().map(Status::name))),
        _ => of(&[Type::String]),
    }
}

/// One of some names, with the meaning of each.
fn choice(choices: &Choices) -> RefOr<Schema> {
    let mut documentation = plain(&choices.doc());
    let meaning = |value: &Value| format!("\n- `{}`: {}", value.name, plain(&value.doc()));
    documentation.extend(choices.values.iter().map(meaning));
    let names = choices.values.iter().map(|value| value.name);
    plain_value([Type::String]).enum_values(Some(names)).description(Some(documentation)).into()
}

fn default(value: DefaultValue) -> Option<serde_json::Value> {
    match value {
        DefaultValue::Integer(value) => Some(value.into()),
        DefaultValue::Boolean(value) => Some(value.into()),
        DefaultValue::Name(name) => Some(name.into()),
        DefaultValue::Json(json) => serde_json::from_str(json).ok(),
        _ => None,
    }
}

/// A text of the core in the words of JSON.
fn plain(text: &str) -> String {
    text.replace("`Some(None)`", "`null`").replace("`Some(true)`", "`true`").replace("`None`", "absent")
}

/// The names of all operations, commands first.
pub(super) fn operation_names() -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for operation in Command::OPERATIONS.iter().chain(Query::OPERATIONS) {
        if !names.contains(&operation.name) {
            names.push(operation.name);
        }
    }
    names
}

/// Declares types that stand for described objects in the document, so that routes and other schemas can name them.
macro_rules! described {
    ($($(#[$meta:meta])* $Name:ident = $described:expr;)*) => {$(
        $(#[$meta])*
        pub(super) struct $Name;

        impl utoipa::PartialSchema for $Name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $described.schema()
            }
        }

        impl utoipa::ToSchema for $Name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($Name).into()
            }

            fn schemas(
                schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>,
            ) {
                schemas.extend($described.parts());
            }
        }
    )*};
}

pub(super) use described;
