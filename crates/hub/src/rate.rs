//! How often something may happen: a rate with a burst, and the bucket that keeps to it. Reads no clock.

use crate::timers::Millis;

/// So many a second on average, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// On average; more than a million a second is the same as a million.
    pub per_s: u32,
    /// At once, after a time of rest.
    pub burst: u32,
}

/// A token bucket in eight bytes: all that has to be known is when it will be full again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bucket {
    full_at_us: u64,
}

impl Bucket {
    /// Takes a token if there is one.
    pub fn take(&mut self, now: Millis, rate: Rate) -> bool {
        let mut taken = *self;
        let is_within = taken.owe(now, rate) == 0;
        if is_within {
            *self = taken;
        }
        is_within
    }

    /// Takes a token even if there is none. Returns how long it takes until none is owed any more.
    pub fn owe(&mut self, now: Millis, rate: Rate) -> Millis {
        let now_us = now.saturating_mul(1_000);
        self.full_at_us = self.full_at_us.max(now_us).saturating_add(rate.interval_us());
        self.debt(now, rate)
    }

    /// How long it takes until no token is owed.
    #[must_use]
    pub fn debt(&self, now: Millis, rate: Rate) -> Millis {
        let burst_us = rate.interval_us() * u64::from(rate.burst.max(1));
        self.full_at_us.saturating_sub(now.saturating_mul(1_000).saturating_add(burst_us)).div_ceil(1_000)
    }

    /// Whether it is as if nothing had ever been taken.
    #[must_use]
    pub fn is_full(&self, now: Millis) -> bool {
        self.full_at_us <= now.saturating_mul(1_000)
    }
}

impl Rate {
    fn interval_us(self) -> u64 {
        (1_000_000 / u64::from(self.per_s.max(1))).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_s: 10, burst: 3 };

    fn taken(bucket: &mut Bucket, now: Millis, tries: usize) -> usize {
        (0..tries).filter(|_| bucket.take(now, RATE)).count()
    }

    #[test]
    fn a_burst_and_then_the_rate() {
        let mut bucket = Bucket::default();
        assert_eq!(taken(&mut bucket, 5_000, 10), 3);
        assert_eq!(taken(&mut bucket, 5_099, 10), 0);
        assert_eq!(taken(&mut bucket, 5_100, 10), 1);
        assert_eq!(taken(&mut bucket, 5_300, 10), 2);
        assert_eq!(taken(&mut bucket, 60_000, 10), 3, "rest doesn't add up to more than a burst");
    }

    #[test]
    fn what_is_refused_costs_nothing() {
        let mut bucket = Bucket::default();
        assert_eq!(taken(&mut bucket, 0, 1_000), 3);
        assert_eq!(taken(&mut bucket, 100, 1_000), 1);
    }

    #[test]
    fn debt_grows_with_each_token_and_passes_with_time() {
        let mut bucket = Bucket::default();
        let debts: Vec<Millis> = (0..5).map(|_| bucket.owe(1_000, RATE)).collect();
        assert_eq!(debts, [0, 0, 0, 100, 200]);
        assert_eq!((bucket.debt(1_150, RATE), bucket.debt(1_200, RATE)), (50, 0));
        assert!(!bucket.is_full(1_499) && bucket.is_full(1_500));
    }

    #[test]
    fn odd_rates_and_times_are_survived() {
        for per_s in [0, 1, 3, 999_999, u32::MAX] {
            let mut bucket = Bucket::default();
            for now in [0, 1, Millis::MAX / 2, Millis::MAX] {
                bucket.owe(now, Rate { per_s, burst: u32::MAX });
                bucket.take(now, Rate { per_s, burst: 0 });
            }
        }
    }
}
