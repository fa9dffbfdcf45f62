//! Bodies of responses: most are complete already and cost nothing to wrap, the fallback's may stream.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use hyper::body::{Frame, SizeHint};

/// Why a body broke off.
pub type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a response.
pub struct Body(Kind);

enum Kind {
    /// What is left to be sent: everything, or nothing.
    Full(Option<Bytes>),
    Streamed(UnsyncBoxBody<Bytes, BodyError>),
}

impl Body {
    /// A body that comes in pieces.
    pub fn streamed(
        body: impl hyper::body::Body<Data = Bytes, Error: Into<BodyError>> + Send + 'static,
    ) -> Self {
        Self(Kind::Streamed(body.map_err(Into::into).boxed_unsync()))
    }
}

/// A body that is complete already.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Body(Kind::Full(Some(bytes.into())))
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.0 {
            Kind::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Streamed(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Full(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Kind::Streamed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Full(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Kind::Streamed(body) => body.size_hint(),
        }
    }
}
