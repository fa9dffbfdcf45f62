//! `campanile serve` and `campanile demo`: the hub itself.

use std::path::PathBuf;

use crate::{
    config::{Config, Overrides},
    logging,
    serve::{self, Mode},
};

#[derive(Debug, clap::Args)]
pub(super) struct ServeArgs {
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

/// Variables that are for the commands that ask a hub, and no settings of one.
const OF_THE_CLIENT: [&str; 2] = ["CAMPANILE_URL", "CAMPANILE_TOKEN"];

impl ServeArgs {
    pub(super) fn serve(self) -> anyhow::Result<()> {
        self.run(Mode::Serve)
    }

    pub(super) fn demo(self) -> anyhow::Result<()> {
        self.run(Mode::Demo)
    }

    fn run(self, mode: Mode) -> anyhow::Result<()> {
        let overrides = Overrides { listen: self.listen, data_dir: self.data_dir };
        let config = Config::load(self.config.as_deref(), environment(), overrides)?;
        logging::start(&config.log)?;
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
        serve::run(config, mode)
    }
}

/// The environment as text. A variable that isn't valid Unicode can't be one of ours.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| !OF_THE_CLIENT.contains(&name.as_str()))
}
