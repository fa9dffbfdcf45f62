//! From what arrives on a connection to the answer that a scenario sees, no larger than allowed.

use std::collections::BTreeMap;

use axum::http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, LOCATION},
};
use campanile_platform::scenarios::world::{Failure, HttpAnswer};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use serde_json::Value;

use super::failure;

/// Where an answer sends its reader, if it does.
pub(super) fn redirect(response: &Response<Incoming>) -> Option<(StatusCode, HeaderValue)> {
    let status = response.status();
    let location = response.headers().get(LOCATION)?;
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308).then(|| (status, location.clone()))
}

pub(super) async fn read(
    response: Response<Incoming>,
    bytes_max: usize,
    host: &str,
) -> Result<HttpAnswer, Failure> {
    let (head, body) = response.into_parts();
    let bytes = bytes(body, bytes_max, host).await?;
    Ok(HttpAnswer {
        status: head.status.as_u16(),
        headers: headers(&head.headers),
        body: value(&head.headers, &bytes),
    })
}

async fn bytes(mut body: Incoming, bytes_max: usize, host: &str) -> Result<Vec<u8>, Failure> {
    let too_large = || failure::answer_too_large(host, "limits.outgoing_answer_bytes_max");
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| failure::connection_lost(host))?;
        let Some(data) = frame.data_ref() else { continue };
        if bytes.len() + data.len() > bytes_max {
            return Err(too_large());
        }
        bytes.extend_from_slice(data);
    }
    Ok(bytes)
}

/// What came more than once is one list, as HTTP has it.
fn headers(received: &HeaderMap) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::<String, String>::new();
    for (name, value) in received {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|list| *list += &format!(", {value}"))
            .or_insert_with(|| value.into_owned());
    }
    headers
}

fn value(headers: &HeaderMap, bytes: &[u8]) -> Value {
    let json = is_json(headers).then(|| serde_json::from_slice(bytes).ok()).flatten();
    json.unwrap_or_else(|| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.ends_with("+json")
}
