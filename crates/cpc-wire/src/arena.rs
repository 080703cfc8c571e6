//! Where a parsed command keeps what it cannot borrow from its JSON: texts that had escapes, and lists.

use bumpalo::Bump;
use core::fmt;

/// Memory of the commands that are read with it. Everything in it is freed when it is dropped or [`clear`](Self::clear)ed.
///
/// [`parse_line`](crate::parse_line) and [`parse_body`](crate::parse_body) borrow plain texts from the bytes they read;
/// an arena has the rest. It takes no memory until something is put into it, and it is `Send` but not `Sync`. A host
/// that keeps a parsed command beside its bytes and shares it between threads makes both the owner of a `self_cell`,
/// `(Bytes, MutBorrow<Arena>)`: once the command is built, nothing reaches the arena any more, so that owner is `Sync`.
#[derive(Default)]
pub struct Arena(Bump);

impl Arena {
    /// An empty arena.
    #[must_use]
    pub fn new() -> Arena {
        Arena::default()
    }

    /// Forgets everything in it and keeps its largest piece of memory, for the next command.
    pub fn clear(&mut self) {
        self.0.reset();
    }

    /// Keeps a text.
    pub(crate) fn text<'a>(&'a self, text: &str) -> &'a str {
        if text.is_empty() { "" } else { self.0.alloc_str(text) }
    }

    /// A list that grows in the arena. Its items are never dropped, so they must not own memory: `Copy` says so.
    pub(crate) fn list<T: Copy>(&self, capacity: usize) -> List<'_, T> {
        List(bumpalo::collections::Vec::with_capacity_in(capacity, &self.0))
    }
}

impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arena").field("bytes", &self.0.allocated_bytes()).finish()
    }
}

/// See [`Arena::list`].
pub(crate) struct List<'a, T: Copy>(bumpalo::collections::Vec<'a, T>);

impl<'a, T: Copy> List<'a, T> {
    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        self.0.push(item);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn reserve(&mut self, more: usize) {
        self.0.reserve(more);
    }

    #[inline]
    pub(crate) fn last_mut(&mut self) -> Option<&mut T> {
        self.0.last_mut()
    }

    pub(crate) fn finish(self) -> &'a [T] {
        self.0.into_bump_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_stays_where_it_is() {
        let mut arena = Arena::new();
        {
            let texts: Vec<&str> = (0..1000).map(|number: i32| arena.text(&number.to_string())).collect();
            let mut list = arena.list(1);
            texts.iter().for_each(|text| list.push(*text));
            assert_eq!((list.len(), list.last_mut().copied()), (1000, Some("999")));
            assert_eq!(list.finish(), texts);
        }
        arena.clear();
        assert_eq!(arena.text(""), "");
    }

    #[test]
    fn an_arena_goes_to_another_thread() {
        const fn is_send<T: Send>() {}
        is_send::<Arena>();
    }
}
