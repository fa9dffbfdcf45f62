//! Conditions: what SQLite finds is what they mean, said once more in plain Rust.

use campanile_store::{Comparison, Condition, ObjectQuery, Operand, Place};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::{PUBLIC, every, lists::wait, object};

const FIELDS: [&str; 3] = ["a", "b", "_c9"];

/// Few values, so that they meet.
fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec![
            json!(0),
            json!(1),
            json!(-7),
            json!(1.5),
            json!(-0.0),
            json!(1e300),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(9_007_199_254_740_993_i64),
            json!(9_007_199_254_740_992.0),
        ]),
        "[\u{0}aAé\"'%_\\\\$ 0]{0,3}".prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        prop::collection::vec("[ab]{0,2}", 0..3).prop_map(Value::from),
        Just(json!({ "a": "a" })),
    ]
}

fn objects() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec(prop::option::of(values()), FIELDS.len()).prop_map(|values| {
        let fields = FIELDS.iter().map(|field| (*field).to_owned()).zip(values);
        fields.filter_map(|(field, value)| Some((field, value?))).collect()
    })
}

fn operands() -> impl Strategy<Value = Operand> {
    values().prop_filter_map("it can be compared with", |value| operand(&value))
}

fn operand(value: &Value) -> Option<Operand> {
    match value {
        Value::String(text) => Some(Operand::Text(text.clone())),
        Value::Bool(is_true) => Some(Operand::Boolean(*is_true)),
        Value::Number(number) => number.as_i64().map(Operand::Integer).or(number.as_f64().map(Operand::Real)),
        _ => None,
    }
}

fn conditions() -> impl Strategy<Value = Condition> {
    use Comparison::{Contains, Equal, Greater, GreaterOrEqual, Holds, Less, LessOrEqual, StartsWith};
    let place = || prop::sample::select(FIELDS.to_vec()).prop_map(|name| Place::Field(name.to_owned()));
    let ordering = prop::sample::select(vec![Equal, Less, LessOrEqual, Greater, GreaterOrEqual]);
    let searching = prop::sample::select(vec![Contains, StartsWith, Holds]);
    let leaf = prop_oneof![
        place().prop_map(Condition::Has),
        (place(), ordering, operands()).prop_map(|(place, how, with)| Condition::Is(place, how, with)),
        (place(), searching, "[\u{0}abé\"'%_\\\\$ ]{0,2}").prop_map(|(place, how, with)| Condition::Is(
            place,
            how,
            Operand::Text(with)
        )),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Condition::Any),
            inner.prop_map(|condition| Condition::Not(Box::new(condition))),
        ]
    })
}

fn holds(condition: &Condition, object: &Map<String, Value>) -> bool {
    let at = |place: &Place| match place {
        Place::Field(name) => object.get(name).filter(|value| !value.is_null()).cloned(),
        _ => unreachable!("only fields are made up here"),
    };
    match condition {
        Condition::All(all) => all.iter().all(|condition| holds(condition, object)),
        Condition::Any(any) => any.iter().any(|condition| holds(condition, object)),
        Condition::Not(condition) => !holds(condition, object),
        Condition::Has(place) => at(place).is_some(),
        Condition::Is(place, comparison, with) => {
            at(place).is_some_and(|value| compare(&value, *comparison, with))
        }
    }
}

fn compare(value: &Value, comparison: Comparison, with: &Operand) -> bool {
    use Comparison::{Contains, Equal, Greater, GreaterOrEqual, Holds, Less, LessOrEqual, StartsWith};
    if let (Value::Array(items), Operand::Text(text), Holds) = (value, with, comparison) {
        return items.iter().any(|item| item == text.as_str());
    }
    let order = match (operand(value), with) {
        (Some(Operand::Text(own)), Operand::Text(text)) if comparison == Contains => {
            return own.contains(text);
        }
        (Some(Operand::Text(own)), Operand::Text(text)) if comparison == StartsWith => {
            return own.starts_with(text);
        }
        (Some(Operand::Text(own)), Operand::Text(text)) => own.cmp(text),
        (Some(Operand::Boolean(own)), Operand::Boolean(other)) => own.cmp(other),
        (Some(Operand::Integer(own)), Operand::Integer(other)) => own.cmp(other),
        (Some(Operand::Integer(own)), Operand::Real(other)) => by_size(own, *other),
        (Some(Operand::Real(own)), Operand::Integer(other)) => by_size(*other, own).reverse(),
        (Some(Operand::Real(own)), Operand::Real(other)) => own.partial_cmp(other).unwrap(),
        _ => return false,
    };
    match comparison {
        Equal => order.is_eq(),
        Less => order.is_lt(),
        LessOrEqual => order.is_le(),
        Greater => order.is_gt(),
        GreaterOrEqual => order.is_ge(),
        Contains | StartsWith | Holds => false,
    }
}

/// Without rounding the one to the precision of the other.
fn by_size(whole: i64, real: f64) -> std::cmp::Ordering {
    let floor = real.floor();
    match i128::from(whole).cmp(&(floor as i128)) {
        std::cmp::Ordering::Equal if real > floor => std::cmp::Ordering::Less,
        order => order,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_condition_means_the_same_in_the_database(
        objects in prop::collection::vec(objects(), 1..12),
        conditions in prop::collection::vec(conditions(), 1..12),
    ) {
        let folder = TempDir::new().unwrap();
        let store = crate::open(folder.path());
        let stored: Vec<String> = objects.iter().map(|object| Value::from(object.clone()).to_string()).collect();
        wait(store.write(move |tx| {
            tx.put_structure(PUBLIC, "orders", "{}", 1)?;
            for (id, data) in stored.iter().enumerate() {
                tx.insert_object(PUBLIC, "orders", &object(&id.to_string(), data))?;
            }
            Ok(())
        }))
        .unwrap();
        for condition in conditions {
            let numbered = objects.iter().enumerate();
            let expected: Vec<String> = numbered
                .filter(|(_, object)| holds(&condition, object))
                .map(|(id, _)| id.to_string())
                .collect();
            let query = ObjectQuery { condition: Some(condition.clone()), ..every() };
            let found = wait(store.read(move |view| view.objects(PUBLIC, "orders", &query))).unwrap();
            let ids: Vec<String> = found.items.into_iter().map(|object| object.id).collect();
            prop_assert_eq!(&ids, &expected, "{:?}", condition);
            prop_assert_eq!(found.total as usize, expected.len());
        }
    }
}
