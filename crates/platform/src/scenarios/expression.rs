//! Conditions: `status == 'ready' and total > 10`. The words and their order are Jinja's, as far as they go; there are no
//! functions, no loops and nothing that could read anything but the context.
//!
//! What is missing is `null`, and a comparison with it isn't true, nor is one between a text and a number: `total < 10`
//! doesn't hold for an order without a total. That, and that no text can exhaust a thread's stack, is why this is our own.
//! An expression is compiled once; evaluating it is bounded in work.

mod evaluate;
mod parse;
mod token;

use std::{collections::BTreeSet, fmt};

use serde_json::Value;

use super::{
    source::SourceError,
    template::{Path, is_present},
};

/// A compiled expression.
#[derive(Clone, PartialEq)]
pub struct Expression {
    source: Box<str>,
    node: Node,
}

/// Bytes that an expression may have.
pub const EXPRESSION_BYTES_MAX: usize = 4_000;

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Constant(Value),
    Path(Path),
    List(Vec<Node>),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Comparison { left: Box<Node>, comparison: Comparison, at: usize, right: Box<Node> },
    Is { value: Box<Node>, kind: Kind },
    Negative { at: usize, value: Box<Node> },
    Chain { first: Box<Node>, rest: Vec<Term> },
    Filtered { value: Box<Node>, filters: Vec<(usize, Filter)> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
}

/// What can be said of a value with `is`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Defined,
    String,
    Number,
    Boolean,
    List,
    Object,
}

/// One more operand of a chain, which is worked off from left to right.
#[derive(Clone, Debug, PartialEq)]
struct Term {
    operator: Operator,
    at: usize,
    node: Node,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Concatenate,
}

/// What can be done to a value with `|`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    Length,
    Lower,
    Upper,
    Trim,
    Number,
    String,
}

impl Expression {
    /// Compiles an expression.
    ///
    /// # Errors
    /// The first mistake, with its position.
    pub fn compile(source: &str) -> Result<Self, SourceError> {
        if source.len() > EXPRESSION_BYTES_MAX {
            let message = format!("an expression can't have more than {EXPRESSION_BYTES_MAX} bytes");
            return Err(SourceError::at(source, 0, message));
        }
        Ok(Self { source: source.into(), node: parse::parse(source)? })
    }

    /// Every path that evaluating may read.
    #[must_use]
    pub fn paths(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        self.node.note_paths(&mut paths);
        paths
    }

    /// The value that the expression has in a context.
    ///
    /// # Errors
    /// If values can't be calculated with, or it is too much work.
    pub fn evaluate(&self, context: &Value) -> Result<Value, SourceError> {
        let value = evaluate::evaluate(&self.node, context);
        value.map_err(|failure| SourceError::at(&self.source, failure.at, failure.message))
    }

    /// Whether it holds. `null`, `false`, the empty text and the empty list don't; zero does.
    ///
    /// # Errors
    /// As for [`Expression::evaluate`].
    pub fn holds(&self, context: &Value) -> Result<bool, SourceError> {
        self.evaluate(context).map(|value| is_present(&value))
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.source, f)
    }
}

impl Node {
    fn note_paths(&self, paths: &mut BTreeSet<String>) {
        match self {
            Self::Constant(_) => {}
            Self::Path(path) => drop(paths.insert(path.to_string())),
            Self::List(nodes) | Self::All(nodes) | Self::Any(nodes) => {
                nodes.iter().for_each(|node| node.note_paths(paths));
            }
            Self::Not(node)
            | Self::Is { value: node, .. }
            | Self::Negative { value: node, .. }
            | Self::Filtered { value: node, .. } => node.note_paths(paths),
            Self::Comparison { left, right, .. } => {
                left.note_paths(paths);
                right.note_paths(paths);
            }
            Self::Chain { first, rest } => {
                first.note_paths(paths);
                rest.iter().for_each(|term| term.node.note_paths(paths));
            }
        }
    }
}

#[cfg(test)]
mod tests;
