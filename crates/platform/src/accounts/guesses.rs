//! Failed logins, counted by account and by address in windows of time: whoever guesses has to wait.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use campanile_hub::Tenant;

use super::{AccountError, Code, Options};

/// Subjects that are remembered; beyond it those whose window is over are forgotten, and then all.
const SUBJECTS_MAX: usize = 100_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Account(Option<Tenant>, Box<str>),
    Address(IpAddr),
}

#[derive(Clone, Copy, Debug)]
struct Window {
    failures: u32,
    ends_at_ms: i64,
}

/// The failed logins of late.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    windows: Mutex<HashMap<Subject, Window>>,
}

/// One attempt: to log in as somebody from somewhere. Without an app it is an administrator's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) app: Option<Tenant>,
    pub(crate) account: &'a str,
    pub(crate) address: Option<IpAddr>,
}

impl Guesses {
    /// Counts the attempt as failed until [`Guesses::forgive`] says otherwise, so that many at once count as well.
    pub(crate) fn begin(
        &self,
        attempt: Attempt<'_>,
        options: &Options,
        now_ms: i64,
    ) -> Result<(), AccountError> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut windows, now_ms);
        let limits = [options.login_failures_per_account_max, options.login_failures_per_address_max];
        let subjects: Vec<(Subject, u32)> = attempt.subjects().zip(limits).collect();
        for (subject, failures_max) in &subjects {
            let open = windows.get(subject).filter(|window| window.ends_at_ms > now_ms);
            if let Some(window) = open.filter(|window| window.failures >= *failures_max) {
                return Err(too_many(window.ends_at_ms - now_ms));
            }
        }
        let ends_at_ms = now_ms + options.login_window.as_millis() as i64;
        for (subject, _) in subjects {
            let window = windows.entry(subject).or_insert(Window { failures: 0, ends_at_ms });
            if window.ends_at_ms <= now_ms {
                *window = Window { failures: 0, ends_at_ms };
            }
            window.failures += 1;
        }
        Ok(())
    }

    /// The attempt was no guess.
    pub(crate) fn forgive(&self, attempt: Attempt<'_>) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        for subject in attempt.subjects() {
            if let Some(window) = windows.get_mut(&subject) {
                window.failures = window.failures.saturating_sub(1);
            }
        }
    }
}

impl Attempt<'_> {
    fn subjects(&self) -> impl Iterator<Item = Subject> + use<> {
        let account = Subject::Account(self.app, self.account.into());
        [Some(account), self.address.map(|address| Subject::Address(network(address)))].into_iter().flatten()
    }
}

/// Of an IPv6 address what one subscriber has: its /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

fn make_room(windows: &mut HashMap<Subject, Window>, now_ms: i64) {
    if windows.len() >= SUBJECTS_MAX {
        windows.retain(|_, window| window.ends_at_ms > now_ms);
    }
    if windows.len() >= SUBJECTS_MAX {
        windows.clear();
    }
}

fn too_many(wait_ms: i64) -> AccountError {
    let message = "too many failed logins; wait (limits.login_failures_per_account_max and _per_address_max)";
    let retry_after_s = Some(u32::try_from(wait_ms / 1_000 + 1).unwrap_or(u32::MAX));
    AccountError { retry_after_s, ..AccountError::new(Code::LimitReached, message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options { login_failures_per_account_max: 3, login_failures_per_address_max: 5, ..Options::default() }
    }

    fn attempt(account: &str, address: u8) -> Attempt<'_> {
        Attempt { app: Some(Tenant(1)), account, address: Some(IpAddr::from([10, 0, 0, address])) }
    }

    #[test]
    fn an_account_is_closed_after_its_failures_and_opens_when_the_window_is_over() {
        let (guesses, options) = (Guesses::default(), options());
        for address in 0..3 {
            assert!(guesses.begin(attempt("ann", address), &options, 0).is_ok());
        }
        let refused = guesses.begin(attempt("ann", 9), &options, 1_000).unwrap_err();
        assert_eq!((refused.code, refused.retry_after_s), (Code::LimitReached, Some(300)));
        assert!(guesses.begin(attempt("bob", 9), &options, 1_000).is_ok());
        assert!(guesses.begin(attempt("ann", 9), &options, 300_000).is_ok());
    }

    #[test]
    fn an_address_is_closed_whatever_accounts_it_tries() {
        let (guesses, options) = (Guesses::default(), options());
        for account in ["a", "b", "c", "d", "e"] {
            assert!(guesses.begin(attempt(account, 1), &options, 0).is_ok());
        }
        assert!(guesses.begin(attempt("f", 1), &options, 0).is_err());
        assert!(guesses.begin(attempt("f", 2), &options, 0).is_ok());
    }

    #[test]
    fn a_right_password_counts_for_nothing() {
        let (guesses, options) = (Guesses::default(), options());
        for _ in 0..100 {
            guesses.begin(attempt("ann", 1), &options, 0).unwrap();
            guesses.forgive(attempt("ann", 1));
        }
    }
}
