//! The phase of a pod with init containers: the kubelet's own table, whole.

use lifecycle::phase::count;
use lifecycle::restart::may_restart;
use podkit::engine::Observed;
use podkit::pod::{ContainerState, ContainerStatus, Phase, Pod};

use crate::stage::{Stage, is_sidecar, stage};

/// What the init containers say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Init containers that have not succeeded yet, nor failed.
    pub pending: usize,
    /// Init containers that have failed and are not started again.
    pub failed_for_good: usize,
    /// Sidecars that have not started yet.
    pub sidecars_pending: usize,
    pub sidecars_running: usize,
}

/// Counts the init containers. How a sidecar has ended counts for nothing.
pub fn count_init(pod: &Pod, statuses: &[ContainerStatus]) -> Counts {
    // ANCHOR: task_5_6
    let mut counts = Counts::default();
    for (container, status) in pod.spec.init_containers.iter().zip(statuses) {
        let exit_code = match (&status.state, &status.last_state) {
            (ContainerState::Terminated(end), _) => Some(end.exit_code),
            (ContainerState::Waiting(_), ContainerState::Terminated(end)) => Some(end.exit_code),
            _ => None,
        };
        let running = matches!(status.state, ContainerState::Running(_));
        match (is_sidecar(container), exit_code) {
            (true, None) => {
                counts.sidecars_running += usize::from(running);
                counts.sidecars_pending += usize::from(status.started != Some(true));
            }
            (false, None) => counts.pending += 1,
            (false, Some(code)) if code != 0 => {
                counts.failed_for_good += usize::from(!may_restart(pod, container, code));
            }
            _ => {}
        }
    }
    counts
    // ANCHOR_END: task_5_6
}

/// The phase; see the table in the chapter.
pub fn phase(pod: &Pod, seen: &Observed, init: &[ContainerStatus], regular: &[ContainerStatus]) -> Phase {
    // ANCHOR: task_5_6_b
    let (init, counts) = (count_init(pod, init), count(pod, regular));
    let initialising = stage(pod, seen) != Stage::Main;
    if init.failed_for_good > 0 {
        Phase::Failed
    } else if seen.deletion.is_none()
        && seen.failed.is_none()
        && (init.pending > 0 || (init.sidecars_pending > 0 && initialising))
    {
        Phase::Pending
    } else if init.sidecars_running > 0 && counts.running == 0 && seen.failed.is_none() && counts.waiting == 0 {
        Phase::Running
    } else {
        lifecycle::phase::phase(pod, seen, regular)
    }
    // ANCHOR_END: task_5_6_b
}
