//! What handshakes and requests need to know of all apps, in memory: their keys, secret keys, settings and plugins.
//!
//! It is read anew from the store after each change of an app, which is rare.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, PoisonError, RwLock},
};

use campanile_hub::Tenant;
use campanile_store::{Store, StoreError};

use tokio::sync::Mutex;

use super::{AccountError, AppSettings, Caller, PluginName, Scope, settings};
use crate::badge::{Badge, BridgeRights};

/// One app, as handshakes and requests see it.
#[derive(Clone, Debug)]
pub(crate) struct AppEntry {
    pub(crate) number: Tenant,
    pub(crate) id: String,
    pub(crate) settings: AppSettings,
    pub(crate) plugins: HashSet<PluginName>,
}

#[derive(Debug, Default)]
struct Entries {
    by_id: HashMap<String, Arc<AppEntry>>,
    by_number: HashMap<Tenant, Arc<AppEntry>>,
    by_key: HashMap<String, Arc<AppEntry>>,
    by_secret: HashMap<[u8; 32], Caller>,
}

/// All apps.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    entries: RwLock<Arc<Entries>>,
    /// Of two who load, the later one reads later, so that what it knows stays.
    loading: Mutex<()>,
}

impl Catalog {
    pub(crate) fn by_id(&self, id: &str) -> Result<Arc<AppEntry>, AccountError> {
        self.entries().by_id.get(id).cloned().ok_or_else(|| AccountError::app_not_found(id))
    }

    pub(crate) fn by_number(&self, number: Tenant) -> Option<Arc<AppEntry>> {
        self.entries().by_number.get(&number).cloned()
    }

    /// The app that an API key belongs to.
    pub(crate) fn by_key(&self, key: &str) -> Option<Arc<AppEntry>> {
        self.entries().by_key.get(key).cloned()
    }

    /// The live secret key with this hash. Finding it by its hash takes a time that tells nothing about it.
    pub(crate) fn by_secret(&self, hash: &[u8; 32]) -> Option<Caller> {
        self.entries().by_secret.get(hash).cloned()
    }

    pub(crate) async fn load(&self, store: &Store) -> Result<(), StoreError> {
        let _turn = self.loading.lock().await;
        let (apps, plugins, keys, secret_keys) = store
            .read(|view| {
                Ok((view.apps()?, view.all_plugins()?, view.all_api_keys()?, view.all_secret_keys()?))
            })
            .await?;
        let mut entries = Entries::default();
        for app in apps {
            let installed = plugins.iter().filter(|(number, _)| *number == app.number);
            let entry = Arc::new(AppEntry {
                number: Tenant(app.number.0),
                settings: settings::read(&app.settings),
                plugins: installed.filter_map(|(_, plugin)| PluginName::parse(&plugin.name)).collect(),
                id: app.id,
            });
            entries.by_number.insert(entry.number, entry.clone());
            entries.by_id.insert(entry.id.clone(), entry);
        }
        for key in keys {
            if let Some(app) = entries.by_number.get(&Tenant(key.app.0)) {
                entries.by_key.insert(key.key, app.clone());
            }
        }
        for (hash, key) in secret_keys {
            if let Some(app) = entries.by_number.get(&Tenant(key.app.0)) {
                let caller = Caller {
                    app: app.id.clone(),
                    key_id: key.id.clone(),
                    scopes: Scope::all_in(&key.scopes),
                };
                entries.by_secret.insert(hash, caller);
            }
        }
        *self.entries.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(entries);
        Ok(())
    }

    pub(crate) fn numbers(&self) -> Vec<Tenant> {
        self.entries().by_number.keys().copied().collect()
    }

    fn entries(&self) -> Arc<Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl AppEntry {
    /// What a socket with this badge may do on the app's bridge.
    pub(crate) fn bridge_rights(&self, badge: Option<&Badge>) -> BridgeRights {
        use super::BridgeAccess::{Locked, Open};
        match (self.plugins.contains(&PluginName::Bridge), self.settings.bridge, badge) {
            (false, _, _) => BridgeRights::NotInstalled,
            (true, Open, _) => BridgeRights::Full,
            (true, Locked, Some(badge)) if badge.key.is_some() => BridgeRights::Full,
            (true, Locked, Some(_)) => BridgeRights::Client,
            (true, Locked, None) => BridgeRights::None,
        }
    }
}
