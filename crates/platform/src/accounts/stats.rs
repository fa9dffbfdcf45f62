//! What accounts and pushes count. Plain numbers that a scrape reads; nothing depends on them.

use std::sync::atomic::{AtomicU64, Ordering};

/// The counters, as they are counted.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) logins: AtomicU64,
    pub(crate) logins_refused: AtomicU64,
    pub(crate) handshakes_refused: AtomicU64,
    pub(crate) calls_over_rate: AtomicU64,
    pub(crate) pushes: AtomicU64,
    pub(crate) pushes_repeated: AtomicU64,
    pub(crate) pushes_refused: AtomicU64,
    pub(crate) push_deliveries: AtomicU64,
}

/// The counters, as they are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountStats {
    /// Users that logged in with a password.
    pub logins: u64,
    /// Logins of users that were refused, for whatever reason.
    pub logins_refused: u64,
    /// Sockets that were refused for what they presented.
    pub handshakes_refused: u64,
    /// Requests of secret keys that called too often.
    pub calls_over_rate: u64,
    /// Pushes that were sent.
    pub pushes: u64,
    /// Pushes with an id that was sent before.
    pub pushes_repeated: u64,
    /// Pushes that were refused.
    pub pushes_refused: u64,
    /// Sockets that pushes were handed to.
    pub push_deliveries: u64,
    /// Passwords that are being checked or wait for it.
    pub password_checks_now: u64,
}

impl Tally {
    pub(crate) fn read(&self, password_checks_now: u64) -> AccountStats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        AccountStats {
            logins: read(&self.logins),
            logins_refused: read(&self.logins_refused),
            handshakes_refused: read(&self.handshakes_refused),
            calls_over_rate: read(&self.calls_over_rate),
            pushes: read(&self.pushes),
            pushes_repeated: read(&self.pushes_repeated),
            pushes_refused: read(&self.pushes_refused),
            push_deliveries: read(&self.push_deliveries),
            password_checks_now,
        }
    }
}

/// Counts one more.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
