//! Files that are part of the binary, and how HTTP hands them out: cached, compressed when accepted.
//!
//! The build script made the lists; this module doesn't know what the files are for.

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};

/// A file in the binary.
#[derive(Debug)]
pub(crate) struct Asset {
    /// Its file name.
    pub(crate) name: &'static str,
    content_type: &'static str,
    /// Changes with the contents.
    tag: &'static str,
    contents: &'static [u8],
    gzip: &'static [u8],
}

/// The stock Socket.IO client with its source maps.
pub(crate) const CLIENT_BUNDLE: &[Asset] = include!(concat!(env!("OUT_DIR"), "/client_bundle.rs"));

/// The front-end kit with its source maps.
pub(crate) const SDK: &[Asset] = include!(concat!(env!("OUT_DIR"), "/sdk.rs"));

/// What the landing page loads.
pub(crate) const LANDING: &[Asset] = include!(concat!(env!("OUT_DIR"), "/landing.rs"));

/// What the page about the API loads.
pub(crate) const API: &[Asset] = include!(concat!(env!("OUT_DIR"), "/api.rs"));

/// What the playground's stage and its host load.
pub(crate) const PLAYGROUND: &[Asset] = include!(concat!(env!("OUT_DIR"), "/playground.rs"));

/// What the console loads.
pub(crate) const CONSOLE: &[Asset] = include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// What pages of apps load.
pub(crate) const PAGES: &[Asset] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// For how long a client may keep a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// Until it asks again, which it has to each time.
    Asked,
    /// For ever, because other contents get another name.
    Named,
}

impl Freshness {
    /// The header that says so.
    pub(crate) fn cache_control(self) -> &'static str {
        match self {
            Self::Asked => "public, max-age=0",
            Self::Named => "public, max-age=31536000, immutable",
        }
    }
}

impl Asset {
    /// The answer to a GET with these headers: the file, or 304 when the client has it.
    pub(crate) fn respond(&self, request: &HeaderMap, freshness: Freshness) -> Response {
        let zipped = accepts_gzip(request);
        // A strong tag names bytes, so the compressed form needs one of its own.
        let etag = if zipped { format!("\"{}-gzip\"", self.tag) } else { format!("\"{}\"", self.tag) };
        let validation = [
            (header::ETAG, etag.as_str()),
            (header::CACHE_CONTROL, freshness.cache_control()),
            (header::VARY, "accept-encoding"),
        ];
        if has_current(request, &etag) {
            return (StatusCode::NOT_MODIFIED, validation).into_response();
        }
        let file = [(header::CONTENT_TYPE, self.content_type), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
        if zipped {
            let encoding = [(header::CONTENT_ENCODING, "gzip")];
            (validation, file, encoding, Bytes::from_static(self.gzip)).into_response()
        } else {
            (validation, file, Bytes::from_static(self.contents)).into_response()
        }
    }
}

/// Whether `Accept-Encoding` names gzip, or everything, without taking it back with a weight of zero.
fn accepts_gzip(request: &HeaderMap) -> bool {
    let weight = |coding: &str| {
        let parameters = items(request, &header::ACCEPT_ENCODING).find_map(|item| {
            item.strip_prefix(coding).filter(|rest| rest.is_empty() || rest.starts_with([';', ' ']))
        })?;
        let weight = parameters.split_once("q=").map_or("1", |(_, weight)| weight.trim());
        weight.parse::<f32>().ok()
    };
    weight("gzip").or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

/// Whether `If-None-Match` names this tag. It compares weakly (RFC 9110, 13.1.2).
fn has_current(request: &HeaderMap, etag: &str) -> bool {
    items(request, &header::IF_NONE_MATCH).any(|item| item == "*" || item.trim_start_matches("W/") == etag)
}

fn items<'a>(request: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    request
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}
