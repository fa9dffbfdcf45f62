//! Links: where a path goes on behind a field that holds the id of another object, that object is loaded into its place.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::RunState;
use crate::scenarios::{
    template::LINK,
    world::{Failure, Linked, World},
};

/// Links behind each other that are followed.
const LINKS_MAX: usize = 3;

/// Loads what these paths need. A field that links to nothing stays what it is.
pub(super) async fn load(
    context: &mut Value,
    state: &RunState,
    paths: &BTreeSet<String>,
    world: &impl World,
) -> Result<(), Failure> {
    for path in paths {
        let names: Vec<&str> = path.split('.').collect();
        let Some((structure, start)) = owner(state, names[0]) else { continue };
        let mut structure = structure.to_owned();
        // The last name is never a link that has to be followed.
        for end in (start + 1..names.len()).take(LINKS_MAX) {
            let Some(next) = follow(context, &structure, &names[..end], world).await? else { break };
            structure = next;
        }
    }
    Ok(())
}

/// The structure of the object that a path begins in, and the number of its first name that is a field.
fn owner<'a>(state: &'a RunState, first: &str) -> Option<(&'a str, usize)> {
    let of_result = state.result_structures.get(first).and_then(Value::as_str);
    let of_object = state.start.structure.as_deref();
    match first {
        _ if of_result.is_some() => of_result.map(|structure| (structure, 1)),
        _ if state.results.contains_key(first) => None,
        "before" => of_object.map(|structure| (structure, 1)),
        _ if state.start.given.contains_key(first) => None,
        _ => of_object.map(|structure| (structure, 0)),
    }
}

/// Loads what the last of these names links to. Returns its structure, or nothing if there is no link.
async fn follow(
    context: &mut Value,
    structure: &str,
    names: &[&str],
    world: &impl World,
) -> Result<Option<String>, Failure> {
    let Some((field, _)) = names.split_last() else { return Ok(None) };
    let mut places = Vec::new();
    find(context, names, &mut places);
    if let Some(loaded) = places.iter().find_map(|place| place.get(LINK)?.as_str()) {
        return Ok(Some(loaded.to_owned()));
    }
    let ids: BTreeSet<String> = places
        .iter()
        .filter_map(|place| place.as_str())
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let ids: Vec<String> = ids.into_iter().collect();
    let Some(linked) = world.linked(structure, field, &ids).await? else { return Ok(None) };
    for place in places {
        if let Value::String(id) = place
            && !id.is_empty()
        {
            *place = object(&linked, std::mem::take(id));
        }
    }
    Ok(Some(linked.structure))
}

/// The values at these names; in a list, those of each item.
fn find<'a>(value: &'a mut Value, names: &[&str], places: &mut Vec<&'a mut Value>) {
    match (value, names.split_first()) {
        (Value::Array(items), _) => items.iter_mut().for_each(|item| find(item, names, places)),
        (Value::Object(members), Some((first, rest))) => {
            if let Some(member) = members.get_mut(*first) {
                find(member, rest, places);
            }
        }
        (_, Some(_)) => {}
        (value, None) => places.push(value),
    }
}

/// The object with an id; one that doesn't exist has nothing but that.
fn object(linked: &Linked, id: String) -> Value {
    let id = Value::String(id);
    let found = linked.objects.iter().find(|object| object.get("id") == Some(&id));
    let mut object = found.cloned().unwrap_or_else(|| Map::from_iter([("id".to_owned(), id)]));
    object.insert(LINK.to_owned(), linked.structure.clone().into());
    Value::Object(object)
}
