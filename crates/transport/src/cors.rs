//! Which pages of other origins may connect, and the headers that tell their browsers.

use hyper::{
    HeaderMap,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue, ORIGIN, VARY,
    },
};

use crate::options::{Cors, Origins};

impl Cors {
    /// Whether a request with this `Origin` may be served at all. WebSockets aren't covered by browsers' own checks, so this is the only one.
    #[must_use]
    pub fn admits(&self, origin: Option<&HeaderValue>) -> bool {
        match (&self.origins, origin) {
            (Origins::List(list), Some(origin)) => {
                list.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes())
            }
            _ => true,
        }
    }

    /// Whether cross-origin requests are answered with CORS headers.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.origins != Origins::Unspecified
    }

    /// Adds the headers that let a browser hand the answer to the page.
    pub fn decorate(&self, origin: Option<&HeaderValue>, response: &mut HeaderMap) {
        match &self.origins {
            Origins::Any => {
                response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            }
            Origins::List(_) => {
                response.append(VARY, HeaderValue::from_static("Origin"));
                if let Some(origin) = origin.filter(|origin| self.admits(Some(origin))) {
                    response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                    if self.credentials {
                        response.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
                    }
                }
            }
            Origins::Unspecified => {}
        }
    }

    /// Adds what a preflight asks for.
    pub fn decorate_preflight(&self, request: &HeaderMap, response: &mut HeaderMap) {
        self.decorate(request.get(ORIGIN), response);
        response.insert(
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET,POST,PUT,PATCH,DELETE,OPTIONS"),
        );
        if let Some(headers) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            response.insert(ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
            response.append(VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
        }
    }
}
