//! A load generator for Socket.IO servers that speak the bridge's events: one thread, epoll, no client library, so that
//! it costs less than any server it measures. `loadgen WORKLOAD --port PORT --pid PID …` prints one JSON object.
//!
//! | Module | Its part |
//! |---|---|
//! | `arguments` | what the command line says |
//! | `fleet` | many WebSocket clients on one epoll |
//! | `polling` | many long-polling clients on one epoll |
//! | `frame`, `http` | just enough of both protocols, client side |
//! | `callers` | HTTP clients with one request open each |
//! | `bridge` | the events and payloads that are sent |
//! | `app` | users, sessions and keys, and the requests that need them |
//! | `server` | CPU time and memory of the process that is measured |
//! | `report` | numbers by name, and quantiles |
//! | `workloads` | what is measured, one file each |
//!
//! It starts no server and judges no number.

mod app;
mod arguments;
mod bridge;
mod callers;
mod fleet;
mod frame;
mod http;
mod network;
mod polling;
mod report;
mod server;
mod workloads;

use std::process::ExitCode;

use arguments::Arguments;

fn main() -> ExitCode {
    match measure() {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("loadgen: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> std::io::Result<report::Report> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    network::raise_open_files()?;
    workloads::run(&arguments)
}
