//! A look at requirements before anybody has them in a task: what is wrong with
//! them, and whether the policy would take them. Nothing is resolved, and no
//! engine is needed.

use super::{App, Error};
use crate::catalogue::{Problem, choose_python, parse_requirements};
use crate::domain::environment::{EnvironmentSpec, Policy};
use crate::domain::manifest::{EnvironmentRef, PythonVersion};
use crate::domain::task::RequirementSet;
use crate::image::{pythons, refused};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The largest text of requirements, bytes.
const MAX_TEXT: usize = 512 * 1024;
/// What the text is called in messages.
const NAME: &str = "requirements.txt";

/// Requirements to look at.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Draft {
    /// The text of a requirements file.
    pub requirements: String,
    /// The Python release; none is that of the template or the service.
    pub python: Option<PythonVersion>,
    /// A template of images that they would be added to.
    pub template: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Validation")]
pub struct Verdict {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// All that is wrong, by line.
    pub problems: Vec<Problem>,
    /// The requirements in their normal form, with those of the template.
    pub requirements: Vec<String>,
    /// The Python release.
    pub python: Option<PythonVersion>,
    /// What requirements may ask for here.
    pub policy: Policy,
}

/// Looks at requirements.
///
/// # Errors
/// When the template is not there, or the text is too long.
pub fn validate(app: &App, draft: &Draft) -> Result<Verdict, Error> {
    if draft.requirements.len() > MAX_TEXT {
        let message = "is longer than 512 KiB".to_owned();
        return Err(Error::Fields(vec![super::Field::body(
            "/requirements",
            message,
        )]));
    }
    let template = match draft.template.as_deref() {
        Some(name) => match name.to_owned().try_into() {
            Ok(EnvironmentRef::Template(name)) => Some(app.catalogue.template(&name)?),
            _ => {
                let message = format!("“{}” does not name a template", name.escape_debug());
                return Err(Error::Fields(vec![super::Field::body(
                    "/template",
                    message,
                )]));
            }
        },
        None => None,
    };
    let mut problems = Vec::new();
    let own = parse_requirements(draft.requirements.as_bytes(), Path::new(NAME));
    let own = own.unwrap_or_else(|found| {
        problems.extend(found);
        Vec::new()
    });
    let set = RequirementSet {
        python: draft.python,
        ..RequirementSet::default()
    };
    let usual = template.as_ref().and_then(|template| template.python);
    let usual = usual.unwrap_or(app.config.python);
    let python = choose_python(&set, &pythons(&app.config), usual);
    let python = python.map_err(|why| problems.push(problem(why, None))).ok();
    let mut requirements = own;
    let theirs = template
        .as_ref()
        .map(|template| template.requirements.clone());
    requirements.extend(theirs.unwrap_or_default());
    let spec = EnvironmentSpec {
        python: python.unwrap_or(app.config.python),
        template: template.map(|template| template.name),
        requirements,
        policy: app.config.build.policy,
    };
    if let Some(refused) = refused(&spec, &app.config.build) {
        for requirement in refused.requirements {
            let line = requirement.origin.rsplit(':').next();
            let line = line.and_then(|line| line.parse().ok());
            let message = format!("{} is not allowed: {}", requirement.text, refused.why);
            problems.push(problem(message, line));
        }
    }
    Ok(Verdict {
        ok: problems.is_empty(),
        requirements: spec.requirements.iter().map(|r| r.text.clone()).collect(),
        problems,
        python,
        policy: spec.policy,
    })
}

fn problem(message: String, line: Option<u32>) -> Problem {
    Problem {
        file: NAME.into(),
        line,
        column: None,
        message,
        hint: None,
    }
}
