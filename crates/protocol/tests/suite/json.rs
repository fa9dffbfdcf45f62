//! Raw JSON: the scanner against serde_json, and the search and splice functions.

use std::borrow::Cow;

use campanile_protocol::json::*;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;

const DEPTH_MAX: usize = 64;

fn is_json(text: &str) -> bool {
    scan_value(text, DEPTH_MAX)
        .is_ok_and(|length| text[length..].trim_matches([' ', '\t', '\n', '\r']).is_empty())
}

fn spliced(object: &str, members: &[(&str, &str)]) -> String {
    let mut out = Vec::new();
    with_members(&mut out, object, members);
    String::from_utf8(out).expect("spliced from text")
}

#[test]
fn valid_values_are_measured() {
    for text in [
        "0",
        "-0",
        "10",
        "1.5",
        "-1.25e+10",
        "1E5",
        "1e-5",
        "true",
        "false",
        "null",
        r#""""#,
        r#""é😀""#,
        r#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#,
        r#""\ud800""#,
        "[]",
        "[ ]",
        "{}",
        "{ }",
        "[1,[2],{\"a\":[]}]",
        " \t\r\n{ \"a\" : 1 , \"a\" : [ ] }",
        "\"\u{7f}\"",
        "\"exactly8\"",
        "\"longer than eight bytes\"",
    ] {
        assert_eq!(scan_value(text, DEPTH_MAX), Ok(text.len()), "{text}");
        assert_eq!(scan_value(&format!("{text} ,"), DEPTH_MAX), Ok(text.len()), "{text} with more behind it");
    }
}

#[test]
fn invalid_values_are_refused() {
    for text in [
        "",
        " ",
        "-",
        "+1",
        ".5",
        "1.",
        "1e",
        "1e+",
        "-a",
        "tru",
        "True",
        "nul",
        "NaN",
        "'a'",
        "\"",
        "\"\\\"",
        r#""\x""#,
        r#""\u12g4""#,
        r#""\u12"#,
        r#""\u"#,
        "\"a\nb\"",
        "\"a\u{0}\"",
        "\"12345678\u{1f}\"",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "[1}",
        "{\"a\":1]",
        "]",
        "}",
        ",",
        ":",
        "\u{a0}1",
        "\u{feff}1",
        "/**/1",
    ] {
        assert_eq!(scan_value(text, DEPTH_MAX), Err(JsonError::Syntax), "{text:?}");
    }
}

#[test]
fn numbers_end_where_the_grammar_ends_them() {
    assert_eq!(scan_value("01", DEPTH_MAX), Ok(1));
    assert_eq!(scan_value("1.5.5", DEPTH_MAX), Ok(3));
    assert_eq!(array_items("[01]", DEPTH_MAX), Err(JsonError::Syntax));
    assert_eq!(array_items("[0x1]", DEPTH_MAX), Err(JsonError::Syntax));
}

