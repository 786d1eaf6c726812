//! Passwords: which will do, and how they are kept.

use super::AccessError;
use crate::domain::ids::UserName;
use crate::domain::secret::Secret;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{Semaphore, TryAcquireError};

/// The fewest characters of a password. What is used a lot and is longer is on
/// the list of common ones.
pub const PASSWORD_LEAST: usize = 12;
/// The most bytes, so that nobody keeps us hashing a book.
const MOST: usize = 1024;
/// Passwords at work at once: each takes 19 MiB and a core.
const AT_ONCE: usize = 2;
/// Passwords that may wait for their turn.
const WAITING: usize = 32;

/// Passwords of twelve and more characters that many people use, and words that
/// they put digits around, one a line, in lower case.
const COMMON: &str = include_str!("common.txt");

/// Whether a password will do for a user.
///
/// # Errors
/// `Invalid`, saying why not.
pub fn check_password(name: &UserName, password: &Secret) -> Result<(), AccessError> {
    let text = password.reveal();
    let wrong = |message: &str| Err(AccessError::invalid("password", message));
    let lower = text.to_lowercase();
    let different: BTreeSet<char> = lower.chars().collect();
    if text.chars().count() < PASSWORD_LEAST {
        return wrong("has fewer than 12 characters: take more; a few words in a row will do");
    }
    if text.len() > MOST {
        return wrong("is longer than 1024 bytes");
    }
    if text.chars().any(char::is_control) {
        return wrong("holds a line break or another control character");
    }
    if lower.contains(name.as_str()) && name.as_str().len() > 3 || lower == name.as_str() {
        return wrong("holds the name of the user: take another");
    }
    if text.starts_with(crate::domain::token::PREFIX) {
        return wrong("begins with “runbay_”, as tokens do: take another");
    }
    if different.len() < 5 {
        return wrong("has fewer than 5 different characters: take another");
    }
    if is_common(&lower) {
        return wrong("is one that many people use, or a common word with digits: take another");
    }
    Ok(())
}

fn is_common(lower: &str) -> bool {
    let word = lower.trim_matches(|c: char| !c.is_alphabetic());
    let around = lower.chars().count() - word.chars().count();
    let known = |text: &str| COMMON.lines().any(|line| line == text);
    // Digits that are many enough are a password of their own.
    known(lower) || around <= 8 && known(word)
}

/// The parameters that the OWASP password storage cheat sheet asks for at
/// least: 19 MiB, two passes, one lane.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn make(password: &[u8]) -> Result<String, AccessError> {
    let made = argon2().hash_password(password);
    made.map(|hash| hash.to_string())
        .map_err(|error| AccessError::Hash(error.to_string()))
}

/// Works on passwords, a few at a time, away from everything else.
pub(super) struct Passwords {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    /// Of a password that nobody has: what unknown users are checked against,
    /// so that they take as long as known ones.
    dummy: Arc<OnceLock<String>>,
}

