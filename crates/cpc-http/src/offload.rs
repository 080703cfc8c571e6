//! CPU-bound work off the runtime's threads.
//!
//! A runtime thread serves many requests. Reading, deciding and writing a usual batch takes microseconds, less than
//! moving it to another thread; a large one takes up to some hundred milliseconds, in which no other request on that
//! thread makes progress. So large ones go to the blocking pool.

use cpc_wire::RequestFailure;

/// The longest body that is worked on where it arrived, in bytes: about 100 µs of parsing.
const SMALL: usize = 64 << 10;

/// Whether the work on a body of this length would delay other requests.
pub(crate) const fn is_large(length: usize) -> bool {
    length > SMALL
}

/// Runs work on a body of this length, in the blocking pool if it is large. It runs to its end even if the request is
/// cancelled.
pub(crate) async fn run<T: Send + 'static>(
    length: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RequestFailure> {
    if !is_large(length) {
        return Ok(work());
    }
    off_the_runtime(work).await
}

/// Runs work in the blocking pool.
pub(crate) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RequestFailure> {
    tokio::task::spawn_blocking(work).await.map_err(|error| match error.is_panic() {
        true => RequestFailure::Internal,
        // The runtime is shutting down.
        false => RequestFailure::Unavailable,
    })
}
