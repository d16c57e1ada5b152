//! What to start, and in which order.

use std::time::Duration;

use podkit::engine::{Action, HookKind, HookState, Instance, Observed, StopReason};
use podkit::pod::{Container, Pod};
use podkit::time::Time;

use crate::backoff::{Decision, decide};
use crate::policy::has_post_start;
use crate::restart::may_restart;

/// A start that failed before there was an instance is tried again after this:
/// the kubelet comes back to a pod whose sync has failed.
pub const RETRY: Duration = Duration::from_secs(10);

/// The containers to start now, in the order of the manifest. The sandbox is ready.
///
/// Containers are started one after another, and the loop asks again after each: so
/// this stops at the first StartContainer. A container whose postStart hook has not
/// run yet gets its RunHook; while a hook runs, nothing is started at all. What
/// waits ([`start_of`] gives HoldBack or Wake) does not keep the others from starting.
pub fn starts(pod: &Pod, seen: &Observed, now: Time) -> Vec<Action> {
    // ANCHOR: task_3_6_c
    todo!("task 3.6: Start and restart")
    // ANCHOR_END: task_3_6_c
}

/// What to do about one container, if anything.
///
/// - it runs: nothing;
/// - it was never started: StartContainer;
/// - its newest start failed before there was an instance (`failed_at` of its
///   record): Wake at [`RETRY`] after that; from then on as if it had not failed;
/// - it has ended and [`may_restart`]: task 3.7's [`decide`] says StartContainer (with
///   the back-off entry to remember) or HoldBack. If it was stopped because the
///   sandbox had died ([`was_moved`]): StartContainer, with no back-off.
pub fn start_of(pod: &Pod, container: &Container, seen: &Observed, now: Time) -> Option<Action> {
    // ANCHOR: task_3_6_d
    todo!("task 3.6: Start and restart")
    // ANCHOR_END: task_3_6_d
}

/// Was it stopped only because its sandbox had died? Given.
pub fn was_moved(instance: &Instance) -> bool {
    instance.stopping.as_ref().is_some_and(|stopping| stopping.reason == StopReason::SandboxChanged)
}
