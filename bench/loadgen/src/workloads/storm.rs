//! How many clients a server lets in with one second of CPU: TCP, WebSocket and namespace.

use std::io;

use crate::{
    arguments::Arguments,
    fleet::{Fleet, Greeting},
    report::Report,
    server::Server,
};

/// Clients that are connecting at a time.
const WINDOW: usize = 256;

pub(crate) fn run(arguments: &Arguments, server: &Server) -> io::Result<Report> {
    let sockets = arguments.count("sockets", 5000);
    let mut fleet = Fleet::new(arguments.port)?;
    let span = server.span()?;
    fleet.open(sockets, WINDOW, &Greeting::None)?;
    let spent = span.end()?;
    let mut report = Report::default();
    report.add_cost(&spent, sockets as u64);
    report.add("connects_per_cpu_second", sockets as f64 / (spent.cpu_ns / 1e9));
    report.add("closed", fleet.closed() as f64);
    Ok(report)
}
