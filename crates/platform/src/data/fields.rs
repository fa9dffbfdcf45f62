//! Fields: their types, and which values each takes. A value is read once, into the form in which it is kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Result, check_name, check_title};
use crate::accounts::{AccountError, check_id};

/// A field of a structure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name: letters, digits and `_`, no digit in front.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z_][A-Za-z0-9_]*$")]
    pub name: String,
    /// What values it takes.
    pub r#type: FieldType,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 200, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub title: Option<String>,
    /// Whether every object must have a value here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Of which structure the objects are that a link, or links, lead to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z_][A-Za-z0-9_]*$")]
    pub structure: Option<String>,
}

/// What values a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// A text.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A moment: RFC 3339, or milliseconds since the epoch. Kept in UTC, to the millisecond.
    Date,
    /// Any JSON.
    Json,
    /// The id of an object. It need not exist.
    Link,
    /// Ids of objects.
    Links,
    /// Where a file is: an `http` or `https` URL.
    File,
}

/// What every object has by itself, and words that mean something in conditions.
const RESERVED: [&str; 8] =
    ["id", "version", "created_at_ms", "updated_at_ms", "created_by", "and", "or", "not"];

const LINKS_MAX: usize = 1_000;
const JSON_DEPTH_MAX: usize = 32;
const URL_BYTES_MAX: usize = 2_048;
pub(super) const ID_BYTES_MAX: usize = 200;

impl Field {
    pub(super) fn check(&self) -> Result<()> {
        check_name("fields", &self.name)?;
        if RESERVED.contains(&self.name.as_str()) {
            return Err(AccountError::field("fields", format!("the name {:?} is reserved", self.name)));
        }
        check_title(&format!("{}.title", self.name), self.title.as_deref())?;
        let Some(structure) = &self.structure else { return Ok(()) };
        let what = format!("{}.structure", self.name);
        if !matches!(self.r#type, FieldType::Link | FieldType::Links) {
            return Err(AccountError::field(&what, "only fields of type link or links have one"));
        }
        check_name(&what, structure)
    }

    /// Reads a value into the form in which it is kept; `null` is none.
    pub(super) fn read(&self, value: Value) -> Result<Option<Value>> {
        if value.is_null() {
            return Ok(None);
        }
        let read = match self.r#type {
            FieldType::String => value.is_string().then_some(value).ok_or("must be a text".to_owned()),
            FieldType::Number => number(&value).ok_or("must be a number".to_owned()),
            FieldType::Boolean => {
                value.is_boolean().then_some(value).ok_or("must be true or false".to_owned())
            }
            FieldType::Date => date(&value).map(Value::String),
            FieldType::Json => json(value),
            FieldType::Link => link(&value).map(Value::String),
            FieldType::Links => links(&value),
            FieldType::File => file(&value),
        };
        read.map(Some).map_err(|problem| AccountError::field(&self.name, problem))
    }
}

/// JSON has one kind of number, so `5.0` is kept as `5`.
fn number(value: &Value) -> Option<Value> {
    let number = value.as_f64()?;
    let is_whole = number.fract() == 0.0 && number.abs() < WHOLE_MAX;
    if value.is_f64() && is_whole { Some((number as i64).into()) } else { Some(value.clone()) }
}

/// Up to here a number without a fraction says which whole number is meant.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// In one length and one zone, so that texts sort as the moments that they stand for.
pub(super) fn date(value: &Value) -> std::result::Result<String, String> {
    let moment = match value {
        Value::String(text) => text.parse::<Timestamp>().ok(),
        Value::Number(number) => number.as_i64().and_then(|ms| Timestamp::from_millisecond(ms).ok()),
        _ => None,
    };
    let text = moment.map(|moment| moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string());
    let is_sortable = |text: &String| !text.starts_with('-');
    text.filter(is_sortable).ok_or_else(|| {
        "must be a moment: a text such as \"2026-11-24T06:39:01Z\", or milliseconds since the epoch, of the years 0 to 9999"
            .to_owned()
    })
}

