//! Scenarios as they are stored: checked when they are saved, each save a version of its own.

use campanile_store::{AppNumber, NewScenario, Page, StoreError, TriggerKey, Tx, View};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Result, Scenarios, scenario_not_found};
use crate::{
    accounts::{AccountError, Actor, Code, Paged, new_id},
    scenarios::{
        definition::{Definition, Step, Trigger},
        validate::{self, Checked, Finding},
    },
};

/// A scenario of an app.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Scenario {
    /// Its id.
    pub id: String,
    /// Counts its changes, from 1.
    pub version: i64,
    /// Whether its trigger starts it.
    pub enabled: bool,
    /// The document.
    #[schema(value_type = Definition)]
    pub document: Value,
    /// With the trigger `webhook`, the path that starts it; it is a secret.
    pub hook_path: Option<String>,
    /// With a schedule, when it starts next, in milliseconds since the epoch.
    pub due_at_ms: Option<i64>,
    /// When it was created, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
    /// What is allowed and looks wrong; only in the answer to a save.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Finding>,
}

/// A version of a scenario.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ScenarioVersion {
    /// Its number.
    pub version: i64,
    /// The document.
    #[schema(value_type = Definition)]
    pub document: Value,
    /// Who saved it.
    pub actor: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
}

/// Whether the trigger of a scenario starts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It does.
    On,
    /// It doesn't.
    Off,
}

impl From<bool> for Switch {
    fn from(is_on: bool) -> Self {
        if is_on { Self::On } else { Self::Off }
    }
}

impl From<campanile_store::Scenario> for Scenario {
    fn from(stored: campanile_store::Scenario) -> Self {
        Self {
            id: stored.id,
            version: stored.version,
            enabled: stored.enabled,
            document: serde_json::from_str(&stored.document).unwrap_or_default(),
            hook_path: stored
                .hook
                .filter(|_| stored.trigger.kind == "webhook")
                .map(|hook| format!("/hooks/{hook}")),
            due_at_ms: stored.due_at_ms,
            created_at_ms: stored.created_at_ms,
            updated_at_ms: stored.updated_at_ms,
            warnings: Vec::new(),
        }
    }
}

impl From<campanile_store::ScenarioVersion> for ScenarioVersion {
    fn from(stored: campanile_store::ScenarioVersion) -> Self {
        let campanile_store::ScenarioVersion { version, document, actor, at_ms } = stored;
        Self { version, document: serde_json::from_str(&document).unwrap_or_default(), actor, at_ms }
    }
}

/// What starts a scenario, as the store looks it up.
fn trigger_key(trigger: &Trigger) -> TriggerKey {
    TriggerKey { kind: trigger.kind().to_owned(), subject: trigger.subject().to_owned() }
}

