//! Conditions and orders: from the JSON and the texts that people write to what the store understands.
//!
//! A condition is read with the structure at hand, so that only fields that are there, and comparisons that make sense
//! for them, get through. What it compares with may be known later, with a request.

use campanile_store::{Comparison, Condition, Direction, Operand, Place};
use serde_json::{Map, Value};

use super::{
    Result,
    fields::{FieldType, date},
    structures::Definition,
};
use crate::accounts::AccountError;

/// A condition that fits a structure.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Test(Test),
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    /// Where it stands, for whoever has to be told of a mistake.
    label: String,
    place: Place,
    kind: Kind,
    operator: Operator,
    /// What it is compared with, as it was written.
    operand: Value,
}

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Boolean,
    Date,
    Links,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    In,
    Contains,
    StartsWith,
    Exists,
}

const OPERATORS: [(&str, Operator); 10] = [
    ("eq", Operator::Equal),
    ("ne", Operator::NotEqual),
    ("gt", Operator::Greater),
    ("gte", Operator::GreaterOrEqual),
    ("lt", Operator::Less),
    ("lte", Operator::LessOrEqual),
    ("in", Operator::In),
    ("contains", Operator::Contains),
    ("starts_with", Operator::StartsWith),
    ("exists", Operator::Exists),
];

/// How deep conditions may stand in each other, and how many values one may compare with.
const DEPTH_MAX: usize = 8;
const VALUES_MAX: usize = 200;
/// Fields that an order may have.
pub(crate) const SORT_MAX: usize = 8;

impl Kind {
    fn of(r#type: FieldType) -> Self {
        match r#type {
            FieldType::String | FieldType::Link | FieldType::File => Self::Text,
            FieldType::Number => Self::Number,
            FieldType::Boolean => Self::Boolean,
            FieldType::Date => Self::Date,
            FieldType::Links => Self::Links,
            FieldType::Json => Self::Json,
        }
    }

    fn has(self, operator: Operator) -> bool {
        use Operator::{Contains, Equal, Exists, In, NotEqual, StartsWith};
        match self {
            Self::Text => true,
            Self::Number | Self::Date => !matches!(operator, Contains | StartsWith),
            Self::Boolean => matches!(operator, Equal | NotEqual | In | Exists),
            Self::Links => matches!(operator, Contains | Exists),
            Self::Json => operator == Exists,
        }
    }

    /// Texts are read as what the place holds, since what comes with a request is text.
    fn operand(self, value: &Value) -> std::result::Result<Operand, String> {
        let text = value.as_str();
        let operand = match self {
            Self::Text | Self::Links => match value {
                Value::Number(number) => Some(Operand::Text(number.to_string())),
                _ => text.map(|text| Operand::Text(text.to_owned())),
            },
            Self::Number => number(value).or_else(|| number(&text?.trim().parse().ok()?)),
            Self::Boolean => value.as_bool().or_else(|| text?.parse().ok()).map(Operand::Boolean),
            Self::Date => {
                let ms = text.and_then(|text| text.parse::<i64>().ok()).map(Value::from);
                return date(&ms.unwrap_or_else(|| value.clone())).map(Operand::Text);
            }
            Self::Json => None,
        };
        operand.ok_or_else(|| format!("must be compared with {}", self.name()))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Date => "a moment",
            Self::Links => "an id",
            Self::Json => "nothing",
        }
    }
}

fn number(value: &Value) -> Option<Operand> {
    value.as_i64().map(Operand::Integer).or_else(|| value.as_f64().map(Operand::Real))
}

