//! What these tests share: apps with structures, users and keys.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use campanile_hub::ShardId;
use campanile_platform::{
    Accounts, Data, Message, Outside, Shards,
    accounts::{self, AccountError, Actor, NewApp, NewUser},
    data::{DataOptions, EndpointCall, Event, NewEndpoint, NewStructure, ObjectList, ObjectPage, Others},
};
use campanile_store::{Change, NewScenario, Store, TriggerKey};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

pub(crate) type Result<T> = std::result::Result<T, AccountError>;

/// Nobody is connected in these tests.
struct NoShards;

impl Shards for NoShards {
    fn count(&self) -> usize {
        1
    }

    fn send(&self, _: ShardId, _: Message) -> bool {
        false
    }
}

/// Goes on by a millisecond with each look.
fn clock() -> i64 {
    static NOW_MS: AtomicI64 = AtomicI64::new(1_000_000);
    NOW_MS.fetch_add(1, Ordering::Relaxed)
}

pub(crate) struct Town {
    pub(crate) data: Data,
    pub(crate) accounts: Accounts,
    pub(crate) store: Store,
    _folder: TempDir,
}

/// An app, with everything in it at hand.
pub(crate) struct App<'a> {
    pub(crate) town: &'a Town,
    pub(crate) id: &'static str,
    pub(crate) key: String,
}

pub(crate) fn backend() -> Actor {
    Actor { name: "key:k".to_owned(), address: None }
}

pub(crate) fn fields(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// What a refusal says, behind its code.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    format!("{}: {}", error.code.as_str(), error.message)
}

impl Town {
    pub(crate) async fn new() -> Self {
        Self::with(DataOptions::default()).await
    }

    pub(crate) async fn with(options: DataOptions) -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(folder.path(), &campanile_store::Options::default()).unwrap();
        let cheap = accounts::Options { clock, password_memory_kib: 8, ..accounts::Options::default() };
        let prepared = Accounts::prepare(store.clone(), cheap).await.unwrap();
        let outside = Outside::new(Arc::new(NoShards), tokio::runtime::Handle::current());
        let accounts = prepared.connect(outside);
        let data = Data::new(accounts.clone(), options);
        Self { data, accounts, store, _folder: folder }
    }

    pub(crate) async fn app(&self, id: &'static str) -> App<'_> {
        let new = NewApp { id: id.into(), name: None, settings: Default::default() };
        self.accounts.create_app(&backend(), new).await.unwrap();
        let key = self.accounts.create_api_key(&backend(), id, "web").await.unwrap().key;
        App { town: self, id, key }
    }

    /// What waits, of all apps.
    pub(crate) async fn changes(&self) -> Vec<Change> {
        let read = |view: &campanile_store::View<'_>| {
            let apps = view.apps_with_changes()?.into_iter();
            apps.map(|app| view.changes(app, 1_000)).collect::<campanile_store::Result<Vec<_>>>()
        };
        self.store.read(read).await.unwrap().concat()
    }
}

