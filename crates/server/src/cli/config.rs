//! `campanile config`: the default configuration, and whether a file is right.

use std::path::PathBuf;

use clap::Subcommand;

use super::output::print;
use crate::config::{self, Config};

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Print the commented default configuration.
    Default,
    /// Check a configuration file, and the certificates that it names.
    Check {
        /// The file to check.
        file: PathBuf,
    },
}

impl ConfigCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Default => print(config::DEFAULT_FILE),
            Self::Check { file } => {
                Config::check(&file)?;
                print(&format!("{}: ok\n", file.display()))
            }
        }
    }
}