impl Passwords {
    pub(super) fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            dummy: Arc::new(OnceLock::new()),
        }
    }

    /// What is kept of a password.
    pub(super) async fn hash(&self, password: &Secret) -> Result<String, AccessError> {
        let password = password.clone();
        self.work(move || make(password.reveal().as_bytes())).await
    }

    /// Whether this is the password of this hash; never, where there is no hash,
    /// in the same time. `before` and `after` happen in its turn, so that what
    /// `after` learns from one guess, `before` knows at the next.
    pub(super) async fn fits(
        &self,
        (password, hash): (&Secret, Option<String>),
        before: impl FnOnce() -> Result<(), AccessError> + Send + 'static,
        after: impl FnOnce(bool) + Send + 'static,
    ) -> Result<bool, AccessError> {
        let (password, dummy) = (password.clone(), self.dummy.clone());
        self.work(move || {
            before()?;
            let known = hash.is_some();
            let hash = match (hash, dummy.get()) {
                (Some(hash), _) => hash,
                (None, Some(hash)) => hash.clone(),
                (None, None) => {
                    let made = make(&super::random::<32>()?)?;
                    dummy.get_or_init(|| made).clone()
                }
            };
            let parsed =
                PasswordHash::new(&hash).map_err(|error| AccessError::Hash(error.to_string()))?;
            let long = password.reveal().len() > MOST;
            let tried = if long { "" } else { password.reveal() };
            let fits = argon2().verify_password(tried.as_bytes(), &parsed).is_ok();
            let fits = known && fits && !long;
            after(fits);
            Ok(fits)
        })
        .await
    }

    /// Makes the hash for unknown users, so that the first of them takes no
    /// longer than the next.
    pub(super) async fn warm(&self) -> Result<(), AccessError> {
        let nobody = Secret::new(String::new());
        let fits = self.fits((&nobody, None), || Ok(()), |_| ()).await;
        fits.map(|_| ())
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, AccessError> + Send + 'static,
    ) -> Result<T, AccessError> {
        let busy = AccessError::TooMany {
            wait: Duration::from_secs(1),
        };
        let _place = match self.queue.try_acquire() {
            Ok(place) => place,
            Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => return Err(busy),
        };
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| AccessError::Hash("the service stops".into()))?;
        let work = tokio::task::spawn_blocking(move || {
            // Held by the work, not by who waits for it: who goes away does not
            // make room for another while theirs is still being done.
            let _turn = turn;
            job()
        });
        work.await
            .map_err(|error| AccessError::Hash(error.to_string()))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(password: &str) -> Option<String> {
        let name = "ada.lovelace".parse().unwrap();
        let checked = check_password(&name, &Secret::new(password.into()));
        checked.err().map(|error| error.to_string())
    }

    #[test]
    fn passwords_that_will_do() {
        for good in [
            "four horses eat batteries",
            "7hU&kd92-xQz",
            "ein Satz, den niemand rät",
            "dragon 48213894213",
            "пароль не из списка",
        ] {
            assert_eq!(told(good), None, "{good}");
        }
    }

    #[test]
    fn passwords_that_will_not_do() {
        for (bad, why) in [
            ("short", "12"),
            ("elevenchars", "12"),
            ("Password1234!", "many people"),
            ("123456789012", "many people"),
            ("!!!Administrator1", "many people"),
            ("qwertyuiop[]", "many people"),
            ("correct horse battery staple", "many people"),
            ("ada.lovelace", "name"),
            ("Ada.Lovelace1852", "name"),
            ("aaaaaaaaaaaaaaaa", "different"),
            ("abababababab", "different"),
            ("runbay_my password", "tokens"),
            ("a long\npassword", "control"),
            (&"long ".repeat(300), "1024"),
        ] {
            let told = told(bad).unwrap_or_else(|| panic!("{bad} is taken"));
            assert!(told.contains(why), "{bad}: {told}");
        }
    }

    #[test]
    fn the_list_is_in_the_form_it_is_compared_in() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.len() > 150);
        for line in &lines {
            assert_eq!(*line, line.trim().to_lowercase());
        }
        let unique: BTreeSet<&&str> = lines.iter().collect();
        assert_eq!(unique.len(), lines.len());
    }

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let passwords = Passwords::new();
        let secret = |text: &str| Secret::new(text.into());
        let hash = passwords.hash(&secret("right")).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert_ne!(passwords.hash(&secret("right")).await.unwrap(), hash);
        let fits = |text: &'static str, hash| async {
            let (passwords, text) = (&passwords, secret(text));
            let fits = passwords.fits((&text, hash), || Ok(()), |_| ());
            fits.await.unwrap()
        };
        assert!(fits("right", Some(hash.clone())).await);
        assert!(!fits("wrong", Some(hash.clone())).await);
        assert!(!fits("", None).await);
        let right = secret("right");
        let broken = passwords.fits((&right, Some("x".into())), || Ok(()), |_| ());
        let broken = broken.await;
        assert!(matches!(broken, Err(AccessError::Hash(_))));
    }

    #[tokio::test]
    async fn too_many_at_once_are_told_to_come_again() {
        let passwords = Passwords::new();
        passwords.warm().await.unwrap();
        let secret = Secret::new("x".into());
        let all = (0..100).map(|_| passwords.fits((&secret, None), || Ok(()), |_| ()));
        let all = futures::future::join_all(all).await;
        let busy = |answer: &&Result<bool, _>| matches!(answer, Err(AccessError::TooMany { .. }));
        assert_eq!(all.iter().filter(busy).count(), 100 - AT_ONCE - WAITING);
    }
}
