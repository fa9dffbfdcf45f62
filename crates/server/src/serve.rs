//! The life of a running hub: from a checked configuration to listeners, and back down.

use std::{
    fs::OpenOptions,
    io::Write,
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use axum::body::Body;
use campanile_platform::{
    Accounts, Data, Outside, Pages, Platform, Pusher, Scenarios, Traffic, admin_ui::AdminUi,
    bridge::Registry, runner::Reach,
};
use campanile_store::Store;
use campanile_transport::{Fallback, Former, Handle, Server, full};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tower::ServiceExt;

use crate::{
    api,
    config::Config,
    demo,
    hub::{Hub, Mailboxes},
    metrics,
    outgoing::HttpClient,
    pages, recovery_file, web,
};

/// What a hub is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// For what the operator put into it.
    Serve,
    /// To be tried: with an app, a key and a user.
    Demo,
}

/// Runs the hub until it is asked to stop.
pub(crate) fn run(config: Config, mode: Mode) -> anyhow::Result<()> {
    prepare_data_dir(&config.data_dir)?;
    // Beside the shards: pages, API, metrics. Their work is small and may wait for the shards' answers.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("http")
        .enable_all()
        .build()
        .context("cannot start the HTTP threads")?;
    let store = Store::open(&config.data_dir, &config.store)
        .with_context(|| format!("data_dir: cannot use the database in {}", config.data_dir.display()))?;
    let registry = Arc::new(Registry::default());
    let stopping = Arc::new(AtomicBool::new(false));
    let former = recovery_file::take(&config.data_dir);
    // Before anybody can know that the hub runs, so that the first signal finds somebody listening.
    let mut signals = runtime.block_on(async { Signals::listen() })?;
    let Running { server, accounts, scenarios } =
        start(&config, former, &runtime, &store, &registry, &stopping)?;
    let password = runtime.block_on(first_start(&accounts, &config.data_dir))?;
    let mut told = banner(&config, server.addresses(), password);
    if mode == Mode::Demo {
        let demo = runtime.block_on(demo::prepare(&accounts))?;
        let url = url(&config, server.addresses());
        told += &format!("\n{}", demo.card(&url, &config.transport.path, &config.data_dir));
    }
    runtime.spawn(sweep(accounts));
    // A hub without a terminal runs as well.
    let _ = std::io::stdout().write_all(told.as_bytes());
    runtime.block_on(signals.wait());
    tracing::info!("stopping: no new connections, clients are being told");
    stopping.store(true, Ordering::Relaxed);
    // Their last steps may still want to reach somebody.
    runtime.block_on(scenarios.stop(config.drain_timeout));
    let stopped = server.shut_down(config.drain_timeout);
    if stopped.connections > 0 {
        tracing::warn!(connections = stopped.connections, "the drain timeout is over; the rest was cut");
    }
    recovery_file::put(&config.data_dir, stopped.recovery);
    runtime.shutdown_timeout(Duration::from_secs(1));
    store.close();
    tracing::info!("stopped");
    Ok(())
}

fn prepare_data_dir(folder: &Path) -> anyhow::Result<()> {
    let named = || format!("data_dir: cannot use the folder {}", folder.display());
    std::fs::create_dir_all(folder).with_context(named)?;
    let probe = folder.join(".writable");
    std::fs::write(&probe, b"").with_context(named)?;
    std::fs::remove_file(&probe).with_context(named)
}

/// What is running.
struct Running {
    server: Server<Platform>,
    accounts: Accounts,
    scenarios: Scenarios,
}

fn start(
    config: &Config,
    former: Former,
    runtime: &tokio::runtime::Runtime,
    store: &Store,
    registry: &Arc<Registry>,
    stopping: &Arc<AtomicBool>,
) -> anyhow::Result<Running> {
    let catalog = runtime.block_on(Accounts::prepare(store.clone(), config.accounts.clone()))?;
    let mut built = None;
    let build = |shards: &Handle<Platform>| {
        let outside = Outside::new(Arc::new(Mailboxes(shards.clone())), runtime.handle().clone());
        let accounts = catalog.connect(outside);
        let pusher = Pusher::new(accounts.clone(), config.push.clone());
        let data = Data::new(accounts.clone(), config.data.clone());
        let outgoing = HttpClient::of_system(config.outgoing.clone());
        let reach = Reach {
            accounts: accounts.clone(),
            data: data.clone(),
            pusher: pusher.clone(),
            outgoing: Arc::new(outgoing.clone()),
        };
        let scenarios = Scenarios::new(reach, config.runner.clone());
        // Before there are listeners, so that nothing happens that a scenario waits for and doesn't hear of.
        built = Some(runtime.block_on(scenarios.start()).map(|()| (accounts.clone(), scenarios.clone())));
        let traffic = Traffic::new(config.traffic.clone(), config.accounts.clock);
        let hub = Hub {
            accounts: accounts.clone(),
            pusher,
            data,
            scenarios,
            pages: Pages::new(accounts.clone(), config.pages),
            outgoing,
            traffic: traffic.clone(),
            shards: shards.clone(),
            registry: registry.clone(),
            started_at_ms: accounts.now_ms(),
            stopping: stopping.clone(),
            body_bytes_max: config.hub.max_payload_bytes,
            body_timeout: config.transport.body_timeout,
            json_depth_max: config.hub.json_depth_max,
            is_secure: config.transport.tls.is_some(),
            cors: Arc::new(config.transport.cors.clone()),
        };
        let router = web::router(&config.transport.path, config.client)
            .merge(api::router(hub.clone()))
            .merge(pages::router(&config.transport.path, hub.clone()))
            .merge(metrics::router(hub));
        let (bridge, registry) = (Arc::new(config.bridge.clone()), registry.clone());
        let admin_ui =
            config.admin_ui.clone().map(|options| AdminUi::new(options, accounts.clone(), traffic.clone()));
        let make_app = move |_shard| {
            let platform = Platform::new(bridge.clone(), registry.clone()).with_accounts(accounts.clone());
            platform.with_traffic(traffic.clone()).with_admin_ui(admin_ui.clone())
        };
        (fallback(runtime.handle().clone(), router), make_app)
    };
    let (transport, hub) = (config.transport.clone(), config.hub.clone());
    let server = Server::start(transport, hub, &config.listen, former, build)?;
    let (accounts, scenarios) = built.context("the server was started without its accounts")??;
    Ok(Running { server, accounts, scenarios })
}

