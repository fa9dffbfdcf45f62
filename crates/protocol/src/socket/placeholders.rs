//! The placeholders of a binary packet: objects `{"_placeholder":true,"num":N}` that stand for attachments.

use smallvec::SmallVec;

use crate::json::{RawString, skip_whitespace, string_end};

/// What is known about an open array or object. The last of equal keys counts, as in `JSON.parse`.
#[derive(Default)]
struct Open {
    placeholder: bool,
    in_range: bool,
}

/// Whether every placeholder in valid JSON, however deep, has a number below `attachments`. One pass, no recursion.
pub(super) fn placeholders_within(data: &str, attachments: usize) -> bool {
    let bytes = data.as_bytes();
    let mut open = SmallVec::<[Open; 32]>::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => open.push(Open::default()),
            b'}' | b']' if open.pop().is_some_and(|object| object.placeholder && !object.in_range) => {
                return false;
            }
            b'"' => {
                let end = string_end(bytes, at);
                let after = skip_whitespace(bytes, end);
                // A string before a colon is a key, and its value is looked at from here.
                if bytes.get(after) == Some(&b':')
                    && let Some(object) = open.last_mut()
                    && let Some(key) = data.get(at..end).and_then(RawString::new)
                {
                    let value = &bytes[skip_whitespace(bytes, after + 1)..];
                    if key.is("_placeholder") {
                        object.placeholder = value.starts_with(b"true");
                    } else if key.is("num") {
                        object.in_range = index(value).is_some_and(|num| num < attachments);
                    }
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    true
}

/// The number at the start of `value` if it is written in plain digits.
fn index(value: &[u8]) -> Option<usize> {
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = value.split_at(digits);
    let ends = !matches!(rest.first(), Some(b'.' | b'e' | b'E'));
    if ends { std::str::from_utf8(digits).ok()?.parse().ok() } else { None }
}
