//! What is written together: one commit, but each piece on its own. And the queues before that.

use std::sync::mpsc;

use campanile_store::{OpenError, Options, Store, StoreError, UserFilter};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::{PUBLIC, Town, all, user};

/// A piece that occupies the writer until it is released.
pub(crate) struct Held {
    release: mpsc::Sender<()>,
    piece: JoinHandle<Result<(), StoreError>>,
}

impl Held {
    pub(crate) async fn hold(store: &Store) -> Self {
        let (entered, has_entered) = tokio::sync::oneshot::channel();
        let (release, released) = mpsc::channel();
        let store = store.clone();
        let piece = tokio::spawn(async move {
            let wait = move |_: &mut campanile_store::Tx<'_>| {
                entered.send(()).unwrap();
                released.recv().unwrap();
                Ok(())
            };
            store.write(wait).await
        });
        has_entered.await.unwrap();
        Self { release, piece }
    }

    pub(crate) async fn release(self) {
        self.release.send(()).unwrap();
        self.piece.await.unwrap().unwrap();
    }

    /// Lets go when so many others wait.
    pub(crate) async fn release_when(self, store: &Store, waiting: usize) {
        while store.stats().writes_waiting_now < waiting {
            tokio::task::yield_now().await;
        }
        self.release().await;
    }
}

pub(crate) async fn users(store: &Store) -> Vec<String> {
    let read = |view: &campanile_store::View<'_>| view.users(PUBLIC, &UserFilter::default(), &all());
    store.read(read).await.unwrap().items.into_iter().map(|user| user.id).collect()
}

pub(crate) async fn insert(store: &Store, id: &str) -> Result<(), StoreError> {
    let new = user(id);
    store.write(move |tx| tx.insert_user(PUBLIC, &new, 1).map(drop)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_waits_is_committed_together() {
    let town = Town::new();
    let held = Held::hold(&town.store).await;
    let writers: Vec<_> = (0..100)
        .map(|number| {
            let store = town.store.clone();
            tokio::spawn(async move { insert(&store, &format!("{number:03}")).await })
        })
        .collect();
    held.release_when(&town.store, 100).await;
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    let stats = town.store.stats();
    assert_eq!((stats.writes, stats.commits, stats.writes_waiting_now), (101, 2, 0));
    let expected: Vec<_> = (0..100).map(|number| format!("{number:03}")).collect();
    assert_eq!(users(&town.reopened().store).await, expected);
}

#[tokio::test]
async fn a_group_has_its_limit() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path(), &Options { group_writes_max: 3, ..Options::default() }).unwrap();
    let held = Held::hold(&store).await;
    let (a, b, c, d, ()) = tokio::join!(
        insert(&store, "a"),
        insert(&store, "b"),
        insert(&store, "c"),
        insert(&store, "d"),
        held.release_when(&store, 4),
    );
    assert_eq!([a, b, c, d], [Ok(()), Ok(()), Ok(()), Ok(())]);
    assert_eq!(store.stats().commits, 3);
}

#[tokio::test]
async fn a_piece_that_fails_undoes_only_itself() {
    let town = Town::new();
    let store = &town.store;
    let half = store.write(|tx| {
        tx.insert_user(PUBLIC, &user("half"), 1)?;
        tx.insert_user(PUBLIC, &user("a"), 1).map(drop)
    });
    let refused = store.write(|tx| {
        tx.insert_user(PUBLIC, &user("refused"), 1)?;
        Err::<(), _>(StoreError::NotFound)
    });
    let panics = store.write(|tx| {
        tx.insert_user(PUBLIC, &user("panics"), 1)?;
        if tx.count_users(PUBLIC)? > 0 { panic!("on purpose") } else { Ok(()) }
    });
    let held = Held::hold(store).await;
    let (a, half, refused, panics, b, ()) = tokio::join!(
        insert(store, "a"),
        half,
        refused,
        panics,
        insert(store, "b"),
        held.release_when(store, 5),
    );
    assert_eq!((a, b), (Ok(()), Ok(())));
    assert_eq!((half, refused), (Err(StoreError::Exists), Err(StoreError::NotFound)));
    assert!(matches!(panics, Err(StoreError::Io(_))), "{panics:?}");
    assert_eq!(users(store).await, ["a", "b"]);
    let stats = store.stats();
    assert_eq!((stats.writes, stats.commits, stats.commit_errors), (3, 2, 0));
    assert_eq!(users(&town.reopened().store).await, ["a", "b"]);
}

#[tokio::test]
async fn a_later_piece_sees_what_an_earlier_one_of_its_group_did() {
    let town = Town::new();
    let held = Held::hold(&town.store).await;
    let (first, second, count, ()) = tokio::join!(
        insert(&town.store, "a"),
        insert(&town.store, "a"),
        town.write(|tx| tx.count_users(PUBLIC)),
        held.release_when(&town.store, 3),
    );
    assert_eq!((first, second, count), (Ok(()), Err(StoreError::Exists), Ok(1)));
}

#[tokio::test]
async fn a_read_sees_one_state_however_much_is_written_meanwhile() {
    let town = Town::new();
    let (entered, has_entered) = tokio::sync::oneshot::channel();
    let (written, is_written) = mpsc::channel();
    let store = town.store.clone();
    let reader = tokio::spawn(async move {
        let read = move |view: &campanile_store::View<'_>| {
            let before = view.count_users(PUBLIC)?;
            entered.send(()).unwrap();
            is_written.recv().unwrap();
            Ok((before, view.count_users(PUBLIC)?))
        };
        store.read(read).await
    });
    has_entered.await.unwrap();
    insert(&town.store, "a").await.unwrap();
    assert_eq!(town.read(|view| view.count_users(PUBLIC)).await, 1);
    written.send(()).unwrap();
    assert_eq!(reader.await.unwrap(), Ok((0, 0)));
}

