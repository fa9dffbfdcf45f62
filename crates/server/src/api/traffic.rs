//! What flows through the hub, as it happens: `GET /api/v1/traffic`, a stream of server-sent events (WHATWG HTML, section
//! 9.2). Which flows there are is the platform's; this file makes batches of them and ends with the login.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use campanile_platform::{Accounts, Flow, Rooms, Watching};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep_until};
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{caller::Caller, input::Query, problem::Problem};
use crate::hub::Hub;

pub(crate) fn router() -> OpenApiRouter<Hub> {
    OpenApiRouter::new().routes(routes!(watch))
}

/// Flows of this long are told together, so that a browser isn't woken for each.
const BATCH_INTERVAL: Duration = Duration::from_millis(100);

/// How often the stream looks whether the login still holds.
const LOGIN_INTERVAL: Duration = Duration::from_secs(10);

const KEEP_ALIVE: Duration = Duration::from_secs(15);

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Which {
    /// Of this app only.
    app: Option<String>,
}

/// What the stream begins with.
#[derive(Serialize)]
struct Hello {
    /// How many flows may wait for this watcher.
    flows_waiting_max: usize,
}

#[derive(Serialize)]
struct Batch<'a> {
    flows: Vec<Named<'a>>,
    /// How many flows this watcher has missed since the last batch, because it reads too slowly.
    dropped: u64,
}

/// A flow with the id of its app.
#[derive(Serialize)]
struct Named<'a> {
    app: String,
    #[serde(flatten)]
    flow: &'a Flow,
}

impl<'a> Named<'a> {
    fn of(flow: &'a Flow, accounts: &Accounts) -> Self {
        Self { app: accounts.id_of(flow.app).unwrap_or_default(), flow }
    }
}

/// Watch what flows through the hub.
///
/// A stream of server-sent events until the client closes it. `hello` comes first: `{"flows_waiting_max"}`. Then, at most
/// every 100 ms, `flows`: `{"flows": [...], "dropped"}`, where `dropped` counts what this watcher was too slow for. `end`
/// comes when the login is over: `{"code": "unauthorized"}`.
///
/// A flow has `at_ms`, `app`, `shard`, `namespace`, `kind` (`connect`, `disconnect`, `received`: from a socket to the hub,
/// `sent`: from the hub, `acked`: an ack in either direction), `from` and `to`; as far as they apply `event`, `bytes` and
/// `preview` (the first 256 bytes of the arguments as raw JSON), `receivers` (of a broadcast: how many sockets of that shard
/// it went to; other shards tell of theirs), `reason` (of a disconnect). An end is `{"kind": "hub"}`, `{"kind": "socket", "id",
/// "name", "role"}` (`provider`, `user`, `client`, `key`, `anonymous`), `{"kind": "room", "name"}` or `{"kind": "everyone"}`.
#[utoipa::path(
    get, path = "/api/v1/traffic", tag = "operations", operation_id = "watchTraffic",
    security(("bearer" = ["administrator"])),
    params(Which),
    responses((status = 200, content_type = "text/event-stream", body = String)),
)]
async fn watch(
    State(hub): State<Hub>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let (_, token) = caller.admin()?;
    let app = which.app.map(|id| hub.accounts.number_of(&id)).transpose()?;
    let watching = hub
        .traffic
        .watch(app, Rooms::Hidden)
        .map_err(|full| Problem::new(StatusCode::TOO_MANY_REQUESTS, "limit_reached", full.to_string()))?;
    let now = Instant::now();
    let hello = Event::default().event("hello");
    let hello = hello.json_data(Hello { flows_waiting_max: hub.traffic.flows_waiting_max() });
    let token = token.to_owned();
    let feed = Feed {
        hub,
        token,
        watching,
        batch_at: now,
        login_at: now + LOGIN_INTERVAL,
        hello: hello.ok(),
        is_over: false,
    };
    let events = stream::unfold(feed, Feed::next);
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

/// One watcher's stream.
struct Feed {
    hub: Hub,
    token: String,
    watching: Watching,
    /// The next batch isn't told before this.
    batch_at: Instant,
    /// When the login is asked for next.
    login_at: Instant,
    hello: Option<Event>,
    is_over: bool,
}

impl Feed {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.is_over {
            return None;
        }
        if let Some(hello) = self.hello.take() {
            return Some((Ok(hello), self));
        }
        loop {
            if self.is_logged_out().await {
                self.is_over = true;
                let end = Event::default().event("end").data(r#"{"code":"unauthorized"}"#);
                return Some((Ok(end), self));
            }
            if let Some(batch) = self.batch().await {
                return Some((Ok(batch), self));
            }
        }
    }

    async fn is_logged_out(&mut self) -> bool {
        let now = Instant::now();
        if now < self.login_at {
            return false;
        }
        self.login_at = now + LOGIN_INTERVAL;
        // An answer that can't be had now is asked for again.
        matches!(self.hub.accounts.admin_of(&self.token).await, Ok(None))
    }

    /// What has flowed; nothing when it is time to look at the login.
    async fn batch(&mut self) -> Option<Event> {
        let mut flows = Vec::new();
        tokio::select! {
            () = self.watching.next(&mut flows) => {}
            () = sleep_until(self.login_at) => return None,
        }
        sleep_until(self.batch_at).await;
        self.batch_at = Instant::now() + BATCH_INTERVAL;
        self.watching.take(&mut flows);
        let accounts = &self.hub.accounts;
        let flows = flows.iter().map(|flow| Named::of(flow, accounts)).collect();
        let batch = Batch { flows, dropped: self.watching.take_dropped() };
        Event::default().event("flows").json_data(batch).ok()
    }
}
