//! Members of objects in text that is already known to be valid: found and spliced without allocation.

use super::{RawString, skip_whitespace, string_end, write_string};

/// The members of an object, in order, duplicates included. Made by [`object_entries`].
#[derive(Clone, Debug)]
pub struct ObjectEntries<'a> {
    text: &'a str,
    /// Where the next key, or the closing brace, is looked for.
    at: usize,
}

/// The members of an object already known to be valid JSON; `None` if it isn't an object.
#[must_use]
pub fn object_entries(object: &str) -> Option<ObjectEntries<'_>> {
    let start = skip_whitespace(object.as_bytes(), 0);
    (object.as_bytes().get(start) == Some(&b'{')).then_some(ObjectEntries { text: object, at: start + 1 })
}

impl<'a> Iterator for ObjectEntries<'a> {
    type Item = (RawString<'a>, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let mut key_at = skip_whitespace(bytes, self.at);
        if bytes.get(key_at) == Some(&b',') {
            key_at = skip_whitespace(bytes, key_at + 1);
        }
        if bytes.get(key_at) != Some(&b'"') {
            return None;
        }
        let key_end = string_end(bytes, key_at);
        let colon_at = skip_whitespace(bytes, key_end);
        let value_at = skip_whitespace(bytes, colon_at + 1);
        self.at = value_end(bytes, value_at);
        Some((RawString::new(self.text.get(key_at..key_end)?)?, self.text.get(value_at..self.at)?))
    }
}

/// The last value of `key` at the top level, as `JSON.parse` would see it.
#[must_use]
pub fn get<'a>(object: &'a str, key: &str) -> Option<&'a str> {
    object_entries(object)?.filter(|(name, _)| name.is(key)).last().map(|(_, value)| value)
}

/// Appends `object` without any top-level member of the given names, however spelled, and with the given members (raw
/// values) at its end. Anything but an object counts as an empty one.
pub fn with_members(out: &mut Vec<u8>, object: &str, members: &[(&str, &str)]) {
    out.push(b'{');
    let body_at = out.len();
    for (key, value) in object_entries(object).into_iter().flatten() {
        if !members.iter().any(|(name, _)| key.is(name)) {
            separate(out, body_at);
            out.extend_from_slice(key.raw().as_bytes());
            out.push(b':');
            out.extend_from_slice(value.as_bytes());
        }
    }
    for (name, value) in members {
        separate(out, body_at);
        write_string(out, name);
        out.push(b':');
        out.extend_from_slice(value.as_bytes());
    }
    out.push(b'}');
}

fn separate(out: &mut Vec<u8>, body_at: usize) {
    if out.len() > body_at {
        out.push(b',');
    }
}

/// The position after the value that starts at `at`.
fn value_end(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'"') => string_end(bytes, at),
        Some(b'{' | b'[') => container_end(bytes, at),
        _ => {
            let rest = bytes.get(at..).unwrap_or_default();
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
            at + rest.iter().position(ends).unwrap_or(rest.len())
        }
    }
}

fn container_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at
}
