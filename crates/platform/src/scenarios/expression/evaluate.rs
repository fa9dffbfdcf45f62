//! What an expression is worth in a context. Work on texts and lists is counted, so that one expression can't take long
//! however large the context is.

use std::{borrow::Cow, cmp::Ordering};

use serde_json::{Number, Value};

use super::{Comparison, Filter, Kind, Node, Operator, Term};
use crate::scenarios::template::is_present;

/// Bytes of texts, and items of lists, that one evaluation may compare and copy.
const WORK_MAX: usize = 4_000_000;

/// Why there is no value, and at which byte of the source.
pub(super) struct Failure {
    pub(super) at: usize,
    pub(super) message: String,
}

type Result<T> = std::result::Result<T, Failure>;

fn failure<T>(at: usize, message: impl Into<String>) -> Result<T> {
    Err(Failure { at, message: message.into() })
}

struct Evaluation<'a> {
    context: &'a Value,
    work_left: usize,
}

pub(super) fn evaluate(node: &Node, context: &Value) -> Result<Value> {
    let mut evaluation = Evaluation { context, work_left: WORK_MAX };
    let value = evaluation.value(node)?;
    evaluation.spend(0, size(&value))?;
    Ok(value.into_owned())
}

impl<'a> Evaluation<'a> {
    fn spend(&mut self, at: usize, work: usize) -> Result<()> {
        match self.work_left.checked_sub(work) {
            Some(left) => {
                self.work_left = left;
                Ok(())
            }
            None => failure(at, "the values are too large for a condition"),
        }
    }

    fn value(&mut self, node: &'a Node) -> Result<Cow<'a, Value>> {
        match node {
            Node::Constant(value) => Ok(Cow::Borrowed(value)),
            Node::Path(path) => Ok(path.find(self.context)),
            Node::List(items) => self.list(items),
            Node::Not(node) => {
                let is_present = is_present(&*self.value(node)?);
                Ok(owned(!is_present))
            }
            Node::All(nodes) => self.first(nodes, |value| !is_present(value)),
            Node::Any(nodes) => self.first(nodes, is_present),
            Node::Comparison { left, comparison, at, right } => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                self.compare(*at, &left, *comparison, &right).map(owned)
            }
            Node::Is { value, kind } => Ok(owned(is(&*self.value(value)?, *kind))),
            Node::Negative { at, value } => match &*self.value(value)? {
                Value::Null => Ok(owned(Value::Null)),
                Value::Number(number) => calculate(*at, &0.into(), Operator::Subtract, number).map(owned),
                _ => failure(*at, "only a number can be made negative"),
            },
            Node::Chain { first, rest } => {
                let first = self.value(first)?;
                rest.iter().try_fold(first, |value, term| self.term(&value, term).map(owned))
            }
            Node::Filtered { value, filters } => {
                let value = self.value(value)?;
                filters
                    .iter()
                    .try_fold(value, |value, (at, filter)| self.filter(*at, &value, *filter).map(owned))
            }
        }
    }

    fn list(&mut self, items: &'a [Node]) -> Result<Cow<'a, Value>> {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            let item = self.value(item)?;
            self.spend(0, size(&item))?;
            list.push(item.into_owned());
        }
        Ok(owned(list))
    }

