//! The pod in one word.

use podkit::engine::Observed;
use podkit::pod::{ContainerState, ContainerStatus, Phase, Pod};

use crate::restart::may_restart;

/// How many containers are how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They wait, and have never ended before.
    pub waiting: usize,
    pub running: usize,
    /// They have ended, or wait to be started again.
    pub stopped: usize,
    /// Of the stopped: their state is Terminated with exit code 0.
    pub succeeded: usize,
    /// Of the stopped: they are not started again.
    pub stopped_for_good: usize,
}

/// Counts the containers.
///
/// A Waiting container whose `lastState` is Terminated counts as stopped, not as
/// waiting (it is in its back-off), and never as succeeded. [`may_restart`] with the
/// exit code says whether a stopped one has stopped for good.
pub fn count(pod: &Pod, statuses: &[ContainerStatus]) -> Counts {
    // ANCHOR: task_3_3
    let mut counts = Counts::default();
    for status in statuses {
        let exit_code = match (&status.state, &status.last_state) {
            (ContainerState::Running(_), _) => {
                counts.running += 1;
                continue;
            }
            (ContainerState::Terminated(end), _) => {
                counts.succeeded += usize::from(end.exit_code == 0);
                end.exit_code
            }
            (_, ContainerState::Terminated(end)) => end.exit_code,
            _ => {
                counts.waiting += 1;
                continue;
            }
        };
        counts.stopped += 1;
        let again = pod.container(&status.name).is_some_and(|container| may_restart(pod, container, exit_code));
        counts.stopped_for_good += usize::from(!again);
    }
    counts
    // ANCHOR_END: task_3_3
}

/// The phase: the first of these that holds.
///
/// 1. the pod has failed as a whole (`seen.failed`): Failed;
/// 2. the runner was asked for the pod's end and no container runs any more:
///    Succeeded if every container has succeeded, else Failed;
/// 3. a container waits: Pending;
/// 4. a container runs: Running;
/// 5. a stopped container is to be started again: Running;
/// 6. every container has succeeded: Succeeded;
/// 7. else Failed.
pub fn phase(pod: &Pod, seen: &Observed, statuses: &[ContainerStatus]) -> Phase {
    // ANCHOR: task_3_3_b
    // STARTER: // Nobody can say, until you have written it.
    // STARTER: Phase::Unknown
    let counts = count(pod, statuses);
    let all_succeeded = counts.succeeded == statuses.len();
    let at_the_end = if all_succeeded { Phase::Succeeded } else { Phase::Failed };
    if seen.failed.is_some() {
        Phase::Failed
    } else if seen.deletion.is_some() && counts.running == 0 {
        at_the_end
    } else if counts.waiting > 0 {
        Phase::Pending
    } else if counts.running > 0 || counts.stopped > counts.stopped_for_good {
        Phase::Running
    } else {
        at_the_end
    }
    // ANCHOR_END: task_3_3_b
}
