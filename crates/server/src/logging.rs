//! Where log lines go: to stderr, as text or as JSON. What is logged is decided where it happens.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Log, LogFormat};

/// Starts logging for the whole process; once.
pub(crate) fn start(log: &Log) -> anyhow::Result<()> {
    let lines = fmt().with_env_filter(EnvFilter::try_new(&log.level)?).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging cannot start: {error}"))
}
