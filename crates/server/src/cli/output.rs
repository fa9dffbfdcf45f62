//! What a command prints: the hub's answer as it came, or a table or a record of it for people.
//!
//! Some of what is shown was written by strangers (a User-Agent, a provider's name), so nothing of it may steer a
//! terminal.

use std::{
    collections::BTreeSet,
    io::{ErrorKind, Write},
};

use anyhow::Context;
use serde_json::Value;

use super::{shell, time};

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// People.
    Table,
    /// Programs.
    Json,
}

/// What the hub answered.
#[derive(Debug)]
pub(super) struct Answer {
    text: String,
    value: Value,
    format: Format,
}

impl Answer {
    /// Reads an answer: a JSON object, or nothing where there is nothing to say.
    pub(super) fn read(text: String, format: Format) -> Option<Self> {
        let value = if text.is_empty() { Some(Value::Null) } else { serde_json::from_str(&text).ok() };
        let value = value.filter(|value| value.is_object() || text.is_empty())?;
        Some(Self { text, value, format })
    }

    /// A field of it.
    pub(super) fn field(&self, name: &str) -> Value {
        self.value[name].clone()
    }

    /// Whether people read what is printed.
    pub(super) fn is_for_people(&self) -> bool {
        self.format == Format::Table
    }

    /// Prints a list. A column is named after its field, or the path to it.
    pub(super) fn list(self, columns: &[&str]) -> anyhow::Result<()> {
        if self.format == Format::Json {
            return self.verbatim();
        }
        let items = self.value["items"].as_array().map_or(&[][..], Vec::as_slice);
        print(&table(columns, items))?;
        if let Some(next) = self.value["next"].as_str() {
            eprintln!("there are more: --after {}", shell::quoted(&shown(next)));
        }
        Ok(())
    }

    /// Prints these fields of one thing.
    pub(super) fn record(self, fields: &[&str]) -> anyhow::Result<()> {
        match self.format {
            Format::Json => self.verbatim(),
            Format::Table => print(&record(fields, &self.value)),
        }
    }

    /// Prints objects of a structure, with a column for each field that one of them has.
    pub(super) fn objects(self) -> anyhow::Result<()> {
        if self.format == Format::Json {
            return self.verbatim();
        }
        let items = self.value["items"].as_array().map_or(&[][..], Vec::as_slice);
        print(&table(&columns(items), items))?;
        let number = |name: &str| self.value[name].as_u64();
        if let (Some(page), Some(size), Some(total)) = (number("page"), number("page_size"), number("total"))
            && (page + 1) * size < total
        {
            eprintln!("there are more, {total} in all: --page {}", page + 1);
        }
        Ok(())
    }

    /// Prints an object of a structure, with all its fields.
    pub(super) fn object(self) -> anyhow::Result<()> {
        match self.format {
            Format::Json => self.verbatim(),
            Format::Table => print(&record(&columns(std::slice::from_ref(&self.value)), &self.value)),
        }
    }

    /// Says what is done now.
    pub(super) fn done(self, sentence: &str) -> anyhow::Result<()> {
        match self.format {
            Format::Json => self.verbatim(),
            Format::Table => print(&format!("{sentence}\n")),
        }
    }

    /// The answer with a field that the hub can't have put there.
    pub(super) fn with(mut self, field: &str, text: String) -> Self {
        self.value[field] = text.into();
        Self { text: self.value.to_string(), ..self }
    }

    fn verbatim(self) -> anyhow::Result<()> {
        match self.text.trim_end() {
            "" => Ok(()),
            text => print(&format!("{text}\n")),
        }
    }
}

/// Prints to standard output. Whoever closes it early has seen enough.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to standard output"),
    }
}

fn table(columns: &[&str], items: &[Value]) -> String {
    if items.is_empty() {
        return "none\n".to_owned();
    }
    let heading = columns.iter().map(|column| heading(column).to_owned()).collect();
    let lines = items.iter().map(|item| columns.iter().map(|column| cell(item, column)).collect());
    let lines: Vec<Vec<String>> = std::iter::once(heading).chain(lines).collect();
    let widths: Vec<usize> =
        (0..columns.len()).map(|at| lines.iter().map(|line| width(&line[at])).max().unwrap_or(0)).collect();
    lines.iter().map(|line| aligned(line, &widths)).collect()
}

