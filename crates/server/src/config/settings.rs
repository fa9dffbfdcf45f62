//! The layers of settings, as one flat table from full key to value and where it was set.
//!
//! The default file is the schema: it says which keys exist and what type each has. This module knows TOML, the
//! environment and how to name a mistake; it doesn't know what any key means.

use std::{collections::BTreeMap, fmt, ops::RangeInclusive, path::Path, time::Duration};

use anyhow::{Context, bail};
use toml::de::{DeTable, DeValue};

const DEFAULTS: &str = include_str!("default.toml");
const ENVIRONMENT_PREFIX: &str = "CAMPANILE_";

/// All settings, each with its source.
#[derive(Clone, Debug)]
pub(super) struct Settings(BTreeMap<String, Setting>);

#[derive(Clone, Debug)]
struct Setting {
    value: Value,
    source: Source,
}

/// A value of one of the four types that settings have.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Switch(bool),
    Integer(i64),
    Text(String),
    List(Vec<String>),
}

/// Where a value was set; it opens every message about it.
#[derive(Clone, Debug)]
enum Source {
    Default,
    File { name: String, line: usize },
    Environment(String),
    CommandLine(&'static str),
}

impl Settings {
    /// The compiled-in defaults.
    pub(super) fn defaults() -> Self {
        let mut settings = Self(BTreeMap::new());
        let table =
            DeTable::parse(DEFAULTS).expect("the default file is part of the binary and tested to be TOML");
        settings.declare("", table.get_ref());
        settings
    }

    fn declare(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let key = format!("{prefix}{}", name.get_ref());
            match value.get_ref() {
                DeValue::Table(inner) => self.declare(&format!("{key}."), inner),
                value => {
                    let value =
                        Value::from_toml(value).expect("the default file has the four types only, tested");
                    self.0.insert(key, Setting { value, source: Source::Default });
                }
            }
        }
    }

    /// Lays a file over what is set so far.
    pub(super) fn add_file(&mut self, path: &Path) -> anyhow::Result<()> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("{name}: cannot be read"))?;
        let file = File { name, text: &text };
        match DeTable::parse(&text) {
            Ok(table) => self.add_table(&file, "", table.get_ref()),
            Err(error) => {
                let line = file.line(error.span().map_or(0, |span| span.start));
                bail!("{}: {}", file.source(line), error.message().replace('\n', ", "))
            }
        }
    }

    fn add_table(&mut self, file: &File<'_>, prefix: &str, table: &DeTable<'_>) -> anyhow::Result<()> {
        for (name, value) in table {
            let key = format!("{prefix}{}", name.get_ref());
            let source = file.source(file.line(name.span().start));
            match value.get_ref() {
                DeValue::Table(inner) if self.is_table(&key) => {
                    self.add_table(file, &format!("{key}."), inner)?;
                }
                _ if self.is_table(&key) => bail!("{source}: \"{key}\" is a table, written [{key}]"),
                value => self.set(&key, source, |expected| expected.read_toml(value))?,
            }
        }
        Ok(())
    }

    /// Lays the `CAMPANILE_…` variables of an environment over what is set so far. Returns a warning for each that is
    /// no key: other programs set variables too (Kubernetes does for every service), so they don't stop the hub.
    pub(super) fn add_environment(
        &mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> anyhow::Result<Vec<String>> {
        let mut warnings = Vec::new();
        for (variable, text) in variables {
            let Some(name) = variable.strip_prefix(ENVIRONMENT_PREFIX) else { continue };
            let key = name.to_ascii_lowercase().replace("__", ".");
            if self.0.contains_key(&key) {
                self.set(&key, Source::Environment(variable), |expected| expected.read_text(&text))?;
            } else {
                warnings.push(format!(
                    "environment variable {variable} is ignored: unknown key \"{key}\"{}",
                    self.suggestion(&key)
                ));
            }
        }
        Ok(warnings)
    }

    /// Sets what an option of the command line says.
    pub(super) fn add_option(&mut self, option: &'static str, key: &str, value: Value) -> anyhow::Result<()> {
        self.set(key, Source::CommandLine(option), |_| Some(value))
    }

    fn set(
        &mut self,
        key: &str,
        source: Source,
        read: impl FnOnce(&Value) -> Option<Value>,
    ) -> anyhow::Result<()> {
        let Some(setting) = self.0.get_mut(key) else {
            bail!("{source}: unknown key \"{key}\"{}", self.suggestion(key));
        };
        let Some(value) = read(&setting.value) else {
            bail!("{source}: \"{key}\" must be {}", setting.value.type_name());
        };
        *setting = Setting { value, source };
        Ok(())
    }

    fn is_table(&self, key: &str) -> bool {
        let prefix = format!("{key}.");
        self.0.range(prefix.clone()..).next().is_some_and(|(next, _)| next.starts_with(&prefix))
    }

    /// What the author of an unknown key may have meant: a similar name in the same table, or the same name in
    /// another one.
    fn suggestion(&self, unknown: &str) -> String {
        let (table, name) = unknown.rsplit_once('.').map_or(("", unknown), |(table, name)| (table, name));
        let siblings = self.0.keys().filter_map(|key| {
            let rest = if table.is_empty() { key } else { key.strip_prefix(table)?.strip_prefix('.')? };
            rest.split('.').next()
        });
        let similar = siblings
            .map(|sibling| (strsim::jaro_winkler(sibling, name), sibling))
            .filter(|(similarity, _)| *similarity > 0.85)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let elsewhere = || self.0.keys().find(|key| key.rsplit('.').next() == Some(name));
        match similar.map(|(_, sibling)| sibling).or_else(|| elsewhere().map(String::as_str)) {
            Some(meant) => format!(" (did you mean \"{meant}\"?)"),
            None => String::new(),
        }
    }

    /// The value of a switch.
    pub(super) fn switch(&self, key: &str) -> bool {
        match self.value(key) {
            Value::Switch(on) => *on,
            other => wrong_accessor(key, other),
        }
    }

    /// The value of a text.
    pub(super) fn text(&self, key: &str) -> &str {
        match self.value(key) {
            Value::Text(text) => text,
            other => wrong_accessor(key, other),
        }
    }

    /// The values of a list.
    pub(super) fn list(&self, key: &str) -> &[String] {
        match self.value(key) {
            Value::List(items) => items,
            other => wrong_accessor(key, other),
        }
    }

    /// The value of a number, which must lie in a range.
    pub(super) fn integer<N: TryFrom<i64>>(
        &self,
        key: &str,
        range: RangeInclusive<i64>,
    ) -> anyhow::Result<N> {
        let number = match self.value(key) {
            Value::Integer(number) => *number,
            other => wrong_accessor(key, other),
        };
        match N::try_from(number) {
            Ok(fitting) if range.contains(&number) => Ok(fitting),
            _ => {
                Err(self.refusal(key, format!("must be {} to {}, not {number}", range.start(), range.end())))
            }
        }
    }

    /// The value of a number of milliseconds, which must lie in a range.
    pub(super) fn millis(&self, key: &str, range: RangeInclusive<i64>) -> anyhow::Result<Duration> {
        self.integer(key, range).map(Duration::from_millis)
    }

    /// The meaning of a text that must be one of a few words.
    pub(super) fn choice<T: Clone>(&self, key: &str, choices: &[(&str, T)]) -> anyhow::Result<T> {
        let text = self.text(key);
        if let Some((_, meaning)) = choices.iter().find(|(word, _)| *word == text) {
            return Ok(meaning.clone());
        }
        let words: Vec<_> = choices.iter().map(|(word, _)| format!("{word:?}")).collect();
        Err(self.refusal(key, format!("must be one of {}, not {text:?}", words.join(", "))))
    }

    /// The error for a value that has the right type but can't be used.
    pub(super) fn refusal(&self, key: &str, why: impl fmt::Display) -> anyhow::Error {
        anyhow::anyhow!("{}: \"{key}\" {why}", self.setting(key).source)
    }

    /// All keys that exist.
    #[cfg(test)]
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    fn value(&self, key: &str) -> &Value {
        &self.setting(key).value
    }

    fn setting(&self, key: &str) -> &Setting {
        self.0
            .get(key)
            .expect("every key that is read is in the default file: reading the defaults is tested")
    }
}

