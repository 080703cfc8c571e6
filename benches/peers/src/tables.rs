//! Figures as tables, in Markdown: read in a terminal as well as on a page.

use crate::gates::{self, ACCEPTED, EXPIRY, FOLLOW_UP, MIXED, REFUSED, REPLY};
use crate::report::{Key, Report};
use crate::{goals, json, keeping, memory, senders};
use std::fmt::Write;

/// All tables, with the goals at the end.
#[must_use]
pub fn all(report: &Report) -> String {
    let mut text = format!("Measured on: {}.\n", report.machine);
    // Writing to a String cannot fail.
    let _ = gate(report, &mut text)
        .and_then(|()| other_work(report, &mut text))
        .and_then(|()| json(report, &mut text))
        .and_then(|()| keeping(report, &mut text))
        .and_then(|()| memory(report, &mut text))
        .and_then(|()| senders(report, &mut text))
        .and_then(|()| rules(report, &mut text));
    text.push_str("\n### Goals\n\n");
    text.push_str(&goals::table(report));
    text
}

/// A figure, or a dash.
fn shown(report: &Report, key: Key) -> String {
    report.get(key).map_or("-".to_owned(), |spread| spread.to_string())
}

fn times(report: &Report, one: Key, other: Key) -> String {
    report.ratio(one, other).map_or("-".to_owned(), |ratio| format!("{:.2}", ratio.median))
}

/// Digits in groups.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(" ")
}

fn gate(report: &Report, text: &mut String) -> std::fmt::Result {
    let key = |what, phase, size| Key { group: gates::GROUP, what, phase, size };
    for size in report.sizes(key(gates::FROM_TEXT, ACCEPTED, 0)) {
        writeln!(text, "\n### The gate, {} contacts: ns a decision, and cpc as a multiple\n", grouped(size))?;
        writeln!(text, "| | accepted | cpc ÷ it | refused | cpc ÷ it | a tenth answered | cpc ÷ it |")?;
        writeln!(text, "|---|---|---|---|---|---|---|")?;
        for system in &gates::SYSTEMS {
            let ours = if system.client { gates::CPC_CLIENT } else { gates::CPC };
            write!(text, "| {} |", system.name)?;
            for phase in [ACCEPTED, REFUSED, MIXED] {
                let (it, cpc) = (key(system.name, phase, size), key(ours, phase, size));
                write!(text, " {} | {} |", shown(report, it), times(report, cpc, it))?;
            }
            writeln!(text)?;
        }
    }
    Ok(())
}

fn other_work(report: &Report, text: &mut String) -> std::fmt::Result {
    let key = |what, phase, size| Key { group: gates::GROUP, what, phase, size };
    writeln!(text, "\n### Other work on contacts: ns each\n")?;
    writeln!(text, "| contacts | | a reply | a follow-up sent | a cycle put away |\n|---|---|---|---|---|")?;
    for size in report.sizes(key(gates::FROM_TEXT, ACCEPTED, 0)) {
        for what in [gates::CPC, gates::CPC_CLIENT, gates::HASHBROWN, gates::HASHBROWN_CLIENT] {
            write!(text, "| {} | {what} |", grouped(size))?;
            for phase in [REPLY, FOLLOW_UP, EXPIRY] {
                write!(text, " {} |", shown(report, key(what, phase, size)))?;
            }
            writeln!(text)?;
        }
    }
    Ok(())
}

fn json(report: &Report, text: &mut String) -> std::fmt::Result {
    for phase in [json::MANDATORY, json::ALL] {
        writeln!(text, "\n### JSON, {phase}: ns a message, and as a multiple of serde_json into &str\n")?;
        writeln!(
            text,
            "| messages a body | 1 | × | 1 000 | × | 100 000 | × |\n|---|---|---|---|---|---|---|"
        )?;
        for what in json::SYSTEMS {
            write!(text, "| {what} |")?;
            for size in json::SIZES {
                let key = |what| Key { group: json::GROUP, what, phase, size };
                write!(
                    text,
                    " {} | {} |",
                    shown(report, key(what)),
                    times(report, key(what), key(json::SERDE))
                )?;
            }
            writeln!(text)?;
        }
    }
    Ok(())
}

