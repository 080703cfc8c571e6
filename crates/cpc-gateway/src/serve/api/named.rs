//! What a path names.

use super::{App, reply};
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::Response;
use cpc_wire::{Expected, ParseError};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// The names in a path; if they are no texts, that is said as of anything else that cannot be read.
pub(super) struct Named<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<App>> for Named<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Named<T>, Response> {
        let Path(names) = Path::from_request_parts(parts, app).await.map_err(|_| {
            let error = ParseError::InvalidField { path: String::new(), expected: Expected::Text };
            reply::unreadable(&error, app.language)
        })?;
        Ok(Named(names))
    }
}