/// Where a field, or what every object has, is found.
fn place(name: &str, definition: &Definition) -> Option<(Place, Kind)> {
    Some(match name {
        "id" => (Place::Id, Kind::Text),
        "version" => (Place::Version, Kind::Number),
        "created_at_ms" => (Place::CreatedAtMs, Kind::Number),
        "updated_at_ms" => (Place::UpdatedAtMs, Kind::Number),
        "created_by" => (Place::CreatedBy, Kind::Text),
        name => (Place::Field(name.to_owned()), Kind::of(definition.field(name)?.r#type)),
    })
}

impl Filter {
    pub(super) fn read_text(text: &str, definition: &Definition) -> Result<Self> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| AccountError::field("filter", format!("isn't JSON: {error}")))?;
        Self::read(&value, definition)
    }

    pub(super) fn read(value: &Value, definition: &Definition) -> Result<Self> {
        let filter = Reader { definition }.condition("filter", value, DEPTH_MAX)?;
        if filter.values() > VALUES_MAX {
            let problem = format!("must not compare with more than {VALUES_MAX} values");
            return Err(AccountError::field("filter", problem));
        }
        Ok(filter)
    }

    fn values(&self) -> usize {
        match self {
            Self::All(filters) | Self::Any(filters) => filters.iter().map(Self::values).sum(),
            Self::Not(filter) => filter.values(),
            Self::Test(test) => test.operand.as_array().map_or(1, Vec::len),
        }
    }

    /// The condition with other values to compare with. Where there is none, the comparison is left out; what has
    /// nothing left in it is left out as well.
    pub(super) fn with_operands(
        self,
        operand: &mut impl FnMut(Value) -> Result<Option<Value>>,
    ) -> Result<Option<Self>> {
        let mut each = |filters: Vec<Self>| -> Result<Option<Vec<Self>>> {
            let was_empty = filters.is_empty();
            let kept = filters.into_iter().map(|filter| filter.with_operands(operand));
            let kept: Vec<Self> = kept.filter_map(Result::transpose).collect::<Result<_>>()?;
            Ok(Some(kept).filter(|kept| was_empty || !kept.is_empty()))
        };
        Ok(match self {
            Self::All(filters) => each(filters)?.map(Self::All),
            Self::Any(filters) => each(filters)?.map(Self::Any),
            Self::Not(filter) => filter.with_operands(operand)?.map(|filter| Self::Not(Box::new(filter))),
            Self::Test(test) => {
                let operand = operand(test.operand.clone())?;
                operand.map(|operand| Self::Test(Test { operand, ..test }))
            }
        })
    }

    pub(super) fn compile(&self) -> Result<Condition> {
        let each = |filters: &[Self]| filters.iter().map(Self::compile).collect::<Result<Vec<_>>>();
        Ok(match self {
            Self::All(filters) => Condition::All(each(filters)?),
            Self::Any(filters) => Condition::Any(each(filters)?),
            Self::Not(filter) => Condition::Not(Box::new(filter.compile()?)),
            Self::Test(test) => test.compile()?,
        })
    }
}

struct Reader<'a> {
    definition: &'a Definition,
}

impl Reader<'_> {
    fn condition(&self, label: &str, value: &Value, depth: usize) -> Result<Filter> {
        if depth == 0 {
            let problem = format!("conditions must not stand deeper in each other than {DEPTH_MAX}");
            return Err(AccountError::field("filter", problem));
        }
        let members = value.as_object().ok_or_else(|| {
            AccountError::field(label, r#"must be an object such as {"field": "value"} or {"or": […]}"#)
        })?;
        let parts = members.iter().map(|(name, value)| {
            let label = format!("{label}.{name}");
            match name.as_str() {
                "and" => self.conditions(&label, value, depth).map(Filter::All),
                "or" => self.conditions(&label, value, depth).map(Filter::Any),
                "not" => Ok(Filter::Not(Box::new(self.condition(&label, value, depth - 1)?))),
                name => self.tests(&label, name, value),
            }
        });
        Ok(all_of(parts.collect::<Result<_>>()?))
    }

    fn conditions(&self, label: &str, value: &Value, depth: usize) -> Result<Vec<Filter>> {
        let conditions = value.as_array().filter(|conditions| !conditions.is_empty());
        let conditions =
            conditions.ok_or_else(|| AccountError::field(label, "must be a list of conditions"))?;
        conditions.iter().map(|condition| self.condition(label, condition, depth - 1)).collect()
    }

    /// What is said about one field.
    fn tests(&self, label: &str, name: &str, value: &Value) -> Result<Filter> {
        let unknown = || AccountError::field(label, "the structure has no such field");
        let (place, kind) = place(name, self.definition).ok_or_else(unknown)?;
        let written: Map<String, Value> = match value {
            Value::Object(operators) => operators.clone(),
            value => [("eq".to_owned(), value.clone())].into_iter().collect(),
        };
        let tests = written.into_iter().map(|(name, operand)| {
            let operator = OPERATORS.iter().find(|(known, _)| *known == name).map(|(_, operator)| *operator);
            let operator = operator.ok_or_else(|| {
                let known = OPERATORS.map(|(name, _)| name).join(", ");
                AccountError::field(label, format!("there is no comparison {name:?}, only {known}"))
            })?;
            let label = if value.is_object() { format!("{label}.{name}") } else { label.to_owned() };
            let test = Test { label, place: place.clone(), kind, operator, operand };
            test.check()?;
            Ok(Filter::Test(test))
        });
        Ok(all_of(tests.collect::<Result<_>>()?))
    }
}

