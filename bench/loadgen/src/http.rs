//! HTTP/1.1 requests of a Socket.IO client and of an API's callers, and the answers to them.

use std::io;

/// The request that opens a WebSocket.
pub(crate) fn upgrade_request(port: u16) -> Vec<u8> {
    format!(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: Y2FtcGFuaWxlLWJlbmNoIQ==\r\n\r\n"
    )
    .into_bytes()
}

/// A poll; without a session id it opens a session.
pub(crate) fn poll_request(port: u16, sid: Option<&str>) -> Vec<u8> {
    let sid = sid.map(|sid| format!("&sid={sid}")).unwrap_or_default();
    format!("GET /socket.io/?EIO=4&transport=polling{sid} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")
        .into_bytes()
}

/// Packets for the server.
pub(crate) fn post_request(port: u16, sid: &str, payload: &str) -> Vec<u8> {
    format!(
        "POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\
         Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {}\r\n\r\n{payload}",
        payload.len()
    )
    .into_bytes()
}

/// A request with a body of JSON, on the word of who has this token.
pub(crate) fn json_request(port: u16, path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    json_request_of("POST", port, path, token, body)
}

/// The same with another method.
pub(crate) fn json_request_of(
    method: &str,
    port: u16,
    path: &str,
    token: Option<&str>,
    body: &str,
) -> Vec<u8> {
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{authorization}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

pub(crate) fn get_request(port: u16, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").into_bytes()
}

/// The head of an answer.
pub(crate) struct Head {
    pub(crate) status: u16,
    /// Where the body starts.
    pub(crate) length: usize,
    content_length: Option<usize>,
}

/// Reads the head of an answer; `None` while it is incomplete.
pub(crate) fn read_head(input: &[u8]) -> io::Result<Option<Head>> {
    let Some(end) = input.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = str::from_utf8(&input[..end]).map_err(io::Error::other)?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("not an HTTP answer: {head:?}")))?;
    let content_length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok());
    Ok(Some(Head { status, length: end + 4, content_length }))
}

/// Reads a whole answer: its status, its body and its length on the wire; `None` while it is incomplete.
pub(crate) fn read_answer(input: &[u8]) -> io::Result<Option<(u16, &str, usize)>> {
    let Some(head) = read_head(input)? else { return Ok(None) };
    let length = head.content_length.ok_or_else(|| io::Error::other("an answer without Content-Length"))?;
    let end = head.length + length;
    let Some(body) = input.get(head.length..end) else { return Ok(None) };
    Ok(Some((head.status, str::from_utf8(body).map_err(io::Error::other)?, end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_once_it_is_complete() {
        let wire = b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 3\r\nx: y\r\n\r\n2\x1e2HTTP";
        assert!(read_answer(&wire[..wire.len() - 5]).expect("so far it is valid").is_none());
        let (status, body, used) = read_answer(wire).expect("it is valid").expect("it is complete");
        assert_eq!((status, body, used), (200, "2\x1e2", wire.len() - 4));
    }

    #[test]
    fn what_is_not_http_is_refused() {
        assert!(read_head(b"nonsense\r\n\r\n").is_err());
    }
}
