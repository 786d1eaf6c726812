//! Who guessed wrong lately. After a few wrong guesses at an account from one
//! address, each further one must wait, longer every time, up to a minute.
//! Nobody is ever locked out: another address is not affected, and the wait is
//! never long.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Wrong guesses that cost nothing.
const FREE: u32 = 5;
/// As many from one address, at whatever accounts: a list of names tried with
/// one password.
const FREE_BY_ADDRESS: u32 = 30;
/// The longest wait, in seconds.
const LONGEST: i64 = 60;
/// How long a wrong guess is remembered, in seconds.
const MEMORY: i64 = 3600;
/// How many are remembered at once; beyond, the oldest are forgotten.
const ROOM: usize = 10_000;

/// What was guessed at, and from where. An address that is not known is one
/// address: that of a socket file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Guess {
    /// The account; none for guesses from the address at anything.
    account: Option<String>,
    address: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy)]
struct Wrong {
    times: u32,
    last: DateTime<Utc>,
}

impl Wrong {
    /// How long the next guess must still wait.
    fn wait(&self, free: u32, now: DateTime<Utc>) -> Option<Duration> {
        let over = self.times.checked_sub(free)?;
        let seconds = (1i64 << over.min(6)).min(LONGEST);
        let left = self.last + TimeDelta::seconds(seconds) - now;
        left.to_std().ok().filter(|left| !left.is_zero())
    }
}

/// The memory of wrong guesses.
pub(super) struct Throttle(Mutex<HashMap<Guess, Wrong>>);

impl Throttle {
    pub(super) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Guess, Wrong>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long a guess must still wait, if it must.
    pub(super) fn check(
        &self,
        account: &str,
        address: Option<IpAddr>,
        now: DateTime<Utc>,
    ) -> Result<(), Duration> {
        let mut known = self.known();
        known.retain(|_, wrong| now - wrong.last < TimeDelta::seconds(MEMORY));
        let waits = guesses(account, address);
        let waits = waits.iter().filter_map(|(guess, free)| {
            let wrong = known.get(guess)?;
            wrong.wait(*free, now)
        });
        waits.max().map_or(Ok(()), Err)
    }

    /// The guess was wrong.
    pub(super) fn wrong(&self, account: &str, address: Option<IpAddr>, now: DateTime<Utc>) {
        let mut known = self.known();
        if known.len() + 2 > ROOM {
            make_room(&mut known);
        }
        for (guess, _) in guesses(account, address) {
            let wrong = known.entry(guess).or_insert(Wrong {
                times: 0,
                last: now,
            });
            wrong.times = wrong.times.saturating_add(1);
            wrong.last = now;
        }
    }

    /// The guess was right, so the account is forgiven at this address. The
    /// address is not: somebody may have an account of their own and guess at
    /// others between.
    pub(super) fn right(&self, account: &str, address: Option<IpAddr>) {
        let [(guess, _), _] = guesses(account, address);
        self.known().remove(&guess);
    }
}

fn guesses(account: &str, address: Option<IpAddr>) -> [(Guess, u32); 2] {
    let address = address.map(network);
    // A name has 63 characters at most; what is longer is none.
    let account: String = account.chars().take(64).collect();
    [
        (
            Guess {
                account: Some(account),
                address,
            },
            FREE,
        ),
        (
            Guess {
                account: None,
                address,
            },
            FREE_BY_ADDRESS,
        ),
    ]
}

/// Who has one IPv6 address has the other 2^64 of its network, too.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Forgets the older half.
fn make_room(known: &mut HashMap<Guess, Wrong>) {
    let mut times: Vec<_> = known.values().map(|wrong| wrong.last).collect();
    times.sort_unstable();
    let middle = times[times.len() / 2];
    known.retain(|_, wrong| wrong.last > middle);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
    }

    fn from(last: u8) -> Option<IpAddr> {
        Some([192, 168, 1, last].into())
    }

    impl Throttle {
        /// A wrong guess, if it may be made.
        fn guess(
            &self,
            account: &str,
            address: Option<IpAddr>,
            at: DateTime<Utc>,
        ) -> Result<(), Duration> {
            self.check(account, address, at)?;
            self.wrong(account, address, at);
            Ok(())
        }
    }

    #[test]
    fn waits_grow_to_a_minute_and_end() {
        let throttle = Throttle::new();
        for _ in 0..FREE {
            throttle.guess("ada", from(1), at(0)).unwrap();
        }
        let mut now = 0;
        let mut waits = Vec::new();
        while waits.len() < 9 {
            let wait = throttle.guess("ada", from(1), at(now)).unwrap_err();
            waits.push(wait.as_secs());
            now += wait.as_secs() as i64;
            throttle.guess("ada", from(1), at(now)).unwrap();
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        // Elsewhere, and at another account, nothing has happened.
        throttle.guess("ada", from(2), at(now)).unwrap();
        throttle.guess("bob", from(1), at(now)).unwrap();
        throttle.guess("ada", from(1), at(now + MEMORY)).unwrap();
        throttle.guess("ada", from(1), at(now + MEMORY)).unwrap();
    }

    #[test]
    fn a_right_guess_is_forgiven() {
        let throttle = Throttle::new();
        for _ in 0..6 {
            for _ in 0..FREE {
                throttle.guess("ada", from(1), at(0)).unwrap();
            }
            throttle.right("ada", from(1));
        }
        // But the address has guessed wrong as often as an address may.
        throttle.guess("ada", from(1), at(0)).unwrap_err();
    }

    #[test]
    fn one_address_cannot_try_every_account() {
        let throttle = Throttle::new();
        let tried = |n: u32| throttle.guess(&format!("user{n}"), from(1), at(0)).is_ok();
        assert_eq!((0..100).filter(|n| tried(*n)).count(), 30);
        // To sign in oneself between does not help.
        throttle.right("user1", from(1));
        assert!(throttle.check("ada", from(1), at(0)).is_err());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let throttle = Throttle::new();
        let tried = |n: u16| {
            let address: IpAddr = [0x2001, 0xdb8, 0, 0, 0, 0, 0, n].into();
            throttle.guess("ada", Some(address), at(0)).is_ok()
        };
        assert_eq!((0..100).filter(|n| tried(*n)).count(), FREE as usize);
    }

    #[test]
    fn memory_is_bounded() {
        let throttle = Throttle::new();
        for n in 0..30_000u32 {
            let address = IpAddr::from(n.to_be_bytes());
            let _ = throttle.guess("ada", Some(address), at(i64::from(n / 100)));
        }
        assert!(throttle.known().len() <= ROOM);
    }
}
