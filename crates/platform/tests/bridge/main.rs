//! The bridge on shards without a network: what providers, clients and callers from outside send, and what each of
//! them gets. Everything holds on one shard and on two, wherever the parties are.

mod duplicates;
mod edges;
mod limits;
mod order;
mod outside;
mod recovery;
mod town;