/// The names of all fields of objects; what every object has stands at the ends.
fn columns(objects: &[Value]) -> Vec<&str> {
    let names = objects.iter().filter_map(Value::as_object).flat_map(|object| object.keys());
    let own: BTreeSet<&str> =
        names.map(String::as_str).filter(|name| !OF_EVERY_OBJECT.contains(name)).collect();
    let [id, rest @ ..] = OF_EVERY_OBJECT;
    [id].into_iter().chain(own).chain(rest).collect()
}

const OF_EVERY_OBJECT: [&str; 5] = ["id", "version", "created_at_ms", "updated_at_ms", "created_by"];

fn record(fields: &[&str], value: &Value) -> String {
    let shown = fields.iter().filter(|field| !find(value, field).is_null());
    let lines: Vec<[String; 2]> =
        shown.map(|field| [heading(field).to_owned(), cell(value, field)]).collect();
    let names = lines.iter().map(|[name, _]| width(name)).max().unwrap_or(0);
    lines.iter().map(|line| aligned(line, &[names, 0])).collect()
}

fn aligned(cells: &[String], widths: &[usize]) -> String {
    let padded: String = cells
        .iter()
        .zip(widths)
        .map(|(cell, wide)| format!("{cell}{:1$}  ", "", wide - width(cell).min(*wide)))
        .collect();
    format!("{}\n", padded.trim_end())
}

fn width(cell: &str) -> usize {
    cell.chars().count()
}

/// The field's name without its unit, which the cell shows: `created_at_ms` says when something was created.
fn heading(column: &str) -> &str {
    let name = column.rsplit('.').next().unwrap_or(column);
    let name = name.strip_suffix("_ms").unwrap_or(name);
    name.strip_suffix("_at").unwrap_or(name)
}

fn find<'a>(item: &'a Value, column: &str) -> &'a Value {
    column.split('.').fold(item, |value, name| &value[name])
}

fn cell(item: &Value, column: &str) -> String {
    let text = match find(item, column) {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_i64() {
            Some(at_ms) if column.ends_with("at_ms") => time::date_and_time(at_ms),
            Some(ms) if column.ends_with("_ms") => time::duration(ms),
            _ => number.to_string(),
        },
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    shown(&text)
}

/// A text in one line that a terminal shows and doesn't obey.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|c| if is_shown(c) { c } else { '\u{fffd}' }).collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Neither control characters, nor those that turn the direction of what follows.
fn is_shown(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{record, table};

    #[test]
    fn a_table_is_as_wide_as_its_widest_cells() {
        let items = [
            json!({ "id": "anna", "online": true, "created_at_ms": 0, "settings": { "bridge": "open" } }),
            json!({ "id": "Ænes-Þór", "online": false, "created_at_ms": null }),
        ];
        let expected = "\
id        online  created               bridge
anna      yes     1970-01-01 00:00:00Z  open
Ænes-Þór  no      -                     -
";
        assert_eq!(table(&["id", "online", "created_at_ms", "settings.bridge"], &items), expected);
        assert_eq!(table(&["id"], &[]), "none\n");
    }

    #[test]
    fn a_record_shows_what_is_there() {
        let value =
            json!({ "id": "sk_1", "scopes": ["push", "manage"], "profile": { "city": "Brig" }, "name": "" });
        let expected = "id       sk_1\nname\nscopes   push, manage\nprofile  {\"city\":\"Brig\"}\n";
        assert_eq!(record(&["id", "name", "scopes", "profile", "revoked_at_ms"], &value), expected);
    }

    #[test]
    fn nothing_shown_steers_the_terminal() {
        let value = json!({ "user_agent": "\u{1b}]0;gotcha\u{7}\r\n\u{202e}x" });
        assert_eq!(
            record(&["user_agent"], &value),
            "user_agent  \u{fffd}]0;gotcha\u{fffd}\u{fffd}\u{fffd}\u{fffd}x\n"
        );
    }
}
