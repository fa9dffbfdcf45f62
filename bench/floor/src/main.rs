//! The floor: what it costs to get the same bytes to the same number of sockets when nothing else is done.
//!
//! `floor PORT SOCKETS write|uring`. The first connection gives orders: it sends a length (four bytes, little-endian)
//! and a message, and then one byte for each time that the message is to go to every other connection. It knows no
//! WebSocket and no HTTP; whoever wants frames sends frames.

use std::{
    io::{self, Read},
    net::{TcpListener, TcpStream},
    os::fd::{AsRawFd, RawFd},
};

use io_uring::{IoUring, opcode, squeue::Flags, types::Fixed};

/// Submissions that one system call gathers at most.
const GATHER_MAX: usize = 4096;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, port, sockets, how] = arguments.as_slice() else {
        return Err(io::Error::other("usage: floor PORT SOCKETS write|uring"));
    };
    let number = |text: &str| text.parse().map_err(io::Error::other);
    let listener = listen(number(port)?)?;
    let mut orders = accept(&listener)?;
    let receivers = (0..number(sockets)?).map(|_| accept(&listener)).collect::<io::Result<Vec<_>>>()?;
    let message = read_message(&mut orders)?;
    match how.as_str() {
        "uring" => gather(&mut orders, &receivers, &message),
        _ => write_each(&mut orders, &receivers, &message),
    }
}

fn listen(port: usize) -> io::Result<TcpListener> {
    let port = u16::try_from(port).map_err(io::Error::other)?;
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    // SAFETY: the descriptor is the listener's; listening again only lengthens its backlog.
    match unsafe { libc::listen(listener.as_raw_fd(), 4096) } {
        0 => Ok(listener),
        _ => Err(io::Error::last_os_error()),
    }
}

fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    let (stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn read_message(orders: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    orders.read_exact(&mut length)?;
    let mut message = vec![0; u32::from_le_bytes(length) as usize];
    orders.read_exact(&mut message)?;
    Ok(message)
}

/// Waits for the next order; false once the connection that gives them is closed or reset.
fn ordered(orders: &mut TcpStream) -> bool {
    matches!(orders.read(&mut [0; 1]), Ok(1))
}

fn write_each(orders: &mut TcpStream, receivers: &[TcpStream], message: &[u8]) -> io::Result<()> {
    let descriptors: Vec<RawFd> = receivers.iter().map(AsRawFd::as_raw_fd).collect();
    while ordered(orders) {
        for descriptor in &descriptors {
            // SAFETY: the descriptors are open as long as `receivers`, and `message` is initialised.
            let written = unsafe { libc::write(*descriptor, message.as_ptr().cast(), message.len()) };
            check(written as i64, message)?;
        }
    }
    Ok(())
}

/// The same with one system call for up to [`GATHER_MAX`] sockets.
fn gather(orders: &mut TcpStream, receivers: &[TcpStream], message: &[u8]) -> io::Result<()> {
    let mut ring: IoUring =
        IoUring::builder().setup_single_issuer().setup_coop_taskrun().build(GATHER_MAX as u32)?;
    let descriptors: Vec<RawFd> = receivers.iter().map(AsRawFd::as_raw_fd).collect();
    ring.submitter().register_files(&descriptors)?;
    let entries: Vec<_> = (0..descriptors.len() as u32)
        .map(|index| opcode::Send::new(Fixed(index), message.as_ptr(), message.len() as u32).build())
        .map(|entry| entry.flags(Flags::SKIP_SUCCESS))
        .collect();
    while ordered(orders) {
        for batch in entries.chunks(GATHER_MAX) {
            // SAFETY: `message` and the registered files outlive the ring, which is emptied by each submission.
            unsafe { ring.submission().push_multiple(batch) }.map_err(io::Error::other)?;
            ring.submit()?;
            // Only what failed completes visibly.
            for completion in ring.completion() {
                check(completion.result().into(), message)?;
            }
        }
    }
    Ok(())
}

fn check(written: i64, message: &[u8]) -> io::Result<()> {
    match usize::try_from(written) {
        Ok(written) if written == message.len() => Ok(()),
        _ => Err(io::Error::other("a socket took only a part of the message")),
    }
}
