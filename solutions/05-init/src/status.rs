//! The status: chapter 4's, with the init containers in it. Given.

use lifecycle::conditions::{condition, conditions};
use podkit::engine::Observed;
use podkit::pod::{Condition, ContainerState, ContainerStatus, Phase, Pod, PodStatus};

use crate::phase::phase;
use crate::stage::{Stage, done, is_sidecar, stage};
use crate::view;

/// What to say about the pod.
pub fn status(pod: &Pod, seen: &Observed) -> PodStatus {
    let known = view::forget_old(pod, seen);
    let mut status = probes::status(&view::all(pod), &known);
    let mut regular = status.container_statuses.split_off(pod.spec.init_containers.len());
    let mut init = status.container_statuses;
    for (container, said) in pod.spec.init_containers.iter().zip(&mut init) {
        if !is_sidecar(container) {
            // Init containers are never probed: ready means over and done.
            said.ready = done(container, &known);
            said.started = Some(false).filter(|_| !matches!(said.state, ContainerState::Running(_))).or(said.started);
        }
    }
    if !pod.spec.init_containers.is_empty() {
        init.iter_mut().chain(&mut regular).for_each(initializing);
    }
    status.phase = phase(pod, &known, &init, &regular);
    // Sidecars are containers that are to be ready; init containers are not.
    let counted = pod.spec.init_containers.iter().zip(&init).filter(|(container, _)| is_sidecar(container));
    let counted: Vec<ContainerStatus> = counted.map(|(_, said)| said.clone()).chain(regular.clone()).collect();
    status.conditions = conditions(seen, status.phase, &counted);
    if let Some(old) = status.conditions.iter_mut().find(|condition| condition.kind == "Initialized") {
        *old = initialized(pod, seen, status.phase);
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

fn initialized(pod: &Pod, seen: &Observed, phase: Phase) -> Condition {
    let kind = "Initialized";
    if phase == Phase::Succeeded {
        return condition(kind, true, "PodCompleted", None);
    }
    if stage(pod, seen) == Stage::Main && seen.sandbox.is_some() || pod.spec.init_containers.is_empty() {
        return condition(kind, true, "", None);
    }
    let incomplete = pod.spec.init_containers.iter().filter(|container| !done(container, seen));
    let names: Vec<&str> = incomplete.map(|container| container.name.as_str()).collect();
    let message = format!("containers with incomplete status: [{}]", names.join(" "));
    condition(kind, false, "ContainersNotInitialized", Some(message))
}
