//! How the program ends when it can't do what was asked. Whatever is told nothing else about is the operator's to put
//! right: options, configuration, files, a port in use.

use std::{fmt, process::ExitCode};

/// What `--help` says of it.
pub(super) const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 the hub refused, and its code opens the message; \
2 options, configuration or files need attention; 3 no hub answers.";

/// Why a command to a running hub failed.
#[derive(Debug)]
pub(super) struct Failure {
    kind: Kind,
    message: String,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Refused,
    Unreachable,
}

impl Failure {
    /// The hub answered, and said no.
    pub(super) fn refused(message: impl Into<String>) -> anyhow::Error {
        Self { kind: Kind::Refused, message: message.into() }.into()
    }

    /// Nobody answered, or somebody who isn't a hub.
    pub(super) fn unreachable(message: impl Into<String>) -> anyhow::Error {
        Self { kind: Kind::Unreachable, message: message.into() }.into()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The exit code for an error. Clap's own for mistakes on the command line is 2 as well.
pub(super) fn exit_code(error: &anyhow::Error) -> ExitCode {
    match error.downcast_ref::<Failure>().map(|failure| failure.kind) {
        Some(Kind::Refused) => ExitCode::from(1),
        None => ExitCode::from(2),
        Some(Kind::Unreachable) => ExitCode::from(3),
    }
}
