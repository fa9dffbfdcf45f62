//! Configuration: what the operator wrote, checked once and turned into the option structs of the other crates.
//!
//! `config/default.toml` is the reference for operators and the schema for [`settings`]; [`options`] gives the keys
//! their meaning and their ranges. Whoever holds a [`Config`] has nothing left to check. Nothing here opens a port.

mod options;
mod settings;
#[cfg(test)]
mod tests;
mod tls;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use settings::{Settings, Value};

use crate::outgoing::OutgoingOptions;

/// The commented default file.
pub(crate) const DEFAULT_FILE: &str = include_str!("config/default.toml");

/// Everything that the operator decides, checked.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Addresses to listen on; at least one.
    pub(crate) listen: Vec<SocketAddr>,
    /// Folder for what survives a restart.
    pub(crate) data_dir: PathBuf,
    /// How the hub logs.
    pub(crate) log: Log,
    /// Whether the stock client is served under [`campanile_transport::Options::path`].
    pub(crate) client: ClientBundle,
    /// Time that connections get to finish at shutdown.
    pub(crate) drain_timeout: Duration,
    /// For the state machine.
    pub(crate) hub: campanile_hub::Options,
    /// For listeners, HTTP and WebSocket, TLS included.
    pub(crate) transport: campanile_transport::Options,
    /// For what must survive.
    pub(crate) store: campanile_store::Options,
    /// For apps, users and sessions.
    pub(crate) accounts: campanile_platform::accounts::Options,
    /// For the push.
    pub(crate) push: campanile_platform::push::PushOptions,
    /// For structures, objects and endpoints.
    pub(crate) data: campanile_platform::data::DataOptions,
    /// For scenarios and their runs.
    pub(crate) runner: campanile_platform::runner::RunnerOptions,
    /// Watching what flows.
    pub(crate) traffic: campanile_platform::TrafficOptions,
    /// For the namespace `/admin`, if it is on.
    pub(crate) admin_ui: Option<campanile_platform::admin_ui::AdminUiOptions>,
    /// For pages.
    pub(crate) pages: campanile_platform::pages::PageOptions,
    /// For requests to other servers.
    pub(crate) outgoing: OutgoingOptions,
    /// For the bridge.
    pub(crate) bridge: campanile_platform::BridgeOptions,
    /// What the operator should know, though it doesn't keep the hub from running.
    pub(crate) warnings: Vec<String>,
}

/// How the hub logs.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    /// The form of a line.
    pub(crate) format: LogFormat,
    /// A filter in the syntax of `tracing_subscriber::EnvFilter`, known to parse.
    pub(crate) level: String,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Whether the hub serves the stock Socket.IO client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientBundle {
    /// It does.
    Served,
    /// Pages get it elsewhere.
    Absent,
}

/// What the command line sets itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// `--listen`; none given leaves the key alone.
    pub(crate) listen: Vec<String>,
    /// `--data-dir`.
    pub(crate) data_dir: Option<PathBuf>,
}

impl Config {
    /// Lays file, environment and command line over the defaults.
    pub(crate) fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        overrides: Overrides,
    ) -> anyhow::Result<Self> {
        let mut settings = Settings::defaults();
        if let Some(file) = file {
            settings.add_file(file)?;
        }
        let warnings = settings.add_environment(environment)?;
        if !overrides.listen.is_empty() {
            settings.add_option("--listen", "listen", Value::List(overrides.listen))?;
        }
        if let Some(folder) = overrides.data_dir {
            let folder = folder.to_string_lossy().into_owned();
            settings.add_option("--data-dir", "data_dir", Value::Text(folder))?;
        }
        Ok(Self { warnings, ..Self::from_settings(&settings)? })
    }

    /// Checks one file by itself, whatever the environment says; certificates are read as well.
    pub(crate) fn check(file: &Path) -> anyhow::Result<()> {
        Self::load(Some(file), [], Overrides::default()).map(drop)
    }

    fn from_settings(settings: &Settings) -> anyhow::Result<Self> {
        options::refuse_unsupported(settings)?;
        Ok(Self {
            listen: options::listen(settings)?,
            data_dir: options::data_dir(settings)?,
            log: options::log(settings)?,
            client: options::client_bundle(settings),
            drain_timeout: options::drain_timeout(settings)?,
            hub: options::hub(settings)?,
            transport: options::transport(settings)?,
            store: options::store(settings)?,
            accounts: options::accounts(settings)?,
            push: options::push(settings)?,
            data: options::data(settings)?,
            runner: options::runner(settings)?,
            traffic: options::traffic(settings)?,
            admin_ui: options::admin_ui(settings)?,
            pages: options::pages(settings)?,
            outgoing: options::outgoing(settings)?,
            bridge: options::bridge(settings)?,
            warnings: Vec::new(),
        })
    }
}
