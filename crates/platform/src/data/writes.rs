//! One write of an object, with all its rules, in a transaction that somebody has begun: a request, or a step of a
//! scenario.
//!
//! A write that really changes something gives the object its next version, and is noted as a change if a scenario waits for
//! it, unless it is silent.

use campanile_store::{AppNumber, NewChange, Tx};
use serde_json::{Map, Value};

use super::{DataOptions, Field, Result, fields::link, objects::Object, structures::Definition};
use crate::accounts::{AccountError, Code, new_id};

/// Whether a write is noted as a change, should a scenario wait for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Event {
    /// It is.
    #[default]
    Raised,
    /// It isn't.
    Silent,
}

/// Who writes, and why.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    /// Whose data it is.
    pub(crate) app: AppNumber,
    /// As it is noted.
    pub(crate) actor: String,
    /// The user who has created what is created.
    pub(crate) user: Option<String>,
    /// How many changes led to this one.
    pub(crate) depth: u32,
    pub(crate) now_ms: i64,
    pub(crate) event: Event,
}

/// What is to be written.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    /// An object that isn't there yet. Without an id, one is drawn.
    Create { id: Option<String>, fields: Map<String, Value> },
    /// Fields of an object that is there.
    Change { id: String, fields: Map<String, Value>, others: Others, version: Option<i64> },
    /// `Change` if the object is there, where the others stay; else `Create`.
    Save { id: Option<String>, fields: Map<String, Value> },
    /// An object is to go.
    Delete { id: String, version: Option<i64> },
}

/// What becomes of the fields that a change doesn't name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They stay.
    Stay,
    /// They go.
    Go,
}

/// The objects of one structure, as somebody is about to write them.
pub(crate) struct Writer<'a, 'tx> {
    pub(crate) tx: &'a mut Tx<'tx>,
    pub(crate) options: &'a DataOptions,
    pub(crate) cause: &'a Cause,
    pub(crate) structure: &'a str,
    pub(crate) definition: &'a Definition,
}

impl Writer<'_, '_> {
    /// Writes. Returns the object as it is now; of one that was deleted, as it was.
    pub(crate) fn write(&mut self, write: Write) -> Result<Object> {
        match write {
            Write::Create { id, fields } => self.create(id, fields),
            Write::Change { id, fields, others, version } => {
                let before = self.expect(&id, version)?;
                let kept = match others {
                    Others::Stay => before.fields.clone(),
                    Others::Go => Map::new(),
                };
                let after = self.merged(kept, fields)?;
                self.change(before, after)
            }
            Write::Save { id: Some(id), fields } if self.find(&id)?.is_some() => {
                self.write(Write::Change { id, fields, others: Others::Stay, version: None })
            }
            Write::Save { id, fields } => self.create(id, fields),
            Write::Delete { id, version } => self.delete(&id, version),
        }
    }

    pub(super) fn find(&self, id: &str) -> Result<Option<Object>> {
        let stored = self.tx.object(self.cause.app, self.structure, id)?;
        Ok(stored.map(|stored| Object::read(self.definition, stored)))
    }

    /// The object, in the version that the writer knows.
    fn expect(&self, id: &str, version: Option<i64>) -> Result<Object> {
        let object = self.find(id)?.ok_or_else(|| Object::not_found(self.structure, id))?;
        match version {
            Some(version) if version != object.version => Err(AccountError::new(
                Code::VersionConflict,
                format!("the object {id:?} has the version {}, not {version}", object.version),
            )),
            _ => Ok(object),
        }
    }

    fn create(&mut self, id: Option<String>, fields: Map<String, Value>) -> Result<Object> {
        let id = match id {
            Some(id) => link(&id.into()).map_err(|problem| AccountError::field("id", problem))?,
            None => new_id()?,
        };
        let fields = self.merged(Map::new(), fields)?;
        if self.find(&id)?.is_some() {
            let message = format!("there is an object {id:?} already");
            return Err(AccountError::new(Code::ObjectExists, message));
        }
        if self.tx.count_objects(self.cause.app)? >= self.options.objects_per_app_max {
            return Err(AccountError::limit("limits.objects_per_app_max"));
        }
        let (created_at_ms, updated_at_ms) = (self.cause.now_ms, self.cause.now_ms);
        let created_by = self.cause.user.clone();
        let object = Object { id, version: 1, fields, created_at_ms, updated_at_ms, created_by };
        self.tx.insert_object(self.cause.app, self.structure, &object.stored())?;
        self.note("created", None, Some(&object))?;
        Ok(object)
    }

