//! Bytes a contact, as the program `memory` counts them: in a process of its own, so that counting slows nothing else.

use crate::report::{Key, Report};
use crate::scale::Scale;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;

/// Bytes a contact.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Bytes {
    /// Allocated with all contacts known.
    pub counted: f64,
    /// The highest value of `counted` between half of the contacts and all of them.
    pub worst: f64,
    /// Allocated at the peak, while a table grows.
    pub peak: f64,
    /// Resident memory of the process.
    pub resident: f64,
}

/// The systems that are measured.
pub const SYSTEMS: [&str; 4] = ["cpc", "cpc, client ids", "hashbrown", "hashbrown, client ids"];
/// The group of these figures.
pub const GROUP: &str = "memory";
/// [`Bytes::counted`] and the others, as phases.
pub const PHASES: [&str; 4] = ["counted", "worst", "peak", "resident"];

/// Runs `program`, which is `memory`, for every system and size.
pub fn measure(program: &Path, scale: &Scale, report: &mut Report) {
    for contacts in &scale.memory {
        for what in SYSTEMS {
            eprintln!("memory: {what}, {contacts} contacts");
            let output = Command::new(program).arg(what).arg(contacts.to_string()).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let bytes: Bytes = serde_json::from_slice(&output.stdout).unwrap();
            let values = [bytes.counted, bytes.worst, bytes.peak, bytes.resident];
            for (phase, value) in PHASES.into_iter().zip(values) {
                report.add(Key { group: GROUP, what, phase, size: *contacts }, value);
            }
        }
    }
}
