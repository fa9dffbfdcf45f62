//! The pages that people see at the hub's own address. They are ordinary clients of the hub; no rule lives here.

use axum::{
    Router,
    http::{HeaderMap, header},
    response::{Html, IntoResponse},
    routing::get,
};

use crate::{assets::LANDING, client_bundle, config::ClientBundle};

const INDEX: &str = include_str!("../../../web/landing/index.html");

/// The landing page may load and reach its own origin only; nothing inline runs.
const INDEX_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'";

/// Routes for the landing page and the client bundle of a hub whose Socket.IO path is `path`.
pub(crate) fn router(path: &str, client: ClientBundle) -> Router {
    // The page was written for the default path, which settings keep free of characters that mean something in HTML.
    let index = INDEX.replace("/socket.io/", path);
    let pages = LANDING.iter().fold(Router::new().route("/", get(async || page(index))), |router, asset| {
        let handler = async |request: HeaderMap| asset.respond(&request);
        router.route(&format!("/landing/{}", asset.name), get(handler))
    });
    match client {
        ClientBundle::Served => pages.merge(client_bundle::router(path)),
        ClientBundle::Absent => pages,
    }
}

fn page(html: String) -> impl IntoResponse {
    let headers = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, INDEX_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(html))
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

    #[tokio::test]
    async fn everything_that_the_landing_page_loads_is_served_by_the_hub_itself() {
        let hub = router("/bell/", ClientBundle::Served);
        let page = text(fetch(&hub, "/").await).await;
        let loaded: Vec<_> = addresses(&page, " src=").chain(addresses(&page, " href=")).collect();
        assert!(
            loaded.contains(&"/bell/socket.io.min.js") && loaded.contains(&"/landing/app.js"),
            "{loaded:?}"
        );
        for address in loaded.into_iter().filter(|address| !address.starts_with('#')) {
            assert_eq!(fetch(&hub, address).await.status(), StatusCode::OK, "{address}");
        }
        for module in LANDING.iter().filter(|asset| asset.name.ends_with(".js")) {
            let source = text(fetch(&hub, &format!("/landing/{}", module.name)).await).await;
            for import in addresses(&source, " from ").filter(|import| import.starts_with("./")) {
                let address = format!("/landing/{}", &import[2..]);
                assert_eq!(fetch(&hub, &address).await.status(), StatusCode::OK, "{address}");
            }
        }
        assert!(page.contains("data-socketio-path=\"/bell/\""));
    }

    #[tokio::test]
    async fn the_landing_page_runs_nothing_inline() {
        let page = fetch(&router("/socket.io/", ClientBundle::Served), "/").await;
        assert_eq!(page.headers()["content-security-policy"], INDEX_POLICY);
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        let page = text(page).await;
        for inline in [" style=", "<style", " onclick=", " onload=", " onerror=", " onsubmit=", "javascript:"]
        {
            assert!(!page.contains(inline), "{inline}");
        }
        assert_eq!(page.matches("<script").count(), page.matches("<script src=").count());
    }

    #[tokio::test]
    async fn the_client_can_be_left_out() {
        let hub = router("/socket.io/", ClientBundle::Absent);
        assert_eq!(fetch(&hub, "/socket.io/socket.io.min.js").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(fetch(&hub, "/").await.status(), StatusCode::OK);
    }
}
