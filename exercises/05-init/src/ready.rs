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
    // Sidecars alone, until you have written it.
    container.is_sidecar() && said.ready
    // ANCHOR_END: task_5_7
}

/// The statuses that ContainersReady is about: the sidecars', then all regular ones.
pub fn counted(pod: &Pod, init: &[ContainerStatus], regular: &[ContainerStatus]) -> Vec<ContainerStatus> {
    // ANCHOR: task_5_7_b
    // The regular ones alone, until you have written it.
    regular.to_vec()
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
    // Always, until you have written it.
    condition("Initialized", true, "", None)
    // ANCHOR_END: task_5_7_c
}
