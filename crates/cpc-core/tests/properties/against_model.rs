//! The engine beside the model, over long random sequences of commands.

use crate::order::{Order, Step};
use crate::rig::{CLIENTS, PHONES, Rig, answers, same, view_of};
use crate::runner::{check, trace};
use crate::worlds::world;
use cpc_core::*;
use proptest::prelude::*;

/// RULES §1 to §9: every answer, view, deadline and usage, after every step.
#[test]
fn the_engine_answers_like_the_model() {
    check("the_engine_answers_like_the_model", 4_000, &world(60), |(policy, steps)| {
        let mut rig = Rig::new(&policy);
        let mut commands = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let (at, order) = step.resolve(&rig.model);
            commands.push((at, order.clone()));
            rig.step(at, &order).map_err(|difference| trace(&policy, &commands, &difference))?;
            let instants = rig.model.instants();
            if let Some(later) = instants.get(index % 4) {
                let later = *later as i64;
                rig.compare(later).map_err(|difference| trace(&policy, &commands, &difference))?;
            }
        }
        Ok(())
    });
}

/// What a sequence of steps comes to, where the model says how each step is to be read.
pub(crate) fn commands(policy: &Policy, steps: &[Step]) -> Vec<(i64, Order)> {
    let mut model = crate::model::Model::new(policy.clone());
    let take = |step: &Step| {
        let (at, order) = step.resolve(&model);
        let _ = model.apply(at, &order.command());
        (at, order)
    };
    steps.iter().map(take).collect()
}

/// How often `expire` is called beside a sequence of commands.
#[derive(Clone, Copy, PartialEq)]
enum Expiring {
    Never,
    Always,
    Sometimes(u64),
}

/// RULES §1.4, §10.3: how often `expire` is called changes no other answer.
#[test]
fn expire_changes_no_answer_no_view_and_no_digest() {
    let strategy = (world(40), any::<u64>());
    check("expire_changes_no_answer_no_view_and_no_digest", 300, &strategy, |((policy, steps), seed)| {
        let commands = commands(&policy, &steps);
        let answers = run(&policy, &commands, Expiring::Never);
        for expiring in [Expiring::Always, Expiring::Sometimes(seed)] {
            let other = run(&policy, &commands, expiring);
            for (index, (seen, expected)) in other.iter().zip(&answers).enumerate() {
                same("with and without expire", seen, expected)
                    .map_err(|difference| trace(&policy, &commands[..=index], &difference))?;
            }
        }
        Ok(())
    });
}

/// Everything that can be seen after each command, without the answers of `expire`.
fn run(policy: &Policy, commands: &[(i64, Order)], expiring: Expiring) -> Vec<String> {
    let mut engine = Engine::new(policy.clone());
    let mut outcomes = Vec::new();
    let mut seen = Vec::new();
    for (index, (at, order)) in commands.iter().enumerate() {
        let is_expire = matches!(order, Order::Other(Command::Expire { .. }));
        let mut command = order.command();
        if is_expire && expiring == Expiring::Never {
            // It still moves the clock, unless it would be refused.
            let max_jump = engine.policy().max_clock_jump().as_millis() as u64;
            let clock = engine.clock().map_or(u64::MAX - max_jump, |clock| clock.as_millis());
            if u64::try_from(*at).is_ok_and(|at| at <= clock + max_jump) {
                command = Command::Clock;
            } else {
                command = Command::Expire { limit: 0 };
            }
        }
        let applied = engine.apply(*at, &command, &mut outcomes).map(|applied| applied.effective_at);
        let answers = if is_expire { Vec::new() } else { answers(&engine, &outcomes) };
        let clock = engine.clock().map_or(*at, |clock| clock.as_millis() as i64);
        let extra = match expiring {
            Expiring::Never => false,
            Expiring::Always => true,
            Expiring::Sometimes(seed) => seed >> (index % 64) & 1 == 1,
        };
        if extra && engine.clock().is_some() {
            let limit = if index % 3 == 0 { 1 } else { 1_000 };
            engine.apply(clock, &Command::Expire { limit }, &mut outcomes).unwrap();
        }
        let targets = PHONES.iter().map(|phone| Target::Phone(phone));
        let targets = targets.chain(CLIENTS.iter().map(|id| Target::Client(id)));
        let views: Vec<_> = targets
            .map(|target| engine.contact(clock, target).map(|(_, view)| view_of(&engine, &view)))
            .collect();
        let digests =
            (engine.digest(), engine.digest_at(clock + 3_000), engine.digest_at(clock + 86_400_000));
        let deadlines = (engine.deadlines(clock), engine.next_deadline());
        seen.push(format!("{applied:?} {answers:?}\n{views:?}\n{deadlines:?} {digests:?}"));
    }
    seen
}

/// RULES §10.1, §5.5: the same commands give the same choices, and the same bytes.
#[test]
fn the_same_commands_give_the_same_snapshot() {
    check("the_same_commands_give_the_same_snapshot", 200, &world(40), |(policy, steps)| {
        let commands = commands(&policy, &steps);
        let [first, second] = [(); 2].map(|()| {
            let mut engine = Engine::new(policy.clone());
            let mut outcomes = Vec::new();
            let mut snapshot = Vec::new();
            for (at, order) in &commands {
                let _ = engine.apply(*at, &order.command(), &mut outcomes);
            }
            engine.snapshot(&mut snapshot);
            (snapshot, engine.digest())
        });
        if first == second { Ok(()) } else { Err(trace(&policy, &commands, "two snapshots")) }
    });
}
