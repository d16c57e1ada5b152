//! The end of a pod with init containers and sidecars.

use lifecycle::restart::may_restart;
use lifecycle::stop;
use podkit::engine::{Action, Observed, Signal, StopReason};
use podkit::pod::{Container, Pod};
use podkit::time::Time;

use crate::stage::{Stage, is_sidecar, of_sandbox, stage};

/// Has the pod done what it was for? Then its sidecars are ended, and not started again.
///
/// - In the main stage: no regular container runs, and none is to be started (again).
/// - In an init stage: the init container has failed, and the pod's policy is Never.
pub fn is_finished(pod: &Pod, seen: &Observed) -> bool {
    // ANCHOR: task_5_3
    let ended = |container: &Container| of_sandbox(container, seen).and_then(|instance| instance.ended.as_ref());
    match stage(pod, seen) {
        Stage::Main => pod.spec.containers.iter().all(|container| {
            ended(container).is_some_and(|ended| !may_restart(pod, container, ended.exit.code()))
        }),
        Stage::Init(n) => {
            let turn = &pod.spec.init_containers[n];
            let never = pod.spec.restart_policy.as_deref() == Some("Never");
            never && !is_sidecar(turn) && ended(turn).is_some_and(|ended| ended.exit.code() != 0)
        }
    }
    // ANCHOR_END: task_5_3
}

/// The next step for every container that runs.
///
/// All begin to stop at once, and every preStop hook runs at once. But a sidecar's SIGTERM waits
/// ([`waits`]) while the containers that may need it are still there. The wait is part of the grace
/// period: when that is over, SIGTERM comes all the same.
///
/// [`stop::next`] gives the next step of one container.
pub fn end(pod: &Pod, seen: &Observed, reason: StopReason, now: Time) -> Vec<Action> {
    // ANCHOR: task_5_4
    let steps = pod.all_containers().filter_map(|container| {
        let instance = seen.running(&container.name)?;
        let step = stop::next(pod, container, instance, seen, reason, now);
        let is_term = matches!(step, Action::Signal { signal: Signal::Term, .. });
        let deadline = instance.stopping.as_ref().map(|stopping| stopping.asked_at + stopping.grace);
        match deadline {
            Some(deadline) if is_term && now < deadline && waits(pod, container, seen) => Some(Action::Wake(deadline)),
            _ => Some(step),
        }
    });
    steps.collect()
    // ANCHOR_END: task_5_4
}

/// Must this container wait with its end? A sidecar waits for every regular container, and for
/// every sidecar that stands after it in the manifest. No other container waits.
fn waits(pod: &Pod, container: &Container, seen: &Observed) -> bool {
    // ANCHOR: task_5_4_b
    let init = &pod.spec.init_containers;
    let Some(own) = init.iter().position(|it| it.name == container.name) else { return false };
    let later = init[own + 1..].iter().filter(|it| is_sidecar(it));
    is_sidecar(container) && later.chain(&pod.spec.containers).any(|it| seen.running(&it.name).is_some())
    // ANCHOR_END: task_5_4_b
}
