//! The way out: HTTP requests of scenarios. The product says what is asked; where it may go is the operator's rule, and how
//! it gets there isn't known here.

use std::pin::Pin;

use crate::scenarios::world::{Failure, HttpAnswer, HttpRequest};

/// An answer that is on its way.
pub type Answering = Pin<Box<dyn Future<Output = Result<HttpAnswer, Failure>> + Send>>;

/// Sends HTTP requests for scenarios, under the operator's rules of where they may go.
pub trait Outgoing: Send + Sync + 'static {
    /// Sends a request. `key` is the same whenever the same step of the same run is repeated.
    fn send(&self, request: HttpRequest, key: String) -> Answering;
}
