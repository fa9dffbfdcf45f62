//! One request to the hub's API, and what can go wrong with it, said so that the reader knows what to do.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use ureq::{
    Agent, Proxy,
    http::{Method, Request, StatusCode, header},
    tls::{PemItem, RootCerts, TlsConfig, parse_pem},
};

use super::{
    connection::Site,
    failure::Failure,
    output::{Answer, Format, print, shown},
    resource::Resource,
};
use crate::certificates;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Largest answer that is read. A list of 200 users with full profiles has 13 MB.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// A client of one hub.
pub(super) struct Client {
    agent: Agent,
    url: String,
    token: Token,
    format: Format,
}

/// Whom the client speaks for.
#[derive(Clone, Debug)]
pub(super) enum Token {
    /// The operator said it.
    Given(String),
    /// The hub left it in its data folder.
    Read {
        /// What it left.
        token: String,
        /// Where.
        file: PathBuf,
    },
    /// It would be in this file.
    Missing(PathBuf),
    /// The hub is elsewhere.
    None,
}

impl Client {
    pub(super) fn new(
        url: &str,
        site: Site,
        token: Token,
        ca: Option<&Path>,
        format: Format,
    ) -> anyhow::Result<Self> {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .user_agent(concat!("campanile/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(ANSWER_TIMEOUT))
            .proxy(if site == Site::ThisMachine { None } else { Proxy::try_from_env() });
        let agent = if url.starts_with("https:") { agent.tls_config(tls(ca)?) } else { agent };
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { agent: agent.build().into(), url, token, format })
    }

    pub(super) fn get(&self, resource: &Resource) -> anyhow::Result<Answer> {
        self.send(Method::GET, resource, None)
    }

    pub(super) fn post(&self, resource: &Resource, body: &impl Serialize) -> anyhow::Result<Answer> {
        self.send(Method::POST, resource, Some(serde_json::to_string(body)?))
    }

    pub(super) fn put(&self, resource: &Resource, body: &impl Serialize) -> anyhow::Result<Answer> {
        self.send(Method::PUT, resource, Some(serde_json::to_string(body)?))
    }

    pub(super) fn patch(&self, resource: &Resource, body: &impl Serialize) -> anyhow::Result<Answer> {
        self.send(Method::PATCH, resource, Some(serde_json::to_string(body)?))
    }

    pub(super) fn delete(&self, resource: &Resource) -> anyhow::Result<Answer> {
        self.send(Method::DELETE, resource, None)
    }

    fn send(&self, method: Method, resource: &Resource, body: Option<String>) -> anyhow::Result<Answer> {
        let mut request = Request::builder().method(method).uri(format!("{}{resource}", self.url));
        if let Token::Given(token) | Token::Read { token, .. } = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let named = || format!("--url {:?}, --token: no request can be made of them", self.url);
        let answer = match body {
            Some(body) => {
                let request = request.header(header::CONTENT_TYPE, "application/json").body(body);
                self.agent.run(request.with_context(named)?)
            }
            None => self.agent.run(request.body(()).with_context(named)?),
        };
        let mut answer = answer.map_err(|error| self.no_answer(error))?;
        let text = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
        let text = text.map_err(|error| self.no_answer(error))?;
        match answer.status() {
            status if status.is_success() => {
                Answer::read(text, self.format).ok_or_else(|| self.no_hub(status))
            }
            status => Err(self.refusal(status, &text)),
        }
    }

    /// The hub's refusal; it goes to standard output too where JSON is wanted.
    fn refusal(&self, status: StatusCode, text: &str) -> anyhow::Error {
        let Ok(Problem { code, detail }) = serde_json::from_str(text) else { return self.no_hub(status) };
        if self.format == Format::Json
            && let Err(error) = print(&format!("{text}\n"))
        {
            return error;
        }
        let hint = if code == "unauthorized" { self.token.hint() } else { String::new() };
        Failure::refused(shown(&format!("{code}: {detail}{hint}")))
    }

    fn no_hub(&self, status: StatusCode) -> anyhow::Error {
        let url = &self.url;
        Failure::unreachable(format!(
            "{url} answers {status}, but not as a hub does: name another one with --url"
        ))
    }

    fn no_answer(&self, error: ureq::Error) -> anyhow::Error {
        let url = &self.url;
        Failure::unreachable(match error {
            ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => {
                format!(
                    "nobody answers at {url}: start the hub with `campanile serve`, or name it with --url"
                )
            }
            ureq::Error::HostNotFound => format!("there is no host of this name: {url} (--url)"),
            ureq::Error::Timeout(_) => format!("{url} takes too long to answer"),
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => untrusted(url, &error),
            // What goes wrong in a handshake comes as an error of reading.
            ureq::Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) => {
                untrusted(url, &error)
            }
            error => format!("{url} doesn't answer as a hub does: {error}"),
        })
    }
}

fn untrusted(url: &str, error: &dyn std::error::Error) -> String {
    format!("no safe connection to {url}: {error}; name certificates to trust with --ca")
}

/// The part of problem details that people read.
#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
}

impl Token {
    /// What to do where the hub doesn't know who asks.
    fn hint(&self) -> String {
        match self {
            Self::Given(_) => " (see --token)".to_owned(),
            Self::Read { file, .. } => {
                format!(" ({} is of another hub or an earlier run: see --data-dir)", file.display())
            }
            Self::Missing(file) => {
                format!(" (there is no {}: name the hub's data folder with --data-dir)", file.display())
            }
            Self::None => " (say who you are with --token)".to_owned(),
        }
    }
}

fn tls(ca: Option<&Path>) -> anyhow::Result<TlsConfig> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let roots = RootCerts::Specific(Arc::new(certificates(ca)?));
    Ok(TlsConfig::builder().unversioned_rustls_crypto_provider(provider).root_certs(roots).build())
}

fn certificates(ca: Option<&Path>) -> anyhow::Result<Vec<ureq::tls::Certificate<'static>>> {
    let Some(file) = ca.or(certificates::of_system()) else {
        bail!("this system has no list of trusted certificates: name a file with --ca");
    };
    let named = || format!("--ca {}: cannot be read", file.display());
    let pem = std::fs::read(file).with_context(named)?;
    let items = parse_pem(&pem).collect::<Result<Vec<_>, _>>().with_context(named)?;
    let certificates: Vec<_> = items
        .into_iter()
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        bail!("--ca {}: there is no certificate in it", file.display());
    }
    Ok(certificates)
}
