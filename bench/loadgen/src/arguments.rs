//! The command line: a workload, numbers by name, and where the hub keeps its data.

use std::{collections::HashMap, io, path::PathBuf};

/// What the command line says.
pub(crate) struct Arguments {
    pub(crate) workload: String,
    pub(crate) port: u16,
    /// The process that is measured.
    pub(crate) pid: u32,
    /// The hub's data folder; a peer has none.
    pub(crate) data_dir: Option<PathBuf>,
    numbers: HashMap<String, u64>,
}

impl Arguments {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> io::Result<Self> {
        let workload = words.next().ok_or_else(|| io::Error::other("no workload is named"))?;
        let (mut numbers, mut data_dir) = (HashMap::new(), None);
        while let Some(word) = words.next() {
            if word == "--data-dir" {
                data_dir = words.next().map(PathBuf::from);
                continue;
            }
            let name = word.strip_prefix("--").map(str::to_owned);
            let value = words.next().and_then(|value| value.parse().ok());
            let (Some(name), Some(value)) = (name, value) else {
                return Err(io::Error::other(format!("{word:?} is not --name followed by a number")));
            };
            numbers.insert(name, value);
        }
        let mut required = |name: &str| {
            let number: Option<u64> = numbers.remove(name);
            number.ok_or_else(|| io::Error::other(format!("--{name} is missing")))
        };
        let port = required("port")?.try_into().map_err(io::Error::other)?;
        let pid = required("pid")?.try_into().map_err(io::Error::other)?;
        Ok(Self { workload, port, pid, data_dir, numbers })
    }

    /// A number, or what it is when it isn't given.
    pub(crate) fn number(&self, name: &str, default: u64) -> u64 {
        self.numbers.get(name).copied().unwrap_or(default)
    }

    pub(crate) fn count(&self, name: &str, default: usize) -> usize {
        self.numbers.get(name).map_or(default, |number| *number as usize)
    }
}
