//! `run`: a pod in the foreground, to its end.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::objects::pod_with_objects;
use super::{Run, input, refuse};
use crate::environment::{self, NodeFacts};
use crate::image::{self, Images};
use crate::manifest::{Document, Problem};
use crate::pod::{Container, Pod};
use crate::real::{self, Options, Wanted};
use crate::runner::Runner;
use crate::runtime::Runtime;
use crate::support;

/// What the node is called, where nobody says.
const NODE: &str = "node";

/// Checks the manifest, then runs it.
pub fn run(runner: &Runner, args: Run, speed: f64) -> ExitCode {
    let Some(runtime) = runner.runtime else {
        return refuse("run: starting containers comes in chapter 2; `check` and `advise` work here");
    };
    let (mut pod, objects) = match pod_with_objects(runner, &args.file) {
        Ok(read) => read,
        Err(messages) => return refuse(messages.join("\n")),
    };
    let images = images(runner, &pod, &args.image);
    let unknown: Vec<&str> = images.values().filter_map(|image| Some(image.as_ref().err()?.as_str())).collect();
    if !unknown.is_empty() {
        return refuse(unknown.join("\n"));
    }
    let infra = match args.infra.as_deref().map(|program| infra(runtime, program)).transpose() {
        Ok(infra) => infra,
        Err(message) => return refuse(message),
    };
    let mut facts = NodeFacts::of_machine(NODE);
    let node = match args.node_args.apply(runner, &mut facts) {
        Ok(node) => node,
        Err(message) => return refuse(message),
    };
    let mut limits = Wanted::new(runner.resources, node, args.strict);
    limits.may_start_again = args.file != Path::new("-");
    if runner.env.is_some() {
        environment::bind(&mut pod, &facts.name);
    }
    let options = Options { speed, format: args.format.into(), images, infra, facts, objects, limits };
    ExitCode::from(real::run(runner, runtime, pod, options))
}

/// What to run in the place of pause.
pub fn infra(runtime: Runtime, program: &Path) -> Result<Vec<String>, String> {
    if !runtime.shares_processes {
        return Err("--infra: another program than pause comes in chapter 6".to_owned());
    }
    let path = std::path::absolute(program).map_err(|error| format!("--infra {}: {error}", program.display()))?;
    let can_run = path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0);
    match path.to_str() {
        Some(text) if can_run => Ok(vec![text.to_owned()]),
        _ => Err(format!("--infra {}: must be a program", program.display())),
    }
}

/// Where a file comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Somebody has named it: what will not be honoured is said.
    CommandLine,
    /// It lies in a directory and is read again and again: `check` says what will not be honoured.
    Directory,
}

/// The one pod of a file, or every reason not to run it.
pub fn pod_of_file(runner: &Runner, file: &Path, source: Source) -> Result<Pod, Vec<String>> {
    let text = match source {
        Source::CommandLine => input::text(file),
        Source::Directory => input::text_of_regular(file),
    };
    let text = text.map_err(|message| vec![message])?;
    let documents = input::documents(&text).map_err(|problem| vec![format!("{}: {problem}", file.display())])?;
    let [document] = documents.as_slice() else {
        let count = documents.len();
        return Err(vec![format!("{}: must hold one pod to run, and holds {count} documents", file.display())]);
    };
    pod_of_document(runner, document, file, source)
}

/// The pod of a document of this file, or every reason not to run it.
pub fn pod_of_document(runner: &Runner, document: &Document, file: &Path, source: Source) -> Result<Pod, Vec<String>> {
    let read = input::read_pod(runner, document);
    let name = read.pod.metadata.name.clone();
    let say = |problem: &Problem| match name.is_empty() {
        true => format!("{}: {problem}", file.display()),
        false => format!("pod {name:?}: {problem}"),
    };
    let mut refused: Vec<String> = read.problems.iter().map(say).collect();
    let say_more = source == Source::CommandLine;
    if refused.is_empty() && say_more {
        for warning in &read.warnings {
            eprintln!("warning: {}", say(warning));
        }
        for field in &read.unknown {
            let line = document.line(field);
            let why = "no field of a v1 Pod that this runner knows";
            eprintln!("not honoured: {}", say(&Problem { line, ..Problem::new(field.clone(), why) }));
        }
    }
    for gap in support::gaps(runner, &read.pod) {
        let line = document.line(&gap.field);
        let message = say(&Problem { line, ..Problem::new(gap.field, gap.why) });
        match gap.stops {
            true => refused.push(message),
            false if say_more => eprintln!("not honoured: {message}"),
            false => {}
        }
    }
    if source == Source::Directory && runner.env.is_some() {
        for field in support::api_references(&read.pod) {
            let line = document.line(&field);
            let why = "must not be set for a static pod: what it refers to lives in the API server; `run` takes it from the pod's file";
            refused.push(say(&Problem { line, ..Problem::new(field, why) }));
        }
    }
    if refused.is_empty() { Ok(read.pod) } else { Err(refused) }
}

/// Each container's image, by container name, or why there is none.
pub fn images(runner: &Runner, pod: &Pod, directories: &[(String, PathBuf)]) -> Images {
    let image = |container: &Container| {
        let wanted = container.image.as_deref().unwrap_or_default();
        image::resolve(wanted, directories, runner.images)
            .map_err(|message| format!("pod {:?}: container {}: {message}", pod.metadata.name, container.name))
    };
    pod.all_containers().map(|container| (container.name.clone(), image(container))).collect()
}

/// `NAME=DIRECTORY`.
pub fn directory(text: &str) -> Result<(String, PathBuf), String> {
    let (name, directory) = text.split_once('=').ok_or("must be NAME=DIRECTORY")?;
    let directory = std::path::absolute(directory).map_err(|error| error.to_string())?;
    match directory.is_dir() {
        true => Ok((name.to_owned(), directory)),
        false => Err(format!("{} is no directory", directory.display())),
    }
}
