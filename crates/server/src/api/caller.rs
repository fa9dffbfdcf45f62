//! Who calls: an administrator by token or cookie, or a backend by a secret key; and what each may do.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
};
use campanile_platform::accounts::{Actor, Scope};
use subtle::ConstantTimeEq;

use super::problem::Problem;
use crate::hub::Hub;

/// The cookie that holds an administrator's token.
pub(crate) const COOKIE: &str = "campanile_admin";

/// The header that a page sends beside the cookie on everything that changes something.
const CSRF_HEADER: &str = "x-csrf-token";

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    who: Who,
    /// Where from.
    pub(crate) address: Option<IpAddr>,
}

#[derive(Clone, Debug)]
enum Who {
    Admin { name: String, token: String },
    Key { id: String, app: String, scopes: Vec<Scope> },
}

impl Caller {
    /// Lets administrators pass.
    pub(crate) fn admin(&self) -> Result<(&str, &str), Problem> {
        match &self.who {
            Who::Admin { name, token } => Ok((name, token)),
            Who::Key { .. } => Err(forbidden("only administrators may do this")),
        }
    }

    /// Lets administrators pass, and keys of this app that have one of these scopes. Of other apps a key learns nothing.
    pub(crate) fn may(&self, app: &str, allowed: &[Scope]) -> Result<(), Problem> {
        match &self.who {
            Who::Admin { .. } => Ok(()),
            Who::Key { app: own, .. } if own != app => Err(app_not_found(app)),
            Who::Key { scopes, .. } if scopes.iter().any(|scope| allowed.contains(scope)) => Ok(()),
            Who::Key { .. } => Err(forbidden("the secret key doesn't have the scope for this")),
        }
    }

    /// As it stands in the audit log.
    pub(crate) fn actor(&self) -> Actor {
        let name = match &self.who {
            Who::Admin { name, .. } => format!("admin:{name}"),
            Who::Key { id, .. } => format!("key:{id}"),
        };
        Actor { name, address: self.address }
    }
}

/// The same answer whether it is missing or somebody else's.
pub(crate) fn app_not_found(app: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "app_not_found", format!("there is no app {app:?}"))
}

fn forbidden(detail: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "forbidden", detail)
}

fn unauthorized() -> Problem {
    let detail = "this needs \"Authorization: Bearer\" with a secret key or an administrator's token";
    Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
}

impl FromRequestParts<Hub> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, hub: &Hub) -> Result<Self, Problem> {
        let address = peer(parts);
        let who = match bearer(&parts.headers) {
            Some(token) => by_token(hub, token).await?,
            None => by_cookie(hub, &parts.method, &parts.headers).await?,
        };
        Ok(Self { who, address })
    }
}

/// The address that the request came from.
pub(crate) fn peer(parts: &Parts) -> Option<IpAddr> {
    parts.extensions.get::<SocketAddr>().map(SocketAddr::ip)
}

/// What is presented as `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn by_token(hub: &Hub, token: &str) -> Result<Who, Problem> {
    if let Ok(key) = hub.accounts.authenticate_key(token) {
        hub.accounts.admit_call(&key.key_id)?;
        return Ok(Who::Key { id: key.key_id, app: key.app, scopes: key.scopes });
    }
    let session = hub.accounts.admin_of(token).await?.ok_or_else(unauthorized)?;
    Ok(Who::Admin { name: session.name, token: token.to_owned() })
}

/// Browsers add cookies by themselves, so a page has to show that it could read the token that came with its login.
async fn by_cookie(hub: &Hub, method: &Method, headers: &HeaderMap) -> Result<Who, Problem> {
    let token = cookie(headers).ok_or_else(unauthorized)?;
    let session = hub.accounts.admin_of(token).await?.ok_or_else(unauthorized)?;
    let shown = headers.get(CSRF_HEADER).map(|value| value.as_bytes()).unwrap_or_default();
    let is_shown = bool::from(shown.ct_eq(session.csrf.as_bytes()));
    if !matches!(*method, Method::GET | Method::HEAD) && !is_shown {
        let detail = "with a cookie, a change needs the header X-CSRF-Token";
        return Err(Problem::new(StatusCode::FORBIDDEN, "csrf_token_missing", detail));
    }
    Ok(Who::Admin { name: session.name, token: token.to_owned() })
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|text| text.split(';')).find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}
