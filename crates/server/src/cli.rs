//! The command line: what can be said to `campanile`, and which part of the program answers.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Parser, Subcommand};

use crate::{
    config::{self, Config, Overrides},
    logging, serve,
};

/// A self-hosted real-time hub: a Socket.IO server that bridges providers to their clients.
#[derive(Debug, Parser)]
#[command(name = "campanile", version)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the hub.
    Serve(ServeArgs),
    /// Show or check configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, clap::Args)]
struct ServeArgs {
    /// Configuration file; without one, the defaults and the environment count.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address to listen on, IP:PORT; may be given several times.
    #[arg(long, value_name = "ADDR")]
    listen: Vec<String>,
    /// Folder for what must survive a restart.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Print the commented default configuration.
    Default,
    /// Check a configuration file, and the certificates that it names.
    Check {
        /// The file to check.
        file: PathBuf,
    },
}

impl Cli {
    /// Does what was asked.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Serve(args) => args.run(),
            Command::Config(ConfigCommand::Default) => print(config::DEFAULT_FILE),
            Command::Config(ConfigCommand::Check { file }) => check(&file),
        }
    }
}

impl ServeArgs {
    fn run(self) -> anyhow::Result<()> {
        let overrides = Overrides { listen: self.listen, data_dir: self.data_dir };
        let config = Config::load(self.config.as_deref(), environment(), overrides)?;
        logging::start(&config.log)?;
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        serve::run(config)
    }
}

fn check(file: &Path) -> anyhow::Result<()> {
    Config::check(file)?;
    print(&format!("{}: ok\n", file.display()))
}

fn print(text: &str) -> anyhow::Result<()> {
    std::io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")
}

/// The environment as text. A variable that isn't valid Unicode can't be one of ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
