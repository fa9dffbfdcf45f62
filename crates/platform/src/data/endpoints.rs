//! Endpoints: named ways to the objects of a structure, with who may take them and what they see.

use campanile_store::{AppNumber, StoreError, TriggerKey, View};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{
    Data, Result,
    query::Filter,
    structures::{self, Definition},
    templates,
};
use crate::{
    accounts::{AccountError, Actor, Code},
    badge::Member,
};

/// An endpoint.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Endpoint {
    /// Its structure.
    pub structure: String,
    /// Its name.
    pub method: String,
    /// What it lets through.
    #[serde(flatten)]
    pub settings: EndpointSettings,
    /// The scenario that answers what is written through it. It is set by the trigger of the scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync_scenario: Option<String>,
    /// When it was created, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// When it was last changed.
    pub updated_at_ms: i64,
}

/// What an endpoint lets through.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EndpointSettings {
    /// Who may read through it.
    #[serde(default)]
    pub read: Who,
    /// Who may write through it.
    #[serde(default)]
    pub write: Who,
    /// Only objects for which this condition holds are shown. Values in it may be `{{HttpRequest.x}}`, `{{WebUser.id}}` and
    /// `{{WebUser.role}}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub filter: Option<Map<String, Value>>,
    /// The fields that are shown and taken, beside `id`; all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
    /// How many objects a part of a list has, unless the caller says; 30 if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 200)]
    pub page_size: Option<u32>,
}

/// What an endpoint is to be.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(json!({
    "read": "anyone", "write": { "roles": ["editor"] },
    "filter": { "status": "{{HttpRequest.status}}", "total": { "gt": 0 } },
    "fields": ["status", "total"],
})))]
pub struct NewEndpoint {
    /// Its structure, once more.
    #[serde(default)]
    #[schema(ignore)]
    pub structure: Option<String>,
    /// Its name, once more.
    #[serde(default)]
    #[schema(ignore)]
    pub method: Option<String>,
    /// Who may read through it.
    #[serde(default)]
    pub read: Who,
    /// Who may write through it.
    #[serde(default)]
    pub write: Who,
    /// Only objects for which this condition holds are shown. Values in it may be `{{HttpRequest.x}}`, `{{WebUser.id}}` and
    /// `{{WebUser.role}}`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub filter: Option<Map<String, Value>>,
    /// The fields that are shown and taken, beside `id`; all if absent.
    #[serde(default)]
    pub fields: Option<Vec<String>>,
    /// How many objects a part of a list has, unless the caller says; 30 if absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 200)]
    pub page_size: Option<u32>,
    /// The scenario that answers what is written, once more.
    #[serde(default)]
    #[schema(ignore)]
    pub sync_scenario: Option<String>,
}

/// Who may do something through an endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EndpointAccess)]
pub enum Who {
    /// Everybody, logged in or not.
    Anyone,
    /// Users of the app.
    Users,
    /// Users in one of these roles.
    Roles(Vec<String>),
    /// Users, each with the objects that they have created.
    Owner,
    /// Nobody.
    #[default]
    Nobody,
}

/// With which objects somebody may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access<'a> {
    All,
    /// Those that this user has created.
    Own(&'a str),
    None,
}

impl Who {
    pub(super) fn access<'a>(&self, user: Option<&'a Member>) -> Access<'a> {
        match (self, user) {
            (Self::Anyone, _) | (Self::Users, Some(_)) => Access::All,
            (Self::Roles(roles), Some(user)) if roles.iter().any(|role| **role == *user.role) => Access::All,
            (Self::Owner, Some(user)) => Access::Own(&user.user_id),
            _ => Access::None,
        }
    }
}

const PAGE_SIZE: u32 = 30;
pub(crate) const PAGE_SIZE_MAX: u32 = 200;
const ROLES_MAX: usize = 100;
const FILTER_BYTES_MAX: usize = 16_384;

impl EndpointSettings {
    fn check(&self, definition: &Definition) -> Result<()> {
        for (what, who) in [("read", &self.read), ("write", &self.write)] {
            if let Who::Roles(roles) = who
                && !(1..=ROLES_MAX).contains(&roles.len())
            {
                return Err(AccountError::field(what, format!("must name 1 to {ROLES_MAX} roles")));
            }
        }
        if self.page_size.is_some_and(|size| !(1..=PAGE_SIZE_MAX).contains(&size)) {
            return Err(AccountError::field("page_size", format!("must be 1 to {PAGE_SIZE_MAX}")));
        }
        self.check_fields(definition)?;
        self.check_filter(definition)
    }

