//! The pages that people see at the hub's own address. They are ordinary clients of the hub; no rule lives here.

use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse},
    routing::get,
};

use crate::{
    assets::{API, Asset, CONSOLE, Freshness, LANDING},
    client_bundle,
    config::ClientBundle,
    playground,
};

const INDEX: &str = include_str!("../../../web/landing/index.html");

/// The page that shows the API's description, and lets one call it.
const API_INDEX: &str = include_str!("../../../web/api/index.html");

/// The console, whatever view an address names: it finds the view itself.
const CONSOLE_INDEX: &str = include_str!(concat!(env!("OUT_DIR"), "/console-built/index.html"));

/// The licences of what the console, or what shows pages, is made of. It alone doesn't carry its contents in its name.
const LICENCES: &str = "licenses.md";

/// Pages may load and reach their own origin only; nothing inline runs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The same for the console, which frames the playground's stage and pages of apps.
const CONSOLE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
     connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Routes for the pages and the client bundle of a hub whose Socket.IO path is `path`.
pub(crate) fn router(path: &str, client: ClientBundle) -> Router {
    // Pages were written for the default path, which settings keep free of characters that mean something in HTML.
    let index = INDEX.replace("/socket.io/", path);
    let pages = Router::new()
        .route("/", get(async || page(index, POLICY)))
        .merge(files("/landing", LANDING, |_| Freshness::Asked))
        .route("/api/v1/docs", get(async || page(API_INDEX, POLICY)))
        .merge(files("/api/v1/docs", API, |_| Freshness::Asked))
        .merge(console(path))
        .merge(playground::router());
    match client {
        ClientBundle::Served => pages.merge(client_bundle::router(path)),
        ClientBundle::Absent => pages,
    }
}

/// The console at each of its addresses, beside its files.
fn console(path: &str) -> Router {
    let index = CONSOLE_INDEX.replace("/socket.io/", path);
    let index = get(async || page(index, CONSOLE_POLICY));
    Router::new()
        .route("/console", index.clone())
        .route("/console/", index.clone())
        .route("/console/{*view}", index)
        .route("/console/assets/{*file}", get(async || StatusCode::NOT_FOUND))
        .merge(built_files("/console/assets", CONSOLE))
}

/// Files with their contents in their names, but for the licences.
pub(crate) fn built_files(folder: &str, assets: &'static [Asset]) -> Router {
    files(folder, assets, |asset| if asset.name == LICENCES { Freshness::Asked } else { Freshness::Named })
}

fn files(folder: &str, assets: &'static [Asset], freshness: fn(&Asset) -> Freshness) -> Router {
    assets.iter().fold(Router::new(), |router, asset| {
        let handler = async move |request: HeaderMap| asset.respond(&request, freshness(asset));
        router.route(&format!("{folder}/{}", asset.name), get(handler))
    })
}

pub(crate) fn page(html: impl Into<String>, policy: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, policy),
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
        let console = ["/console", "/console/apps/shop/users"].map(|path| (path, CONSOLE_POLICY));
        for (path, policy) in PAGES.map(|(path, ..)| (path, POLICY)).into_iter().chain(console) {
            let page = fetch(&router("/socket.io/", ClientBundle::Served), path).await;
            assert_eq!(page.headers()["content-security-policy"], policy);
            assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
            let page = text(page).await;
            let inline =
                [" style=", "<style", " onclick=", " onload=", " onerror=", " onsubmit=", "javascript:"];
            for inline in inline {
                assert!(!page.contains(inline), "{path}: {inline}");
            }
            for script in page.split("<script").skip(1) {
                let (tag, contents) = script.split_once('>').unwrap();
                assert!(tag.contains(" src=") && contents.starts_with("</script>"), "{path}: {tag}");
            }
        }
    }

    #[tokio::test]
    async fn the_console_is_at_every_address_of_its_own() {
        let hub = router("/bell/", ClientBundle::Served);
        let first = text(fetch(&hub, "/console").await).await;
        assert!(first.contains("data-socketio-path=\"/bell/\""));
        for path in ["/console/", "/console/settings", "/console/apps/shop/data/orders/fields"] {
            assert_eq!(text(fetch(&hub, path).await).await, first, "{path}");
        }
        let loaded: Vec<_> = addresses(&first, " src=").chain(addresses(&first, " href=")).collect();
        assert!(loaded.iter().any(|address| address.ends_with(".css")), "{loaded:?}");
        for address in loaded.into_iter().filter(|address| address.starts_with("/console/")) {
            let asset = fetch(&hub, address).await;
            assert_eq!(asset.status(), StatusCode::OK, "{address}");
            assert_eq!(asset.headers()["cache-control"], Freshness::Named.cache_control());
            assert!(asset.headers().contains_key("etag"));
        }
    }

    #[tokio::test]
    async fn what_the_console_lacks_is_not_its_page() {
        let hub = router("/socket.io/", ClientBundle::Served);
        assert_eq!(fetch(&hub, "/console/assets/gone-1a2b3c.js").await.status(), StatusCode::NOT_FOUND);
        let licences = fetch(&hub, &format!("/console/assets/{LICENCES}")).await;
        assert_eq!(licences.headers()["cache-control"], Freshness::Asked.cache_control());
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
