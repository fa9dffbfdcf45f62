//! Text to packet, with the validation that the reference parser does and the limits that it lacks.

use smallvec::SmallVec;

use super::placeholders::placeholders_within;
use super::{Error, Kind, Limits, Packet};
use crate::json::{RawString, array_items, scan_value, skip_whitespace};

/// Names that the client library uses for its own events.
const RESERVED_EVENTS: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// Reads what follows the `4` of an Engine.IO message.
///
/// Differs from the reference only in what no client sends. Refused here: an event, ack or connect error without any
/// payload; an attachment count or placeholder number not written in plain digits; an ack id beyond 64 bits.
pub fn decode<'a>(text: &'a str, limits: &Limits) -> Result<Packet<'a>, Error> {
    let (kind, binary) = kind(text)?;
    let (attachments, rest) = if binary { attachments(&text[1..], limits)? } else { (0, &text[1..]) };
    let (namespace, rest) = namespace(rest);
    let (id, rest) = id(rest)?;
    let data = if rest.is_empty() { "" } else { trim(rest) };
    let items = payload(kind, rest, data, limits)?;
    if binary && !placeholders_within(data, attachments) {
        return Err(Error::BadPlaceholder);
    }
    Ok(Packet { kind, attachments, namespace, id, data, items })
}

/// The kind, and whether it is the binary variant.
fn kind(text: &str) -> Result<(Kind, bool), Error> {
    Ok(match text.as_bytes().first() {
        Some(b'0') => (Kind::Connect, false),
        Some(b'1') => (Kind::Disconnect, false),
        Some(b'2') => (Kind::Event, false),
        Some(b'3') => (Kind::Ack, false),
        Some(b'4') => (Kind::ConnectError, false),
        Some(b'5') => (Kind::Event, true),
        Some(b'6') => (Kind::Ack, true),
        _ => return Err(Error::UnknownType),
    })
}

fn attachments<'a>(text: &'a str, limits: &Limits) -> Result<(usize, &'a str), Error> {
    let (digits, rest) = split_digits(text);
    let rest = rest.strip_prefix('-').filter(|_| !digits.is_empty()).ok_or(Error::BadAttachments)?;
    // Digits that don't parse are a number too big for this machine.
    match digits.parse().unwrap_or(usize::MAX) {
        0 => Err(Error::BadAttachments),
        count if count > limits.attachments_max => Err(Error::TooManyAttachments),
        count => Ok((count, rest)),
    }
}

/// The namespace, of which a query is a part as it is for the reference. The comma after it may be missing when nothing follows.
fn namespace(text: &str) -> (&str, &str) {
    if !text.starts_with('/') {
        return ("/", text);
    }
    text.split_once(',').unwrap_or((text, ""))
}

fn id(text: &str) -> Result<(Option<u64>, &str), Error> {
    let (digits, rest) = split_digits(text);
    let id = if digits.is_empty() { None } else { Some(digits.parse().map_err(|_| Error::BadId)?) };
    Ok((id, rest))
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// Validates `rest`, whose trimmed form is `data`, and returns the items of an event or ack.
fn payload<'a>(
    kind: Kind,
    rest: &str,
    data: &'a str,
    limits: &Limits,
) -> Result<SmallVec<[&'a str; 4]>, Error> {
    let allowed: &[u8] = match kind {
        Kind::Event | Kind::Ack => b"[",
        Kind::Connect => b"{",
        Kind::ConnectError => b"{\"",
        Kind::Disconnect => b"",
    };
    if rest.is_empty() && matches!(kind, Kind::Connect | Kind::Disconnect) {
        return Ok(SmallVec::new());
    }
    if !data.bytes().next().is_some_and(|first| allowed.contains(&first)) {
        return Err(Error::InvalidPayload);
    }
    if !matches!(kind, Kind::Event | Kind::Ack) {
        let length = scan_value(data, limits.json_depth_max)?;
        return if length == data.len() { Ok(SmallVec::new()) } else { Err(Error::InvalidPayload) };
    }
    let items = array_items(data, limits.json_depth_max)?;
    if kind == Kind::Event {
        check_event_name(items.first().ok_or(Error::InvalidPayload)?)?;
    }
    Ok(items)
}

fn check_event_name(first_item: &str) -> Result<(), Error> {
    if let Some(name) = RawString::new(first_item) {
        let reserved = RESERVED_EVENTS.iter().any(|reserved| name.is(reserved));
        return if reserved { Err(Error::ReservedEvent) } else { Ok(()) };
    }
    match first_item.as_bytes().first() {
        Some(b'-' | b'0'..=b'9') => Ok(()),
        _ => Err(Error::InvalidPayload),
    }
}

/// Without JSON whitespace at either end; `str::trim` would also take what JSON forbids.
fn trim(text: &str) -> &str {
    let text = &text[skip_whitespace(text.as_bytes(), 0)..];
    text.trim_end_matches([' ', '\t', '\n', '\r'])
}
