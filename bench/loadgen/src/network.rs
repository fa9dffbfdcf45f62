//! Sockets and epoll, as the rest needs them.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use rustix::{
    buffer::spare_capacity,
    event::{Timespec, epoll},
    fd::OwnedFd,
    process::{Resource, Rlimit, getrlimit, setrlimit},
};
use socket2::{Domain, Socket, Type};

/// Ready connections that one wait reports at most.
const EVENTS_MAX: usize = 512;

/// Addresses that connections come from, so that neither the ports of one address run out nor a server's limit per
/// address is met. All of 127.0.0.0/8 is this machine.
const SOURCES: usize = 200;

/// Lets this process hold as many connections as it may.
pub(crate) fn raise_open_files() -> io::Result<()> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

/// The kernel's buffer for what a client hasn't read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReceiveBuffer {
    Default,
    Small,
}

/// Connects the client with this number. Closing it resets the connection, as a lost network does, and keeps its port
/// from lingering.
pub(crate) fn connect(port: u16, number: usize, buffer: ReceiveBuffer) -> io::Result<TcpStream> {
    let source = Ipv4Addr::new(127, 0, 0, 2 + (number % SOURCES) as u8);
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if buffer == ReceiveBuffer::Small {
        socket.set_recv_buffer_size(4096)?;
    }
    socket.bind(&SocketAddr::from((source, 0)).into())?;
    socket.set_tcp_nodelay(true)?;
    socket.set_linger(Some(Duration::ZERO))?;
    socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// How long to wait when nothing is ready.
#[derive(Clone, Copy)]
pub(crate) enum Wait {
    /// Not at all: a generator that sleeps makes the server pay for waking it.
    Spin,
    Millis(u32),
}

/// What a connection is watched for.
#[derive(Clone, Copy)]
pub(crate) enum Interest {
    Nothing,
    Read,
    ReadAndWrite,
}

impl From<Interest> for epoll::EventFlags {
    fn from(interest: Interest) -> Self {
        match interest {
            Interest::Nothing => Self::empty(),
            Interest::Read => Self::IN,
            Interest::ReadAndWrite => Self::IN | Self::OUT,
        }
    }
}

/// An epoll instance whose connections have numbers.
pub(crate) struct Epoll {
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    waits: u64,
    idle_waits: u64,
}

impl Epoll {
    pub(crate) fn new() -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        Ok(Self { epoll, events: Vec::with_capacity(EVENTS_MAX), waits: 0, idle_waits: 0 })
    }

    pub(crate) fn add(&self, stream: &TcpStream, number: usize) -> io::Result<()> {
        let data = epoll::EventData::new_u64(number as u64);
        Ok(epoll::add(&self.epoll, stream, data, Interest::Read.into())?)
    }

    pub(crate) fn watch(&self, stream: &TcpStream, number: usize, interest: Interest) -> io::Result<()> {
        let data = epoll::EventData::new_u64(number as u64);
        Ok(epoll::modify(&self.epoll, stream, data, interest.into())?)
    }

    pub(crate) fn remove(&self, stream: &TcpStream) -> io::Result<()> {
        Ok(epoll::delete(&self.epoll, stream)?)
    }

    /// The numbers of the connections that are ready.
    pub(crate) fn wait(&mut self, wait: Wait) -> io::Result<Vec<usize>> {
        let millis = match wait {
            Wait::Spin => 0,
            Wait::Millis(millis) => i64::from(millis),
        };
        let timeout = Timespec { tv_sec: millis / 1000, tv_nsec: (millis % 1000) * 1_000_000 };
        self.events.clear();
        epoll::wait(&self.epoll, spare_capacity(&mut self.events), Some(&timeout))?;
        self.waits += 1;
        self.idle_waits += u64::from(self.events.is_empty());
        Ok(self.events.iter().map(|event| event.data.u64() as usize).collect())
    }

    /// Begins to count how often there was nothing to do.
    pub(crate) fn reset_idle(&mut self) {
        (self.waits, self.idle_waits) = (0, 0);
    }

    pub(crate) fn idle_share(&self) -> f64 {
        self.idle_waits as f64 / self.waits.max(1) as f64
    }
}
