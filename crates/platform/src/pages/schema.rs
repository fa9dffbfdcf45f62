//! The JSON Schema of pages (draft 2020-12), for editors and whoever writes pages by program. It is made of the types of
//! `document`; what `validate` demands beyond them is added here, as far as a schema can say it.

use serde_json::{Value, json};

use super::{
    document::{Document, DocumentLimits},
    validate::{TITLE_BYTES_MAX, WIDTH_MAX},
};
use crate::{
    data::PAGE_SIZE_MAX,
    push::{EVENT_NAME_BYTES_MAX, RESERVED_NAMES},
    scenarios::schema::{NAME, Schemas, alone, join_tags, schemas, text},
};

/// An endpoint of the app.
pub(crate) struct Endpoint;

/// A name of a block.
pub(crate) struct BlockId;

/// A field of an object.
pub(crate) struct PageField;

/// An order of objects.
pub(crate) struct Sort;

schemas! {
    Endpoint, "EndpointName",
        text("A structure and a method: `orders/open`.").pattern(Some(endpoint()));
    BlockId, "BlockId", text("A name: letters without accents, digits, `_` and `-`.").pattern(Some(ID));
    PageField, "PageField", text("A field: letters without accents, digits and `_`, not beginning with a digit.")
        .pattern(Some(NAME));
    Sort, "Sort", text("Fields, each with its direction or not: `total,desc,status`.").pattern(Some(sort()));
}

const ID: &str = "^[A-Za-z0-9_-]{1,64}$";

fn name() -> &'static str {
    NAME.trim_start_matches('^').trim_end_matches('$')
}

fn endpoint() -> String {
    format!("^{}/[A-Za-z0-9_-]{{1,64}}$", name())
}

fn sort() -> String {
    let field = name();
    format!(r"^\s*{field}\s*(,\s*{field}\s*){{0,15}}$")
}

/// The schema, a document that stands alone.
#[must_use]
pub fn document(limits: &DocumentLimits) -> Value {
    alone::<Document>("page", "Page", |schemas| refine(schemas, limits))
}

/// Says what the types of a document can't, in an OpenAPI document as well.
pub fn refine(schemas: &mut Schemas, limits: &DocumentLimits) {
    join_tags(schemas, "PageBlock");
    let page = &mut schemas["PageDocument"]["properties"];
    refine_title(&mut page["title"]);
    page["title"]["minLength"] = 1.into();
    page["lang"]["pattern"] = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$".into();
    page["blocks"]["maxItems"] = limits.blocks_max.into();
    let kinds = ["Text", "Html", "Table", "Cards", "Form", "Chat", "Chart"];
    for kind in kinds.map(|kind| format!("{kind}Block")) {
        refine_block(&mut schemas[&kind]["properties"], limits);
    }
    schemas["TableBlock"]["properties"]["columns"]["minItems"] = 1.into();
    schemas["ChartBlock"]["properties"]["y"]["minItems"] = 1.into();
    schemas["CardsBlock"]["properties"]["image"] = json!({
        "type": ["string", "null"], "pattern": r"^(https://|/|data:image/|\{\{)",
        "description": "The address of a picture, with its fields as values.",
    });
    refine_title(&mut schemas["TableColumn"]["properties"]["title"]);
    refine_field(&mut schemas["FormField"], limits);
}

fn refine_title(title: &mut Value) {
    title["maxLength"] = TITLE_BYTES_MAX.into();
    title["pattern"] = r"^[^\u0000-\u001f\u007f-\u009f]*$".into();
}

fn refine_block(properties: &mut Value, limits: &DocumentLimits) {
    for name in ["title", "submit"] {
        if properties.get(name).is_some() {
            refine_title(&mut properties[name]);
        }
    }
    for name in ["refresh_on", "columns", "fields", "y"] {
        if let Some(list) = properties.get_mut(name) {
            list["maxItems"] = limits.fields_max.into();
        }
    }
    for (name, most) in [("width", WIDTH_MAX), ("page_size", PAGE_SIZE_MAX)] {
        if let Some(number) = properties.get_mut(name) {
            (number["minimum"], number["maximum"]) = (1.into(), most.into());
        }
    }
    let event = &mut properties["refresh_on"]["items"];
    (event["minLength"], event["maxLength"]) = (1.into(), EVENT_NAME_BYTES_MAX.into());
    event["not"] = json!({ "enum": RESERVED_NAMES });
}

fn refine_field(field: &mut Value, limits: &DocumentLimits) {
    let properties = &mut field["properties"];
    refine_title(&mut properties["label"]);
    properties["options"]["maxItems"] = limits.fields_max.into();
    refine_title(&mut properties["options"]["items"]);
    let is = |kind: &str| json!({ "required": ["kind"], "properties": { "kind": { "const": kind } } });
    let chosen = json!({ "required": ["options"], "properties": { "options": { "minItems": 1 } } });
    let not_chosen = json!({ "properties": { "options": { "maxItems": 0 } } });
    let given = json!({ "required": ["value"], "properties": { "value": { "not": { "type": "null" } } } });
    field["allOf"] = json!([
        { "if": is("select"), "then": chosen, "else": not_chosen },
        { "if": is("hidden"), "then": given },
    ]);
}

#[cfg(test)]
mod tests;
