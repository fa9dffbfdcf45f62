//! What one shard's thread shares between its tasks, and the end of a turn.
//!
//! A turn: tasks that are ready read from their connections and hand what they got to the shard, which fills outboxes
//! and marks connections dirty. The flusher is woken by the first of them and so runs after the others; it writes each
//! dirty connection's outbox with one call, and posts what is for other shards.
//!
//! Before anything reaches the shard its mailbox is emptied. So what another shard knew when a client was answered is
//! known here when that client, or one that it told, comes here next.

use std::{
    cell::{Cell, RefCell},
    io::{self, IoSlice},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
    task::{Poll, Waker},
    time::{Duration, Instant},
};

use bytes::Bytes;
use campanile_hub::{
    App, ConnectionKey, Envelope, GATHER_MAX, Millis, Options as HubOptions, Reason, Shard, ShardId,
};
use campanile_protocol::{Frame, deflate::Deflater};
use slotmap::SecondaryMap;
use tokio::sync::{Notify, oneshot};

use crate::{
    Options,
    addresses::{Addresses, Hold},
    http::Fallback,
    mailbox::{Mail, Mailbox, Receiver},
    server::Stopped,
    websocket::WebSocket,
};

/// Bytes that one read takes at most; the buffer belongs to the thread, not to a connection.
pub(crate) const SCRATCH_BYTES: usize = 64 << 10;

pub(crate) struct Local<A: App> {
    pub(crate) id: ShardId,
    pub(crate) options: Arc<Options>,
    pub(crate) hub_options: Arc<HubOptions>,
    pub(crate) fallback: Fallback,
    pub(crate) addresses: Addresses,
    shard: RefCell<Shard<A>>,
    links: RefCell<SecondaryMap<ConnectionKey, Link>>,
    mailbox: RefCell<Receiver<A>>,
    mailboxes: Arc<[Mailbox<A>]>,
    /// The shard's clock counts from here.
    epoch: Instant,
    /// Wakes the flusher; present while it sleeps.
    flusher: Cell<Option<Waker>>,
    dirty: RefCell<Vec<ConnectionKey>>,
    /// When the timer task wakes by itself.
    armed: Cell<Millis>,
    rearm: Notify,
    pub(crate) scratch: RefCell<Box<[u8]>>,
    pub(crate) deflater: RefCell<Deflater>,
    pub(crate) stopping: Cell<bool>,
    stop: Cell<Option<Instant>>,
    stopped: Notify,
}

/// The transport's end of a connection.
pub(crate) enum Link {
    /// Long-polling.
    Polling {
        /// The poll that waits, if one does.
        poll: Option<oneshot::Sender<Bytes>>,
        /// The WebSocket that is about to take over, if one is.
        upgrade: Option<Rc<WebSocket>>,
        /// Counts the session among what its client's address has open.
        _hold: Hold,
    },
    WebSocket(Rc<WebSocket>),
}

impl<A: App> Local<A> {
    #[expect(clippy::too_many_arguments, reason = "each is a part that the thread is made of, passed once")]
    pub(crate) fn new(
        id: ShardId,
        options: Arc<Options>,
        hub_options: Arc<HubOptions>,
        fallback: Fallback,
        addresses: Addresses,
        shard: Shard<A>,
        mailbox: Receiver<A>,
        mailboxes: Arc<[Mailbox<A>]>,
        epoch: Instant,
    ) -> Self {
        Self {
            id,
            options,
            hub_options,
            fallback,
            addresses,
            shard: RefCell::new(shard),
            links: RefCell::new(SecondaryMap::new()),
            mailbox: RefCell::new(mailbox),
            mailboxes,
            epoch,
            flusher: Cell::new(None),
            dirty: RefCell::new(Vec::new()),
            armed: Cell::new(Millis::MAX),
            rearm: Notify::new(),
            scratch: RefCell::new(vec![0; SCRATCH_BYTES].into_boxed_slice()),
            deflater: RefCell::new(Deflater::new()),
            stopping: Cell::new(false),
            stop: Cell::new(None),
            stopped: Notify::new(),
        }
    }

