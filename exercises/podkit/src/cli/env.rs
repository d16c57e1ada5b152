//! `env`: what the programs of a pod would be given, without running any.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::objects::pod_with_objects;
use super::run::{directory, images};
use super::{Format, kubelet, print, refuse};
use crate::engine::ProbeKind;
use crate::environment::{Around, Given, Missing, NodeFacts, size};
use crate::pod::{Container, Quantity};
use crate::runner::{Environment, Runner};

#[derive(clap::Args)]
pub struct Env {
    /// A manifest with one pod, and the objects it refers to; `-` reads standard input
    file: PathBuf,
    /// Only this container
    #[arg(short, long, value_name = "NAME")]
    container: Option<String>,
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// The node's name
    #[arg(long, value_name = "NAME", default_value = "node", value_parser = kubelet::node_name)]
    node: String,
    /// An address of the node; may be given several times
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    host_ip: Vec<String>,
    /// An address of the pod; may be given several times
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    pod_ip: Vec<String>,
    /// What the node can give of a resource, in place of what this machine has
    #[arg(long, value_name = "RESOURCE=QUANTITY", value_parser = amount)]
    allocatable: Vec<(String, Quantity)>,
    /// Let image NAME be the root file system in DIRECTORY
    #[arg(long, value_name = "NAME=DIRECTORY", value_parser = directory)]
    image: Vec<(String, PathBuf)>,
}

/// Exit status 1 if a container would wait for something that is missing.
pub fn env(runner: &Runner, args: Env) -> ExitCode {
    let Some(part) = runner.env else { return refuse("env: what programs are given comes in chapter 9") };
    let (mut pod, objects) = match pod_with_objects(runner, &args.file) {
        Ok(read) => read,
        Err(messages) => return refuse(messages.join("\n")),
    };
    pod.spec.node_name.get_or_insert_with(|| args.node.clone());
    let mut facts = NodeFacts { ips: args.host_ip, ..NodeFacts::of_machine(&args.node) };
    facts.allocatable.extend(args.allocatable);
    let is_wanted = |container: &&Container| args.container.as_ref().is_none_or(|name| *name == container.name);
    let wanted: Vec<&Container> = pod.all_containers().filter(is_wanted).collect();
    if wanted.is_empty() {
        let name = args.container.unwrap_or_default();
        return refuse(format!("pod {:?}: container {name:?} not found", pod.metadata.name));
    }
    let images = images(runner, &pod, &args.image);
    let mut waits = false;
    for container in wanted {
        let image = match images.get(&container.name) {
            Some(Ok(image)) => image,
            Some(Err(message)) => return refuse(message),
            None => return refuse(format!("container {:?} has no image", container.name)),
        };
        let around = Around { pod: &pod, container, image, node: &facts, pod_ips: &args.pod_ip, objects: &objects };
        let given = size::check(&around).and_then(|()| (part.given)(&around));
        waits |= given.is_err();
        match args.format {
            Format::Human => tell(part, container, &given),
            Format::Json => print(as_json(part, container, &given)),
        }
    }
    if waits { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn tell(part: Environment, container: &Container, given: &Result<Given, Missing>) {
    print(format_args!("{}:", container.name));
    match given {
        Err(missing) => print(format_args!("  waits: CreateContainerConfigError: {missing}")),
        Ok(given) => {
            let runs = if given.argv.is_empty() { "nothing: no command".to_owned() } else { words(&given.argv) };
            print(format_args!("  runs: {runs}"));
            for (name, value) in &given.variables {
                print(format_args!("  {name}={}", shown(value)));
            }
        }
    }
    for (kind, command) in probes(part, container) {
        print(format_args!("  {kind} probe runs: {}", words(&command)));
    }
}

fn as_json(part: Environment, container: &Container, given: &Result<Given, Missing>) -> Value {
    let mut line = match given {
        Ok(given) => json!({ "argv": given.argv, "env": given.variables }),
        Err(missing) => json!({ "waiting": { "reason": "CreateContainerConfigError", "message": missing.0 } }),
    };
    line["container"] = json!(container.name);
    for (kind, command) in probes(part, container) {
        line["probes"][kind.to_string().to_lowercase()] = json!(command);
    }
    line
}

/// The commands of the exec probes, as they are run.
fn probes(part: Environment, container: &Container) -> Vec<(ProbeKind, Vec<String>)> {
    let exec = |kind: ProbeKind| Some((kind, (part.probe)(container, &kind.of(container)?.exec.as_ref()?.command)));
    [ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness].into_iter().filter_map(exec).collect()
}

/// Each word in quotes where a shell would need them.
fn words(words: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    let quote = |word: &String| match !word.is_empty() && word.chars().all(plain) {
        true => word.clone(),
        false => format!("'{}'", shown(word).replace('\'', r"'\''")),
    };
    words.iter().map(quote).collect::<Vec<String>>().join(" ")
}

/// On one line.
fn shown(text: &str) -> String {
    let escape = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(escape).collect()
}

/// `RESOURCE=QUANTITY`.
pub fn amount(text: &str) -> Result<(String, Quantity), String> {
    let (resource, quantity) = text.split_once('=').ok_or("must be RESOURCE=QUANTITY")?;
    Ok((resource.to_owned(), Quantity::Text(quantity.to_owned())))
}
