//! General rule engines.
use crate::report::Report;
use crate::scale::Scale;
/// Measures.
pub fn measure(_scale: &Scale, _report: &mut Report) {}
