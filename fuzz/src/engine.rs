//! The engine beside the reference model: every answer, view, deadline and usage the same after every command, and an
//! engine that is restored from its snapshot goes on like the one it was taken of.

use crate::input::Input;
use crate::order::Order;
use crate::rig::Rig;
use crate::world;
use cpc_core::{Engine, Policy};

/// The most steps of one input: the model reads its whole history for every answer.
const STEPS: usize = 60;

/// Takes the steps that the bytes stand for, in engine and model, and compares. Says how many messages went out.
pub fn drive(bytes: &[u8]) -> usize {
    let mut input = Input::new(bytes);
    let policy = world::policy(&mut input);
    let mut pair = Pair { rig: Rig::new(&policy), policy, commands: Vec::new() };
    for order in world::first_wallets(&mut input) {
        pair.take(crate::order::START, order);
    }
    for _ in 0..STEPS {
        if input.is_empty() {
            break;
        }
        let step = world::step(&mut input);
        let (at, order) = step.resolve(&pair.rig.model);
        pair.take(at, order);
        match input.below(8) {
            0 => pair.restore(),
            1 => pair.look_ahead(usize::from(input.below(4))),
            _ => {}
        }
    }
    pair.rig.model.dispatches() as usize
}

struct Pair {
    rig: Rig,
    policy: Policy,
    commands: Vec<(i64, Order)>,
}

impl Pair {
    fn take(&mut self, at: i64, order: Order) {
        self.commands.push((at, order));
        let (at, order) = self.commands.last().expect("one was just pushed");
        if let Err(difference) = self.rig.step(*at, order) {
            self.fail(&difference);
        }
    }

    /// What both say about a later instant at which something changes by itself.
    fn look_ahead(&self, nth: usize) {
        if let Some(instant) = self.rig.model.instants().get(nth)
            && let Err(difference) = self.rig.compare(*instant as i64)
        {
            self.fail(&difference);
        }
    }

    fn restore(&mut self) {
        let (mut bytes, mut again) = (Vec::new(), Vec::new());
        self.rig.engine.snapshot(&mut bytes);
        let restored = match Engine::restore(&bytes) {
            Ok(restored) => restored,
            Err(error) => self.fail(&format!("its own snapshot is refused: {error}")),
        };
        restored.snapshot(&mut again);
        if again != bytes || restored.digest() != self.rig.engine.digest() {
            self.fail("what was restored has another snapshot, or another digest");
        }
        self.rig.engine = restored;
    }

    fn fail(&self, difference: &str) -> ! {
        let mut story = format!("{:?}\n", self.policy);
        for (at, order) in &self.commands {
            story += &format!("  at {at}: {order:?}\n");
        }
        panic!("{story}{difference}");
    }
}
