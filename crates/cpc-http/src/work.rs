//! Work that keeps a processor busy.
//!
//! A runtime's threads serve many requests each. Reading, deciding and writing a usual batch takes microseconds,
//! less than handing it over would; that of a large one takes up to some hundred milliseconds, in which no other
//! request on that thread would move. So large ones go to the blocking pool.

use cpc_wire::RequestFailure;

/// The most bytes of a body that is worked on where it arrived: some 100 µs of parsing.
const SMALL: usize = 64 << 10;

/// Whether the work on a body of this length would be felt by other requests.
pub(crate) const fn is_large(length: usize) -> bool {
    length > SMALL
}

/// Does work about a body of this length where it disturbs nobody. It is done even if nobody waits any more.
pub(crate) async fn run<T: Send + 'static>(
    length: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RequestFailure> {
    if !is_large(length) {
        return Ok(work());
    }
    off_the_runtime(work).await
}

/// Does work in the blocking pool.
pub(crate) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RequestFailure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| match error.is_panic() {
        true => RequestFailure::Internal,
        // The runtime is shutting down.
        false => RequestFailure::Unavailable,
    })
}