    pub(crate) fn now(&self) -> Millis {
        self.epoch.elapsed().as_millis() as Millis
    }

    /// Calls the shard, with its clock set and its mailbox empty, and sees to what comes of it.
    pub(crate) fn with<R>(self: &Rc<Self>, call: impl FnOnce(&mut Shard<A>) -> R) -> R {
        self.empty_mailbox();
        let mut shard = self.shard.borrow_mut();
        shard.advance(self.now());
        let result = call(&mut shard);
        self.after_call(&shard);
        result
    }

    /// The same for input of one connection: a bug that it runs into ends that connection only.
    pub(crate) fn with_input(self: &Rc<Self>, key: ConnectionKey, call: impl FnOnce(&mut Shard<A>)) {
        if catch_unwind(AssertUnwindSafe(|| self.with(call))).is_err() {
            tracing::error!(shard = self.id, "a handler panicked; its connection is closed");
            self.with(|shard| shard.lost(key, Reason::TransportError));
        }
    }

    fn after_call(&self, shard: &Shard<A>) {
        if shard.has_output()
            && let Some(flusher) = self.flusher.take()
        {
            flusher.wake();
        }
        self.rearm_timer(shard);
    }

    /// Wakes the timer task if there is a deadline before the one that it sleeps for.
    fn rearm_timer(&self, shard: &Shard<A>) {
        if shard.next_deadline().is_some_and(|deadline| deadline < self.armed.get()) {
            self.rearm.notify_one();
        }
    }

    fn empty_mailbox(self: &Rc<Self>) {
        loop {
            let mail = {
                let mut mailbox = self.mailbox.borrow_mut();
                let Ok(mail) = mailbox.receiver.try_recv() else { return };
                mailbox.done(&mail);
                mail
            };
            self.receive(mail);
        }
    }

    fn receive(self: &Rc<Self>, mail: Mail<A>) {
        match mail {
            Mail::Run(run) => return run(self),
            Mail::ShutDown(deadline) => {
                self.stopping.set(true);
                self.stop.set(Some(deadline));
                self.stopped.notify_one();
            }
            _ => {}
        }
        let mut shard = self.shard.borrow_mut();
        // Whoever is answered below must not know more than the other shards can know by then.
        self.post_outgoing(&mut shard);
        shard.advance(self.now());
        match mail {
            Mail::Peer(from, envelopes) => {
                for envelope in envelopes {
                    shard.deliver(from, envelope);
                }
            }
            Mail::App(message) => shard.message(message),
            Mail::Stats(reply) => {
                // Whoever asked may have given up; that is theirs to know.
                let _ = reply.send(shard.stats());
            }
            Mail::ShutDown(_) => shard.shut_down(),
            Mail::Run(_) => {}
        }
        self.after_call(&shard);
    }

