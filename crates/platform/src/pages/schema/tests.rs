use serde_json::{Value, json};

use super::document;
use crate::pages::{
    document::DocumentLimits,
    validate::{check, tests::everything},
};

fn validator() -> jsonschema::Validator {
    let schema = document(&DocumentLimits::default());
    jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_schema_in_the_documentation_is_up_to_date() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/page.schema.json");
    let current = format!("{:#}\n", document(&DocumentLimits::default()));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, &current).unwrap();
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    let command = "UPDATE=1 cargo test -p campanile-platform the_schema_in_the_documentation";
    assert!(kept == current, "docs/page.schema.json isn't what the types are: run `{command}`");
}

#[test]
fn it_is_a_schema_of_its_draft_and_needs_no_other() {
    let schema = document(&DocumentLimits::default());
    assert!(jsonschema::meta::is_valid(&schema), "{schema:#}");
    assert!(!schema.to_string().contains("components"), "{schema:#}");
}

/// What a value may wrongly be.
fn wrongs() -> [Value; 6] {
    [json!(null), json!(0), json!(99_999), json!("a b"), json!([7]), json!({ "x": 1 })]
}

/// The document with each of its parts in turn replaced by something else, taken away, or joined by a stranger.
fn variations(value: &Value) -> Vec<Value> {
    let mut all: Vec<Value> = wrongs().into();
    match value {
        Value::Object(members) => {
            let with = |name: &str, value: Option<Value>| {
                let mut members = members.clone();
                match value {
                    Some(value) => drop(members.insert(name.to_owned(), value)),
                    None => drop(members.remove(name)),
                }
                Value::Object(members)
            };
            all.push(with("stranger", Some(json!(1))));
            for (name, inner) in members {
                all.push(with(name, None));
                all.extend(variations(inner).into_iter().map(|inner| with(name, Some(inner))));
            }
        }
        Value::Array(items) => {
            all.push(json!([]));
            for (index, item) in items.iter().enumerate() {
                for item in variations(item) {
                    let mut items = items.clone();
                    items[index] = item;
                    all.push(items.into());
                }
            }
        }
        _ => {}
    }
    all
}

/// Of what only the validator can tell, these are the sentences.
const BEYOND: [&str; 2] = ["there are two with the name", "another block has the id"];

#[test]
fn the_schema_and_the_validator_agree_on_every_variation() {
    let validator = validator();
    assert!(validator.is_valid(&everything()));
    let variations = variations(&everything());
    assert!(variations.len() > 500, "{}", variations.len());
    for document in variations {
        let mistakes = check(&document, &DocumentLimits::default()).err().unwrap_or_default();
        let is_beyond =
            mistakes.iter().all(|mistake| BEYOND.iter().any(|start| mistake.message.starts_with(start)));
        assert_eq!(
            validator.is_valid(&document),
            mistakes.is_empty() || is_beyond,
            "{document} {mistakes:?}"
        );
    }
}
