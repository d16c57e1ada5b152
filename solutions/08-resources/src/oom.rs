//! When memory is short: who is killed first, and how one sees it.

use podkit::pod::{Container, Pod};
use podkit::resources::{NodeResources, Qos};

use crate::amounts::{List, amount};
use crate::qos::qos;
use crate::quantity::Quantity;

/// `oom_score_adj` of a container's processes: the higher, the sooner the kernel kills them when the whole *node* is
/// short of memory.
///
/// - Guaranteed: -997; BestEffort: 1000;
/// - Burstable: 1000 - 1000 · request / memory of the node, in whole bytes, then not below 3 and not above 999. So who has
///   asked for more is killed later;
/// - a sidecar is not killed before the containers it serves: its request counts as not less than the smallest
///   request among the regular containers.
pub fn score(pod: &Pod, container: &Container, node: &NodeResources) -> i128 {
    // ANCHOR: task_8_8
    // STARTER: // The kernel's default, until you have written it.
    // STARTER: 0
    match qos(pod) {
        Qos::Guaranteed => return -997,
        Qos::BestEffort => return 1000,
        Qos::Burstable => {}
    }
    let request = |it: &Container| amount(it, List::Requests, "memory").value();
    let mut own = request(container);
    if is_sidecar(pod, container) {
        own = own.max(pod.spec.containers.iter().map(request).min().unwrap_or(0));
    }
    (1000 - 1000 * own / memory(node)).clamp(3, 999)
    // ANCHOR_END: task_8_8
}

/// Only an init container can be a sidecar. Given.
fn is_sidecar(pod: &Pod, container: &Container) -> bool {
    container.is_sidecar() && pod.spec.init_containers.iter().any(|it| it.name == container.name)
}

/// The node's memory in bytes; at least 1. Given.
fn memory(node: &NodeResources) -> i128 {
    let written = node.allocatable.get("memory").and_then(|written| Quantity::read(written).ok());
    written.map_or(1, |memory| memory.value().max(1))
}

/// Has the kernel killed a process of the container because its memory was short? `events` is the text of its
/// cgroup's `memory.events`: on each line a word and how often that has happened.
///
/// `oom_kill` counts killed processes. `oom` and `max` count how often the limit was reached: the kernel may have
/// found memory after all.
pub fn is_killed(events: &str) -> bool {
    // ANCHOR: task_8_8_b
    // STARTER: // Nobody was, until you have written it.
    // STARTER: false
    let mut kills = events.lines().filter_map(|line| line.strip_prefix("oom_kill "));
    kills.any(|count| count.trim() != "0")
    // ANCHOR_END: task_8_8_b
}
