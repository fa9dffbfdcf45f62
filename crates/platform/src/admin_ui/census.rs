//! What a shard says of its sockets and connections when the namespace `/admin` asks.

use std::net::IpAddr;

use campanile_hub::{Core, Description, Sid, SocketKey, Stats, Tenant, Transport};
use tokio::sync::oneshot;

use crate::{Outside, Platform, admin_ui::VIEWERS};

/// Which sockets are asked for.
#[derive(Clone, Debug)]
pub(super) enum Which {
    /// Up to so many.
    Some(usize),
    /// Those with these ids.
    These(Vec<Sid>),
}

/// A question, with where its answer goes.
pub struct Question {
    which: Which,
    reply: oneshot::Sender<Census>,
}

/// What a shard has.
#[derive(Debug, Default)]
pub(super) struct Census {
    pub(crate) stats: Stats,
    /// Connections that haven't moved to WebSocket.
    pub(crate) polling: usize,
    pub(crate) sockets: Vec<Seen>,
}

/// A socket.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) sid: Sid,
    pub(crate) app: Tenant,
    pub(crate) description: Description,
    pub(crate) address: Option<IpAddr>,
    pub(crate) transport: Transport,
    pub(crate) connected_ms: u64,
    pub(crate) rooms: Vec<String>,
}

/// Asks every shard; one that stops says nothing.
pub(super) async fn ask_all(outside: &Outside, which: Which) -> Vec<Census> {
    let mut all = Vec::new();
    for shard in outside.shards() {
        let (reply, answer) = oneshot::channel();
        let question = Box::new(Question { which: which.clone(), reply });
        outside.send(shard, crate::Message::AdminUi(super::Message::Count(question)));
        all.extend(answer.await.ok());
    }
    all
}

pub(super) fn answer(core: &Core<Platform>, question: Question) {
    let sockets = match question.which {
        Which::Some(sockets_max) => {
            let of_apps = core.all_sockets().filter(|socket| core.tenant(*socket) != Some(VIEWERS));
            of_apps.take(sockets_max).filter_map(|socket| see(core, socket)).collect()
        }
        Which::These(sids) => {
            let here = sids.iter().filter_map(|sid| match core.route(sid) {
                campanile_hub::Route::Here(socket) => Some(socket),
                _ => None,
            });
            here.filter_map(|socket| see(core, socket)).collect()
        }
    };
    let census = Census { stats: core.stats(), polling: core.polling_now(), sockets };
    let _ = question.reply.send(census);
}

fn see(core: &Core<Platform>, socket: SocketKey) -> Option<Seen> {
    Some(Seen {
        sid: core.sid(socket)?,
        app: core.tenant(socket)?,
        description: core.data(socket)?.description(),
        address: core.peer(socket).map(|peer| peer.address),
        transport: core.transport(socket)?,
        connected_ms: core.now().saturating_sub(core.opened_at(socket)?),
        rooms: core.rooms(socket).map(str::to_owned).collect(),
    })
}
