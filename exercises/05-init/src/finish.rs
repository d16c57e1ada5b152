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
    // Never, until you have written it.
    false
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
    // All at once, as in chapter 3, until you have written it.
    stop::all(&crate::view::all(pod), seen, reason, now)
    // ANCHOR_END: task_5_4
}

/// Must this container wait with its end? A sidecar waits while a regular container runs, or a
/// sidecar that stands after it in the manifest. No regular container waits. Nor does an init
/// container that is no sidecar: while it runs, none of these does.
pub fn waits(pod: &Pod, container: &Container, seen: &Observed) -> bool {
    // ANCHOR: task_5_4_b
    // Nobody waits, until you have written it.
    false
    // ANCHOR_END: task_5_4_b
}
