//! WebSocket connections: reading frames, writing on behalf of the flusher, closing. How a WebSocket takes over a
//! polling connection is in `upgrade`.

use std::{
    cell::{Cell, OnceCell, RefCell, RefMut},
    future::poll_fn,
    io::{self, IoSlice},
    ops::ControlFlow,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use campanile_hub::{App, ConnectionKey, Outbox, Reason, Shard};
use campanile_protocol::{
    Frame,
    websocket::{Decoder, Error, Limits, Message, close_frame, pong_frame},
};
use tokio::io::{AsyncRead, ReadBuf};

use crate::{
    local::{Link, Local},
    stream::Stream,
};

/// The transport's end of a WebSocket, shared by the task that reads and the flusher that writes.
pub(crate) struct WebSocket {
    stream: RefCell<Stream>,
    /// Wakes the reading task; set before it first sleeps.
    reader: RefCell<Waker>,
    decoder: RefCell<Decoder>,
    state: Cell<State>,
    blocked: Cell<bool>,
    /// Present where compression was negotiated: frames that are compressed and not yet written.
    staged: OnceCell<Box<RefCell<Outbox>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// A close frame is out; the peer's is awaited for a moment.
    Closing,
    /// Nothing more is to be said.
    Cut,
}

/// Whether messages are compressed (RFC 7692).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    Off,
    Deflate,
}

/// Time the peer has to answer a close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

/// How long reading pauses when another shard is far behind.
const BACK_PRESSURE_PAUSE: Duration = Duration::from_millis(1);

impl WebSocket {
    pub(crate) fn new(stream: Stream, compression: Compression) -> Self {
        let staged = OnceCell::new();
        if compression == Compression::Deflate {
            staged.get_or_init(Box::default);
        }
        Self {
            stream: RefCell::new(stream),
            reader: RefCell::new(Waker::noop().clone()),
            decoder: RefCell::new(Decoder::new()),
            state: Cell::new(State::Open),
            blocked: Cell::new(false),
            staged,
        }
    }

    pub(crate) fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if self.state.get() != State::Open {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.stream.borrow_mut().try_write(slices, &self.reader.borrow())
    }

    pub(crate) fn deflates(&self) -> bool {
        self.staged.get().is_some()
    }

