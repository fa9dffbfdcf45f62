//! `docs/cli.md` against what `--help` says. `UPDATE=1 cargo test -p campanile-server --test cli_help` rewrites the part of
//! the page that this test knows: what follows its last heading that a person wrote.

use std::{fs, path::Path, process::Command};

/// The last line of the page that a person wrote.
const MARK: &str = "## Every command\n";

fn help(command: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_campanile")).args(command).arg("--help").output();
    let output = output.expect("the binary runs");
    assert!(output.status.success(), "{command:?}");
    let lines = String::from_utf8(output.stdout).expect("the binary prints UTF-8");
    lines.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The commands that a help text lists.
fn commands(help: &str) -> impl Iterator<Item = &str> {
    let (_, listed) = help.split_once("\nCommands:\n").unwrap_or_default();
    let names = listed.lines().take_while(|line| line.starts_with("  "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help")
}

/// The help of a command and, below it, of those that it has.
fn describe(command: &[String], page: &mut String) {
    let text = help(command);
    let name = [&["campanile".to_owned()], command].concat().join(" ");
    let level = "#".repeat(2 + command.len().max(1));
    *page += &format!("\n{level} {name}\n\n```\n{text}```\n");
    for inner in commands(&text) {
        describe(&[command, &[inner.to_owned()]].concat(), page);
    }
}

#[test]
fn every_command_is_described_as_it_describes_itself() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let page = fs::read_to_string(&path).unwrap();
    let (written, _) = page.split_once(MARK).unwrap();
    let mut current = format!("{written}{MARK}");
    describe(&[], &mut current);
    assert!(current.matches("\n### ").count() > 10, "{current}");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &current).unwrap();
    } else {
        assert!(
            page == current,
            "docs/cli.md is stale: UPDATE=1 cargo test -p campanile-server --test cli_help"
        );
    }
}
