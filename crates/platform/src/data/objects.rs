//! Objects, as backends read and write them.

use campanile_store::{ObjectQuery, Tx, View};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    Data, Event, Result,
    fields::link,
    query::{Filter, read_sort},
    structures::{self, Definition},
    writes::{Cause, Others, Write, Writer},
};
use crate::accounts::{AccountError, Actor, Code};

/// An object: its fields, and what every object has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object {
    pub(crate) id: String,
    pub(crate) version: i64,
    pub(crate) fields: Map<String, Value>,
    pub(crate) created_at_ms: i64,
    pub(crate) updated_at_ms: i64,
    pub(crate) created_by: Option<String>,
}

/// Which objects of a structure are asked for.
#[derive(Clone, Debug, Default)]
pub struct ObjectList {
    /// Those for which this condition holds, as JSON.
    pub filter: Option<String>,
    /// The order: fields, each with `asc` or `desc` after it if need be, with commas between.
    pub sort: Option<String>,
    /// Which part, counted from 0.
    pub page: u32,
    /// Objects in one.
    pub page_size: u32,
}

/// A part of a list of objects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ObjectPage {
    /// The objects, each with its fields and `id`, `version`, `created_at_ms`, `updated_at_ms`, `created_by`.
    #[schema(value_type = Vec<Object>)]
    pub items: Vec<Value>,
    /// Which part this is, counted from 0.
    #[schema(format = Int64)]
    pub page: u32,
    /// How many objects one has.
    pub page_size: u32,
    /// How many objects there are in all parts.
    pub total: u32,
}

/// What somebody sends as an object, taken apart.
pub(super) struct Given {
    pub(super) id: Option<String>,
    /// The version that the writer knows.
    pub(super) version: Option<i64>,
    pub(super) fields: Map<String, Value>,
}

impl Given {
    /// What was read may be sent back: what only the hub can say is left out.
    pub(super) fn read(mut object: Map<String, Value>) -> Result<Self> {
        for name in ["created_at_ms", "updated_at_ms", "created_by"] {
            object.remove(name);
        }
        let id = object.remove("id").filter(|id| !id.is_null());
        let id = id.map(|id| link(&id)).transpose().map_err(|problem| AccountError::field("id", problem))?;
        let version = object.remove("version").filter(|version| !version.is_null());
        let whole = |version: Value| {
            version.as_i64().ok_or_else(|| AccountError::field("version", "must be a whole number"))
        };
        Ok(Self { id, version: version.map(whole).transpose()?, fields: object })
    }

    fn check_id(&self, id: &str) -> Result<()> {
        if self.id.as_deref().is_none_or(|own| own == id) {
            return Ok(());
        }
        Err(AccountError::field("id", format!("isn't {id:?}, as the path says")))
    }
}

impl Object {
    /// As the structure is now: values of fields that it doesn't have any more are left out.
    pub(super) fn read(definition: &Definition, stored: campanile_store::Object) -> Self {
        let mut fields: Map<String, Value> = serde_json::from_str(&stored.data).unwrap_or_default();
        fields.retain(|name, _| definition.field(name).is_some());
        let campanile_store::Object { id, version, created_at_ms, updated_at_ms, created_by, .. } = stored;
        Self { id, version, fields, created_at_ms, updated_at_ms, created_by }
    }

    pub(super) fn stored(&self) -> campanile_store::Object {
        campanile_store::Object {
            id: self.id.clone(),
            version: self.version,
            data: serde_json::to_string(&self.fields).unwrap_or_default(),
            created_at_ms: self.created_at_ms,
            updated_at_ms: self.updated_at_ms,
            created_by: self.created_by.clone(),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut object = self.fields.clone();
        object.insert("id".to_owned(), self.id.clone().into());
        object.insert("version".to_owned(), self.version.into());
        object.insert("created_at_ms".to_owned(), self.created_at_ms.into());
        object.insert("updated_at_ms".to_owned(), self.updated_at_ms.into());
        object.insert("created_by".to_owned(), self.created_by.clone().into());
        object.into()
    }

    pub(super) fn not_found(structure: &str, id: &str) -> AccountError {
        let message = format!("the structure {structure:?} has no object {id:?}");
        AccountError::new(Code::ObjectNotFound, message)
    }
}

impl Data {
    /// Objects of a structure.
    ///
    /// # Errors
    /// `app_not_found`, `structure_not_found`, `invalid_payload` for a filter or an order that can't be.
    pub async fn objects(&self, app: &str, structure: &str, list: ObjectList) -> Result<ObjectPage> {
        let (app, structure) = (self.app(app)?, structure.to_owned());
        self.read(move |view| {
            let definition = structures::load(view, app, &structure)?;
            let condition = match &list.filter {
                Some(text) => Some(Filter::read_text(text, &definition)?.compile()?),
                None => None,
            };
            let sort = read_sort(list.sort.as_deref().unwrap_or_default(), &definition)?;
            let offset = u64::from(list.page) * u64::from(list.page_size);
            let query = ObjectQuery { condition, sort, offset, limit: list.page_size };
            let found = view.objects(app, &structure, &query)?;
            let items = found.items.into_iter().map(|stored| Object::read(&definition, stored).to_json());
            let (page, page_size) = (list.page, list.page_size);
            Ok(ObjectPage { items: items.collect(), page, page_size, total: found.total })
        })
        .await
    }

