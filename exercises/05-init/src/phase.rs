//! The phase of a pod with init containers.

use lifecycle::phase::count;
use lifecycle::restart::may_restart;
use podkit::engine::Observed;
use podkit::pod::{ContainerState, ContainerStatus, Phase, Pod};

use crate::stage::{Stage, stage};

/// How many init containers are how. Sidecars are init containers too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They have never run, or run now and are no sidecars.
    pub pending: usize,
    /// Init containers, no sidecars, that have failed and are not started again.
    pub failed_for_good: usize,
    /// Sidecars that run.
    pub running: usize,
    /// Of these: they have not started yet, by their startup probe.
    pub starting: usize,
}

/// Counts the init containers; `statuses` are theirs, in the same order.
///
/// How an init container has ended stands in its state, or, if it waits to be started again, in
/// its `lastState`. An end counts as nothing, with one exception: `failed_for_good`. How a sidecar
/// has ended counts as nothing at all.
pub fn count_init(pod: &Pod, statuses: &[ContainerStatus]) -> Counts {
    // ANCHOR: task_5_6
    // Nothing is counted, until you have written it.
    Counts::default()
    // ANCHOR_END: task_5_6
}

/// The phase: the first of these that holds. `init` and `regular` are the statuses.
///
/// 1. the pod has failed as a whole, or its end was asked for and nothing runs any more: as in
///    chapter 3;
/// 2. an init container has failed for good: Failed;
/// 3. an init container is pending, or a sidecar is starting before the main stage, or a regular
///    container waits: Pending;
/// 4. a sidecar runs: Running;
/// 5. else as in chapter 3.
pub fn phase(pod: &Pod, seen: &Observed, init: &[ContainerStatus], regular: &[ContainerStatus]) -> Phase {
    // ANCHOR: task_5_6_b
    // Without a look at init containers, until you have written it.
    lifecycle::phase::phase(pod, seen, regular)
    // ANCHOR_END: task_5_6_b
}
