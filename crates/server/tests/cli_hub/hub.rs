//! A hub of the test's own, and the commands that ask it.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) fn campanile() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_campanile"));
    for variable in ["CAMPANILE_URL", "CAMPANILE_TOKEN", "CAMPANILE_DATA_DIR"] {
        command.env_remove(variable);
    }
    command
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the binary prints UTF-8")
}

pub(crate) fn stdout(output: &Output) -> &str {
    text(&output.stdout)
}

/// The one line that a failure consists of.
pub(crate) fn failure(output: &Output, exit_code: i32) -> &str {
    let line = text(&output.stderr);
    assert_eq!(output.status.code(), Some(exit_code), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
    line.trim_end()
}

/// A new, empty folder.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("the system has a folder for temporary files")
}

/// A hub that runs until it is dropped.
pub(crate) struct Hub {
    process: Child,
    /// What it said at its start.
    said: Vec<String>,
    pub(crate) url: String,
    pub(crate) data: TempDir,
}

impl Hub {
    pub(crate) fn start() -> Self {
        Self::start_in(folder(), &["serve"])
    }

    pub(crate) fn start_in(data: TempDir, command: &[&str]) -> Self {
        let mut process = campanile()
            .args(command)
            .args(["--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data.path())
            // What makes a password hard to guess makes an unoptimized hub slow to start.
            .env("CAMPANILE_ACCOUNTS__PASSWORD_MEMORY_KIB", "8")
            .env("CAMPANILE_ACCOUNTS__PASSWORD_PASSES", "1")
            .env("CAMPANILE_LOG__LEVEL", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let banner = BufReader::new(process.stdout.take().expect("it is piped"));
        let last = if command[0] == "demo" { "  broadcast " } else { "  data " };
        let mut said = Vec::new();
        for line in banner.lines().map_while(Result::ok) {
            said.push(line);
            if said.last().is_some_and(|line| line.starts_with(last)) {
                break;
            }
        }
        let url = said.iter().find_map(|line| Some(line.strip_prefix("listening on ")?.to_owned()));
        let url = url.unwrap_or_else(|| panic!("the hub doesn't say where it listens: {said:?}"));
        Self { process, said, url, data }
    }

    /// What the hub said behind a word.
    pub(crate) fn said(&self, word: &str) -> &str {
        let said = self.said.iter().find_map(|line| line.strip_prefix(&format!("  {word} ")));
        said.unwrap_or_else(|| panic!("the hub says nothing of {word}: {:?}", self.said)).trim()
    }

    pub(crate) fn ask(&self, command: &[&str]) -> Command {
        let mut asking = campanile();
        asking.args(command).args(["--url", &self.url, "--data-dir"]).arg(self.data.path());
        asking.stdin(Stdio::null());
        asking
    }

    pub(crate) fn run(&self, command: &[&str]) -> Output {
        self.ask(command).output().expect("the binary runs")
    }

    pub(crate) fn run_with_input(&self, command: &[&str], input: &str) -> Output {
        let mut asking = self.ask(command);
        let asking = asking.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = asking.spawn().expect("the binary runs");
        let mut stdin = process.stdin.take().expect("it is piped");
        // Whoever needs no input may be gone already.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        process.wait_with_output().expect("the binary ends")
    }

    /// What a command prints for people.
    pub(crate) fn table(&self, command: &[&str]) -> String {
        let output = self.run(command);
        assert_eq!(text(&output.stderr), "", "{command:?}");
        assert!(output.status.success(), "{command:?}");
        stdout(&output).to_owned()
    }

    /// What a command prints for programs.
    pub(crate) fn json(&self, command: &[&str]) -> Value {
        let printed = self.table(&[command, &["--json"]].concat());
        assert_eq!(printed.lines().count(), 1, "{printed}");
        serde_json::from_str(&printed).expect("it is JSON")
    }

    /// The items of a list.
    pub(crate) fn items(&self, command: &[&str]) -> Vec<Value> {
        let list = self.json(command);
        list["items"].as_array().unwrap_or_else(|| panic!("{list}")).clone()
    }

    /// Waits until there is something to be found.
    pub(crate) fn until<T>(&self, what: &str, find: impl Fn(&Self) -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(found) = find(self) {
                return found;
            }
            assert!(Instant::now() < deadline, "never happened: {what}");
        }
    }

    /// The code with which the hub refuses a command.
    pub(crate) fn refusal(&self, command: &[&str]) -> String {
        let output = self.run(command);
        assert_eq!(stdout(&output), "", "{command:?}");
        let code = failure(&output, 1).split_once(": ").expect("the code comes first").0.to_owned();
        let again = self.run(&[command, &["--json"]].concat());
        failure(&again, 1);
        let problem: Value = serde_json::from_slice(&again.stdout).expect("it is JSON");
        assert_eq!(problem["code"], *code, "{command:?}");
        code
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // It may have ended by itself, which the test will have noticed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
