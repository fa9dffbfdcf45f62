//! Shards on threads: listeners, HTTP upgrade, long-polling, WebSocket, TLS, deadlines.
//!
//! [`Server::start`] binds the listeners and starts one thread per shard. Each thread accepts on the same ports, owns
//! the connections that it accepted and drives one [`campanile_hub::Shard`] with what arrives on them. Shards reach
//! each other, and everybody else reaches a shard, through its mailbox.
//!
//! | Module | Its part |
//! |---|---|
//! | `server` | binding, threads, [`Handle`] for the rest of the program, shutdown |
//! | `local` | what one shard's thread shares between its tasks; the end of a turn, when outboxes are written |
//! | `mailbox` | messages between threads |
//! | `http`, `rejection` | requests: which are for the hub, and how others are refused |
//! | `polling`, `websocket`, `upgrade` | the two transports, and the move from one to the other |
//! | `addresses` | what each address has open |
//! | `body`, `cors`, `compression`, `stream` | small helpers of these |
//!
//! It knows no word of the product that is built on it. A request that isn't for the hub's path goes to a
//! [`Fallback`] of the caller's choice.

mod addresses;
mod body;
mod compression;
mod cors;
mod http;
mod local;
mod mailbox;
mod options;
mod polling;
mod rejection;
mod server;
mod stream;
mod upgrade;
mod websocket;

pub use crate::{
    body::{Body, BodyError, full},
    http::{Fallback, Incoming, Request, Response, not_found},
    mailbox::Handle,
    options::{Cookie, Cors, Options, Origins},
    server::{Former, Server, StartError, Stopped},
};
pub use campanile_hub as hub;

#[cfg(doctest)]
#[doc = include_str!("../../../docs/embedding.md")]
struct Embedding;
