//! Passwords: argon2id (RFC 9106), on a bounded number of threads.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;

use super::{AccountError, Code, Options};

/// Hashes and checks passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    at_once: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    waiting_max: usize,
    /// The hash of nobody's password, so that a user who doesn't exist takes as long to refuse as a wrong password.
    nobody: Arc<str>,
}

impl Passwords {
    pub(crate) fn new(options: &Options) -> Result<Self, AccountError> {
        let params = Params::new(options.password_memory_kib, options.password_passes, 1, None);
        let params = params.map_err(|error| AccountError::field("accounts.password_memory_kib", error))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash_now(&argon2, &super::tokens::secret("")?)?;
        let at_once = options.password_checks_at_once.max(1);
        let waiting_max = at_once + options.password_checks_waiting_max;
        Ok(Self {
            argon2,
            at_once: Arc::new(Semaphore::new(at_once)),
            waiting: Arc::new(Semaphore::new(waiting_max)),
            waiting_max,
            nobody: nobody.into(),
        })
    }

    /// How many are being hashed or checked, or wait for it.
    pub(crate) fn now(&self) -> u64 {
        (self.waiting_max - self.waiting.available_permits()) as u64
    }

    pub(crate) async fn hash(&self, password: String) -> Result<String, AccountError> {
        let argon2 = self.argon2.clone();
        self.run(move || hash_now(&argon2, &password)).await?
    }

    /// Whether it is the password that was hashed. Without a hash it never is, after the same time.
    pub(crate) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, AccountError> {
        let (nobody, argon2) = (self.nobody.clone(), self.argon2.clone());
        self.run(move || {
            let against = hash.as_deref().unwrap_or(&nobody);
            let is_right = PasswordHash::new(against)
                .is_ok_and(|hash| argon2.verify_password(password.as_bytes(), &hash).is_ok());
            is_right && hash.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let Ok(_waiting) = self.waiting.try_acquire() else { return Err(overloaded()) };
        let Ok(_turn) = self.at_once.acquire().await else { return Err(overloaded()) };
        tokio::task::spawn_blocking(work).await.map_err(|_| overloaded())
    }
}

fn hash_now(argon2: &Argon2<'_>, password: &str) -> Result<String, AccountError> {
    let hash = argon2.hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| {
        tracing::error!(%error, "a password can't be hashed");
        AccountError::new(Code::StorageFailed, "the password can't be hashed")
    })
}

fn overloaded() -> AccountError {
    let message = "too many logins are waiting (limits.password_checks_waiting_max)";
    AccountError { retry_after_s: Some(1), ..AccountError::new(Code::Overloaded, message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passwords(at_once: usize, waiting: usize) -> Passwords {
        let cheap = Options { password_memory_kib: 8, password_passes: 1, ..Options::default() };
        let options =
            Options { password_checks_at_once: at_once, password_checks_waiting_max: waiting, ..cheap };
        Passwords::new(&options).unwrap()
    }

    #[tokio::test]
    async fn only_the_password_that_was_hashed_is_right() {
        let passwords = passwords(1, 0);
        let hash = passwords.hash("open sesame".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        let verify = async |password: &str, hash| passwords.verify(password.to_owned(), hash).await.unwrap();
        assert!(verify("open sesame", Some(hash.clone())).await);
        assert!(!verify("open sesame ", Some(hash.clone())).await);
        assert!(!verify("", Some(hash)).await);
        assert!(!verify("open sesame", None).await, "nobody has a password without a hash");
        assert!(!verify("open sesame", Some("no hash at all".to_owned())).await);
    }

    #[tokio::test]
    async fn one_more_than_may_wait_is_refused_and_nobody_is_forgotten() {
        let passwords = passwords(1, 2);
        let (blocked, release) = std::sync::mpsc::channel::<()>();
        let works = async |passwords: Passwords, wait: Option<std::sync::mpsc::Receiver<()>>| {
            passwords.run(move || wait.map(|wait| wait.recv())).await.map(drop)
        };
        let first = tokio::spawn(works(passwords.clone(), Some(release)));
        let rest = [0; 2].map(|_| tokio::spawn(works(passwords.clone(), None)));
        while passwords.now() < 3 {
            tokio::task::yield_now().await;
        }
        let refused = passwords.hash("one too many".to_owned()).await.unwrap_err();
        assert_eq!((refused.code, refused.retry_after_s), (Code::Overloaded, Some(1)));
        blocked.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(()));
        for waiting in rest {
            assert_eq!(waiting.await.unwrap(), Ok(()));
        }
        assert_eq!(passwords.now(), 0);
    }
}
