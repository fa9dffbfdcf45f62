//! HTTP clients on one epoll, each with a connection that is kept alive and at most one request open. Knows no path.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
};

use crate::{
    fleet::Stall,
    http,
    network::{Epoll, ReceiveBuffer, Wait, connect},
};

/// Bytes that one read takes at most.
const SCRATCH_BYTES: usize = 16 << 10;

struct Caller {
    stream: TcpStream,
    /// The beginning of an answer whose end hasn't come.
    partial: Vec<u8>,
}

/// The callers. They are called by the order in which they were opened.
pub(crate) struct Callers {
    epoll: Epoll,
    callers: Vec<Caller>,
    scratch: Vec<u8>,
}

impl Callers {
    pub(crate) fn open(port: u16, count: usize) -> io::Result<Self> {
        let epoll = Epoll::new()?;
        let mut callers = Vec::with_capacity(count);
        for number in 0..count {
            let stream = connect(port, number, ReceiveBuffer::Default)?;
            epoll.add(&stream, number)?;
            callers.push(Caller { stream, partial: Vec::new() });
        }
        Ok(Self { epoll, callers, scratch: vec![0; SCRATCH_BYTES] })
    }

    pub(crate) fn len(&self) -> usize {
        self.callers.len()
    }

    /// Sends a request, which is far smaller than the kernel's buffer of a connection that has been answered.
    pub(crate) fn ask(&mut self, number: usize, request: &[u8]) -> io::Result<()> {
        self.callers[number].stream.write_all(request)
    }

    /// Reads what has come, and hands the body of each answer, with its caller's number, to `take`. An answer that isn't
    /// a success is an error.
    pub(crate) fn poll(
        &mut self,
        wait: Wait,
        take: &mut impl FnMut(&mut Self, usize, &str) -> io::Result<()>,
    ) -> io::Result<()> {
        for number in self.epoll.wait(wait)? {
            let caller = &mut self.callers[number];
            let read = caller.stream.read(&mut self.scratch)?;
            if read == 0 {
                return Err(io::Error::other("the server closed a caller's connection"));
            }
            caller.partial.extend_from_slice(&self.scratch[..read]);
            let input = std::mem::take(&mut caller.partial);
            match http::read_answer(&input)? {
                None => self.callers[number].partial = input,
                Some((200..300, body, used)) if used == input.len() => take(self, number, body)?,
                Some((status, body, _)) => {
                    return Err(io::Error::other(format!("a request was answered with {status} {body:?}")));
                }
            }
        }
        Ok(())
    }

    /// Sends requests, as many at a time as there are callers, and returns the bodies of the answers in their order.
    pub(crate) fn ask_all(
        &mut self,
        requests: impl ExactSizeIterator<Item = Vec<u8>>,
    ) -> io::Result<Vec<String>> {
        let mut bodies = vec![String::new(); requests.len()];
        let mut requests = requests.enumerate();
        // Which request each caller has open.
        let mut open = vec![0; self.len()];
        let mut missing = bodies.len();
        for number in 0..self.len() {
            self.ask_next(number, &mut requests, &mut open)?;
        }
        let mut stall = Stall::new("preparing the app");
        while missing > 0 {
            let before = missing;
            self.poll(Wait::Millis(100), &mut |callers, number, body| {
                bodies[open[number]] = body.to_owned();
                missing -= 1;
                callers.ask_next(number, &mut requests, &mut open)
            })?;
            if missing < before {
                stall = Stall::new("preparing the app");
            }
            stall.check()?;
        }
        Ok(bodies)
    }

    fn ask_next(
        &mut self,
        number: usize,
        requests: &mut impl Iterator<Item = (usize, Vec<u8>)>,
        open: &mut [usize],
    ) -> io::Result<()> {
        let Some((index, request)) = requests.next() else { return Ok(()) };
        open[number] = index;
        self.ask(number, &request)
    }

    /// Begins to count how often there was nothing to do.
    pub(crate) fn reset_idle(&mut self) {
        self.epoll.reset_idle();
    }

    pub(crate) fn idle_share(&self) -> f64 {
        self.epoll.idle_share()
    }
}
