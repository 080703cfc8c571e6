//! Circles of modules that use each other.

use crate::layout::arrows::Arrows;
use crate::layout::source::Crate;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A circle: its modules, each of which uses the next, and the last the first.
type Circle = Vec<usize>;

/// What to say of every circle of a crate.
pub(super) fn check(source: &Crate, arrows: &Arrows) -> Vec<String> {
    circles(arrows).iter().map(|circle| describe(source, arrows, circle)).collect()
}

/// Circles that have every arrow among them that is part of one, short ones first.
fn circles(arrows: &Arrows) -> Vec<Circle> {
    let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (from, to) in arrows.keys() {
        next.entry(*from).or_default().push(*to);
    }
    let shortest = |&(from, to): &(usize, usize)| {
        let mut circle = path(&next, to, from)?;
        // Begins with its first module in the order of the declarations, so that it is found once.
        let first = (0..circle.len()).min_by_key(|place| circle.get(*place)).unwrap_or(0);
        circle.rotate_left(first);
        Some(circle)
    };
    let mut found: Vec<Circle> = arrows.keys().filter_map(shortest).collect();
    found.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    found.dedup();
    let mut shown = BTreeSet::new();
    found.retain(|circle| {
        let new = pairs(circle).filter(|pair| shown.insert(*pair)).count();
        new > 0
    });
    found
}

/// The shortest way from one module to another, both included.
fn path(next: &BTreeMap<usize, Vec<usize>>, from: usize, to: usize) -> Option<Vec<usize>> {
    let mut before = BTreeMap::from([(from, from)]);
    let mut queue = VecDeque::from([from]);
    while let Some(current) = queue.pop_front() {
        if current == to {
            let mut way = vec![to];
            let mut last = to;
            while last != from {
                last = before.get(&last).copied()?;
                way.push(last);
            }
            way.reverse();
            return Some(way);
        }
        for follower in next.get(&current).into_iter().flatten() {
            before.entry(*follower).or_insert_with(|| {
                queue.push_back(*follower);
                current
            });
        }
    }
    None
}

/// Each module of a circle with the next.
fn pairs(circle: &Circle) -> impl Iterator<Item = (usize, usize)> {
    circle.iter().copied().zip(circle.iter().copied().cycle().skip(1))
}

fn describe(source: &Crate, arrows: &Arrows, circle: &Circle) -> String {
    let name = |module: usize| source.modules.get(module).map_or("", |module| module.name.as_str());
    let closed = circle.iter().chain(circle.first());
    let mut text = closed.map(|module| name(*module)).collect::<Vec<_>>().join(" → ");
    for (from, to) in pairs(circle) {
        if let (Some(reason), Some(module)) = (arrows.get(&(from, to)), source.modules.get(from)) {
            text.push_str(&format!("\n    {}:{}: {}", module.file.display(), reason.line, reason.path));
        }
    }
    text
}
