//! What the C ABI fixes beyond the descriptors of cpc-core: the order and the types of a struct's members, the flags,
//! and the numbers of choices. The C constants and the types of Python, Go and PHP are made of the same tables.

use anyhow::{Context, Result, bail};
use cpc_core::schema::{Choices, Field, Kind};
use cpc_core::{DeliveryStatus, Fault, Outcome};

/// A member of `cpc_outcome` that an outcome may have.
#[derive(Clone, Copy)]
pub(super) struct Member {
    /// Its field in [`Outcome::SCHEMA`].
    json: &'static str,
    pub(super) c_type: Type,
    /// How an optional value of the engine becomes the member's; empty if it is one already.
    pub(super) conversion: &'static str,
    /// What C programs must know about it besides what its field says.
    pub(super) note: &'static str,
}

/// The type of a member.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    U32,
    U64,
    I64,
    /// A `cpc_text`.
    Text,
    /// Not a member: a flag alone.
    Flag,
}

const fn member(json: &'static str, c_type: Type, conversion: &'static str, note: &'static str) -> Member {
    Member { json, c_type, conversion, note }
}

/// The members of `cpc_outcome` in its first published version, after `struct_size`, `status` and `present`. The place is
/// the bit of `present` that stands for the member. Fields that are added to the end of [`Outcome`] follow by themselves.
const OUTCOME: [Member; 13] = [
    member("stage", Type::U32, ".map(u32::from)", ""),
    member("firstIndex", Type::U32, "", "Counted from 0."),
    member(
        "sender",
        Type::U32,
        ".map(|sender| sender.number())",
        "A number that `cpc_engine_sender_id` has the id of. Do not store the number: after a restore it may be \
         another sender's.",
    ),
    member("phone", Type::U64, ".map(Phone::digits)", ""),
    member("dispatch", Type::U64, ".map(u64::from)", ""),
    member("origin", Type::U64, ".map(u64::from)", ""),
    member("to", Type::U64, ".map(Phone::digits)", ""),
    member("sendAt", Type::I64, ".map(millis)", ""),
    member("blockedUntil", Type::I64, ".map(millis)", ""),
    member("retryAt", Type::I64, ".map(millis)", ""),
    member("expiredAt", Type::I64, ".map(millis)", ""),
    member("field", Type::Text, ".map(cpc_text::of)", "Its name in JSON; a static text without a NUL."),
    member("warnings", Type::Flag, "", ""),
];

/// The last member of `cpc_outcome` in its first published version.
pub(super) const OUTCOME_FIRST_VERSION_ENDS_WITH: &str = "field";

/// The flags and members of `cpc_outcome`, in the order of the ABI, each with its bit and its field.
pub(super) fn outcome() -> Result<Vec<(u32, Member, &'static Field)>> {
    let mut members = Vec::new();
    for member in OUTCOME {
        let field = Outcome::SCHEMA.field(member.json);
        members.push((member, field.with_context(|| format!("outcomes have no field `{}`", member.json))?));
    }
    let is_known = |name: &str| name == "status" || OUTCOME.iter().any(|member| member.json == name);
    for field in Outcome::SCHEMA.fields.iter().filter(|field| !is_known(field.name)) {
        members.push((later(field)?, field));
    }
    let placed = members.into_iter().enumerate();
    Ok(placed.map(|(place, (member, field))| (1 << place, member, field)).collect())
}

/// The member of a field that is newer than the first version: its type follows from the kind.
fn later(field: &'static Field) -> Result<Member> {
    let (c_type, conversion) = match field.kind {
        Kind::Boolean => (Type::Flag, ""),
        Kind::Integer | Kind::Milliseconds => (Type::U64, ".map(u64::from)"),
        Kind::Phone => (Type::U64, ".map(Phone::digits)"),
        Kind::Timestamp => (Type::I64, ".map(millis)"),
        Kind::Text => (Type::Text, ".map(cpc_text::of)"),
        _ => bail!("the field `{}` of outcomes is of a kind that {} has no C type for", field.name, file!()),
    };
    Ok(Member { json: field.name, c_type, conversion, note: "" })
}