    pub(crate) fn staged(&self) -> RefMut<'_, Outbox> {
        self.staged.get_or_init(Box::default).borrow_mut()
    }

    /// The reading task is to flush again once the network takes bytes.
    pub(crate) fn wait_until_writable(&self) {
        self.blocked.set(true);
        self.reader.borrow().wake_by_ref();
    }

    /// Says goodbye: everything else has been written.
    pub(crate) fn close(&self, reason: Reason) {
        let code = match reason {
            Reason::ServerShuttingDown => 1001,
            Reason::TransportError | Reason::ParseError => 1002,
            Reason::OutboxOverflow => 1008,
            _ => 1000,
        };
        self.close_with(code, reason.as_str());
    }

    pub(crate) fn close_with(&self, code: u16, reason: &str) {
        // A peer that takes no bytes, or reads no more, doesn't need to be told.
        let _ = self.try_write(&[IoSlice::new(&close_frame(code, reason))]);
        if self.state.get() == State::Open {
            self.state.set(State::Closing);
        }
        self.reader.borrow().wake_by_ref();
    }

    /// Drops the connection without another word.
    pub(crate) fn cut(&self) {
        self.state.set(State::Cut);
        self.reader.borrow().wake_by_ref();
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state.get() == State::Open
    }

    pub(crate) fn decoder(&self) -> RefMut<'_, Decoder> {
        self.decoder.borrow_mut()
    }

    pub(crate) fn limits(&self, local: &Local<impl App>) -> Limits {
        Limits {
            message_bytes_max: local.hub_options.max_payload_bytes,
            fragments_max: local.options.fragments_max,
            deflate: self.deflates(),
        }
    }

    /// Reads once into `scratch`; `Ok(0)` is the end of the stream.
    pub(crate) fn poll_read(&self, context: &mut Context<'_>, scratch: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(scratch);
        ready!(Pin::new(&mut *self.stream.borrow_mut()).poll_read(context, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    pub(crate) fn sleep(&self, context: &Context<'_>) {
        let mut reader = self.reader.borrow_mut();
        if !reader.will_wake(context.waker()) {
            reader.clone_from(context.waker());
        }
    }
}

/// Starts the task that reads a WebSocket which is its connection's transport.
/// `early` is what the client sent before it had the answer to its handshake.
pub(crate) fn spawn<A: App>(
    local: &Rc<Local<A>>,
    websocket: Rc<WebSocket>,
    key: ConnectionKey,
    early: &[u8],
) {
    local.set_link(key, Link::WebSocket(websocket.clone()));
    // What was queued before the link existed: at least the open packet.
    local.flush_one(key);
    if !early.is_empty() {
        take_input(local, &websocket, key, &mut early.to_vec());
    }
    tokio::task::spawn_local(run(local.clone(), websocket, key));
}

async fn run<A: App>(local: Rc<Local<A>>, websocket: Rc<WebSocket>, key: ConnectionKey) {
    let reason = loop {
        if local.is_peer_behind() {
            tokio::time::sleep(BACK_PRESSURE_PAUSE).await;
        }
        let pause = local.pause(key);
        if !pause.is_zero() {
            // Boxed because it is rare and would otherwise make every connection's task larger.
            if let Some(reason) = Box::pin(wait_while_writing(&local, &websocket, key, pause)).await {
                break reason;
            }
        }
        match poll_fn(|context| poll_turn(&local, &websocket, key, context)).await {
            Turn::Read => {}
            Turn::Ended(reason) => break reason,
        }
    };
    local.remove_link(key);
    local.with(|shard| shard.lost(key, reason));
    if websocket.state.get() == State::Closing {
        // Boxed because it is rare and would otherwise make every connection's task larger.
        Box::pin(await_close(&local, &websocket)).await;
    }
}

enum Turn {
    /// Something was read; there may be more.
    Read,
    Ended(Reason),
}

/// Reads nothing for a while, but goes on to write. Returns why the connection ended, if it did.
async fn wait_while_writing<A: App>(
    local: &Rc<Local<A>>,
    websocket: &WebSocket,
    key: ConnectionKey,
    pause: Duration,
) -> Option<Reason> {
    let ended = poll_fn(|context| poll_write_side(local, websocket, key, context));
    tokio::time::timeout(pause, ended).await.ok()
}

/// Does what is to be done beside reading. Ready once the connection has ended.
fn poll_write_side<A: App>(
    local: &Rc<Local<A>>,
    websocket: &WebSocket,
    key: ConnectionKey,
    context: &mut Context<'_>,
) -> Poll<Reason> {
    websocket.sleep(context);
    if websocket.state.get() != State::Open {
        return Poll::Ready(Reason::TransportClose);
    }
    while websocket.blocked.get() {
        let writable = websocket.stream.borrow_mut().poll_writable(context);
        match ready!(writable) {
            Ok(()) => {
                websocket.blocked.set(false);
                local.flush_one(key);
                if websocket.state.get() != State::Open {
                    return Poll::Ready(Reason::TransportClose);
                }
            }
            Err(_) => return Poll::Ready(Reason::TransportError),
        }
    }
    Poll::Pending
}

fn poll_turn<A: App>(
    local: &Rc<Local<A>>,
    websocket: &WebSocket,
    key: ConnectionKey,
    context: &mut Context<'_>,
) -> Poll<Turn> {
    if let Poll::Ready(reason) = poll_write_side(local, websocket, key, context) {
        return Poll::Ready(Turn::Ended(reason));
    }
    let mut scratch = local.scratch.borrow_mut();
    match ready!(websocket.poll_read(context, &mut scratch)) {
        Ok(0) => Poll::Ready(Turn::Ended(Reason::TransportClose)),
        Err(_) => Poll::Ready(Turn::Ended(Reason::TransportError)),
        Ok(read) => {
            take_input(local, websocket, key, &mut scratch[..read]);
            match websocket.state.get() {
                State::Open => Poll::Ready(Turn::Read),
                State::Closing | State::Cut => Poll::Ready(Turn::Ended(Reason::TransportClose)),
            }
        }
    }
}

/// Hands the messages in `input` to the shard.
fn take_input<A: App>(local: &Rc<Local<A>>, websocket: &WebSocket, key: ConnectionKey, input: &mut [u8]) {
    let limits = websocket.limits(local);
    local.with_input(key, |shard| {
        let mut decoder = websocket.decoder.borrow_mut();
        let mut deflater = local.deflater.borrow_mut();
        let mut peer_close = None;
        let result = decoder.feed(input, &limits, Some(&mut deflater), &mut |message| {
            take_message(shard, key, message, &mut peer_close)
        });
        if let Some(code) = peer_close {
            shard.lost(key, Reason::TransportClose);
            websocket.close_with(code, "");
            websocket.cut();
        } else if let Err(error) = result {
            reject_frame(shard, websocket, key, &error);
        }
    });
}

pub(crate) fn take_message<A: App>(
    shard: &mut Shard<A>,
    key: ConnectionKey,
    message: Message<'_>,
    peer_close: &mut Option<u16>,
) -> ControlFlow<()> {
    match message {
        Message::Text(text) => shard.text(key, text),
        Message::Binary(bytes) => shard.binary(key, bytes),
        Message::Ping(payload) => shard.send_control(key, Frame::from_wire(pong_frame(payload))),
        Message::Pong(_) => {}
        Message::Close(code, _) => {
            *peer_close = Some(code.unwrap_or(1000));
            return ControlFlow::Break(());
        }
    }
    ControlFlow::Continue(())
}

pub(crate) fn reject_frame<A: App>(
    shard: &mut Shard<A>,
    websocket: &WebSocket,
    key: ConnectionKey,
    error: &Error,
) {
    websocket.close_with(error.close_code(), &error.to_string());
    shard.lost(key, Reason::TransportError);
}

/// Waits for the peer's close frame, or its end of the stream, so that it gets to read ours.
pub(crate) async fn await_close<A: App>(local: &Rc<Local<A>>, websocket: &WebSocket) {
    let drained = poll_fn(|context| {
        loop {
            let mut scratch = local.scratch.borrow_mut();
            if !matches!(ready!(websocket.poll_read(context, &mut scratch)), Ok(read) if read > 0) {
                return Poll::Ready(());
            }
        }
    });
    let shut = poll_fn(|context| Pin::new(&mut *websocket.stream.borrow_mut()).poll_flush_and_shut(context));
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, async {
        let _ = shut.await;
        drained.await;
    })
    .await;
}

impl Stream {
    fn poll_flush_and_shut(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        tokio::io::AsyncWrite::poll_shutdown(self, context)
    }
}
