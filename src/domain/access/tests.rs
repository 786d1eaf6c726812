use super::*;
use proptest::prelude::*;

fn user(role: Role, reads_logs: bool, credential: Credential) -> Principal {
    Principal {
        who: Who::User(UserId(1), "ada".parse().unwrap()),
        role,
        reads_logs,
        credential,
    }
}

fn token(scopes: &[Scope], tasks: Option<&[&str]>) -> Credential {
    let names = |tasks: &[&str]| tasks.iter().map(|task| task.parse().unwrap()).collect();
    Credential::Token {
        id: TokenId::from_number(1),
        scopes: scopes.iter().copied().collect(),
        tasks: tasks.map(names),
    }
}

/// The table in words, written down a second time: the least role, the scope,
/// whether it is about tasks, whether the password is asked for again.
const TABLE: &str = "\
signed_in        viewer    -                task  -
tasks_read       viewer    tasks:read       task  -
tasks_write      admin     tasks:write      task  -
runs_read        viewer    runs:read        task  -
runs_trigger     operator  runs:trigger     task  -
runs_cancel      operator  runs:cancel      task  -
runs_pin         operator  runs:pin         task  -
logs_read        viewer    logs:read        task  -
schedules_pause  operator  schedules:write  task  -
schedules_write  admin     schedules:write  task  -
secrets_read     admin     secrets:write    -     -
secrets_write    admin     secrets:write    -     password
system_read      viewer    runs:read        -     -
system_write     admin     admin            -     -
account          viewer    admin            -     -
tokens           viewer    admin            -     password
access_read      admin     admin            -     -
users            admin     admin            -     password";

#[test]
fn the_table_says_what_it_is_meant_to_say() {
    let mut rows = TABLE.lines();
    for permission in Permission::ALL {
        let Some(needs) = permission.needs() else {
            assert_eq!(*permission, Permission::Public);
            continue;
        };
        let word = |set, word| if set { word } else { "-" };
        let row = [
            permission.as_str(),
            needs.role.as_str(),
            needs.scope.map_or("-", Scope::as_str),
            word(needs.per_task, "task"),
            word(needs.step_up, "password"),
        ];
        let expected: Vec<&str> = rows.next().unwrap().split_whitespace().collect();
        assert_eq!(row.as_slice(), expected);
    }
    assert_eq!(rows.next(), None);
}

/// Who may do what, over every permission, role, grant and way to come in.
#[test]
fn every_permission_role_and_scope() {
    let session = |stepped_up| Credential::Session {
        id: SessionId::from_number(1),
        stepped_up,
    };
    for permission in Permission::ALL {
        let needs = permission.needs();
        for role in Role::ALL {
            for reads_logs in [false, true] {
                let by_role = needs.is_none_or(|needs| *role >= needs.role)
                    && (*permission != Permission::LogsRead || *role > Role::Viewer || reads_logs);
                let may = |credential| user(*role, reads_logs, credential).may(*permission).is_ok();
                assert_eq!(may(Credential::Password), by_role, "{permission} {role}");
                assert_eq!(may(session(true)), by_role, "{permission} {role}");
                let fresh = needs.is_none_or(|needs| !needs.step_up);
                assert_eq!(may(session(false)), by_role && fresh, "{permission} {role}");
                let free = needs.is_none_or(|needs| needs.scope.is_none());
                assert_eq!(
                    may(token(&[], None)),
                    by_role && free,
                    "{permission} {role}"
                );
                for scope in Scope::ALL {
                    let covers = free || needs.is_some_and(|n| n.scope == Some(*scope));
                    let all = may(token(&[*scope], None));
                    assert_eq!(all, by_role && covers, "{permission} {role} {scope}");
                    let some = may(token(&[*scope], Some(&["report"])));
                    let per_task = needs.is_none_or(|needs| needs.per_task);
                    assert_eq!(some, all && per_task, "{permission} {role} {scope}");
                }
            }
        }
        assert_eq!(Principal::local().may(*permission), Ok(()));
    }
}

#[test]
fn a_token_for_some_tasks_sees_no_others() {
    let limited = user(Role::Admin, true, token(Scope::ALL, Some(&["report"])));
    assert!(limited.sees(&"report".parse().unwrap()));
    assert!(!limited.sees(&"payroll".parse().unwrap()));
    let all = user(Role::Viewer, false, token(&[], None));
    assert!(all.sees(&"payroll".parse().unwrap()));
}

#[test]
fn refusals_say_what_is_missing() {
    let viewer = user(Role::Viewer, false, Credential::Password);
    let told = |permission| viewer.may(permission).unwrap_err().to_string();
    assert!(told(Permission::RunsTrigger).contains("operator"));
    assert!(told(Permission::LogsRead).contains("logs:read"));
    let narrow = user(Role::Admin, true, token(&[Scope::RunsRead], None));
    let told = narrow.may(Permission::RunsCancel).unwrap_err().to_string();
    assert!(told.contains("runs:cancel"));
}

proptest! {
    /// More role, more scopes or a wider list of tasks never take a right away.
    #[test]
    fn rights_only_grow(
        permission in proptest::sample::select(Permission::ALL),
        scopes in proptest::sample::subsequence(Scope::ALL.to_vec(), 0..=Scope::ALL.len()),
        more in proptest::sample::select(Scope::ALL),
        reads_logs: bool,
        limited: bool,
    ) {
        let tasks: Option<&[&str]> = limited.then_some(&["report"]);
        let wider: Vec<Scope> = scopes.iter().copied().chain([more]).collect();
        let mut before = false;
        for role in Role::ALL {
            let narrow = user(*role, reads_logs, token(&scopes, tasks)).may(permission).is_ok();
            let scoped = user(*role, reads_logs, token(&wider, tasks)).may(permission).is_ok();
            let open = user(*role, reads_logs, token(&wider, None)).may(permission).is_ok();
            let person = user(*role, true, Credential::Password).may(permission).is_ok();
            prop_assert!(narrow <= scoped && scoped <= open && open <= person);
            prop_assert!(before <= narrow);
            before = narrow;
        }
    }
}