    /// One object.
    ///
    /// # Errors
    /// `app_not_found`, `structure_not_found`, `object_not_found`.
    pub async fn object(&self, app: &str, structure: &str, id: &str) -> Result<Value> {
        let (app, structure, id) = (self.app(app)?, structure.to_owned(), id.to_owned());
        self.read(move |view: &View<'_>| {
            let definition = structures::load(view, app, &structure)?;
            let stored = view.object(app, &structure, &id)?;
            let stored = stored.ok_or_else(|| Object::not_found(&structure, &id))?;
            Ok(Object::read(&definition, stored).to_json())
        })
        .await
    }

    /// Creates objects, all or none. Those without an `id` get one.
    ///
    /// # Errors
    /// `app_not_found`, `structure_not_found`, `invalid_payload`, `object_exists`, `limit_reached`, `overloaded`.
    pub async fn create_objects(
        &self,
        actor: &Actor,
        app: &str,
        structure: &str,
        objects: Vec<Map<String, Value>>,
        event: Event,
    ) -> Result<Vec<Value>> {
        self.check_count(objects.len())?;
        let given = objects.into_iter().map(Given::read).collect::<Result<Vec<_>>>()?;
        let writes = given.into_iter().map(|Given { id, fields, .. }| Write::Create { id, fields });
        self.write_objects(actor, app, structure, writes.collect(), event).await
    }

    /// Changes the fields of an object that are given. With a `version` among them it has to be that one.
    ///
    /// # Errors
    /// `app_not_found`, `structure_not_found`, `object_not_found`, `invalid_payload`, `version_conflict`, `overloaded`.
    pub async fn change_object(
        &self,
        actor: &Actor,
        (app, structure, id): (&str, &str, &str),
        object: Map<String, Value>,
        others: Others,
        event: Event,
    ) -> Result<Value> {
        let given = Given::read(object)?;
        given.check_id(id)?;
        let Given { fields, version, .. } = given;
        let write = Write::Change { id: id.to_owned(), fields, others, version };
        self.write_object(actor, app, structure, write, event).await
    }

    /// Deletes an object; with a version, if it has that one.
    ///
    /// # Errors
    /// `app_not_found`, `structure_not_found`, `object_not_found`, `version_conflict`, `overloaded`.
    pub async fn delete_object(
        &self,
        actor: &Actor,
        app: &str,
        structure: &str,
        id: &str,
        version: Option<i64>,
        event: Event,
    ) -> Result<()> {
        let write = Write::Delete { id: id.to_owned(), version };
        self.write_object(actor, app, structure, write, event).await.map(drop)
    }

    pub(super) fn check_count(&self, count: usize) -> Result<()> {
        let most = self.options.objects_per_request_max;
        if (1..=most).contains(&count) {
            return Ok(());
        }
        let problem = format!("must be 1 to {most} (limits.objects_per_request_max)");
        Err(AccountError::field("the objects", problem))
    }

    async fn write_object(
        &self,
        actor: &Actor,
        app: &str,
        structure: &str,
        write: Write,
        event: Event,
    ) -> Result<Value> {
        let mut written = self.write_objects(actor, app, structure, vec![write], event).await?;
        Ok(written.pop().unwrap_or_default())
    }

    async fn write_objects(
        &self,
        actor: &Actor,
        app: &str,
        structure: &str,
        writes: Vec<Write>,
        event: Event,
    ) -> Result<Vec<Value>> {
        let (app, actor, structure) = (self.app(app)?, actor.name.clone(), structure.to_owned());
        let (options, now_ms) = (self.options.clone(), self.accounts.now_ms());
        let cause = Cause { app, actor, user: None, depth: 0, now_ms, event };
        let work = move |tx: &mut Tx<'_>| -> Result<Vec<Value>> {
            let definition = structures::load(tx, app, &structure)?;
            let (options, cause, structure, definition) = (&*options, &cause, &structure, &definition);
            let mut writer = Writer { tx, options, cause, structure, definition };
            writes.into_iter().map(|write| Ok(writer.write(write)?.to_json())).collect()
        };
        let written = self.accounts.store().write_by_rules(work).await?;
        self.bells.ring(app);
        Ok(written)
    }
}