/// Sees to it that there is an administrator, and that the command line on this machine can act as one. Returns the
/// password of one that was just created.
async fn first_start(accounts: &Accounts, data_dir: &Path) -> anyhow::Result<Option<String>> {
    let password = accounts.ensure_admin().await?;
    write_private(&data_dir.join(CLI_TOKEN), &accounts.local_admin_token()?)?;
    Ok(password)
}

/// A token for the command line, readable for whoever may read the database as well. New at every start.
const CLI_TOKEN: &str = "cli.token";

fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let named = || format!("cannot write {}", path.display());
    // Made anew, so that nobody who opened the former one, or may read it, sees this one.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error).with_context(named),
        _ => {}
    }
    let mut file =
        OpenOptions::new().create_new(true).write(true).mode(0o600).open(path).with_context(named)?;
    file.write_all(text.as_bytes()).with_context(named)
}

/// Ends the sockets of sessions as they expire.
async fn sweep(accounts: Accounts) {
    let mut since_ms = accounts.now_ms();
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        match accounts.sweep(since_ms).await {
            Ok(until_ms) => since_ms = until_ms,
            Err(error) => tracing::warn!(%error, "expired sessions can't be swept"),
        }
    }
}

/// A socket outlives its session by at most this.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// Answers what isn't for the hub's path, on the HTTP threads.
fn fallback(runtime: tokio::runtime::Handle, router: axum::Router) -> Fallback {
    Arc::new(move |request| {
        let answer = runtime.spawn(router.clone().oneshot(request.map(Body::new)));
        Box::pin(async move {
            let Ok(Ok(response)) = answer.await else {
                let mut response = campanile_transport::Response::new(full("Internal server error\n"));
                *response.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
                return response;
            };
            response.map(campanile_transport::Body::streamed)
        })
    })
}

/// The signals that ask the hub to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Says what listens where, and how to connect.
fn banner(config: &Config, addresses: &[SocketAddr], password: Option<String>) -> String {
    let scheme = if config.transport.tls.is_some() { "https" } else { "http" };
    let mut lines = vec![format!("Campanile {}", env!("CARGO_PKG_VERSION"))];
    lines.extend(addresses.iter().map(|address| format!("listening on {scheme}://{address}")));
    if let Some(address) = addresses.first() {
        let url = format!("{scheme}://{}", reachable(*address));
        let path = &config.transport.path;
        let options = if path == "/socket.io/" { String::new() } else { format!(", {{path: \"{path}\"}}") };
        lines.extend([
            String::new(),
            format!("  open       {url}/"),
            format!("  connect    io(\"{url}\"{options})"),
            format!("  client     {url}{path}socket.io.min.js"),
            format!("  console    {url}/console"),
            format!("  API        {url}/api/v1/docs"),
            format!("  metrics    {url}/metrics"),
        ]);
        lines.extend(password.map(|password| format!("  admin      admin / {password}   (shown this once)")));
        lines.extend([
            format!("  shards     {}", config.transport.shards),
            format!("  data       {}", config.data_dir.display()),
        ]);
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Where a client on this machine finds the hub.
fn url(config: &Config, addresses: &[SocketAddr]) -> String {
    let scheme = if config.transport.tls.is_some() { "https" } else { "http" };
    addresses.first().map_or_else(String::new, |address| format!("{scheme}://{}", reachable(*address)))
}

/// An address that a client on this machine can use.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => ([127, 0, 0, 1], v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => ([0, 0, 0, 0, 0, 0, 0, 1], v6.port()).into(),
        other => other,
    }
}
