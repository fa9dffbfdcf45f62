//! Scenarios: what an app does by itself when something happens in it.
//!
//! This is the language, as a library: what a scenario may say, and what each step of a run does. Time, data and effects
//! come through one trait, so it knows neither the store nor a shard, and the same input gives the same run.
//!
//! | Module | Its part |
//! |---|---|
//! | `definition` | the document: trigger, filter, steps |
//! | `validate` | all that is wrong with a document |
//! | `schema` | the JSON Schema of documents |
//! | `written` | texts of a document that are compiled |
//! | `engine` | a run, step by step |
//! | `dry_run` | a run that only shows what it would do |
//! | `world` | what a run needs of the world: time, data, effects |
//! | `template` | texts with values in them |
//! | `expression` | conditions |
//! | `schedule` | when it is time |

pub mod definition;
pub mod dry_run;
pub mod engine;
pub mod expression;
pub mod schedule;
pub mod schema;
mod source;
pub mod template;
pub mod validate;
pub mod world;
pub mod written;

pub use source::SourceError;
