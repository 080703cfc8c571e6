//! The tables of the documents: statuses, policy, operations.

use crate::generate::output::Output;
use crate::generate::words::{bounds, default, phrase, row};
use anyhow::Result;
use cpc_core::schema::{Field, Kind, Object, Operation};
use cpc_core::{Command, ErrorCode, Policy, Query, Status};
use cpc_wire::{Language, remedy, status_text};

/// The tables of RULES.md, LINES.md and the pages about statuses.
pub(super) fn outputs() -> Result<Vec<Output>> {
    Ok(vec![
        Output::region("crates/cpc-core/RULES.md", "policy", policy()),
        Output::region("crates/cpc-core/RULES.md", "statuses", statuses()),
        Output::region("crates/cpc-wire/LINES.md", "operations", operations()),
        Output::region("crates/cpc-wire/LINES.md", "errors", errors()),
        Output::region("docs/statuses.md", "statuses", status_texts(Language::En)),
        Output::region("docs/statuses.pt-BR.md", "statuses", status_texts(Language::PtBr)),
    ])
}

fn policy() -> String {
    let mut table = String::from("| member | default | may be | meaning |\n|---|---|---|---|\n");
    for field in Policy::SCHEMA.fields {
        row(&mut table, &[&format!("`{}`", field.name), &default(field), &bounds(field), &field.doc()]);
    }
    table
}

fn statuses() -> String {
    let mut table = String::from("| # | status | meaning |\n|---:|---|---|\n");
    for status in Status::SCHEMA.values {
        row(&mut table, &[&status.code.to_string(), &format!("`{}`", status.name), &phrase(&status.doc())]);
    }
    table
}

fn errors() -> String {
    let mut table = String::from("| `error` | meaning | HTTP |\n|---|---|---:|\n");
    for (code, value) in ErrorCode::ALL.into_iter().zip(ErrorCode::SCHEMA.values) {
        row(&mut table, &[&format!("`{}`", value.name), &value.doc(), &code.http_status().to_string()]);
    }
    table
}

fn status_texts(language: Language) -> String {
    let mut table = String::from(match language {
        Language::PtBr => "| código | status | motivo | o que resolve |\n|---:|---|---|---|\n",
        Language::En => "| code | status | reason | what lifts it |\n|---:|---|---|---|\n",
    });
    for status in Status::ALL {
        let (code, name) = (status.code().to_string(), format!("`{}`", status.name()));
        let lifts = remedy(status, language).unwrap_or_default();
        row(&mut table, &[&code, &name, status_text(status, language), lifts]);
    }
    table
}

/// One row for each `op`: what it takes in each of its forms, and what each does.
fn operations() -> String {
    let mut table = String::from("| `op` | fields (`?` may be absent) | what it does |\n|---|---|---|\n");
    let all: Vec<&Operation> = Command::OPERATIONS.iter().chain(Query::OPERATIONS).collect();
    let mut names: Vec<&str> = Vec::new();
    for name in all.iter().map(|operation| operation.name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for name in names {
        let of_name: Vec<&&Operation> = all.iter().filter(|operation| operation.name == name).collect();
        // A form without fields, of an `op` that has others, is none of lines.
        let forms = of_name.iter().filter(|form| of_name.len() == 1 || form.fields().count() > 0);
        let (mut fields, mut meanings) = (Vec::new(), Vec::new());
        for form in forms {
            fields.push(fields_of(form.fields()));
            let meaning = form.doc().trim_end_matches('.').to_owned();
            meanings.push(if meanings.is_empty() { meaning } else { phrase(&meaning) });
        }
        let meaning = meanings.join(". Or: ");
        row(&mut table, &[&format!("`{name}`"), &fields.join("; or "), &meaning]);
    }
    table
}

/// `a b? list` of `c d?`: the names of fields, and of those in the objects that they hold.
fn fields_of(fields: impl Iterator<Item = &'static Field>) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for field in fields {
        if field.name.is_empty()
            && let Kind::Flattened(Object { name: "Target", .. }) = field.kind
        {
            parts.push(String::from("`phone` or `clientId`"));
            continue;
        }
        add(field, true, &mut names);
        let inner = match field.kind {
            Kind::Object(inner) | Kind::List(&Kind::Object(inner)) if !field.name.is_empty() => inner,
            _ => continue,
        };
        let named = format!("`{}`", std::mem::take(&mut names).join(" "));
        // Messages are those of the document, and have fields that lines do not look at.
        parts.push(match inner.name {
            "Message" => format!("{named} as in the document"),
            _ => format!("{named} of {}", fields_of(inner.fields.iter())),
        });
    }
    if !names.is_empty() {
        parts.push(format!("`{}`", names.join(" ")));
    }
    parts.join(", ")
}

/// The name of a field, or those of the object whose fields stand in its place.
fn add(field: &Field, required: bool, names: &mut Vec<String>) {
    let required = required && field.required;
    match field.kind {
        Kind::Object(inner) | Kind::Flattened(inner) if field.name.is_empty() => {
            inner.fields.iter().for_each(|field| add(field, required, names));
        }
        _ => names.push(format!("{}{}", field.name, if required { "" } else { "?" })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_with_those_of_the_objects_that_they_hold() {
        let of = |name: &str| {
            let found = Command::OPERATIONS.iter().find(|operation| operation.name == name).unwrap();
            fields_of(found.fields())
        };
        assert_eq!(of("optOut"), "`phone` or `clientId`, `reason?`");
        assert_eq!(of("report"), "`dispatch status fault? sender?`");
        assert!(of("wallet").contains("senders` of `id weight? dailyLimit? perSecond? burst?"));
    }

    #[test]
    fn a_phrase_goes_on_from_what_stands_before_it() {
        assert_eq!(phrase("It was so already."), "it was so already");
    }
}
