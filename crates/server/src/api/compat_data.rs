//! Data, as front ends of the other platform read and write it through endpoints.
//!
//! | Call | Answer |
//! |---|---|
//! | `GET /good/api/v5/data/{structure}/{method}?appID=K` | 200 `{payload, pageInfo}`: a list, or with `format=head` its first object |
//! | `POST` to the same, an object or a list of them | 200 `{result, status}` with what was saved, or what a scenario says |
//!
//! An endpoint that isn't there is 400, one that is for others 403, in the envelope.

use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use campanile_platform::{
    data::{EndpointCall, ObjectPage},
    runner::EndpointAnswer,
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    compat::{Answer, Envelope, Parameters, REFUSED, refusal, refused},
    hooks::response,
    input::{OneOrMore, Path, read_text_or_nothing},
    problem::Problem,
};
use crate::hub::Hub;

pub(super) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(get, post))
}

/// A part of a list, in the form of the other platform.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CompatiblePage)]
struct Page {
    /// The objects; with `format=head` the first one, or `null`.
    payload: Value,
    page_info: PageInfo,
}

/// Which part it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CompatiblePageInfo)]
struct PageInfo {
    /// Counted from 0.
    #[schema(format = Int64)]
    page: u32,
    page_size: u32,
    total_page: u32,
    total_pages: u32,
    /// How many objects there are in all parts.
    table_size: u32,
}

/// One object, or several.
#[derive(ToSchema)]
#[schema(as = CompatibleObjects)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes; what comes in is read leniently")]
enum Objects {
    #[schema(value_type = Object)]
    One(Value),
    #[schema(value_type = Vec<Object>)]
    Several(Vec<Value>),
}

/// Read through an endpoint.
///
/// Every parameter of the query is at hand for the endpoint's filter as `{{HttpRequest.name}}`.
#[utoipa::path(
    get, path = "/good/api/v5/data/{structure}/{method}", tag = "compatible", operation_id = "compatibleRead",
    security(()),
    params(
        ("appID" = Option<String>, Query, description = "An API key of the app."),
        ("sessionID" = Option<String>, Query, description = "The token of a session."),
        ("page" = Option<String>, Query, description = "Which part of the list, counted from 0."),
        ("pageSize" = Option<String>, Query, description = "How many objects a part has, at most 200."),
        ("sort" = Option<String>, Query, description = "The order: `field,desc,other,asc`."),
        ("format" = Option<String>, Query, description = "`head`: only the first object."),
    ),
    responses(
        (status = 200, body = Page),
        (status = 400, body = Envelope), (status = 403, body = Envelope), (status = 429, body = Envelope),
        (status = 500, body = Envelope), (status = 503, body = Envelope),
    ),
)]
async fn get(
    State(hub): State<Hub>,
    path: Result<Path<(String, String)>, Problem>,
    query: Parameters,
) -> Response {
    let call = match call(path, &query) {
        Ok(call) => call,
        Err(problem) => return refused_by(&problem),
    };
    match hub.data.call_to_read(call).await {
        Ok(page) => Json(Page::from(page, query.get("format"))).into_response(),
        Err(error) => refused(&error),
    }
}

/// Write through an endpoint.
///
/// An object with an `id` that is there is changed, every other one is created; of several, all or none. Where a scenario
/// answers the endpoint, the caller waits for it: for the objects as they are then, or for whatever the scenario says.
#[utoipa::path(
    post, path = "/good/api/v5/data/{structure}/{method}", tag = "compatible", operation_id = "compatibleWrite",
    security(()),
    params(
        ("appID" = Option<String>, Query, description = "An API key of the app."),
        ("sessionID" = Option<String>, Query, description = "The token of a session."),
    ),
    request_body = Objects,
    responses(
        (status = 200, body = Answer<Vec<Object>>),
        (status = 400, body = Envelope), (status = 403, body = Envelope), (status = 408, body = Envelope),
        (status = 413, body = Envelope), (status = 429, body = Envelope), (status = 500, body = Envelope),
        (status = 503, body = Envelope), (status = 504, body = Envelope),
    ),
)]
async fn post(
    State(hub): State<Hub>,
    path: Result<Path<(String, String)>, Problem>,
    query: Parameters,
    body: Body,
) -> Response {
    let call = match call(path, &query) {
        Ok(call) => call,
        Err(problem) => return refused_by(&problem),
    };
    let objects = match objects(&hub, body).await {
        Ok(objects) => objects,
        Err(problem) => return refused_by(&problem),
    };
    match hub.scenarios.call_to_write(call, objects).await {
        Ok(EndpointAnswer::Objects(written)) => Answer::ok(written),
        Ok(EndpointAnswer::Response(said)) => response(said),
        Err(error) => refused(&error),
    }
}

fn refused_by(problem: &Problem) -> Response {
    refusal(problem.status(), REFUSED, problem.detail())
}

fn call(path: Result<Path<(String, String)>, Problem>, query: &Parameters) -> Result<EndpointCall, Problem> {
    let Path((structure, method)) = path?;
    let number = |name: &str| query.get(name).and_then(|text| text.trim().parse::<u32>().ok());
    Ok(EndpointCall {
        app_key: query.get("appID").unwrap_or_default().to_owned(),
        session: query.get("sessionID").map(str::to_owned),
        structure,
        method,
        sort: query.get("sort").unwrap_or_default().to_owned(),
        page: number("page").unwrap_or(0),
        page_size: number("pageSize"),
        parameters: query.all().clone(),
    })
}

/// A call without a body gives an object of which nothing is known.
async fn objects(hub: &Hub, body: Body) -> Result<Vec<Map<String, Value>>, Problem> {
    match read_text_or_nothing(hub, body).await?.as_str() {
        "" => Ok(vec![Map::new()]),
        text => Ok(OneOrMore::read(hub, text)?.all()),
    }
}

impl Page {
    fn from(page: ObjectPage, format: Option<&str>) -> Self {
        let ObjectPage { mut items, page, page_size, total: table_size } = page;
        let total_pages = table_size.div_ceil(page_size.max(1));
        let payload = match format {
            Some("head") if items.is_empty() => Value::Null,
            Some("head") => items.swap_remove(0),
            _ => items.into(),
        };
        let page_info = PageInfo { page, page_size, total_page: total_pages, total_pages, table_size };
        Self { payload, page_info }
    }
}
