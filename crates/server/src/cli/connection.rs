//! Which hub a command is for, and with whose token. The options are the same for every command that asks a hub.

use std::{
    fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use ureq::http::Uri;

use super::{
    client::{Client, Token},
    output::Format,
};

/// Where a hub listens unless it is told otherwise.
pub(super) const DEFAULT_URL: &str = "http://127.0.0.1:4100";

/// Where a hub keeps its files unless it is told otherwise.
pub(super) const DEFAULT_DATA_DIR: &str = "campanile-data";

/// The file in the data folder in which a running hub leaves a token for this command line.
const TOKEN_FILE: &str = "cli.token";

const HEADING: &str = "Which hub";

#[derive(Debug, clap::Args)]
pub(super) struct Connection {
    /// Where the hub is.
    #[arg(long, global = true, help_heading = HEADING, value_name = "URL", default_value = DEFAULT_URL)]
    #[arg(env = "CAMPANILE_URL", hide_env_values = true)]
    url: String,
    /// A secret key or an administrator's token. Not needed where the hub's data folder can be read.
    #[arg(long, global = true, help_heading = HEADING, value_name = "TOKEN")]
    #[arg(env = "CAMPANILE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The hub's data folder, for the token in it [env: CAMPANILE_DATA_DIR] [default: campanile-data].
    #[arg(long, global = true, help_heading = HEADING, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Certificates to trust, as PEM, in place of the system's.
    #[arg(long, global = true, help_heading = HEADING, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Print the hub's answer as it is, in JSON.
    #[arg(long, global = true, display_order = 100)]
    json: bool,
}

impl Connection {
    /// For whom a command prints.
    pub(super) fn format(&self) -> Format {
        if self.json { Format::Json } else { Format::Table }
    }

    /// The client for this hub.
    pub(super) fn client(&self) -> anyhow::Result<Client> {
        let uri: Uri = self.url.parse().with_context(|| format!("--url {:?}", self.url))?;
        let (Some("http" | "https"), Some(host)) = (uri.scheme_str(), uri.host()) else {
            bail!("--url {:?} must start with http:// or https:// and name a host", self.url);
        };
        let token = self.token(Site::of(host))?;
        Client::new(&self.url, Site::of(host), token, self.ca.as_deref(), self.format())
    }

    /// The token of this machine's hub isn't for others: it goes elsewhere only if this command names its folder.
    fn token(&self, site: Site) -> anyhow::Result<Token> {
        if let Some(token) = self.token.as_deref().filter(|token| !token.is_empty()) {
            return Ok(Token::Given(token.to_owned()));
        }
        match (&self.data_dir, site) {
            (Some(folder), _) => Token::read(folder),
            (None, Site::ThisMachine) => Token::read(&usual_data_dir()),
            (None, Site::Elsewhere) => Ok(Token::None),
        }
    }
}

/// Where a hub is, as far as its URL tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Site {
    ThisMachine,
    Elsewhere,
}

impl Site {
    fn of(host: &str) -> Self {
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match address.map_or(host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback()) {
            true => Self::ThisMachine,
            false => Self::Elsewhere,
        }
    }
}

fn usual_data_dir() -> PathBuf {
    std::env::var_os("CAMPANILE_DATA_DIR").unwrap_or_else(|| DEFAULT_DATA_DIR.into()).into()
}

impl Token {
    fn read(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(TOKEN_FILE);
        match fs::read_to_string(&file) {
            Ok(token) => Ok(Self::Read { token: token.trim().to_owned(), file }),
            // Without a hub there is none, and that nobody answers is then the better thing to say.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::Missing(file)),
            Err(error) => Err(error).with_context(|| format!("{}: cannot be read", file.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Site;

    #[test]
    fn this_machine_is_told_from_others() {
        for host in ["localhost", "LocalHost", "127.0.0.1", "127.1.2.3", "[::1]"] {
            assert_eq!(Site::of(host), Site::ThisMachine, "{host}");
        }
        for host in ["hub.example", "localhost.example", "10.0.0.1", "0.0.0.0", "[::2]", "127.example"] {
            assert_eq!(Site::of(host), Site::Elsewhere, "{host}");
        }
    }
}