fn json(value: Value) -> std::result::Result<Value, String> {
    if is_within(&value, JSON_DEPTH_MAX) {
        Ok(value)
    } else {
        Err(format!("must not be nested deeper than {JSON_DEPTH_MAX}"))
    }
}

fn is_within(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth > 0 && items.iter().all(|item| is_within(item, depth - 1)),
        Value::Object(items) => depth > 0 && items.values().all(|item| is_within(item, depth - 1)),
        _ => true,
    }
}

/// An id of an object. Front ends count some with numbers.
pub(super) fn link(value: &Value) -> std::result::Result<String, String> {
    let id = match value {
        Value::String(id) => id.clone(),
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        _ => return Err("must be an id: a text, or a whole number, which becomes one".to_owned()),
    };
    // No URL can have these as a segment.
    if id == "." || id == ".." {
        return Err("must not be \".\" or \"..\"".to_owned());
    }
    let checked = check_id("an id", &id, ID_BYTES_MAX);
    checked.map(|()| id).map_err(|error| error.message)
}

fn links(value: &Value) -> std::result::Result<Value, String> {
    match value.as_array() {
        Some(items) if items.len() <= LINKS_MAX => items.iter().map(link).collect(),
        _ => Err(format!("must be a list of at most {LINKS_MAX} ids")),
    }
}