    fn change(&mut self, before: Object, fields: Map<String, Value>) -> Result<Object> {
        if fields == before.fields {
            return Ok(before);
        }
        let data = Value::Object(fields).to_string();
        let stored =
            self.tx.update_object(self.cause.app, self.structure, &before.id, &data, self.cause.now_ms)?;
        let after = Object::read(self.definition, stored);
        self.note("changed", Some(&before), Some(&after))?;
        Ok(after)
    }

    fn delete(&mut self, id: &str, version: Option<i64>) -> Result<Object> {
        let object = self.expect(id, version)?;
        self.tx.delete_object(self.cause.app, self.structure, id)?;
        self.note("deleted", Some(&object), None)?;
        Ok(object)
    }

    /// The fields with new values over them, each read as its field wants it; `null` takes one away.
    fn merged(&self, mut fields: Map<String, Value>, new: Map<String, Value>) -> Result<Map<String, Value>> {
        for (name, value) in new {
            let field = self.definition.field(&name).ok_or_else(|| {
                AccountError::field(&name, format!("the structure {:?} has no such field", self.structure))
            })?;
            match field.read(value)? {
                Some(value) => fields.insert(name, value),
                None => fields.remove(&name),
            };
        }
        self.check(&fields)?;
        Ok(fields)
    }

    fn check(&self, fields: &Map<String, Value>) -> Result<()> {
        let is_missing = |field: &&Field| field.required && !fields.contains_key(&field.name);
        if let Some(field) = self.definition.fields.iter().find(is_missing) {
            return Err(AccountError::field(&field.name, "is required"));
        }
        let bytes = serde_json::to_string(fields).map_or(usize::MAX, |text| text.len());
        let most = self.options.object_bytes_max;
        if bytes > most {
            let problem = format!("must not be larger than {most} bytes (limits.object_bytes_max)");
            return Err(AccountError::field("the object", problem));
        }
        Ok(())
    }

    fn note(&mut self, kind: &str, before: Option<&Object>, after: Option<&Object>) -> Result<()> {
        let trigger = format!("object_{kind}");
        if self.cause.event == Event::Silent
            || !self.tx.starts_scenarios(self.cause.app, &trigger, self.structure)?
        {
            return Ok(());
        }
        if self.tx.count_changes(self.cause.app)? >= self.options.changes_waiting_max {
            let message = "too many changes of the app are waiting (limits.changes_waiting_max)";
            return Err(AccountError {
                retry_after_s: Some(1),
                ..AccountError::new(Code::Overloaded, message)
            });
        }
        let object = after.or(before);
        let change = NewChange {
            structure: self.structure.to_owned(),
            object_id: object.map(|object| object.id.clone()).unwrap_or_default(),
            kind: kind.to_owned(),
            fields: changed_fields(before, after).to_string(),
            before: before.map(|object| object.to_json().to_string()),
            after: after.map(|object| object.to_json().to_string()),
            actor: self.cause.actor.clone(),
            depth: self.cause.depth,
            at_ms: self.cause.now_ms,
        };
        self.tx.insert_change(self.cause.app, &change)?;
        Ok(())
    }
}

/// The names of the fields that are different.
fn changed_fields(before: Option<&Object>, after: Option<&Object>) -> Value {
    let names = [before, after].into_iter().flatten().flat_map(|object| object.fields.keys());
    let is_changed = |name: &&String| value(before, name) != value(after, name);
    let mut changed: Vec<&str> = names.filter(is_changed).map(String::as_str).collect();
    changed.sort_unstable();
    changed.dedup();
    changed.into()
}

fn value<'a>(object: Option<&'a Object>, name: &str) -> Option<&'a Value> {
    object.and_then(|object| object.fields.get(name))
}
