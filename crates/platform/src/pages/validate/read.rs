//! The shape of a document: each part of it is read alone, so that a mistake in one doesn't hide those in the others.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{
    pages::document::{Block, Column, Document, Field, FormBlock, TableBlock},
    scenarios::validate::{Findings, read_part},
};

/// What could be read.
#[derive(Default)]
pub(super) struct Parts {
    /// All but the blocks.
    pub(super) head: Option<Document>,
    /// Each block with its path.
    pub(super) blocks: Vec<(String, Block)>,
    /// How many there are, those that couldn't be read as well.
    pub(super) count: usize,
    /// Columns of tables, each with its path.
    pub(super) columns: Vec<(String, Column)>,
    /// Fields of forms, each with its path.
    pub(super) fields: Vec<(String, Field)>,
}

impl Parts {
    /// The document, if all of it could be read.
    pub(super) fn whole(self) -> Option<Document> {
        let blocks = self.blocks.into_iter().map(|(_, block)| block).collect();
        self.head.map(|head| Document { blocks, ..head })
    }
}

pub(super) fn read(document: &Value, findings: &mut Findings) -> Parts {
    let Value::Object(members) = document else { return told(findings, "", "must be an object") };
    let mut head = members.clone();
    let listed = match head.insert("blocks".to_owned(), json!([])) {
        Some(Value::Array(blocks)) => blocks,
        Some(_) => told(findings, "blocks", "must be a list"),
        None => told(findings, "blocks", "is missing"),
    };
    // Its members don't depend on each other, so those that are right can be judged without the others.
    let mut parts =
        Parts { head: read_part("", head, findings).part, count: listed.len(), ..Parts::default() };
    for (index, value) in listed.into_iter().enumerate() {
        let path = format!("blocks[{index}]");
        if let Some(block) = parts.block(&path, value, findings) {
            parts.blocks.push((path, block));
        }
    }
    parts
}

fn told<T: Default>(findings: &mut Findings, path: &str, message: &str) -> T {
    findings.add(path, message);
    T::default()
}

impl Parts {
    fn block(&mut self, path: &str, value: Value, findings: &mut Findings) -> Option<Block> {
        let mut members = object(path, value, findings)?;
        let kind = members.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let list = if kind == "table" { "columns" } else { "fields" };
        let has_none = members.get(list).is_some_and(|list| list.as_array().is_some_and(Vec::is_empty));
        findings.expect(kind != "table" || !has_none, format!("{path}.columns"), "is empty");
        let listed = take_list(&mut members, list);
        let block = read_part(path, members, findings).complete();
        let path = format!("{path}.{list}");
        let (mut columns, mut fields) = (Vec::new(), Vec::new());
        match &*kind {
            "table" => columns = items(&path, listed, findings),
            "form" => fields = items(&path, listed, findings),
            _ => {}
        }
        self.columns.extend(columns.iter().cloned());
        self.fields.extend(fields.iter().cloned());
        Some(match block? {
            Block::TableBlock(table) => {
                Block::TableBlock(TableBlock { columns: without_paths(columns), ..table })
            }
            Block::FormBlock(form) => Block::FormBlock(FormBlock { fields: without_paths(fields), ..form }),
            other => other,
        })
    }
}

/// A list whose items are read one by one; in its place stays an empty one.
fn take_list(members: &mut Map<String, Value>, name: &str) -> Vec<Value> {
    match members.get_mut(name) {
        Some(Value::Array(items)) => std::mem::take(items),
        _ => Vec::new(),
    }
}

/// Those that could be read, each with its path; the others are told.
fn items<T: DeserializeOwned>(path: &str, items: Vec<Value>, findings: &mut Findings) -> Vec<(String, T)> {
    let read = |(index, value)| {
        let path = format!("{path}[{index}]");
        let members = object(&path, value, findings)?;
        let item = read_part(&path, members, findings).complete()?;
        Some((path, item))
    };
    items.into_iter().enumerate().filter_map(read).collect()
}

fn without_paths<T>(items: Vec<(String, T)>) -> Vec<T> {
    items.into_iter().map(|(_, item)| item).collect()
}

fn object(path: &str, value: Value, findings: &mut Findings) -> Option<Map<String, Value>> {
    match value {
        Value::Object(members) => Some(members),
        _ => told(findings, path, "must be an object"),
    }
}
