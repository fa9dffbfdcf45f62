//! The command line: what can be said to `campanile`, and which part of the program answers.
//!
//! `serve`, `demo` and `config` are the hub itself; `backup` reads its files, `scenario` files of its users. Everything else asks a running hub over its
//! HTTP API and knows nothing that another client couldn't know: one resource, one file.
//!
//! | Module | Its part |
//! |---|---|
//! | `connection`, `client` | which hub is asked, and with whose token; the request and what can go wrong with it |
//! | `resource`, `page`, `json`, `file` | paths, queries and values of the API |
//! | `output`, `time`, `shell` | answers as JSON, tables and records; words to be typed |
//! | `password`, `confirm` | passwords that appear on no command line; asking before something goes |
//! | `failure` | exit codes |

mod app;
mod audit;
mod backup;
mod client;
mod config;
mod confirm;
mod connection;
mod endpoint;
mod failure;
mod file;
mod json;
mod key;
mod object;
mod output;
mod page;
mod password;
mod plugin;
mod provider;
mod push;
mod resource;
mod run;
mod scenario;
mod secret_key;
mod serve;
mod session;
mod shell;
mod socket;
mod structure;
mod time;
mod user;
mod web_page;

use std::{path::Path, process::ExitCode};

use clap::{Parser, Subcommand};

use self::connection::{Connection, DEFAULT_DATA_DIR, DEFAULT_URL};
pub(crate) use self::password::draw as random_password;

/// A self-hosted real-time hub: a Socket.IO server that pushes to users and bridges providers to their clients.
#[derive(Debug, Parser)]
#[command(name = "campanile", version, after_help = failure::EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the hub.
    Serve(serve::ServeArgs),
    /// Run the hub with an app to try: a key, a user, and commands that push to it.
    Demo(serve::ServeArgs),
    /// Show or check configuration.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Copy the database to a new file, also while the hub runs.
    Backup(backup::BackupArgs),
    /// Apps: each has its own keys, users, sessions, pushes and data.
    App(Asking<app::AppCommand>),
    /// API keys: public, what a front end presents as `app_id`.
    Key(Asking<key::KeyCommand>),
    /// Secret keys: what a backend presents.
    SecretKey(Asking<secret_key::SecretKeyCommand>),
    /// What is installed in an app.
    Plugin(Asking<plugin::PluginCommand>),
    /// Users of an app.
    User(Asking<user::UserCommand>),
    /// Sessions of users.
    Session(Asking<session::SessionCommand>),
    /// What the objects of an app look like.
    Structure(Asking<structure::StructureCommand>),
    /// Objects of a structure.
    Object(Asking<object::ObjectCommand>),
    /// Ways for front ends to the objects of an app.
    Endpoint(Asking<endpoint::EndpointCommand>),
    /// Send an event to users, or list what was sent.
    Push(push::PushArgs),
    /// Sockets that are connected.
    Socket(Asking<socket::SocketCommand>),
    /// Providers on the bridge.
    Provider(Asking<provider::ProviderCommand>),
    /// Scenarios: what an app does by itself.
    Scenario(Asking<scenario::ScenarioCommand>),
    /// Runs of scenarios, and what came of them.
    Run(Asking<run::RunCommand>),
    /// Pages: what an app shows to its users.
    Page(Asking<web_page::PageCommand>),
    /// What was changed, by whom, newest first.
    Audit(audit::AuditArgs),
}

/// A command to a running hub.
#[derive(Debug, clap::Args)]
struct Asking<C: Subcommand> {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    command: C,
}

impl Cli {
    /// Does what was asked. A failure is told in one line.
    pub(crate) fn run(self) -> ExitCode {
        match self.answer() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error:#}");
                failure::exit_code(&error)
            }
        }
    }

    fn answer(self) -> anyhow::Result<()> {
        match self.command {
            Command::Serve(args) => args.serve(),
            Command::Demo(args) => args.demo(),
            Command::Config(command) => command.run(),
            Command::Backup(args) => args.run(),
            Command::App(asking) => asking.command.run(&asking.connection.client()?),
            Command::Key(asking) => asking.command.run(&asking.connection.client()?),
            Command::SecretKey(asking) => asking.command.run(&asking.connection.client()?),
            Command::Plugin(asking) => asking.command.run(&asking.connection.client()?),
            Command::User(asking) => asking.command.run(&asking.connection.client()?),
            Command::Session(asking) => asking.command.run(&asking.connection.client()?),
            Command::Structure(asking) => asking.command.run(&asking.connection.client()?),
            Command::Object(asking) => asking.command.run(&asking.connection.client()?),
            Command::Endpoint(asking) => asking.command.run(&asking.connection.client()?),
            Command::Push(args) => args.run(),
            Command::Socket(asking) => asking.command.run(&asking.connection.client()?),
            Command::Provider(asking) => asking.command.run(&asking.connection.client()?),
            Command::Scenario(asking) => asking.command.run(&asking.connection),
            Command::Run(asking) => asking.command.run(&asking.connection.client()?),
            Command::Page(asking) => asking.command.run(&asking.connection.client()?),
            Command::Audit(args) => args.run(),
        }
    }
}

/// How a command that asks this hub begins, as it is typed into a shell.
pub(crate) fn command_for(url: &str, data_dir: &Path, command: &str) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "campanile".to_owned());
    let mut words = vec![program, command.to_owned()];
    if url != DEFAULT_URL {
        words.extend(["--url".to_owned(), url.to_owned()]);
    }
    if data_dir != Path::new(DEFAULT_DATA_DIR) {
        words.extend(["--data-dir".to_owned(), data_dir.display().to_string()]);
    }
    words.iter().map(|word| shell::quoted(word)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn what_the_hub_draws_may_begin_with_a_hyphen() {
        for command in [
            "campanile key revoke --app a -Xy_0 --json",
            "campanile key revoke --json -Xy_0 --app a",
            "campanile object get --app a --structure b -Xy_0",
            "campanile object put --app a --structure b file --id -Xy_0 --json",
            "campanile object delete --app a --structure b --json -Xy_0",
            "campanile endpoint delete --app a b -Xy_0",
            "campanile socket disconnect --app a -Xy_0 --url http://h",
            "campanile user list --app a --after -Xy_0 --limit 3",
            "campanile push --app a --user b --event c --message -Xy_0 --id d",
            "campanile push --app a --user b --event c --json-message -5",
        ] {
            let parsed = Cli::try_parse_from(command.split(' '));
            let parsed = parsed.unwrap_or_else(|error| panic!("{command}: {error}"));
            let parsed = format!("{parsed:?}");
            assert!(parsed.contains("\"-Xy_0\"") || parsed.contains("-5"), "{parsed}");
            let has_json = command.split(' ').any(|word| word == "--json");
            assert_eq!(parsed.contains("json: true"), has_json, "{parsed}");
        }
    }
}
