//! `runbay user`, `runbay token` and `runbay audit`. They work on the database
//! of this folder, as its owner, whether a service runs or not; with `--url` they
//! ask a service elsewhere.

use super::access_args::{
    AuditArgs, AuditCommand, AuditLs, PasswordArgs, TokenCommand, UserCommand,
};
use super::error::Error;
use super::output::{ago, errln, inert, outln, paint, print_json, print_table, table};
use super::people::People;
use crate::domain::access::Role;
use crate::domain::account::{ApiToken, User};
use crate::domain::audit::{Entry, Verdict};
use crate::domain::ids::{Digest, TaskName, UserName};
use crate::domain::secret::Secret;
use crate::service::access::invitation::{address, link};
use crate::service::access::{TokenOrder, UserOrder, check_password};
use crate::service::door::Door;
use crate::service::{self, App};
use serde_json::json;
use std::io::Read as _;
use std::process::ExitCode;

pub(super) async fn user(people: &People, command: UserCommand) -> Result<ExitCode, Error> {
    match command {
        UserCommand::Add {
            name,
            role,
            logs,
            password,
        } => {
            let password = ask_password(&name, &password)?;
            let order = UserOrder {
                name,
                role,
                reads_logs: logs,
                password,
            };
            let user = people.add_user(order).await?;
            errln!("{} is {}", user.name, may(&user));
        }
        UserCommand::Ls { json } => list_users(&people.users().await?, json),
        UserCommand::Passwd { name, password } => {
            people.user(&name).await?;
            let password = ask_password(&name, &password)?;
            people.set_password(&name, &password).await?;
            errln!("the password of {name} is set, and their sessions are over");
        }
        UserCommand::Role { name, role, logs } => {
            let user = people.set_role(&name, role, logs).await?;
            errln!("{name} is {}", may(&user));
        }
        UserCommand::Disable { name } => {
            people.set_disabled(&name, true).await?;
            errln!("{name} is let in no longer");
        }
        UserCommand::Enable { name } => {
            people.set_disabled(&name, false).await?;
            errln!("{name} is let in");
        }
        UserCommand::Rm { name } => {
            people.remove_user(&name).await?;
            errln!("{name} is gone, with their sessions and tokens");
        }
        UserCommand::Link => print_link(people.here()?).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list_users(users: &[User], json: bool) {
    if json {
        return print_json(&users);
    }
    if users.is_empty() {
        errln!("there are no users; `runbay user add <name>` makes one");
        return;
    }
    let mut rows = table(&["name", "may", "since", "let in"]);
    for user in users {
        let state = match user.disabled_at {
            Some(at) => paint(&format!("no, {}", ago(at)), "33"),
            None => "yes".to_owned(),
        };
        rows.add_row([
            user.name.to_string(),
            may(user),
            ago(user.created_at),
            state,
        ]);
    }
    print_table(&rows);
}

fn may(user: &User) -> String {
    match (user.role, user.reads_logs) {
        (Role::Viewer, true) => "viewer with logs".to_owned(),
        (role, _) => role.to_string(),
    }
}

async fn print_link(app: &App) -> Result<(), service::Error> {
    let Some(door) = Door::find(&app.config.data_dir) else {
        let text = "no service runs on this folder: start one with `runbay serve`";
        return Err(service::Error::Conflict(text.to_owned()));
    };
    let at = door
        .url
        .strip_prefix("http://")
        .and_then(|at| at.parse().ok());
    let at = at.unwrap_or(app.config.server.bind);
    let site = address(&app.config.server, at);
    let key = app.access.new_link_key().await?;
    outln!("{}", link(&site, &key));
    Ok(())
}

/// The new password: from a file, or asked for twice.
fn ask_password(name: &UserName, args: &PasswordArgs) -> Result<Secret, service::Error> {
    let Some(path) = &args.password_file else {
        return prompt(name);
    };
    let mut text = String::new();
    let read = match path.as_os_str() == "-" {
        true => std::io::stdin().lock().read_to_string(&mut text),
        false => std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.map_err(service::Error::io(format!(
        "cannot read the password from {}",
        path.display()
    )))?;
    // Editors and `echo` end a file with a line break.
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(Secret::new(line.to_owned()))
}

fn prompt(name: &UserName) -> Result<Secret, service::Error> {
    let checked = |text: &String| {
        let password = Secret::new(text.clone());
        check_password(name, &password).map_err(|error| error.to_string())
    };
    let asked = dialoguer::Password::new()
        .with_prompt(format!("New password of {name}"))
        .validate_with(checked)
        .with_confirmation("The same again", "these are two different passwords")
        .interact();
    asked.map(Secret::new).map_err(|error| {
        let dialoguer::Error::IO(source) = error;
        match source.kind() {
            std::io::ErrorKind::NotConnected => service::Error::Invalid(
                "there is no terminal to ask for a password: name a file with --password-file"
                    .to_owned(),
            ),
            _ => service::Error::io("the password could not be asked for")(source),
        }
    })
}

pub(super) async fn token(people: &People, command: TokenCommand) -> Result<ExitCode, Error> {
    match command {
        TokenCommand::Create {
            name,
            scopes,
            tasks,
            days,
            forever,
            json,
        } => {
            let order = TokenOrder {
                name,
                scopes: scopes.into_iter().collect(),
                tasks: (!tasks.is_empty()).then(|| tasks.into_iter().collect()),
                days: (!forever).then_some(days),
            };
            let (token, text) = people.mint(order).await?;
            if json {
                print_json(&json!({ "token": token, "secret": text.reveal() }));
            } else {
                outln!("{}", text.reveal());
                errln!("keep it safe: it is shown this once, and only its digest is kept");
            }
        }
        TokenCommand::Ls { json } => list_tokens(&people.tokens().await?, json),
        TokenCommand::Revoke { ids } => {
            for id in &ids {
                people.revoke(id).await?;
                errln!("{id} is revoked");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list_tokens(tokens: &[ApiToken], json: bool) {
    if json {
        return print_json(&tokens);
    }
    if tokens.is_empty() {
        errln!("there are no tokens; `runbay token create <what for> --scope …` makes one");
        return;
    }
    let now = chrono::Utc::now();
    let mut rows = table(&[
        "id", "what for", "owner", "scopes", "tasks", "until", "used",
    ]);
    for token in tokens {
        let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
        let tasks = token.tasks.as_ref().map_or("all".to_owned(), |tasks| {
            let names: Vec<&str> = tasks.iter().map(TaskName::as_str).collect();
            names.join(" ")
        });
        let until = match token.expires_at {
            None => "for ever".to_owned(),
            Some(end) if end <= now => paint("over", "33"),
            Some(end) => end.format("%Y-%m-%d").to_string(),
        };
        let owner = token
            .owner
            .as_ref()
            .map_or(UserName::LOCAL, UserName::as_str);
        rows.add_row([
            token.id.to_string(),
            inert(&token.name),
            owner.to_owned(),
            scopes.join(" "),
            tasks,
            until,
            token.used_at.map_or("never".to_owned(), ago),
        ]);
    }
    print_table(&rows);
}

pub(super) async fn audit(people: &People, args: AuditArgs) -> Result<ExitCode, Error> {
    match args.command {
        None => list_audit(people, args.list).await,
        Some(AuditCommand::Ls(list)) => list_audit(people, list).await,
        Some(AuditCommand::Verify { known, json }) => verify(people, known, json).await,
    }
}

async fn list_audit(people: &People, args: AuditLs) -> Result<ExitCode, Error> {
    let entries = people.audit(args.actor, args.limit).await?;
    if args.json {
        print_json(&entries);
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = table(&["", "when", "who", "from", "what", "result"]);
    for entry in &entries {
        rows.add_row([
            entry.seq.to_string(),
            entry.at.format("%Y-%m-%d %H:%M:%S").to_string(),
            who(entry),
            inert(entry.address.as_deref().unwrap_or("–")),
            what(entry),
            result(entry.verdict),
        ]);
    }
    print_table(&rows);
    Ok(ExitCode::SUCCESS)
}

fn who(entry: &Entry) -> String {
    match entry.via {
        Some(via) if via.as_str() != entry.actor => format!("{} ({via})", inert(&entry.actor)),
        _ => inert(&entry.actor),
    }
}

fn what(entry: &Entry) -> String {
    let mut text = entry.action.clone();
    for part in [&entry.object, &entry.detail].into_iter().flatten() {
        text.push(' ');
        text.push_str(&inert(part));
    }
    text
}

fn result(verdict: Verdict) -> String {
    match verdict {
        Verdict::Done => verdict.to_string(),
        Verdict::Refused | Verdict::Failed => paint(verdict.as_str(), "31"),
    }
}

async fn verify(
    people: &People,
    known: Option<(i64, String)>,
    json: bool,
) -> Result<ExitCode, Error> {
    let known = known.map(|(seq, hash)| (seq, Digest(hash)));
    let known = known.as_ref().map(|(seq, hash)| (*seq, hash));
    let found = people.verify_audit(known).await?;
    let head = found
        .head
        .as_ref()
        .map(|hash| format!("{}:{hash}", found.sound));
    if json {
        let (seq, fault) = found.broken.clone().unzip();
        print_json(&json!({
            "sound": found.sound, "head": head, "broken": seq, "fault": fault,
        }));
    } else if let Some((_, fault)) = &found.broken {
        errln!("{} {}", paint("broken:", "1;31"), inert(fault));
    } else {
        errln!("{} entries, all as they were written", found.sound);
        if let Some(head) = head {
            outln!("{head}");
        }
    }
    let code = if found.broken.is_some() { 65 } else { 0 };
    Ok(ExitCode::from(code))
}
