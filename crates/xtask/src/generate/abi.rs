//! What the C ABI fixes beyond the descriptors of cpc-core: the order and the types of a struct's members, the flags,
//! and the numbers of choices. The C constants and the types of Python, Go and PHP are made of the same tables.

use anyhow::{Context, Result, ensure};
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

/// The members of `cpc_outcome` after `struct_size`, `status` and `present`. The order is the ABI's, and the place is
/// the bit of `present` that stands for the member: a new one goes to the end.
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
    let fields = Outcome::SCHEMA.fields;
    for field in fields.iter().filter(|field| field.name != "status") {
        ensure!(
            OUTCOME.iter().any(|member| member.json == field.name),
            "the field `{}` of outcomes has no place in the C ABI: add a row to the end of OUTCOME in {}",
            field.name,
            file!()
        );
    }
    let with_field = |(place, member): (usize, Member)| {
        let field = Outcome::SCHEMA.field(member.json);
        let field = field.with_context(|| format!("outcomes have no field `{}`", member.json))?;
        Ok((1 << place, member, field))
    };
    OUTCOME.into_iter().enumerate().map(with_field).collect()
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
}
