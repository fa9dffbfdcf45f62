//! The settings of an app: what its owner may set, what of that is refused, and how it is kept.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{AccountError, Result};
use crate::{data, scenarios::schedule::Zone};

/// What the owner of an app has set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct AppSettings {
    /// Whether sockets without a session are let in; they get broadcasts only.
    pub anonymous: Access,
    /// Whether anybody may use the bridge.
    pub bridge: BridgeAccess,
    /// How long a session lives after it was last used; 0 = as the configuration says.
    #[schema(format = Int64, maximum = 4_294_967_295_u64)]
    pub session_ttl_s: u32,
    /// The IANA time zone in which schedules of scenarios are meant that name none.
    #[serde(deserialize_with = "known_zone")]
    pub time_zone: Zone,
    /// What scenarios find under `GlobalVar`. Shown only to those who may change it.
    #[schema(value_type = Object)]
    pub globals: Map<String, Value>,
}

/// What is to change of an app's settings.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AppSettingsChange {
    /// Whether sockets without a session are let in; they get broadcasts only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anonymous: Option<Access>,
    /// Whether anybody may use the bridge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<BridgeAccess>,
    /// How long a session lives after it was last used; 0 = as the configuration says.
    #[serde(deserialize_with = "whole_number", skip_serializing_if = "Option::is_none")]
    #[schema(format = Int64, maximum = 4_294_967_295_u64)]
    pub session_ttl_s: Option<u32>,
    /// The IANA time zone in which schedules of scenarios are meant that name none; at first `UTC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What scenarios find under `GlobalVar`, all of it. Names are like those of fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub globals: Option<Map<String, Value>>,
}

/// Whether something is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// It is.
    #[default]
    Allow,
    /// It isn't.
    Deny,
}

/// Who may use an app's bridge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BridgeAccess {
    /// Everybody who may connect.
    #[default]
    Open,
    /// Providers need a secret key, clients a session.
    Locked,
}

/// JSON has one kind of number, so `5.0` is `5`.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<u32>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
    let is_fine = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    if is_fine { Ok(Some(number as u32)) } else { Err(D::Error::custom("must be a whole number of seconds")) }
}

/// A zone that was known when it was set may be missing where the database is opened next. That leaves the other settings
/// as they are: some of them keep people out.
fn known_zone<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Zone, D::Error> {
    let name = String::deserialize(deserializer)?;
    Ok(name.parse().unwrap_or_else(|problem| {
        tracing::warn!("an app's schedules are taken as UTC: {problem}");
        Zone::default()
    }))
}

impl AppSettingsChange {
    /// The settings with the change made.
    pub(super) fn made_to(self, settings: AppSettings, globals_bytes_max: usize) -> Result<AppSettings> {
        if let Some(globals) = &self.globals {
            check_globals(globals, globals_bytes_max)?;
        }
        let time_zone = self.time_zone.map(|name| name.parse());
        let time_zone =
            time_zone.transpose().map_err(|problem| AccountError::field("settings.time_zone", problem))?;
        Ok(AppSettings {
            anonymous: self.anonymous.unwrap_or(settings.anonymous),
            bridge: self.bridge.unwrap_or(settings.bridge),
            session_ttl_s: self.session_ttl_s.unwrap_or(settings.session_ttl_s),
            time_zone: time_zone.unwrap_or(settings.time_zone),
            globals: self.globals.unwrap_or(settings.globals),
        })
    }
}

fn check_globals(globals: &Map<String, Value>, bytes_max: usize) -> Result<()> {
    for name in globals.keys() {
        data::check_name("settings.globals", name)?;
    }
    if json!(globals).to_string().len() > bytes_max {
        let problem = format!("must not be larger than {bytes_max} bytes (limits.globals_bytes_max)");
        return Err(AccountError::field("settings.globals", problem));
    }
    Ok(())
}

impl AppSettings {
    /// For the audit log, which isn't for secrets: of the global variables only the names.
    pub(super) fn noted(&self) -> Value {
        let mut noted = json!(self);
        noted["globals"] = self.globals.keys().cloned().collect();
        noted
    }
}

/// Settings as they are stored. What an older version didn't know is at its default, and what a newer one knew is passed over.
pub(super) fn read(text: &str) -> AppSettings {
    serde_json::from_str(text).unwrap_or_default()
}

pub(super) fn write(settings: &AppSettings) -> String {
    serde_json::to_string(settings).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES_MAX: usize = 64;

    fn changed(settings: AppSettings, change: Value) -> std::result::Result<AppSettings, String> {
        let change: AppSettingsChange = serde_json::from_value(change).map_err(|error| error.to_string())?;
        change.made_to(settings, BYTES_MAX).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_mentioned_stays() {
        let all = json!({
            "anonymous": "deny", "bridge": "locked", "session_ttl_s": 60, "time_zone": "Europe/Berlin",
            "globals": { "city": "Brig" },
        });
        let settings = changed(AppSettings::default(), all.clone()).unwrap();
        assert_eq!(json!(settings), all);
        assert_eq!(changed(settings.clone(), json!({})), Ok(settings.clone()));
        let other = changed(settings, json!({ "globals": { "town": 1 } })).unwrap();
        assert_eq!((other.bridge, json!(other.globals)), (BridgeAccess::Locked, json!({ "town": 1 })));
        assert_eq!(read(&write(&other)), other);
    }

    #[test]
    fn mistakes_name_their_field() {
        for (change, expected) in [
            (
                json!({ "time_zone": "Mars" }),
                "settings.time_zone: \"Mars\" is no time zone: Europe/Berlin is one",
            ),
            (
                json!({ "globals": { "a b": 1 } }),
                "settings.globals: must have 1 to 64 letters a-z and A-Z, digits and \"_\", and no digit in front, not \"a b\"",
            ),
            (
                json!({ "globals": { "a": "x".repeat(BYTES_MAX) } }),
                "settings.globals: must not be larger than 64 bytes (limits.globals_bytes_max)",
            ),
        ] {
            assert_eq!(changed(AppSettings::default(), change.clone()), Err(expected.to_owned()), "{change}");
        }
        let fits = json!({ "globals": { "a": "x".repeat(BYTES_MAX - r#"{"a":""}"#.len()) } });
        changed(AppSettings::default(), fits).unwrap();
    }

    #[test]
    fn what_cannot_be_read_of_kept_settings_leaves_the_rest() {
        let kept =
            r#"{"anonymous": "deny", "bridge": "locked", "time_zone": "Mars", "of_a_newer_version": 1}"#;
        let expected =
            AppSettings { anonymous: Access::Deny, bridge: BridgeAccess::Locked, ..AppSettings::default() };
        assert_eq!(read(kept), expected);
    }

    #[test]
    fn the_audit_log_has_no_values_of_global_variables() {
        let settings = changed(AppSettings::default(), json!({ "globals": { "token": "secret" } })).unwrap();
        assert_eq!(settings.noted()["globals"], json!(["token"]));
    }
}
