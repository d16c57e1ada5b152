//! What to do next.

use podkit::engine::{Action, Observed, StopReason};
use podkit::pod::{Container, Pod};
use podkit::time::Time;

use crate::restart::{is_ending, may_restart};
use crate::{policy, start, stop};

/// The next actions, by the first of these that applies:
///
/// 1. the pod is to end ([`is_ending`]): [`stop::all`]; when nothing runs any more,
///    StopSandbox;
/// 2. its [`policy::active_deadline`] has come or is over: Fail (reason [`DEADLINE`]);
/// 3. no container runs, and none is to be started ([`is_done`]): StopSandbox;
/// 4. the sandbox is not ready: [`stop::all`] (reason SandboxChanged), and when nothing
///    runs any more, StartSandbox. Without a sandbox: StartSandbox;
/// 5. a container is being stopped, or its postStart has failed: [`stop::failed`];
/// 6. else [`start::starts`].
///
/// In the last two the deadline, if there is one, is a Wake too.
pub fn plan(pod: &Pod, seen: &Observed, now: Time) -> Vec<Action> {
    // ANCHOR: task_3_6
    // Every container once, as in chapter 2, until you have written it.
    podkit::engine::first_plan(pod, seen, now)
    // ANCHOR_END: task_3_6
}

/// Reason and message of a pod whose `activeDeadlineSeconds` is over.
pub const DEADLINE: (&str, &str) =
    ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");

/// No container runs, and none is to be started (again).
///
/// A container that was never started is to be started; one that has ended if
/// [`may_restart`] says so. A sandbox that has died under a container of a pod with
/// policy Never is not made anew: then nothing is to be started ([`given_up`]).
pub fn is_done(pod: &Pod, seen: &Observed) -> bool {
    // ANCHOR: task_3_6_b
    todo!("task 3.6: Start and restart")
    // ANCHOR_END: task_3_6_b
}

/// Policy Never, some container was started, and the sandbox has died: the
/// kubelet makes no new one, since that container would have to run again. Given.
pub fn given_up(pod: &Pod, seen: &Observed) -> bool {
    let dead = seen.sandbox.as_ref().is_some_and(|sandbox| !sandbox.ready);
    let started = pod.spec.containers.iter().any(|container| seen.current(&container.name).is_some());
    dead && started && pod.spec.restart_policy.as_deref() == Some("Never")
}

/// The actions, or if there are none, this one. Given.
fn or_else(actions: Vec<Action>, action: Action) -> Vec<Action> {
    if actions.is_empty() { vec![action] } else { actions }
}
