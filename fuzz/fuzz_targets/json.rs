//! The JSON scanner against serde_json: the same texts are accepted, cut into the same items, and found to have the same
//! members.

#![no_main]

use campanile_protocol::json::{self, JsonError};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, value::RawValue};

/// More than any input of the fuzzer can nest.
const DEEP: usize = 1 << 20;

fuzz_target!(|text: &str| {
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    let length = json::scan_value(text, DEEP);
    assert_eq!(is_json, length.is_ok_and(|length| text[length..].trim_matches(WHITESPACE).is_empty()));
    depth(text, length);
    items(text);
    if is_json {
        members(text);
        strings(text);
    }
    write(text);
});

const WHITESPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// There is one depth from which on a text is accepted.
fn depth(text: &str, length: Result<usize, JsonError>) {
    let first = (0..24).find(|depth| json::scan_value(text, *depth) != Err(JsonError::TooDeep));
    if let Some(first) = first {
        assert_eq!(json::scan_value(text, first), length);
        assert_eq!(json::scan_value(text, first + 1), length);
    }
}

fn items(text: &str) {
    let ours = json::array_items(text, DEEP).ok();
    let theirs = serde_json::from_str::<Vec<&RawValue>>(text).ok();
    let theirs: Option<Vec<&str>> = theirs.map(|items| items.iter().map(|item| item.get()).collect());
    assert_eq!(ours.as_deref(), theirs.as_deref());
}

fn members(text: &str) {
    // serde_json's tree is pickier than the grammar: lone surrogates, numbers beyond an f64, depth.
    let Ok(object) = serde_json::from_str::<Map<String, Value>>(text) else { return };
    let keys: Vec<String> = json::object_entries(text)
        .expect("it is an object")
        .map(|(key, _)| key.decode().into_owned())
        .collect();
    for key in &keys {
        let value = json::get(text, key).expect("the key was just seen");
        assert_eq!(serde_json::from_str::<Value>(value).ok().as_ref(), object.get(key));
    }
    assert!(object.keys().all(|key| keys.contains(key)));
    splice(text, object, keys.first());
}

/// Replacing a member replaces that one and keeps the others.
fn splice(text: &str, mut object: Map<String, Value>, replaced: Option<&String>) {
    let key = replaced.map_or("added", String::as_str);
    let mut spliced = Vec::new();
    json::with_members(&mut spliced, text, &[(key, "[true]")]);
    object.insert(key.to_owned(), Value::from(vec![true]));
    let spliced = serde_json::from_slice::<Map<String, Value>>(&spliced).expect("a spliced object is JSON");
    assert_eq!(spliced, object);
}

fn strings(text: &str) {
    let token = text.trim_matches(WHITESPACE);
    if let Ok(theirs) = serde_json::from_str::<String>(token) {
        assert_eq!(json::string(token).as_deref(), Some(&*theirs));
    }
}

fn write(text: &str) {
    let mut written = Vec::new();
    json::write_string(&mut written, text);
    let written = String::from_utf8(written).expect("a string of text is text");
    assert_eq!(serde_json::from_str::<String>(&written).ok().as_deref(), Some(text));
    assert_eq!(json::string(&written).as_deref(), Some(text));
}
