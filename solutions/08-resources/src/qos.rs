//! How sure a pod can be of what it has asked for: its QoS class.

use podkit::pod::Pod;
use podkit::resources::Qos;

use crate::amounts::{List, amount};

/// The two resources that decide.
const DECISIVE: [&str; 2] = ["cpu", "memory"];

/// The class. An amount of 0 counts as none, and init containers count like all others.
///
/// - no container has a request or a limit: BestEffort;
/// - every container has a limit of both resources, and of each resource the pod's requests together are its limits
///   together: Guaranteed;
/// - else Burstable.
pub fn qos(pod: &Pod) -> Qos {
    // ANCHOR: task_8_4
    // STARTER: // Everybody is as unsure as can be, until you have written it.
    // STARTER: Qos::BestEffort
    let total = |list, resource| pod.all_containers().map(|it| amount(it, list, resource).nano).sum::<i128>();
    let is_limited = |resource| pod.all_containers().all(|it| amount(it, List::Limits, resource).nano > 0);
    let is_equal = |resource| total(List::Requests, resource) == total(List::Limits, resource);
    let is_nothing = |resource| total(List::Requests, resource) == 0 && total(List::Limits, resource) == 0;
    if DECISIVE.into_iter().all(is_nothing) {
        Qos::BestEffort
    } else if DECISIVE.into_iter().all(|resource| is_limited(resource) && is_equal(resource)) {
        Qos::Guaranteed
    } else {
        Qos::Burstable
    }
    // ANCHOR_END: task_8_4
}
