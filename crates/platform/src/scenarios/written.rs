//! What people write into a definition in a language of its own (a template, a condition): kept as it was written, compiled
//! when it is read. A mistake in it is kept as well, so that reading a definition can tell all of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{
    expression::Expression,
    source::SourceError,
    template::{JsonTemplate, Template},
};

/// A text with values in it.
pub type Text = Written<Template>;

/// A value whose texts have values in them.
pub type JsonText = Written<JsonTemplate>;

/// What must hold.
pub type Condition = Written<Expression>;

/// Something that is compiled.
pub trait Language: Sized {
    /// How it is written.
    type Source: Clone;
    /// What can be wrong.
    type Mistakes: Clone;

    /// Compiles it.
    ///
    /// # Errors
    /// What is wrong.
    fn compile(source: &Self::Source) -> Result<Self, Self::Mistakes>;

    /// Every path that it may read.
    fn paths(&self) -> BTreeSet<String>;
}

/// Something as it was written, and what it was compiled to.
#[derive(Clone, Debug, PartialEq)]
pub struct Written<L: Language> {
    source: L::Source,
    compiled: Result<L, L::Mistakes>,
}

impl<L: Language> Written<L> {
    /// Compiles it.
    pub fn new(source: L::Source) -> Self {
        Self { compiled: L::compile(&source), source }
    }

    /// As it was written.
    pub fn source(&self) -> &L::Source {
        &self.source
    }

    /// What it was compiled to.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn compiled(&self) -> Result<&L, &L::Mistakes> {
        self.compiled.as_ref()
    }

    /// Every path that it may read.
    pub fn paths(&self) -> BTreeSet<String> {
        self.compiled.as_ref().map(Language::paths).unwrap_or_default()
    }
}

impl<L: Language<Source: Serialize>> Serialize for Written<L> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.source.serialize(serializer)
    }
}

impl<'de, L: Language<Source: Deserialize<'de>>> Deserialize<'de> for Written<L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        L::Source::deserialize(deserializer).map(Self::new)
    }
}

impl Language for Template {
    type Source = String;
    type Mistakes = SourceError;

    fn compile(source: &String) -> Result<Self, SourceError> {
        Self::compile(source)
    }

    fn paths(&self) -> BTreeSet<String> {
        self.paths()
    }
}

impl Language for Expression {
    type Source = String;
    type Mistakes = SourceError;

    fn compile(source: &String) -> Result<Self, SourceError> {
        Self::compile(source)
    }

    fn paths(&self) -> BTreeSet<String> {
        self.paths()
    }
}

impl Language for JsonTemplate {
    type Source = Value;
    type Mistakes = Vec<(String, SourceError)>;

    fn compile(source: &Value) -> Result<Self, Self::Mistakes> {
        Self::compile(source)
    }

    fn paths(&self) -> BTreeSet<String> {
        self.paths()
    }
}
