//! The playground's stage: the page in which foreign code runs, at a distance from everything else of the hub.
//!
//! The console frames the stage, and the stage frames a document of an opaque origin, the host, in which plugins run. A
//! document without an address of its own inherits the policy of the page that made it, so the stage's policy lets
//! through whatever plugins do. That is why nothing but the frame is in the stage.

use axum::{
    Router,
    http::{HeaderMap, header},
    routing::get,
};

use crate::{
    assets::{Freshness, PLAYGROUND},
    web::page,
};

const STAGE: &str = include_str!("../../../web/playground/stage.html");

/// Only the hub's own pages may frame it.
const POLICY: &str = "frame-ancestors 'self'";

/// Routes for the stage, and for what it and the host load.
pub(crate) fn router() -> Router {
    let stage = Router::new().route("/playground/stage", get(async || page(STAGE, POLICY)));
    PLAYGROUND.iter().fold(stage, |router, asset| {
        // The host's origin is opaque, so its own modules are of another one.
        let any_origin = [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
        let handler = async move |request: HeaderMap| (any_origin, asset.respond(&request, Freshness::Asked));
        router.route(&format!("/playground/{}", asset.name), get(handler))
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

    async fn fetch(path: &str) -> Response<Body> {
        router().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn text(response: Response<Body>) -> String {
        String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn nobody_but_the_hub_frames_the_stage() {
        let stage = fetch("/playground/stage").await;
        assert_eq!(stage.headers()["content-security-policy"], POLICY);
        let stage = text(stage).await;
        for script in stage.split("<script").skip(1) {
            let (tag, contents) = script.split_once('>').unwrap();
            assert!(tag.contains(" src=\"/playground/") && contents.starts_with("</script>"), "{tag}");
        }
    }

    #[tokio::test]
    async fn an_opaque_origin_may_load_the_host_and_each_of_its_modules() {
        let mut modules = vec!["host.js".to_owned()];
        let mut seen = 0;
        while let Some(module) = modules.get(seen).cloned() {
            let served = fetch(&format!("/playground/{module}")).await;
            assert_eq!(served.status(), StatusCode::OK, "{module}");
            assert_eq!(served.headers()["access-control-allow-origin"], "*", "{module}");
            let source = text(served).await;
            let imports = source.split(" from \"./").skip(1).map(|rest| rest.split('"').next().unwrap());
            let new: Vec<_> = imports
                .filter(|import| !modules.iter().any(|known| known == import))
                .map(str::to_owned)
                .collect();
            modules.extend(new);
            seen += 1;
        }
        assert!(seen > 3, "{modules:?}");
    }
}
