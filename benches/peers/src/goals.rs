//! The goals of performance, and whether they are met.

use crate::gates::{ACCEPTED, CPC, FROM_TEXT, GOVERNOR, GROUP as GATE, HASHBROWN, REFUSED};
use crate::report::{Key, Report};
use crate::{json, keeping, memory, senders};
use std::fmt::Write;

/// One goal: at most, or at least, so much.
struct Goal {
    text: String,
    figure: Option<f64>,
    limit: Limit,
}

enum Limit {
    AtMost(f64),
    AtLeast(f64),
    /// A figure that is shown beside a goal.
    None,
}

impl Goal {
    fn at_most(text: impl Into<String>, figure: Option<f64>, limit: f64) -> Goal {
        Goal { text: text.into(), figure, limit: Limit::AtMost(limit) }
    }

    fn verdict(&self) -> &'static str {
        let met = match (&self.limit, self.figure) {
            (_, None) => return "not measured in this run",
            (Limit::None, _) => return "for comparison",
            (Limit::AtMost(most), Some(figure)) => figure <= *most,
            (Limit::AtLeast(least), Some(figure)) => figure >= *least,
        };
        if met { "met" } else { "missed" }
    }
}

/// The table of goals.
#[must_use]
pub fn table(report: &Report) -> String {
    let mut text = "| goal | figure | |\n|---|---|---|\n".to_owned();
    for goal in goals(report) {
        let figure = goal.figure.map_or("-".to_owned(), |figure| format!("{figure:.2}"));
        let verdict = goal.verdict();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | {figure} | {verdict} |", goal.text);
    }
    text
}

fn goals(report: &Report) -> Vec<Goal> {
    let mut goals = Vec::new();
    for (size, name) in [(1_000_000, "10^6"), (10_000_000, "10^7")] {
        gate_goals(report, size, name, &mut goals);
    }
    for (what, limit) in [("cpc", 80.0), ("cpc, client ids", 112.0)] {
        for (size, name) in [(1_000_000, "10^6"), (10_000_000, "10^7"), (13_000_000, "1.3·10^7")] {
            let phone = if what == "cpc" { "phone only" } else { "with a client id" };
            let text = format!("bytes a contact, {phone}, {name}, worst on the way: ≤ {limit}");
            let key = Key { group: memory::GROUP, what, phase: "worst", size };
            goals.push(Goal::at_most(text, report.get(key).map(|bytes| bytes.median), limit));
        }
    }
    let ratio = report.ratio(senders::key(10_000), senders::key(10)).map(|ratio| ratio.median);
    goals.push(Goal::at_most("10 000 senders ÷ 10 senders, accepted: ≤ 1.5", ratio, 1.5));
    for phase in [json::MANDATORY, json::ALL] {
        let key = |what| Key { group: json::GROUP, what, phase, size: 1_000 };
        let ratio = report.ratio(key(json::CPC), key(json::SERDE)).map(|ratio| ratio.median);
        let text = format!("JSON to JSON ÷ serde_json parsing, 1000 messages, {phase}: ≤ 1.0");
        goals.push(Goal::at_most(text, ratio, 1.0));
    }
    let key = Key { group: keeping::GROUP, what: keeping::CPC, phase: keeping::RESTORE, size: 1_000_000 };
    let rate = report.get(key).map(|each| 1_000.0 / each.median);
    let text = "millions of contacts restored a second, 10^6: ≥ 5".to_owned();
    goals.push(Goal { text, figure: rate, limit: Limit::AtLeast(5.0) });
    goals
}

fn gate_goals(report: &Report, size: u64, name: &str, goals: &mut Vec<Goal>) {
    let key = |what, phase| Key { group: GATE, what, phase, size };
    let ratio = |phase, other| report.ratio(key(CPC, phase), key(other, phase)).map(|ratio| ratio.median);
    for (phase, limit) in [(REFUSED, 1.5), (ACCEPTED, 2.0)] {
        let text = format!("{phase} ÷ hashbrown gate, {name}: ≤ {limit}");
        goals.push(Goal::at_most(text, ratio(phase, HASHBROWN), limit));
        let text = format!("{phase} ÷ hashbrown gate from the text, {name}");
        goals.push(Goal { text, figure: ratio(phase, FROM_TEXT), limit: Limit::None });
        let text = format!("{phase} ÷ governor as it comes, {name}: ≤ 0.5");
        goals.push(Goal::at_most(text, ratio(phase, GOVERNOR), 0.5));
    }
}
