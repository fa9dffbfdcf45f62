use proptest::prelude::*;
use serde_json::{Value, json};

use super::Expression;

fn context() -> Value {
    json!({
        "status": "ready", "total": 12, "price": 12.5, "none": null, "empty": "", "zero": 0, "flag": true, "no": false,
        "big": 9_007_199_254_740_993_u64, "list": [1, "two", null], "nothing": [], "number_text": " 42 ",
        "owner": {"name": "Anna", "roles": ["admin"]}, "answer": {"status": 200, "headers": {"content-type": "text/x"}},
    })
}

fn value(source: &str) -> Value {
    let expression = Expression::compile(source).unwrap_or_else(|error| panic!("{source:?}: {error}"));
    expression.evaluate(&context()).unwrap_or_else(|error| panic!("{source:?}: {error}"))
}

#[test]
fn conditions_hold_or_not() {
    for (source, expected) in [
        ("status == 'ready' and total > 10", true),
        ("status == \"ready\" and total > 12", false),
        ("total >= 12 and total <= 12 and total != 13 and not total == 13", true),
        ("price == 12.50 and total == 12.0", true),
        ("big == 9007199254740993 and big != 9007199254740992", true),
        ("status in ['new', 'ready']", true),
        ("status not in ['new', 'ready']", false),
        ("'ead' in status and 'x' not in status", true),
        ("'name' in owner and 'admin' in owner.roles and 1.0 in list", true),
        ("answer.headers['content-type'] == 'text/x' and list[0] == 1 and list.1 == 'two'", true),
        ("false or true and false", false),
        ("(false or true) and not false", true),
        ("total + 2 * 3 - 1 == 17 and (total + 2) * 3 == 42 and total / 8 == 1.5 and total % 5 == 2", true),
        ("-total == 0 - 12 and - -total == 12 and 3 - -3 == 6 and -7 % 3 == 2", true),
        ("status ~ '-' ~ total == 'ready-12'", true),
        ("status|upper == 'READY' and owner.name|lower|length == 4 and list|length == 3", true),
        ("number_text|number == 42 and 'x'|number == none and number_text|trim == '42'", true),
        (
            "total is number and status is string and flag is boolean and list is list and owner is object",
            true,
        ),
        ("'2026-01-02T00:00:00Z' < '2026-01-10T00:00:00Z'", true),
        ("status == 'it\\'s' or status == 'a\\\\b'", false),
        // What is missing is null, and nothing is smaller or greater than null.
        ("missing", false),
        ("missing.deep.deeper == none and missing == null and none == null", true),
        ("missing < 10 or missing > 10 or missing >= none", false),
        ("not missing and missing is not defined and none is not defined and zero is defined", true),
        ("missing + 1 > 0 or -missing == 0 or 1 in missing or missing in status", false),
        ("missing ~ status == status and missing|length == 0", true),
        // Nor is there an order between texts and numbers.
        ("status > 10 or status < 10 or '12' == total", false),
        ("zero", true),
        ("no or empty or nothing or none", false),
        ("owner", true),
    ] {
        let expression = Expression::compile(source).unwrap_or_else(|error| panic!("{source:?}: {error}"));
        assert_eq!(expression.holds(&context()), Ok(expected), "{source:?}");
    }
}

#[test]
fn values_keep_their_types() {
    assert_eq!(value("missing or status"), json!("ready"));
    assert_eq!(value("[1, total, [status,],]"), json!([1, 12, ["ready"]]));
    assert_eq!(value("9223372036854775807 + 1"), json!(9_223_372_036_854_775_808.0));
    assert_eq!(value("12 / 5"), json!(2.4));
    assert_eq!(value("6 / 3"), json!(2));
    assert_eq!(value("'a\\n\\'ü'"), json!("a\n'ü"));
    assert_eq!(value("total|string"), json!("12"));
}

#[test]
fn mistakes_are_told_with_their_position() {
    for (source, expected) in [
        ("", "a value is missing at the end (line 1, column 1)"),
        ("a ==", "a value is missing at the end (line 1, column 5)"),
        ("a = 1", "'=' means nothing here (line 1, column 3)"),
        ("'ü' == a b", "the expression should have ended before (line 1, column 10)"),
        ("a\n  and", "a value is missing at the end (line 2, column 6)"),
        ("a &&\nb", "write \"and\" (line 1, column 3)"),
        ("a || b", "write \"or\" (line 1, column 3)"),
        ("(a", "\")\" is missing (line 1, column 3)"),
        ("[a, ", "a value is missing at the end (line 1, column 5)"),
        ("1 < a < 3", "comparisons can't follow each other: put \"and\" between them (line 1, column 3)"),
        ("a not b", "\"in\" is missing (line 1, column 7)"),
        ("range(9)", "there are no functions (line 1, column 6)"),
        ("a.upper()", "there are no functions (line 1, column 8)"),
        ("a.", "a name is missing after the dot (line 1, column 3)"),
        ("a[b]", "in brackets comes a number or a quoted name (line 1, column 3)"),
        ("a|env", "after \"|\" comes one of length, lower, upper, trim, number, string (line 1, column 3)"),
        (
            "a is odd",
            "after \"is\" comes one of defined, string, number, boolean, list, object (line 1, column 6)",
        ),
        ("'open", "the quote isn't closed (line 1, column 1)"),
        ("'open\\", "the quote isn't closed (line 1, column 1)"),
        ("a {{b}}", "'{' means nothing here (line 1, column 3)"),
        ("a if b else c", "the expression should have ended before (line 1, column 3)"),
        ("and", "a value is missing here (line 1, column 1)"),
    ] {
        let error = Expression::compile(source).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{source:?}");
    }
}

