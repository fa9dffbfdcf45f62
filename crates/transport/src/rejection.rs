//! How requests for the hub are refused: the codes and texts that clients of the reference server know.

use hyper::{
    StatusCode,
    header::{CONNECTION, CONTENT_TYPE, HeaderValue},
};

use crate::{addresses::TooMany, body::full, http::Response};

/// Why a request for the hub is refused.
#[derive(Clone, Debug)]
pub(crate) enum Rejection {
    TransportUnknown,
    SessionUnknown,
    BadHandshakeMethod,
    BadRequest,
    Forbidden(Option<String>),
    UnsupportedVersion,
    Full,
    TooMany,
    TooLarge,
    Timeout,
}

impl From<TooMany> for Rejection {
    fn from(TooMany: TooMany) -> Self {
        Self::TooMany
    }
}

impl Rejection {
    fn parts(&self) -> (StatusCode, u8, &str) {
        match self {
            Self::TransportUnknown => (StatusCode::BAD_REQUEST, 0, "Transport unknown"),
            Self::SessionUnknown => (StatusCode::BAD_REQUEST, 1, "Session ID unknown"),
            Self::BadHandshakeMethod => (StatusCode::BAD_REQUEST, 2, "Bad handshake method"),
            Self::BadRequest => (StatusCode::BAD_REQUEST, 3, "Bad request"),
            Self::Forbidden(message) => (StatusCode::FORBIDDEN, 4, message.as_deref().unwrap_or("Forbidden")),
            Self::UnsupportedVersion => (StatusCode::BAD_REQUEST, 5, "Unsupported protocol version"),
            Self::Full => (StatusCode::SERVICE_UNAVAILABLE, 3, "Too many connections"),
            Self::TooMany => (StatusCode::TOO_MANY_REQUESTS, 3, "Too many connections from this address"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, 3, "Payload too large"),
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, 3, "Request timeout"),
        }
    }

    /// The answer to a polling request.
    pub(crate) fn json(&self) -> Response {
        let (status, code, message) = self.parts();
        let mut body = format!("{{\"code\":{code},\"message\":").into_bytes();
        campanile_protocol::json::write_string(&mut body, message);
        body.push(b'}');
        let mut response = Response::new(full(body));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if matches!(self, Self::TooLarge | Self::Timeout) {
            // What is left of the body isn't worth reading.
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The answer to a WebSocket that never becomes one: whatever the reason, 400 and a text.
    pub(crate) fn text(&self) -> Response {
        let mut response = Response::new(full(self.parts().2.to_owned()));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        response
    }
}
