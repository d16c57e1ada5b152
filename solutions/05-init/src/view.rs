//! The pod as chapters 3 and 4 are to see it: the containers whose time it is, all regular.
//!
//! They know how to start containers one after another, restart them by their policy, hold
//! them back, look at them, and end them. So they need not know of init containers: they get a pod
//! in which those that are to run now are listed as `containers`.

use podkit::pod::{Container, Pod};

use crate::stage::Stage;

/// The pod of a stage.
///
/// - Init(n): the sidecars before init container number n, and number n itself;
/// - Main: all sidecars, then the regular containers.
pub fn view(pod: &Pod, stage: Stage) -> Pod {
    // ANCHOR: task_5_2_b
    // STARTER: // Without sidecars, until you have written it.
    // STARTER: let containers = match stage {
    // STARTER:     Stage::Init(n) => vec![pod.spec.init_containers[n].clone()],
    // STARTER:     Stage::Main => pod.spec.containers.clone(),
    // STARTER: };
    // STARTER: with_containers(pod, containers)
    let init = &pod.spec.init_containers;
    let (before, now): (_, &[Container]) = match stage {
        Stage::Init(n) => (&init[..n], &init[n..=n]),
        Stage::Main => (&init[..], &pod.spec.containers),
    };
    let sidecars = before.iter().filter(|container| container.is_sidecar());
    with_containers(pod, sidecars.chain(now).cloned().collect())
    // ANCHOR_END: task_5_2_b
}

/// All containers of the pod as regular ones. Given.
pub fn all(pod: &Pod) -> Pod {
    with_containers(pod, pod.all_containers().cloned().collect())
}

/// The same pod with these containers, and no init containers. Given.
fn with_containers(pod: &Pod, containers: Vec<Container>) -> Pod {
    let mut view = pod.clone();
    view.spec.init_containers = Vec::new();
    view.spec.containers = containers;
    view
}
