//! The end of a pod with init containers and sidecars.

use lifecycle::restart::may_restart;
use lifecycle::stop;
use podkit::engine::{Action, Observed, Signal, StopReason};
use podkit::pod::{Container, Pod};
use podkit::time::Time;

use crate::stage::{Stage, stage};

/// Has the pod done what it was for? Then its sidecars are ended, and not started again.
///
/// - In the main stage: every regular container has ended (in whichever sandbox), and none may be
///   started again;
/// - in an init stage: the container whose turn it is has ended, and may not be started again. So
///   it has failed: else it would be the next one's turn. (A sidecar always may.)
pub fn is_finished(pod: &Pod, seen: &Observed) -> bool {
    // ANCHOR: task_5_3
    // STARTER: // Never, until you have written it.
    // STARTER: false
    let code = |container: &Container| Some(seen.current(&container.name)?.ended.as_ref()?.exit.code());
    let for_good = |container: &Container| code(container).is_some_and(|code| !may_restart(pod, container, code));
    match stage(pod, seen) {
        Stage::Main => pod.spec.containers.iter().all(for_good),
        Stage::Init(n) => for_good(&pod.spec.init_containers[n]),
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
    // STARTER: // All at once, as in chapter 3, until you have written it.
    // STARTER: stop::all(&crate::view::all(pod), seen, reason, now)
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

/// Must this container wait with its end? A sidecar waits while a regular container runs, or a
/// sidecar that stands after it in the manifest. No regular container waits. Nor does an init
/// container that is no sidecar: while it runs, none of these does.
pub fn waits(pod: &Pod, container: &Container, seen: &Observed) -> bool {
    // ANCHOR: task_5_4_b
    // STARTER: // Nobody waits, until you have written it.
    // STARTER: false
    let init = &pod.spec.init_containers;
    let Some(own) = init.iter().position(|it| it.name == container.name) else { return false };
    let later = init[own + 1..].iter().filter(|it| it.is_sidecar());
    later.chain(&pod.spec.containers).any(|it| seen.running(&it.name).is_some())
    // ANCHOR_END: task_5_4_b
}
