//! What commands, queries and answers are made of, as constants.
//!
//! Each row of the tables of this crate (`policy!`, `statuses!`, `names!`, `fields!`, `operations!`) leaves a
//! descriptor here: the JSON name, the kind, the default, the bounds and the sentence that documents it. The types of
//! the bindings, the OpenAPI schemas and the tables of the documentation are generated from these constants, so a
//! fact is written once. They cost a program that does not name them nothing.
//!
//! ```
//! use cpc_core::{Outcome, Policy, Status};
//!
//! let window = Policy::SCHEMA.field("windowMs").unwrap();
//! assert_eq!(window.doc(), "How long a cycle blocks its gates unless it is answered.");
//! assert_eq!(window.bounds.unwrap().max, 30 * 24 * 3_600_000);
//! assert!(Outcome::SCHEMA.field("retryAt").is_some());
//! assert_eq!(Status::SCHEMA.values[0].name, "accepted");
//! ```

use alloc::string::String;

/// What JSON value a field holds.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// `true`, and nothing else.
    True,
    /// A whole number.
    Integer,
    /// A whole number of milliseconds.
    Milliseconds,
    /// An instant: milliseconds since 1970; commands take RFC 3339 as well.
    Timestamp,
    /// A text.
    Text,
    /// The digits of a phone number, as a text.
    Phone,
    /// The message's own number: a whole number, or its digits as a text.
    MessageId,
    /// Prefixes of countries, or `["*"]`.
    Countries,
    /// A key: 32 hexadecimal digits. It is never printed.
    Secret,
    /// Contact hours (RULES §9).
    ContactHours,
    /// One of some names.
    Choice(&'static Choices),
    /// The names and numbers of [`Status`](crate::Status).
    Status,
    /// An object of its own.
    Object(&'static Object),
    /// The fields of this object stand beside those of the one that holds it.
    Flattened(&'static Object),
    /// A list.
    List(&'static Kind),
}

/// The least and the most a number may be, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The least.
    pub min: u64,
    /// The most.
    pub max: u64,
}

/// The value of a field that is not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DefaultValue {
    /// A number; milliseconds where the field's kind says so.
    Integer(u64),
    /// A truth value.
    Boolean(bool),
    /// One of the names of a choice.
    Name(&'static str),
    /// Text that describes a value of another kind, as JSON.
    Json(&'static str),
}

/// A field of a JSON object.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Field {
    /// Its name in JSON. Empty where the fields of its object stand beside those of the one that holds it.
    pub name: &'static str,
    /// Its name in Rust; empty where only JSON has it.
    pub rust: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// What it is when it is not there.
    pub default: Option<DefaultValue>,
    /// The bounds of a number.
    pub bounds: Option<Bounds>,
    documentation: &'static str,
}

impl Field {
    /// A field without default and bounds.
    #[must_use]
    pub const fn new(name: &'static str, rust: &'static str, kind: Kind, required: bool) -> Field {
        Field { name, rust, kind, required, default: None, bounds: None, documentation: "" }
    }

    /// Sets the sentence that documents it; lines are joined by [`doc`](Self::doc).
    #[must_use]
    pub const fn documented(mut self, documentation: &'static str) -> Field {
        self.documentation = documentation;
        self
    }

    /// Sets the bounds.
    #[must_use]
    pub const fn bounded(mut self, min: u64, max: u64) -> Field {
        self.bounds = Some(Bounds { min, max });
        self
    }

    /// Sets the value that it has when it is not there.
    #[must_use]
    pub const fn default(mut self, value: DefaultValue) -> Field {
        self.default = Some(value);
        self
    }

    /// What it means, on one line.
    #[must_use]
    pub fn doc(&self) -> String {
        one_line(self.documentation)
    }
}

/// A JSON object.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Object {
    /// Its name in Rust, and in the bindings.
    pub name: &'static str,
    /// Its fields, in the order in which they are written.
    pub fields: &'static [Field],
    documentation: &'static str,
}

impl Object {
    /// An object.
    #[must_use]
    pub const fn new(name: &'static str, documentation: &'static str, fields: &'static [Field]) -> Object {
        Object { name, fields, documentation }
    }

    /// The field of that JSON name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// What it is, on one line.
    #[must_use]
    pub fn doc(&self) -> String {
        one_line(self.documentation)
    }
}

/// One name of a choice, or one status.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Value {
    /// The name in JSON.
    pub name: &'static str,
    /// The number: a status's code, or the place among the names of a choice.
    pub code: u8,
    /// Whether it says that an item was not done. Of choices never.
    pub is_refusal: bool,
    documentation: &'static str,
}

