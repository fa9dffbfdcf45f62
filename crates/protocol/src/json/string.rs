//! JSON strings: tokens with their quotes, decoded only where somebody needs the content.

use std::borrow::Cow;

use super::plain_len;

/// A raw JSON string token, quotes included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawString<'a>(&'a str);

impl<'a> RawString<'a> {
    /// The token if `raw` looks like one; the inside is taken on trust.
    pub(crate) fn new(raw: &'a str) -> Option<Self> {
        let quoted = raw.len() >= 2 && raw.starts_with('"') && raw.ends_with('"');
        quoted.then_some(RawString(raw))
    }

    /// The token as written, quotes included.
    #[must_use]
    pub fn raw(&self) -> &'a str {
        self.0
    }

    /// Whether the decoded content is `plain`.
    #[must_use]
    pub fn is(&self, plain: &str) -> bool {
        let inner = self.inner();
        // An escape takes two to six bytes for each that it stands for, so that most strings needn't be decoded at all.
        if inner.len() == plain.len() {
            return inner == plain && !inner.contains('\\');
        }
        (plain.len()..=plain.len() * 6).contains(&inner.len())
            && inner.contains('\\')
            && unescape(inner) == plain
    }

    /// The decoded content. Lone surrogates become U+FFFD.
    #[must_use]
    pub fn decode(&self) -> Cow<'a, str> {
        let inner = self.inner();
        if inner.contains('\\') { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) }
    }

    fn inner(&self) -> &'a str {
        &self.0[1..self.0.len() - 1]
    }
}

/// The decoded string if the raw value is a string.
#[must_use]
pub fn string(raw: &str) -> Option<Cow<'_, str>> {
    RawString::new(raw).map(|token| token.decode())
}

/// Appends `text` as a JSON string, quotes included, with the escapes that `JSON.stringify` would write.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, tail) = rest.split_at(plain_len(rest));
        out.extend_from_slice(plain);
        let Some((&special, tail)) = tail.split_first() else { break };
        write_escape(out, special);
        rest = tail;
    }
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let letter = match byte {
        b'\x08' => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        b'\x0c' => b'f',
        b'\r' => b'r',
        b'"' | b'\\' => byte,
        _ => {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}

/// The position after the string whose opening quote is at `at`, in text known to be valid.
pub(crate) fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    loop {
        at += bytes.get(at..).map_or(0, plain_len);
        match bytes.get(at) {
            Some(b'\\') => at += 2,
            Some(b'"') => return at + 1,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}

fn unescape(inner: &str) -> String {
    let mut decoded = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((plain, escape)) = rest.split_once('\\') {
        decoded.push_str(plain);
        let Some(letter) = escape.chars().next() else { return decoded };
        rest = &escape[letter.len_utf8()..];
        if letter == 'u' {
            let (character, after) = unescape_unicode(rest);
            decoded.push(character);
            rest = after;
        } else {
            decoded.push(unescape_letter(letter));
        }
    }
    decoded.push_str(rest);
    decoded
}

fn unescape_letter(letter: char) -> char {
    match letter {
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        itself => itself,
    }
}

/// Reads what follows `\u`: four hex digits and, after a high surrogate, the escape of the low one.
fn unescape_unicode(text: &str) -> (char, &str) {
    let Some((first, rest)) = hex4(text) else { return (char::REPLACEMENT_CHARACTER, text) };
    if let 0xD800..0xDC00 = first
        && let Some((second @ 0xDC00..0xE000, after_pair)) = rest.strip_prefix("\\u").and_then(hex4)
    {
        let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), after_pair);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), rest)
}

fn hex4(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    Some((u32::from_str_radix(digits, 16).ok()?, rest))
}
