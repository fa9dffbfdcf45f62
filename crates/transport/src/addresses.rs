//! What each address has open, and how fast it opens more.
//!
//! One table for all shards, because the kernel spreads the connections of an address over them. Its lock is taken when
//! something is opened and when it is closed, never for a message.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use campanile_hub::{Bucket, Millis, Rate};

/// What one address may do; an IPv6 address stands for its /64, which is what one customer is given.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AddressLimits {
    pub(crate) open_max: Option<usize>,
    pub(crate) rate: Option<Rate>,
}

/// What the addresses have open. Cloning shares it.
#[derive(Clone)]
pub(crate) struct Addresses(Arc<Shared>);

struct Shared {
    limits: AddressLimits,
    table: Mutex<Table>,
    refused: AtomicU64,
}

#[derive(Default)]
struct Table {
    entries: HashMap<u64, Entry>,
    /// How many entries there may be before those that have nothing left to remember are looked for.
    sweep_at: usize,
}

#[derive(Default)]
struct Entry {
    open: usize,
    bucket: Bucket,
}

/// One open thing, counted until this is dropped. Empty where nothing is limited.
pub(crate) struct Hold(Option<(Addresses, u64)>);

/// The address has too much open, or opens too fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

const SWEEP_ENTRIES_MIN: usize = 1_024;

impl Addresses {
    pub(crate) fn new(limits: AddressLimits) -> Self {
        Self(Arc::new(Shared { limits, table: Mutex::default(), refused: AtomicU64::new(0) }))
    }

    /// Counts one more thing of an address, or refuses it.
    pub(crate) fn open(&self, address: IpAddr, now: Millis) -> Result<Hold, TooMany> {
        let limits = self.0.limits;
        if limits.open_max.is_none() && limits.rate.is_none() {
            return Ok(Hold(None));
        }
        let key = key(address);
        let mut table = self.table();
        table.sweep(now);
        let entry = table.entries.entry(key).or_default();
        let is_within = limits.open_max.is_none_or(|max| entry.open < max)
            && limits.rate.is_none_or(|rate| entry.bucket.take(now, rate));
        if !is_within {
            self.0.refused.fetch_add(1, Ordering::Relaxed);
            return Err(TooMany);
        }
        entry.open += 1;
        Ok(Hold(Some((self.clone(), key))))
    }

    /// How often something was refused.
    pub(crate) fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Numbers that a panicking thread was changing are still numbers.
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn sweep(&mut self, now: Millis) {
        if self.entries.len() >= self.sweep_at.max(SWEEP_ENTRIES_MIN) {
            self.entries.retain(|_, entry| entry.open > 0 || !entry.bucket.is_full(now));
            self.sweep_at = self.entries.len() * 2;
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let Some((addresses, key)) = self.0.take() else { return };
        let mut table = addresses.table();
        let Some(entry) = table.entries.get_mut(&key) else { return };
        entry.open -= 1;
        // A bucket has to be remembered until it is full; the next sweep sees to that.
        if entry.open == 0 && addresses.0.limits.rate.is_none() {
            table.entries.remove(&key);
        }
    }
}

/// An IPv4 address, or the network half of an IPv6 one. They can't be mistaken for each other: a public IPv6 network
/// has bits in its upper half.
fn key(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(v4) => u64::from(v4.to_bits()),
        IpAddr::V6(v6) => (v6.to_bits() >> 64) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(open_max: Option<usize>, rate: Option<Rate>) -> Addresses {
        Addresses::new(AddressLimits { open_max, rate })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_closed_makes_room() {
        let addresses = limited(Some(2), None);
        let first = addresses.open(ip("10.0.0.1"), 0);
        let _second = addresses.open(ip("10.0.0.1"), 0);
        assert!(addresses.open(ip("10.0.0.1"), 0).is_err());
        assert!(addresses.open(ip("10.0.0.2"), 0).is_ok());
        drop(first);
        assert!(addresses.open(ip("10.0.0.1"), 0).is_ok());
        assert_eq!(addresses.refused(), 1);
    }

    #[test]
    fn nothing_is_remembered_of_who_has_gone() {
        let addresses = limited(Some(1), None);
        let holds: Vec<_> = (0..5_000).map(|n| addresses.open(IpAddr::V4(n.into()), 0)).collect();
        assert!(holds.iter().all(Result::is_ok));
        drop(holds);
        assert!(addresses.table().entries.is_empty());
    }

    #[test]
    fn buckets_are_swept_once_they_are_full() {
        let addresses = limited(None, Some(Rate { per_s: 1, burst: 1 }));
        for n in 0..1_024 {
            assert!(addresses.open(IpAddr::V4(n.into()), 0).is_ok());
            if n == 0 {
                let again = addresses.open(IpAddr::V4(n.into()), 999);
                assert!(again.is_err(), "the bucket outlives what took from it");
            }
        }
        let _kept = addresses.open(ip("10.0.0.1"), 1_000);
        assert_eq!(addresses.table().entries.len(), 1);
    }

    #[test]
    fn an_ipv6_address_is_its_network() {
        let addresses = limited(Some(1), None);
        let _first = addresses.open(ip("2001:db8:1:2::1"), 0);
        assert!(addresses.open(ip("2001:db8:1:2:ffff::9"), 0).is_err());
        assert!(addresses.open(ip("2001:db8:1:3::1"), 0).is_ok());
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_one() {
        let addresses = limited(Some(1), None);
        let _first = addresses.open(ip("10.0.0.1"), 0);
        assert!(addresses.open(ip("::ffff:10.0.0.1"), 0).is_err());
    }

    #[test]
    fn without_limits_nothing_is_counted() {
        let addresses = limited(None, None);
        let _hold = addresses.open(ip("10.0.0.1"), 0);
        assert!(addresses.table().entries.is_empty());
    }
}