#[tokio::test]
async fn what_is_uncommitted_is_not_read() {
    let town = Town::new();
    let (entered, has_entered) = tokio::sync::oneshot::channel();
    let (release, released) = mpsc::channel();
    let store = town.store.clone();
    let writer = tokio::spawn(async move {
        let write = move |tx: &mut campanile_store::Tx<'_>| {
            tx.insert_user(PUBLIC, &user("a"), 1)?;
            entered.send(()).unwrap();
            released.recv().unwrap();
            Ok(())
        };
        store.write(write).await
    });
    has_entered.await.unwrap();
    assert!(users(&town.store).await.is_empty());
    release.send(()).unwrap();
    writer.await.unwrap().unwrap();
    assert_eq!(users(&town.store).await, ["a"]);
}

#[tokio::test]
async fn a_full_queue_refuses_and_loses_nothing() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path(), &Options { writes_waiting_max: 2, ..Options::default() }).unwrap();
    let held = Held::hold(&store).await;
    let (a, b, c, ()) =
        tokio::join!(insert(&store, "a"), insert(&store, "b"), insert(&store, "c"), held.release());
    assert_eq!([a, b, c], [Ok(()), Ok(()), Err(StoreError::Busy)]);
    assert_eq!(store.stats().writes_refused, 1);
    assert_eq!(insert(&store, "d").await, Ok(()));
    assert_eq!(users(&store).await, ["a", "b", "d"]);
}

#[tokio::test]
async fn reads_are_bounded_too() {
    let folder = TempDir::new().unwrap();
    let options = Options { readers: 1, writes_waiting_max: 1, ..Options::default() };
    let store = Store::open(folder.path(), &options).unwrap();
    let (entered, has_entered) = tokio::sync::oneshot::channel();
    let (release, released) = mpsc::channel();
    let holder = store.clone();
    let held = tokio::spawn(async move {
        let wait = move |_: &campanile_store::View<'_>| {
            entered.send(()).unwrap();
            released.recv().unwrap();
            Ok(())
        };
        holder.read(wait).await
    });
    has_entered.await.unwrap();
    let count = || store.read(|view| view.count_users(PUBLIC));
    let (first, second, _) = tokio::join!(count(), count(), async { release.send(()) });
    assert_eq!((first, second), (Ok(0), Err(StoreError::Busy)));
    held.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_read_that_panics_hurts_nobody_else() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path(), &Options { readers: 1, ..Options::default() }).unwrap();
    let panics =
        store.read(|view| if view.count_users(PUBLIC)? == 0 { panic!("on purpose") } else { Ok(()) }).await;
    assert!(matches!(panics, Err(StoreError::Io(_))), "{panics:?}");
    insert(&store, "a").await.unwrap();
    assert_eq!(users(&store).await, ["a"]);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_its_write_behind() {
    let town = Town::new();
    let held = Held::hold(&town.store).await;
    let mut abandoned = Box::pin(insert(&town.store, "a"));
    let polled = std::future::poll_fn(|context| std::task::Poll::Ready(abandoned.as_mut().poll(context)));
    assert!(polled.await.is_pending());
    drop(abandoned);
    held.release().await;
    insert(&town.store, "b").await.unwrap();
    assert_eq!(users(&town.store).await, ["a", "b"]);
}

#[tokio::test]
async fn a_closed_store_finishes_what_waits_and_refuses_the_rest() {
    let town = Town::new();
    let held = Held::hold(&town.store).await;
    let closed = async {
        let store = town.store.clone();
        let close = tokio::task::spawn_blocking(move || store.close());
        while town.store.read(|view| view.apps()).await != Err(StoreError::Closed) {}
        held.release().await;
        close.await.unwrap();
    };
    let (a, ()) = tokio::join!(insert(&town.store, "a"), closed);
    assert_eq!(a, Ok(()));
    assert_eq!(insert(&town.store, "late").await, Err(StoreError::Closed));
    assert_eq!(users(&town.reopened().store).await, ["a"]);
}

#[tokio::test]
async fn the_last_handle_may_go_inside_a_write() {
    let folder = TempDir::new().unwrap();
    let store = crate::open(folder.path());
    let (gone, is_gone) = tokio::sync::oneshot::channel();
    let inside = store.clone();
    let write = move |tx: &mut campanile_store::Tx<'_>| {
        tx.insert_user(PUBLIC, &user("a"), 1)?;
        // Whoever else has a handle lets go before this one does.
        is_gone.blocking_recv().unwrap();
        drop(inside);
        Ok(())
    };
    let mut writing = Box::pin(async move { store.write(write).await });
    let polled = std::future::poll_fn(|context| std::task::Poll::Ready(writing.as_mut().poll(context)));
    assert!(polled.await.is_pending());
    drop(writing);
    gone.send(()).unwrap();
    // The thread that wrote keeps the folder until it is done.
    let store = loop {
        match Store::open(folder.path(), &Options::default()) {
            Err(OpenError::Locked) => tokio::task::yield_now().await,
            opened => break opened.unwrap(),
        }
    };
    assert_eq!(users(&store).await, ["a"]);
}
