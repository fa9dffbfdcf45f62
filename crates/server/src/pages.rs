//! Pages of apps at `/p/{app}/{page}`: a shell that is the same for all of them, the scripts that fill it, and the document,
//! which the scripts ask for with the visitor's session. The shell says nothing of a document.
//!
//! Whoever writes pages isn't trusted here: they are shown on the hub's own origin, where an administrator may be logged in. So
//! nothing inline runs, whatever a document or an object holds.

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use campanile_platform::pages::Entrance;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::json;

use crate::{
    api::{Problem, bearer},
    assets::PAGES,
    hub::Hub,
    web::{built_files, page},
};

const SHELL: &str = include_str!(concat!(env!("OUT_DIR"), "/pages-built/index.html"));
const ABSENT: &str = include_str!(concat!(env!("OUT_DIR"), "/pages-built/absent.html"));

/// Pages run and ask what is the hub's own; pictures may come from elsewhere. The console shows them in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: data:; \
     font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Routes for pages of a hub whose Socket.IO path is `path`.
pub(crate) fn router(path: &str, hub: Hub) -> Router {
    let shell = SHELL.replace("/socket.io/", path);
    let show = async move |State(hub): State<Hub>, place: Path<Place>, query: Query<Mode>| {
        show(&hub, &shell, &place.0, &query.0).await
    };
    Router::new()
        .route("/p/{app}", get(home))
        .route("/p/{app}/", get(home))
        .route("/p/{app}/{page}", get(show))
        .route("/p/{app}/{page}/document", get(document))
        .route("/p/{app}/{page}/{*rest}", get(async |uri: Uri| absent(uri.path())))
        .with_state(hub)
        .merge(built_files("/pages", PAGES))
}

/// A page, by its address.
#[derive(Deserialize)]
struct Place {
    app: String,
    page: String,
}

#[derive(Deserialize)]
struct Mode {
    preview: Option<String>,
}

/// An app's first page is `home`.
async fn home(Path(app): Path<String>) -> Redirect {
    Redirect::temporary(&format!("/p/{}/home", utf8_percent_encode(&app, OUTSIDE_SEGMENTS)))
}

/// What can't stand in a segment of a path.
const OUTSIDE_SEGMENTS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A preview shows what isn't saved, so the page needn't be there.
async fn show(hub: &Hub, shell: &str, place: &Place, mode: &Mode) -> Response {
    let is_preview = mode.preview.as_deref() == Some("1");
    let found = match hub.pages.is_there(&place.app, &place.page).await {
        Ok(is_there) => is_there || is_preview,
        Err(error) if is_absence(&error) => false,
        Err(error) => return Problem::from(error).into_response(),
    };
    if !found {
        return absent(&format!("/p/{}/{}", place.app, place.page));
    }
    match hub.pages.entrance(&place.app).await {
        Ok(entrance) => html(StatusCode::OK, filled(shell, place, &entrance)),
        Err(error) => Problem::from(error).into_response(),
    }
}

fn is_absence(error: &campanile_platform::accounts::AccountError) -> bool {
    Problem::from(error.clone()).status() == StatusCode::NOT_FOUND
}

fn filled(shell: &str, place: &Place, entrance: &Entrance) -> String {
    let push = if entrance.is_pushed_to { "on" } else { "off" };
    let values = [
        ("{app}", place.app.as_str()),
        ("{page}", place.page.as_str()),
        ("{key}", entrance.key.as_deref().unwrap_or_default()),
        ("{push}", push),
    ];
    values.iter().fold(shell.to_owned(), |html, (name, value)| html.replace(name, &escaped(value)))
}

/// A text as it stands in HTML, in an attribute as well. Braces are told by number, so that no value is taken for a place to fill.
fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '&' | '<' | '>' | '"' | '\'' | '{' | '}' => format!("&#{};", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(escape).collect()
}

fn absent(path: &str) -> Response {
    html(StatusCode::NOT_FOUND, ABSENT.replace("{path}", &escaped(path)))
}

fn html(status: StatusCode, html: String) -> Response {
    (status, page(html, POLICY)).into_response()
}

/// The document, for whoever may see it: `Authorization: Bearer` is the session of a user.
async fn document(
    State(hub): State<Hub>,
    Path(Place { app, page }): Path<Place>,
    headers: HeaderMap,
) -> Response {
    let mut response = match hub.pages.visit(&app, &page, bearer(&headers)).await {
        Ok(visit) => Json(json!({ "version": visit.version, "document": visit.document })).into_response(),
        Err(error) => Problem::from(error).into_response(),
    };
    let private = header::HeaderValue::from_static("private, no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, private);
    response
}
