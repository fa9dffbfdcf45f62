//! The HTTP API. One resource, one file; errors are problem details (RFC 9457) with a stable `code`.

mod health;
mod problem;
mod providers;

use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

use self::problem::Problem;
use crate::hub::Hub;

/// All routes of the API.
pub(crate) fn router(hub: Hub) -> Router {
    let api = Router::new()
        .merge(providers::router())
        .route("/api/{*rest}", axum::routing::any(async || Problem::not_found("there is no such resource")))
        .layer(middleware::from_fn_with_state(hub.clone(), cross_origin));
    api.merge(health::router()).with_state(hub)
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
