//! The host's clock: the only one there is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// How long a task may rest at the most: the clock may be set meanwhile.
const LONGEST_REST: Duration = Duration::from_secs(30);

/// When a task that waits for an instant, in ms, should look again.
pub(crate) fn wake_at(instant: Option<u64>) -> Instant {
    let wait = instant.map_or(LONGEST_REST, |instant| Duration::from_millis(instant.saturating_sub(now())));
    Instant::now() + wait.min(LONGEST_REST)
}
