//! Data as runs of scenarios see it: users and linked objects to be read, and writes in whose transaction the run notes what
//! it did.

use std::sync::Arc;

use campanile_store::{AppNumber, Tx, View};
use serde_json::{Map, Value};
use tokio::sync::Notify;

use super::{
    Data, Result,
    objects::Object,
    structures::{self, Definition},
    writes::{Cause, Write, Writer},
};

/// The structure that links to users name.
const USERS: &str = "WebUser";

impl Data {
    /// Rings when objects of the app have changed.
    pub(crate) fn bell(&self, app: AppNumber) -> Arc<Notify> {
        self.bells.of(app)
    }

    /// What scenarios know of a user: `id`, `role`, and the fields of the profile. Of one who is gone, the id.
    pub(crate) async fn web_user(&self, app: AppNumber, id: &str) -> Result<Map<String, Value>> {
        let id = id.to_owned();
        self.read(move |view| known_user(view, app, &id)).await
    }

    /// The objects to which a field of a structure links, with their structure; `None` if it is no link.
    pub(crate) async fn linked(
        &self,
        app: AppNumber,
        structure: &str,
        field: &str,
        ids: &[String],
    ) -> Result<Option<(String, Vec<Map<String, Value>>)>> {
        let (structure, field, ids) = (structure.to_owned(), field.to_owned(), ids.to_vec());
        self.read(move |view| {
            let Some(target) = target(view, app, &structure, &field)? else { return Ok(None) };
            let found =
                if target == USERS { users(view, app, &ids)? } else { objects(view, app, &target, &ids)? };
            Ok(Some((target, found)))
        })
        .await
    }

    /// Writes an object. `then` is called with it in the same transaction.
    pub(crate) async fn write_as(
        &self,
        cause: Cause,
        structure: &str,
        write: Write,
        then: impl FnOnce(&mut Tx<'_>, &Value) -> Result<()> + Send + 'static,
    ) -> Result<Value> {
        let (app, structure, options) = (cause.app, structure.to_owned(), self.options.clone());
        let work = move |tx: &mut Tx<'_>| -> Result<Value> {
            let definition = structures::load(tx, app, &structure)?;
            let (options, cause, structure, definition) = (&*options, &cause, &*structure, &definition);
            let object = Writer { tx, options, cause, structure, definition }.write(write)?.to_json();
            then(tx, &object)?;
            Ok(object)
        };
        let written = self.accounts.store().write_by_rules(work).await?;
        self.bells.ring(app);
        Ok(written)
    }
}

/// The structure that a field links to.
fn target(view: &View<'_>, app: AppNumber, structure: &str, field: &str) -> Result<Option<String>> {
    let definition: Option<Definition> = match view.structure(app, structure)? {
        Some(_) => Some(structures::load(view, app, structure)?),
        None => None,
    };
    Ok(definition.and_then(|definition| definition.field(field)?.structure.clone()))
}

fn objects(
    view: &View<'_>,
    app: AppNumber,
    structure: &str,
    ids: &[String],
) -> Result<Vec<Map<String, Value>>> {
    if view.structure(app, structure)?.is_none() {
        return Ok(Vec::new());
    }
    let definition = structures::load(view, app, structure)?;
    let mut found = Vec::new();
    for id in ids {
        let object =
            view.object(app, structure, id)?.map(|stored| Object::read(&definition, stored).to_json());
        found.extend(object.and_then(|object| object.as_object().cloned()));
    }
    Ok(found)
}

fn users(view: &View<'_>, app: AppNumber, ids: &[String]) -> Result<Vec<Map<String, Value>>> {
    let found = ids.iter().map(|id| user(view, app, id));
    found.filter_map(Result::transpose).collect()
}

/// What scenarios know of a user.
pub(crate) fn known_user(view: &View<'_>, app: AppNumber, id: &str) -> Result<Map<String, Value>> {
    Ok(user(view, app, id)?.unwrap_or_else(|| named(id)))
}

fn user(view: &View<'_>, app: AppNumber, id: &str) -> Result<Option<Map<String, Value>>> {
    let Some(user) = view.user(app, id)? else { return Ok(None) };
    let mut known: Map<String, Value> = serde_json::from_str(&user.profile).unwrap_or_default();
    known.extend(named(id));
    known.insert("role".to_owned(), user.role.into());
    Ok(Some(known))
}

fn named(id: &str) -> Map<String, Value> {
    [("id".to_owned(), Value::from(id))].into_iter().collect()
}