impl Scenarios {
    /// The scenarios of an app, by id.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn list(&self, app: &str) -> Result<Vec<Scenario>> {
        let app = self.0.app_number(app)?;
        let scenarios = self.0.accounts.store().read(move |view| view.scenarios(app)).await?;
        Ok(scenarios.into_iter().map(Scenario::from).collect())
    }

    /// One scenario.
    ///
    /// # Errors
    /// `app_not_found`, `scenario_not_found`.
    pub async fn get(&self, app: &str, id: &str) -> Result<Scenario> {
        Ok(self.stored(app, id).await?.1.into())
    }

    pub(super) async fn stored(&self, app: &str, id: &str) -> Result<(AppNumber, campanile_store::Scenario)> {
        let (app, wanted) = (self.0.app_number(app)?, id.to_owned());
        let found = self.0.accounts.store().read(move |view| view.scenario(app, &wanted)).await?;
        Ok((app, found.ok_or_else(|| scenario_not_found(id))?))
    }

    /// Creates a scenario, or gives it its next version. What doesn't differ isn't a version.
    ///
    /// # Errors
    /// `app_not_found`; `invalid_payload` with all mistakes; `endpoint_taken`, `limit_reached`.
    pub async fn put(&self, actor: &Actor, app: &str, id: &str, document: Value) -> Result<Scenario> {
        self.0.app_number(app)?;
        let checked = validate::check(&document, &self.0.options.definition);
        let checked = checked.map_err(|mistakes| AccountError::of_document(&mistakes))?;
        if checked.definition.id != id {
            return Err(AccountError::field("id", format!("isn't {id:?}, as the path says")));
        }
        self.save(actor, app, document, checked).await
    }

    async fn save(&self, actor: &Actor, app: &str, document: Value, checked: Checked) -> Result<Scenario> {
        let number = self.0.app_number(app)?;
        let Checked { definition, mut warnings } = checked;
        let new = self.new_scenario(actor, number, &definition, &document)?;
        let detail = json!({ "enabled": definition.enabled });
        let note = self.0.accounts.note(actor, "scenario.put", Some(app), &definition.id, &detail);
        let options = self.0.options.clone();
        let work = move |tx: &mut Tx<'_>| -> Result<(campanile_store::Scenario, Vec<Finding>)> {
            let missing = missing_references(tx, number, &definition)?;
            let before = tx.scenario(number, &new.id)?;
            if let Some(before) = before.as_ref().filter(|before| before.document == new.document) {
                return Ok((before.clone(), missing));
            }
            if before.is_none() && tx.count_scenarios(number)? >= options.scenarios_per_app_max {
                return Err(AccountError::limit("limits.scenarios_per_app_max"));
            }
            check_endpoint(tx, number, &new)?;
            let saved = tx.put_scenario(number, &new)?;
            tx.trim_scenario_versions(saved.number, options.versions_kept_max)?;
            tx.append_audit(&note)?;
            Ok((saved, missing))
        };
        let (saved, missing) = self.0.accounts.store().write_by_rules(work).await?;
        self.0.door(number).learn().await;
        warnings.extend(missing);
        Ok(Scenario { warnings, ..saved.into() })
    }

    fn new_scenario(
        &self,
        actor: &Actor,
        app: AppNumber,
        definition: &Definition,
        document: &Value,
    ) -> Result<NewScenario> {
        let at_ms = self.0.now_ms();
        let is_hook = matches!(definition.trigger, Trigger::Webhook {});
        Ok(NewScenario {
            id: definition.id.clone(),
            document: document.to_string(),
            enabled: definition.enabled,
            trigger: trigger_key(&definition.trigger),
            hook: is_hook.then(new_id).transpose()?,
            due_at_ms: if definition.enabled { self.0.next_due_ms(app, definition, at_ms) } else { None },
            actor: actor.name.clone(),
            at_ms,
        })
    }

    /// Turns the trigger of a scenario on or off, also of one that a later limit wouldn't let be saved.
    ///
    /// # Errors
    /// `app_not_found`, `scenario_not_found`, `endpoint_taken`.
    pub async fn turn(&self, actor: &Actor, app: &str, id: &str, switch: Switch) -> Result<Scenario> {
        let (_, stored) = self.stored(app, id).await?;
        let mut document: Value = serde_json::from_str(&stored.document).unwrap_or_default();
        document["enabled"] = (switch == Switch::On).into();
        let definition = definition_of(&stored.id, document.clone())?;
        self.save(actor, app, document, Checked { definition, warnings: Vec::new() }).await
    }

    /// A scenario to be tried: the one that is saved, or another document in its place.
    ///
    /// # Errors
    /// `app_not_found`, `scenario_not_found`, `invalid_payload` with all mistakes.
    pub async fn to_try(&self, app: &str, id: &str, document: Option<Value>) -> Result<Definition> {
        let document = match document {
            Some(document) => {
                self.0.app_number(app)?;
                document
            }
            None => self.get(app, id).await?.document,
        };
        let checked = validate::check(&document, &self.0.options.definition);
        Ok(checked.map_err(|mistakes| AccountError::of_document(&mistakes))?.definition)
    }

    /// Deletes a scenario with its versions and its runs; open ones end.
    ///
    /// # Errors
    /// `app_not_found`, `scenario_not_found`.
    pub async fn delete(&self, actor: &Actor, app: &str, id: &str) -> Result<()> {
        let number = self.0.app_number(app)?;
        let note = self.0.accounts.note(actor, "scenario.delete", Some(app), id, &json!({}));
        let wanted = id.to_owned();
        let work = move |tx: &mut Tx<'_>| {
            tx.delete_scenario(number, &wanted)?;
            tx.append_audit(&note)
        };
        self.0.accounts.store().write(work).await.map_err(|error| match error {
            StoreError::NotFound => scenario_not_found(id),
            error => error.into(),
        })?;
        self.0.door(number).learn().await;
        Ok(())
    }

    /// Versions of a scenario, newest first.
    ///
    /// # Errors
    /// `app_not_found`, `scenario_not_found`.
    pub async fn versions(
        &self,
        app: &str,
        id: &str,
        after: Option<String>,
        limit: u32,
    ) -> Result<Paged<ScenarioVersion>> {
        let (_, scenario) = self.stored(app, id).await?;
        let page = Page { after, limit };
        let read = move |view: &View<'_>| view.scenario_versions(scenario.number, &page);
        let versions = self.0.accounts.store().read(read).await?;
        let items = versions.items.into_iter().map(ScenarioVersion::from).collect();
        Ok(Paged { items, next: versions.next })
    }
}