fn file(value: &Value) -> std::result::Result<Value, String> {
    let is_plain = |url: &&str| {
        url.len() <= URL_BYTES_MAX && !url.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    let has_host = |url: &&str| {
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        let is_http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
        is_http && !rest.is_empty() && !rest.starts_with(['/', '?', '#'])
    };
    let url = value.as_str().filter(is_plain).filter(has_host);
    url.map(Value::from)
        .ok_or_else(|| format!("must be an http or https URL of at most {URL_BYTES_MAX} bytes"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(r#type: FieldType, value: Value) -> std::result::Result<Value, String> {
        let field = Field { name: "f".into(), r#type, title: None, required: false, structure: None };
        let read = field.read(value).map(Option::unwrap_or_default);
        read.map_err(|error| error.message.strip_prefix("f: ").unwrap().to_owned())
    }

    #[test]
    fn values_are_kept_in_one_form() {
        use FieldType::{Boolean, Date, File, Json, Link, Links, Number, String};
        let day = json!("2024-02-29T12:00:00.000Z");
        for (r#type, value, kept) in [
            (String, json!(""), json!("")),
            (String, json!("a\u{0}é"), json!("a\u{0}é")),
            (Number, json!(5.0), json!(5)),
            (Number, json!(-0.0), json!(0)),
            (Number, json!(2.5), json!(2.5)),
            (Number, json!(1e300), json!(1e300)),
            (Number, json!(u64::MAX), json!(u64::MAX)),
            (Number, json!(i64::MIN), json!(i64::MIN)),
            (Boolean, json!(false), json!(false)),
            (Date, json!("2024-02-29T12:00:00Z"), day.clone()),
            (Date, json!("2024-02-29T14:00:00.0009+02:00"), day.clone()),
            (Date, json!(1_709_208_000_000_i64), day),
            (Date, json!(-1), json!("1969-12-31T23:59:59.999Z")),
            (Date, json!("0001-01-01T00:00:00Z"), json!("0001-01-01T00:00:00.000Z")),
            (Json, json!({ "a": [null, 1.0] }), json!({ "a": [null, 1.0] })),
            (Link, json!("a b"), json!("a b")),
            (Link, json!(7), json!("7")),
            (Links, json!([]), json!([])),
            (Links, json!(["x", 7]), json!(["x", "7"])),
            (File, json!("https://a.example/x?y#z"), json!("https://a.example/x?y#z")),
            (File, json!("HTTP://a"), json!("HTTP://a")),
        ] {
            assert_eq!(read(r#type, value.clone()), Ok(kept), "{type:?} {value}");
        }
        for r#type in [String, Number, Boolean, Date, Json, Link, Links, File] {
            assert_eq!(read(r#type, Value::Null), Ok(Value::Null), "{type:?}");
        }
    }

    #[test]
    fn other_values_are_refused() {
        use FieldType::{Boolean, Date, File, Json, Link, Links, Number, String};
        let deep = (0..JSON_DEPTH_MAX).fold(json!(1), |inner, _| json!([inner]));
        assert!(read(Json, deep.clone()).is_ok());
        for (r#type, value, problem) in [
            (String, json!(1), "a text"),
            (Number, json!("1"), "a number"),
            (Number, json!(true), "a number"),
            (Boolean, json!(0), "true or false"),
            (Date, json!("2024-02-30T12:00:00Z"), "a moment"),
            (Date, json!("2024-02-29T12:00:00"), "a moment"),
            (Date, json!("yesterday"), "a moment"),
            (Date, json!(1.5), "a moment"),
            (Date, json!(i64::MAX), "a moment"),
            (Date, json!("-000001-01-01T00:00:00Z"), "a moment"),
            (Json, json!([deep]), "deeper than 32"),
            (Link, json!(""), "1 to 200 bytes"),
            (Link, json!(" x"), "outer spaces"),
            (Link, json!(".."), "must not be"),
            (Link, json!("x".repeat(201)), "1 to 200 bytes"),
            (Link, json!(1.5), "an id"),
            (Link, json!(["x"]), "an id"),
            (Links, json!("x"), "a list of at most 1000"),
            (Links, json!(["x", []]), "an id"),
            (Links, json!(vec!["x"; LINKS_MAX + 1]), "a list of at most 1000"),
            (File, json!("javascript:alert(1)"), "http"),
            (File, json!("https:///x"), "http"),
            (File, json!("https://a b"), "http"),
            (File, json!("//a.example/x"), "http"),
            (File, json!(format!("https://{}", "x".repeat(URL_BYTES_MAX))), "http"),
        ] {
            let refused = read(r#type, value.clone()).unwrap_err();
            assert!(refused.contains(problem), "{type:?} {value}: {refused}");
        }
    }

    #[test]
    fn dates_sort_as_moments() {
        let moments = [
            "0000-12-31T23:59:59.5Z",
            "0999-01-01T00:00:00-01:00",
            "1970-01-01T00:00:00Z",
            "9999-12-30T00:00:00.001Z",
        ];
        let kept: Vec<String> = moments.iter().map(|text| date(&json!(text)).unwrap()).collect();
        assert!(kept.is_sorted(), "{kept:?}");
        assert!(kept.iter().all(|text| text.len() == kept[0].len()), "{kept:?}");
    }

    #[test]
    fn a_field_says_what_is_wrong_with_it() {
        let field = |value: Value| {
            serde_json::from_value::<Field>(value).unwrap().check().map_err(|error| error.message)
        };
        assert_eq!(
            field(json!({ "name": "_a9", "type": "link", "structure": "WebUser", "title": "A" })),
            Ok(())
        );
        for (value, message) in [
            (json!({ "name": "", "type": "link" }), "fields: must have 1 to 64"),
            (json!({ "name": "9a", "type": "link" }), "fields: must have"),
            (json!({ "name": "a-b", "type": "link" }), "fields: must have"),
            (json!({ "name": "ä", "type": "link" }), "fields: must have"),
            (json!({ "name": "a".repeat(65), "type": "link" }), "fields: must have"),
            (json!({ "name": "created_by", "type": "link" }), "fields: the name \"created_by\" is reserved"),
            (json!({ "name": "or", "type": "link" }), "fields: the name \"or\" is reserved"),
            (json!({ "name": "a", "type": "link", "title": "\n" }), "a.title: must have"),
            (json!({ "name": "a", "type": "link", "structure": "\"" }), "a.structure: must have"),
            (
                json!({ "name": "a", "type": "json", "structure": "b" }),
                "a.structure: only fields of type link",
            ),
        ] {
            let refused = field(value.clone()).unwrap_err();
            assert!(refused.starts_with(message), "{value}: {refused}");
        }
    }
}