/// A choice, with the numbers that it has in C.
pub(super) struct Enumeration {
    pub(super) name: &'static str,
    pub(super) schema: &'static Choices,
    /// What 0 means, if it stands for an absent value.
    pub(super) none: Option<&'static str>,
}

impl Enumeration {
    /// The names, numbers and docs. Numbers count from 1: a forgotten choice, 0, is no value or an error.
    pub(super) fn values(&self) -> impl Iterator<Item = (&'static str, u8, String)> {
        let none = self.none.map(|doc| ("none", 0, doc.to_owned()));
        none.into_iter()
            .chain(self.schema.values.iter().map(|value| (value.name, value.code + 1, value.doc())))
    }
}

/// The choices that callers of the bindings make.
pub(super) const ENUMERATIONS: [Enumeration; 2] = [
    Enumeration { name: "Delivery", schema: &DeliveryStatus::SCHEMA, none: None },
    Enumeration { name: "Fault", schema: &Fault::SCHEMA, none: Some("It did not fail.") },
];

/// The parts of a message, as languages with optional arguments order them: the texts that must be there, then the
/// close ticket, which they default to true, then what may be absent.
pub(super) fn message_in_order_of_arguments() -> Vec<&'static Field> {
    let mut fields: Vec<&Field> = cpc_core::Message::SCHEMA.fields.iter().collect();
    fields.sort_by_key(|field| (!field.required, matches!(field.kind, Kind::Boolean)));
    fields
}

/// `contact_blocked` or `closeTicket` as words: `contact`, `blocked`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for character in name.chars() {
        if character == '_' || character.is_uppercase() {
            words.push(String::new());
        }
        if let (Some(word), true) = (words.last_mut(), character != '_') {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// `closeTicket` as `close_ticket`.
pub(super) fn snake(name: &str) -> String {
    words(name).join("_")
}

/// `contact_blocked` as `CONTACT_BLOCKED`.
pub(super) fn screaming(name: &str) -> String {
    snake(name).to_uppercase()
}

/// `contact_blocked` as `ContactBlocked`.
pub(super) fn pascal(name: &str) -> String {
    let capital = |word: String| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    };
    words(name).into_iter().map(capital).collect()
}

/// What a field means, in a language that says so of an absent value.
pub(super) fn doc_without_option(doc: &str, absent: &str) -> String {
    doc.replace("`None`", absent)
}

/// A comment's lines, each after that prefix and none wider than 120 characters.
pub(super) fn comment(prefix: &str, text: &str) -> String {
    let mut lines = String::new();
    let mut line = prefix.to_owned();
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > 120 && line != prefix {
            lines += &format!("{line}\n");
            prefix.clone_into(&mut line);
        }
        line += &format!(" {word}");
    }
    lines + &line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_every_language() {
        assert_eq!((snake("closeTicket"), snake("to")), ("close_ticket".to_owned(), "to".to_owned()));
        assert_eq!((screaming("existingOnly"), screaming("Fault")), ("EXISTING_ONLY".into(), "FAULT".into()));
        assert_eq!((pascal("contact_blocked"), pascal("sendAt")), ("ContactBlocked".into(), "SendAt".into()));
    }

    #[test]
    fn comments_break_between_words() {
        let long = "a".repeat(60);
        assert_eq!(comment("//", &format!("{long} {long}\nb")), format!("// {long}\n// {long} b\n"));
    }

    #[test]
    fn members_keep_their_bits() {
        let bits: Vec<_> = outcome().unwrap().iter().map(|(bit, _, field)| (*bit, field.name)).collect();
        assert_eq!((bits[0], bits[11], bits[12]), ((1, "stage"), (2048, "field"), (4096, "warnings")));
    }

    #[test]
    fn the_type_of_a_later_member_follows_from_its_kind() {
        let of = |kind| {
            let field: &'static Field = Box::leak(Box::new(Field::new("later", "later", kind, false)));
            later(field).map(|member| member.c_type).ok()
        };
        assert!(of(Kind::Timestamp) == Some(Type::I64) && of(Kind::Integer) == Some(Type::U64));
        assert!(of(Kind::Boolean) == Some(Type::Flag) && of(Kind::Countries).is_none());
    }
}
