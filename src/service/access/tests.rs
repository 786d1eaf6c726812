//! The keeper of the doors against a real database, with a clock of the test's.

mod guesses;
mod sessions;
mod tokens;

use super::*;
use crate::domain::access::{Role, Scope, Who};
use crate::domain::ids::{Digest, UserName};
use crate::domain::secret::Secret;
use chrono::TimeDelta;
use std::sync::Mutex;
use tempfile::TempDir;

const PASSWORD: &str = "four horses eat batteries";
const OTHER: &str = "seven goats read the newspaper";

struct Desk {
    access: Access,
    now: Arc<Mutex<DateTime<Utc>>>,
    _folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("data/runbay.db")).unwrap();
        let start = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let now = Arc::new(Mutex::new(start));
        let told = now.clone();
        let clock = Clock::of(move || *told.lock().unwrap());
        Self {
            access: Access::new(store, clock).unwrap(),
            now,
            _folder: folder,
        }
    }

    fn later(&self, by: TimeDelta) {
        *self.now.lock().unwrap() += by;
    }

    async fn user(&self, name: &str, role: Role) {
        let order = UserOrder {
            name: name.parse().unwrap(),
            role,
            reads_logs: false,
            password: secret(PASSWORD),
        };
        self.access.add_user(Actor::local(), order).await.unwrap();
    }

    async fn sign_in(&self, name: &str) -> Begun {
        let password = secret(PASSWORD);
        self.access.sign_in(name, &password, &here()).await.unwrap()
    }

    /// Who somebody is that has signed in.
    async fn signed_in(&self, name: &str) -> Principal {
        let begun = self.sign_in(name).await;
        self.access.session(&begun.key).await.unwrap()
    }

    async fn token(&self, who: &Principal, scopes: &[Scope]) -> String {
        let minted = self.access.mint(who, order(scopes), &here()).await;
        minted.unwrap().text.reveal().to_owned()
    }

    async fn actions(&self) -> Vec<(String, String, Verdict)> {
        let entries = self.access.audit(&AuditFilter::default()).await.unwrap();
        let told = |entry: Entry| (entry.actor, entry.action, entry.verdict);
        entries.into_iter().map(told).collect()
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn name(text: &str) -> UserName {
    text.parse().unwrap()
}

fn here() -> Client {
    Client {
        address: Some([192, 168, 1, 7].into()),
        agent: Some("a \x1bbrowser".to_owned() + &"ü".repeat(200)),
    }
}

fn order(scopes: &[Scope]) -> TokenOrder {
    TokenOrder {
        name: "ci".into(),
        scopes: scopes.iter().copied().collect(),
        tasks: None,
        days: Some(TOKEN_DAYS),
    }
}

fn unknown<T>(result: Result<T, AccessError>) -> bool {
    result.is_err_and(|error| matches!(error, AccessError::Unknown(_)))
}

fn too_many<T>(result: &Result<T, AccessError>) -> bool {
    matches!(result, Err(AccessError::TooMany { .. }))
}

#[tokio::test]
async fn what_goes_on_for_long_is_asked_again() {
    let desk = Desk::new();
    desk.user("root", Role::Admin).await;
    desk.user("ada", Role::Operator).await;
    let begun = desk.sign_in("ada").await;
    let by_cookie = desk.access.session(&begun.key).await.unwrap();
    let text = desk.token(&by_cookie, &[Scope::LogsRead]).await;
    let by_token = desk.access.token(&text).await.unwrap();
    let password = secret(PASSWORD);
    let by_password = desk.access.basic("ada", &password, &here()).await.unwrap();
    let all = [by_cookie, by_token, by_password, Principal::local()];
    for who in &all {
        assert_eq!(desk.access.still(who).await.unwrap(), *who);
    }
    let ada = name("ada");
    let set = desk.access.set_disabled(Actor::local(), &ada, true);
    set.await.unwrap();
    for who in &all[..3] {
        assert!(unknown(desk.access.still(who).await), "{who:?}");
    }
    desk.access.still(&all[3]).await.unwrap();
}

#[tokio::test]
async fn every_act_is_in_the_log_and_the_log_is_sound() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    let who = desk.signed_in("ada").await;
    let denied = (Permission::Users, Denied::StepUp);
    desk.access.note_refusal(&who, None, denied).await.unwrap();
    let told = desk.actions().await;
    let told: Vec<_> = told
        .iter()
        .map(|(a, b, c)| (a.as_str(), b.as_str(), *c))
        .collect();
    assert_eq!(
        told,
        [
            ("ada", "access.refused", Verdict::Refused),
            ("ada", "session.begin", Verdict::Done),
            ("local", "user.create", Verdict::Done),
        ]
    );
    let sound = desk.access.verify_audit(None).await.unwrap();
    assert_eq!((sound.sound, &sound.broken), (3, &None));
    let head = sound.head.unwrap();
    let kept = desk.access.verify_audit(Some((3, &head))).await.unwrap();
    assert_eq!(kept.broken, None);
    let other = Digest::of(b"another log");
    let rewritten = desk.access.verify_audit(Some((3, &other))).await.unwrap();
    assert!(rewritten.broken.unwrap().1.contains("not the one you know"));
    let cut = desk.access.verify_audit(Some((9, &head))).await.unwrap();
    assert!(cut.broken.unwrap().1.contains("gone"));
}
