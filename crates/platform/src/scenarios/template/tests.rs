use proptest::prelude::*;
use serde_json::{Value, json};

use super::{JsonTemplate, RenderError, RenderLimits, Template};

fn limits() -> RenderLimits {
    RenderLimits::default()
}

fn rendered(source: &str, context: &Value) -> String {
    let template = Template::compile(source).unwrap_or_else(|error| panic!("{source:?}: {error}"));
    template.render(context, &limits()).unwrap()
}

#[test]
fn values_sections_and_comments() {
    let context = json!({
        "id": 7, "price": 12.50, "big": 9_007_199_254_740_993_u64, "ready": true, "status": "so <b>", "none": null,
        "empty": "", "zero": 0, "no": false, "nothing": [], "owner": {"name": "Ænna", "city": {"name": "Brig"}},
        "items": [{"name": "a", "n": 1}, {"name": "b"}], "words": ["x", "y"], "pairs": [["p", "q"], []],
    });
    for (source, expected) in [
        ("", ""),
        ("no tag } or { or }}", "no tag } or { or }}"),
        ("Order {{id}} is {{ status }}", "Order 7 is so <b>"),
        ("{{{status}}}{{&status}}", "so <b>so <b>"),
        ("{{price}} {{big}} {{ready}} {{zero}}", "12.5 9007199254740993 true 0"),
        ("[{{none}}{{unknown}}{{unknown.field}}{{id.field}}{{empty}}]", "[]"),
        ("{{owner.city.name}} {{owner.name}}", "Brig Ænna"),
        ("{{owner.city}} {{words}}", r#"{"name":"Brig"} ["x","y"]"#),
        ("{{words.1}} {{words.2}} {{items.0.name}}", "y  a"),
        ("{{#items}}{{name}}{{n}};{{/items}}", "a1;b;"),
        ("{{#words}}{{.}}{{id}} {{/words}}", "x7 y7 "),
        ("{{#pairs}}({{#.}}{{.}}{{/.}}{{^.}}-{{/.}}){{/pairs}}", "(pq)(-)"),
        ("{{#owner}}{{name}} {{#city}}{{name}} {{id}}{{/city}}{{/owner}}", "Ænna Brig 7"),
        ("{{#owner.city}}{{name}}{{/owner.city}}", "Brig"),
        ("{{#ready}}yes{{/ready}}{{^ready}}no{{/ready}}", "yes"),
        ("{{#zero}}zero is a value{{/zero}}", "zero is a value"),
        (
            "{{^no}}a{{/no}}{{^none}}b{{/none}}{{^empty}}c{{/empty}}{{^nothing}}d{{/nothing}}{{^x}}e{{/x}}",
            "abcde",
        ),
        ("{{#no}}a{{/no}}{{#none}}b{{/none}}{{#empty}}c{{/empty}}{{#nothing}}d{{/nothing}}{{#x}}e{{/x}}", ""),
        ("a{{! a comment with } and { }}b", "ab"),
        ("{{#ready}}\nyes\n{{/ready}}\nend", "yes\nend"),
        ("- \n  {{#words}}  \r\n  * {{.}}\r\n  {{/words}}", "- \n  * x\r\n  * y\r\n"),
        ("{{! alone }}\nx {{! not alone }}\n", "x \n"),
        ("{{#ready}}{{/ready}}\n|", "\n|"),
    ] {
        assert_eq!(rendered(source, &context), expected, "{source:?}");
    }
}

#[test]
fn mistakes_are_told_with_their_position() {
    for (source, expected) in [
        ("{{a", r#"the braces aren't closed with "}}" (line 1, column 1)"#),
        ("{{{a}} b", r#"the braces aren't closed with "}}}" (line 1, column 1)"#),
        ("ä\nöü {{}}", "there is no name between the braces (line 2, column 4)"),
        ("{{#a}}\n{{#b}}{{/b}}", r#"the section "a" isn't closed (line 1, column 1)"#),
        ("{{#a}}{{#b}}{{/a}}{{/b}}", r#"the section "b" must be closed first (line 1, column 13)"#),
        ("x{{/a}}", r#"no section "a" is open (line 1, column 2)"#),
        ("{{a..b}}", r#""a..b" is no path: names between single dots are (line 1, column 1)"#),
        ("{{a.}}", r#""a." is no path: names between single dots are (line 1, column 1)"#),
        ("{{a b}}", "' ' can't be in a path (line 1, column 1)"),
        ("{{a{{b}}", "'{' can't be in a path (line 1, column 1)"),
        ("{{> other}}", "templates can't include others (line 1, column 1)"),
        ("{{=<% %>=}}", "the braces can't be changed (line 1, column 1)"),
        (&"{{#a}}".repeat(9), "sections can't be more than 8 deep (line 1, column 49)"),
        (&format!("{{{{{}}}}}", "a".repeat(261)), "a path can't have more than 260 bytes (line 1, column 1)"),
    ] {
        assert_eq!(Template::compile(source).unwrap_err().to_string(), expected, "{source:?}");
    }
}

#[test]
fn paths_are_those_that_rendering_may_read() {
    let template =
        Template::compile("{{a.b}} {{#c.d}}{{e}}{{#f}}{{.}}{{/f}}{{/c.d}} {{^g}}{{a.b}}{{/g}}").unwrap();
    let paths: Vec<String> = template.paths().into_iter().collect();
    assert_eq!(paths, ["a.b", "c.d", "c.d.e", "c.d.f", "e", "f", "g", "g.a.b"]);
}

#[test]
fn json_keeps_the_types_of_what_is_one_path() {
    let value = json!({
        "text": "{{n}} and {{flag}}", "n": "{{n}}", "flag": "{{ flag }}", "deep": ["{{list}}", {"{{n}}": "{{none}}"}],
        "spaced": " {{n}}", "constant": [1.5, true, null, "plain"],
    });
    let template = JsonTemplate::compile(&value).unwrap();
    let context = json!({"n": 3, "flag": false, "list": [1, "two"]});
    let expected = json!({
        "text": "3 and false", "n": 3, "flag": false, "deep": [[1, "two"], {"{{n}}": null}],
        "spaced": " 3", "constant": [1.5, true, null, "plain"],
    });
    assert_eq!(template.render(&context, &limits()).unwrap(), expected);
    let paths: Vec<String> = template.paths().into_iter().collect();
    assert_eq!(paths, ["flag", "list", "n", "none"]);
}

#[test]
fn every_wrong_text_of_a_value_is_told() {
    let mistakes = JsonTemplate::compile(&json!({"a": ["x", "{{"], "b": {"c": "{{/d}}"}})).unwrap_err();
    let places: Vec<String> = mistakes.into_iter().map(|(path, _)| path).collect();
    assert_eq!(places, [".a[1]", ".b.c"]);
}

#[test]
fn bombs_end() {
    let hundred: Vec<u32> = (0..100).collect();
    let context = json!({"a": hundred, "long": "x".repeat(1_000)});
    let nested = Template::compile("{{#a}}{{#a}}{{#a}}{{#a}}{{/a}}{{/a}}{{/a}}{{/a}}").unwrap();
    assert_eq!(nested.render(&context, &limits()), Err(RenderError::OutOfFuel(100_000)));

    let wide = Template::compile("{{#a}}{{#a}}{{long}}{{/a}}{{/a}}").unwrap();
    assert_eq!(wide.render(&context, &limits()), Err(RenderError::TooLong(1_000_000)));

    let small = RenderLimits { fuel: 100, output_bytes_max: 2_000 };
    let values = JsonTemplate::compile(&json!(["{{long}}", "{{long}}"])).unwrap();
    assert_eq!(values.render(&context, &small), Err(RenderError::TooLong(2_000)));
    let values = JsonTemplate::compile(&json!(vec!["{{none}}"; 101])).unwrap();
    assert_eq!(values.render(&context, &small), Err(RenderError::OutOfFuel(100)));
}

/// Texts made of what templates are made of.
fn sources() -> impl Strategy<Value = String> {
    let parts = [
        "{{", "}}", "{{{", "}}}", "{{#a}}", "{{/a}}", "{{^b}}", "{{/b}}", "{{#b}}", "{{.}}", "{{#.}}",
        "{{/.}}", "a", "b.c", ".", " ", "\n", "\r\n", "{{!", "ü", "{{a.b}}", "{{b}}", "{{=", "{{>",
    ];
    prop::collection::vec(prop::sample::select(parts.to_vec()), 0..24).prop_map(|parts| parts.concat())
}

/// Any small value.
fn contexts() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[abc]", inner, 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_template_panics_or_exceeds_its_limits(source in sources(), context in contexts(), bytes in 0usize..64) {
        if let Ok(template) = Template::compile(&source) {
            prop_assert!(template.paths().iter().all(|path| path.len() <= 260));
            let limits = RenderLimits { fuel: 500, output_bytes_max: bytes };
            if let Ok(output) = template.render(&context, &limits) {
                prop_assert!(output.len() <= bytes);
            }
        }
    }

    #[test]
    fn any_text_is_a_template_or_a_mistake_inside_it(source in "\\PC{0,40}") {
        if let Err(error) = Template::compile(&source) {
            prop_assert!(error.column <= source.chars().count());
        }
    }

    #[test]
    fn a_text_without_braces_is_itself(source in "[^{]{0,60}") {
        prop_assert_eq!(rendered(&source, &json!({})), source);
    }

    #[test]
    fn json_stays_within_its_bytes(context in contexts(), bytes in 0usize..64) {
        let template = JsonTemplate::compile(&json!({"k": "{{a}}", "l": ["{{b}}x"]})).unwrap();
        let limits = RenderLimits { fuel: 500, output_bytes_max: bytes };
        if let Ok(value) = template.render(&context, &limits) {
            // Neither the quotes and brackets of the template nor escapes inside its texts are counted.
            prop_assert!(value.to_string().len() <= 6 * bytes + 20);
        }
    }
}
