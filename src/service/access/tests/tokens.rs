//! Tokens: what they may, and how long.

use super::*;

#[tokio::test]
async fn a_token_does_no_more_than_who_made_it() {
    let desk = Desk::new();
    desk.user("ada", Role::Operator).await;
    let who = desk.signed_in("ada").await;
    let client = here();
    let mint = |who, order| desk.access.mint(who, order, &client);
    for scope in [Scope::TasksWrite, Scope::SecretsWrite] {
        let denied = mint(&who, order(&[Scope::RunsRead, scope])).await;
        assert!(matches!(
            denied,
            Err(AccessError::Denied(Denied::Role { .. }))
        ));
    }
    for (bad, field) in [
        (
            TokenOrder {
                name: " ".into(),
                ..order(&[Scope::RunsRead])
            },
            "name",
        ),
        (
            TokenOrder {
                days: Some(0),
                ..order(&[Scope::RunsRead])
            },
            "expires_in_days",
        ),
        (
            TokenOrder {
                days: Some(4000),
                ..order(&[Scope::RunsRead])
            },
            "expires_in_days",
        ),
        (
            TokenOrder {
                tasks: Some([].into()),
                ..order(&[Scope::RunsRead])
            },
            "tasks",
        ),
        (order(&[]), "scopes"),
        (
            TokenOrder {
                tasks: Some(["a".parse().unwrap()].into()),
                ..order(&[Scope::Admin])
            },
            "scopes",
        ),
    ] {
        let refused = mint(&who, bad).await;
        assert!(matches!(refused, Err(AccessError::Invalid { field: told, .. }) if told == field));
    }
}

#[tokio::test]
async fn a_token_makes_none_that_does_or_lasts_more() {
    let desk = Desk::new();
    desk.user("ada", Role::Operator).await;
    let begun = desk.sign_in("ada").await;
    let who = desk.access.session(&begun.key).await.unwrap();
    let client = here();
    let mint = |who, order| desk.access.mint(who, order, &client);
    let made = mint(&who, order(&[Scope::RunsRead, Scope::Admin]))
        .await
        .unwrap();
    let by_token = desk.access.token(made.text.reveal()).await.unwrap();
    let wider = mint(&by_token, order(&[Scope::RunsTrigger])).await;
    assert!(matches!(wider, Err(AccessError::Denied(Denied::Scope(_)))));
    let longer = mint(
        &by_token,
        TokenOrder {
            days: None,
            ..order(&[Scope::RunsRead])
        },
    )
    .await;
    assert!(matches!(
        longer,
        Err(AccessError::Invalid {
            field: "expires_in_days",
            ..
        })
    ));
    let child = mint(&by_token, order(&[Scope::RunsRead])).await.unwrap();
    assert_eq!(child.token.owner, Some(name("ada")));
    let own = mint(&Principal::local(), order(Scope::ALL)).await.unwrap();
    assert_eq!(own.token.owner, None);
    let who = desk.access.token(own.text.reveal()).await.unwrap();
    assert_eq!((&who.who, who.role), (&Who::Local, Role::Admin));
}

#[tokio::test]
async fn tokens_run_out_and_are_revoked() {
    let desk = Desk::new();
    let client = here();
    let local = Principal::local();
    let made = desk
        .access
        .mint(&local, order(&[Scope::RunsRead]), &client)
        .await
        .unwrap();
    let text = made.text.reveal();
    desk.access.token(text).await.unwrap();
    desk.later(TimeDelta::days(90) - TimeDelta::seconds(1));
    desk.access.token(text).await.unwrap();
    let listed = desk.access.tokens(&local, false).await.unwrap();
    assert_eq!(listed[0].used_at, Some(*desk.now.lock().unwrap()));
    desk.later(TimeDelta::seconds(1));
    let over = desk.access.token(text).await.unwrap_err();
    assert!(over.to_string().contains("run out"), "{over}");

    let made = desk
        .access
        .mint(&local, order(&[Scope::RunsRead]), &client)
        .await
        .unwrap();
    let id = &made.token.id;
    desk.user("ada", Role::Admin).await;
    let ada = desk.signed_in("ada").await;
    let other = desk.access.revoke(&ada, (id, false), &client).await;
    assert!(matches!(other, Err(AccessError::NotFound { .. })));
    desk.access.revoke(&ada, (id, true), &client).await.unwrap();
    assert!(unknown(desk.access.token(made.text.reveal()).await));
    assert!(unknown(desk.access.token("runbay_x").await));
    assert!(unknown(desk.access.token("ghp_x").await));
    // One whose id is known and whose key is not.
    let id = made.token.id.clone();
    let forged = crate::domain::token::TokenText::new(id, &[0; 32]);
    assert!(unknown(desk.access.token(forged.reveal()).await));
}
