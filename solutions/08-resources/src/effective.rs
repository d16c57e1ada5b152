//! What a pod as a whole asks for.

use podkit::pod::Pod;

use crate::amounts::{Amounts, List, amounts, max, sum};

/// The most that the pod's containers ask for at one time, of each resource.
///
/// Init containers run one after another, each beside the sidecars that stand before it. Then all regular
/// containers run, beside all sidecars. [`sum`] and [`max`] do it for all resources at once.
pub fn effective(pod: &Pod, list: List) -> Amounts {
    // ANCHOR: task_8_5
    // STARTER: // Nothing, until you have written it.
    // STARTER: Amounts::new()
    let mut sidecars = Amounts::new();
    let mut most = Amounts::new();
    for container in &pod.spec.init_containers {
        let at_its_time = sum(&sidecars, &amounts(container, list));
        most = max(&most, &at_its_time);
        if container.is_sidecar() {
            sidecars = at_its_time;
        }
    }
    let regular = pod.spec.containers.iter().fold(sidecars, |all, it| sum(&all, &amounts(it, list)));
    max(&most, &regular)
    // ANCHOR_END: task_8_5
}
