//! The few fields of a payload that the hub reads or adds. Everything else stays the raw text that came in.

use std::{
    borrow::{Borrow, Cow},
    sync::Arc,
};

use campanile_hub::ShardId;
use campanile_protocol::json::{self, RawString};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use super::BridgeError;

/// Names a provider within its app: 1 to 256 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProviderId(Arc<str>);

impl ProviderId {
    /// The longest id.
    pub const BYTES_MAX: usize = 256;

    /// Checks an id that came from outside; `field` names it in the error.
    ///
    /// # Errors
    /// It is empty or too long.
    pub fn new(id: &str, field: &str) -> Result<Self, BridgeError> {
        Self::check(id, field).map(|()| Self(id.into()))
    }

    fn check(id: &str, field: &str) -> Result<(), BridgeError> {
        match id.len() {
            0 => Err(BridgeError::field(field, "must not be empty")),
            len if len > Self::BYTES_MAX => {
                Err(BridgeError::field(field, "must not be longer than 256 bytes"))
            }
            _ => Ok(()),
        }
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The shard that all calls from outside about this provider go through, so that they keep their order.
    #[must_use]
    pub fn speaker(&self, shards: usize) -> ShardId {
        let sum: usize = self.0.bytes().map(usize::from).sum();
        (sum % shards.max(1)) as ShardId
    }
}

impl Borrow<str> for ProviderId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A payload that is known to be a JSON object, with its members found in one pass.
pub(crate) struct Payload<'a> {
    raw: &'a str,
    members: SmallVec<[(RawString<'a>, &'a str); 8]>,
}

impl<'a> Payload<'a> {
    /// The first argument of an event.
    pub(crate) fn of(args: &[&'a str]) -> Result<Self, BridgeError> {
        let raw = *args.first().ok_or_else(|| BridgeError::field("payload", "is missing"))?;
        let members = json::object_entries(raw).map(Iterator::collect);
        match members.map(|members| Self { raw, members }) {
            // A placeholder stands for bytes and is no object.
            Some(payload) if payload.get("_placeholder") != Some("true") => Ok(payload),
            _ => Err(BridgeError::field("payload", "must be an object")),
        }
    }

    pub(crate) fn raw(&self) -> &'a str {
        self.raw
    }

    /// The last of the members with this name, which is the one that counts in JSON.
    pub(crate) fn get(&self, field: &str) -> Option<&'a str> {
        self.members.iter().rev().find(|(name, _)| name.is(field)).map(|(_, value)| *value)
    }

    pub(crate) fn provider_id(&self, field: &str) -> Result<ProviderId, BridgeError> {
        self.optional_provider_id(field)?.ok_or_else(|| BridgeError::field(field, "is missing"))
    }

    pub(crate) fn optional_provider_id(&self, field: &str) -> Result<Option<ProviderId>, BridgeError> {
        self.id(field)?.map(|id| ProviderId::new(&id, field)).transpose()
    }

    /// A field that names somebody.
    pub(crate) fn id(&self, field: &str) -> Result<Option<Cow<'a, str>>, BridgeError> {
        let Some(raw) = self.get(field) else { return Ok(None) };
        let id = json::string(raw).ok_or_else(|| BridgeError::field(field, "must be a string"))?;
        ProviderId::check(&id, field)?;
        Ok(Some(id))
    }

    /// The payload with these raw members in place of any that it had under their names, however spelled.
    pub(crate) fn with(&self, members: &[(&str, &str)]) -> String {
        let mut out = Vec::with_capacity(self.raw.len() + 96);
        json::with_members(&mut out, self.raw, members);
        // Spliced from valid text at the borders of its values, so it is valid text.
        String::from_utf8(out).unwrap_or_default()
    }
}

/// A raw JSON value in a form that two spellings of the same string share: providers echo values through their own
/// JSON library, which may write them differently.
pub(crate) fn canonical(raw: &str) -> Box<str> {
    match json::string(raw) {
        Some(text) => format!("s{text}").into(),
        None => format!("v{raw}").into(),
    }
}

/// `text` as raw JSON.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    json::write_string(&mut out, text);
    String::from_utf8(out).unwrap_or_default()
}