    /// Does something on the thread that owns a shard: here at once if it is this one.
    pub(crate) async fn on<R: Send + 'static>(
        self: &Rc<Self>,
        shard: ShardId,
        call: impl FnOnce(&Rc<Self>) -> R + Send + 'static,
    ) -> Option<R> {
        if shard == self.id {
            return Some(call(self));
        }
        let (reply, answer) = oneshot::channel();
        self.post(shard, move |local| {
            let _ = reply.send(call(local));
        });
        answer.await.ok()
    }

    /// The same without an answer.
    pub(crate) fn post(self: &Rc<Self>, shard: ShardId, call: impl FnOnce(&Rc<Self>) + Send + 'static) {
        if shard == self.id {
            return call(self);
        }
        if let Some(mailbox) = self.mailboxes.get(usize::from(shard)) {
            mailbox.send(Mail::Run(Box::new(call)));
        }
    }

    /// How long no more should be taken from a connection.
    pub(crate) fn pause(&self, key: ConnectionKey) -> Duration {
        Duration::from_millis(self.shard.borrow().pause(key))
    }

    /// Whether a peer is so far behind that this shard should not take more from its clients.
    pub(crate) fn is_peer_behind(&self) -> bool {
        self.mailboxes.len() > 1 && self.mailboxes.iter().any(Mailbox::is_full)
    }

    pub(crate) fn set_link(self: &Rc<Self>, key: ConnectionKey, link: Link) {
        self.links.borrow_mut().insert(key, link);
    }

    pub(crate) fn remove_link(&self, key: ConnectionKey) {
        self.links.borrow_mut().remove(key);
    }

    /// Sets the poll that waits for a connection.
    pub(crate) fn set_waiting_poll(&self, key: ConnectionKey, waiting: oneshot::Sender<Bytes>) {
        if let Some(Link::Polling { poll, .. }) = self.links.borrow_mut().get_mut(key) {
            *poll = Some(waiting);
        }
    }

    /// Takes the poll that waits for a connection.
    pub(crate) fn take_waiting_poll(&self, key: ConnectionKey) -> Option<oneshot::Sender<Bytes>> {
        match self.links.borrow_mut().get_mut(key) {
            Some(Link::Polling { poll, .. }) => poll.take(),
            _ => None,
        }
    }

    /// Notes the WebSocket that is about to take a polling connection over: it ends if the connection does.
    pub(crate) fn set_upgrade(&self, key: ConnectionKey, websocket: Option<Rc<WebSocket>>) {
        if let Some(Link::Polling { upgrade, .. }) = self.links.borrow_mut().get_mut(key) {
            *upgrade = websocket;
        }
    }

    /// Empties the mailbox whenever there is something in it.
    pub(crate) async fn run_mailbox(self: Rc<Self>) {
        loop {
            let mail = std::future::poll_fn(|context| {
                let mut mailbox = self.mailbox.borrow_mut();
                let mail = mailbox.receiver.poll_recv(context);
                if let Poll::Ready(Some(mail)) = &mail {
                    mailbox.done(mail);
                }
                mail
            });
            match mail.await {
                Some(mail) => self.receive(mail),
                None => return,
            }
        }
    }

    /// Wakes the shard when one of its deadlines has come.
    pub(crate) async fn run_timers(self: Rc<Self>) {
        loop {
            let next = self.shard.borrow().next_deadline();
            self.armed.set(next.unwrap_or(Millis::MAX));
            match next {
                None => self.rearm.notified().await,
                Some(at) => {
                    let at = self.epoch + Duration::from_millis(at);
                    tokio::select! {
                        () = tokio::time::sleep_until(at.into()) => self.with(|_| ()),
                        () = self.rearm.notified() => {}
                    }
                }
            }
        }
    }

    /// Runs at the end of every turn that made something to send.
    pub(crate) async fn run_flusher(self: Rc<Self>) {
        std::future::poll_fn::<(), _>(|context| {
            // Writing may end connections, which may tell others about it; those go out in the same turn.
            while self.shard.borrow().has_output() {
                self.flush();
            }
            self.flusher.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    fn flush(&self) {
        let mut shard = self.shard.borrow_mut();
        self.post_outgoing(&mut shard);
        let mut dirty = self.dirty.borrow_mut();
        shard.take_dirty(&mut dirty);
        let mut links = self.links.borrow_mut();
        for key in dirty.drain(..) {
            self.flush_connection(&mut shard, &mut links, key);
        }
        if dirty.capacity() > 4096 {
            dirty.shrink_to(4096);
        }
        self.rearm_timer(&shard);
    }

    fn post_outgoing(&self, shard: &mut Shard<A>) {
        let mut batches: Vec<Vec<Envelope<A::Message>>> = Vec::new();
        for (to, envelope) in shard.take_outgoing() {
            let to = usize::from(to);
            if batches.len() <= to {
                batches.resize_with(to + 1, Vec::new);
            }
            batches[to].push(envelope);
        }
        for (mailbox, batch) in self.mailboxes.iter().zip(batches).filter(|(_, batch)| !batch.is_empty()) {
            mailbox.send(Mail::Peer(self.id, batch));
        }
    }

    /// Writes what waits for one connection, out of turn: its network takes bytes again.
    pub(crate) fn flush_one(&self, key: ConnectionKey) {
        let mut shard = self.shard.borrow_mut();
        self.flush_connection(&mut shard, &mut self.links.borrow_mut(), key);
        self.rearm_timer(&shard);
    }

    fn flush_connection(
        &self,
        shard: &mut Shard<A>,
        links: &mut SecondaryMap<ConnectionKey, Link>,
        key: ConnectionKey,
    ) {
        match links.get_mut(key) {
            Some(Link::WebSocket(websocket)) => self.flush_websocket(shard, websocket, key),
            Some(Link::Polling { poll, upgrade, .. }) => {
                if poll.is_some() {
                    if let Some(payload) = shard.take_poll(key)
                        && let Some(poll) = poll.take()
                    {
                        // If the client gave up meanwhile, its poll's guard ends the connection.
                        let _ = poll.send(payload);
                    }
                } else {
                    shard.linger(key);
                }
                if shard.output(key).is_none() {
                    if let Some(websocket) = upgrade {
                        websocket.cut();
                    }
                    links.remove(key);
                }
            }
            // Its first poll, or its WebSocket, is just being set up and looks for itself.
            None => {}
        }
    }

    fn flush_websocket(&self, shard: &mut Shard<A>, websocket: &WebSocket, key: ConnectionKey) {
        let Some(output) = shard.output(key) else { return websocket.cut() };
        let written = match websocket.deflates() {
            false => write_outbox(output.outbox, websocket),
            true => self.write_deflated(output.outbox, websocket),
        };
        *output.blocked = matches!(written, Ok(Written::Blocked));
        let closing = output.closing;
        match (written, closing) {
            (Ok(Written::All), None) => {}
            (Ok(Written::All), Some(reason)) => websocket.close(reason),
            (Ok(Written::Blocked), None) => websocket.wait_until_writable(),
            (Ok(Written::Blocked), Some(_)) => {
                websocket.wait_until_writable();
                shard.linger(key);
            }
            (Err(_), _) => websocket.cut(),
        }
    }

    /// For connections that negotiated compression: moves a batch into the WebSocket's own small outbox, compressed.
    fn write_deflated(
        &self,
        outbox: &mut campanile_hub::Outbox,
        websocket: &WebSocket,
    ) -> io::Result<Written> {
        let threshold = self.options.per_message_deflate_threshold_bytes.unwrap_or(usize::MAX);
        let mut deflater = self.deflater.borrow_mut();
        loop {
            let mut staged = websocket.staged();
            if staged.is_empty() {
                if outbox.is_empty() {
                    return Ok(Written::All);
                }
                let mut taken = 0;
                for frame in outbox.iter().take(GATHER_MAX) {
                    taken += frame.websocket_bytes().len();
                    staged.push(match frame.body().len() >= threshold {
                        true => Frame::from_wire(frame.compressed(&mut deflater)),
                        false => frame.clone(),
                    });
                }
                outbox.advance(taken);
            }
            if matches!(write_outbox(&mut staged, websocket)?, Written::Blocked) {
                return Ok(Written::Blocked);
            }
        }
    }

    /// Waits until the thread is to stop; returns by when.
    pub(crate) async fn stopped(&self) -> Instant {
        loop {
            if let Some(deadline) = self.stop.get() {
                return deadline;
            }
            self.stopped.notified().await;
        }
    }

    /// Ends what is still connected, so that recovery knows of it.
    pub(crate) fn stop(self: &Rc<Self>) -> Stopped {
        let connections = self.connection_count();
        self.with(|shard| {
            shard.shut_down();
            Stopped { connections, recovery: shard.recovery_snapshot().into_iter().collect() }
        })
    }

    pub(crate) fn connection_count(&self) -> usize {
        self.shard.borrow().connection_count()
    }
}

pub(crate) enum Written {
    All,
    Blocked,
}

fn write_outbox(outbox: &mut campanile_hub::Outbox, websocket: &WebSocket) -> io::Result<Written> {
    while !outbox.is_empty() {
        let written = match outbox.single() {
            Some(bytes) => websocket.try_write(&[IoSlice::new(bytes)]),
            None => {
                let mut slices = [IoSlice::new(&[]); GATHER_MAX];
                let filled = outbox.gather(&mut slices);
                websocket.try_write(&slices[..filled])
            }
        };
        match written {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => outbox.advance(written),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(Written::Blocked),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Written::All)
}
