//! Many Socket.IO clients on WebSockets: they connect, greet, answer pings, and hand every packet to the workload.
//! Knows no event.

use std::{
    io::{self, Read, Write},
    iter,
    net::TcpStream,
    rc::Rc,
    time::{Duration, Instant},
};

use crate::{
    frame::{self, Received},
    http,
    network::{Epoll, Interest, ReceiveBuffer, Wait, connect},
};

/// Bytes that one read takes at most.
const SCRATCH_BYTES: usize = 64 << 10;

/// How long the server may keep everyone waiting before the measurement is given up.
const STALL: Duration = Duration::from_secs(30);

/// Connections that are opened at a time, below every server's backlog.
pub(crate) const WINDOW: usize = 64;

/// What clients do once they are connected.
#[derive(Clone)]
pub(crate) enum Greeting {
    /// Nothing: they are ready.
    None,
    /// They send this and are ready when it is acknowledged.
    Send(Rc<[u8]>),
    /// They present this when they join, and are ready then.
    Present(Rc<[u8]>),
}

impl Greeting {
    pub(crate) fn send(frame: Vec<u8>) -> Self {
        Self::Send(frame.into())
    }

    /// Credentials, as JSON.
    pub(crate) fn present(auth: &str) -> Self {
        Self::Present(frame::masked(format!("40{auth}").as_bytes()).into())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Upgrading,
    Opening,
    Joining,
    Greeting,
    Ready,
    Closed,
}

struct Client {
    stream: TcpStream,
    stage: Stage,
    greeting: Greeting,
    /// The beginning of a frame whose end hasn't come.
    partial: Vec<u8>,
    /// What the network didn't take yet.
    unsent: Vec<u8>,
    /// The Socket.IO id, once it is known.
    sid: String,
}

/// The clients. They are called by the order in which they were opened.
pub(crate) struct Fleet {
    port: u16,
    epoll: Epoll,
    clients: Vec<Client>,
    scratch: Vec<u8>,
    upgrade_request: Vec<u8>,
    ready: usize,
    closed: usize,
}

impl Fleet {
    pub(crate) fn new(port: u16) -> io::Result<Self> {
        Ok(Self {
            port,
            epoll: Epoll::new()?,
            clients: Vec::new(),
            scratch: vec![0; SCRATCH_BYTES],
            upgrade_request: http::upgrade_request(port),
            ready: 0,
            closed: 0,
        })
    }

    /// Opens `count` more clients, `window` at a time, and waits until all are ready.
    pub(crate) fn open(&mut self, count: usize, window: usize, greeting: &Greeting) -> io::Result<()> {
        self.open_each(iter::repeat_n(greeting.clone(), count), window)
    }

    /// Opens a client for each greeting, as [`Fleet::open`] does.
    pub(crate) fn open_each(
        &mut self,
        mut greetings: impl ExactSizeIterator<Item = Greeting>,
        window: usize,
    ) -> io::Result<()> {
        let total = self.clients.len() + greetings.len();
        let stall = Stall::new("connecting");
        while self.ready + self.closed < total {
            while self.clients.len() - self.ready - self.closed < window {
                let Some(greeting) = greetings.next() else { break };
                self.start(&greeting, ReceiveBuffer::Default)?;
            }
            self.poll(Wait::Millis(100), &mut |_, _, _| {})?;
            stall.check()?;
        }
        self.expect_all()
    }

    /// Opens one client whose kernel buffers little for it.
    pub(crate) fn open_small(&mut self, greeting: &Greeting) -> io::Result<()> {
        self.start(greeting, ReceiveBuffer::Small)?;
        let stall = Stall::new("connecting");
        while self.ready + self.closed < self.clients.len() {
            self.poll(Wait::Millis(100), &mut |_, _, _| {})?;
            stall.check()?;
        }
        self.expect_all()
    }

    /// Opens plain TCP connections, whose server says nothing first.
    pub(crate) fn open_plain(&mut self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            self.add(Greeting::None, ReceiveBuffer::Default, Stage::Ready)?;
            self.ready += 1;
        }
        Ok(())
    }

