//! Words and signs become a tree. From what binds loosest: `or`, `and`, `not`, comparisons, `+ - ~`, `* / %`, the minus of a
//! number, `|`.

use serde_json::Value;

use super::{
    Comparison, Filter, Kind, Node, Operator, Term,
    token::{Token, TokenKind, tokens},
};
use crate::scenarios::{source::SourceError, template::Path};

/// Parentheses, lists, `not` and minuses inside each other. What only follows each other makes nothing deeper.
const DEPTH_MAX: usize = 16;

const KEYWORDS: [&str; 11] = ["and", "or", "not", "in", "is", "true", "false", "none", "null", "if", "else"];

type Result<T> = std::result::Result<T, SourceError>;

struct Parser<'a> {
    source: &'a str,
    tokens: Vec<Token<'a>>,
    next: usize,
    depth: usize,
}

pub(super) fn parse(source: &str) -> Result<Node> {
    let mut parser = Parser { source, tokens: tokens(source)?, next: 0, depth: 0 };
    let node = parser.any()?;
    match parser.kind() {
        TokenKind::End => Ok(node),
        _ => Err(parser.unexpected("the expression should have ended before")),
    }
}

impl<'a> Parser<'a> {
    fn kind(&self) -> &TokenKind<'a> {
        &self.tokens[self.next].kind
    }

    fn at(&self) -> usize {
        self.tokens[self.next].at
    }

    /// Goes on to the next token; the last one, the end, stays.
    fn advance(&mut self) {
        self.next = (self.next + 1).min(self.tokens.len() - 1);
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let is_it = matches!(self.kind(), TokenKind::Sign(found) if *found == sign);
        if is_it {
            self.advance();
        }
        is_it
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_it = matches!(self.kind(), TokenKind::Word(found) if *found == word);
        if is_it {
            self.advance();
        }
        is_it
    }

    fn expect_sign(&mut self, sign: &str) -> Result<()> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.unexpected(&format!("{sign:?} is missing"))) }
    }

    fn error(&self, at: usize, message: impl Into<String>) -> SourceError {
        SourceError::at(self.source, at, message)
    }

    fn unexpected(&self, what: &str) -> SourceError {
        self.error(self.at(), what)
    }

    /// Parses something that may contain itself.
    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == DEPTH_MAX {
            return Err(self.unexpected(&format!("it can't be more than {DEPTH_MAX} deep")));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn any(&mut self) -> Result<Node> {
        let mut nodes = vec![self.all()?];
        while self.take_word("or") {
            nodes.push(self.all()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Any(nodes) })
    }

    fn all(&mut self) -> Result<Node> {
        let mut nodes = vec![self.not()?];
        while self.take_word("and") {
            nodes.push(self.not()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::All(nodes) })
    }

    fn not(&mut self) -> Result<Node> {
        if self.take_word("not") {
            return Ok(Node::Not(Box::new(self.deeper(Self::not)?)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Node> {
        let left = self.sum()?;
        let at = self.at();
        if self.take_word("is") {
            let is_negated = self.take_word("not");
            let is = Node::Is { value: Box::new(left), kind: self.is_kind()? };
            return Ok(if is_negated { Node::Not(Box::new(is)) } else { is });
        }
        let is_negated = self.take_word("not");
        let Some(comparison) = self.take_comparison(is_negated)? else { return Ok(left) };
        let right = self.sum()?;
        if self.take_comparison(false)?.is_some() {
            return Err(self.error(at, "comparisons can't follow each other: put \"and\" between them"));
        }
        let node = Node::Comparison { left: Box::new(left), comparison, at, right: Box::new(right) };
        Ok(if is_negated { Node::Not(Box::new(node)) } else { node })
    }

    fn take_comparison(&mut self, is_negated: bool) -> Result<Option<Comparison>> {
        if self.take_word("in") {
            return Ok(Some(Comparison::In));
        }
        if is_negated {
            return Err(self.unexpected("\"in\" is missing"));
        }
        let comparison = match self.kind() {
            TokenKind::Sign("==") => Comparison::Equal,
            TokenKind::Sign("!=") => Comparison::NotEqual,
            TokenKind::Sign("<") => Comparison::Less,
            TokenKind::Sign("<=") => Comparison::LessOrEqual,
            TokenKind::Sign(">") => Comparison::Greater,
            TokenKind::Sign(">=") => Comparison::GreaterOrEqual,
            TokenKind::Sign("&&") => return Err(self.unexpected("write \"and\"")),
            TokenKind::Sign("||") => return Err(self.unexpected("write \"or\"")),
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(comparison))
    }

    fn is_kind(&mut self) -> Result<Kind> {
        let kind = match self.kind() {
            TokenKind::Word("defined") => Kind::Defined,
            TokenKind::Word("string") => Kind::String,
            TokenKind::Word("number") => Kind::Number,
            TokenKind::Word("boolean") => Kind::Boolean,
            TokenKind::Word("list") => Kind::List,
            TokenKind::Word("object") => Kind::Object,
            _ => {
                let kinds = "after \"is\" comes one of defined, string, number, boolean, list, object";
                return Err(self.unexpected(kinds));
            }
        };
        self.advance();
        Ok(kind)
    }

    fn sum(&mut self) -> Result<Node> {
        let operators = [("+", Operator::Add), ("-", Operator::Subtract), ("~", Operator::Concatenate)];
        self.chain(&operators, Self::product)
    }

    fn product(&mut self) -> Result<Node> {
        let operators = [("*", Operator::Multiply), ("/", Operator::Divide), ("%", Operator::Remainder)];
        self.chain(&operators, Self::negative)
    }

    fn chain(
        &mut self,
        operators: &[(&str, Operator)],
        operand: impl Fn(&mut Self) -> Result<Node>,
    ) -> Result<Node> {
        let first = operand(self)?;
        let mut rest = Vec::new();
        loop {
            let at = self.at();
            let Some((_, operator)) = operators.iter().find(|(sign, _)| self.take_sign(sign)) else { break };
            rest.push(Term { operator: *operator, at, node: operand(self)? });
        }
        Ok(if rest.is_empty() { first } else { Node::Chain { first: Box::new(first), rest } })
    }

    fn negative(&mut self) -> Result<Node> {
        let at = self.at();
        if self.take_sign("-") {
            return Ok(Node::Negative { at, value: Box::new(self.deeper(Self::negative)?) });
        }
        self.filtered()
    }

    fn filtered(&mut self) -> Result<Node> {
        let value = self.operand()?;
        let mut filters = Vec::new();
        while self.take_sign("|") {
            filters.push((self.at(), self.filter()?));
        }
        Ok(if filters.is_empty() { value } else { Node::Filtered { value: Box::new(value), filters } })
    }

    fn filter(&mut self) -> Result<Filter> {
        let filter = match self.kind() {
            TokenKind::Word("length") => Filter::Length,
            TokenKind::Word("lower") => Filter::Lower,
            TokenKind::Word("upper") => Filter::Upper,
            TokenKind::Word("trim") => Filter::Trim,
            TokenKind::Word("number") => Filter::Number,
            TokenKind::Word("string") => Filter::String,
            _ => {
                let filters = "after \"|\" comes one of length, lower, upper, trim, number, string";
                return Err(self.unexpected(filters));
            }
        };
        self.advance();
        Ok(filter)
    }

    fn operand(&mut self) -> Result<Node> {
        let node = match self.kind().clone() {
            TokenKind::Constant(value) => Node::Constant(value),
            TokenKind::Word("true") => Node::Constant(true.into()),
            TokenKind::Word("false") => Node::Constant(false.into()),
            TokenKind::Word("none" | "null") => Node::Constant(Value::Null),
            TokenKind::Word(word) if !KEYWORDS.contains(&word) => return self.path(word),
            TokenKind::Sign("(") => {
                self.advance();
                let node = self.deeper(Self::any)?;
                self.expect_sign(")")?;
                return Ok(node);
            }
            TokenKind::Sign("[") => {
                self.advance();
                return Ok(Node::List(self.deeper(Self::items)?));
            }
            TokenKind::End => return Err(self.unexpected("a value is missing at the end")),
            _ => return Err(self.unexpected("a value is missing here")),
        };
        self.advance();
        Ok(node)
    }

    fn items(&mut self) -> Result<Vec<Node>> {
        let mut items = Vec::new();
        while !self.take_sign("]") {
            items.push(self.any()?);
            if !self.take_sign(",") {
                self.expect_sign("]")?;
                break;
            }
        }
        Ok(items)
    }

    /// A name and what follows it: `.name`, `.0`, `[0]`, `['name']`.
    fn path(&mut self, first: &str) -> Result<Node> {
        self.advance();
        let mut names: Vec<Box<str>> = vec![first.into()];
        loop {
            let is_dot = self.take_sign(".");
            if !is_dot && !self.take_sign("[") {
                break;
            }
            let name: Box<str> = match (is_dot, self.kind()) {
                (true, TokenKind::Word(name)) => (*name).into(),
                (false, TokenKind::Constant(Value::String(name))) => name.as_str().into(),
                (_, TokenKind::Constant(Value::Number(index))) if index.is_u64() => index.to_string().into(),
                (true, _) => return Err(self.unexpected("a name is missing after the dot")),
                (false, _) => return Err(self.unexpected("in brackets comes a number or a quoted name")),
            };
            names.push(name);
            self.advance();
            if !is_dot {
                self.expect_sign("]")?;
            }
        }
        if matches!(self.kind(), TokenKind::Sign("(")) {
            return Err(self.unexpected("there are no functions"));
        }
        Ok(Node::Path(Path::of(names)))
    }
}
