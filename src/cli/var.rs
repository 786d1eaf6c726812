//! `runbay var`: by a service if there is one, else by this process.

use super::backend::Backend;
use super::error::Error;
use super::output::{ago, errln, inert, print_json, print_table, table};
use super::secret_args::VarCommand;
use crate::domain::ids::TaskName;
use std::process::ExitCode;

pub(super) async fn var(backend: &Backend, command: VarCommand) -> Result<ExitCode, Error> {
    match command {
        VarCommand::Set { variable, whose } => {
            let (name, value) = variable;
            let name = name.parse();
            let name = name.map_err(|error: crate::domain::variable::BadVariableName| {
                Error::invalid(error.to_string())
            })?;
            let set = backend.set_variable((name, whose.level()), value).await?;
            errln!("{} is set ({})", set.name, inert(&set.level.to_string()));
        }
        VarCommand::Ls { task: None, json } => list(backend, json).await?,
        VarCommand::Ls {
            task: Some(task),
            json,
        } => list_of(backend, &task, json).await?,
        VarCommand::Rm { name, whose } => {
            let level = whose.level();
            backend
                .remove_variable((name.clone(), level.clone()))
                .await?;
            errln!("{name} is gone ({})", inert(&level.to_string()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(backend: &Backend, json: bool) -> Result<(), Error> {
    let all = backend.variables().await?;
    if json {
        print_json(&all);
        return Ok(());
    }
    let mut rows = table(&["name", "value", "of", "set", "by"]);
    for variable in &all {
        rows.add_row([
            variable.name.to_string(),
            inert(&variable.value),
            inert(&variable.level.to_string()),
            ago(variable.set_at),
            inert(&variable.set_by),
        ]);
    }
    print_table(&rows);
    Ok(())
}

async fn list_of(backend: &Backend, task: &TaskName, json: bool) -> Result<(), Error> {
    let all = backend.variables_of(task).await?;
    if json {
        print_json(&all);
        return Ok(());
    }
    let mut rows = table(&["name", "value", "from", "instead of"]);
    for variable in &all {
        let hidden = variable.hidden.iter();
        let hidden = hidden.map(|h| inert(&format!("{} ({})", h.value, h.origin)));
        rows.add_row([
            inert(&variable.name),
            inert(&variable.won.value),
            inert(&variable.won.origin.to_string()),
            hidden.collect::<Vec<_>>().join(", "),
        ]);
    }
    print_table(&rows);
    Ok(())
}
