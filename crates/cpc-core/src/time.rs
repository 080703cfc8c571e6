//! Time as the engine sees it: whole milliseconds since the Unix epoch, UTC, always handed in by the host.
//!
//! [RULES §1](crate::rules#1-time). The engine has no clock. A command that says an impossible time (seconds or
//! microseconds mistaken for milliseconds, usually) is refused before anything else is looked at.

use crate::schema::Kind;
use crate::value::{Described, FieldValue};
use core::fmt;
use core::num::NonZeroU64;
use core::time::Duration;

/// A second, in milliseconds.
pub const SECOND: u64 = 1_000;
/// A minute, in milliseconds.
pub const MINUTE: u64 = 60 * SECOND;
/// An hour, in milliseconds.
pub const HOUR: u64 = 60 * MINUTE;
/// A day, in milliseconds.
pub const DAY: u64 = 24 * HOUR;

/// An instant: milliseconds since the Unix epoch, UTC.
///
/// Instants that hosts hand in are between [`Timestamp::MIN`] and [`Timestamp::MAX`]; instants the engine
/// computes from them (an end of a window, a `retryAt`) may lie later.
///
/// ```
/// use cpc_core::Timestamp;
/// use std::time::Duration;
///
/// let noon = Timestamp::new(1_795_446_000_000).unwrap();
/// assert_eq!(noon.plus(Duration::from_secs(60)).as_millis(), 1_795_446_060_000);
/// // Seconds taken for milliseconds are no valid instant, and the engine refuses them.
/// assert_eq!(Timestamp::new(1_795_446_000), None);
/// assert!(!Timestamp::from(1_795_446_000).is_valid());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(NonZeroU64);

impl Timestamp {
    /// 2000-01-01T00:00:00Z, the first instant a host may name.
    pub const MIN: Timestamp = Timestamp(match NonZeroU64::new(946_684_800_000) {
        Some(ms) => ms,
        None => NonZeroU64::MIN,
    });
    /// 2100-01-01T00:00:00Z, the last instant a host may name.
    pub const MAX: Timestamp = Timestamp(match NonZeroU64::new(4_102_444_800_000) {
        Some(ms) => ms,
        None => NonZeroU64::MIN,
    });

    /// The instant a host names, in milliseconds; `None` outside [`MIN`](Self::MIN)..=[`MAX`](Self::MAX).
    #[must_use]
    pub const fn new(millis: i64) -> Option<Timestamp> {
        if millis < Self::MIN.0.get() as i64 || millis > Self::MAX.0.get() as i64 {
            return None;
        }
        match NonZeroU64::new(millis as u64) {
            Some(ms) => Some(Timestamp(ms)),
            None => None,
        }
    }

    /// Whether a host may name it: it is between [`MIN`](Self::MIN) and [`MAX`](Self::MAX), both included.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        self.0.get() >= Self::MIN.0.get() && self.0.get() <= Self::MAX.0.get()
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0.get()
    }

    /// This instant, so much later; a fraction of a millisecond does not count. Saturates far beyond any instant that
    /// can occur.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(millis_of(duration)))
    }

    /// The instant at a count of milliseconds that the engine computed itself; zero counts as one.
    #[must_use]
    pub(crate) const fn from_millis(millis: u64) -> Timestamp {
        match NonZeroU64::new(millis) {
            Some(ms) => Timestamp(ms),
            None => Timestamp(NonZeroU64::MIN),
        }
    }
}

/// Whole milliseconds of a duration; what does not fit 64 bits is as long as can be.
pub(crate) fn millis_of(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds since 1970, of any value: the engine refuses those outside [`MIN`](Timestamp::MIN) to
/// [`MAX`](Timestamp::MAX) with `timestamp_out_of_range`, so a host need not check them first.
impl From<i64> for Timestamp {
    fn from(millis: i64) -> Timestamp {
        // 0 and before stand for 1 ms after 1970, which is out of range as well.
        Timestamp::from_millis(u64::try_from(millis).unwrap_or_default())
    }
}

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for Timestamp {
    fn from(time: std::time::SystemTime) -> Timestamp {
        Timestamp::from_millis(time.duration_since(std::time::UNIX_EPOCH).map_or(0, millis_of))
    }
}

#[cfg(feature = "chrono")]
impl<Zone: chrono::TimeZone> From<chrono::DateTime<Zone>> for Timestamp {
    fn from(time: chrono::DateTime<Zone>) -> Timestamp {
        Timestamp::from(time.timestamp_millis())
    }
}

crate::tables::serialized!(Timestamp);

impl Described for Timestamp {
    const KIND: Kind = Kind::Timestamp;

    fn value(&self) -> FieldValue<'_> {
        FieldValue::Number(self.as_millis())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RULES §1.1
    #[test]
    fn seconds_and_microseconds_are_not_milliseconds() {
        let ms = 1_795_000_000_000_i64;
        assert!(Timestamp::new(ms).is_some());
        assert_eq!(Timestamp::new(ms / 1000), None);
        assert_eq!(Timestamp::new(ms * 1000), None);
        assert_eq!(Timestamp::new(-1), None);
        assert_eq!(Timestamp::new(i64::MAX), None);
    }

    /// RULES §1.1
    #[test]
    fn the_valid_range_includes_both_ends() {
        for (end, step) in [(Timestamp::MIN, -1), (Timestamp::MAX, 1)] {
            let ms = end.as_millis() as i64;
            assert_eq!(Timestamp::new(ms), Some(end));
            assert_eq!(Timestamp::new(ms + step), None);
        }
    }
}
