//! Values of the engine's as members of structs that go out.

use cpc_core::Timestamp;

/// An instant, in milliseconds since 1970, UTC. The engine's instants are far below 2^63.
pub(crate) const fn millis(instant: Timestamp) -> i64 {
    instant.as_millis() as i64
}

/// A member's value, 0 if absent; sets its flag in `present` if it is there. Without a branch, which processors would
/// mispredict: which members are there differs from message to message.
#[inline]
pub(crate) fn set<T: Default>(present: &mut u32, flag: u32, value: Option<T>) -> T {
    *present |= flag * u32::from(value.is_some());
    value.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_says_whether_a_member_is_there() {
        let mut present = 1;
        assert_eq!((set(&mut present, 2, Some(7)), set(&mut present, 4, None::<u64>)), (7, 0));
        assert_eq!(present, 3);
    }
}
