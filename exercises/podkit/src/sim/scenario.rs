//! A scenario: from its text to a pod and a script.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::script::{Outside, Script};
use super::span::Span;
use crate::manifest::{Document, FieldPath, Problem};
use crate::pod::Pod;
use crate::runner::Runner;

/// A script without `until` ends after this.
const UNTIL: Duration = Duration::from_secs(3600);

/// A scenario that has been checked.
#[derive(Debug)]
pub struct Scenario {
    pub pod: Pod,
    pub containers: BTreeMap<String, Script>,
    pub events: Vec<Outside>,
    pub until: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    pod: Option<IgnoredAny>,
    pod_file: Option<String>,
    #[serde(default)]
    containers: BTreeMap<String, Script>,
    #[serde(default)]
    events: Vec<Outside>,
    until: Option<Span>,
}

/// Reads a scenario; the pod goes through the runner's own `read`.
pub fn read(runner: &Runner, text: &str, base_dir: &Path) -> Result<Scenario, Vec<Problem>> {
    let documents = Document::parse(text).map_err(|problem| vec![problem])?;
    let [document] = documents.as_slice() else {
        let rule = format!("must be one document, and there are {}", documents.len());
        return Err(vec![Problem::new(FieldPath::root(), rule)]);
    };
    let written: Written = document.decode().map_err(|problem| vec![problem])?.value;
    let pod = pod(runner, document, &written, base_dir)?;
    let mut problems: Vec<Problem> = Vec::new();
    for (name, script) in &written.containers {
        let field = FieldPath::of("containers").key(name.clone());
        match pod.container(name) {
            Some(container) => script.check(container, &field, &mut problems),
            None => problems.push(Problem::new(field, "must be the name of one of the pod's containers")),
        }
    }
    for (n, event) in written.events.iter().enumerate() {
        event.check(&FieldPath::of("events").index(n), &mut problems);
    }
    for problem in &mut problems {
        problem.line = document.line(&problem.field);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let until = written.until.map_or(UNTIL, |span| span.0);
    Ok(Scenario { pod, containers: written.containers, events: written.events, until })
}

fn pod(runner: &Runner, document: &Document, written: &Written, base_dir: &Path) -> Result<Pod, Vec<Problem>> {
    let one = |field: &str, rule: String| vec![Problem::new(FieldPath::of(field), rule)];
    match (&written.pod, &written.pod_file) {
        (Some(_), None) => {
            let Some(pod) = document.part("pod") else { return Err(one("pod", "must be a v1 Pod".into())) };
            read_pod(runner, &pod).map_err(|problems| under("pod", problems))
        }
        (None, Some(file)) => {
            let path = base_dir.join(file);
            let text = std::fs::read_to_string(&path)
                .map_err(|error| one("podFile", format!("read {}: {error}", path.display())))?;
            let documents = Document::parse(&text).map_err(|problem| vec![problem])?;
            let Some(first) = documents.first() else {
                return Err(one("podFile", format!("{} is empty", path.display())));
            };
            // The lines are those of the other file: say which.
            read_pod(runner, first).map_err(|mut problems| {
                for problem in &mut problems {
                    problem.rule = format!("{} (in {})", problem.rule, path.display());
                }
                problems
            })
        }
        _ => Err(one("pod", "must be there: either `pod`, or `podFile`, and not both".into())),
    }
}

fn read_pod(runner: &Runner, document: &Document) -> Result<Pod, Vec<Problem>> {
    let read = (runner.read)(document);
    if read.problems.is_empty() {
        return Ok(read.pod);
    }
    let mut problems = read.problems;
    for problem in &mut problems {
        problem.line = problem.line.or_else(|| document.line(&problem.field));
    }
    Err(problems)
}

fn under(key: &str, mut problems: Vec<Problem>) -> Vec<Problem> {
    for problem in &mut problems {
        problem.field = FieldPath::root().key(key).join(&problem.field);
    }
    problems
}