fn keeping(report: &Report, text: &mut String) -> std::fmt::Result {
    use keeping::{BYTES, CPC, CPC_CLIENT, DISPATCH, FLOOR, RESTORE, SERDE, SNAPSHOT};
    let key = |what, phase, size| Key { group: keeping::GROUP, what, phase, size };
    writeln!(text, "\n### Snapshots: ns a contact\n")?;
    writeln!(
        text,
        "| contacts | | snapshot | restore | restored a second | bytes |\n|---|---|---|---|---|---|"
    )?;
    for size in report.sizes(key(CPC, SNAPSHOT, 0)) {
        for what in [CPC, CPC_CLIENT, FLOOR] {
            let [snapshot, restore, bytes] =
                [SNAPSHOT, RESTORE, BYTES].map(|phase| shown(report, key(what, phase, size)));
            let rate = report.get(key(what, RESTORE, size));
            let rate = rate.map_or("-".to_owned(), |each| format!("{:.1} M", 1_000.0 / each.median));
            writeln!(text, "| {} | {what} | {snapshot} | {restore} | {rate} | {bytes} |", grouped(size))?;
        }
    }
    writeln!(
        text,
        "\n### Replay of command lines: ns a command\n\n| | a dispatch of one message | a reply |\n|---|---|---|"
    )?;
    for size in report.sizes(key(CPC, DISPATCH, 0)) {
        for what in [CPC, SERDE] {
            let [dispatch, reply] =
                [DISPATCH, keeping::REPLY].map(|phase| shown(report, key(what, phase, size)));
            writeln!(text, "| {what} | {dispatch} | {reply} |")?;
        }
    }
    Ok(())
}

fn memory(report: &Report, text: &mut String) -> std::fmt::Result {
    let key = |what, phase, size| Key { group: memory::GROUP, what, phase, size };
    writeln!(text, "\n### Memory: bytes a contact, written to in the last 24 h\n")?;
    writeln!(
        text,
        "| contacts | | allocated | worst on the way | peak | resident |\n|---|---|---|---|---|---|"
    )?;
    for size in report.sizes(key("cpc", "counted", 0)) {
        for what in memory::SYSTEMS {
            write!(text, "| {} | {what} |", grouped(size))?;
            for phase in memory::PHASES {
                let bytes = report.get(key(what, phase, size));
                write!(text, " {} |", bytes.map_or("-".to_owned(), |bytes| format!("{:.0}", bytes.median)))?;
            }
            writeln!(text)?;
        }
    }
    Ok(())
}

fn senders(report: &Report, text: &mut String) -> std::fmt::Result {
    writeln!(
        text,
        "\n### Choosing a sender: ns an accepted message\n\n| senders | | ÷ 10 senders |\n|---|---|---|"
    )?;
    for senders in senders::SIZES {
        let key = senders::key(senders);
        let ratio = times(report, key, senders::key(10));
        writeln!(text, "| {} | {} | {ratio} |", grouped(senders), shown(report, key))?;
    }
    Ok(())
}

/// Only there when general rule engines were measured.
fn rules(report: &Report, text: &mut String) -> std::fmt::Result {
    let mut of_rules = report.figures.iter().filter(|figure| figure.key.group == "rules").peekable();
    if of_rules.peek().is_some() {
        writeln!(text, "\n### The rule alone, state passed in: ns a decision\n\n| | |\n|---|---|")?;
    }
    for figure in of_rules {
        writeln!(text, "| {} | {} |", figure.key.what, shown(report, figure.key))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_stand_in_groups() {
        assert_eq!(
            ["1", "1 000", "13 000 000"],
            [grouped(1), grouped(1_000), grouped(13_000_000)].map(String::leak)
        );
    }
}
