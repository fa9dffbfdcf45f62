//! Structures: the fields that objects of a kind have.

use campanile_store::{AppNumber, StoreError, Tx, View};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Data, DataOptions, Field, Result, check_name, check_title, endpoints};
use crate::accounts::{AccountError, Actor, Code};

/// A structure.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Structure {
    /// Its name.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// How many objects it has.
    pub objects: u32,
    /// When it was created, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
}

/// What a structure is to be.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "title": "Orders",
    "fields": [
        { "name": "customer", "type": "link", "structure": "WebUser", "required": true },
        { "name": "total", "type": "number" },
        { "name": "status", "type": "string" },
    ],
})))]
pub struct NewStructure {
    /// Its name, once more.
    #[serde(default)]
    #[schema(ignore)]
    pub name: Option<String>,
    /// For people.
    #[serde(default)]
    #[schema(max_length = 200, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub title: Option<String>,
    /// All its fields, each name once.
    pub fields: Vec<Field>,
}

/// What is kept of a structure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Definition {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    pub(crate) fields: Vec<Field>,
}

/// Names that mean something else in templates.
const RESERVED: [&str; 4] = ["WebUser", "HttpRequest", "GlobalVar", "now"];

impl Definition {
    pub(super) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    fn check(&self, options: &DataOptions) -> Result<()> {
        check_title("title", self.title.as_deref())?;
        if self.fields.len() > options.fields_per_structure_max {
            let most = options.fields_per_structure_max;
            let problem = format!("must not be more than {most} (limits.fields_per_structure_max)");
            return Err(AccountError::field("fields", problem));
        }
        for (index, field) in self.fields.iter().enumerate() {
            field.check()?;
            if self.fields[..index].iter().any(|other| other.name == field.name) {
                let problem = format!("there are two with the name {:?}", field.name);
                return Err(AccountError::field("fields", problem));
            }
        }
        Ok(())
    }
}

/// The definition of a structure, as the store has it.
pub(crate) fn load(view: &View<'_>, app: AppNumber, name: &str) -> Result<Definition> {
    let found = view.structure(app, name)?.ok_or_else(|| not_found(name))?;
    Ok(definition(&found))
}

/// Only what was checked is kept.
fn definition(structure: &campanile_store::Structure) -> Definition {
    serde_json::from_str(&structure.definition).unwrap_or_default()
}

pub(super) fn not_found(name: &str) -> AccountError {
    AccountError::new(Code::StructureNotFound, format!("there is no structure {name:?}"))
}

impl Data {
    /// The structures of an app, by name.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn structures(&self, app: &str) -> Result<Vec<Structure>> {
        let app = self.app(app)?;
        let structures = self.accounts.store().read(move |view| view.structures(app)).await?;
        Ok(structures.into_iter().map(Structure::from).collect())
    }

    /// One structure.
    ///
    /// # Errors
    /// `app_not_found`, `structure_not_found`.
    pub async fn structure(&self, app: &str, name: &str) -> Result<Structure> {
        let (app, wanted) = (self.app(app)?, name.to_owned());
        let found = self.accounts.store().read(move |view| view.structure(app, &wanted)).await?;
        found.map(Structure::from).ok_or_else(|| not_found(name))
    }

    /// Creates a structure, or changes one. Its objects stay as they are: values of a field that is gone aren't shown any
    /// more and go when the object is written next.
    ///
    /// # Errors
    /// `app_not_found`, `invalid_payload`, also where an endpoint needs a field that would be gone, `limit_reached`.
    pub async fn put_structure(
        &self,
        actor: &Actor,
        app: &str,
        name: &str,
        new: NewStructure,
    ) -> Result<Structure> {
        let number = self.app(app)?;
        check_structure_name(name)?;
        if new.name.as_deref().is_some_and(|other| other != name) {
            return Err(AccountError::field("name", format!("isn't {name:?}, as the path says")));
        }
        let definition = Definition { title: new.title, fields: new.fields };
        definition.check(&self.options)?;
        let detail = json!({ "fields": definition.fields.len() });
        let note = self.accounts.note(actor, "structure.put", Some(app), name, &detail);
        let (name, now_ms, options) = (name.to_owned(), self.accounts.now_ms(), self.options.clone());
        let write = move |tx: &mut Tx<'_>| -> Result<Structure> {
            if tx.structure(number, &name)?.is_none()
                && tx.count_structures(number)? >= options.structures_per_app_max
            {
                return Err(AccountError::limit("limits.structures_per_app_max"));
            }
            endpoints::check_all(tx, number, &name, &definition)?;
            let text = serde_json::to_string(&definition).unwrap_or_default();
            let structure = tx.put_structure(number, &name, &text, now_ms)?;
            tx.append_audit(&note)?;
            Ok(structure.into())
        };
        self.accounts.store().write_by_rules(write).await
    }

    /// Deletes a structure with its objects, of which no change is noted, and its endpoints.
    ///
    /// # Errors
    /// `app_not_found`, `structure_not_found`.
    pub async fn delete_structure(&self, actor: &Actor, app: &str, name: &str) -> Result<()> {
        let number = self.app(app)?;
        let note = self.accounts.note(actor, "structure.delete", Some(app), name, &json!({}));
        let wanted = name.to_owned();
        let write = move |tx: &mut Tx<'_>| {
            tx.delete_structure(number, &wanted)?;
            tx.append_audit(&note)
        };
        self.accounts.store().write(write).await.map_err(|error| match error {
            StoreError::NotFound => not_found(name),
            error => error.into(),
        })
    }
}

fn check_structure_name(name: &str) -> Result<()> {
    check_name("name", name)?;
    if RESERVED.contains(&name) {
        return Err(AccountError::field("name", format!("{name:?} is reserved")));
    }
    Ok(())
}

impl From<campanile_store::Structure> for Structure {
    fn from(structure: campanile_store::Structure) -> Self {
        let Definition { title, fields } = definition(&structure);
        let campanile_store::Structure { name, objects, created_at_ms, updated_at_ms, .. } = structure;
        Self { name, title, fields, objects, created_at_ms, updated_at_ms }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn check(value: Value) -> std::result::Result<(), String> {
        let definition: Definition = serde_json::from_value(value).unwrap();
        let options = DataOptions { fields_per_structure_max: 2, ..DataOptions::default() };
        definition.check(&options).map_err(|error| error.message)
    }

    #[test]
    fn a_structure_has_each_field_once() {
        let field = |name: &str| json!({ "name": name, "type": "json" });
        assert_eq!(check(json!({ "fields": [] })), Ok(()));
        assert_eq!(check(json!({ "title": "A b", "fields": [field("a"), field("A")] })), Ok(()));
        for (value, message) in [
            (json!({ "fields": [field("a"), field("a")] }), "fields: there are two with the name \"a\""),
            (json!({ "fields": [field("a"), field("b"), field("c")] }), "fields: must not be more than 2"),
            (json!({ "title": "x".repeat(201), "fields": [] }), "title: must have"),
            (json!({ "fields": [field("id")] }), "fields: the name \"id\" is reserved"),
        ] {
            let refused = check(value.clone()).unwrap_err();
            assert!(refused.starts_with(message), "{value}: {refused}");
        }
    }

    #[test]
    fn some_names_mean_something_else() {
        for name in ["orders", "_", "webUser", "Now"] {
            assert_eq!(check_structure_name(name), Ok(()), "{name}");
        }
        for name in ["", "WebUser", "HttpRequest", "GlobalVar", "now", "a.b", "a/b", "1", "\"", "a\0"] {
            assert!(check_structure_name(name).is_err(), "{name}");
        }
    }
}
