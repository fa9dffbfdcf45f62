//! Messages between threads: from shard to shard, and from the rest of the program to a shard.
//!
//! A mailbox never refuses a message, since nothing that was accepted may be lost. Instead shards stop reading from
//! their sockets while a peer's mailbox holds more than `mailbox_messages_max` (see [`Mailbox::is_full`]).

use std::{
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use campanile_hub::{App, Envelope, ShardId, Stats};
use tokio::sync::{mpsc, oneshot};

use crate::{addresses::Addresses, local::Local};

/// Something to be done on a shard's thread.
pub(crate) type Errand<A> = Box<dyn FnOnce(&Rc<Local<A>>) + Send>;

/// A message to a shard's thread.
pub(crate) enum Mail<A: App> {
    /// What another shard has for this one, in order.
    Peer(ShardId, Vec<Envelope<A::Message>>),
    /// Something for the application.
    App(A::Message),
    /// Something to be done on the thread itself, beside the shard's own turn.
    Run(Errand<A>),
    Stats(oneshot::Sender<Stats>),
    /// Stop accepting, tell every client, be gone at the deadline.
    ShutDown(Instant),
}

/// A shard's mailbox, as its senders see it.
pub(crate) struct Mailbox<A: App> {
    sender: mpsc::UnboundedSender<Mail<A>>,
    waiting: Arc<AtomicUsize>,
    messages_max: usize,
}

pub(crate) struct Receiver<A: App> {
    pub(crate) receiver: mpsc::UnboundedReceiver<Mail<A>>,
    waiting: Arc<AtomicUsize>,
}

pub(crate) fn mailbox<A: App>(messages_max: usize) -> (Mailbox<A>, Receiver<A>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    (Mailbox { sender, waiting: waiting.clone(), messages_max }, Receiver { receiver, waiting })
}

impl<A: App> Mail<A> {
    fn count(&self) -> usize {
        match self {
            Self::Peer(_, envelopes) => envelopes.len(),
            _ => 1,
        }
    }
}

impl<A: App> Mailbox<A> {
    /// Returns false once the shard has stopped.
    pub(crate) fn send(&self, mail: Mail<A>) -> bool {
        self.waiting.fetch_add(mail.count(), Ordering::Relaxed);
        self.sender.send(mail).is_ok()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > self.messages_max
    }
}

impl<A: App> Receiver<A> {
    /// Notes that a message has been dealt with.
    pub(crate) fn done(&self, mail: &Mail<A>) {
        self.waiting.fetch_sub(mail.count(), Ordering::Relaxed);
    }
}

/// Reaches the shards of a [`crate::Server`] from any thread.
pub struct Handle<A: App> {
    pub(crate) mailboxes: Arc<[Mailbox<A>]>,
    pub(crate) addresses: Addresses,
}

impl<A: App> Clone for Handle<A> {
    fn clone(&self) -> Self {
        Self { mailboxes: self.mailboxes.clone(), addresses: self.addresses.clone() }
    }
}

impl<A: App> Handle<A> {
    /// How many shards there are.
    #[must_use]
    pub fn shards(&self) -> usize {
        self.mailboxes.len()
    }

    /// Sends a message to a shard's application. Returns false if there is no such shard any more.
    pub fn send(&self, shard: ShardId, message: A::Message) -> bool {
        self.mailboxes.get(usize::from(shard)).is_some_and(|mailbox| mailbox.send(Mail::App(message)))
    }

    /// Messages that wait in all mailboxes.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.mailboxes.iter().map(|mailbox| mailbox.waiting.load(Ordering::Relaxed)).sum()
    }

    /// Connections and sessions that were refused because their address had too many, or opened them too fast.
    #[must_use]
    pub fn refused_by_address(&self) -> u64 {
        self.addresses.refused()
    }

    /// The counters of every shard that still runs.
    pub async fn stats(&self) -> Vec<Stats> {
        let mut stats = Vec::with_capacity(self.mailboxes.len());
        for mailbox in self.mailboxes.iter() {
            let (reply, answer) = oneshot::channel();
            if mailbox.send(Mail::Stats(reply))
                && let Ok(answer) = answer.await
            {
                stats.push(answer);
            }
        }
        stats
    }
}
