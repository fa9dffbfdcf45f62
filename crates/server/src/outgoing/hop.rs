//! A request to one origin, and what a redirect makes of it. It knows URLs and headers, and nothing of connections.

use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri,
    header::{
        ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONNECTION, CONTENT_ENCODING, CONTENT_LANGUAGE,
        CONTENT_LOCATION, CONTENT_TYPE, HOST, USER_AGENT,
    },
};
use bytes::Bytes;
use campanile_platform::scenarios::{
    validate::OWN_HEADERS,
    world::{Failure, HttpRequest},
};
use http_body_util::Full;
use url::{Position, Url};

use super::failure;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const CAMPANILE: HeaderValue = HeaderValue::from_static(concat!("Campanile/", env!("CARGO_PKG_VERSION")));
const PLAIN: HeaderValue = HeaderValue::from_static("identity");
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// Headers that go along to another origin. Any other may be a secret between the scenario and the first one.
const OPEN_HEADERS: [HeaderName; 8] = [
    ACCEPT,
    ACCEPT_ENCODING,
    ACCEPT_LANGUAGE,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_TYPE,
    IDEMPOTENCY_KEY,
    USER_AGENT,
];

/// Headers that say what a body is.
const BODY_HEADERS: [HeaderName; 4] = [CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE];

/// A request to one origin.
#[derive(Debug)]
pub(super) struct Hop {
    url: Url,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
}

impl Hop {
    /// The first one.
    pub(super) fn first(request: HttpRequest, key: &str) -> Result<Self, Failure> {
        let url = Url::parse(&request.url)
            .map_err(|error| failure::url_invalid(&format!("can't be read: {error}")))?;
        if let Some(problem) = problem(&url) {
            return Err(failure::url_invalid(problem));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let (name, value) = header(name, value)?;
            headers.insert(name, value);
        }
        headers.insert(ACCEPT_ENCODING, PLAIN);
        headers.entry(USER_AGENT).or_insert(CAMPANILE);
        let (name, key) = header(IDEMPOTENCY_KEY.as_str(), key)?;
        headers.entry(name).or_insert(key);
        let method = Method::from_bytes(request.method.as_str().as_bytes());
        let method = method.expect("the methods of scenarios are HTTP's");
        Ok(Self { url, method, headers, body: request.body.unwrap_or_default().into() })
    }

    /// The next one, as the Fetch standard has it: after some statuses a GET without a body.
    pub(super) fn redirected(self, status: StatusCode, location: &HeaderValue) -> Result<Self, Failure> {
        let refused = |why| failure::redirect_refused(self.host(), why);
        let location = str::from_utf8(location.as_bytes()).ok();
        let url = location.and_then(|location| self.url.join(location).ok());
        let url = url.ok_or_else(|| refused("can't be read"))?;
        if let Some(problem) = problem(&url) {
            return Err(refused(problem));
        }
        let is_foreign = url.origin() != self.url.origin();
        let mut next = Self { url, ..self };
        if turns_into_get(status, &next.method) {
            (next.method, next.body) = (Method::GET, Bytes::new());
            BODY_HEADERS.iter().for_each(|name| drop(next.headers.remove(name)));
        }
        if is_foreign {
            next.headers = OPEN_HEADERS
                .into_iter()
                .filter_map(|name| Some((name.clone(), next.headers.remove(name)?)))
                .collect();
        }
        Ok(next)
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// What is written to the connection.
    pub(super) fn message(&self) -> Result<Request<Full<Bytes>>, Failure> {
        let unwritable = || failure::url_invalid("can't be sent");
        let target = &self.url[Position::BeforePath..Position::AfterQuery];
        let authority = &self.url[Position::BeforeHost..Position::AfterPort];
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = Uri::try_from(target).map_err(|_| unwritable())?;
        *request.headers_mut() = self.headers.clone();
        let host = HeaderValue::from_str(authority).map_err(|_| unwritable())?;
        request.headers_mut().extend([(HOST, host), (CONNECTION, CLOSE)]);
        Ok(request)
    }
}

/// Why no request is sent to this URL, whatever its host.
fn problem(url: &Url) -> Option<&'static str> {
    if !["http", "https"].contains(&url.scheme()) {
        return Some("is neither http nor https");
    }
    let has_login = !url.username().is_empty() || url.password().is_some();
    has_login.then_some("has a user in it, which belongs into the header Authorization")
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Failure> {
    let refused = |why| failure::header_invalid(name, why);
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused("has no valid name"))?;
    if OWN_HEADERS.contains(&parsed.as_str()) {
        return Err(refused("is set by the hub"));
    }
    let value = HeaderValue::from_bytes(value.as_bytes());
    Ok((parsed, value.map_err(|_| refused("has a line break or another control character in it"))?))
}

fn turns_into_get(status: StatusCode, method: &Method) -> bool {
    match status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => method == Method::POST,
        StatusCode::SEE_OTHER => method != Method::GET && method != Method::HEAD,
        _ => false,
    }
}
