//! The text of a template becomes nodes. As in Mustache, a line with nothing but the tag of a section or a comment
//! vanishes with its line break.

use super::{Node, Path, Shows};
use crate::scenarios::source::SourceError;

/// Sections inside sections.
const DEPTH_MAX: usize = 8;

/// Where a template is being read.
struct Parser<'a> {
    source: &'a str,
    at: usize,
    nodes: Vec<Node>,
    /// Sections that aren't closed yet, the innermost last.
    open: Vec<Open>,
}

struct Open {
    path: Path,
    shows: Shows,
    /// Where its tag is.
    at: usize,
    /// What came before it on its level.
    outer: Vec<Node>,
}

/// What stands between the braces.
struct Tag<'a> {
    kind: char,
    content: &'a str,
    start: usize,
    end: usize,
}

pub(super) fn parse(source: &str) -> Result<Vec<Node>, SourceError> {
    let mut parser = Parser { source, at: 0, nodes: Vec::new(), open: Vec::new() };
    while let Some(length) = parser.rest().find("{{") {
        let tag = parser.tag(parser.at + length)?;
        parser.take(&tag)?;
    }
    parser.text(source.len());
    match parser.open.pop() {
        Some(open) => Err(SourceError::at(
            source,
            open.at,
            format!("the section {:?} isn't closed", open.path.to_string()),
        )),
        None => Ok(parser.nodes),
    }
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    /// Takes the text up to `end`.
    fn text(&mut self, end: usize) {
        if self.at < end {
            self.nodes.push(Node::Text(self.source[self.at..end].into()));
        }
        self.at = end;
    }

    /// The tag whose braces open at `start`.
    fn tag(&self, start: usize) -> Result<Tag<'a>, SourceError> {
        let inner = &self.source[start + 2..];
        let (kind, closing) = match inner.chars().next() {
            Some('{') => ('{', "}}}"),
            Some(kind @ ('#' | '^' | '/' | '!' | '&' | '>' | '=')) => (kind, "}}"),
            _ => ('&', "}}"),
        };
        let content = &inner[usize::from(inner.starts_with(kind))..];
        let Some(length) = content.find(closing) else {
            return Err(SourceError::at(
                self.source,
                start,
                format!("the braces aren't closed with {closing:?}"),
            ));
        };
        let end = self.source.len() - content.len() + length + closing.len();
        Ok(Tag { kind, content: content[..length].trim(), start, end })
    }

    fn take(&mut self, tag: &Tag<'a>) -> Result<(), SourceError> {
        match tag.kind {
            '&' | '{' => {
                let path = self.path(tag)?;
                self.text(tag.start);
                self.at = tag.end;
                self.nodes.push(Node::Value(path));
                Ok(())
            }
            '#' => self.open(tag, Shows::Present),
            '^' => self.open(tag, Shows::Absent),
            '/' => self.close(tag),
            '!' => {
                self.skip(tag);
                Ok(())
            }
            '>' => Err(self.error(tag, "templates can't include others")),
            _ => Err(self.error(tag, "the braces can't be changed")),
        }
    }

    fn open(&mut self, tag: &Tag<'a>, shows: Shows) -> Result<(), SourceError> {
        let path = self.path(tag)?;
        if self.open.len() == DEPTH_MAX {
            return Err(self.error(tag, format!("sections can't be more than {DEPTH_MAX} deep")));
        }
        self.skip(tag);
        let outer = std::mem::take(&mut self.nodes);
        self.open.push(Open { path, shows, at: tag.start, outer });
        Ok(())
    }

    fn close(&mut self, tag: &Tag<'a>) -> Result<(), SourceError> {
        let path = self.path(tag)?;
        let Some(Open { path: opened, shows, outer, .. }) = self.open.pop() else {
            return Err(self.error(tag, format!("no section {:?} is open", tag.content)));
        };
        if opened != path {
            return Err(self.error(tag, format!("the section {:?} must be closed first", opened.to_string())));
        }
        self.skip(tag);
        let inner = std::mem::replace(&mut self.nodes, outer);
        self.nodes.push(Node::Section { path, shows, inner });
        Ok(())
    }

    /// Takes the text before a tag that leaves nothing behind, and goes on after it: in the next line if it is alone in
    /// its own.
    fn skip(&mut self, tag: &Tag<'a>) {
        let (before, after) = (&self.source[..tag.start], &self.source[tag.end..]);
        let blanks = before.len() - before.trim_end_matches(BLANKS).len();
        let line = tag.start - blanks;
        let next = after.trim_start_matches(BLANKS);
        let line_break = ["\r\n", "\n"].into_iter().find(|line_break| next.starts_with(line_break));
        let opens_line = line == 0 || self.source[..line].ends_with('\n');
        if opens_line && (next.is_empty() || line_break.is_some()) {
            self.text(line.max(self.at));
            self.at = self.source.len() - next.len() + line_break.map_or(0, str::len);
        } else {
            self.text(tag.start);
            self.at = tag.end;
        }
    }

    fn path(&self, tag: &Tag<'a>) -> Result<Path, SourceError> {
        if tag.content.is_empty() {
            return Err(self.error(tag, "there is no name between the braces"));
        }
        tag.content.parse().map_err(|message: String| self.error(tag, message))
    }

    fn error(&self, tag: &Tag<'a>, message: impl Into<String>) -> SourceError {
        SourceError::at(self.source, tag.start, message)
    }
}

const BLANKS: [char; 2] = [' ', '\t'];
