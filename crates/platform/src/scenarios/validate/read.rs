//! The shape of a document: each part of it is read alone, so that a mistake in one doesn't hide those in the others.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::Findings;
use crate::scenarios::definition::{Definition, DefinitionLimits, If, Step, Trigger};

/// What could be read.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// All but the trigger and the steps.
    pub(super) head: Option<Definition>,
    pub(super) trigger: Option<Trigger>,
    /// Each step with its path; those inside others follow them.
    pub(super) steps: Vec<(String, Step)>,
    /// The steps as a tree.
    tree: Vec<Step>,
}

impl Parts {
    /// The definition, if all of it could be read.
    pub(super) fn whole(self) -> Option<Definition> {
        Some(Definition { trigger: self.trigger?, steps: self.tree, ..self.head? })
    }
}

pub(super) fn read(document: &Value, limits: &DefinitionLimits, findings: &mut Findings) -> Parts {
    let Value::Object(members) = document else {
        findings.add("", "must be an object");
        return Parts::default();
    };
    let mut head = members.clone();
    head.insert("trigger".to_owned(), json!({ "type": "webhook" }));
    head.insert("steps".to_owned(), json!([]));
    // Its members don't depend on each other, so those that are right can be judged without the others.
    let mut parts = Parts { head: part("", head, findings).part, ..Parts::default() };
    parts.trigger = match members.get("trigger") {
        Some(Value::Object(trigger)) => part("trigger", trigger.clone(), findings).complete(),
        Some(_) => missing(findings, "trigger", "must be an object"),
        None => missing(findings, "trigger", "is missing"),
    };
    match members.get("steps") {
        Some(steps) => {
            let mut reader = Reader { limits, findings, steps: Vec::new() };
            parts.tree = reader.steps("steps", steps, 0);
            parts.steps = reader.steps;
        }
        None => findings.add("steps", "is missing"),
    }
    parts
}

fn missing<T>(findings: &mut Findings, path: &str, message: &str) -> Option<T> {
    findings.add(path, message);
    None
}

struct Reader<'a> {
    limits: &'a DefinitionLimits,
    findings: &'a mut Findings,
    steps: Vec<(String, Step)>,
}

impl Reader<'_> {
    fn steps(&mut self, path: &str, steps: &Value, depth: usize) -> Vec<Step> {
        let Value::Array(steps) = steps else {
            self.findings.add(path, "must be a list");
            return Vec::new();
        };
        if depth > self.limits.depth_max {
            self.findings.add(path, format!("conditions can't be more than {} deep", self.limits.depth_max));
            return Vec::new();
        }
        let steps = steps.iter().enumerate();
        steps.filter_map(|(index, step)| self.step(&format!("{path}[{index}]"), step, depth)).collect()
    }

    fn step(&mut self, path: &str, step: &Value, depth: usize) -> Option<Step> {
        let Value::Object(fields) = step else { return missing(self.findings, path, "must be an object") };
        let mut fields = fields.clone();
        let is_condition = fields.get("type").is_some_and(|kind| kind == "if");
        let mut take = |name: &str| if is_condition { fields.remove(name) } else { None };
        let (then, otherwise) = (take("then"), take("else"));
        let step = part::<Step>(path, fields, self.findings).complete();
        let index = self.steps.len();
        self.steps.extend(step.clone().map(|step| (path.to_owned(), step)));
        let mut inner = |name: &str, steps: Option<Value>| match steps {
            Some(steps) => self.steps(&format!("{path}.{name}"), &steps, depth + 1),
            None => Vec::new(),
        };
        let (then, otherwise) = (inner("then", then), inner("else", otherwise));
        match step? {
            Step::If(condition) => {
                let step = Step::If(If { then, otherwise, ..condition });
                self.steps[index].1 = step.clone();
                Some(step)
            }
            step => Some(step),
        }
    }
}

/// A part of which all was read that can be.
pub(crate) struct Read<T> {
    pub(crate) part: Option<T>,
    /// Whether nothing but unknown members was left out.
    has_all: bool,
}

/// Reads one part. Each member that can't be read is told and left out, to find the next.
pub(crate) fn part<T: DeserializeOwned>(
    path: &str,
    mut members: Map<String, Value>,
    findings: &mut Findings,
) -> Read<T> {
    let mut left_out: Vec<String> = Vec::new();
    let mut has_all = true;
    loop {
        let error = match read_part::<T>(&members) {
            Ok(part) => return Read { part: Some(part), has_all },
            Err(error) => error,
        };
        let Some(name) = culprit::<T>(&members, &error) else {
            // What is wrong with the rest may be wrong only since something was left out.
            let is_of_its_own = match error.strip_prefix("missing field ") {
                Some(name) => !left_out.iter().any(|left_out| *name == format!("`{left_out}`")),
                None => has_all,
            };
            if is_of_its_own {
                findings.add(path, sentence(&error));
            }
            return Read { part: None, has_all: false };
        };
        let at = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        findings.add(at, sentence(&error));
        has_all &= error.starts_with("unknown field");
        members.remove(&name);
        left_out.push(name);
    }
}

impl<T> Read<T> {
    pub(crate) fn complete(self) -> Option<T> {
        self.part.filter(|_| self.has_all)
    }
}

fn read_part<T: DeserializeOwned>(members: &Map<String, Value>) -> Result<T, String> {
    T::deserialize(Value::Object(members.clone())).map_err(|error| error.to_string())
}

/// The member without which it would be another error, or none.
fn culprit<T: DeserializeOwned>(members: &Map<String, Value>, error: &str) -> Option<String> {
    if members.get("type").is_some() && error.starts_with("unknown variant") && is_about_type(members, error)
    {
        return Some("type".to_owned());
    }
    let is_about_absence = error.starts_with("missing field ");
    let others = members.keys().filter(|name| *name != "type");
    let mut guilty = others.filter(|name| {
        let mut rest = members.clone();
        rest.remove(*name);
        let other = read_part::<T>(&rest).err();
        // Two may be needed, of which one is there: it isn't to blame for the other.
        let is_needed_too = other.as_ref().is_some_and(|other| *other == format!("missing field `{name}`"));
        other.as_deref() != Some(error) && !(is_about_absence && is_needed_too)
    });
    guilty.next().cloned()
}

fn is_about_type(members: &Map<String, Value>, error: &str) -> bool {
    members["type"].as_str().is_some_and(|kind| error.starts_with(&format!("unknown variant `{kind}`")))
}

/// A mistake of shape in a sentence that follows the path.
fn sentence(error: &str) -> String {
    let quoted = |text: &str| text.replace('`', "\"");
    if let Some(rest) = error.strip_prefix("missing field ") {
        return format!("{} is missing", quoted(rest));
    }
    if error.ends_with(", there are no fields") {
        return "isn't known".to_owned();
    }
    if let Some((_, expected)) = error.split_once(", expected ") {
        return match error.split_once(' ').map_or("", |(first, _)| first) {
            "unknown" => format!("isn't known; expected {}", quoted(expected)),
            _ => format!("must be {}", quoted(expected)),
        };
    }
    quoted(error)
}
