//! `kubelet`, `get` and `delete`.

use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::{Delete, Get, GetFormat, Kubelet, State, print, refuse, run};
use crate::environment::NodeFacts;
use crate::pod::{Pod, shown};
use crate::real::{self, Config, Wanted};
use crate::runner::Runner;

pub fn kubelet(runner: &Runner, args: Kubelet, speed: f64) -> ExitCode {
    let (Some(runtime), Some(parts)) = (runner.runtime, runner.static_pods) else {
        return refuse("kubelet: the pods of a directory come in chapter 7; `run` runs one pod");
    };
    let manifests = match args.manifests.canonicalize() {
        Ok(dir) if dir.is_dir() => dir,
        _ => return refuse(format!("--manifests {}: must be a directory", args.manifests.display())),
    };
    let state = match own_directory(&state(&args.state)) {
        Ok(dir) => dir,
        Err(message) => return refuse(format!("--state {message}")),
    };
    let infra = match args.infra.as_deref().map(|program| run::infra(runtime, program)).transpose() {
        Ok(infra) => infra,
        Err(message) => return refuse(message),
    };
    let format = args.format.into();
    let mut facts = NodeFacts::of_machine(&args.node);
    let node = match args.node_args.apply(runner, &mut facts) {
        Ok(node) => node,
        Err(message) => return refuse(message),
    };
    let limits = Wanted::new(runner.resources, node, args.strict);
    let config =
        Config { manifests, node: args.node, facts, state, speed, format, directories: args.image, infra, limits };
    ExitCode::from(real::kubelet(runner, (runtime, parts), config))
}

/// A name that can stand at the end of a pod's.
pub fn node_name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    match text.chars().all(fits) && ends(text.chars().next()) && ends(text.chars().last()) {
        true => Ok(text.to_owned()),
        false => Err("must be letters, digits, `-` and `.`, and begin and end with a letter or digit".to_owned()),
    }
}

/// A table, or JSON. Exit status 1 where there is no such pod.
pub fn get(args: &Get) -> ExitCode {
    let pods = match pods(&args.state, args.name.as_deref()) {
        Ok(pods) => pods,
        Err(message) => return failed(message),
    };
    let pods: Vec<Pod> = pods.into_iter().map(|(_, pod)| pod).collect();
    if args.output == Some(GetFormat::Json) {
        match (&args.name, pods.first()) {
            (Some(_), Some(pod)) => print(json!(pod)),
            _ => print(json!({ "apiVersion": "v1", "kind": "List", "items": pods })),
        }
        return ExitCode::SUCCESS;
    }
    let mut rows = vec![["NAME", "READY", "STATUS", "RESTARTS"].map(str::to_owned)];
    rows.extend(pods.iter().map(row));
    let widths: Vec<usize> = (0..4).map(|n| rows.iter().map(|row| row[n].len()).max().unwrap_or(0)).collect();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
        print(cells.join("   ").trim_end());
    }
    ExitCode::SUCCESS
}

/// Takes the mirror away, as `kubectl delete` would. The kubelet makes it again.
pub fn delete(args: &Delete) -> ExitCode {
    let pods = match pods(&args.state, Some(&args.name)) {
        Ok(pods) => pods,
        Err(message) => return failed(message),
    };
    for (path, pod) in pods {
        if let Err(error) = std::fs::remove_file(&path) {
            return failed(format!("deleting the mirror of {}: {error}", pod.metadata.name));
        }
        print(format_args!("pod \"{}\" deleted", pod.metadata.name));
    }
    ExitCode::SUCCESS
}

fn pods(state_of: &State, name: Option<&str>) -> Result<Vec<(PathBuf, Pod)>, String> {
    let dir = state(state_of);
    let pods = real::mirrors(&dir).map_err(|error| format!("reading {}: {error}", dir.display()))?;
    let mut pods = pods.ok_or_else(|| format!("no kubelet runs with its state in {}", dir.display()))?;
    if let Some(name) = name {
        pods.retain(|(_, pod)| pod.metadata.name == name);
        if pods.is_empty() {
            return Err(format!("pods {name:?} not found"));
        }
    }
    Ok(pods)
}

fn row(pod: &Pod) -> [String; 4] {
    let status = pod.status.clone().unwrap_or_default();
    let ready = status.container_statuses.iter().filter(|status| status.ready).count();
    let restarts: u32 = status.container_statuses.iter().map(|status| status.restart_count).sum();
    [pod.metadata.name.clone(), format!("{ready}/{}", pod.spec.containers.len()), shown(pod), restarts.to_string()]
}

/// Where the kubelet shows its pods: as said, else in the runtime directory of this user.
fn state(args: &State) -> PathBuf {
    args.state.clone().unwrap_or_else(kubelet_state)
}

/// Where a kubelet of this user shows its pods if nobody says otherwise.
pub fn kubelet_state() -> PathBuf {
    let base = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    base.join(format!("peas-{}", nix::unistd::getuid()))
}

/// Makes the directory if it is not there. Anybody may make a name in /tmp, so it must be ours.
fn own_directory(path: &Path) -> Result<PathBuf, String> {
    let say = |error: std::io::Error| format!("{}: {error}", path.display());
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(say)?;
    let dir = path.canonicalize().map_err(say)?;
    match dir.metadata().map_err(say)?.uid() == nix::unistd::getuid().as_raw() {
        true => Ok(dir),
        false => Err(format!("{}: belongs to another user", path.display())),
    }
}

fn failed(message: impl std::fmt::Display) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}
