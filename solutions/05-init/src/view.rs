//! The pod as chapters 3 and 4 are to see it: the containers whose time it is, all regular.
//!
//! They know how to start containers one after another, restart them by their policy, hold
//! them back, look at them, and end them. So they need not know of init containers: they get a pod
//! in which those that are to run now are listed as `containers`.

use podkit::engine::Observed;
use podkit::pod::{Container, Pod};

use crate::stage::{Stage, is_sidecar, of_sandbox};

/// The pod of a stage.
///
/// - Init(n): the sidecars among the first n init containers, and the one whose turn it is;
/// - Main: all sidecars, then the regular containers.
///
/// Each keeps its own policy, with one exception: an init container that is no sidecar gets
/// `Never` if that is the pod's policy, else `OnFailure`. (It runs until it succeeds;
/// Always would start it again after that.)
pub fn view(pod: &Pod, stage: Stage) -> Pod {
    // ANCHOR: task_5_2
    let init = &pod.spec.init_containers;
    let (before, turn, regular): (_, Option<&Container>, &[Container]) = match stage {
        Stage::Init(n) => (&init[..n], init.get(n), &[]),
        Stage::Main => (&init[..], None, &pod.spec.containers),
    };
    let mut turn = turn.cloned();
    if let Some(container) = turn.as_mut().filter(|container| !is_sidecar(container)) {
        let never = pod.spec.restart_policy.as_deref() == Some("Never");
        container.restart_policy = Some(if never { "Never" } else { "OnFailure" }.to_owned());
    }
    let sidecars = before.iter().filter(|container| is_sidecar(container)).cloned();
    let containers = sidecars.chain(turn).chain(regular.iter().cloned()).collect();
    with_containers(pod, containers)
    // ANCHOR_END: task_5_2
}

/// All containers of the pod as regular ones: what is to be ended when the pod is. Given.
pub fn all(pod: &Pod) -> Pod {
    with_containers(pod, pod.all_containers().cloned().collect())
}

fn with_containers(pod: &Pod, containers: Vec<Container>) -> Pod {
    let mut view = pod.clone();
    view.spec.init_containers = Vec::new();
    view.spec.containers = containers;
    view
}

/// What has been seen, without the runs of init containers in a sandbox that is gone: in the
/// new one they run again, from the first on. Given.
pub fn forget_old(pod: &Pod, seen: &Observed) -> Observed {
    let mut seen = seen.clone();
    let ready = seen.sandbox.as_ref().is_some_and(|sandbox| sandbox.ready);
    for container in pod.spec.init_containers.iter().filter(|_| ready) {
        if of_sandbox(container, &seen).is_none() {
            seen.containers.remove(&container.name);
        }
    }
    seen
}
