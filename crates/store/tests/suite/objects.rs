//! Objects of structures: kept, found, changed, in lists with conditions and an order.

use campanile_store::{
    AppNumber, Comparison, Condition, Direction, Object, ObjectQuery, Operand, Place, StoreError, Tx,
};

use crate::{Town, every, object};

#[tokio::test]
async fn an_object_is_created_found_changed_and_deleted() {
    let (town, a, _) = Town::with_orders().await;
    let new = Object { created_by: Some("ann".into()), ..object("1", r#"{"total":1}"#) };
    let stored = new.clone();
    town.write(move |tx| tx.insert_object(a, "orders", &stored)).await.unwrap();
    assert_eq!(town.read(move |view| view.object(a, "orders", "1")).await, Some(new.clone()));

    let changed =
        town.write(move |tx| tx.update_object(a, "orders", "1", r#"{"total":2}"#, 20)).await.unwrap();
    assert_eq!(changed, Object { version: 2, data: r#"{"total":2}"#.into(), updated_at_ms: 20, ..new });

    town.write(move |tx| tx.delete_object(a, "orders", "1")).await.unwrap();
    assert_eq!(town.read(move |view| view.object(a, "orders", "1")).await, None);
    let gone = town.write(move |tx| tx.delete_object(a, "orders", "1")).await;
    assert_eq!(gone, Err(StoreError::NotFound));
    let changed = town.write(move |tx| tx.update_object(a, "orders", "1", "{}", 30)).await;
    assert_eq!(changed, Err(StoreError::NotFound));
}

#[tokio::test]
async fn an_object_is_neither_seen_nor_touched_from_another_app_or_structure() {
    let (town, a, b) = Town::with_orders().await;
    let fill = move |tx: &mut Tx<'_>| {
        tx.put_structure(a, "notes", "{}", 1)?;
        tx.insert_object(a, "orders", &object("1", "{}"))
    };
    town.write(fill).await.unwrap();
    for (app, structure) in [(b, "orders"), (a, "notes"), (AppNumber(9), "orders")] {
        assert_eq!(town.read(move |view| view.object(app, structure, "1")).await, None);
        let query = every();
        assert_eq!(town.read(move |view| view.objects(app, structure, &query)).await.total, 0);
        let changed = town.write(move |tx| tx.update_object(app, structure, "1", "[]", 2)).await;
        assert_eq!(changed, Err(StoreError::NotFound));
        let deleted = town.write(move |tx| tx.delete_object(app, structure, "1")).await;
        assert_eq!(deleted, Err(StoreError::NotFound));
    }
    assert_eq!(town.read(move |view| view.object(a, "orders", "1")).await, Some(object("1", "{}")));
}

#[tokio::test]
async fn an_id_is_taken_once_in_each_structure() {
    let (town, a, b) = Town::with_orders().await;
    let insert = async |app, structure: &'static str| {
        town.write(move |tx| tx.insert_object(app, structure, &object("1", "{}"))).await
    };
    assert_eq!(insert(a, "orders").await, Ok(()));
    assert_eq!(insert(a, "orders").await, Err(StoreError::Exists));
    assert_eq!(insert(b, "orders").await, Ok(()));
    assert_eq!(insert(a, "notes").await, Err(StoreError::NotFound));
}

/// Five orders; the later the id, the earlier it was created.
async fn five() -> (Town, AppNumber) {
    let (town, a, _) = Town::with_orders().await;
    let orders = [
        ("e", r#"{"total":2,"name":"b"}"#, None),
        ("d", r#"{"total":10,"name":"a"}"#, Some("ann")),
        ("c", r#"{"name":"b"}"#, Some("ann")),
        ("b", r#"{"total":2.5,"name":"É"}"#, Some("bob")),
        ("a", r#"{"total":-1}"#, None),
    ];
    for (id, data, created_by) in orders {
        let new = Object { created_by: created_by.map(str::to_owned), ..object(id, data) };
        town.write(move |tx| tx.insert_object(a, "orders", &new)).await.unwrap();
    }
    (town, a)
}

async fn ids(town: &Town, app: AppNumber, query: ObjectQuery) -> (String, u32) {
    let found = town.orders(app, query).await;
    (found.items.into_iter().map(|object| object.id).collect(), found.total)
}

fn field(name: &str) -> Place {
    Place::Field(name.into())
}

#[tokio::test]
async fn a_list_is_in_the_order_of_creation_or_in_that_of_its_fields() {
    use Direction::{Ascending, Descending};
    let (town, a) = five().await;
    for (sort, expected) in [
        (vec![], "edcba"),
        (vec![(Place::Id, Ascending)], "abcde"),
        (vec![(field("total"), Ascending)], "aebdc"),
        (vec![(field("total"), Descending)], "dbeac"),
        (vec![(field("name"), Ascending)], "decba"),
        (vec![(field("name"), Descending), (field("total"), Ascending)], "becda"),
        (vec![(Place::CreatedBy, Descending), (Place::Id, Ascending)], "bcdae"),
        (vec![(field("no\" such"), Descending)], "edcba"),
    ] {
        let query = ObjectQuery { sort: sort.clone(), ..every() };
        let (found, total) = ids(&town, a, query).await;
        assert_eq!((found.as_str(), total), (expected, 5), "{sort:?}");
    }
}

#[tokio::test]
async fn a_part_of_a_list_comes_with_the_size_of_the_whole() {
    let (town, a) = five().await;
    let has_total = Some(Condition::Has(field("total")));
    for (condition, offset, limit, expected) in [
        (None, 0, 2, ("ed", 5)),
        (None, 2, 2, ("cb", 5)),
        (None, 4, 2, ("a", 5)),
        (None, 5, 2, ("", 5)),
        (None, u64::MAX, 2, ("", 5)),
        (None, 0, 0, ("", 5)),
        (has_total.clone(), 1, 2, ("db", 4)),
        (has_total, 9, 2, ("", 4)),
    ] {
        let query = ObjectQuery { condition, offset, limit, sort: Vec::new() };
        let (found, total) = ids(&town, a, query.clone()).await;
        assert_eq!((found.as_str(), total), expected, "{query:?}");
    }
}

#[tokio::test]
async fn what_every_object_has_can_be_asked_for() {
    use Comparison::{Equal, Greater, Less};
    let (town, a) = five().await;
    town.write(move |tx| tx.update_object(a, "orders", "c", "{}", 99)).await.unwrap();
    let is = Condition::Is;
    let text = |text: &str| Operand::Text(text.into());
    for (condition, expected) in [
        (is(Place::Id, Equal, text("c")), "c"),
        (is(Place::Id, Equal, text("C")), ""),
        (is(Place::Id, Less, text("c")), "ba"),
        (is(Place::CreatedBy, Equal, text("ann")), "dc"),
        (Condition::Not(Box::new(is(Place::CreatedBy, Equal, text("ann")))), "eba"),
        (Condition::Not(Box::new(is(Place::CreatedBy, Greater, text("ann")))), "edca"),
        (Condition::Not(Box::new(Condition::Has(Place::CreatedBy))), "ea"),
        (is(Place::Version, Equal, Operand::Integer(2)), "c"),
        (is(Place::UpdatedAtMs, Greater, Operand::Real(98.5)), "c"),
        (is(Place::CreatedAtMs, Greater, Operand::Integer(10)), ""),
    ] {
        let query = ObjectQuery { condition: Some(condition.clone()), ..every() };
        assert_eq!(ids(&town, a, query).await, (expected.to_owned(), expected.len() as u32), "{condition:?}");
    }
}

/// Texts that would mean something if they got into a statement, as values and as names.
#[tokio::test]
async fn nothing_of_a_condition_is_read_as_sql() {
    let (town, a) = five().await;
    for hostile in ["' OR 1=1 --", "x\") OR 1=1 --", "$.total", "?1", "a\0b", "\u{10ffff}'", "total'), 1) --"]
    {
        let condition = Condition::Is(Place::Id, Comparison::Equal, Operand::Text(hostile.into()));
        let query = ObjectQuery { condition: Some(condition), ..every() };
        assert_eq!(ids(&town, a, query).await, (String::new(), 0), "{hostile}");

        let condition = Condition::Has(field(hostile));
        let query = ObjectQuery {
            condition: Some(condition),
            sort: vec![(field(hostile), Direction::Ascending)],
            ..every()
        };
        // A path that can't be read is refused; nothing else may come of it.
        let found = town.store.read(move |view| view.objects(a, "orders", &query)).await;
        assert!(found.map_or(true, |found| found.items.is_empty()), "{hostile}");
    }
    assert_eq!(town.orders(a, every()).await.items.len(), 5);
}
