//! The HTTP API. One resource, one file; errors are problem details (RFC 9457) with a stable `code`.

mod admin;
mod apps;
mod caller;
mod compat;
mod compat_data;
mod description;
mod endpoints;
mod health;
mod hooks;
mod input;
mod objects;
mod pages;
mod problem;
mod providers;
mod push;
mod runs;
mod scenarios;
mod schemas;
mod stats;
mod structures;
mod traffic;
mod users;

use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::any,
};
use utoipa_axum::router::OpenApiRouter;

pub(crate) use self::{caller::bearer, problem::Problem};
use crate::hub::Hub;

/// All routes of the API.
pub(crate) fn router(hub: Hub) -> Router {
    let api = Router::from(ours())
        .method_not_allowed_fallback(method_not_allowed)
        .route("/api", any(not_found))
        .route("/api/", any(not_found))
        .route("/api/{*rest}", any(not_found))
        .layer(middleware::from_fn_with_state(hub.clone(), cross_origin));
    api.merge(compat::router()).merge(hooks::router()).merge(health::router()).with_state(hub)
}

/// All that is described.
fn routes() -> OpenApiRouter<Hub> {
    ours().merge(compat::router()).merge(hooks::router()).merge(health::router())
}

/// What is under `/api`.
fn ours() -> OpenApiRouter<Hub> {
    OpenApiRouter::new()
        .merge(providers::router())
        .merge(admin::router())
        .merge(apps::router())
        .merge(users::router())
        .merge(push::router())
        .merge(structures::router())
        .merge(objects::router())
        .merge(endpoints::router())
        .merge(scenarios::router())
        .merge(runs::router())
        .merge(pages::router())
        .merge(schemas::router())
        .merge(stats::router())
        .merge(traffic::router())
        .merge(description::router())
}

async fn not_found() -> Problem {
    Problem::not_found("there is no such resource")
}

async fn method_not_allowed() -> Problem {
    let detail = "this resource doesn't have this method";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

/// The bridge is as open to pages of other origins over HTTP as it is over Socket.IO.
async fn cross_origin(State(hub): State<Hub>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    if !hub.cors.admits(origin.as_ref()) {
        return Problem::new(StatusCode::FORBIDDEN, "origin_forbidden", "this origin may not call the hub")
            .into_response();
    }
    if request.method() == Method::OPTIONS && hub.cors.is_on() {
        let mut response = StatusCode::NO_CONTENT.into_response();
        hub.cors.decorate_preflight(request.headers(), response.headers_mut());
        return response;
    }
    let mut response = next.run(request).await;
    hub.cors.decorate(origin.as_ref(), response.headers_mut());
    response
}
