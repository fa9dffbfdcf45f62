//! Scripts for pages of every origin: the stock Socket.IO client, beside the endpoint that it connects to, and the
//! front-end kit. With them pages need no CDN.

use axum::{
    Router,
    http::{HeaderMap, header},
    routing::get,
};

use crate::assets::{Asset, CLIENT_BUNDLE, Freshness, SDK};

/// Where the kit is, whatever the path of the endpoint.
const SDK_PATH: &str = "/sdk/";

/// Routes for the kit, and for the client's bundles under a path with its trailing slash; with their source maps.
pub(crate) fn router(path: &str) -> Router {
    scripts(path, CLIENT_BUNDLE).merge(scripts(SDK_PATH, SDK))
}

fn scripts(path: &str, assets: &'static [Asset]) -> Router {
    assets.iter().fold(Router::new(), |router, asset| {
        // It is public code; pages of any origin may import it as a module.
        let any_origin = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
        let handler = async move |request: HeaderMap| (any_origin, asset.respond(&request, Freshness::Asked));
        router.route(&format!("{path}{}", asset.name), get(handler))
    })
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::{Request, Response, StatusCode},
    };
    use tower::ServiceExt;

    use super::*;

    async fn fetch(path: &str, headers: &[(&str, &str)]) -> Response<Body> {
        let request =
            headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        let request = request.body(Body::empty()).unwrap();
        router("/hub/").oneshot(request).await.unwrap()
    }

    async fn text(response: Response<Body>) -> String {
        String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
    }

    fn field<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn every_bundle_is_served_with_its_source_map() {
        for bundle in ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"]
        {
            let script = fetch(&format!("/hub/{bundle}"), &[]).await;
            assert_eq!(script.status(), StatusCode::OK, "{bundle}");
            assert_eq!(field(&script, "content-type"), "text/javascript; charset=utf-8");
            assert_eq!(field(&script, "cache-control"), "public, max-age=0");
            let script = text(script).await;
            assert!(script.starts_with("/*!\n * Socket.IO v4.8.4"), "{bundle}");
            assert!(script.contains(&format!("sourceMappingURL={bundle}.map")), "{bundle}");

            let map = fetch(&format!("/hub/{bundle}.map"), &[]).await;
            assert_eq!(field(&map, "content-type"), "application/json; charset=utf-8");
            let map: serde_json::Value = serde_json::from_str(&text(map).await).unwrap();
            assert_eq!(map["version"], 3);
        }
        assert_eq!(fetch("/hub/socket.io.min.css", &[]).await.status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn the_kit_is_served_to_every_origin() {
        for script in ["campanile.js", "campanile.esm.js"] {
            let served = fetch(&format!("/sdk/{script}"), &[("origin", "https://page.example")]).await;
            assert_eq!(served.status(), StatusCode::OK, "{script}");
            assert_eq!(field(&served, "content-type"), "text/javascript; charset=utf-8");
            assert_eq!(field(&served, "access-control-allow-origin"), "*");
            assert!(field(&served, "etag").starts_with('"'), "{script}");
            let served = text(served).await;
            assert!(served.contains("campanile-toaster"), "{script}");
            assert!(served.trim_end().ends_with(&format!("sourceMappingURL={script}.map")), "{script}");

            let map = text(fetch(&format!("/sdk/{script}.map"), &[]).await).await;
            let map: serde_json::Value = serde_json::from_str(&map).unwrap();
            let sources = map["sources"].as_array().unwrap();
            assert!(
                sources.iter().all(|source| source.as_str().unwrap().starts_with("../src/")),
                "{sources:?}"
            );
        }
    }

    #[tokio::test]
    async fn gzip_is_sent_to_those_who_accept_it() {
        for accepting in ["gzip", "br, gzip;q=0.5", "*"] {
            let zipped = fetch("/hub/socket.io.min.js", &[("accept-encoding", accepting)]).await;
            assert_eq!(field(&zipped, "content-encoding"), "gzip", "{accepting}");
            let zipped = to_bytes(zipped.into_body(), usize::MAX).await.unwrap();
            let mut unzipped = String::new();
            std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&zipped[..]), &mut unzipped)
                .unwrap();
            assert_eq!(unzipped, text(fetch("/hub/socket.io.min.js", &[]).await).await);
        }
        for refusing in ["br", "gzip;q=0", "gzip;q=0, *", "gzipped"] {
            let plain = fetch("/hub/socket.io.min.js", &[("accept-encoding", refusing)]).await;
            assert_eq!(field(&plain, "content-encoding"), "", "{refusing}");
        }
    }

    #[tokio::test]
    async fn a_client_that_has_the_file_gets_304() {
        for encoding in ["gzip", "identity"] {
            let first = fetch("/hub/socket.io.js", &[("accept-encoding", encoding)]).await;
            let etag = field(&first, "etag").to_owned();
            assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag} is strong");
            let listed = format!("\"other\", W/{etag}");
            for known in [etag.as_str(), "*", &listed] {
                let again = [("accept-encoding", encoding), ("if-none-match", known)];
                let again = fetch("/hub/socket.io.js", &again).await;
                assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
                assert_eq!(field(&again, "etag"), etag);
                assert_eq!(text(again).await, "");
            }
            let other_encoding = if encoding == "gzip" { "identity" } else { "gzip" };
            let other = [("accept-encoding", other_encoding), ("if-none-match", etag.as_str())];
            assert_eq!(fetch("/hub/socket.io.js", &other).await.status(), StatusCode::OK);
        }
    }
}
