//! Which objects: conditions over their fields, and the order of a list, as SQL. Values and paths are bound, so that
//! nothing of a condition but its shape is in the text of a statement.
//!
//! A comparison with a value of another type, or with a field that isn't there, is false, and its opposite is true.

use rusqlite::types::Value;

/// Whether an object is meant.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of these hold; of none at all, that is so.
    All(Vec<Condition>),
    /// One of these holds.
    Any(Vec<Condition>),
    /// This doesn't hold.
    Not(Box<Condition>),
    /// There is a value.
    Has(Place),
    /// A value is equal to another one, or less, and so on.
    Is(Place, Comparison, Operand),
}

/// Where a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The object's id, a text.
    Id,
    /// Its version, a number.
    Version,
    /// When it was created, a number.
    CreatedAtMs,
    /// When it was last changed, a number.
    UpdatedAtMs,
    /// The user who created it, a text.
    CreatedBy,
    /// A field in its data.
    Field(String),
}

/// How two values are compared. Texts are ordered by their characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// They are the same.
    Equal,
    /// The object's value is less.
    Less,
    /// It is less or the same.
    LessOrEqual,
    /// It is greater.
    Greater,
    /// It is greater or the same.
    GreaterOrEqual,
    /// Its text has the other one in it.
    Contains,
    /// Its text starts with the other one.
    StartsWith,
    /// It is a list with the other value, a text, in it.
    Holds,
}

/// What is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Real(f64),
    /// Yes or no.
    Boolean(bool),
}

/// Which of two comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The smaller one.
    Ascending,
    /// The greater one.
    Descending,
}

/// A part of a statement, and what is bound in it from the front.
pub(crate) struct Clause {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
}

impl Condition {
    pub(crate) fn clause(&self) -> Clause {
        let mut clause = Clause { sql: String::new(), values: Vec::new() };
        clause.add_condition(self);
        clause
    }
}

/// In the order of these, whatever is absent last; objects that are alike in the order of their creation.
pub(crate) fn order(sort: &[(Place, Direction)]) -> Clause {
    let mut clause = Clause { sql: String::new(), values: Vec::new() };
    for (place, direction) in sort {
        clause.add_value_at(place);
        clause.sql.push_str(match direction {
            Direction::Ascending => " ASC NULLS LAST, ",
            Direction::Descending => " DESC NULLS LAST, ",
        });
    }
    clause.sql.push_str("number");
    clause
}

impl Clause {
    fn add_condition(&mut self, condition: &Condition) {
        match condition {
            Condition::All(all) => self.add_joined(all, " AND ", "1"),
            Condition::Any(any) => self.add_joined(any, " OR ", "0"),
            Condition::Not(condition) => {
                self.sql.push_str("NOT (");
                self.add_condition(condition);
                self.sql.push(')');
            }
            Condition::Has(place) => self.add_presence(place),
            Condition::Is(place, comparison, operand) => self.add_comparison(place, *comparison, operand),
        }
    }

    fn add_joined(&mut self, conditions: &[Condition], with: &str, of_none: &str) {
        if conditions.is_empty() {
            self.sql.push_str(of_none);
        }
        for (index, condition) in conditions.iter().enumerate() {
            self.sql.push_str(if index == 0 { "(" } else { with });
            self.add_condition(condition);
        }
        if !conditions.is_empty() {
            self.sql.push(')');
        }
    }

    fn add_presence(&mut self, place: &Place) {
        if let Place::Field(name) = place {
            self.sql.push_str("coalesce(json_type(data, ");
            self.bind(path(name));
            self.sql.push_str(") <> 'null', 0)");
        } else {
            self.sql.push('(');
            self.add_value_at(place);
            self.sql.push_str(" IS NOT NULL)");
        }
    }

    /// A comparison with nothing would be neither true nor false, and neither would its opposite.
    fn add_comparison(&mut self, place: &Place, comparison: Comparison, operand: &Operand) {
        // In this form, which is never undecided either, SQLite finds an index.
        if comparison == Comparison::Equal && matches!(place, Place::Id | Place::CreatedBy) {
            return self.add_operator(place, " IS ", operand);
        }
        self.sql.push_str("coalesce(");
        if let Place::Field(name) = place {
            self.sql.push_str("json_type(data, ");
            self.bind(path(name));
            self.sql.push_str(if comparison == Comparison::Holds {
                ") = 'array' AND "
            } else {
                operand.types()
            });
        }
        match comparison {
            Comparison::Equal => self.add_operator(place, " = ", operand),
            Comparison::Less => self.add_operator(place, " < ", operand),
            Comparison::LessOrEqual => self.add_operator(place, " <= ", operand),
            Comparison::Greater => self.add_operator(place, " > ", operand),
            Comparison::GreaterOrEqual => self.add_operator(place, " >= ", operand),
            Comparison::Contains => self.add_search(place, operand, " > 0"),
            Comparison::StartsWith => self.add_search(place, operand, " = 1"),
            Comparison::Holds => self.add_member(place, operand),
        }
        self.sql.push_str(", 0)");
    }

    fn add_operator(&mut self, place: &Place, operator: &str, operand: &Operand) {
        self.add_value_at(place);
        self.sql.push_str(operator);
        self.bind(operand.value());
    }

    /// Where in the text the other one begins, counted from 1.
    fn add_search(&mut self, place: &Place, operand: &Operand, result: &str) {
        self.sql.push_str("instr(");
        self.add_value_at(place);
        self.sql.push_str(", ");
        self.bind(operand.value());
        self.sql.push(')');
        self.sql.push_str(result);
    }

    fn add_member(&mut self, place: &Place, operand: &Operand) {
        let Place::Field(name) = place else { return self.sql.push('0') };
        self.sql.push_str("EXISTS (SELECT 1 FROM json_each(data, ");
        self.bind(path(name));
        self.sql.push_str(") AS item WHERE item.type = 'text' AND item.value = ");
        self.bind(operand.value());
        self.sql.push(')');
    }

    fn add_value_at(&mut self, place: &Place) {
        let column = match place {
            Place::Id => "id",
            Place::Version => "version",
            Place::CreatedAtMs => "created_at_ms",
            Place::UpdatedAtMs => "updated_at_ms",
            Place::CreatedBy => "created_by",
            Place::Field(name) => {
                self.sql.push_str("json_extract(data, ");
                self.bind(path(name));
                self.sql.push(')');
                return;
            }
        };
        self.sql.push_str(column);
    }

    fn bind(&mut self, value: Value) {
        self.sql.push('?');
        self.values.push(value);
    }
}

/// Inside quotes nothing but a quote means anything, and no field has one in its name.
fn path(name: &str) -> Value {
    Value::Text(format!("$.\"{name}\""))
}

impl Operand {
    fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::Text(text.clone()),
            Self::Integer(number) => Value::Integer(*number),
            Self::Real(number) => Value::Real(*number),
            Self::Boolean(is_true) => Value::Integer(i64::from(*is_true)),
        }
    }

    /// How the types go on that a value is only compared with.
    fn types(&self) -> &'static str {
        match self {
            Self::Text(_) => ") = 'text' AND ",
            Self::Integer(_) | Self::Real(_) => ") IN ('integer', 'real') AND ",
            Self::Boolean(_) => ") IN ('true', 'false') AND ",
        }
    }
}
