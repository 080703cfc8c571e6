//! Engines by number, and what a panic does to them.
//!
//! A panic in WebAssembly ends the call where it stands: nothing is unwound, no destructor runs, and a borrow that
//! was open then stays open for ever. So no borrow is open while an engine works:
//!
//! - a question is asked of a shared engine. Should it panic, the engine is as before, and one count of it is
//!   never given back; the next command then works on a copy ([`Rc::make_mut`]), which costs once what would
//!   otherwise lock the handle;
//! - a command takes the engine out of its place and puts it back when done. Should it panic, the place stays empty
//!   and the handle says so ([`Exception::poisoned`]): what a bug left halfway must not decide anything. It can still
//!   be freed, and all other handles work on.

use crate::exception::Exception;
use cpc_core::Engine;
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    static PLACES: RefCell<Vec<Place>> = const { RefCell::new(Vec::new()) };
}

enum Place {
    /// Unused, for the next engine.
    Free,
    /// An engine that no command has taken.
    Ready(Rc<Engine>),
    /// A command has its engine, or lost it in a panic.
    Away,
}

fn with_places<R>(act: impl FnOnce(&mut Vec<Place>) -> R) -> R {
    PLACES.with_borrow_mut(act)
}

/// A handle for an engine.
pub(crate) fn insert(engine: Engine) -> u32 {
    let place = Place::Ready(Rc::new(engine));
    with_places(|places| {
        // A host has a few engines, not thousands.
        let index = match places.iter_mut().enumerate().find(|(_, place)| matches!(place, Place::Free)) {
            Some((index, free)) => {
                *free = place;
                index
            }
            None => {
                places.push(place);
                places.len() - 1
            }
        };
        index as u32
    })
}

/// Drops a handle's engine, also one lost to a panic. A handle that does not exist is ignored.
pub(crate) fn release(handle: u32) {
    let dropped = with_places(|places| {
        places.get_mut(handle as usize).map(|place| core::mem::replace(place, Place::Free))
    });
    drop(dropped);
}

/// Asks an engine something.
pub(crate) fn ask<R>(handle: u32, act: impl FnOnce(&Engine) -> R) -> Result<R, Exception> {
    let engine = with_places(|places| match places.get(handle as usize) {
        Some(Place::Ready(engine)) => Ok(Rc::clone(engine)),
        Some(Place::Away) => Err(Exception::poisoned()),
        Some(Place::Free) | None => Err(Exception::freed()),
    })?;
    Ok(act(&engine))
}

/// Changes an engine.
pub(crate) fn change<R>(handle: u32, act: impl FnOnce(&mut Engine) -> R) -> Result<R, Exception> {
    let mut engine = with_places(|places| match places.get_mut(handle as usize) {
        Some(place @ Place::Ready(_)) => match core::mem::replace(place, Place::Away) {
            Place::Ready(engine) => Ok(engine),
            Place::Away | Place::Free => Err(Exception::poisoned()),
        },
        Some(Place::Away) => Err(Exception::poisoned()),
        Some(Place::Free) | None => Err(Exception::freed()),
    })?;
    let result = act(Rc::make_mut(&mut engine));
    with_places(|places| {
        if let Some(place) = places.get_mut(handle as usize) {
            *place = Place::Ready(engine);
        }
    });
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpc_core::{Command, Policy};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    const NOW: i64 = 1_795_435_200_000;

    fn engine() -> u32 {
        insert(Engine::new(Policy::default()))
    }

    fn tick(handle: u32) -> Result<u64, Exception> {
        change(handle, |engine| {
            engine.apply(NOW, &Command::Clock, &mut Vec::new()).unwrap();
            engine.seq()
        })
    }

    fn panics(act: impl FnOnce()) {
        assert!(catch_unwind(AssertUnwindSafe(act)).is_err());
    }

    #[test]
    fn a_freed_handle_is_refused_and_its_place_used_again() {
        let (first, second) = (engine(), engine());
        release(first);
        assert_eq!(tick(first), Err(Exception::freed()));
        assert_eq!(tick(second), Ok(1));
        assert_eq!(engine(), first);
        release(99);
        assert_eq!(tick(99), Err(Exception::freed()));
    }

    #[test]
    fn a_panic_in_a_command_poisons_that_handle_alone() {
        let (broken, sound) = (engine(), engine());
        panics(|| drop(change(broken, |_| panic!("a bug"))));
        assert_eq!(tick(broken), Err(Exception::poisoned()));
        assert_eq!(ask(broken, Engine::seq), Err(Exception::poisoned()));
        assert_eq!(tick(sound), Ok(1));
        release(broken);
        assert_eq!(tick(broken), Err(Exception::freed()));
    }

    #[test]
    fn a_panic_in_a_question_costs_a_copy_and_no_more() {
        let handle = engine();
        assert_eq!(tick(handle), Ok(1));
        // As if the count that the question held were never given back.
        let lost = with_places(|places| match places.get(handle as usize) {
            Some(Place::Ready(engine)) => Rc::clone(engine),
            _ => panic!("not ready"),
        });
        panics(|| drop(ask(handle, |_| panic!("a bug"))));
        assert_eq!(tick(handle), Ok(2));
        assert_eq!((lost.seq(), ask(handle, Engine::seq)), (1, Ok(2)));
    }
}
