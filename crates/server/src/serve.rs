//! The life of a running hub: from a checked configuration to listeners, and back down.

use std::{
    io::Write,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use axum::body::Body;
use campanile_platform::{Platform, bridge::Registry};
use campanile_transport::{Fallback, Former, Handle, Server, full};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tower::ServiceExt;

use crate::{api, config::Config, hub::Hub, metrics, recovery_file, web};

/// Runs the hub until it is asked to stop.
pub(crate) fn run(config: Config) -> anyhow::Result<()> {
    prepare_data_dir(&config.data_dir)?;
    // Beside the shards: pages, API, metrics. Their work is small and may wait for the shards' answers.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("http")
        .enable_all()
        .build()
        .context("cannot start the HTTP threads")?;
    let registry = Arc::new(Registry::default());
    let stopping = Arc::new(AtomicBool::new(false));
    let former = recovery_file::take(&config.data_dir);
    // Before anybody can know that the hub runs, so that the first signal finds somebody listening.
    let mut signals = runtime.block_on(async { Signals::listen() })?;
    let server = start(&config, former, &runtime, &registry, &stopping)?;
    // A hub without a terminal runs as well.
    let _ = std::io::stdout().write_all(banner(&config, server.addresses()).as_bytes());
    runtime.block_on(signals.wait());
    tracing::info!("stopping: no new connections, clients are being told");
    stopping.store(true, Ordering::Relaxed);
    let stopped = server.shut_down(config.drain_timeout);
    if stopped.connections > 0 {
        tracing::warn!(connections = stopped.connections, "the drain timeout is over; the rest was cut");
    }
    recovery_file::put(&config.data_dir, stopped.recovery);
    runtime.shutdown_timeout(Duration::from_secs(1));
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

fn start(
    config: &Config,
    former: Former,
    runtime: &tokio::runtime::Runtime,
    registry: &Arc<Registry>,
    stopping: &Arc<AtomicBool>,
) -> anyhow::Result<Server<Platform>> {
    let bridge = Arc::new(config.bridge.clone());
    let make_app = {
        let registry = registry.clone();
        move |_shard| Platform::new(bridge.clone(), registry.clone())
    };
    let make_fallback = |shards: &Handle<Platform>| {
        let hub = Hub {
            shards: shards.clone(),
            registry: registry.clone(),
            stopping: stopping.clone(),
            body_bytes_max: config.hub.max_payload_bytes,
            body_timeout: config.transport.body_timeout,
            json_depth_max: config.hub.json_depth_max,
            cors: Arc::new(config.transport.cors.clone()),
        };
        let router = web::router(&config.transport.path, config.client)
            .merge(api::router(hub.clone()))
            .merge(metrics::router(hub));
        fallback(runtime.handle().clone(), router)
    };
    let (transport, hub) = (config.transport.clone(), config.hub.clone());
    Ok(Server::start(transport, hub, &config.listen, former, make_fallback, make_app)?)
}

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
fn banner(config: &Config, addresses: &[SocketAddr]) -> String {
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
            format!("  API        {url}/api/v1/apps/public/providers"),
            format!("  metrics    {url}/metrics"),
            format!("  shards     {}", config.transport.shards),
            format!("  data       {}", config.data_dir.display()),
        ]);
    }
    lines.push(String::new());
    lines.join("\n")
}

/// An address that a client on this machine can use.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => ([127, 0, 0, 1], v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => ([0, 0, 0, 0, 0, 0, 0, 1], v6.port()).into(),
        other => other,
    }
}
