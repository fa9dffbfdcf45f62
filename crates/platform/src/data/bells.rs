//! Who is told, after a commit, that objects of an app have changed. What changed is in the store.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use campanile_store::AppNumber;
use tokio::sync::Notify;

/// A bell for each app that somebody listens for.
#[derive(Debug, Default)]
pub(super) struct Bells(Mutex<HashMap<AppNumber, Arc<Notify>>>);

impl Bells {
    /// The bell of an app. It is heard also by whoever listens a moment later.
    pub(super) fn of(&self, app: AppNumber) -> Arc<Notify> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(app).or_default().clone()
    }

    /// Rings, if anybody listens.
    pub(super) fn ring(&self, app: AppNumber) {
        if let Some(bell) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&app) {
            bell.notify_one();
        }
    }
}
