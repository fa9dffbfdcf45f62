//! What comes in: JSON bodies, lists' parameters and path segments, each refused with a problem that names the field.

use std::fmt;

use axum::{
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{StatusCode, header, request::Parts},
};
use campanile_platform::accounts::Paged;
use campanile_protocol::json;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;
use crate::hub::Hub;

/// A body of JSON, as large and as deep as a client's message may be.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Hub> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, hub: &Hub) -> Result<Self, Problem> {
        if !is_json(&request) {
            return Err(not_json());
        }
        let text = read_text(hub, request.into_body()).await?;
        read_object("the body", &text).map(Self)
    }
}

/// The fields of an object, each name once. `id` is a text, or a whole number, which becomes one; `version` is the one that
/// the object has to have; `created_at_ms`, `updated_at_ms` and `created_by` are ignored, so that what was read can be sent
/// back.
#[derive(ToSchema)]
#[schema(as = ObjectFields, value_type = Object)]
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Fields, A::Error> {
        let mut fields = Map::new();
        while let Some((name, value)) = entries.next_entry::<String, Value>()? {
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("there are two fields {name:?}")));
            }
            fields.insert(name, value);
        }
        Ok(Fields(fields))
    }
}

/// A body of one JSON object, or of a list of them.
pub(crate) enum OneOrMore {
    One(Fields),
    More(Vec<Fields>),
}

impl OneOrMore {
    pub(crate) fn read(hub: &Hub, text: &str) -> Result<Self, Problem> {
        check_depth(hub, text)?;
        if !text.starts_with('[') {
            return read_object("the body", text).map(Self::One);
        }
        serde_json::from_str(text).map(Self::More).map_err(|error| invalid(format!("the body: {error}")))
    }

    pub(crate) fn all(self) -> Vec<Map<String, Value>> {
        match self {
            Self::One(Fields(object)) => vec![object],
            Self::More(objects) => objects.into_iter().map(|Fields(object)| object).collect(),
        }
    }
}

impl FromRequest<Hub> for OneOrMore {
    type Rejection = Problem;

    async fn from_request(request: Request, hub: &Hub) -> Result<Self, Problem> {
        if !is_json(&request) {
            return Err(not_json());
        }
        let text = read_text_or_nothing(hub, request.into_body()).await?;
        Self::read(hub, &text)
    }
}

/// A JSON body that may be left out, with its `Content-Type`, which means `{}`.
pub(crate) struct OptionalBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Hub> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, hub: &Hub) -> Result<Self, Problem> {
        let has_json = is_json(&request);
        let text = read_text_or_nothing(hub, request.into_body()).await?;
        if text.is_empty() && !has_json {
            return read_object("the body", "{}").map(Self);
        }
        if !has_json {
            return Err(not_json());
        }
        check_depth(hub, &text)?;
        read_object("the body", &text).map(Self)
    }
}

fn not_json() -> Problem {
    let detail = "the body must be JSON, with \"Content-Type: application/json\"";
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
}

fn is_json(request: &Request) -> bool {
    let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = value.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// The body as the text of one JSON value.
pub(crate) async fn read_text(hub: &Hub, body: axum::body::Body) -> Result<String, Problem> {
    let text = read_text_or_nothing(hub, body).await?;
    check_depth(hub, &text)?;
    Ok(text)
}

/// Reads an object, `what` in errors. By itself a structure would be read from a list of its values as well.
pub(crate) fn read_object<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Problem> {
    if !text.starts_with('{') {
        return Err(invalid(format!("{what} must be one JSON object")));
    }
    serde_json::from_str(text).map_err(|error| invalid(format!("{what}: {error}")))
}

pub(crate) fn check_depth(hub: &Hub, text: &str) -> Result<(), Problem> {
    let scanned = json::scan_value(text, hub.json_depth_max);
    let length = scanned.map_err(|error| invalid(format!("the body: {error}")))?;
    if length == text.len() { Ok(()) } else { Err(invalid("the body must be one JSON value")) }
}

/// The body as text, empty if there is none.
pub(crate) async fn read_text_or_nothing(hub: &Hub, body: axum::body::Body) -> Result<String, Problem> {
    let received = tokio::time::timeout(hub.body_timeout, to_bytes(body, hub.body_bytes_max)).await;
    let received = received.map_err(|_| {
        Problem::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", "the body took too long to arrive")
    })?;
    let bytes = received.map_err(|_| {
        let detail = format!("the body must not be larger than {} bytes", hub.body_bytes_max);
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", detail)
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| invalid("the body must be UTF-8"))?;
    Ok(text.trim().to_owned())
}

/// Parameters in the query.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Hub> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Hub) -> Result<Self, Problem> {
        let query = axum::extract::Query::try_from_uri(&parts.uri);
        query.map(|axum::extract::Query(query)| Self(query)).map_err(|error| invalid(error.body_text()))
    }
}

/// Parts of the path.
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Hub> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Problem> {
        let path = axum::extract::Path::from_request_parts(parts, hub).await;
        path.map(|axum::extract::Path(path)| Self(path)).map_err(|error| invalid(error.body_text()))
    }
}

/// Which part of a list by name is asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    pub(crate) limit: Option<u32>,
    pub(crate) after: Option<String>,
}

impl ListQuery {
    /// That part of a list of which all is at hand.
    pub(crate) fn cut<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> &str) -> Result<Paged<T>, Problem> {
        let limit = limit("limit", self.limit)? as usize;
        if let Some(after) = &self.after {
            items.retain(|item| key(item) > after.as_str());
        }
        items.sort_unstable_by(|a, b| key(a).cmp(key(b)));
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| has_more).map(|item| key(item).to_owned());
        Ok(Paged { items, next })
    }
}

/// Which part of a list by number is asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NumberedQuery {
    limit: Option<u32>,
    after: Option<i64>,
}

impl NumberedQuery {
    /// How many items.
    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        limit("limit", self.limit)
    }

    /// The number of the last item of the part before.
    pub(crate) fn after(&self) -> Option<String> {
        self.after.map(|after| after.to_string())
    }
}

/// Items of a list: as asked for with this parameter, at most 200.
pub(crate) fn limit(name: &str, asked: Option<u32>) -> Result<u32, Problem> {
    match asked.unwrap_or(50) {
        limit @ 1..=200 => Ok(limit),
        _ => Err(invalid(format!("{name}: must be 1 to 200"))),
    }
}

pub(crate) fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_payload", detail)
}
