//! The status: chapter 3's, with `started` and `ready` as the probes have it. Given.

use podkit::engine::Observed;
use podkit::pod::{Pod, PodStatus};

use crate::gate::{is_ready, started_since};

/// What to say about the pod.
pub fn status(pod: &Pod, seen: &Observed) -> PodStatus {
    let mut status = lifecycle::status(pod, seen);
    for (container, said) in pod.spec.containers.iter().zip(&mut status.container_statuses) {
        said.started = Some(started_since(container, seen).is_some());
        said.ready = is_ready(container, seen);
    }
    status.conditions = lifecycle::conditions::conditions(seen, status.phase, &status.container_statuses);
    status
}
