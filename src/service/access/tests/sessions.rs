//! Sessions, and what begins one: a password, the setup key, a link.

use super::*;

#[tokio::test]
async fn a_session_lasts_while_it_is_used_and_a_week_at_most() {
    let desk = Desk::new();
    desk.user("ada", Role::Operator).await;
    let begun = desk.sign_in("ada").await;
    let agent = begun.session.agent.clone().unwrap();
    assert!(agent.starts_with("a browserü") && agent.len() <= 200);
    let who = desk.access.session(&begun.key).await.unwrap();
    assert_eq!(
        (who.who.to_string().as_str(), who.role),
        ("ada", Role::Operator)
    );
    desk.later(SESSION_IDLE - TimeDelta::seconds(1));
    desk.access.session(&begun.key).await.unwrap();
    for _ in 0..13 {
        desk.later(SESSION_IDLE - TimeDelta::seconds(1));
        desk.access.session(&begun.key).await.unwrap();
    }
    desk.later(SESSION_IDLE - TimeDelta::seconds(1));
    assert!(
        unknown(desk.access.session(&begun.key).await),
        "a week is over"
    );

    let idle = desk.sign_in("ada").await;
    assert_ne!(idle.key, begun.key);
    desk.later(SESSION_IDLE);
    assert!(unknown(desk.access.session(&idle.key).await));
    assert!(unknown(desk.access.session(&secret("anything")).await));
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    desk.user("eve", Role::Admin).await;
    let (one, two) = (desk.sign_in("ada").await, desk.sign_in("ada").await);
    let hers = desk.sign_in("eve").await;
    let who = desk.access.session(&one.key).await.unwrap();
    assert_eq!(desk.access.sessions(&who).await.unwrap().len(), 2);
    let theirs = desk
        .access
        .end_session(&who, &hers.session.id, &here())
        .await;
    assert!(matches!(theirs, Err(AccessError::NotFound { .. })));
    let ended = desk.access.end_other_sessions(&who, &here()).await.unwrap();
    assert_eq!(ended, 1);
    assert!(unknown(desk.access.session(&two.key).await));
    desk.access.sign_out(&who, &here()).await.unwrap();
    assert!(unknown(desk.access.session(&one.key).await));
    desk.access.session(&hers.key).await.unwrap();
}

#[tokio::test]
async fn who_is_disabled_or_gone_is_out_at_once() {
    let desk = Desk::new();
    desk.user("root", Role::Admin).await;
    desk.user("ada", Role::Operator).await;
    let begun = desk.sign_in("ada").await;
    let who = desk.access.session(&begun.key).await.unwrap();
    let text = desk.token(&who, &[Scope::RunsRead]).await;
    let who_name = name("ada");
    let set = |disabled| {
        desk.access
            .set_disabled(Actor::local(), &who_name, disabled)
    };
    set(true).await.unwrap();
    assert!(unknown(desk.access.session(&begun.key).await));
    assert!(unknown(desk.access.token(&text).await));
    let password = secret(PASSWORD);
    assert!(unknown(
        desk.access.sign_in("ada", &password, &here()).await
    ));
    assert!(unknown(desk.access.basic("ada", &password, &here()).await));
    set(false).await.unwrap();
    assert!(unknown(desk.access.session(&begun.key).await));
    desk.access.token(&text).await.unwrap();
    desk.sign_in("ada").await;
    desk.access
        .remove_user(Actor::local(), &who_name)
        .await
        .unwrap();
    assert!(unknown(desk.access.token(&text).await));
}

#[tokio::test]
async fn a_role_counts_as_it_is_now() {
    let desk = Desk::new();
    desk.user("root", Role::Admin).await;
    desk.user("ada", Role::Operator).await;
    let who = desk.signed_in("ada").await;
    let text = desk.token(&who, &[Scope::RunsTrigger]).await;
    let may = async || {
        let who = desk.access.token(&text).await.unwrap();
        who.may(Permission::RunsTrigger).is_ok()
    };
    assert!(may().await);
    let down = (Role::Viewer, None);
    desk.access
        .set_role(Actor::local(), &name("ada"), down)
        .await
        .unwrap();
    assert!(!may().await);
}