    /// The first value that decides; else the last one.
    fn first(&mut self, nodes: &'a [Node], decides: impl Fn(&Value) -> bool) -> Result<Cow<'a, Value>> {
        let mut last = owned(Value::Null);
        for node in nodes {
            last = self.value(node)?;
            if decides(&last) {
                break;
            }
        }
        Ok(last)
    }

    fn compare(&mut self, at: usize, left: &Value, comparison: Comparison, right: &Value) -> Result<bool> {
        if matches!(comparison, Comparison::Equal | Comparison::NotEqual | Comparison::In) {
            self.spend(at, size(right))?;
        }
        let order = || order(left, right);
        Ok(match comparison {
            Comparison::Equal => are_equal(left, right),
            Comparison::NotEqual => !are_equal(left, right),
            Comparison::Less => order().is_some_and(Ordering::is_lt),
            Comparison::LessOrEqual => order().is_some_and(Ordering::is_le),
            Comparison::Greater => order().is_some_and(Ordering::is_gt),
            Comparison::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
            Comparison::In => return is_in(at, left, right),
        })
    }

    fn term(&mut self, left: &Value, term: &'a Term) -> Result<Value> {
        let right = self.value(&term.node)?;
        if term.operator == Operator::Concatenate {
            self.spend(term.at, size(left) + size(&right))?;
            return Ok(format!("{}{}", text(left), text(&right)).into());
        }
        match (left, &*right) {
            (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
            (Value::Number(left), Value::Number(right)) => calculate(term.at, left, term.operator, right),
            _ => failure(term.at, "only numbers can be calculated with; texts are joined with \"~\""),
        }
    }

    fn filter(&mut self, at: usize, value: &Value, filter: Filter) -> Result<Value> {
        self.spend(at, size(value))?;
        Ok(match (filter, value) {
            (Filter::Length, Value::Null) => 0.into(),
            (Filter::Length, Value::String(text)) => text.chars().count().into(),
            (Filter::Length, Value::Array(items)) => items.len().into(),
            (Filter::Length, Value::Object(members)) => members.len().into(),
            (Filter::Length, _) => return failure(at, "only a text, a list or an object has a length"),
            (Filter::Lower, value) => text(value).to_lowercase().into(),
            (Filter::Upper, value) => text(value).to_uppercase().into(),
            (Filter::Trim, value) => text(value).trim().into(),
            (Filter::String, value) => text(value).into_owned().into(),
            (Filter::Number, Value::String(text)) => {
                text.trim().parse::<Number>().map_or(Value::Null, Value::Number)
            }
            (Filter::Number, Value::Number(number)) => number.clone().into(),
            (Filter::Number, _) => Value::Null,
        })
    }
}

fn owned<'a>(value: impl Into<Value>) -> Cow<'a, Value> {
    Cow::Owned(value.into())
}

/// What looking at the whole value costs.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => 1 + text.len(),
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => {
            1 + members.iter().map(|(name, member)| name.len() + size(member)).sum::<usize>()
        }
        _ => 1,
    }
}

/// A text as it is, nothing as the empty text, anything else as JSON writes it: as in templates.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        value => Cow::Owned(value.to_string()),
    }
}

fn is(value: &Value, kind: Kind) -> bool {
    match kind {
        Kind::Defined => !value.is_null(),
        Kind::String => value.is_string(),
        Kind::Number => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::List => value.is_array(),
        Kind::Object => value.is_object(),
    }
}

/// Numbers are equal by what they are worth, `1` and `1.0`.
fn are_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(_), Value::Number(_)) => order(left, right) == Some(Ordering::Equal),
        _ => left == right,
    }
}

/// Two numbers, or two texts by their characters; there is no order between anything else.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => match (left.as_i128(), right.as_i128()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
        },
        _ => None,
    }
}

fn is_in(at: usize, item: &Value, container: &Value) -> Result<bool> {
    match (container, item) {
        (Value::Null, _) => Ok(false),
        (Value::Array(items), item) => Ok(items.iter().any(|other| are_equal(item, other))),
        (Value::String(_) | Value::Object(_), Value::Null) => Ok(false),
        (Value::String(whole), Value::String(part)) => Ok(whole.contains(part.as_str())),
        (Value::Object(members), Value::String(name)) => Ok(members.contains_key(name)),
        (Value::String(_) | Value::Object(_), _) => failure(at, "only a text can be in a text or an object"),
        _ => failure(at, "nothing can be in a number or a boolean"),
    }
}

fn calculate(at: usize, left: &Number, operator: Operator, right: &Number) -> Result<Value> {
    if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64())
        && let Some(exact) = exactly(left, operator, right)
    {
        return Ok(exact.into());
    }
    let (Some(left), Some(right)) = (left.as_f64(), right.as_f64()) else {
        return failure(at, "the number is too large");
    };
    let result = match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Remainder => left.rem_euclid(right),
        Operator::Concatenate => return failure(at, "numbers aren't joined"),
    };
    match Number::from_f64(result) {
        Some(number) => Ok(number.into()),
        None if right == 0.0 => failure(at, "nothing can be divided by zero"),
        None => failure(at, "the result is too large"),
    }
}

/// Whole numbers stay whole where they can; else there is none.
fn exactly(left: i64, operator: Operator, right: i64) -> Option<i64> {
    match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide if left.checked_rem(right) == Some(0) => left.checked_div(right),
        Operator::Remainder => left.checked_rem_euclid(right),
        Operator::Divide | Operator::Concatenate => None,
    }
}
