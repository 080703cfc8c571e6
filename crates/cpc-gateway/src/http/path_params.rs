//! Path parameters.

use super::app::App;
use super::response;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::response::Response;
use cpc_wire::{Expected, ParseError};
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Path parameters, whose rejection (not UTF-8) has the shape and language of all other errors.
pub(super) struct PathParams<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Arc<App>> for PathParams<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<PathParams<T>, Response> {
        let Path(params) = Path::from_request_parts(parts, app).await.map_err(|_| {
            let error = ParseError::InvalidField { path: String::new(), expected: Expected::Text };
            response::unreadable(&error, app.language)
        })?;
        Ok(PathParams(params))
    }
}
