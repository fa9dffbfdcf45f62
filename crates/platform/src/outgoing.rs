//! HTTP requests of scenarios, as the product sees them. Whoever sends them knows HTTP, and where they may go.

use std::pin::Pin;

use crate::scenarios::world::{Failure, HttpAnswer, HttpRequest};

/// Sends HTTP requests for scenarios, under the operator's rules of where they may go.
pub trait Outgoing: Send + Sync + 'static {
    /// Sends one and reads the answer. `key` is the same whenever a run does the same step, so that the other server can
    /// recognise what it has seen.
    fn send(
        &self,
        request: HttpRequest,
        key: String,
    ) -> Pin<Box<dyn Future<Output = Result<HttpAnswer, Failure>> + Send>>;
}
