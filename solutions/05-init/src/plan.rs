//! What to do next: chapter 4's plan, for the containers whose time it is. Given.

use podkit::engine::{Action, Observed, StopReason};
use podkit::pod::Pod;
use podkit::time::Time;

use crate::finish::{end, is_finished};
use crate::sandbox::forget_old;
use crate::stage::stage;
use crate::view;

/// The next actions, by the first of these that applies:
///
/// 1. the pod is to end, or is finished: [`end`]; when nothing runs any more, StopSandbox;
/// 2. its sandbox has died: [`end`] too; then chapter 4's plan with all containers makes a new
///    one, or gives up;
/// 3. else chapter 4's plan with the containers of this [`stage`].
// ANCHOR: plan
pub fn plan(pod: &Pod, seen: &Observed, now: Time) -> Vec<Action> {
    let known = forget_old(pod, seen);
    let mut actions = match reason_to_end(pod, &known) {
        Some(reason) => end(pod, &known, reason, now),
        None if has_sandbox(seen) => return probes::plan(&view::view(pod, stage(pod, &known)), &known, now),
        None => return probes::plan(&view::all(pod), seen, now),
    };
    if actions.is_empty() {
        actions.push(Action::StopSandbox);
    }
    actions.extend(probes::plan::looks(pod, seen, now));
    actions
}
// ANCHOR_END: plan

/// Why the containers are to be ended, if they are.
fn reason_to_end(pod: &Pod, seen: &Observed) -> Option<StopReason> {
    if seen.failed.is_some() {
        Some(StopReason::DeadlineExceeded)
    } else if seen.deletion.is_some() {
        Some(StopReason::Deletion)
    } else if is_finished(pod, seen) {
        Some(StopReason::PodFinished)
    } else {
        (!has_sandbox(seen) && seen.anything_runs()).then_some(StopReason::SandboxChanged)
    }
}

fn has_sandbox(seen: &Observed) -> bool {
    seen.sandbox.as_ref().is_some_and(|sandbox| sandbox.ready)
}
