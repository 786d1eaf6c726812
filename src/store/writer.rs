//! The one thread that writes. Changes that arrive while another is being
//! written are committed together, each in a savepoint of its own, so that many
//! runs share one `fsync` and none sees another's failure.
//!
//! It also looks for those who have no other connection: a command is over before
//! a second one has read the schema.

use super::StoreError;
use crate::disk::Reserve;
use rusqlite::Connection;
use std::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{oneshot, watch};

/// How many changes share a commit at most; more would make the first wait.
const GROUP: usize = 64;

/// Tells the caller, once it is known whether the commit held.
type Reply = Box<dyn FnOnce(Result<(), StoreError>)>;
/// A change: given the open transaction, or why there is none.
type Change = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Reply + Send>;
/// A look between two commits, which tells the caller itself.
type Look = Box<dyn FnOnce(&Connection) + Send>;

enum Job {
    Change(Change),
    Look(Look),
}

/// The way to the writer thread. The thread ends when the last one is dropped.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: Sender<Job>,
    commits: watch::Receiver<u64>,
}

impl Writer {
    /// Starts the thread, which opens its connection first and tells how that
    /// went. Before a disk is full, it gives up the reserve.
    pub(super) fn start<T: Send + 'static>(
        open: impl FnOnce() -> Result<(T, Connection), StoreError> + Send + 'static,
        reserve: Reserve,
    ) -> std::io::Result<(Self, Receiver<Result<T, StoreError>>)> {
        let (jobs, inbox) = channel();
        let (count, commits) = watch::channel(0);
        let (tell, opened) = channel();
        let work = move || {
            grow_heap();
            match open() {
                // Who does not ask how it went does not write either.
                Ok((found, db)) => {
                    drop(tell.send(Ok(found)));
                    serve(&db, &reserve, (&inbox, &count));
                }
                Err(error) => drop(tell.send(Err(error))),
            }
        };
        std::thread::Builder::new()
            .name("runbay-store".into())
            .spawn(work)?;
        Ok((Self { jobs, commits }, opened))
    }

    /// How many times this thread has committed.
    pub(super) fn commits(&self) -> watch::Receiver<u64> {
        self.commits.clone()
    }

    /// Makes a change and waits until it is safely on disk. A caller that stops
    /// waiting does not undo it.
    pub(super) async fn write<T, F>(&self, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let change: Change = Box::new(move |db| {
            let result = db.and_then(|db| savepoint(db, change));
            Box::new(move |committed| {
                // A caller that has gone away needs no answer.
                drop(reply.send(result.and_then(|value| committed.map(|()| value))));
            })
        });
        self.ask(Job::Change(change), answer).await
    }

    /// Looks at what is committed.
    pub(super) async fn look<T, F>(&self, look: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let look: Look = Box::new(move |db| drop(reply.send(look(db))));
        self.ask(Job::Look(look), answer).await
    }

    async fn ask<T>(
        &self,
        job: Job,
        answer: oneshot::Receiver<Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.jobs.send(job).map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

/// Gives this thread a heap that a command's statements and pages fit in. The GNU
/// C library would let it grow by a page at a time, with a system call for each,
/// which is felt in a command that lives for some milliseconds.
fn grow_heap() {
    const ROOM: usize = 1 << 20;
    // What is freed first is no part of a heap, for it is large, but from then on
    // that size is not; what is freed second stays with the heap.
    for _ in 0..2 {
        drop(std::hint::black_box(Vec::<u8>::with_capacity(ROOM)));
    }
}

fn serve(
    db: &Connection,
    reserve: &Reserve,
    (inbox, commits): (&Receiver<Job>, &watch::Sender<u64>),
) {
    let mut put_off = None;
    while let Some(job) = put_off.take().or_else(|| inbox.recv().ok()) {
        let first = match job {
            Job::Change(first) => first,
            Job::Look(look) => {
                look(db);
                continue;
            }
        };
        reserve.give_up_when_needed();
        if let Err(error) = say(db, "BEGIN IMMEDIATE") {
            first(Err(error.clone()))(Err(error));
            continue;
        }
        let mut replies = vec![first(Ok(db))];
        while !db.is_autocommit() && replies.len() < GROUP {
            match inbox.try_recv() {
                Ok(Job::Change(next)) => replies.push(next(Ok(db))),
                Ok(look) => {
                    put_off = Some(look);
                    break;
                }
                Err(_) => break,
            }
        }
        let committed = commit(db);
        if committed.is_ok() {
            commits.send_modify(|count| *count += 1);
        }
        for reply in replies {
            reply(committed.clone());
        }
    }
}

fn commit(db: &Connection) -> Result<(), StoreError> {
    // Out of disk or memory, SQLite may end the whole transaction by itself.
    if db.is_autocommit() {
        return Err(StoreError::RolledBack);
    }
    say(db, "COMMIT").inspect_err(|_| {
        if !db.is_autocommit() {
            // Nothing more can be done about a rollback that fails, and the next
            // BEGIN will say so.
            drop(say(db, "ROLLBACK"));
        }
    })
}

fn savepoint<T>(
    db: &Connection,
    change: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    say(db, "SAVEPOINT change")?;
    let result = change(db);
    if result.is_ok() {
        say(db, "RELEASE change")?;
    } else if !db.is_autocommit() {
        say(db, "ROLLBACK TO change")?;
        say(db, "RELEASE change")?;
    }
    result
}

/// One of the few words that every change is framed with; SQLite reads each once.
fn say(db: &Connection, word: &str) -> Result<(), StoreError> {
    db.prepare_cached(word)?.execute([])?;
    Ok(())
}