impl App<'_> {
    pub(crate) async fn put_structure(&self, name: &str, definition: Value) -> Result<()> {
        let new: NewStructure = serde_json::from_value(definition).unwrap();
        self.town.data.put_structure(&backend(), self.id, name, new).await.map(drop)
    }

    /// With fields of each type.
    pub(crate) async fn with_orders(self) -> Self {
        let field = |name: &str, r#type: &str| json!({ "name": name, "type": r#type });
        let fields = [
            field("status", "string"),
            field("total", "number"),
            field("paid", "boolean"),
            field("due", "date"),
            field("extra", "json"),
            field("customer", "link"),
            field("items", "links"),
            field("invoice", "file"),
        ];
        self.put_structure("orders", json!({ "fields": fields })).await.unwrap();
        for kind in ["object_created", "object_changed", "object_deleted"] {
            self.put_scenario_on(kind).await;
        }
        self
    }

    /// A scenario that waits for this, so that it is noted. Nothing runs it.
    async fn put_scenario_on(&self, kind: &str) {
        let trigger = TriggerKey { kind: kind.to_owned(), subject: "orders".to_owned() };
        let new = NewScenario {
            id: kind.to_owned(),
            document: "{}".to_owned(),
            enabled: true,
            trigger,
            hook: None,
            due_at_ms: None,
            actor: "system".to_owned(),
            at_ms: 0,
        };
        let id = self.id;
        let put = move |tx: &mut campanile_store::Tx<'_>| {
            let app = tx.app(id)?.unwrap().number;
            tx.put_scenario(app, &new)
        };
        self.town.store.write(put).await.unwrap();
    }

    /// Creates a user. Returns the token of a session.
    pub(crate) async fn user(&self, id: &str, role: &str) -> String {
        let (role, profile) = (role.to_owned(), Map::new());
        let new = NewUser { id: id.to_owned(), role, password: None, profile };
        self.town.accounts.create_user(&backend(), self.id, new).await.unwrap();
        self.town.accounts.create_session(&backend(), self.id, id).await.unwrap().token
    }

    pub(crate) async fn create(&self, object: Value) -> Result<Value> {
        Ok(self.create_all(vec![object]).await?.remove(0))
    }

    pub(crate) async fn create_all(&self, objects: Vec<Value>) -> Result<Vec<Value>> {
        let objects = objects.into_iter().map(fields).collect();
        self.town.data.create_objects(&backend(), self.id, "orders", objects, Event::Raised).await
    }

    pub(crate) async fn update(&self, id: &str, object: Value) -> Result<Value> {
        self.town
            .data
            .change_object(&backend(), (self.id, "orders", id), fields(object), Others::Stay, Event::Raised)
            .await
    }

    pub(crate) async fn replace(&self, id: &str, object: Value) -> Result<Value> {
        self.town
            .data
            .change_object(&backend(), (self.id, "orders", id), fields(object), Others::Go, Event::Raised)
            .await
    }

    pub(crate) async fn delete(&self, id: &str, version: Option<i64>) -> Result<()> {
        self.town.data.delete_object(&backend(), self.id, "orders", id, version, Event::Raised).await
    }

    pub(crate) async fn get(&self, id: &str) -> Result<Value> {
        self.town.data.object(self.id, "orders", id).await
    }

    pub(crate) async fn list(&self, filter: Value, sort: &str) -> Result<ObjectPage> {
        let (filter, sort) = (Some(filter.to_string()), Some(sort.to_owned()));
        let list = ObjectList { filter, sort, page: 0, page_size: 100 };
        self.town.data.objects(self.id, "orders", list).await
    }

    pub(crate) async fn put_endpoint(&self, method: &str, settings: Value) -> Result<()> {
        let new: NewEndpoint = serde_json::from_value(settings).unwrap();
        self.town.data.put_endpoint(&backend(), self.id, "orders", method, new).await.map(drop)
    }

    pub(crate) fn call(&self, method: &str, session: Option<&str>, query: &[(&str, &str)]) -> EndpointCall {
        let parameters: HashMap<_, _> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        EndpointCall {
            app_key: self.key.clone(),
            session: session.map(str::to_owned),
            structure: "orders".to_owned(),
            method: method.to_owned(),
            sort: parameters.get("sort").cloned().unwrap_or_default(),
            parameters,
            ..EndpointCall::default()
        }
    }

    pub(crate) async fn read(
        &self,
        method: &str,
        session: Option<&str>,
        query: &[(&str, &str)],
    ) -> Result<ObjectPage> {
        self.town.data.call_to_read(self.call(method, session, query)).await
    }

    pub(crate) async fn write(&self, method: &str, session: Option<&str>, object: Value) -> Result<Value> {
        let call = self.call(method, session, &[]);
        let mut written = self.town.data.call_to_write(call, vec![fields(object)], |_, _| Ok(())).await?;
        Ok(written.remove(0).0.shown)
    }
}

/// The ids of objects, one after the other.
pub(crate) fn ids(page: &ObjectPage) -> String {
    page.items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}
