//! Numbers, durations and JSON values as people write them, for documents and doc comments.

use cpc_core::schema::{DefaultValue, Field, Kind};
use std::fmt::Write as _;

/// A duration in the largest unit that divides it: `24 h`, `15 min`, `30 days`. Days begin above two.
pub(super) fn duration(millis: u64) -> String {
    const UNITS: [(u64, u64, &str); 4] = [
        (86_400_000, 3 * 86_400_000, "days"),
        (3_600_000, 3_600_000, "h"),
        (60_000, 60_000, "min"),
        (1_000, 1_000, "s"),
    ];
    if millis == 0 {
        return String::from("0");
    }
    UNITS
        .into_iter()
        .find(|(unit, least, _)| millis >= *least && millis.is_multiple_of(*unit))
        .map_or_else(|| format!("{millis} ms"), |(unit, _, name)| format!("{} {name}", number(millis / unit)))
}

/// A number with its digits in groups of three, from five digits on: `100 000`.
pub(super) fn number(value: u64) -> String {
    let digits = value.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of this field, a duration if it holds one: names of those end in `Ms`.
pub(super) fn quantity(field: &Field, value: u64) -> String {
    if field.name.ends_with("Ms") { duration(value) } else { number(value) }
}

/// What the field is when it is not there; empty if that is nothing.
pub(super) fn default(field: &Field) -> String {
    match field.default {
        Some(DefaultValue::Integer(value)) => quantity(field, value),
        Some(DefaultValue::Boolean(value)) => format!("`{value}`"),
        Some(DefaultValue::Name(name)) => format!("`{name}`"),
        Some(DefaultValue::Json(json)) => format!("`{json}`"),
        _ => String::new(),
    }
}

/// What the field may be, where its kind does not say it; empty if there is nothing to say.
pub(super) fn bounds(field: &Field) -> String {
    match (field.bounds, field.kind) {
        (Some(bounds), _) => format!("{} to {}", quantity(field, bounds.min), quantity(field, bounds.max)),
        (None, Kind::Choice(choices)) => {
            choices.values.iter().map(|value| format!("`{}`", value.name)).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

/// A table row of Markdown.
pub(super) fn row(table: &mut String, cells: &[&str]) {
    for cell in cells {
        let _ = write!(table, "| {cell} ");
    }
    table.push_str("|\n");
}

/// A sentence as a part of another: without its capital and its full stop.
pub(super) fn phrase(sentence: &str) -> String {
    let sentence = sentence.strip_suffix('.').unwrap_or(sentence);
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpc_core::Policy;

    #[test]
    fn durations_are_written_as_people_do() {
        let shown = [1, 1_000, 900_000, 86_400_000, 172_800_000, 2_592_000_000, 0].map(duration);
        assert_eq!(shown, ["1 ms", "1 s", "15 min", "24 h", "48 h", "30 days", "0"]);
        assert_eq!([1_000, 20_000, 50_000_000].map(number), ["1000", "20 000", "50 000 000"]);
    }

    #[test]
    fn defaults_and_bounds_are_in_the_unit_of_their_field() {
        let of = |name| Policy::SCHEMA.field(name).map(|field| (default(field), bounds(field))).unwrap();
        assert_eq!(of("windowMs"), (String::from("24 h"), String::from("1 ms to 30 days")));
        assert_eq!(of("maxFailover"), (String::from("2"), String::from("0 to 16")));
        assert_eq!(of("emptyTemplate"), (String::from("`warn`"), String::from("`warn`, `reject`")));
        assert_eq!(of("hours"), (String::new(), String::new()));
    }
}
