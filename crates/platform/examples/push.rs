//! A Rust program with the hub inside: it makes an app and a user, and pushes every line of its input to that user.
//!
//!     cargo run -p campanile-platform --example push
//!
//! It prints what a client needs to connect, and then a receipt for each line. It has no HTTP API; that is the part of
//! the `campanile` binary.

use std::{error::Error, io, net::SocketAddr, sync::Arc};

use campanile_hub::{Options as HubOptions, ShardId};
use campanile_platform::{
    Accounts, BridgeOptions, Message, Outside, Platform, Pusher, Shards,
    accounts::{Actor, NewApp, NewUser, Options as AccountOptions},
    bridge::Registry,
    push::{PushOptions, PushRequest, UserIds},
};
use campanile_store::{Options as StoreOptions, Store};
use campanile_transport::{Former, Handle, Options, Server, not_found};
use serde_json::{json, value::to_raw_value};

/// The mailboxes of the server's shards, as the product sees them.
struct Mailboxes(Handle<Platform>);

impl Shards for Mailboxes {
    fn count(&self) -> usize {
        self.0.shards()
    }

    fn send(&self, shard: ShardId, message: Message) -> bool {
        self.0.send(shard, message)
    }
}

/// Starts the hub on a free port. What must survive is in `store`.
async fn start(store: Store) -> Result<(Server<Platform>, Accounts), Box<dyn Error>> {
    let prepared = Accounts::prepare(store, AccountOptions::default()).await?;
    let (runtime, mut accounts) = (tokio::runtime::Handle::current(), None);
    let address: SocketAddr = "127.0.0.1:0".parse()?;
    let build = |shards: &Handle<Platform>| {
        let outside = Outside::new(Arc::new(Mailboxes(shards.clone())), runtime);
        let connected = accounts.insert(prepared.connect(outside)).clone();
        let (options, registry) = (Arc::new(BridgeOptions::default()), Arc::new(Registry::default()));
        let make_app =
            move |_shard| Platform::new(options.clone(), registry.clone()).with_accounts(connected.clone());
        (not_found(), make_app)
    };
    let server =
        Server::start(Options::default(), HubOptions::default(), &[address], Former::default(), build)?;
    Ok((server, accounts.ok_or("the server was started without its accounts")?))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path(), &StoreOptions::default())?;
    let (server, accounts) = start(store.clone()).await?;
    let me = Actor::system();
    let (name, settings) = Default::default();
    accounts.create_app(&me, NewApp { id: "shop".to_owned(), name, settings }).await?;
    let key = accounts.create_api_key(&me, "shop", "pages").await?;
    let (role, password, profile) = Default::default();
    accounts.create_user(&me, "shop", NewUser { id: "ann".to_owned(), role, password, profile }).await?;
    let session = accounts.create_session(&me, "shop", "ann").await?;
    let url = server.addresses().first().map(|address| format!("http://{address}"));
    println!("{}", json!({ "url": url, "app_id": key.key, "session_id": session.token }));

    let pusher = Pusher::new(accounts, PushOptions::default());
    for line in io::stdin().lines() {
        let push = PushRequest {
            user_id: Some(UserIds::One("ann".to_owned())),
            event_name: "message".to_owned(),
            message: Some(to_raw_value(&line?)?),
            ..PushRequest::default()
        };
        println!("{}", json!(pusher.push(&me, "shop", push).await?));
    }
    server.shut_down(std::time::Duration::from_secs(1));
    store.close();
    Ok(())
}
