//! The one word that `kubectl get pods` shows under STATUS.
//!
//! No field of the API holds it: kubectl makes it from the phase and the containers' states.

use super::{Container, ContainerState, ContainerStatus, Phase, Pod, PodStatus};

/// The word under STATUS: the phase, or something more telling.
///
/// While the pod initialises, the first init container that is not over decides: `Init:1/3` (one of
/// three is over), `Init:Error`, `Init:CrashLoopBackOff`. Afterwards it is the reason of the first
/// regular container that has one: `PodInitializing`, `CrashLoopBackOff`, `Completed`, `Error`.
pub fn shown(pod: &Pod) -> String {
    let Some(status) = &pod.status else { return Phase::default().to_string() };
    if pod.metadata.deletion_timestamp.is_some() && !status.phase.is_final() {
        return "Terminating".to_owned();
    }
    let own = status.reason.clone().unwrap_or_else(|| status.phase.to_string());
    match initializing(pod, status) {
        Some(word) if !is_true(status, "Initialized") => word,
        // As kubectl: a sidecar that has crashed later on is told in the same words.
        word => regular(status, word.unwrap_or(own)),
    }
}

/// What holds up the init containers, if anything does.
fn initializing(pod: &Pod, status: &PodStatus) -> Option<String> {
    let all = pod.spec.init_containers.len();
    let init = pod.spec.init_containers.iter().zip(&status.init_container_statuses);
    let (n, (_, held)) = init.enumerate().find(|(_, (container, status))| !is_over(container, status))?;
    Some(match &held.state {
        ContainerState::Terminated(end) => format!("Init:{}", end.reason),
        ContainerState::Waiting(waiting) if waiting.reason != "PodInitializing" => format!("Init:{}", waiting.reason),
        _ => format!("Init:{n}/{all}"),
    })
}

/// An init container that has done its part: it has ended well, or it is a sidecar and has started.
fn is_over(container: &Container, status: &ContainerStatus) -> bool {
    let ended_well = matches!(&status.state, ContainerState::Terminated(end) if end.exit_code == 0);
    ended_well || (container.is_sidecar() && status.started == Some(true))
}

fn regular(status: &PodStatus, own: String) -> String {
    let reason = |status: &ContainerStatus| match &status.state {
        ContainerState::Waiting(waiting) => Some(waiting.reason.clone()),
        ContainerState::Terminated(end) => Some(end.reason.clone()),
        ContainerState::Running(_) | ContainerState::Unset => None,
    };
    let word = status.container_statuses.iter().find_map(reason).unwrap_or(own);
    let works = |status: &ContainerStatus| status.ready && matches!(status.state, ContainerState::Running(_));
    match word.as_str() {
        // One is done, and another works on.
        "Completed" if status.container_statuses.iter().any(works) => {
            if is_true(status, "Ready") { "Running" } else { "NotReady" }.to_owned()
        }
        _ => word,
    }
}

fn is_true(status: &PodStatus, kind: &str) -> bool {
    status.conditions.iter().any(|condition| condition.kind == kind && condition.status == "True")
}
