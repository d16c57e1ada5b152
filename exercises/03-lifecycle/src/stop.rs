//! How a container is ended: preStop, SIGTERM, SIGKILL, and the time for it.

use std::time::Duration;

use podkit::engine::{Action, HookKind, HookState, Instance, Observed, Signal, StopReason, Stopping};
use podkit::pod::{Container, Pod};
use podkit::time::Time;

use crate::policy::{has_pre_stop, seconds};

/// The shortest grace period of a pod.
pub const LEAST_GRACE: Duration = Duration::from_secs(1);
/// SIGKILL stays away at least this long from SIGTERM, however little is left.
pub const LEAST_AFTER_TERM: Duration = Duration::from_secs(2);
/// The API's default for terminationGracePeriodSeconds.
const DEFAULT_GRACE: i64 = 30;

/// The next step for every container that runs, all in parallel. Empty when none runs.
pub fn all(pod: &Pod, seen: &Observed, reason: StopReason, now: Time) -> Vec<Action> {
    let steps = pod.spec.containers.iter().filter_map(|container| {
        let instance = seen.running(&container.name)?;
        Some(next(pod, container, instance, seen, reason, now))
    });
    steps.collect()
}

/// The next step for every running container that is stopping already, and for
/// those whose postStart hook has failed (reason PostStartHookFailed).
pub fn failed(pod: &Pod, seen: &Observed, now: Time) -> Vec<Action> {
    // ANCHOR: task_3_8
    // Nothing stops before the pod does, until you have written it.
    Vec::new()
    // ANCHOR_END: task_3_8
}

/// How long the pod's containers have to end: what the deletion asks for, else the
/// manifest's terminationGracePeriodSeconds, else 30 seconds; at least [`LEAST_GRACE`].
pub fn grace(pod: &Pod, seen: &Observed) -> Duration {
    // ANCHOR: task_3_8_b
    todo!("task 3.8: The graceful end")
    // ANCHOR_END: task_3_8_b
}

/// The next step for one container that is to stop.
///
/// - it is not stopping yet: Stop, with the reason and the [`grace`] period;
/// - [`shorter`] has a shorter grace period for it: Stop with that one;
/// - SIGTERM has not been sent: [`before_term`];
/// - it has, SIGKILL has not: SIGKILL when the grace period is over, but not less
///   than [`LEAST_AFTER_TERM`] after SIGTERM; until then a Wake at that time;
/// - both have been sent: nothing is left but to look again, say a minute from now.
pub fn next(
    pod: &Pod,
    container: &Container,
    instance: &Instance,
    seen: &Observed,
    reason: StopReason,
    now: Time,
) -> Action {
    // ANCHOR: task_3_8_c
    todo!("task 3.8: The graceful end")
    // ANCHOR_END: task_3_8_c
}

/// What comes before SIGTERM. Without a preStop hook: nothing, SIGTERM it is. With
/// one: it runs, until it is over or the grace period is; then SIGTERM. Its time
/// is part of the grace period.
fn before_term(container: &Container, stopping: &Stopping, deadline: Time, now: Time) -> Action {
    // ANCHOR: task_3_8_d
    todo!("task 3.8: The graceful end")
    // ANCHOR_END: task_3_8_d
}

/// The grace period of a container that is stopping can only shrink: a
/// deletion that comes later and asks for an earlier end gets it ([`grace`] after it was asked for). The new
/// grace period, counted as the old one from the first Stop; `None` if it stays.
fn shorter(pod: &Pod, seen: &Observed, stopping: &Stopping) -> Option<Duration> {
    // ANCHOR: task_3_8_e
    todo!("task 3.8: The graceful end")
    // ANCHOR_END: task_3_8_e
}
