//! Passwords that appear on no command line, where other users of the machine could read them.

use std::io;

use anyhow::{Context, bail};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Where a password comes from. It is asked for at the terminal unless something else is said.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[group(multiple = false, id = "password source")]
pub(super) struct Source {
    /// Read the password from standard input: its first line.
    #[arg(long)]
    password_stdin: bool,
    /// Draw a random password and print it; with `--json` as the field `password` of the answer.
    #[arg(long)]
    password_generate: bool,
}

/// A password, and whether anybody has seen it yet.
pub(super) enum Password {
    /// The operator knows it.
    Known(String),
    /// It was drawn just now.
    Drawn(String),
}

impl Password {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Known(text) | Self::Drawn(text) => text,
        }
    }
}

impl Source {
    pub(super) fn password(self) -> anyhow::Result<Password> {
        match self {
            Self { password_stdin: true, .. } => first_line(io::stdin()).map(Password::Known),
            Self { password_generate: true, .. } => draw().map(Password::Drawn),
            Self { .. } => ask().map(Password::Known),
        }
    }
}

/// 128 random bits as text.
pub(crate) fn draw() -> anyhow::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn first_line(input: io::Stdin) -> anyhow::Result<String> {
    let mut line = String::new();
    input.read_line(&mut line).context("--password-stdin")?;
    match line.trim_end_matches(['\r', '\n']) {
        "" => bail!("--password-stdin: there is no password on standard input"),
        password => Ok(password.to_owned()),
    }
}

fn ask() -> anyhow::Result<String> {
    let nobody_there =
        "there is no terminal to ask for the password at: use --password-stdin or --password-generate";
    let password = rpassword::prompt_password("Password: ").context(nobody_there)?;
    if password != rpassword::prompt_password("The same again: ").context(nobody_there)? {
        bail!("the two passwords differ");
    }
    Ok(password)
}