fn all_of(mut filters: Vec<Filter>) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        last => Filter::All(filters.into_iter().chain(last).collect()),
    }
}

impl Test {
    fn refusal(&self, problem: impl std::fmt::Display) -> AccountError {
        AccountError::field(&self.label, problem)
    }

    fn check(&self) -> Result<()> {
        let compares_with_nothing =
            self.operand.is_null() && matches!(self.operator, Operator::Equal | Operator::NotEqual);
        if !self.kind.has(self.operator) && !compares_with_nothing {
            return Err(self.refusal("a field of this type can't be compared so"));
        }
        let is_fine = match self.operator {
            Operator::In => self.operand.is_array(),
            Operator::Exists => self.operand.is_boolean(),
            Operator::Equal | Operator::NotEqual => !self.operand.is_array() && !self.operand.is_object(),
            _ => !self.operand.is_array() && !self.operand.is_object() && !self.operand.is_null(),
        };
        let wanted = match self.operator {
            Operator::In => "must be a list of values",
            Operator::Exists => "must be true or false",
            _ => "must be one value",
        };
        if is_fine { Ok(()) } else { Err(self.refusal(wanted)) }
    }

    fn compile(&self) -> Result<Condition> {
        let has = || Condition::Has(self.place.clone());
        let not = |condition| Condition::Not(Box::new(condition));
        let is = |comparison, value: &Value| {
            let operand = self.kind.operand(value).map_err(|problem| self.refusal(problem))?;
            Ok(Condition::Is(self.place.clone(), comparison, operand))
        };
        let holds = if self.kind == Kind::Links { Comparison::Holds } else { Comparison::Contains };
        match self.operator {
            Operator::Equal if self.operand.is_null() => Ok(not(has())),
            Operator::NotEqual if self.operand.is_null() => Ok(has()),
            Operator::Equal => is(Comparison::Equal, &self.operand),
            Operator::NotEqual => is(Comparison::Equal, &self.operand).map(not),
            Operator::Greater => is(Comparison::Greater, &self.operand),
            Operator::GreaterOrEqual => is(Comparison::GreaterOrEqual, &self.operand),
            Operator::Less => is(Comparison::Less, &self.operand),
            Operator::LessOrEqual => is(Comparison::LessOrEqual, &self.operand),
            Operator::Contains => is(holds, &self.operand),
            Operator::StartsWith => is(Comparison::StartsWith, &self.operand),
            Operator::In => {
                let values = self.operand.as_array().map_or(&[][..], Vec::as_slice);
                let any = values.iter().map(|value| is(Comparison::Equal, value));
                any.collect::<Result<_>>().map(Condition::Any)
            }
            Operator::Exists if self.operand == Value::Bool(true) => Ok(has()),
            Operator::Exists => Ok(not(has())),
        }
    }
}

/// Reads an order: `total,desc,name` is by `total` from the greatest on, then by `name`.
pub(super) fn read_sort(text: &str, definition: &Definition) -> Result<Vec<(Place, Direction)>> {
    let mut sort: Vec<(Place, Direction)> = Vec::new();
    let mut takes_direction = false;
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let direction = match word.to_ascii_lowercase().as_str() {
            "asc" => Some(Direction::Ascending),
            "desc" => Some(Direction::Descending),
            _ => None,
        };
        if let (true, Some(direction), Some((_, of_last))) = (takes_direction, direction, sort.last_mut()) {
            *of_last = direction;
            takes_direction = false;
            continue;
        }
        sort.push((sortable(word, definition)?, Direction::Ascending));
        takes_direction = true;
    }
    if sort.len() > SORT_MAX {
        return Err(AccountError::field("sort", format!("must not name more than {SORT_MAX} fields")));
    }
    Ok(sort)
}

fn sortable(name: &str, definition: &Definition) -> Result<Place> {
    match place(name, definition) {
        None => Err(AccountError::field("sort", format!("the structure has no field {name:?}"))),
        Some((_, Kind::Links | Kind::Json)) => {
            Err(AccountError::field("sort", format!("objects can't be sorted by {name:?}")))
        }
        Some((place, _)) => Ok(place),
    }
}