impl Value {
    /// A value.
    #[must_use]
    pub const fn new(name: &'static str, code: u8, is_refusal: bool, documentation: &'static str) -> Value {
        Value { name, code, is_refusal, documentation }
    }

    /// What it means, on one line.
    #[must_use]
    pub fn doc(&self) -> String {
        one_line(self.documentation)
    }
}

/// A set of names, one of which a field holds.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Choices {
    /// The name of the Rust enum.
    pub name: &'static str,
    /// The names, in the order of their numbers.
    pub values: &'static [Value],
    documentation: &'static str,
}

impl Choices {
    /// A set of names.
    #[must_use]
    pub const fn new(name: &'static str, documentation: &'static str, values: &'static [Value]) -> Choices {
        Choices { name, values, documentation }
    }

    /// What it is, on one line.
    #[must_use]
    pub fn doc(&self) -> String {
        one_line(self.documentation)
    }
}

/// A command or query: an `op` and its fields.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The value of `op`. Operations of one `op` differ in their fields.
    pub name: &'static str,
    /// The name of the Rust variant.
    pub variant: &'static str,
    /// Whether it changes something; a query does not.
    pub is_command: bool,
    /// Whether its one outcome says that something changed, or was so already, and nothing else.
    pub is_change: bool,
    /// Whether it has an outcome an item; else it has one.
    pub has_items: bool,
    /// The fields that each of its outcomes has, whatever its status, by their names in JSON. `phone` is that of the item,
    /// as it was posted.
    pub each: &'static [&'static str],
    fields: &'static [Field],
    more: &'static [Field],
    documentation: &'static str,
}

impl Operation {
    /// An operation.
    #[must_use]
    pub const fn new(
        name: &'static str,
        variant: &'static str,
        is_command: bool,
        documentation: &'static str,
        fields: &'static [Field],
    ) -> Operation {
        Operation {
            name,
            variant,
            is_command,
            is_change: is_command,
            has_items: false,
            each: &[],
            fields,
            more: &[],
            documentation,
        }
    }

    /// Says which fields its one outcome has, whatever its status.
    #[must_use]
    pub const fn one(mut self, each: &'static [&'static str]) -> Operation {
        (self.is_change, self.each) = (false, each);
        self
    }

    /// Says that it has an outcome an item, and which fields each has, whatever its status.
    #[must_use]
    pub const fn many(mut self, each: &'static [&'static str]) -> Operation {
        (self.is_change, self.has_items, self.each) = (false, true, each);
        self
    }

    /// Adds fields that only JSON has.
    #[must_use]
    pub const fn and(mut self, more: &'static [Field]) -> Operation {
        self.more = more;
        self
    }

    /// Its fields, besides `op` and `at`.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().chain(self.more)
    }

    /// What it does, on one line.
    #[must_use]
    pub fn doc(&self) -> String {
        one_line(self.documentation)
    }
}

/// The fields of an operation that holds one value: that value, or the fields of the object that it is.
pub(crate) const fn payload_fields(payload: &'static [Field]) -> &'static [Field] {
    match payload {
        [Field { name, kind: Kind::Object(object), .. }] if name.is_empty() => object.fields,
        _ => payload,
    }
}

/// Joins the lines of a doc comment. Links to sections of the rules (`[RULES §3](crate::rules#…)`) and to items
/// become their text: readers of other languages have no use for a path of this crate.
fn one_line(documentation: &str) -> String {
    let mut joined = String::new();
    for line in documentation.split('\n').map(str::trim).filter(|line| !line.is_empty()) {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line);
    }
    without_links(&joined)
}

fn without_links(text: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, linked)) = rest.split_once('[') {
        out.push_str(before);
        let Some((label, after)) = linked.split_once(']') else {
            out.push('[');
            out.push_str(linked);
            return out;
        };
        let target = after.strip_prefix('(').and_then(|target| target.split_once(')'));
        match target {
            Some((_, after)) => {
                out.push_str(label);
                rest = after;
            }
            // A path in backticks is a link of rustdoc; anything else in brackets is text.
            None if label.starts_with('`') => {
                out.push_str(label);
                rest = after;
            }
            None => {
                out.push('[');
                out.push_str(label);
                out.push(']');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_is_one_line_without_paths_of_this_crate() {
        let text = " A limit ([RULES §5.2](crate::rules#5)), see\n [`Pace`] and [mon] and [open.";
        assert_eq!(one_line(text), "A limit (RULES §5.2), see `Pace` and [mon] and [open.");
        assert_eq!(one_line(""), "");
    }
}
