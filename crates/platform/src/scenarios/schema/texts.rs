//! What stands in a document as a text or a number and has a form of its own, as schemas. Here are the types of which the
//! others take no notice, so that each form is described once, under a name.

use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use crate::scenarios::{
    expression::EXPRESSION_BYTES_MAX,
    schedule::{At, CRON_BYTES_MAX, Cron, DayOfMonth, Zone},
    written::{Condition, JsonText, Text},
};

/// A name of a structure, of a field, or of what a step leaves.
pub(crate) struct FieldName;

/// A name of a scenario for programs.
pub(crate) struct ScenarioId;

/// Gives each type a schema of its own.
macro_rules! schemas {
    ($($kind:ty, $name:literal, $schema:expr;)*) => {$(
        impl utoipa::PartialSchema for $kind {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $schema.into()
            }
        }

        impl utoipa::ToSchema for $kind {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    )*};
}

pub(crate) use schemas;

schemas! {
    FieldName, "FieldName",
        text("A name: letters without accents, digits and `_`, not beginning with a digit.").pattern(Some(NAME));
    ScenarioId, "ScenarioId", text("A name of a scenario: letters without accents, digits, `_` and `-`.");
    Text, "Template", text("A text with values in it: `{{field}}`, `{{link.field}}`, `{{#list}}…{{/list}}`.");
    JsonText, "JsonTemplate", ObjectBuilder::new().schema_type(SchemaType::AnyValue).description(Some(
        "Any value; texts in it are templates, and one that is a single `{{path}}` becomes the value itself.",
    ));
    Condition, "Condition",
        text("A condition: `status == 'ready' and total > 10`.")
            .min_length(Some(1)).max_length(Some(EXPRESSION_BYTES_MAX));
    Zone, "TimeZone", text("A time zone of the IANA database: `Europe/Berlin`.");
    Cron, "CronExpression",
        text("Minute, hour, day of the month, month, day of the week: `30 22 * * mon-fri`.")
            .max_length(Some(CRON_BYTES_MAX)).pattern(Some(cron()));
    At, "TimeOfDay", text("A time of day: `09:30`.").pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$"));
    DayOfMonth, "DayOfMonth", ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).maximum(Some(31))
        .description(Some("A day of the month; in a shorter month, its last day is meant."));
}

/// As `validate` has it.
pub(crate) const NAME: &str = "^[A-Za-z_][A-Za-z0-9_]{0,63}$";

pub(crate) fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}

/// Five fields, each with parts between commas. Which numbers each may hold isn't said.
fn cron() -> String {
    let value = "([0-9]+|[A-Za-z]{3})";
    let part = format!(r"(\*|{value}(-{value})?)(/[0-9]+)?");
    let field = format!("{part}(,{part})*");
    format!("^{BLANKS}*{field}({BLANKS}+{field}){{4}}{BLANKS}*$")
}

const BLANKS: &str = r"[ \t\n\f\r]";