/// The definition in a stored document.
pub(super) fn definition_of(id: &str, document: Value) -> Result<Definition> {
    serde_json::from_value(document).map_err(|error| {
        tracing::error!(scenario = id, %error, "a stored scenario can't be read");
        AccountError::new(Code::StorageFailed, "the stored scenario can't be read; the log says why")
    })
}

/// A caller of an endpoint gets one answer.
fn check_endpoint(view: &View<'_>, app: AppNumber, new: &NewScenario) -> Result<()> {
    if new.trigger.kind != "endpoint" || !new.enabled {
        return Ok(());
    }
    match view.scenarios_by_trigger(app, &new.trigger)?.iter().find(|other| other.id != new.id) {
        None => Ok(()),
        Some(other) => {
            let message = format!(
                "trigger.endpoint: the scenario {:?} answers {} already",
                other.id, new.trigger.subject
            );
            Err(AccountError::new(Code::EndpointTaken, message))
        }
    }
}

/// What a scenario names and the app doesn't have. It may come later, so that what belongs together can be saved in any order.
fn missing_references(view: &View<'_>, app: AppNumber, definition: &Definition) -> Result<Vec<Finding>> {
    let mut named = Vec::new();
    if let Some(structure) = definition.trigger.structure() {
        named.push(("trigger.structure".to_owned(), Reference::Structure(structure)));
    }
    if let Trigger::Endpoint { endpoint } = &definition.trigger {
        named.push(("trigger.endpoint".to_owned(), Reference::Endpoint(endpoint)));
    }
    note_references(&definition.steps, "steps", &mut named);
    let mut missing = Vec::new();
    for (path, reference) in named {
        if !reference.exists(view, app, &definition.id)? {
            missing.push(Finding { path, message: reference.absence() });
        }
    }
    Ok(missing)
}

/// Something of the app that a scenario names.
enum Reference<'a> {
    Structure(&'a str),
    Endpoint(&'a str),
    Scenario(&'a str),
}

fn note_references<'a>(steps: &'a [Step], path: &str, named: &mut Vec<(String, Reference<'a>)>) {
    for (index, step) in steps.iter().enumerate() {
        let path = format!("{path}[{index}]");
        match step {
            Step::Create(create) => {
                named.push((format!("{path}.structure"), Reference::Structure(&create.structure)));
            }
            Step::RunScenario(run) => {
                named.push((format!("{path}.scenario"), Reference::Scenario(&run.scenario)))
            }
            Step::If(condition) => {
                note_references(&condition.then, &format!("{path}.then"), named);
                note_references(&condition.otherwise, &format!("{path}.else"), named);
            }
            Step::Edit(edit) => named.extend(other(&path, edit.structure.as_deref())),
            Step::Delete(delete) => named.extend(other(&path, delete.structure.as_deref())),
            _ => {}
        }
    }
}

fn other<'a>(path: &str, structure: Option<&'a str>) -> Option<(String, Reference<'a>)> {
    structure.map(|structure| (format!("{path}.structure"), Reference::Structure(structure)))
}

impl Reference<'_> {
    fn exists(&self, view: &View<'_>, app: AppNumber, own: &str) -> Result<bool> {
        Ok(match self {
            Self::Structure(name) => view.structure(app, name)?.is_some(),
            Self::Scenario(id) => *id == own || view.scenario(app, id)?.is_some(),
            Self::Endpoint(endpoint) => {
                let (structure, method) = endpoint.split_once('/').unwrap_or_default();
                view.endpoint(app, structure, method)?.is_some()
            }
        })
    }

    fn absence(&self) -> String {
        match self {
            Self::Structure(name) => format!("there is no structure {name:?} yet"),
            Self::Endpoint(endpoint) => format!("there is no endpoint {endpoint:?} yet"),
            Self::Scenario(id) => format!("there is no scenario {id:?} yet"),
        }
    }
}
