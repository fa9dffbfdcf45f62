//! JSON that the operator typed, passed on with all its digits and in its order.

use std::{fmt, str::FromStr};

use serde::Serialize;
use serde_json::value::RawValue;

/// Any JSON value.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Json(Box<RawValue>);

impl Json {
    pub(super) fn is_list(&self) -> bool {
        self.0.get().starts_with('[')
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get())
    }
}

impl FromStr for Json {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map(Self).map_err(|error| format!("this isn't JSON: {error}"))
    }
}
