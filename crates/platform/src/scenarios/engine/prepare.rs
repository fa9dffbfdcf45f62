//! A step with its templates becomes what is to be done, with all texts made.

use std::collections::BTreeMap;

use serde_json::{Map, Value, value::RawValue};

use super::{Response, Run};
use crate::{
    push::{Mode, PushRequest, UserIds},
    scenarios::{
        definition::{Http, Push, Respond, Step},
        template::RenderError,
        world::{Change, Effect, Failure, HttpRequest},
        written::{Condition, JsonText, Text},
    },
};

type Result<T> = std::result::Result<T, Failure>;

/// What is needed to make texts.
pub(super) struct Prepare<'a> {
    pub(super) run: &'a Run,
    pub(super) context: &'a Value,
}

pub(super) fn holds(condition: &Condition, context: &Value) -> Result<bool> {
    let compiled = condition.compiled().map_err(|error| broken(error.to_string()))?;
    compiled.holds(context).map_err(|error| Failure::new("condition_failed", error.to_string()))
}

/// A definition with such a mistake isn't saved; a newer program may see more mistakes than the one that saved it.
fn broken(message: String) -> Failure {
    Failure::new("definition_invalid", message)
}

fn too_much(error: RenderError) -> Failure {
    Failure::new("template_failed", error.to_string())
}

impl Prepare<'_> {
    pub(super) fn effect(&self, step: &Step, key: &str) -> Result<Effect> {
        match step {
            Step::Push(push) => self.push(push, key).map(Effect::Push),
            Step::Edit(edit) => {
                let set = self.fields(&edit.set)?;
                let change = self.change(edit.structure.as_deref(), edit.id.as_ref(), edit.event)?;
                Ok(Effect::Edit(Change { set, ..change }))
            }
            Step::Create(create) => Ok(Effect::Create(Change {
                structure: create.structure.clone(),
                id: create.id.as_ref().map(|id| self.text(id)).transpose()?.filter(|id| !id.is_empty()),
                set: self.fields(&create.set)?,
                event: create.event,
            })),
            Step::Delete(delete) => {
                self.change(delete.structure.as_deref(), delete.id.as_ref(), delete.event).map(Effect::Delete)
            }
            Step::Http(http) => self.http(http).map(Effect::Http),
            Step::RequestProvider(request) => Ok(Effect::RequestProvider {
                provider_id: self.text(&request.provider_id)?,
                payload: request.payload.as_ref().map_or(Ok(Value::Null), |payload| self.value(payload))?,
                timeout_ms: request.timeout_ms,
            }),
            Step::RunScenario(run) => Ok(Effect::RunScenario {
                scenario: run.scenario.clone(),
                start: self.run.state.start.clone(),
            }),
            Step::Log(log) => Ok(Effect::Log { message: self.text(&log.message)? }),
            Step::If(_) | Step::Wait(_) | Step::Respond(_) => {
                Err(broken(format!("{} has no effect on anything outside the run", step.kind())))
            }
        }
    }

    pub(super) fn response(&self, respond: &Respond) -> Result<Response> {
        let body = respond.body.as_ref().map(|body| self.value(body)).transpose()?;
        Ok(Response {
            status: respond.status,
            content_type: respond.content_type.clone(),
            body: body.map(as_text).unwrap_or_default(),
        })
    }

    fn text(&self, text: &Text) -> Result<String> {
        let template = text.compiled().map_err(|error| broken(error.to_string()))?;
        template.render(self.context, &self.run.limits.render).map_err(too_much)
    }

    fn value(&self, value: &JsonText) -> Result<Value> {
        let template = value.compiled().map_err(|errors| {
            broken(errors.first().map(|(_, error)| error.to_string()).unwrap_or_default())
        })?;
        template.render(self.context, &self.run.limits.render).map_err(too_much)
    }

    fn fields(&self, set: &BTreeMap<String, JsonText>) -> Result<Map<String, Value>> {
        set.iter().map(|(name, value)| Ok((name.clone(), self.value(value)?))).collect()
    }

    /// The object that a step is about: the one that is named, or else the one that the run began with.
    fn change(&self, structure: Option<&str>, id: Option<&Text>, event: bool) -> Result<Change> {
        let start = &self.run.state.start;
        let structure = structure.or(start.structure.as_deref());
        let structure = structure.ok_or_else(|| Failure::new("object_missing", "the run has no object"))?;
        let id = match id {
            Some(id) => self.text(id)?,
            None => start.object.get("id").cloned().map(as_text).unwrap_or_default(),
        };
        if id.is_empty() {
            return Err(Failure::new("object_missing", "the id of the object is empty"));
        }
        Ok(Change { structure: structure.to_owned(), id: Some(id), set: Map::new(), event })
    }

    fn push(&self, push: &Push, key: &str) -> Result<PushRequest> {
        let user_id = push.user_id.as_ref().map(|ids| self.user_ids(ids)).transpose()?;
        let message = push.message.as_ref().map(|message| self.value(message)).transpose()?;
        let message = match push.mode {
            Mode::String => message.map(|message| Value::String(as_text(message))),
            Mode::Json => message,
        };
        let raw = message.map(|message| RawValue::from_string(message.to_string())).transpose();
        Ok(PushRequest {
            user_id,
            role: push.role.as_ref().map(|role| self.text(role)).transpose()?,
            event_name: self.text(&push.event_name)?,
            message: raw.map_err(|error| broken(error.to_string()))?,
            mode: push.mode,
            id: Some(key.to_owned()),
            ..PushRequest::default()
        })
    }

    /// A text may hold several ids between commas; an item of a list is one id as it is.
    fn user_ids(&self, ids: &JsonText) -> Result<UserIds> {
        let ids: Vec<String> = match self.value(ids)? {
            Value::Array(items) => items.into_iter().flat_map(each).collect(),
            text => as_text(text).split(',').map(|id| id.trim().to_owned()).collect(),
        };
        let mut ids: Vec<String> = ids.into_iter().filter(|id| !id.is_empty()).collect();
        match ids.len() {
            0 => Err(Failure::new("user_missing", "user_id names nobody")),
            1 => Ok(UserIds::One(ids.remove(0))),
            _ => Ok(UserIds::Several(ids)),
        }
    }

    fn http(&self, http: &Http) -> Result<HttpRequest> {
        let mut headers = BTreeMap::new();
        for (name, value) in &http.headers {
            headers.insert(name.clone(), self.text(value)?);
        }
        let body = http.body.as_ref().map(|body| self.value(body)).transpose()?;
        let is_typed = headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        if let Some(body) = body.as_ref().filter(|_| !is_typed) {
            let kind = if body.is_string() { "text/plain; charset=utf-8" } else { "application/json" };
            headers.insert("Content-Type".to_owned(), kind.to_owned());
        }
        Ok(HttpRequest {
            method: http.method,
            url: self.text(&http.url)?,
            headers,
            body: body.map(as_text),
            timeout_ms: http.timeout_ms,
        })
    }
}

/// The ids in an item of a list: a field with several links is a list itself.
fn each(item: Value) -> Vec<String> {
    match item {
        Value::Array(items) => items.into_iter().map(as_text).collect(),
        item => vec![as_text(item)],
    }
}

/// As templates write it.
fn as_text(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        value => value.to_string(),
    }
}
