//! The exploration: breadth first, every state once.

use crate::commands::{START, Step, beginning, steps};
use crate::promises;
use crate::shadow::Shadow;
use cpc_core::{Command, Engine, Outcome, Policy, Status};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A state, and the steps that led to it.
struct Place {
    engine: Engine,
    shadow: Shadow,
    path: Vec<u8>,
}

/// What was met.
pub(crate) struct Explored {
    pub(crate) states: usize,
    /// The answers that were given.
    pub(crate) statuses: BTreeSet<Status>,
}

/// What a step led to.
struct Next {
    engine: Engine,
    shadow: Shadow,
    outcomes: Vec<Outcome>,
}

/// Takes every sequence of up to so many steps.
pub(crate) fn explore(policy: &Policy, depth: usize) -> Explored {
    let steps = steps();
    let start = start(policy);
    let mut seen = BTreeSet::from([fingerprint(&start)]);
    let mut places = vec![start];
    let (mut taken, mut statuses) = (0_u64, BTreeSet::new());
    for level in 1..=depth {
        let mut reached = Vec::new();
        for place in &places {
            let restored = restored(&place.engine);
            for (number, step) in steps.iter().enumerate() {
                taken += 1;
                let next = match place.take(&restored, step) {
                    Ok(Some(next)) => next,
                    Ok(None) => continue,
                    Err(broken) => panic!("{}", story(policy, place, step, &steps, &broken)),
                };
                statuses.extend(next.outcomes.iter().map(|outcome| outcome.status));
                let next = Place { engine: next.engine, shadow: next.shadow, path: Vec::new() };
                if seen.insert(fingerprint(&next)) && level < depth {
                    let path = place.path.iter().copied().chain([number as u8]).collect();
                    reached.push(Place { path, ..next });
                }
            }
        }
        println!("{level} steps: {} states, {taken} steps taken", seen.len());
        places = reached;
    }
    Explored { states: seen.len(), statuses }
}

fn start(policy: &Policy) -> Place {
    let mut engine = Engine::new(policy.clone());
    for command in beginning() {
        engine.apply(START as i64, &command, &mut Vec::new()).unwrap();
    }
    Place { engine, shadow: Shadow::new(START), path: Vec::new() }
}

/// All that decides what comes next: of the engine, and of what was heard of it.
fn fingerprint(place: &Place) -> (u128, u64) {
    let mut hasher = DefaultHasher::new();
    place.shadow.hash(&mut hasher);
    (place.engine.digest(), hasher.finish())
}

fn snapshot(engine: &Engine) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine.snapshot(&mut bytes);
    bytes
}

/// RULES §10.2: the same engine, by way of its snapshot.
fn restored(engine: &Engine) -> Engine {
    let bytes = snapshot(engine);
    let restored = Engine::restore(&bytes).unwrap();
    assert_eq!(restored.digest(), engine.digest());
    assert!(snapshot(&restored) == bytes, "a restored engine has another snapshot");
    restored
}

impl Place {
    /// The state after one more step; `None` if the step was refused.
    fn take(&self, restored: &Engine, step: &Step) -> Result<Option<Next>, String> {
        let (at, command) = step.command(self.shadow.now, self.shadow.dispatches);
        let (mut engine, mut outcomes) = (self.engine.clone(), Vec::new());
        let applied = engine.apply(at as i64, &command, &mut outcomes);
        let (mut other, mut others) = (restored.clone(), Vec::new());
        let as_restored = other.apply(at as i64, &command, &mut others);
        if applied != as_restored || !same(&engine, &outcomes, &other, &others) {
            return Err(format!("{applied:?} {outcomes:?}, but restored {as_restored:?} {others:?}"));
        }
        let Ok(applied) = applied else {
            let unchanged = snapshot(&engine) == snapshot(&self.engine);
            return if unchanged { Ok(None) } else { Err("a refused command changed something".to_owned()) };
        };
        let now = applied.effective_at.as_millis();
        if now != at {
            return Err(format!("took effect at {now}, not at {at}"));
        }
        let mut shadow = self.shadow.clone();
        shadow.hear(&engine, now, &command, &outcomes)?;
        promises::views(&engine, &shadow)?;
        promises::deadlines(&engine, &shadow)?;
        promises::sendable(&engine, &shadow)?;
        if let Command::Dispatch(batch) = &command {
            promises::refusals(&self.engine, &engine, &self.shadow, batch, &outcomes)?;
        }
        Ok(Some(Next { engine, shadow, outcomes }))
    }
}

/// Whether two engines said the same and are the same; senders are known by their ids.
fn same(engine: &Engine, outcomes: &[Outcome], other: &Engine, others: &[Outcome]) -> bool {
    let named = |engine: &Engine, outcomes: &[Outcome]| -> Vec<(Outcome, Option<String>)> {
        let named = |outcome: &Outcome| {
            let sender = outcome.sender.map(|sender| engine.sender_id(sender).to_owned());
            let mut unnamed = *outcome;
            unnamed.sender = None;
            (unnamed, sender)
        };
        outcomes.iter().map(named).collect()
    };
    named(engine, outcomes) == named(other, others) && engine.digest() == other.digest()
}

/// What led there.
fn story(policy: &Policy, place: &Place, step: &Step, steps: &[Step], broken: &str) -> String {
    let taken = place.path.iter().map(|number| &steps[usize::from(*number)]).chain([step]);
    let taken: String = taken.map(|step| format!("  {step:?}\n")).collect();
    format!("{policy:?}\n{taken}{broken}\n{:?}", place.shadow)
}
