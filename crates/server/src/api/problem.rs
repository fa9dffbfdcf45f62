//! Errors of the API: problem details as in RFC 9457, with a `code` for programs.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use campanile_platform::bridge::{BridgeError, Code};
use serde_json::json;

/// What went wrong with a request.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into() }
    }

    pub(crate) fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// A shard didn't answer, which happens only while the hub stops.
    pub(crate) fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopping", "the hub is stopping")
    }
}

impl From<BridgeError> for Problem {
    fn from(error: BridgeError) -> Self {
        let status = match error.code {
            Code::InvalidPayload | Code::UnknownEvent | Code::UnknownRequest => StatusCode::BAD_REQUEST,
            Code::NotOwner => StatusCode::FORBIDDEN,
            Code::ProviderOffline => StatusCode::NOT_FOUND,
            Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Code::DuplicateProvider | Code::DuplicateRequestId => StatusCode::CONFLICT,
            Code::LimitReached => StatusCode::TOO_MANY_REQUESTS,
        };
        Self::new(status, error.code.as_str(), error.message)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, code, detail } = self;
        let title = status.canonical_reason().unwrap_or("Error");
        let body = json!({
            "type": "about:blank", "title": title, "status": status.as_u16(), "code": code, "detail": detail,
        });
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::TOO_MANY_REQUESTS {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