/// The default file gives a key its type for good, so this is a slip in the code that reads it.
fn wrong_accessor(key: &str, value: &Value) -> ! {
    panic!("\"{key}\" is declared as {} in the default file", value.type_name())
}

impl Value {
    fn from_toml(value: &DeValue<'_>) -> Option<Self> {
        Some(match value {
            DeValue::Boolean(on) => Self::Switch(*on),
            DeValue::Integer(digits) => {
                Self::Integer(i64::from_str_radix(digits.as_str(), digits.radix()).ok()?)
            }
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Array(items) => {
                let text = |item: &DeValue<'_>| item.as_str().map(str::to_owned);
                Self::List(items.iter().map(|item| text(item.get_ref())).collect::<Option<_>>()?)
            }
            DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => return None,
        })
    }

    /// Reads a TOML value of the same type as `self`; one text also makes a list.
    fn read_toml(&self, value: &DeValue<'_>) -> Option<Self> {
        match (self, Self::from_toml(value)?) {
            (Self::List(_), Self::Text(text)) => Some(Self::List(vec![text])),
            (expected, value) if std::mem::discriminant(expected) == std::mem::discriminant(&value) => {
                Some(value)
            }
            _ => None,
        }
    }

    /// Reads a value of the same type as `self` from a variable: TOML, or a text without its quotes.
    fn read_text(&self, text: &str) -> Option<Self> {
        let parsed = DeValue::parse(text).ok().and_then(|value| self.read_toml(value.get_ref()));
        parsed.or_else(|| match self {
            Self::Text(_) => Some(Self::Text(text.to_owned())),
            Self::List(_) => Some(Self::List(vec![text.to_owned()])),
            Self::Switch(_) | Self::Integer(_) => None,
        })
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Switch(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Text(_) => "a text in quotes",
            Self::List(_) => "a list of texts in quotes",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::Environment(variable) => write!(f, "environment variable {variable}"),
            Self::CommandLine(option) => f.write_str(option),
        }
    }
}

/// A file being read.
struct File<'a> {
    name: String,
    text: &'a str,
}

impl File<'_> {
    fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }

    fn source(&self, line: usize) -> Source {
        Source::File { name: self.name.clone(), line }
    }
}
