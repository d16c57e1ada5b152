//! What to do next: chapter 4's plan, with the containers whose time it is.

use lifecycle::policy::active_deadline;
use podkit::engine::{Action, Observed, StopReason};
use podkit::pod::Pod;
use podkit::time::Time;

use crate::finish::{end, is_finished};
use crate::stage::stage;
use crate::view;

/// The next actions, by the first of these that applies:
///
/// 1. the pod is to end, or is finished: [`end`]; when nothing runs any more, StopSandbox;
/// 2. the sandbox is not ready, or there is none: chapter 4's plan with all containers
///    ([`view::all`]). It ends them and makes a new sandbox;
/// 3. else chapter 4's plan with the containers of this [`stage`].
pub fn plan(pod: &Pod, seen: &Observed, now: Time) -> Vec<Action> {
    // ANCHOR: task_5_5
    // STARTER: probes::plan(pod, seen, now)
    let over = active_deadline(pod).is_some_and(|deadline| now >= seen.started_at + deadline);
    let reason = match (&seen.failed, &seen.deletion) {
        (Some(_), _) => Some(StopReason::DeadlineExceeded),
        (None, Some(_)) => Some(StopReason::Deletion),
        (None, None) => (!over && is_finished(pod, seen)).then_some(StopReason::PodFinished),
    };
    if let Some(reason) = reason {
        let mut actions = end(pod, seen, reason, now);
        if actions.is_empty() {
            actions.push(Action::StopSandbox);
        }
        actions.extend(probes::plan::looks(pod, seen, now));
        return actions;
    }
    if !seen.sandbox.as_ref().is_some_and(|sandbox| sandbox.ready) {
        return probes::plan(&view::all(pod), seen, now);
    }
    let seen = view::forget_old(pod, seen);
    probes::plan(&view::view(pod, stage(pod, &seen)), &seen, now)
    // ANCHOR_END: task_5_5
}
