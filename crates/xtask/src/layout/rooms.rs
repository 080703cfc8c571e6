//! The order of a crate's rooms, as ARCHITECTURE.md draws it: a room uses only what stands below it.
//!
//! A room is a module right below the crate's root, with all that is in it. The plan is a block of ARCHITECTURE.md, so
//! that what people read is what is checked:
//!
//! ````text
//! ```rooms crates/cpc-core
//! snapshot
//! engine
//! command outcome status
//! ```
//! ````
//!
//! Modules of one line may use each other, as long as that makes no circle. The root stands above all.

use crate::layout::arrows::Arrows;
use crate::layout::source::Crate;
use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};

/// The levels of a crate: the modules of each, the highest first.
pub(super) type Plan = Vec<Vec<String>>;

/// The plans in a text, by the folder of the crate.
pub(super) fn plans(text: &str) -> Result<BTreeMap<String, Plan>> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(folder) = line.trim().strip_prefix("```rooms ") else { continue };
        let rows = lines.by_ref().take_while(|line| line.trim() != "```");
        let words = rows.map(|row| row.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let plan: Plan = words.filter(|row| !row.is_empty()).collect();
        if found.insert(folder.trim().to_owned(), plan).is_some() {
            bail!("the rooms of {folder} are planned twice");
        }
    }
    Ok(found)
}

/// What to say of a crate that does not keep to its plan.
pub(super) fn check(source: &Crate, arrows: &Arrows, plan: &Plan) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
    for (level, rooms) in plan.iter().enumerate() {
        for room in rooms {
            if levels.insert(room, level).is_some() {
                wrong.push(format!("{room} stands twice in the plan"));
            }
        }
    }
    let rooms: BTreeSet<&str> = source.modules.iter().skip(1).map(|module| room(&module.name)).collect();
    let unplanned = rooms.iter().filter(|room| !levels.contains_key(*room));
    wrong.extend(unplanned.map(|room| format!("{room} is not in the plan")));
    let missing = levels.keys().filter(|room| !rooms.contains(*room));
    wrong.extend(missing.map(|room| format!("{room} is in the plan, but not in the crate")));
    for ((from, to), reason) in arrows {
        let (Some(user), Some(used)) = (source.modules.get(*from), source.modules.get(*to)) else { continue };
        // Whatever uses the root uses what stands above it; the root may use everything.
        let level = |module: usize, name: &str| {
            if module == 0 { Some(None) } else { levels.get(room(name)).map(|level| Some(*level)) }
        };
        let (Some(above), Some(below)) = (level(*from, &user.name), level(*to, &used.name)) else { continue };
        let within = *from != 0 && *to != 0 && room(&user.name) == room(&used.name);
        if !within && above > below {
            wrong.push(format!(
                "{} may not use {}, which stands above it\n    {}:{}: {}",
                user.name,
                used.name,
                user.file.display(),
                reason.line,
                reason.path
            ));
        }
    }
    wrong
}

/// The room that a module is in: `contacts` of `contacts::store`.
fn room(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}