#[tokio::test]
async fn the_password_opens_what_is_dear_for_ten_minutes() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    let begun = desk.sign_in("ada").await;
    let may = async || {
        let who = desk.access.session(&begun.key).await.unwrap();
        who.may(Permission::Users)
    };
    desk.later(TimeDelta::seconds(599));
    may().await.unwrap();
    desk.later(TimeDelta::seconds(1));
    assert_eq!(may().await, Err(Denied::StepUp));
    let who = desk.access.session(&begun.key).await.unwrap();
    who.may(Permission::RunsTrigger).unwrap();
    assert!(unknown(
        desk.access.step_up(&who, &secret(OTHER), &here()).await
    ));
    assert_eq!(may().await, Err(Denied::StepUp));
    desk.access
        .step_up(&who, &secret(PASSWORD), &here())
        .await
        .unwrap();
    may().await.unwrap();
    let local = desk
        .access
        .step_up(&Principal::local(), &secret(PASSWORD), &here())
        .await;
    assert!(matches!(local, Err(AccessError::Conflict(_))));
}

#[tokio::test]
async fn a_new_password_ends_every_session() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    let (one, two) = (desk.sign_in("ada").await, desk.sign_in("ada").await);
    let who = desk.access.session(&one.key).await.unwrap();
    let (present, new) = (secret(PASSWORD), secret(OTHER));
    let client = here();
    let change = async |present: &Secret, new: &str| {
        let new = secret(new);
        let changed = desk.access.change_password(&who, (present, &new), &client);
        changed.await
    };
    assert!(unknown(change(&new, "eleven snails in a row").await));
    for bad in ["short", PASSWORD] {
        let refused = change(&present, bad).await;
        assert!(matches!(
            refused,
            Err(AccessError::Invalid { field: "new", .. })
        ));
    }
    let begun = change(&present, OTHER).await.unwrap();
    assert!(unknown(desk.access.session(&one.key).await));
    assert!(unknown(desk.access.session(&two.key).await));
    desk.access.session(&begun.key).await.unwrap();
    assert!(unknown(desk.access.sign_in("ada", &present, &client).await));
}

#[tokio::test]
async fn the_setup_key_is_good_once_for_half_an_hour() {
    let desk = Desk::new();
    let client = here();
    let set_up = async |key: &Secret, password: &str| {
        let (name, password) = (name("ada"), secret(password));
        desk.access.set_up(key, (&name, &password), &client).await
    };
    let early = desk.access.new_setup_key().await.unwrap();
    let key = desk.access.new_setup_key().await.unwrap();
    assert_eq!(key.reveal().len(), 22);
    assert!(unknown(set_up(&early, PASSWORD).await));
    let weak = set_up(&key, "short").await;
    assert!(matches!(weak, Err(AccessError::Invalid { .. })));
    desk.later(TimeDelta::minutes(30));
    let late = set_up(&key, PASSWORD).await;
    assert!(matches!(late, Err(AccessError::Gone(_))));
    let key = desk.access.new_setup_key().await.unwrap();
    let begun = set_up(&key, PASSWORD).await.unwrap();
    let who = desk.access.session(&begun.key).await.unwrap();
    assert_eq!(who.role, Role::Admin);
    let again = set_up(&key, PASSWORD).await;
    assert!(matches!(again, Err(AccessError::Gone(_))));
    let more = desk.access.new_setup_key().await;
    assert!(matches!(more, Err(AccessError::Gone(_))));
}

#[tokio::test]
async fn a_link_signs_in_the_owner_of_the_folder_once() {
    let desk = Desk::new();
    let key = desk.access.new_link_key().await.unwrap();
    assert!(unknown(
        desk.access.open_link(&secret("guess"), &here()).await
    ));
    let begun = desk.access.open_link(&key, &here()).await.unwrap();
    let who = desk.access.session(&begun.key).await.unwrap();
    assert_eq!((&who.who, who.role), (&Who::Local, Role::Admin));
    // There is no password to enter again.
    desk.later(TimeDelta::hours(1));
    let who_later = desk.access.session(&begun.key).await.unwrap();
    who_later.may(Permission::Users).unwrap();
    let again = desk.access.open_link(&key, &here()).await;
    assert!(matches!(again, Err(AccessError::Gone(_))));
    let sessions = desk.access.sessions(&who).await.unwrap();
    assert_eq!(sessions.len(), 1);
    let key = desk.access.new_link_key().await.unwrap();
    desk.later(TimeDelta::hours(12));
    let late = desk.access.open_link(&key, &here()).await;
    assert!(matches!(late, Err(AccessError::Gone(_))));
}
