//! The pod in five questions, each answered True or False.

use podkit::engine::Observed;
use podkit::pod::{Condition, ContainerStatus, Phase};

/// The five conditions, in the order in which the kubelet writes them.
///
/// - PodReadyToStartContainers: there is a sandbox, and it is ready;
/// - Initialized: True (there are no init containers before chapter 5); with
///   reason PodCompleted once the pod has Succeeded;
/// - Ready: the same as ContainersReady, reason and message too;
/// - ContainersReady: [`containers_ready`];
/// - PodScheduled: True, here is where the pod is.
///
/// [`condition`] makes one.
pub fn conditions(seen: &Observed, phase: Phase, statuses: &[ContainerStatus]) -> Vec<Condition> {
    // ANCHOR: task_3_4
    // None, until you have written them.
    Vec::new()
    // ANCHOR_END: task_3_4
}

/// Is every container ready?
///
/// A pod that has ended is not: reason PodCompleted if it has Succeeded,
/// PodFailed if it has Failed. Else True if every container is ready
/// (`ready` of its status), and if not, False with reason ContainersNotReady
/// and message `containers with unready status: [a b]`.
pub fn containers_ready(phase: Phase, statuses: &[ContainerStatus]) -> Condition {
    // ANCHOR: task_3_4_b
    todo!("task 3.4: The conditions of a pod")
    // ANCHOR_END: task_3_4_b
}

/// One condition; an empty reason is no reason. The loop fills in the time. Given.
pub fn condition(kind: &str, holds: bool, reason: &str, message: Option<String>) -> Condition {
    Condition {
        kind: kind.to_owned(),
        status: if holds { "True" } else { "False" }.to_owned(),
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
        message,
        last_transition_time: None,
    }
}
