//! The texts of a message on their way into the C ABI: the struct's members, and what fills them in each language.

use crate::generate::abi::comment;
use crate::generate::go::go_name;
use crate::generate::output::Output;
use anyhow::{Result, ensure};
use cpc_core::Message;
use cpc_core::schema::{Field, Kind};
use std::fmt::Write as _;

const NAME: &str = "texts of messages";

/// Regions of the struct, of its reader and of those that write it.
pub(super) fn outputs() -> Result<Vec<Output>> {
    let texts = texts()?;
    let region = |path: &str, line: &dyn Fn(&Field) -> String| {
        Output::region(path, NAME, texts.iter().map(|field| line(field)).collect())
    };
    Ok(vec![
        region("crates/cpc-capi/src/message.rs", &|field| {
            comment("    ///", &field.doc()) + &format!("    pub {}: cpc_text,\n", field.rust)
        }),
        Output::region("crates/cpc-capi/src/message.rs", "reading of messages", reading(&texts)?),
        region("crates/cpc-capi/examples/layout.rs", &|field| format!("            {},\n", field.rust)),
        region("crates/cpc-capi/tests/conformance/typed.rs", &|field| {
            format!("        {0}: {1},\n", field.rust, in_test(field))
        }),
        region("bindings/go/memory.go", &|field| {
            format!("\traw.{} = a.text(message.{})\n", field.rust, go_name(field.name))
        }),
        Output::region("bindings/go/memory.go", "sizes of messages", sizes(&texts)?),
        region("bindings/php/src/Batch.php", &|field| {
            format!("        '{}' => '{}',\n", field.rust, field.name)
        }),
        region("bindings/python/src/cpc/_abi.py", &|field| format!("        (\"{}\", Text),\n", field.rust)),
        region("bindings/python/src/cpc/_engine.py", &|field| {
            format!("        text(message.{}),\n", field.rust)
        }),
    ])
}

/// The members that are texts. The struct has them in this order: a new one goes to the end.
fn texts() -> Result<Vec<&'static Field>> {
    let others = ["idMessage", "closeTicket"];
    let texts: Vec<_> = Message::SCHEMA.fields.iter().filter(|field| !others.contains(&field.name)).collect();
    for field in &texts {
        ensure!(
            matches!(field.kind, Kind::Text),
            "`{}` of messages is no text: give it a place in `cpc_message` and in those who fill it, and name it here",
            field.name
        );
    }
    Ok(texts)
}

fn is_template(field: &Field) -> bool {
    field.name.ends_with("Template")
}

/// A text of which the engine keeps nothing is not read further than it must be.
fn reading(texts: &[&Field]) -> Result<String> {
    let mut out = String::new();
    for field in texts {
        let (rust, name) = (field.rust, field.name);
        match name {
            "contract" => writeln!(out, "        place.{rust} = self.{rust}.read_length(\"{name}\")?;")?,
            _ if is_template(field) => {
                writeln!(out, "        place.{rust} = template(self.{rust}, \"{name}\")?;")?
            }
            _ => writeln!(out, "        place.{rust} = read(self.{rust}, \"{name}\")?;")?,
        }
    }
    Ok(out)
}

fn in_test(field: &Field) -> String {
    if is_template(field) || field.name == "contract" {
        return format!("cpc_text::of(content(message.{}))", field.rust);
    }
    format!("cpc_text::of(message.{})", field.rust)
}

fn sizes(texts: &[&Field]) -> Result<String> {
    let mut out = String::new();
    for field in texts {
        writeln!(out, "\t\tsize += len(m.{})", go_name(field.name))?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_read_as_far_as_it_counts() {
        let reading = reading(&texts().unwrap()).unwrap();
        for line in [
            "place.client_id = read(self.client_id, \"clientId\")?;",
            "place.contract = self.contract.read_length(\"contract\")?;",
            "place.last_template = template(self.last_template, \"lastTemplate\")?;",
        ] {
            assert!(reading.contains(line), "{line}");
        }
        assert!(!reading.contains("close_ticket") && !reading.contains("id_message"));
    }
}
