//! `campanile backup`: a copy of the database, also while a hub uses it. No hub is asked.

use std::path::PathBuf;

use anyhow::bail;
use campanile_store::{FILE_NAME, StoreError};

use super::{connection::DEFAULT_DATA_DIR, output::print};

#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// The hub's data folder.
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATA_DIR)]
    #[arg(env = "CAMPANILE_DATA_DIR", hide_env_values = true)]
    data_dir: PathBuf,
    /// The file to write; it must not exist. To restore, stop the hub and put it in the place of the database.
    file: PathBuf,
}

impl BackupArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Self { data_dir, file } = self;
        let database = data_dir.join(FILE_NAME);
        if !database.exists() {
            bail!("there is no {}: name the hub's data folder with --data-dir", database.display());
        }
        match campanile_store::backup_file(&data_dir, &file) {
            Ok(()) => print(&format!("{}: complete\n", file.display())),
            Err(StoreError::Exists) => bail!("{}: the file exists already; name another one", file.display()),
            Err(StoreError::NotFound) => bail!("{}: there is no such folder", file.display()),
            Err(error) => bail!("cannot copy {} to {}: {error}", database.display(), file.display()),
        }
    }
}
