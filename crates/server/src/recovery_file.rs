//! `recovery.json` in the data folder: what lets clients recover their sessions over a restart. Written when the hub
//! stops in order, taken (and removed, for a session can be recovered once) when it starts.
//!
//! It holds secrets and payloads, so nobody else may read it. A hub that can't write or read it says so and goes on:
//! its clients then get new sessions.

use std::{
    fs, io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use campanile_hub::RecoverySnapshot;
use campanile_transport::Former;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct File {
    /// Changes when older hubs can't read the file any more.
    format: u32,
    saved_at_ms: u64,
    shards: Vec<RecoverySnapshot>,
}

const FORMAT: u32 = 1;

/// Keeps the state of a hub that stops; nothing if recovery is off.
pub(crate) fn put(folder: &Path, shards: Vec<RecoverySnapshot>) {
    if shards.is_empty() {
        return;
    }
    let file = File { format: FORMAT, saved_at_ms: now_ms(), shards };
    if let Err(error) = write(&path(folder), &file) {
        tracing::warn!(%error, "sessions can't be kept over this restart");
    }
}

/// Takes what the last run kept.
pub(crate) fn take(folder: &Path) -> Former {
    let path = path(folder);
    let read = fs::read(&path).and_then(|bytes| {
        fs::remove_file(&path)?;
        Ok(serde_json::from_slice::<File>(&bytes)?)
    });
    match read {
        Ok(File { format: FORMAT, saved_at_ms, shards }) => {
            let elapsed = Duration::from_millis(now_ms().saturating_sub(saved_at_ms));
            Former { recovery: shards, elapsed }
        }
        Ok(File { format, .. }) => {
            tracing::warn!(format, "the sessions of the last run are in an unknown format");
            Former::default()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Former::default(),
        Err(error) => {
            tracing::warn!(%error, "the sessions of the last run can't be read");
            Former::default()
        }
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("recovery.json")
}

fn write(path: &Path, file: &File) -> io::Result<()> {
    let new = path.with_extension("new");
    let out = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    let mut out = io::BufWriter::new(out);
    serde_json::to_writer(&mut out, file)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(new, path)
}

fn now_ms() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since_epoch.as_millis() as u64
}
