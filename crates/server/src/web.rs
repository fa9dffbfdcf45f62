//! The pages that people see at the hub's own address. They are ordinary clients of the hub; no rule lives here.

use axum::{
    Router,
    http::{HeaderMap, header},
    response::{Html, IntoResponse},
    routing::get,
};

use crate::{
    assets::{API, Asset, LANDING},
    client_bundle,
    config::ClientBundle,
};

const INDEX: &str = include_str!("../../../web/landing/index.html");

/// The page that shows the API's description, and lets one call it.
const API_INDEX: &str = include_str!("../../../web/api/index.html");

/// Pages may load and reach their own origin only; nothing inline runs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'";

/// Routes for the pages and the client bundle of a hub whose Socket.IO path is `path`.
pub(crate) fn router(path: &str, client: ClientBundle) -> Router {
    // The page was written for the default path, which settings keep free of characters that mean something in HTML.
    let index = INDEX.replace("/socket.io/", path);
    let pages = Router::new()
        .route("/", get(async || page(index)))
        .merge(files("/landing", LANDING))
        .route("/api/v1/docs", get(async || page(API_INDEX)))
        .merge(files("/api/v1/docs", API));
    match client {
        ClientBundle::Served => pages.merge(client_bundle::router(path)),
        ClientBundle::Absent => pages,
    }
}

fn files(folder: &str, assets: &'static [Asset]) -> Router {
    assets.iter().fold(Router::new(), |router, asset| {
        let handler = async |request: HeaderMap| asset.respond(&request);
        router.route(&format!("{folder}/{}", asset.name), get(handler))
    })
}

fn page(html: impl Into<String>) -> impl IntoResponse {
    let headers = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(html.into()))
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::{Request, Response, StatusCode},
    };
    use tower::ServiceExt;

    use super::*;

    async fn fetch(hub: &Router, path: &str) -> Response<Body> {
        hub.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn text(response: Response<Body>) -> String {
        String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
    }

    /// The addresses that a page names in an attribute.
    fn addresses<'a>(html: &'a str, attribute: &'a str) -> impl Iterator<Item = &'a str> {
        html.split(attribute).skip(1).map(|rest| rest.split('"').nth(1).unwrap())
    }

    /// Each page with the folder of its modules.
    const PAGES: [(&str, &str, &[Asset]); 2] =
        [("/", "/landing", LANDING), ("/api/v1/docs", "/api/v1/docs", API)];

    #[tokio::test]
    async fn everything_that_a_page_loads_is_served_by_the_hub_itself() {
        let hub = router("/bell/", ClientBundle::Served);
        for (path, folder, assets) in PAGES {
            let page = text(fetch(&hub, path).await).await;
            let loaded: Vec<_> = addresses(&page, " src=").chain(addresses(&page, " href=")).collect();
            assert!(loaded.iter().any(|address| address.ends_with("/app.js")), "{loaded:?}");
            // The description is the API's own.
            let is_ours = |address: &&str| !address.starts_with('#') && !address.ends_with(".json");
            for address in loaded.into_iter().filter(is_ours) {
                assert_eq!(fetch(&hub, address).await.status(), StatusCode::OK, "{address}");
            }
            for module in assets.iter().filter(|asset| asset.name.ends_with(".js")) {
                let source = text(fetch(&hub, &format!("{folder}/{}", module.name)).await).await;
                for import in addresses(&source, " from ").filter(|import| import.starts_with("./")) {
                    let address = format!("{folder}/{}", &import[2..]);
                    assert_eq!(fetch(&hub, &address).await.status(), StatusCode::OK, "{address}");
                }
            }
        }
        let page = text(fetch(&hub, "/").await).await;
        assert!(
            page.contains("src=\"/bell/socket.io.min.js\"") && page.contains("data-socketio-path=\"/bell/\"")
        );
    }

    #[tokio::test]
    async fn pages_run_nothing_inline() {
        for (path, ..) in PAGES {
            let page = fetch(&router("/socket.io/", ClientBundle::Served), path).await;
            assert_eq!(page.headers()["content-security-policy"], POLICY);
            assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
            let page = text(page).await;
            let inline =
                [" style=", "<style", " onclick=", " onload=", " onerror=", " onsubmit=", "javascript:"];
            for inline in inline {
                assert!(!page.contains(inline), "{path}: {inline}");
            }
            assert_eq!(page.matches("<script").count(), page.matches("<script src=").count());
        }
    }

    #[tokio::test]
    async fn the_client_can_be_left_out() {
        let hub = router("/socket.io/", ClientBundle::Absent);
        for script in ["/socket.io/socket.io.min.js", "/sdk/campanile.js"] {
            assert_eq!(fetch(&hub, script).await.status(), StatusCode::NOT_FOUND, "{script}");
        }
        assert_eq!(fetch(&hub, "/").await.status(), StatusCode::OK);
    }
}
