//! A connection's bytes, plain or over TLS.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

use crate::addresses::Hold;

pub(crate) struct Stream {
    io: Io,
    /// Counts it among what its client's address has open.
    hold: Hold,
}

enum Io {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A stream on its way to another thread.
pub(crate) struct Detached {
    io: DetachedIo,
    hold: Hold,
}

enum DetachedIo {
    Plain(std::net::TcpStream),
    /// A TLS session can't be taken apart: it keeps being woken by the thread that it was accepted on.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub(crate) fn plain(stream: TcpStream, hold: Hold) -> Self {
        Self { io: Io::Plain(stream), hold }
    }

    pub(crate) fn tls(stream: TlsStream<TcpStream>, hold: Hold) -> Self {
        Self { io: Io::Tls(Box::new(stream)), hold }
    }

    pub(crate) fn is_secure(&self) -> bool {
        matches!(self.io, Io::Tls(_))
    }

    pub(crate) fn detach(self) -> io::Result<Detached> {
        let io = match self.io {
            Io::Plain(stream) => DetachedIo::Plain(stream.into_std()?),
            Io::Tls(stream) => DetachedIo::Tls(stream),
        };
        Ok(Detached { io, hold: self.hold })
    }

    pub(crate) fn attach(detached: Detached) -> io::Result<Self> {
        let io = match detached.io {
            DetachedIo::Plain(stream) => Io::Plain(TcpStream::from_std(stream)?),
            DetachedIo::Tls(stream) => Io::Tls(stream),
        };
        Ok(Self { io, hold: detached.hold })
    }

    /// Writes what the network takes at once; `WouldBlock` if nothing. TLS wakes `waker` when it takes more.
    pub(crate) fn try_write(&mut self, slices: &[IoSlice<'_>], waker: &Waker) -> io::Result<usize> {
        match &mut self.io {
            Io::Plain(stream) => match slices {
                [slice] => stream.try_write(slice),
                _ => stream.try_write_vectored(slices),
            },
            Io::Tls(stream) => {
                let context = &mut Context::from_waker(waker);
                let mut stream = Pin::new(&mut **stream);
                let written = match stream.as_mut().poll_write_vectored(context, slices) {
                    Poll::Ready(written) => written?,
                    Poll::Pending => return Err(io::ErrorKind::WouldBlock.into()),
                };
                match stream.poll_flush(context) {
                    Poll::Ready(Err(error)) => Err(error),
                    // What the session has encrypted goes out with the next flush.
                    Poll::Ready(Ok(())) | Poll::Pending => Ok(written),
                }
            }
        }
    }

    /// Waits until a write may succeed again.
    pub(crate) fn poll_writable(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Io::Plain(stream) => stream.poll_write_ready(context),
            Io::Tls(stream) => Pin::new(&mut **stream).poll_flush(context),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut self.io {
            Io::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Io::Tls(stream) => Pin::new(&mut **stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.io {
            Io::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Io::Tls(stream) => Pin::new(&mut **stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Io::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Io::Tls(stream) => Pin::new(&mut **stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.io {
            Io::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Io::Tls(stream) => {
                ready!(Pin::new(&mut **stream).poll_shutdown(cx))?;
                Poll::Ready(Ok(()))
            }
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.io {
            Io::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Io::Tls(stream) => Pin::new(&mut **stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}
