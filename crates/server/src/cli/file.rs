//! JSON in a file that a command names; `-` stands for standard input.

use std::{io::Read, path::Path};

use anyhow::{Context, bail};
use serde_json::{Map, Value};

use super::json::Json;

/// Any JSON value, as it stands in the file.
pub(super) fn read(file: &Path) -> anyhow::Result<Json> {
    let named = || format!("{}: cannot be read", file.display());
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).with_context(named)?;
    } else {
        text = std::fs::read_to_string(file).with_context(named)?;
    }
    text.trim().parse().map_err(|problem: String| anyhow::anyhow!("{}: {problem}", file.display()))
}

/// An object without what only the hub can say, so that what a command has printed can be put back.
pub(super) fn read_settings(file: &Path) -> anyhow::Result<Map<String, Value>> {
    let Ok(Value::Object(mut settings)) = serde_json::to_value(read(file)?) else {
        bail!("{}: must be one JSON object", file.display());
    };
    for name in ["objects", "created_at_ms", "updated_at_ms"] {
        settings.remove(name);
    }
    Ok(settings)
}

/// A text that settings must have.
pub(super) fn text<'a>(file: &Path, settings: &'a Map<String, Value>, name: &str) -> anyhow::Result<&'a str> {
    let text = settings.get(name).and_then(Value::as_str);
    text.with_context(|| format!("{}: has no {name:?}", file.display()))
}
