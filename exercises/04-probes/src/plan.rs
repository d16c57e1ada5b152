//! What to do next: chapter 3's plan, and the looks.

use std::time::Duration;

use lifecycle::restart::is_ending;
use lifecycle::stop;
use podkit::engine::{Action, Observed, ProbeKind, StopReason};
use podkit::pod::{Container, Pod};
use podkit::time::Time;

use crate::due::due;
use crate::gate::failed;

/// First the containers whose startup or liveness probe has failed begin to stop ([`kills`]).
/// Where there is none, chapter 3's plan says what to do; what it takes to end a container that
/// is stopping, and whether it is started again, is its business. Then the looks ([`looks`]).
pub fn plan(pod: &Pod, seen: &Observed, now: Time) -> Vec<Action> {
    // ANCHOR: task_4_4
    // Nobody is killed, until you have written it.
    let mut actions = lifecycle::plan(pod, seen, now);
    actions.extend(looks(pod, seen, now));
    actions
    // ANCHOR_END: task_4_4
}

/// A Stop for every running container whose probe has [`failed`], with the reason ProbeFailed and
/// the probe's [`grace`]. None in a pod that is to end: it stops all of its containers anyway.
pub fn kills(pod: &Pod, seen: &Observed) -> Vec<Action> {
    // ANCHOR: task_4_4_b
    todo!("task 4.4: Who is killed")
    // ANCHOR_END: task_4_4_b
}

/// How long a container has to end that its probe kills: the probe's own
/// terminationGracePeriodSeconds (`check` refuses less than 1), else what the pod gives.
pub fn grace(pod: &Pod, container: &Container, kind: ProbeKind, seen: &Observed) -> Duration {
    // ANCHOR: task_4_4_c
    todo!("task 4.4: Who is killed")
    // ANCHOR_END: task_4_4_c
}

/// A Probe for each that is due, a Wake for each that will be. Given.
pub fn looks(pod: &Pod, seen: &Observed, now: Time) -> Vec<Action> {
    let mut actions = Vec::new();
    for container in pod.all_containers() {
        for probe in ProbeKind::ALL {
            match due(container, probe, seen) {
                Some(at) if at <= now => actions.push(Action::Probe { container: container.name.clone(), probe }),
                Some(at) => actions.push(Action::Wake(at)),
                None => {}
            }
        }
    }
    actions
}
