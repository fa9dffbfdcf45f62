//! The text of an expression becomes words, numbers, quoted texts and signs, each with its position.

use serde_json::{Number, Value};

use crate::scenarios::source::SourceError;

/// One piece of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) at: usize,
    pub(super) kind: TokenKind<'a>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind<'a> {
    /// A name or a keyword.
    Word(&'a str),
    /// A number or a quoted text.
    Constant(Value),
    /// A sign, `==` for instance.
    Sign(&'static str),
    /// Nothing comes any more.
    End,
}

/// Longer ones first, since one may be how another begins.
const SIGNS: [&str; 21] = [
    "==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",", ".", "|", "+", "-", "*", "/", "%", "~", "&&",
    "||",
];

pub(super) fn tokens(source: &str) -> Result<Vec<Token<'_>>, SourceError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += source[at..].len() - source[at..].trim_start().len();
        let (kind, length) = token(source, at)?;
        let is_last = kind == TokenKind::End;
        tokens.push(Token { at, kind });
        at += length;
        if is_last {
            return Ok(tokens);
        }
    }
}

/// The token at the start of what is left, and its length.
fn token(source: &str, at: usize) -> Result<(TokenKind<'_>, usize), SourceError> {
    let rest = &source[at..];
    match rest.chars().next() {
        None => Ok((TokenKind::End, 0)),
        Some(quote @ ('\'' | '"')) => quoted(source, at, quote),
        Some(c) if c.is_ascii_digit() => number(source, at),
        Some(c) if is_of_word(c) => {
            let length = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
            Ok((TokenKind::Word(&rest[..length]), length))
        }
        Some(c) => sign(rest).ok_or_else(|| SourceError::at(source, at, format!("{c:?} means nothing here"))),
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn sign(rest: &str) -> Option<(TokenKind<'_>, usize)> {
    let found = SIGNS.into_iter().filter(|sign| rest.starts_with(sign)).max_by_key(|sign| sign.len())?;
    Some((TokenKind::Sign(found), found.len()))
}

fn number(source: &str, at: usize) -> Result<(TokenKind<'_>, usize), SourceError> {
    let rest = &source[at..];
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let whole = digits(rest);
    let length = match rest[whole..].strip_prefix('.').map(digits) {
        Some(fraction) if fraction > 0 => whole + 1 + fraction,
        _ => whole,
    };
    let number: Result<Number, _> = rest[..length].parse();
    let number = number.map_err(|_| SourceError::at(source, at, "this is no number"))?;
    Ok((TokenKind::Constant(Value::Number(number)), length))
}

/// A text in single or double quotes, in which a backslash makes the next character plain, and `\n` a line break.
fn quoted(source: &str, at: usize, quote: char) -> Result<(TokenKind<'_>, usize), SourceError> {
    let mut text = String::new();
    let mut characters = source[at..].char_indices().skip(1);
    while let Some((index, c)) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, escaped)) => text.push(escaped),
                None => break,
            },
            c if c == quote => return Ok((TokenKind::Constant(text.into()), index + c.len_utf8())),
            c => text.push(c),
        }
    }
    Err(SourceError::at(source, at, "the quote isn't closed"))
}
