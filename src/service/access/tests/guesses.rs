//! Who guesses names, passwords and keys.

use super::*;
use crate::domain::access::Credential;

#[tokio::test]
async fn wrong_guesses_wait_and_nobody_is_locked_out() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    let (right, wrong) = (secret(PASSWORD), secret(OTHER));
    for _ in 0..5 {
        assert!(unknown(desk.access.sign_in("ada", &wrong, &here()).await));
    }
    let sixth = desk.access.sign_in("ada", &right, &here()).await;
    assert!(too_many(&sixth), "even the right one waits");
    let elsewhere = Client::default();
    desk.access
        .sign_in("ada", &right, &elsewhere)
        .await
        .unwrap();
    desk.later(TimeDelta::seconds(1));
    desk.access.sign_in("ada", &right, &here()).await.unwrap();
    assert!(unknown(desk.access.sign_in("ada", &wrong, &here()).await));
    let failed = desk.actions().await.into_iter();
    let failed = failed.filter(|(actor, _, verdict)| actor == "ada" && *verdict == Verdict::Failed);
    assert_eq!(failed.count(), 6);
}

#[tokio::test]
async fn many_guesses_at_once_are_no_more_than_one_after_the_other() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    let wrong = secret(OTHER);
    let (client, access) = (here(), &desk.access);
    let all = (0..30).map(|_| access.sign_in("ada", &wrong, &client));
    let all = futures::future::join_all(all).await;
    let tried = all.iter().filter(|answer| !too_many(answer)).count();
    // Five are free, and one more may be at work when the fifth is found wrong.
    assert!((5..=6).contains(&tried), "{tried}");
}

#[tokio::test]
async fn unknown_names_are_not_told_from_known_ones() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    let wrong = secret(OTHER);
    let mut told = Vec::new();
    for name in ["ada", "nobody", "Not A Name", "", &"x".repeat(5000)] {
        let error = desk
            .access
            .sign_in(name, &wrong, &here())
            .await
            .unwrap_err();
        told.push(error.to_string());
    }
    told.dedup();
    assert_eq!(told, ["the name or the password is wrong"]);
    // A password typed where the name belongs stays out of the log.
    let typed = OTHER.replace(' ', "-");
    assert!(unknown(desk.access.sign_in(&typed, &wrong, &here()).await));
    let log = format!("{:?}", desk.access.audit(&AuditFilter::default()).await);
    assert!(!log.contains(&typed) && !log.contains(PASSWORD) && log.contains("(unknown)"));
}

/// Known and unknown names take the same time: medians of many, for the noise
/// of one is greater than what an attacker could see.
#[tokio::test]
async fn unknown_names_take_as_long_as_known_ones() {
    let desk = Desk::new();
    desk.user("ada", Role::Admin).await;
    desk.access.warm().await.unwrap();
    let wrong = secret(OTHER);
    let mut took = [Vec::new(), Vec::new()];
    for round in 0..40u32 {
        for (index, name) in ["ada", "bob"].into_iter().enumerate() {
            let client = Client {
                address: Some(IpAddr::from((round * 2 + index as u32).to_be_bytes())),
                agent: None,
            };
            let begun = std::time::Instant::now();
            assert!(unknown(desk.access.sign_in(name, &wrong, &client).await));
            took[index].push(begun.elapsed());
        }
    }
    let medians = took.map(|mut took| {
        took.sort();
        took[took.len() / 2].as_secs_f64()
    });
    let ratio = medians[0] / medians[1];
    assert!((0.7..1.4).contains(&ratio), "{medians:?}");
}

#[tokio::test]
async fn basic_is_quick_the_second_time_and_forgets_with_the_password() {
    let desk = Desk::new();
    desk.user("ada", Role::Operator).await;
    desk.user("root", Role::Admin).await;
    let password = secret(PASSWORD);
    let who = desk.access.basic("ada", &password, &here()).await.unwrap();
    assert_eq!(who.credential, Credential::Password);
    // Not a sign-in, so wrong guesses by others do not slow it down.
    for _ in 0..6 {
        let _ = desk.access.basic("ada", &secret(OTHER), &here()).await;
    }
    desk.access.basic("ada", &password, &here()).await.unwrap();
    let new = secret(OTHER);
    let ada = name("ada");
    let set = desk.access.set_password(Actor::local(), &ada, &new);
    set.await.unwrap();
    let after = desk
        .access
        .basic("ada", &password, &Client::default())
        .await;
    assert!(unknown(after));
}

#[tokio::test]
async fn keys_cannot_be_guessed_at_speed() {
    let desk = Desk::new();
    desk.access.new_link_key().await.unwrap();
    for _ in 0..5 {
        assert!(unknown(
            desk.access.open_link(&secret("guess"), &here()).await
        ));
    }
    assert!(too_many(
        &desk.access.open_link(&secret("guess"), &here()).await
    ));
}
