//! Templates: the part of Mustache that messages need. `{{a.b}}` is a value, `{{#a}}…{{/a}}` a section (a list repeats it,
//! `{{.}}` is the item), `{{^a}}…{{/a}}` its opposite, `{{! … }}` a comment.
//!
//! What comes out is text, so nothing is escaped for HTML: `{{{a}}}` and `{{&a}}` are other spellings of `{{a}}`. A template
//! is compiled once. Rendering is bounded in steps and in bytes, so no template can hold a thread or fill the memory. It
//! knows neither scenarios nor where values come from.

mod budget;
mod parse;

use std::{borrow::Cow, collections::BTreeSet, fmt, str::FromStr};

use serde_json::Value;

use self::budget::Budget;
pub use self::budget::{RenderError, RenderLimits};
use super::source::SourceError;

/// A compiled template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(Box<str>),
    Value(Path),
    Section { path: Path, shows: Shows, inner: Vec<Node> },
}

/// When a section is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    /// If there is a value; for a list, once for each item.
    Present,
    /// If there is none.
    Absent,
}

/// A dotted path into the context; without names it is `.`, the item itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    names: Vec<Box<str>>,
}

/// Enough for four names as long as a field's can be.
const PATH_BYTES_MAX: usize = 260;

/// What names are looked up in: the context, and inside sections their values, the innermost last.
type Scopes<'a> = Vec<&'a Value>;

impl Template {
    /// Compiles a template.
    ///
    /// # Errors
    /// The first mistake, with its position.
    pub fn compile(source: &str) -> Result<Self, SourceError> {
        Ok(Self { nodes: parse::parse(source)? })
    }

    /// Every path that rendering may read. Inside a section a name may belong to the section's value or to what is around
    /// it, so both are told; paths that would be too long for a template aren't.
    #[must_use]
    pub fn paths(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        note_paths(&self.nodes, &mut vec![String::new()], &mut paths);
        paths
    }

    /// The text that the template makes of a context.
    ///
    /// # Errors
    /// If it would take more steps, or give more bytes, than the limits allow.
    pub fn render(&self, context: &Value, limits: &RenderLimits) -> Result<String, RenderError> {
        let mut budget = Budget::new(limits);
        render(&self.nodes, context, &mut budget)
    }
}

fn render(nodes: &[Node], context: &Value, budget: &mut Budget) -> Result<String, RenderError> {
    let mut output = String::new();
    render_into(nodes, &mut vec![context], budget, &mut output)?;
    Ok(output)
}

fn render_into<'a>(
    nodes: &[Node],
    scopes: &mut Scopes<'a>,
    budget: &mut Budget,
    output: &mut String,
) -> Result<(), RenderError> {
    for node in nodes {
        budget.step()?;
        match node {
            Node::Text(text) => budget.push(output, text)?,
            Node::Value(path) => budget.push_value(output, &id_of_link(path.find_in(scopes)))?,
            Node::Section { path, shows, inner } => {
                let value = path.find_in(scopes);
                for scope in repetitions(value, *shows) {
                    budget.step()?;
                    scopes.push(scope);
                    let rendered = render_into(inner, scopes, budget, output);
                    scopes.pop();
                    rendered?;
                }
            }
        }
    }
    Ok(())
}

/// The values for which a section is shown, each once.
fn repetitions(value: &Value, shows: Shows) -> &[Value] {
    match (shows, value) {
        (Shows::Absent, value) if !is_present(value) => &[Value::Null],
        (Shows::Absent, _) => &[],
        (Shows::Present, Value::Array(items)) => items,
        (Shows::Present, value) if is_present(value) => std::slice::from_ref(value),
        (Shows::Present, _) => &[],
    }
}

/// What counts as a yes, in sections and in conditions: zero as well; not `null`, `false`, the empty text, the empty list.
pub(super) fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_true) => *is_true,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Number(_) | Value::Object(_) => true,
    }
}

impl Path {
    pub(super) fn of(names: Vec<Box<str>>) -> Self {
        Self { names }
    }

    /// The value at this path of a context; `null` if there is none.
    #[must_use]
    pub fn find<'a>(&self, context: &'a Value) -> Cow<'a, Value> {
        id_of_link(self.find_in(&[context]))
    }

    /// The first name is looked up from the innermost scope outwards, the others in what it names.
    fn find_in<'a>(&self, scopes: &[&'a Value]) -> &'a Value {
        let Some((first, rest)) = self.names.split_first() else {
            return scopes.last().copied().unwrap_or(&Value::Null);
        };
        let start = scopes.iter().rev().find_map(|scope| child(scope, first));
        let found = start.and_then(|start| rest.iter().try_fold(start, |value, name| child(value, name)));
        found.unwrap_or(&Value::Null)
    }
}

/// The member by which an object is known that was loaded in the place of its id; its value is the object's structure. No
/// field can be called so.
pub(super) const LINK: &str = "$link";

/// A link whose object was loaded is still its id, unless something inside it is asked for; so is each link of a list.
fn id_of_link(value: &Value) -> Cow<'_, Value> {
    match value {
        Value::Object(members) if members.contains_key(LINK) => {
            members.get("id").map_or(Cow::Owned(Value::Null), Cow::Borrowed)
        }
        Value::Array(items) if items.first().is_some_and(|item| item.get(LINK).is_some()) => {
            Cow::Owned(items.iter().map(|item| item["id"].clone()).collect())
        }
        value => Cow::Borrowed(value),
    }
}