    /// Fails if the server has closed a connection.
    pub(crate) fn expect_all(&self) -> io::Result<()> {
        match self.closed {
            0 => Ok(()),
            closed => Err(io::Error::other(format!("the server closed {closed} connections"))),
        }
    }

    /// Cuts every connection at once.
    pub(crate) fn cut_all(&mut self) {
        self.clients.clear();
        (self.ready, self.closed) = (0, 0);
    }

    fn start(&mut self, greeting: &Greeting, buffer: ReceiveBuffer) -> io::Result<()> {
        let number = self.add(greeting.clone(), buffer, Stage::Upgrading)?;
        let request = std::mem::take(&mut self.upgrade_request);
        self.send(number, &request)?;
        self.upgrade_request = request;
        Ok(())
    }

    fn add(&mut self, greeting: Greeting, buffer: ReceiveBuffer, stage: Stage) -> io::Result<usize> {
        let number = self.clients.len();
        let stream = connect(self.port, number, buffer)?;
        self.epoll.add(&stream, number)?;
        let (partial, unsent, sid) = (Vec::new(), Vec::new(), String::new());
        self.clients.push(Client { stream, stage, greeting, partial, unsent, sid });
        Ok(number)
    }

    /// Sends bytes from a client; what the network doesn't take goes out with a later [`Fleet::poll`].
    pub(crate) fn send(&mut self, number: usize, bytes: &[u8]) -> io::Result<()> {
        let client = &mut self.clients[number];
        if !client.unsent.is_empty() {
            client.unsent.extend_from_slice(bytes);
            return Ok(());
        }
        let written = match client.stream.write(bytes) {
            Ok(written) => written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        if written < bytes.len() {
            client.unsent.extend_from_slice(&bytes[written..]);
            self.epoll.watch(&client.stream, number, Interest::ReadAndWrite)?;
        }
        Ok(())
    }

    fn send_rest(&mut self, number: usize) -> io::Result<()> {
        let rest = std::mem::take(&mut self.clients[number].unsent);
        if rest.is_empty() {
            return Ok(());
        }
        self.epoll.watch(&self.clients[number].stream, number, Interest::Read)?;
        self.send(number, &rest)
    }

    /// Reads what has come, and hands each Socket.IO packet, with its client's number, to `take`.
    pub(crate) fn poll(
        &mut self,
        wait: Wait,
        take: &mut impl FnMut(&mut Self, usize, &[u8]),
    ) -> io::Result<()> {
        let ready = self.epoll.wait(wait)?;
        let mut scratch = std::mem::take(&mut self.scratch);
        for number in ready {
            self.send_rest(number)?;
            match self.clients[number].stream.read(&mut scratch) {
                Ok(read) if read > 0 => self.take_input(number, &scratch[..read], take)?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                _ => self.close(number)?,
            }
        }
        self.scratch = scratch;
        Ok(())
    }

    fn take_input(
        &mut self,
        number: usize,
        input: &[u8],
        take: &mut impl FnMut(&mut Self, usize, &[u8]),
    ) -> io::Result<()> {
        let mut partial = std::mem::take(&mut self.clients[number].partial);
        if partial.is_empty() {
            let used = self.take_frames(number, input, take)?;
            partial.extend_from_slice(&input[used..]);
        } else {
            partial.extend_from_slice(input);
            let used = self.take_frames(number, &partial, take)?;
            partial.drain(..used);
        }
        self.clients[number].partial = partial;
        Ok(())
    }

    /// Takes every complete frame; returns how many bytes they had.
    fn take_frames(
        &mut self,
        number: usize,
        input: &[u8],
        take: &mut impl FnMut(&mut Self, usize, &[u8]),
    ) -> io::Result<usize> {
        let mut used = 0;
        if self.clients[number].stage == Stage::Upgrading {
            let Some(head) = http::read_head(input)? else { return Ok(0) };
            if head.status != 101 {
                return Err(io::Error::other(format!("the upgrade was answered with {}", head.status)));
            }
            self.clients[number].stage = Stage::Opening;
            used = head.length;
        }
        while let Some((received, length)) = frame::read(&input[used..]) {
            used += length;
            match received {
                Received::Text(packet) => self.take_packet(number, packet, take)?,
                Received::Close => self.close(number)?,
                Received::Other => {}
            }
        }
        Ok(used)
    }

    fn take_packet(
        &mut self,
        number: usize,
        packet: &[u8],
        take: &mut impl FnMut(&mut Self, usize, &[u8]),
    ) -> io::Result<()> {
        if packet == b"2" {
            return self.send(number, &frame::masked(b"3"));
        }
        match self.clients[number].stage {
            Stage::Ready => take(self, number, packet),
            Stage::Opening if packet.starts_with(b"0") => {
                self.join(number)?;
            }
            Stage::Joining if packet.starts_with(b"40") => self.greet(number, packet)?,
            Stage::Greeting if packet.starts_with(b"43") => self.become_ready(number),
            // Others may be served already while this one still waits for its ack.
            Stage::Greeting => {}
            Stage::Upgrading | Stage::Opening | Stage::Joining | Stage::Closed => {
                let text = String::from_utf8_lossy(packet);
                return Err(io::Error::other(format!("unexpected while connecting: {text}")));
            }
        }
        Ok(())
    }

    fn join(&mut self, number: usize) -> io::Result<()> {
        let client = &mut self.clients[number];
        client.stage = Stage::Joining;
        match client.greeting.clone() {
            Greeting::Present(frame) => self.send(number, &frame),
            Greeting::None | Greeting::Send(_) => self.send(number, &frame::masked(b"40")),
        }
    }

    fn greet(&mut self, number: usize, packet: &[u8]) -> io::Result<()> {
        let client = &mut self.clients[number];
        let text = String::from_utf8_lossy(packet);
        client.sid = text.split('"').nth(3).unwrap_or_default().to_owned();
        match client.greeting.clone() {
            Greeting::None | Greeting::Present(_) => {
                self.become_ready(number);
                Ok(())
            }
            Greeting::Send(frame) => {
                client.stage = Stage::Greeting;
                self.send(number, &frame)
            }
        }
    }

    fn become_ready(&mut self, number: usize) {
        self.clients[number].stage = Stage::Ready;
        self.ready += 1;
    }

    fn close(&mut self, number: usize) -> io::Result<()> {
        let client = &mut self.clients[number];
        if client.stage == Stage::Closed {
            return Ok(());
        }
        self.ready -= usize::from(client.stage == Stage::Ready);
        client.stage = Stage::Closed;
        self.closed += 1;
        self.epoll.remove(&client.stream)
    }

    /// Stops reading from a client.
    pub(crate) fn freeze(&mut self, number: usize) -> io::Result<()> {
        self.epoll.watch(&self.clients[number].stream, number, Interest::Nothing)
    }

    /// Reads from it again.
    pub(crate) fn thaw(&mut self, number: usize) -> io::Result<()> {
        self.epoll.watch(&self.clients[number].stream, number, Interest::Read)
    }

    /// Answers pings and reads what comes, for a while.
    pub(crate) fn rest(&mut self, time: Duration) -> io::Result<()> {
        let start = Instant::now();
        while start.elapsed() < time {
            self.poll(Wait::Millis(20), &mut |_, _, _| {})?;
        }
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.clients.len()
    }

    pub(crate) fn sid(&self, number: usize) -> &str {
        &self.clients[number].sid
    }

    pub(crate) fn is_closed(&self, number: usize) -> bool {
        self.clients[number].stage == Stage::Closed
    }

    pub(crate) fn closed(&self) -> usize {
        self.closed
    }

    /// Begins to count how often there was nothing to do.
    pub(crate) fn reset_idle(&mut self) {
        self.epoll.reset_idle();
    }

    pub(crate) fn idle_share(&self) -> f64 {
        self.epoll.idle_share()
    }
}

/// Gives up on a server that keeps everyone waiting.
pub(crate) struct Stall {
    what: &'static str,
    start: Instant,
}

impl Stall {
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, start: Instant::now() }
    }

    pub(crate) fn check(&self) -> io::Result<()> {
        match self.start.elapsed() < STALL {
            true => Ok(()),
            false => Err(io::Error::other(format!("nothing moves while {}", self.what))),
        }
    }
}
