//! Errors of the API: problem details as in RFC 9457, with a `code` for programs.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use campanile_platform::{
    accounts::AccountError,
    bridge::{BridgeError, Code},
    scenarios::validate::Finding,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong with a request.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    retry_after_s: u32,
    mistakes: Vec<Finding>,
}

/// Problem details, as they are sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Details {
    /// Always `about:blank`: the `code` says what kind it is.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// The kind of the problem, for programs; never changes.
    code: &'static str,
    /// For people; begins with the name of the field, if it is about one.
    detail: String,
    /// All that is wrong with a scenario or a page, each with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mistakes: Vec<Finding>,
}

/// What a batch says of one of its parts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Brief {
    /// The kind of the problem.
    code: &'static str,
    /// For people.
    detail: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), retry_after_s: 1, mistakes: Vec::new() }
    }

    pub(crate) fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// What a batch says of one of its parts.
    pub(crate) fn brief(self) -> Brief {
        Brief { code: self.code, detail: self.detail }
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
            Code::NotOwner | Code::PluginNotInstalled | Code::BridgeLocked => StatusCode::FORBIDDEN,
            Code::ProviderOffline => StatusCode::NOT_FOUND,
            Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Code::DuplicateProvider | Code::DuplicateRequestId => StatusCode::CONFLICT,
            Code::LimitReached => StatusCode::TOO_MANY_REQUESTS,
        };
        Self::new(status, error.code.as_str(), error.message)
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        use campanile_platform::accounts::Code;
        let status = match error.code {
            Code::InvalidPayload | Code::NotSupported => StatusCode::BAD_REQUEST,
            Code::CredentialsWrong | Code::SessionInvalid | Code::SessionExpired => StatusCode::UNAUTHORIZED,
            Code::AnonymousDenied | Code::BridgeLocked | Code::PluginNotInstalled | Code::Forbidden => {
                StatusCode::FORBIDDEN
            }
            Code::AppNotFound
            | Code::PluginUnknown
            | Code::UserNotFound
            | Code::KeyNotFound
            | Code::SessionNotFound
            | Code::SocketNotFound
            | Code::StructureNotFound
            | Code::ObjectNotFound
            | Code::EndpointNotFound
            | Code::ScenarioNotFound
            | Code::PageNotFound
            | Code::RunNotFound
            | Code::HookNotFound => StatusCode::NOT_FOUND,
            Code::UserExists
            | Code::AppExists
            | Code::ObjectExists
            | Code::VersionConflict
            | Code::RunEnded
            | Code::EndpointTaken => StatusCode::CONFLICT,
            Code::LimitReached => StatusCode::TOO_MANY_REQUESTS,
            Code::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Code::StorageFailed | Code::ScenarioFailed => StatusCode::INTERNAL_SERVER_ERROR,
            Code::ScenarioTimeout => StatusCode::GATEWAY_TIMEOUT,
        };
        let (retry_after_s, mistakes) = (error.retry_after_s.unwrap_or(1), error.mistakes);
        Self { retry_after_s, mistakes, ..Self::new(status, error.code.as_str(), error.message) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, code, detail, retry_after_s, mistakes } = self;
        let title = status.canonical_reason().unwrap_or("Error");
        let status_code = status.as_u16();
        let body = Details { r#type: "about:blank", title, status: status_code, code, detail, mistakes };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            headers.insert(header::RETRY_AFTER, retry_after_s.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