#[test]
fn what_cannot_be_calculated_is_told_with_its_position() {
    for (source, expected) in [
        (
            "flag and status + 1",
            "only numbers can be calculated with; texts are joined with \"~\" (line 1, column 17)",
        ),
        ("1 / zero", "nothing can be divided by zero (line 1, column 3)"),
        ("1 % zero", "nothing can be divided by zero (line 1, column 3)"),
        ("\n-status", "only a number can be made negative (line 2, column 1)"),
        ("1 in total", "nothing can be in a number or a boolean (line 1, column 3)"),
        ("1 in status", "only a text can be in a text or an object (line 1, column 3)"),
        ("total|length", "only a text, a list or an object has a length (line 1, column 7)"),
    ] {
        let error = Expression::compile(source).unwrap().evaluate(&context()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{source:?}");
    }
    let huge = Expression::compile(&vec!["1000000000000000000"; 20].join(" * ")).unwrap();
    assert!(huge.evaluate(&context()).unwrap_err().message.contains("too large"));
}

#[test]
fn paths_are_those_that_are_read() {
    let expression =
        Expression::compile("a.b == 1 or -c|number in [d, e['f']] and not (g is defined) and h + i > 1")
            .unwrap();
    let paths: Vec<String> = expression.paths().into_iter().collect();
    assert_eq!(paths, ["a.b", "c", "d", "e.f", "g", "h", "i"]);
}

#[test]
fn bombs_end() {
    for source in ["(".repeat(3_999), "-".repeat(3_999), "not ".repeat(999), "[".repeat(3_999)] {
        let error = Expression::compile(&source).unwrap_err();
        assert_eq!(error.message, "it can't be more than 16 deep");
    }
    let error = Expression::compile(&"a or ".repeat(1_000)).unwrap_err();
    assert_eq!(error.message, "an expression can't have more than 4000 bytes");

    let context = json!({"a": "x".repeat(1_000_000), "l": vec!["y"; 1_000_000]});
    for source in
        [vec!["a"; 900].join(" ~ "), "a ~ a in a or a ~ a in a".to_owned(), vec!["1 in l"; 400].join(" or ")]
    {
        let error = Expression::compile(&source).unwrap().evaluate(&context).unwrap_err();
        assert_eq!(error.message, "the values are too large for a condition", "{source:.30}");
    }
}

/// Chains make nothing deeper: the longest ones that fit are evaluated on a small stack.
#[test]
fn long_chains_need_no_stack() {
    let small = std::thread::Builder::new().stack_size(512 * 1024);
    let thread = small.spawn(|| {
        for source in [
            vec!["a"; 900].join(" + "),
            vec!["a"; 790].join(" or "),
            format!("b{}", "|lower".repeat(600)),
            vec!["a"; 1_900].join("."),
        ] {
            Expression::compile(&source).unwrap().evaluate(&json!({"a": 1, "b": "B"})).unwrap();
        }
        let deep = format!("{}a{}", "(".repeat(16), ")".repeat(16));
        Expression::compile(&deep).unwrap().evaluate(&json!({"a": 1})).unwrap();
    });
    thread.unwrap().join().unwrap();
}

fn sources() -> impl Strategy<Value = String> {
    let parts = [
        "a", "b.c", "1", "2.5", "'x'", "\"", "(", ")", "[", "]", ",", "==", "<", "in", "not", "and", "or",
        "is", "defined", "|", "length", "number", "+", "-", "*", "/", "%", "~", "none", "ü", ".", "0",
    ];
    prop::collection::vec(prop::sample::select(parts.to_vec()), 0..16).prop_map(|parts| parts.join(" "))
}

proptest! {
    #[test]
    fn no_expression_panics(source in sources()) {
        if let Ok(expression) = Expression::compile(&source) {
            let _ = expression.evaluate(&json!({"a": [1, "x"], "b": {"c": 3}}));
        }
    }

    #[test]
    fn any_text_is_an_expression_or_a_mistake_inside_it(source in "\\PC{0,40}") {
        if let Err(error) = Expression::compile(&source) {
            prop_assert!(error.column <= source.chars().count() + 1);
        }
    }

    #[test]
    fn integers_are_compared_as_rust_does(a in any::<i64>(), b in any::<i64>()) {
        let holds = |source: &str| Expression::compile(source).unwrap().holds(&json!({"a": a, "b": b})).unwrap();
        prop_assert_eq!(holds("a < b"), a < b);
        prop_assert_eq!(holds("a >= b"), a >= b);
        prop_assert_eq!(holds("a == b"), a == b);
    }
}
