//! The status: chapter 4's, with the init containers in it. Given.

use lifecycle::conditions::conditions;
use podkit::engine::Observed;
use podkit::pod::{ContainerState, ContainerStatus, Pod, PodStatus};

use crate::finish::is_finished;
use crate::phase::phase;
use crate::ready::{counted, initialized, is_ready};
use crate::sandbox::forget_old;
use crate::view;

/// What to say about the pod.
pub fn status(pod: &Pod, seen: &Observed) -> PodStatus {
    let mut known = forget_old(pod, seen);
    if is_finished(pod, &known) {
        // Nothing waits for a restart any more.
        known.containers.values_mut().for_each(|record| record.waiting = None);
    }
    let mut status = probes::status(&view::all(pod), &known);
    let mut regular = status.container_statuses.split_off(pod.spec.init_containers.len());
    let mut init = status.container_statuses;
    for (container, said) in pod.spec.init_containers.iter().zip(&mut init) {
        said.ready = is_ready(container, said);
    }
    if !pod.spec.init_containers.is_empty() {
        init.iter_mut().chain(&mut regular).for_each(initializing);
    }
    status.phase = phase(pod, &known, &init, &regular);
    status.conditions = conditions(seen, status.phase, &counted(pod, &init, &regular));
    if let Some(old) = status.conditions.iter_mut().find(|condition| condition.kind == "Initialized") {
        *old = initialized(pod, seen, &init, status.phase);
    }
    status.init_container_statuses = init;
    status.container_statuses = regular;
    status
}

/// In a pod with init containers, whoever has not had its turn says so.
fn initializing(status: &mut ContainerStatus) {
    if let ContainerState::Waiting(waiting) = &mut status.state
        && waiting.reason == "ContainerCreating"
    {
        waiting.reason = "PodInitializing".into();
    }
}
