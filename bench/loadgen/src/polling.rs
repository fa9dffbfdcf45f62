//! Many Socket.IO clients on HTTP long-polling, each with one connection that is kept alive: a poll waits on it unless
//! there is something to post. Knows no event.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    net::TcpStream,
};

use crate::{
    fleet::Stall,
    http,
    network::{Epoll, ReceiveBuffer, Wait, connect},
};

/// What a client's last request was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Open,
    Poll,
    Post,
}

struct Client {
    stream: TcpStream,
    asked: Asked,
    sid: String,
    is_ready: bool,
    /// Packets to post.
    outbox: VecDeque<String>,
    /// The beginning of an answer whose end hasn't come.
    partial: Vec<u8>,
}

/// The clients.
pub(crate) struct PollingFleet {
    port: u16,
    epoll: Epoll,
    clients: Vec<Client>,
    scratch: Vec<u8>,
    /// The packet that each sends once it is connected; its ack makes it ready.
    greeting: String,
    ready: usize,
}

impl PollingFleet {
    pub(crate) fn new(port: u16, greeting: String) -> io::Result<Self> {
        let scratch = vec![0; 64 << 10];
        Ok(Self { port, epoll: Epoll::new()?, clients: Vec::new(), scratch, greeting, ready: 0 })
    }

    /// Opens `count` clients, `window` at a time, and waits until all are ready.
    pub(crate) fn open(&mut self, count: usize, window: usize) -> io::Result<()> {
        let stall = Stall::new("connecting by polling");
        while self.ready < count {
            while self.clients.len() < count && self.clients.len() - self.ready < window {
                self.start()?;
            }
            self.poll(Wait::Millis(100), &mut |_| {})?;
            stall.check()?;
        }
        Ok(())
    }

    fn start(&mut self) -> io::Result<()> {
        let number = self.clients.len();
        let mut stream = connect(self.port, number, ReceiveBuffer::Default)?;
        self.epoll.add(&stream, number)?;
        stream.write_all(&http::poll_request(self.port, None))?;
        self.clients.push(Client {
            stream,
            asked: Asked::Open,
            sid: String::new(),
            is_ready: false,
            outbox: VecDeque::new(),
            partial: Vec::new(),
        });
        Ok(())
    }

    /// Reads what has come, and hands each packet of a client that is ready to `take`.
    pub(crate) fn poll(&mut self, wait: Wait, take: &mut impl FnMut(&str)) -> io::Result<()> {
        let mut scratch = std::mem::take(&mut self.scratch);
        for number in self.epoll.wait(wait)? {
            let client = &mut self.clients[number];
            let read = client.stream.read(&mut scratch)?;
            if read == 0 {
                return Err(io::Error::other("the server closed a polling connection"));
            }
            client.partial.extend_from_slice(&scratch[..read]);
            self.take_answers(number, take)?;
        }
        self.scratch = scratch;
        Ok(())
    }

    fn take_answers(&mut self, number: usize, take: &mut impl FnMut(&str)) -> io::Result<()> {
        let input = std::mem::take(&mut self.clients[number].partial);
        let mut used = 0;
        while let Some((status, body, length)) = http::read_answer(&input[used..])? {
            used += length;
            if status != 200 {
                return Err(io::Error::other(format!(
                    "a polling request was answered with {status} {body:?}"
                )));
            }
            if self.clients[number].asked != Asked::Post {
                for packet in body.split('\x1e') {
                    self.take_packet(number, packet, take);
                }
            }
            self.ask(number)?;
        }
        self.clients[number].partial = input[used..].to_vec();
        Ok(())
    }

    fn take_packet(&mut self, number: usize, packet: &str, take: &mut impl FnMut(&str)) {
        let client = &mut self.clients[number];
        match packet {
            "2" => client.outbox.push_back("3".to_owned()),
            _ if client.asked == Asked::Open => {
                client.sid = packet.split('"').nth(3).unwrap_or_default().to_owned();
                client.outbox.push_back("40".to_owned());
            }
            _ if client.is_ready => take(packet),
            _ if packet.starts_with("40") => client.outbox.push_back(self.greeting.clone()),
            _ if packet.starts_with("43") => {
                client.is_ready = true;
                self.ready += 1;
            }
            _ => {}
        }
    }

    /// The next request: what is to be posted goes first.
    fn ask(&mut self, number: usize) -> io::Result<()> {
        let client = &mut self.clients[number];
        let request = if client.outbox.is_empty() {
            client.asked = Asked::Poll;
            http::poll_request(self.port, Some(&client.sid))
        } else {
            client.asked = Asked::Post;
            let packets: Vec<String> = client.outbox.drain(..).collect();
            http::post_request(self.port, &client.sid, &packets.join("\x1e"))
        };
        // A request is far smaller than the kernel's buffer of a connection that has been answered.
        client.stream.write_all(&request)
    }
}
