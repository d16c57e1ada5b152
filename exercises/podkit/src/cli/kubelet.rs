//! `kubelet`, `get` and `delete`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::{Delete, Format, Get, GetFormat, Kubelet, State, print, refuse};
use crate::pod::{ContainerState, Pod};
use crate::real::{self, Config};
use crate::runner::Runner;
use crate::runtime::HOST;

pub fn kubelet(runner: &Runner, args: Kubelet, speed: f64) -> ExitCode {
    let (Some(runtime), Some(parts)) = (runner.runtime, runner.static_pods) else {
        return refuse("kubelet: pods out of a directory come in chapter 7; `run` runs one pod");
    };
    let manifests = match std::path::absolute(&args.manifests) {
        Ok(dir) if dir.is_dir() => dir,
        _ => return refuse(format!("--manifests {}: must be a directory", args.manifests.display())),
    };
    let format = match args.format {
        Format::Human => real::Format::Human,
        Format::Json => real::Format::Json,
    };
    let config = Config {
        manifests: in_node(&manifests),
        node_name: args.node_name,
        state: in_node(&state(&args.state)),
        speed,
        format,
        directories: args.image,
    };
    ExitCode::from(real::kubelet(runner, (runtime, parts), config))
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

/// Takes the mirror away, as `kubectl delete` would. The kubelet shows the pod again.
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
    let waiting = status.container_statuses.iter().find_map(|status| match &status.state {
        ContainerState::Waiting(waiting) => Some(waiting.reason.clone()),
        _ => None,
    });
    let word = waiting.unwrap_or_else(|| status.phase.to_string());
    [pod.metadata.name.clone(), format!("{ready}/{}", pod.spec.containers.len()), word, restarts.to_string()]
}

/// Where the kubelet shows its pods: as said, else in the runtime directory of this user.
fn state(args: &State) -> PathBuf {
    let of_user = || {
        let base = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
        base.join(format!("peas-{}", nix::unistd::getuid()))
    };
    let dir = args.state.clone().unwrap_or_else(of_user);
    std::path::absolute(&dir).unwrap_or(dir)
}

fn in_node(path: &Path) -> PathBuf {
    Path::new(HOST).join(path.strip_prefix("/").unwrap_or(path))
}

fn failed(message: impl std::fmt::Display) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}
