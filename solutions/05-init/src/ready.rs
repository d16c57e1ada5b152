//! Who is ready, and is the pod initialized?

use lifecycle::conditions::condition;
use podkit::engine::Observed;
use podkit::pod::{Condition, Container, ContainerState, ContainerStatus, Phase, Pod};

/// Is an init container ready? `said` is its status, with `ready` as chapter 4 has it.
///
/// A sidecar as chapter 4 says. Any other is never asked: it is ready when it has ended with exit
/// code 0.
pub fn is_ready(container: &Container, said: &ContainerStatus) -> bool {
    // ANCHOR: task_5_7
    // STARTER: // Sidecars alone, until you have written it.
    // STARTER: container.is_sidecar() && said.ready
    match &said.state {
        _ if container.is_sidecar() => said.ready,
        ContainerState::Terminated(end) => end.exit_code == 0,
        _ => false,
    }
    // ANCHOR_END: task_5_7
}

/// The statuses that ContainersReady is about: the sidecars', then all regular ones.
pub fn counted(pod: &Pod, init: &[ContainerStatus], regular: &[ContainerStatus]) -> Vec<ContainerStatus> {
    // ANCHOR: task_5_7_b
    // STARTER: // The regular ones alone, until you have written it.
    // STARTER: regular.to_vec()
    let sidecars = pod.spec.init_containers.iter().zip(init).filter(|(container, _)| container.is_sidecar());
    sidecars.map(|(_, said)| said).chain(regular).cloned().collect()
    // ANCHOR_END: task_5_7_b
}

/// The condition Initialized.
///
/// - the pod has Succeeded: True, reason PodCompleted;
/// - a regular container was started, in whichever sandbox: True. The pod stays initialized
///   even while a sidecar is started again;
/// - no init container is incomplete: True. A sidecar is incomplete until it has `started`, any other
///   until it is `ready`;
/// - else False, reason ContainersNotInitialized, message `containers with incomplete status: [a b]`.
pub fn initialized(pod: &Pod, seen: &Observed, init: &[ContainerStatus], phase: Phase) -> Condition {
    // ANCHOR: task_5_7_c
    // STARTER: // Always, until you have written it.
    // STARTER: condition("Initialized", true, "", None)
    let kind = "Initialized";
    if phase == Phase::Succeeded {
        return condition(kind, true, "PodCompleted", None);
    }
    let complete = |container: &Container, said: &ContainerStatus| match container.is_sidecar() {
        true => said.started == Some(true),
        false => said.ready,
    };
    let init = pod.spec.init_containers.iter().zip(init);
    let incomplete = init.filter(|(container, said)| !complete(container, said));
    let names: Vec<&str> = incomplete.map(|(container, _)| container.name.as_str()).collect();
    let was_started = pod.spec.containers.iter().any(|container| seen.current(&container.name).is_some());
    if names.is_empty() || was_started {
        return condition(kind, true, "", None);
    }
    let message = format!("containers with incomplete status: [{}]", names.join(" "));
    condition(kind, false, "ContainersNotInitialized", Some(message))
    // ANCHOR_END: task_5_7_c
}
