//! Who watches right now. Each watcher holds a [`Seat`]; there are only so many
//! for each of those who ask, and all are given up when the service ends.

use super::Error;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// How many streams one principal may have open.
pub const SEATS: usize = 20;

/// The open streams.
#[derive(Debug, Default)]
pub struct Streams {
    taken: Mutex<HashMap<String, usize>>,
    stop: CancellationToken,
}

/// The right to watch, until dropped.
#[derive(Debug)]
pub struct Seat {
    streams: Arc<Streams>,
    who: String,
}

impl Streams {
    /// Lets somebody watch.
    ///
    /// # Errors
    /// `Full` when they watch too much already.
    pub fn sit(self: &Arc<Self>, who: String) -> Result<Seat, Error> {
        let mut taken = self.taken();
        let mine = taken.entry(who.clone()).or_default();
        if *mine >= SEATS {
            return Err(Error::Full(format!(
                "{who} has {SEATS} streams open, and no more may be: close one, or watch several things over one WebSocket"
            )));
        }
        *mine += 1;
        drop(taken);
        Ok(Seat {
            streams: self.clone(),
            who,
        })
    }

    /// How many watch.
    #[must_use]
    pub fn count(&self) -> usize {
        self.taken().values().sum()
    }

    /// Ends all streams, and those that begin later at once.
    pub fn close(&self) {
        self.stop.cancel();
    }

    /// Resolves when all streams shall end.
    pub async fn closed(&self) {
        self.stop.cancelled().await;
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Resolves when the stream shall end.
    pub async fn closed(&self) {
        self.streams.closed().await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.streams.taken();
        if let Some(mine) = taken.get_mut(&self.who) {
            *mine -= 1;
            if *mine == 0 {
                taken.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cannot_take_the_seats_of_another() {
        let streams = Arc::new(Streams::default());
        let mut mine: Vec<_> = (0..SEATS)
            .map(|_| streams.sit("user:ann".to_owned()).unwrap())
            .collect();
        assert!(matches!(
            streams.sit("user:ann".to_owned()),
            Err(Error::Full(_))
        ));
        let other = streams.sit("user:bob".to_owned()).unwrap();
        assert_eq!(streams.count(), SEATS + 1);
        mine.pop();
        streams.sit("user:ann".to_owned()).unwrap();
        drop((mine, other));
        assert_eq!(streams.count(), 0);
    }
}
