//! The binary as an operator meets it: what it prints, and how it exits.

use std::{
    fs,
    net::TcpListener,
    process::{Command, Output},
};

fn campanile(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_campanile"))
        .args(arguments)
        .output()
        .expect("cargo built the binary before this test")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("the binary prints UTF-8")
}

/// The one line that a failure consists of; the exit code is 2.
fn failure(output: &Output) -> &str {
    let text = std::str::from_utf8(&output.stderr).expect("the binary prints UTF-8");
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end()
}

#[test]
fn the_default_configuration_can_be_saved_and_checked() {
    let default = campanile(&["config", "default"]);
    assert!(default.status.success());

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("campanile.toml");
    fs::write(&file, stdout(&default)).unwrap();
    let file = file.to_str().unwrap();
    let check = campanile(&["config", "check", file]);
    assert!(check.status.success());
    assert_eq!(stdout(&check), format!("{file}: ok\n"));
}

#[test]
fn a_faulty_file_stops_check_and_serve_alike() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("campanile.toml");
    fs::write(&file, "shards = 2\n\n[bridge]\nduplicat_provider = \"share\"\n").unwrap();
    let file = file.to_str().unwrap();
    let expected =
        format!("{file}:4: unknown key \"bridge.duplicat_provider\" (did you mean \"duplicate_provider\"?)");
    assert_eq!(failure(&campanile(&["config", "check", file])), expected);
    assert_eq!(failure(&campanile(&["serve", "--config", file])), expected);
}

#[test]
fn a_missing_file_is_named() {
    let check = campanile(&["config", "check", "no-such.toml"]);
    assert_eq!(failure(&check), "no-such.toml: cannot be read: No such file or directory (os error 2)");
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let serve = campanile(&["serve", "--listen", &address, "--data-dir", data]);
    assert_eq!(failure(&serve), format!("cannot listen on {address}: Address already in use (os error 98)"));
}

#[test]
fn variables_of_the_commands_that_ask_are_no_settings() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let serve = |variable: &str| {
        let mut serve = Command::new(env!("CARGO_BIN_EXE_campanile"));
        serve.args(["serve", "--listen", &address, "--data-dir"]).arg(folder.path()).env(variable, "x");
        serve.output().unwrap()
    };
    for variable in ["CAMPANILE_URL", "CAMPANILE_TOKEN"] {
        assert!(failure(&serve(variable)).starts_with("cannot listen on "), "{variable}");
    }
    assert_eq!(std::str::from_utf8(&serve("CAMPANILE_NONSENSE").stderr).unwrap().lines().count(), 2);
}

#[test]
fn the_version_is_told() {
    let version = campanile(&["--version"]);
    assert_eq!(stdout(&version), format!("campanile {}\n", env!("CARGO_PKG_VERSION")));
}
