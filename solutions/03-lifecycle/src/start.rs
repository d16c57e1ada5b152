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
    for container in pod.spec.containers.iter().filter(|container| has_post_start(container)) {
        match seen.running(&container.name).map(|instance| &instance.post_start) {
            Some(HookState::NotRun) => {
                return vec![Action::RunHook { container: container.name.clone(), hook: HookKind::PostStart }];
            }
            Some(HookState::Running { .. }) => return Vec::new(),
            _ => {}
        }
    }
    let mut actions = Vec::new();
    for container in &pod.spec.containers {
        let Some(action) = start_of(pod, container, seen, now) else { continue };
        let starts = matches!(action, Action::StartContainer { .. });
        actions.push(action);
        if starts {
            break;
        }
    }
    actions
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
    let name = container.name.clone();
    let start = |back_off| Some(Action::StartContainer { container: container.name.clone(), back_off });
    let record = seen.containers.get(&name);
    if let Some(failed_at) = record.and_then(|record| record.failed_at)
        && now < failed_at + RETRY
    {
        return Some(Action::Wake(failed_at + RETRY));
    }
    let Some(instance) = record.and_then(|record| record.current.as_ref()) else { return start(None) };
    let ended = instance.ended.as_ref()?;
    if !may_restart(pod, container, ended.exit.code()) {
        return None;
    }
    if was_moved(instance) {
        return start(None);
    }
    match decide(record.and_then(|record| record.back_off), ended.at, now) {
        Decision::Start(entry) => start(Some(entry)),
        Decision::Wait { until, delay } => Some(Action::HoldBack { container: name, until, delay }),
    }
    // ANCHOR_END: task_3_6_d
}

/// Was it stopped only because its sandbox had died? Given.
pub fn was_moved(instance: &Instance) -> bool {
    instance.stopping.as_ref().is_some_and(|stopping| stopping.reason == StopReason::SandboxChanged)
}