    fn check_fields(&self, definition: &Definition) -> Result<()> {
        let fields = self.fields.iter().flatten();
        for name in fields {
            if definition.field(name).is_none() && !OF_EVERY_OBJECT.contains(&name.as_str()) {
                return Err(AccountError::field("fields", format!("the structure has no field {name:?}")));
            }
        }
        let most = definition.fields.len() + OF_EVERY_OBJECT.len();
        if self.fields.as_ref().is_some_and(|fields| fields.len() > most) {
            return Err(AccountError::field("fields", "must name each field once"));
        }
        Ok(())
    }

    /// Values that are known already have to fit now.
    fn check_filter(&self, definition: &Definition) -> Result<()> {
        let Some(filter) = &self.filter else { return Ok(()) };
        if serde_json::to_string(filter).is_ok_and(|text| text.len() > FILTER_BYTES_MAX) {
            let problem = format!("must not be larger than {FILTER_BYTES_MAX} bytes");
            return Err(AccountError::field("filter", problem));
        }
        let filter = Filter::read(&Value::Object(filter.clone()), definition)?;
        let known = filter.with_operands(&mut |operand| {
            let texts = texts(&operand);
            texts.iter().try_for_each(|text| templates::parts(text).map(drop))?;
            let is_known = !texts.iter().any(|text| templates::is_template(text));
            Ok(is_known.then_some(operand))
        })?;
        known.map_or(Ok(()), |filter| filter.compile().map(drop))
    }

    pub(super) fn page_size(&self) -> u32 {
        self.page_size.unwrap_or(PAGE_SIZE)
    }

    /// Whether a field may be seen and written.
    pub(super) fn has(&self, name: &str) -> bool {
        name == "id" || self.fields.as_ref().is_none_or(|fields| fields.iter().any(|field| field == name))
    }
}

/// What can be shown beside the fields.
const OF_EVERY_OBJECT: [&str; 5] = ["id", "version", "created_at_ms", "updated_at_ms", "created_by"];