fn child<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.get(name),
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.names.is_empty() { f.write_str(".") } else { f.write_str(&self.names.join(".")) }
    }
}

impl FromStr for Path {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "." {
            return Ok(Self { names: Vec::new() });
        }
        if text.len() > PATH_BYTES_MAX {
            return Err(format!("a path can't have more than {PATH_BYTES_MAX} bytes"));
        }
        let names: Vec<Box<str>> = text.split('.').map(Box::from).collect();
        if names.iter().any(|name| name.is_empty()) {
            return Err(format!("{text:?} is no path: names between single dots are"));
        }
        if let Some(odd) = text.chars().find(|c| c.is_whitespace() || "{}#^/!&>=".contains(*c)) {
            return Err(format!("{odd:?} can't be in a path"));
        }
        Ok(Self { names })
    }
}

/// `scopes` are the paths of the sections around, each with its dot, the first one empty.
fn note_paths(nodes: &[Node], scopes: &mut Vec<String>, paths: &mut BTreeSet<String>) {
    for node in nodes {
        let (Node::Value(path) | Node::Section { path, .. }) = node else { continue };
        if !path.names.is_empty() {
            let candidates = scopes.iter().map(|scope| format!("{scope}{path}"));
            paths.extend(candidates.filter(|candidate| candidate.len() <= PATH_BYTES_MAX));
        }
        if let Node::Section { inner, .. } = node {
            scopes.push(format!("{}{path}.", scopes.last().map_or("", String::as_str)));
            note_paths(inner, scopes, paths);
            scopes.pop();
        }
    }
}

/// A JSON value whose texts are templates. Keys are as they are. A text that is one `{{path}}` and nothing else becomes
/// the value itself, with its type.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonTemplate {
    /// A number, a boolean, `null`.
    Constant(Value),
    /// A text that is one `{{path}}`.
    Whole(Path),
    /// Any other text.
    Text(Template),
    /// A list.
    List(Vec<JsonTemplate>),
    /// An object.
    Object(Vec<(String, JsonTemplate)>),
}

impl JsonTemplate {
    /// Compiles every text of a value.
    ///
    /// # Errors
    /// Each text that is no template, with its path in the value: `.items[2].name`.
    pub fn compile(value: &Value) -> Result<Self, Vec<(String, SourceError)>> {
        let mut mistakes = Vec::new();
        let compiled = compile_value(value, "", &mut mistakes);
        if mistakes.is_empty() { Ok(compiled) } else { Err(mistakes) }
    }

    /// Every path that rendering may read.
    #[must_use]
    pub fn paths(&self) -> BTreeSet<String> {
        match self {
            Self::Constant(_) => BTreeSet::new(),
            Self::Whole(path) => BTreeSet::from([path.to_string()]),
            Self::Text(template) => template.paths(),
            Self::List(items) => items.iter().flat_map(Self::paths).collect(),
            Self::Object(members) => members.iter().flat_map(|(_, member)| member.paths()).collect(),
        }
    }

    /// The value that the template makes of a context.
    ///
    /// # Errors
    /// If it would take more steps, or give more bytes, than the limits allow.
    pub fn render(&self, context: &Value, limits: &RenderLimits) -> Result<Value, RenderError> {
        render_value(self, context, &mut Budget::new(limits))
    }
}

fn compile_value(value: &Value, at: &str, mistakes: &mut Vec<(String, SourceError)>) -> JsonTemplate {
    match value {
        Value::String(text) => match Template::compile(text) {
            Ok(template) => whole_or_text(template),
            Err(error) => {
                mistakes.push((at.to_owned(), error));
                JsonTemplate::Constant(Value::Null)
            }
        },
        Value::Array(items) => {
            let items = items.iter().enumerate();
            let items = items.map(|(index, item)| compile_value(item, &format!("{at}[{index}]"), mistakes));
            JsonTemplate::List(items.collect())
        }
        Value::Object(members) => {
            let members = members.iter().map(|(name, member)| {
                (name.clone(), compile_value(member, &format!("{at}.{name}"), mistakes))
            });
            JsonTemplate::Object(members.collect())
        }
        constant => JsonTemplate::Constant(constant.clone()),
    }
}

fn whole_or_text(template: Template) -> JsonTemplate {
    match &template.nodes[..] {
        [Node::Value(path)] => JsonTemplate::Whole(path.clone()),
        _ => JsonTemplate::Text(template),
    }
}

fn render_value(template: &JsonTemplate, context: &Value, budget: &mut Budget) -> Result<Value, RenderError> {
    budget.step()?;
    match template {
        JsonTemplate::Constant(value) => budget.copy(value),
        JsonTemplate::Whole(path) => budget.copy(&path.find(context)),
        JsonTemplate::Text(template) => Ok(Value::String(render(&template.nodes, context, budget)?)),
        JsonTemplate::List(items) => {
            let items = items.iter().map(|item| render_value(item, context, budget));
            Ok(Value::Array(items.collect::<Result<_, _>>()?))
        }
        JsonTemplate::Object(members) => {
            let members = members.iter().map(|(name, member)| {
                budget.spend_bytes(name.len())?;
                Ok((name.clone(), render_value(member, context, budget)?))
            });
            Ok(Value::Object(members.collect::<Result<_, _>>()?))
        }
    }
}

#[cfg(test)]
mod tests;