#[test]
fn depth_is_limited() {
    assert_eq!(scan_value("1", 0), Ok(1));
    assert_eq!(scan_value("[]", 0), Err(JsonError::TooDeep));
    assert_eq!(scan_value(r#"{"a":[1]}"#, 2), Ok(9));
    assert_eq!(scan_value(r#"{"a":[[]]}"#, 2), Err(JsonError::TooDeep));
    assert_eq!(scan_value("[[],[],[]]", 2), Ok(10));
    assert_eq!(array_items("[]", 0), Err(JsonError::TooDeep));
    assert_eq!(array_items("[[1]]", 2).unwrap().as_slice(), ["[1]"]);
    assert_eq!(array_items("[[[]]]", 2), Err(JsonError::TooDeep));
}

#[test]
fn deep_nesting_needs_no_stack() {
    let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
    assert_eq!(scan_value(&deep, usize::MAX), Ok(2_000_000));
    assert_eq!(scan_value(&deep, 100), Err(JsonError::TooDeep));
    assert_eq!(object_entries(&format!("{{\"a\":{deep}}}")).unwrap().count(), 1);
}

#[test]
fn array_is_split_into_trimmed_items() {
    let items = array_items(" [ \"a,]\" , {\"b\" : [1, 2]} ,3 ] ", DEPTH_MAX).unwrap();
    assert_eq!(items.as_slice(), ["\"a,]\"", "{\"b\" : [1, 2]}", "3"]);
    assert!(array_items("[]", 1).unwrap().is_empty());
    for text in ["", "{}", "1", "[1]x", "[1][", "[", "[1,]", "[,]", "x[1]"] {
        assert_eq!(array_items(text, DEPTH_MAX), Err(JsonError::Syntax), "{text}");
    }
}

#[test]
fn entries_come_in_order_with_duplicates() {
    let object = r#" { "a" : 1 , "b}" : {"a":["}",{}]} ,"a":"x\"," , "c":-1.5e3 } "#;
    let entries: Vec<_> = object_entries(object).unwrap().map(|(key, value)| (key.raw(), value)).collect();
    assert_eq!(
        entries,
        [("\"a\"", "1"), ("\"b}\"", r#"{"a":["}",{}]}"#), ("\"a\"", r#""x\",""#), ("\"c\"", "-1.5e3")]
    );
    assert_eq!(object_entries("{}").unwrap().count(), 0);
    for other in ["[]", "1", "\"{}\"", "null", ""] {
        assert!(object_entries(other).is_none(), "{other}");
    }
}

#[test]
fn get_finds_the_last_value_at_the_top_level() {
    let object = r#"{"a":1,"b":{"a":2},"\u0061":3}"#;
    assert_eq!(get(object, "a"), Some("3"));
    assert_eq!(get(object, "b"), Some(r#"{"a":2}"#));
    assert_eq!(get(object, "c"), None);
    assert_eq!(get(r#"["a"]"#, "a"), None);
}

#[test]
fn keys_are_compared_decoded() {
    let key = |raw| object_entries(raw).unwrap().next().unwrap().0;
    assert!(key(r#"{"a\n\"":1}"#).is("a\n\""));
    assert!(key(r#"{"\ud83d\ude00":1}"#).is("😀"));
    assert!(!key(r#"{"a":1}"#).is("ab"));
    assert!(!key(r#"{"ab":1}"#).is("a"));
    assert!(!key(r#"{"a\\":1}"#).is("a\\\\"));
    assert!(!key(r#"{"\\n":1}"#).is("\n"));
}

#[test]
fn strings_are_decoded_and_borrowed_where_possible() {
    assert!(matches!(string("\"plain é\""), Some(Cow::Borrowed("plain é"))));
    assert_eq!(string(r#""\"\\\/\b\f\n\r\t\u00E9""#).unwrap(), "\"\\/\x08\x0c\n\r\té");
    assert_eq!(string(r#""\ud800""#).unwrap(), "\u{fffd}");
    assert_eq!(string(r#""\ud800\u0041""#).unwrap(), "\u{fffd}A");
    assert_eq!(string(r#""\ud800\ud83d\ude00""#).unwrap(), "\u{fffd}😀");
    assert_eq!(string(r#""\ude00\ud83d""#).unwrap(), "\u{fffd}\u{fffd}");
    for other in ["1", "null", "[\"a\"]", "\"", ""] {
        assert_eq!(string(other), None, "{other}");
    }
}

#[test]
fn written_strings_escape_only_what_they_must() {
    let mut out = Vec::new();
    write_string(&mut out, "é/\u{7f}\u{2028}\"\\\u{8}\u{c}\n\r\t\u{0}\u{1f}");
    assert_eq!(out, "\"é/\u{7f}\u{2028}\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\"".as_bytes());
}

#[test]
fn members_are_replaced_at_the_end() {
    assert_eq!(spliced(r#"{"a":1,"b":2}"#, &[("b", "\"x\"")]), r#"{"a":1,"b":"x"}"#);
    assert_eq!(spliced(r#"{"b":2,"a":1,"\u0062":3}"#, &[("b", "0"), ("c", "[]")]), r#"{"a":1,"b":0,"c":[]}"#);
    assert_eq!(spliced(r#"{"b":2}"#, &[("b", "0")]), r#"{"b":0}"#);
    assert_eq!(spliced(r#"{"a":{"b":1}}"#, &[("b", "0")]), r#"{"a":{"b":1},"b":0}"#);
    assert_eq!(spliced(" { \"a\" : [1, 2] } ", &[]), r#"{"a":[1, 2]}"#);
    assert_eq!(spliced("{}", &[]), "{}");
    assert_eq!(spliced("null", &[("\"", "1")]), r#"{"\"":1}"#);
}

/// Arbitrary JSON values, few enough keys for collisions.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Fractions that serde_json reads back exactly.
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        any::<String>().prop_map(Value::from),
        "[\"\\\\\u{0}-\u{1f}a-c]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("[ab\"\\\\é]{0,2}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// JSON text, compact or pretty, then damaged in a few places.
fn mutated() -> impl Strategy<Value = String> {
    let damage =
        (any::<prop::sample::Index>(), 0..3usize, "[\\[\\]{},:\"\\\\0-9eE+.u\u{0}-\u{20}a-fé-]{0,3}");
    (value(), any::<bool>(), prop::collection::vec(damage, 0..4)).prop_map(|(value, pretty, damages)| {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let mut chars: Vec<char> = text.expect("values serialise").chars().collect();
        for (at, removed, inserted) in damages {
            let start = at.index(chars.len() + 1);
            let end = (start + removed).min(chars.len());
            chars.splice(start..end, inserted.chars());
        }
        chars.into_iter().collect()
    })
}

/// Strings that are often JSON by chance.
fn token_soup() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "[", "]", "{", "}", ",", ":", "\"a\"", "\"\\n\"", "0", "-1", "1.5e3", "true", "null", " ", "\"",
            "\\", "\\u00e9", "\\u12", "e", ".", "-", "é",
        ]),
        0..12,
    )
    .prop_map(|tokens| tokens.concat())
}

/// serde_json's verdict. Skipping a value, it too lets lone surrogate escapes pass, so there is no known difference.
fn reference(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn scanner_agrees_on_mutated_json(text in mutated()) {
        prop_assert_eq!(is_json(&text), reference(&text), "{:?}", text);
    }

    #[test]
    fn scanner_agrees_on_token_soup(text in token_soup()) {
        prop_assert_eq!(is_json(&text), reference(&text), "{:?}", text);
    }

    #[test]
    fn scanner_agrees_on_arbitrary_text(text in any::<String>()) {
        prop_assert_eq!(is_json(&text), reference(&text), "{:?}", text);
        let quoted = format!("\"{text}\"");
        prop_assert_eq!(is_json(&quoted), reference(&quoted), "{:?}", quoted);
    }

    #[test]
    fn items_are_those_of_serde_json(text in prop_oneof![mutated(), token_soup()]) {
        for text in [format!("[{text}]"), text] {
            let expected = serde_json::from_str::<Vec<&RawValue>>(&text)
                .map(|items| items.into_iter().map(RawValue::get).collect::<Vec<_>>());
            let actual = array_items(&text, DEPTH_MAX);
            prop_assert_eq!(actual.ok().map(|items| items.to_vec()), expected.ok(), "{:?}", text);
        }
    }

    #[test]
    fn unvalidated_text_does_not_panic(text in prop_oneof![mutated(), token_soup(), any::<String>()]) {
        let _ = object_entries(&text).map(|entries| entries.map(|(key, _)| key.decode().len()).sum::<usize>());
        let _ = object_entries(&format!("{{{text}")).map(Iterator::count);
        let _ = (get(&text, "a"), string(&text), string(&format!("\"{text}\"")));
        let mut out = Vec::new();
        with_members(&mut out, &text, &[("a", "1")]);
    }

    #[test]
    fn strings_round_trip(text in any::<String>()) {
        let mut out = Vec::new();
        write_string(&mut out, &text);
        let raw = String::from_utf8(out).expect("written from text");
        prop_assert!(is_json(&raw));
        prop_assert_eq!(string(&raw).expect("a string"), text.as_str());
        let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        let escaped = format!("\"{escaped}\"");
        prop_assert_eq!(string(&escaped).expect("a string"), text);
    }

    #[test]
    fn spliced_object_has_exactly_the_wanted_members(
        members in prop::collection::vec(("[ab\"\\\\é]{0,2}", value()), 0..5),
        pretty in any::<bool>(),
        wanted in prop::collection::hash_map("[ab\"\\\\é]{0,2}", value(), 0..3),
    ) {
        // Written by hand, since a serde_json map has no duplicate keys.
        let space = if pretty { " \n" } else { "" };
        let members: Vec<_> =
            members.iter().map(|(k, v)| format!("{space}{}{space}:{space}{v}{space}", Value::from(k.as_str()))).collect();
        let object = format!("{{{}}}", members.join(","));

        let mut expected: serde_json::Map<String, Value> = serde_json::from_str(&object).expect("an object");
        expected.extend(wanted.clone());
        let raw: Vec<_> = wanted.iter().map(|(key, value)| (key.as_str(), value.to_string())).collect();
        let raw: Vec<_> = raw.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let result = spliced(&object, &raw);
        prop_assert!(is_json(&result));
        prop_assert_eq!(serde_json::from_str::<Value>(&result).expect("parses"), Value::Object(expected));
        let names: Vec<_> = object_entries(&result).expect("an object").map(|(key, _)| key.decode().into_owned()).collect();
        for name in wanted.keys() {
            prop_assert_eq!(names.iter().filter(|other| *other == name).count(), 1);
        }
        prop_assert!(names[names.len() - wanted.len()..].iter().all(|name| wanted.contains_key(name)));
    }
}
