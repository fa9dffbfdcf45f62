//! The commands that ask a running hub, against a running hub: what they print for people and for programs, and how
//! they fail. Sockets here speak long-polling, with the HTTP client that the commands use as well.

mod apps;
mod copies;
mod data;
mod failures;
mod hub;
mod pages;
mod pushes;
mod scenarios;
mod socket;
mod users;
