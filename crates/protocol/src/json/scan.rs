//! The validating scanner: one pass, no recursion, a limit on depth.

use smallvec::SmallVec;
use thiserror::Error;

use super::plain_len;

/// Why a text is not acceptable JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JsonError {
    /// The text breaks the grammar.
    #[error("not valid JSON")]
    Syntax,
    /// Arrays and objects are nested deeper than allowed.
    #[error("JSON is nested too deeply")]
    TooDeep,
}

/// Length in bytes of the JSON value at the start of `text`; leading whitespace is counted in.
///
/// `depth_max` is the number of arrays and objects that may be open at once: 0 admits scalars only.
pub fn scan_value(text: &str, depth_max: usize) -> Result<usize, JsonError> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    scanner.value(depth_max)?;
    Ok(scanner.at)
}

/// The items of the JSON array that is the whole of `text`, as raw slices without the whitespace around them.
///
/// Validates everything in the same pass. The array itself counts towards `depth_max`.
pub fn array_items(text: &str, depth_max: usize) -> Result<SmallVec<[&str; 4]>, JsonError> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0 };
    let mut items = SmallVec::new();
    scanner.whitespace();
    scanner.expect(b'[')?;
    let depth_max = depth_max.checked_sub(1).ok_or(JsonError::TooDeep)?;
    scanner.whitespace();
    if scanner.peek() == Some(b']') {
        scanner.at += 1;
    } else {
        loop {
            scanner.whitespace();
            let start = scanner.at;
            scanner.value(depth_max)?;
            items.push(&text[start..scanner.at]);
            scanner.whitespace();
            match scanner.next() {
                Some(b',') => {}
                Some(b']') => break,
                _ => return Err(JsonError::Syntax),
            }
        }
    }
    scanner.whitespace();
    if scanner.at == text.len() { Ok(items) } else { Err(JsonError::Syntax) }
}

/// The position of the first byte at or after `at` that is not JSON whitespace.
pub(crate) fn skip_whitespace(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// What the scanner stands at after the opening bracket of an array or object.
enum Opened {
    /// It was closed at once.
    Empty,
    /// Its first value follows.
    AtValue,
}

impl Scanner<'_> {
    fn value(&mut self, depth_max: usize) -> Result<(), JsonError> {
        // The closing bracket of everything that is open, innermost last.
        let mut open = SmallVec::<[u8; 32]>::new();
        loop {
            self.whitespace();
            match self.peek() {
                Some(bracket @ (b'{' | b'[')) => {
                    if open.len() == depth_max {
                        return Err(JsonError::TooDeep);
                    }
                    // In ASCII both closing brackets come two after the opening one.
                    let closing = bracket + 2;
                    if let Opened::AtValue = self.open(closing)? {
                        open.push(closing);
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            if !self.next_value_due(&mut open)? {
                return Ok(());
            }
        }
    }

    fn open(&mut self, closing: u8) -> Result<Opened, JsonError> {
        self.at += 1;
        self.whitespace();
        if self.peek() == Some(closing) {
            self.at += 1;
            return Ok(Opened::Empty);
        }
        if closing == b'}' {
            self.key()?;
        }
        Ok(Opened::AtValue)
    }

    /// After a value: closes what ends here. True when another value follows, false when the outermost one is complete.
    fn next_value_due(&mut self, open: &mut SmallVec<[u8; 32]>) -> Result<bool, JsonError> {
        while let Some(&closing) = open.last() {
            self.whitespace();
            match self.next() {
                Some(b',') => {
                    if closing == b'}' {
                        self.key()?;
                    }
                    return Ok(true);
                }
                Some(byte) if byte == closing => open.pop(),
                _ => return Err(JsonError::Syntax),
            };
        }
        Ok(false)
    }

    fn key(&mut self) -> Result<(), JsonError> {
        self.whitespace();
        self.string()?;
        self.whitespace();
        self.expect(b':')
    }

    fn scalar(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            _ => Err(JsonError::Syntax),
        }
    }

    fn string(&mut self) -> Result<(), JsonError> {
        self.expect(b'"')?;
        loop {
            self.at += plain_len(&self.bytes[self.at..]);
            match self.next() {
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.escape()?,
                _ => return Err(JsonError::Syntax),
            }
        }
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        match self.next() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => {
                let digits = self.bytes.get(self.at..self.at + 4).ok_or(JsonError::Syntax)?;
                self.at += 4;
                if digits.iter().all(u8::is_ascii_hexdigit) { Ok(()) } else { Err(JsonError::Syntax) }
            }
            _ => Err(JsonError::Syntax),
        }
    }

    fn number(&mut self) -> Result<(), JsonError> {
        self.skip_if(|byte| byte == b'-');
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.skip_if(|byte| byte == b'.') {
            self.digits()?;
        }
        if self.skip_if(|byte| matches!(byte, b'e' | b'E')) {
            self.skip_if(|byte| matches!(byte, b'+' | b'-'));
            self.digits()?;
        }
        Ok(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while self.skip_if(|byte| byte.is_ascii_digit()) {}
        if self.at > start { Ok(()) } else { Err(JsonError::Syntax) }
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), JsonError> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(JsonError::Syntax);
        }
        self.at += word.len();
        Ok(())
    }

    fn whitespace(&mut self) {
        self.at = skip_whitespace(self.bytes, self.at);
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.next() == Some(byte) { Ok(()) } else { Err(JsonError::Syntax) }
    }

    fn skip_if(&mut self, wanted: impl Fn(u8) -> bool) -> bool {
        let found = self.peek().is_some_and(wanted);
        self.at += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Takes the next byte. At the end of the text the position stays where it is.
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }
}
