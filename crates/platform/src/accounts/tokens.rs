//! Secrets that the hub draws: session tokens, API keys, secret keys. Those that open something are kept as a hash.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::AccountError;
use crate::accounts::Code;

/// A secret of 256 random bits behind `prefix`, which tells people what it is.
pub(crate) fn secret(prefix: &str) -> Result<String, AccountError> {
    Ok(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<32>()?)))
}

/// A public name of 128 random bits, which nobody can guess either.
pub(crate) fn name(prefix: &str) -> Result<String, AccountError> {
    Ok(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(random::<16>()?)))
}

/// What is kept of a secret. One round is enough for 256 random bits: there is nothing to guess.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn random<const N: usize>() -> Result<[u8; N], AccountError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "the system gives no random bytes");
        AccountError::new(Code::StorageFailed, "the system gives no random bytes")
    })?;
    Ok(bytes)
}
