//! Values of an endpoint's filter that are only known with a request: `{{HttpRequest.x}}`, `{{WebUser.id}}`,
//! `{{WebUser.role}}`, alone or within a text. What is filled in stays a value: it is never read as a condition.

use std::collections::HashMap;

use super::Result;
use crate::{accounts::AccountError, badge::Member};

/// What values are filled in from.
pub(super) struct Request<'a> {
    pub(super) parameters: &'a HashMap<String, String>,
    pub(super) user: Option<&'a Member>,
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Parameter(&'a str),
    UserId,
    UserRole,
}

/// What has become of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filled {
    Text(String),
    /// It needs a parameter that the request doesn't have.
    Absent,
    /// It needs a user, and nobody is logged in.
    NoUser,
}

/// Takes a text apart.
pub(super) fn parts(text: &str) -> Result<Vec<Part<'_>>> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        let refused = |problem: String| AccountError::field("filter", format!("{text:?}: {problem}"));
        let (name, after) =
            after.split_once("}}").ok_or_else(|| refused("\"{{\" without \"}}\"".to_owned()))?;
        parts.push(Part::Text(before));
        parts.push(match name.trim() {
            "WebUser.id" => Part::UserId,
            "WebUser.role" => Part::UserRole,
            name => match name.strip_prefix("HttpRequest.") {
                Some(parameter) if !parameter.is_empty() => Part::Parameter(parameter),
                _ => {
                    let known = "only HttpRequest and a parameter, WebUser.id and WebUser.role are known";
                    return Err(refused(format!("there is nothing for {name:?}; {known}")));
                }
            },
        });
        rest = after;
    }
    parts.push(Part::Text(rest));
    parts.retain(|part| *part != Part::Text(""));
    Ok(parts)
}

/// Whether there is anything to be filled in.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{")
}

pub(super) fn fill(text: &str, request: &Request<'_>) -> Result<Filled> {
    let mut filled = String::new();
    for part in parts(text)? {
        let value = match part {
            Part::Text(text) => Ok(text),
            Part::Parameter(name) => request.parameter(name).ok_or(Filled::Absent),
            Part::UserId => request.user.map(|user| &*user.user_id).ok_or(Filled::NoUser),
            Part::UserRole => request.user.map(|user| &*user.role).ok_or(Filled::NoUser),
        };
        match value {
            Ok(value) => filled.push_str(value),
            Err(why) => return Ok(why),
        }
    }
    Ok(Filled::Text(filled))
}

impl Request<'_> {
    /// Front ends leave a field of a form empty, or write out in JavaScript that they have no value.
    fn parameter(&self, name: &str) -> Option<&str> {
        let value = self.parameters.get(name).map(String::as_str);
        value.filter(|value| !matches!(*value, "" | "null" | "undefined"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member() -> Member {
        Member { user_id: "ann".into(), role: "cook".into(), session: 1, expires_at_ms: 1 }
    }

    #[test]
    fn values_are_filled_in_alone_and_within_texts() {
        let parameters = [("q", "soup"), ("evil", "{{WebUser.id}}"), ("none", "null"), ("empty", "")];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let member = member();
        let request = Request { parameters: &parameters, user: Some(&member) };
        let text = |text: &str| Filled::Text(text.to_owned());
        for (template, filled) in [
            ("plain", text("plain")),
            ("", text("")),
            ("}} {", text("}} {")),
            ("{{HttpRequest.q}}", text("soup")),
            ("{{ HttpRequest.q }}", text("soup")),
            ("a {{WebUser.id}}/{{WebUser.role}} b", text("a ann/cook b")),
            ("{{HttpRequest.evil}}", text("{{WebUser.id}}")),
            ("{{HttpRequest.none}}", Filled::Absent),
            ("{{HttpRequest.empty}}", Filled::Absent),
            ("x{{HttpRequest.other}}", Filled::Absent),
        ] {
            assert_eq!(fill(template, &request), Ok(filled), "{template}");
        }
        let anonymous = Request { parameters: &parameters, user: None };
        assert_eq!(fill("{{WebUser.role}}", &anonymous), Ok(Filled::NoUser));
    }

    #[test]
    fn what_nothing_is_known_of_is_refused() {
        for template in
            ["{{", "a {{b", "{{}}", "{{HttpRequest}}", "{{HttpRequest.}}", "{{WebUser.password}}", "{{id}}"]
        {
            let refused = parts(template).unwrap_err();
            assert!(refused.message.starts_with("filter: "), "{template}: {refused}");
        }
    }
}
