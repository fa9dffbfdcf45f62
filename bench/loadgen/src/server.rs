//! What the kernel knows of the process that is measured.

use std::{collections::HashMap, ffi::OsString, fs, io, path::PathBuf, time::Instant};

/// The measured process.
pub(crate) struct Server {
    proc: PathBuf,
}

impl Server {
    pub(crate) fn new(pid: u32) -> Self {
        Self { proc: PathBuf::from(format!("/proc/{pid}")) }
    }

    /// CPU time of each of its threads so far, in nanoseconds.
    fn cpu_ns(&self) -> io::Result<HashMap<OsString, u64>> {
        let mut threads = HashMap::new();
        for task in fs::read_dir(self.proc.join("task"))? {
            let task = task?;
            // A thread may end while they are listed; its time is lost, which only threads that come and go notice.
            let Ok(text) = fs::read_to_string(task.path().join("schedstat")) else { continue };
            let time = text.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0);
            threads.insert(task.file_name(), time);
        }
        Ok(threads)
    }

    /// Its resident memory in bytes.
    pub(crate) fn resident_bytes(&self) -> io::Result<u64> {
        let text = fs::read_to_string(self.proc.join("smaps_rollup"))?;
        let kilobytes = text.lines().find_map(|line| line.strip_prefix("Rss:"));
        let kilobytes = kilobytes.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
        Ok(kilobytes.ok_or_else(|| io::Error::other("smaps_rollup has no Rss"))? * 1024)
    }

    /// Begins to measure CPU time.
    pub(crate) fn span(&self) -> io::Result<Span<'_>> {
        Ok(Span { server: self, cpu_ns: self.cpu_ns()?, start: Instant::now() })
    }
}

/// A measurement that has begun.
pub(crate) struct Span<'a> {
    server: &'a Server,
    /// By thread, so that one that was idle and ends meanwhile doesn't take away what it had used before.
    cpu_ns: HashMap<OsString, u64>,
    start: Instant,
}

/// A measurement that is over.
pub(crate) struct Spent {
    pub(crate) cpu_ns: f64,
    pub(crate) seconds: f64,
}

impl Span<'_> {
    pub(crate) fn end(self) -> io::Result<Spent> {
        let seconds = self.start.elapsed().as_secs_f64();
        let before = |thread| self.cpu_ns.get(thread).copied().unwrap_or(0);
        let now = self.server.cpu_ns()?;
        let cpu_ns: u64 = now.iter().map(|(thread, now)| now.saturating_sub(before(thread))).sum();
        Ok(Spent { cpu_ns: cpu_ns as f64, seconds })
    }
}