/// The texts that a comparison is with.
pub(super) fn texts(operand: &Value) -> Vec<&str> {
    match operand {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether all endpoints of a structure fit another definition.
pub(super) fn check_all(
    view: &View<'_>,
    app: AppNumber,
    structure: &str,
    definition: &Definition,
) -> Result<()> {
    for endpoint in view.endpoints_of(app, structure)? {
        let named = |error: AccountError| {
            let message = format!("the endpoint {structure}/{} needs it: {}", endpoint.method, error.message);
            AccountError::field("fields", message)
        };
        settings(&endpoint).check(definition).map_err(named)?;
    }
    Ok(())
}

/// Only what was checked is kept.
pub(super) fn settings(endpoint: &campanile_store::Endpoint) -> EndpointSettings {
    serde_json::from_str(&endpoint.settings).unwrap_or_default()
}

pub(super) fn not_found(structure: &str, method: &str) -> AccountError {
    AccountError::new(Code::EndpointNotFound, format!("there is no endpoint {structure}/{method}"))
}

impl Data {
    /// The endpoints of an app, by structure and name.
    ///
    /// # Errors
    /// `app_not_found`.
    pub async fn endpoints(&self, app: &str) -> Result<Vec<Endpoint>> {
        let app = self.app(app)?;
        self.read(move |view| {
            view.endpoints(app)?.into_iter().map(|stored| Endpoint::of(view, app, stored)).collect()
        })
        .await
    }

    /// One endpoint.
    ///
    /// # Errors
    /// `app_not_found`, `endpoint_not_found`.
    pub async fn endpoint(&self, app: &str, structure: &str, method: &str) -> Result<Endpoint> {
        let (app, of, name) = (self.app(app)?, structure.to_owned(), method.to_owned());
        self.read(move |view| {
            let found = view.endpoint(app, &of, &name)?;
            Endpoint::of(view, app, found.ok_or_else(|| not_found(&of, &name))?)
        })
        .await
    }

    /// Creates an endpoint, or changes one.
    ///
    /// # Errors
    /// `app_not_found`, `structure_not_found`, `invalid_payload`, `not_supported`, `limit_reached`.
    pub async fn put_endpoint(
        &self,
        actor: &Actor,
        app: &str,
        structure: &str,
        method: &str,
        new: NewEndpoint,
    ) -> Result<Endpoint> {
        let number = self.app(app)?;
        check_method(method)?;
        new.check_name(structure, method)?;
        let NewEndpoint { read, write, filter, fields, page_size, sync_scenario, .. } = new;
        let settings = EndpointSettings { read, write, filter, fields, page_size };
        let detail = json!({ "read": settings.read, "write": settings.write });
        let subject = format!("{structure}/{method}");
        let note = self.accounts.note(actor, "endpoint.put", Some(app), &subject, &detail);
        let (structure, method) = (structure.to_owned(), method.to_owned());
        let (now_ms, most) = (self.accounts.now_ms(), self.options.endpoints_per_app_max);
        let write = move |tx: &mut campanile_store::Tx<'_>| -> Result<Endpoint> {
            settings.check(&structures::load(tx, number, &structure)?)?;
            let is_new = tx.endpoint(number, &structure, &method)?.is_none();
            if is_new && tx.count_endpoints(number)? >= most {
                return Err(AccountError::limit("limits.endpoints_per_app_max"));
            }
            let text = serde_json::to_string(&settings).unwrap_or_default();
            let endpoint = tx.put_endpoint(number, &structure, &method, &text, now_ms)?;
            tx.append_audit(&note)?;
            let endpoint = Endpoint::of(tx, number, endpoint)?;
            if sync_scenario.is_some() && sync_scenario != endpoint.sync_scenario {
                let problem =
                    "is set by the trigger of the scenario: {\"type\": \"endpoint\", \"endpoint\": …}";
                return Err(AccountError::field("sync_scenario", problem));
            }
            Ok(endpoint)
        };
        self.accounts.store().write_by_rules(write).await
    }

    /// Deletes an endpoint.
    ///
    /// # Errors
    /// `app_not_found`, `endpoint_not_found`.
    pub async fn delete_endpoint(
        &self,
        actor: &Actor,
        app: &str,
        structure: &str,
        method: &str,
    ) -> Result<()> {
        let number = self.app(app)?;
        let subject = format!("{structure}/{method}");
        let note = self.accounts.note(actor, "endpoint.delete", Some(app), &subject, &json!({}));
        let (of, name) = (structure.to_owned(), method.to_owned());
        let write = move |tx: &mut campanile_store::Tx<'_>| {
            tx.delete_endpoint(number, &of, &name)?;
            tx.append_audit(&note)
        };
        self.accounts.store().write(write).await.map_err(|error| match error {
            StoreError::NotFound => not_found(structure, method),
            error => error.into(),
        })
    }
}

impl NewEndpoint {
    fn check_name(&self, structure: &str, method: &str) -> Result<()> {
        for (what, own, path) in [("structure", &self.structure, structure), ("method", &self.method, method)]
        {
            if own.as_deref().is_some_and(|own| own != path) {
                return Err(AccountError::field(what, format!("isn't {path:?}, as the path says")));
            }
        }
        Ok(())
    }
}

fn check_method(method: &str) -> Result<()> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if (1..=64).contains(&method.len()) && method.chars().all(is_fine) {
        return Ok(());
    }
    let problem = r#"must have 1 to 64 letters a-z and A-Z, digits, "_" and "-""#;
    Err(AccountError::field("method", problem))
}

impl Endpoint {
    fn of(view: &View<'_>, app: AppNumber, stored: campanile_store::Endpoint) -> Result<Self> {
        let settings = settings(&stored);
        let campanile_store::Endpoint { structure, method, created_at_ms, updated_at_ms, .. } = stored;
        let key = sync_trigger(&structure, &method);
        let sync_scenario =
            view.scenarios_by_trigger(app, &key)?.into_iter().next().map(|scenario| scenario.id);
        Ok(Self { structure, method, settings, sync_scenario, created_at_ms, updated_at_ms })
    }
}

/// The trigger of the scenario that answers an endpoint.
pub(crate) fn sync_trigger(structure: &str, method: &str) -> TriggerKey {
    TriggerKey { kind: "endpoint".to_owned(), subject: format!("{structure}/{method}") }
}
