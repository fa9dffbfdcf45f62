//! How often each caller may call: a bucket for every secret key, or every webhook, that was used of late.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use campanile_hub::{Bucket, Rate};

use super::{AccountError, Code};

/// Keys that are remembered until those at rest are forgotten.
const KEYS_MAX: usize = 10_000;

/// The calls of late, by the key's id.
#[derive(Debug)]
pub(crate) struct Calls {
    rate: Option<Rate>,
    /// The setting of the rate, without what it ends in.
    setting: &'static str,
    start: Instant,
    buckets: Mutex<HashMap<Box<str>, Bucket>>,
}

impl Calls {
    /// Without a rate every call is admitted.
    pub(crate) fn new(rate: Option<Rate>, setting: &'static str) -> Self {
        Self { rate, setting, start: Instant::now(), buckets: Mutex::default() }
    }

    /// Admits a call, or says when to come back.
    pub(crate) fn admit(&self, key: &str) -> Result<(), AccountError> {
        self.admit_at(key, self.start.elapsed().as_millis() as u64)
    }

    fn admit_at(&self, key: &str, now_ms: u64) -> Result<(), AccountError> {
        let Some(rate) = self.rate else { return Ok(()) };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEYS_MAX {
            buckets.retain(|_, bucket| !bucket.is_full(now_ms));
        }
        if buckets.entry(key.into()).or_default().take(now_ms, rate) { Ok(()) } else { Err(self.too_many()) }
    }

    /// Within a second there is room for more, whatever the rate.
    fn too_many(&self) -> AccountError {
        let message = format!("too many calls ({setting}_per_s and _burst)", setting = self.setting);
        AccountError { retry_after_s: Some(1), ..AccountError::new(Code::LimitReached, message) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_rate() {
        let calls = Calls::new(Some(Rate { per_s: 10, burst: 3 }), "limits.x");
        let admitted = |key, now_ms| (0..10).filter(|_| calls.admit_at(key, now_ms).is_ok()).count();
        assert_eq!((admitted("one", 0), admitted("other", 0)), (3, 3));
        assert_eq!((admitted("one", 100), admitted("one", 10_000)), (1, 3));
        let refused = calls.admit_at("one", 10_000).unwrap_err();
        assert_eq!((refused.code, refused.retry_after_s), (Code::LimitReached, Some(1)));
    }

    #[test]
    fn keys_at_rest_are_forgotten() {
        let calls = Calls::new(Some(Rate { per_s: 1_000, burst: 1 }), "limits.x");
        for key in 0..KEYS_MAX as u64 + 10 {
            calls.admit_at(&key.to_string(), key * 10).unwrap();
        }
        assert!(calls.buckets.lock().unwrap().len() < 100);
    }

    #[test]
    fn without_a_rate_all_are_admitted() {
        let calls = Calls::new(None, "limits.x");
        assert!((0..1_000).all(|_| calls.admit("key").is_ok()));
    }
}
