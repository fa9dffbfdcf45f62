//! Binding the listeners and running the shards' threads.

use std::{
    io,
    net::SocketAddr,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use campanile_hub::{App, Options as HubOptions, RecoverySnapshot, Shard, ShardId};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

use crate::{
    Options,
    addresses::{AddressLimits, Addresses},
    http::{self, Fallback},
    local::Local,
    mailbox::{Handle, Mail, Receiver, mailbox},
    stream::Stream,
};

/// The shards of a hub, running on threads of their own.
pub struct Server<A: App> {
    handle: Handle<A>,
    addresses: Vec<SocketAddr>,
    threads: Vec<JoinHandle<Stopped>>,
}

/// What is left of a server that was shut down.
#[derive(Debug, Default)]
pub struct Stopped {
    /// Connections that were cut because the time was over.
    pub connections: usize,
    /// The recovery state of each shard, if recovery is on: the next run may go on with it.
    pub recovery: Vec<RecoverySnapshot>,
}

/// The recovery state that a former run left behind.
#[derive(Clone, Debug, Default)]
pub struct Former {
    /// What [`Stopped::recovery`] was. It is used if there are as many shards now.
    pub recovery: Vec<RecoverySnapshot>,
    /// How long ago that was.
    pub elapsed: Duration,
}

/// Why a server doesn't start.
#[derive(Debug)]
pub enum StartError {
    /// An address can't be listened on.
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        error: io::Error,
    },
    /// A thread can't be started.
    Thread(io::Error),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Listen { address, error } => write!(f, "cannot listen on {address}: {error}"),
            Self::Thread(error) => write!(f, "cannot start a thread: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

impl<A: App> Server<A> {
    /// Binds `addresses` and starts the shards. `build` gets what reaches them, and makes two things: the fallback, and a
    /// function that is called once on each shard's thread and makes its application.
    ///
    /// # Errors
    /// An address can't be bound, or a thread can't be started; nothing runs then.
    pub fn start<F>(
        options: Options,
        hub_options: HubOptions,
        addresses: &[SocketAddr],
        mut former: Former,
        build: impl FnOnce(&Handle<A>) -> (Fallback, F),
    ) -> Result<Self, StartError>
    where
        F: Fn(ShardId) -> A + Send + Sync + 'static,
    {
        let shards = options.shards.clamp(1, 256);
        let options = Arc::new(Options { shards, ..options });
        let hub_options = Arc::new(hub_options);
        let (mut listeners, addresses) = bind_all(addresses, shards, options.accept_backlog)?;
        let (mailboxes, receivers): (Vec<_>, Vec<_>) =
            (0..shards).map(|_| mailbox(options.mailbox_messages_max)).unzip();
        let limits = AddressLimits {
            open_max: options.connections_per_address_max,
            rate: options.connects_per_address,
        };
        let handle = Handle { mailboxes: mailboxes.into(), addresses: Addresses::new(limits) };
        let (fallback, make_app) = build(&handle);
        let make_app = Arc::new(make_app);
        let epoch = Instant::now();
        let mut threads = Vec::with_capacity(shards);
        let elapsed_ms = former.elapsed.as_millis() as u64;
        if former.recovery.len() != shards {
            former.recovery.clear();
        }
        let mut snapshots = former.recovery.into_iter();
        let drained = Arc::new(AtomicUsize::new(0));
        for (shard, mailbox) in receivers.into_iter().enumerate() {
            let thread = Thread {
                id: shard as ShardId,
                options: options.clone(),
                hub_options: hub_options.clone(),
                fallback: fallback.clone(),
                mailbox,
                handle: handle.clone(),
                listeners: listeners.pop().unwrap_or_default(),
                epoch,
                drained: drained.clone(),
                former: snapshots.next().map(|snapshot| (snapshot, elapsed_ms)),
            };
            let make_app = make_app.clone();
            let builder = std::thread::Builder::new().name(format!("shard-{shard}"));
            threads.push(builder.spawn(move || thread.run(&*make_app)).map_err(StartError::Thread)?);
        }
        Ok(Self { handle, addresses, threads })
    }

    /// Reaches the shards from any thread.
    #[must_use]
    pub fn handle(&self) -> Handle<A> {
        self.handle.clone()
    }

    /// What is listened on, with the ports that the system chose where 0 was asked for.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Stops accepting, tells every client, waits until all have gone or `timeout` is over, and stops the threads.
    /// Blocks.
    pub fn shut_down(self, timeout: Duration) -> Stopped {
        let deadline = Instant::now() + timeout;
        for mailbox in self.handle.mailboxes.iter() {
            mailbox.send(Mail::ShutDown(deadline));
        }
        self.join()
    }

    /// Waits for the threads, which end when they are shut down.
    pub fn join(self) -> Stopped {
        let mut stopped = Stopped::default();
        for shard in self.threads.into_iter().filter_map(|thread| thread.join().ok()) {
            stopped.connections += shard.connections;
            stopped.recovery.extend(shard.recovery);
        }
        stopped
    }
}

/// One set of listeners per shard, all on the same addresses.
type Listeners = Vec<Vec<std::net::TcpListener>>;

fn bind_all(
    addresses: &[SocketAddr],
    shards: usize,
    backlog: u32,
) -> Result<(Listeners, Vec<SocketAddr>), StartError> {
    let mut listeners: Listeners = (0..shards).map(|_| Vec::new()).collect();
    let mut bound = Vec::new();
    for address in addresses {
        let failed = |error| StartError::Listen { address: *address, error };
        // Sharing a port hides that another program has it, so it is first bound alone.
        let probe = bind(*address, Sharing::Alone).map_err(failed)?;
        let local = probe.local_addr().and_then(|a| a.as_socket().ok_or(io::ErrorKind::Unsupported.into()));
        let address = local.map_err(failed)?;
        drop(probe);
        for shard in &mut listeners {
            let sharing = if shards > 1 { Sharing::Shards } else { Sharing::Alone };
            let socket = bind(address, sharing).map_err(failed)?;
            socket.listen(backlog.try_into().unwrap_or(i32::MAX)).map_err(failed)?;
            shard.push(socket.into());
        }
        bound.push(address);
    }
    Ok((listeners, bound))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Alone,
    /// The kernel spreads new connections over the shards.
    Shards,
}

fn bind(address: SocketAddr, sharing: Sharing) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        // So that an IPv4 listener can stand beside it.
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    if sharing == Sharing::Shards {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// All that one shard's thread is given.
struct Thread<A: App> {
    id: ShardId,
    options: Arc<Options>,
    hub_options: Arc<HubOptions>,
    fallback: Fallback,
    mailbox: Receiver<A>,
    handle: Handle<A>,
    listeners: Vec<std::net::TcpListener>,
    epoch: Instant,
    /// How many shards take no more input.
    drained: Arc<AtomicUsize>,
    /// What the shard goes on with, and how many milliseconds old it is.
    former: Option<(RecoverySnapshot, u64)>,
}

impl<A: App> Thread<A> {
    /// Runs until it is shut down.
    fn run(self, make_app: &dyn Fn(ShardId) -> A) -> Stopped {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => {
                tracing::error!(shard = self.id, %error, "cannot start the shard's runtime");
                return Stopped::default();
            }
        };
        let app = make_app(self.id);
        let tasks = tokio::task::LocalSet::new();
        tasks.block_on(&runtime, self.main(app))
    }

    async fn main(self, app: A) -> Stopped {
        let Self { id, options, hub_options, fallback, mailbox, handle, listeners, epoch, drained, former } =
            self;
        let shards = options.shards;
        let mut shard = Shard::new(id, options.shards, hub_options.clone(), app, Box::new(random()));
        if let Some((snapshot, elapsed_ms)) = former {
            shard.restore_recovery(snapshot, elapsed_ms);
        }
        let local = Rc::new(Local::new(
            id,
            options,
            hub_options,
            fallback,
            handle.addresses,
            shard,
            mailbox,
            handle.mailboxes.clone(),
            epoch,
        ));
        tokio::task::spawn_local(local.clone().run_flusher());
        tokio::task::spawn_local(local.clone().run_timers());
        tokio::task::spawn_local(local.clone().run_mailbox());
        let acceptors: Vec<_> = listeners
            .into_iter()
            .map(|listener| tokio::task::spawn_local(accept(local.clone(), listener)))
            .collect();
        let deadline = local.stopped().await;
        for acceptor in &acceptors {
            acceptor.abort();
        }
        while local.connection_count() > 0 && Instant::now() < deadline {
            tokio::time::sleep(DRAIN_CHECK).await;
        }
        // A shard that still takes input may have something for this one, which recovery must know of.
        drained.fetch_add(1, Ordering::SeqCst);
        while drained.load(Ordering::SeqCst) < shards && Instant::now() < deadline + DRAIN_CHECK * 4 {
            tokio::time::sleep(DRAIN_CHECK).await;
        }
        local.stop()
    }
}

/// How often a draining shard looks whether its last connection has gone.
const DRAIN_CHECK: Duration = Duration::from_millis(5);

/// How long a shard that can't accept (no more file descriptors, say) waits before it tries again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

async fn accept<A: App>(local: Rc<Local<A>>, listener: std::net::TcpListener) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(shard = local.id, %error, "cannot accept connections");
            return;
        }
    };
    let tls = local.options.tls.clone().map(tokio_rustls::TlsAcceptor::from);
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(shard = local.id, %error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Who floods gets no answer, which would cost more than the connection.
        let Ok(hold) = local.addresses.open(peer.ip(), local.now()) else { continue };
        // Frames are gathered by this program; the kernel's own waiting would only delay them.
        let _ = stream.set_nodelay(true);
        let (local, tls) = (local.clone(), tls.clone());
        tokio::task::spawn_local(async move {
            match tls {
                None => http::serve(local, Stream::plain(stream, hold), peer).await,
                Some(tls) => {
                    let accepted = tokio::time::timeout(local.options.head_timeout, tls.accept(stream)).await;
                    if let Ok(Ok(stream)) = accepted {
                        http::serve(local, Stream::tls(stream, hold), peer).await;
                    }
                }
            }
        });
    }
}

/// The system's random bytes, fetched in batches because each fetch is a system call.
fn random() -> impl FnMut(&mut [u8]) {
    let mut batch = [0; 1024];
    let mut left = 0;
    move |bytes| {
        for byte in bytes {
            if left == 0 {
                #[expect(clippy::expect_used, reason = "without random bytes no id is safe to hand out")]
                getrandom::fill(&mut batch).expect("the operating system provides random bytes");
                left = batch.len();
            }
            left -= 1;
            *byte = std::mem::take(&mut batch[left]);
        }
    }
}
