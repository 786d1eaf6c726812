//! Users, sessions, tokens, one-time keys, and the log of it all.

use super::*;
use crate::domain::access::{Role, Scope};
use crate::domain::account::{ApiToken, Session, User};
use crate::domain::audit::{Actor, Note, Verdict};
use crate::domain::ids::{Digest, SessionId, TokenId, UserName};

const PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA";

fn name(text: &str) -> UserName {
    text.parse().unwrap()
}

fn note(action: &'static str) -> Note {
    Note::done(Actor::local(), action)
}

fn hash(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

fn new_user(text: &str, role: Role) -> NewUser {
    NewUser {
        name: name(text),
        role,
        reads_logs: false,
        password: PASSWORD.into(),
    }
}

async fn user(store: &Store, text: &str, role: Role) -> User {
    let new = new_user(text, role);
    let added = store.add_user(new, note("user.create").on(text), at(0));
    added.await.unwrap()
}

fn new_session(number: u64, user: Option<&User>) -> Session {
    Session {
        id: SessionId::from_number(number),
        user: user.map(|user| user.id),
        created_at: at(0),
        seen_at: at(0),
        expires_at: at(7 * 86_400),
        proved_at: at(0),
        agent: Some("a browser".into()),
        address: Some("::1".into()),
    }
}

async fn begin(store: &Store, key: &str, session: &Session) {
    let idle = TimeDelta::hours(12);
    let begun = store.begin_session(session.clone(), hash(key), idle, note("session.begin"));
    begun.await.unwrap();
}

fn new_token(number: u64, owner: Option<&User>) -> ApiToken {
    ApiToken {
        id: TokenId::from_number(number),
        name: "ci".into(),
        owner: owner.map(|user| user.name.clone()),
        scopes: [Scope::RunsRead, Scope::RunsTrigger].into(),
        tasks: Some(["report".parse().unwrap()].into()),
        created_at: at(number as i64),
        expires_at: Some(at(90 * 86_400)),
        used_at: None,
    }
}

async fn add_token(store: &Store, token: &ApiToken, owner: Option<&User>) {
    let id = owner.map(|user| user.id);
    let added = store.add_token(token.clone(), id, hash("token"), note("token.create"));
    added.await.unwrap();
}

#[tokio::test]
async fn users_come_and_go() {
    let (_folder, store) = scratch();
    assert!(!store.has_admin().await.unwrap());
    let ada = user(&store, "ada", Role::Admin).await;
    assert!(store.has_admin().await.unwrap());
    assert_eq!(store.user(&name("ada")).await.unwrap(), ada);
    let again = store.add_user(new_user("ada", Role::Viewer), note("x"), at(1));
    let again = again.await.unwrap_err();
    assert!(matches!(again, StoreError::Conflict(_)), "{again:?}");
    let (found, kept) = store.password(&name("ada")).await.unwrap().unwrap();
    assert_eq!((found, kept.as_str()), (ada.clone(), PASSWORD));
    assert!(store.password(&name("bob")).await.unwrap().is_none());

    let bob = user(&store, "bob", Role::Viewer).await;
    let set = (Role::Operator, true);
    let bob = store
        .set_role(&bob.name, set, note("user.role"), at(2))
        .await
        .unwrap();
    assert_eq!((bob.role, bob.reads_logs), set);
    assert_eq!(store.users().await.unwrap(), [ada, bob.clone()]);
    store
        .remove_user(&bob.name, note("user.remove"), at(3))
        .await
        .unwrap();
    let gone = store.user(&bob.name).await.unwrap_err();
    assert!(matches!(gone, StoreError::NotFound { .. }), "{gone:?}");
    let bob_again = user(&store, "bob", Role::Viewer).await;
    assert!(bob_again.id > bob.id, "a number is never given twice");
}

#[tokio::test]
async fn the_last_admin_stays() {
    let (_folder, store) = scratch();
    let ada = user(&store, "ada", Role::Admin).await.name;
    let refused = |error: StoreError| matches!(error, StoreError::Conflict(_));
    let demote = || store.set_role(&ada, (Role::Operator, false), note("x"), at(1));
    let disable = || store.set_disabled(&ada, true, note("x"), at(1));
    assert!(refused(demote().await.unwrap_err()));
    assert!(refused(disable().await.unwrap_err()));
    let remove = store.remove_user(&ada, note("x"), at(1)).await;
    assert!(refused(remove.unwrap_err()));
    let kept = store.user(&ada).await.unwrap();
    assert_eq!((kept.role, kept.disabled_at), (Role::Admin, None));
    let bob = user(&store, "bob", Role::Admin).await.name;
    disable().await.unwrap();
    let last = store.remove_user(&bob, note("x"), at(1)).await.unwrap_err();
    assert!(refused(last), "one who is disabled does not count");
    store.remove_user(&ada, note("x"), at(1)).await.unwrap();
}

#[tokio::test]
async fn sessions_begin_and_end_with_their_user() {
    let (_folder, store) = scratch();
    user(&store, "root", Role::Admin).await;
    let ada = user(&store, "ada", Role::Operator).await;
    let one = new_session(1, Some(&ada));
    begin(&store, "one", &one).await;
    begin(&store, "two", &new_session(2, Some(&ada))).await;
    begin(&store, "own", &new_session(3, None)).await;
    let found = store.session(&hash("one")).await.unwrap().unwrap();
    assert_eq!(found, (one.clone(), Some(ada.clone())));
    assert_eq!(store.session(&hash("no")).await.unwrap(), None);
    store.touch_session(&one.id, at(60), false).await.unwrap();
    store.touch_session(&one.id, at(30), true).await.unwrap();
    let (seen, _) = store.session(&hash("one")).await.unwrap().unwrap();
    assert_eq!((seen.seen_at, seen.proved_at), (at(60), at(30)));

    let end = async |user, id| {
        let id = SessionId::from_number(id);
        let ended = store.end_session(user, &id, note("session.end"), at(61));
        ended.await.unwrap()
    };
    assert!(!end(None, 1).await, "it is not theirs");
    assert!(end(Some(ada.id), 1).await);
    assert!(!end(Some(ada.id), 1).await);
    begin(&store, "three", &new_session(4, Some(&ada))).await;
    let but = SessionId::from_number(4);
    let ended = store.end_sessions(Some(ada.id), Some(&but), note("session.end"), at(62));
    assert_eq!(ended.await.unwrap(), 1);
    assert_eq!(store.sessions(Some(ada.id)).await.unwrap()[0].id, but);
    store
        .set_password(&ada.name, PASSWORD.into(), note("user.password"), at(63))
        .await
        .unwrap();
    assert_eq!(store.sessions(Some(ada.id)).await.unwrap(), []);
    assert_eq!(store.user(&ada.name).await.unwrap().password_at, at(63));

    begin(&store, "four", &new_session(5, Some(&ada))).await;
    let disabled = store.set_disabled(&ada.name, true, note("x"), at(64));
    assert_eq!(disabled.await.unwrap().disabled_at, Some(at(64)));
    assert_eq!(store.session(&hash("four")).await.unwrap(), None);
    assert_eq!(store.sessions(None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_new_session_sweeps_out_the_old() {
    let (_folder, store) = scratch();
    let old = new_session(1, None);
    begin(&store, "old", &old).await;
    let mut short = new_session(2, None);
    short.expires_at = at(60);
    begin(&store, "short", &short).await;
    let mut later = new_session(3, None);
    later.created_at = at(60);
    begin(&store, "later", &later).await;
    let left = store.sessions(None).await.unwrap();
    let left: Vec<&str> = left.iter().map(|session| session.id.as_str()).collect();
    assert_eq!(left, ["000000000001", "000000000003"]);
    later.id = SessionId::from_number(4);
    later.created_at = at(12 * 3600);
    begin(&store, "much later", &later).await;
    assert_eq!(store.session(&hash("old")).await.unwrap(), None);
}

#[tokio::test]
async fn tokens_belong_to_their_owner() {
    let (_folder, store) = scratch();
    user(&store, "root", Role::Admin).await;
    let ada = user(&store, "ada", Role::Operator).await;
    let (hers, own) = (new_token(1, Some(&ada)), new_token(2, None));
    add_token(&store, &hers, Some(&ada)).await;
    add_token(&store, &own, None).await;
    let found = store.token(&hers.id).await.unwrap().unwrap();
    assert_eq!((&found.token, &found.hash), (&hers, &hash("token")));
    assert_eq!(found.owner.as_ref(), Some(&ada));
    let list = |whose| store.tokens(whose);
    let all = list(Owned::ByAnyone).await.unwrap();
    assert_eq!(all, [own.clone(), hers.clone()]);
    let tokens_of = list(Owned::By(Some(ada.id))).await.unwrap();
    assert_eq!(tokens_of, std::slice::from_ref(&hers));
    let tokens_of = list(Owned::By(None)).await.unwrap();
    assert_eq!(tokens_of, std::slice::from_ref(&own));
    store.touch_token(&own.id, at(9)).await.unwrap();
    store.touch_token(&own.id, at(5)).await.unwrap();
    let used = store.token(&own.id).await.unwrap().unwrap().token.used_at;
    assert_eq!(used, Some(at(9)));

    let revoke = |id, whose| store.revoke_token(id, whose, note("token.revoke"), at(10));
    assert!(!revoke(&own.id, Owned::By(Some(ada.id))).await.unwrap());
    assert!(revoke(&own.id, Owned::ByAnyone).await.unwrap());
    assert!(store.token(&own.id).await.unwrap().is_none());
    store
        .remove_user(&ada.name, note("user.remove"), at(11))
        .await
        .unwrap();
    assert_eq!(list(Owned::ByAnyone).await.unwrap(), []);
}

#[tokio::test]
async fn the_setup_key_makes_one_admin() {
    let (_folder, store) = scratch();
    let try_key = |key: &str, name: &str, seconds| {
        let new = new_user(name, Role::Admin);
        store.set_up(hash(key), new, note("setup"), at(seconds))
    };
    assert_eq!(try_key("key", "ada", 0).await.unwrap(), Redeemed::Gone);
    let put = || store.set_one_time_key(Door::Setup, hash("key"), at(1800), 5);
    put().await.unwrap();
    assert_eq!(try_key("no", "eve", 1).await.unwrap(), Redeemed::Wrong(4));
    for _ in 0..3 {
        try_key("no", "eve", 1).await.unwrap();
    }
    assert_eq!(try_key("no", "eve", 1).await.unwrap(), Redeemed::Gone);
    assert_eq!(try_key("key", "ada", 1).await.unwrap(), Redeemed::Gone);
    put().await.unwrap();
    assert_eq!(try_key("key", "ada", 1800).await.unwrap(), Redeemed::Gone);
    assert_eq!(store.users().await.unwrap(), []);
    assert_eq!(try_key("key", "ada", 1799).await.unwrap(), Redeemed::Opened);
    assert_eq!(store.users().await.unwrap().len(), 1);
    assert_eq!(try_key("key", "bob", 1799).await.unwrap(), Redeemed::Gone);
    put().await.unwrap();
    assert_eq!(try_key("key", "bob", 1).await.unwrap(), Redeemed::Gone);
}

#[tokio::test]
async fn many_who_redeem_a_key_at_once_are_one() {
    let (_folder, store) = scratch();
    store
        .set_one_time_key(Door::Link, hash("key"), at(60), 100)
        .await
        .unwrap();
    let open = |number| {
        let keys = (hash(&format!("s{number}")), TimeDelta::hours(12));
        store.open_link(hash("key"), new_session(number, None), keys, note("link"))
    };
    let all = futures::future::join_all((0..8).map(open)).await;
    let opened = |answer: &&Result<Redeemed, _>| matches!(answer, Ok(Redeemed::Opened));
    assert_eq!(all.iter().filter(opened).count(), 1);
    assert_eq!(store.sessions(None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_log_holds_every_change_and_none_that_failed() {
    let (_folder, store) = scratch();
    user(&store, "ada", Role::Admin).await;
    let taken = store.add_user(new_user("ada", Role::Viewer), note("user.create"), at(1));
    taken.await.unwrap_err();
    let refused = note("run.start").on("report").but(Verdict::Refused);
    store.audit(refused, at(2)).await.unwrap();
    let entries = store.audit_entries(&AuditFilter::default()).await.unwrap();
    let told: Vec<_> = entries.iter().map(|e| (e.seq, e.action.as_str())).collect();
    assert_eq!(told, [(2, "run.start"), (1, "user.create")]);
    assert_eq!(entries[0].previous, entries[1].hash);
    assert_eq!(entries[0].actor, "local");
    let older = AuditFilter {
        before: Some(2),
        actor: Some("local".into()),
        limit: Some(1),
    };
    assert_eq!(
        store.audit_entries(&older).await.unwrap(),
        entries[1..].to_vec()
    );
    let sound = store.verify_audit().await.unwrap();
    assert_eq!((sound.sound, sound.broken), (2, None));
    assert_eq!(sound.head, store.audit_hash(2).await.unwrap());
}

#[tokio::test]
async fn the_log_cannot_be_changed_and_tampering_is_found() {
    let (folder, store) = scratch();
    for n in 0..5 {
        let what = note("user.create").on(format!("user{n}"));
        store.audit(what, at(n)).await.unwrap();
    }
    let shell = Connection::open(folder.path().join("data/runbay.db")).unwrap();
    for sql in [
        "UPDATE audit SET actor = 'eve' WHERE seq = 3",
        "DELETE FROM audit WHERE seq = 5",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 5",
    ] {
        shell.execute_batch(sql).unwrap_err();
    }
    // Whoever has the file can do more, and is found out.
    shell
        .execute_batch(
            "DROP TRIGGER audit_is_never_changed; \
             UPDATE audit SET actor = 'eve' WHERE seq = 3",
        )
        .unwrap();
    let found = store.verify_audit().await.unwrap();
    assert_eq!(found.sound, 2);
    let (seq, fault) = found.broken.unwrap();
    assert_eq!(seq, 3);
    assert!(fault.contains("entry 3 was changed"), "{fault}");
    let sql =
        "PRAGMA ignore_check_constraints = ON; UPDATE audit SET verdict = 'bent' WHERE seq = 2";
    shell.execute_batch(sql).unwrap();
    let (seq, fault) = store.verify_audit().await.unwrap().broken.unwrap();
    assert_eq!(seq, 2);
    assert!(fault.contains("bent"), "{fault}");
}
