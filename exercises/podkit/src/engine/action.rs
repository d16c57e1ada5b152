//! What a plan may ask for. Data, so that it can be printed, tested and simulated.

use std::time::Duration;

use super::{BackOff, HookKind, ProbeKind, StopReason};
use crate::time::Time;

// ANCHOR: action
/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Start the process that holds the pod's namespaces.
    StartSandbox,
    /// Start a container. `back_off` is the entry to remember for its next
    /// restart; `None` on a first start.
    StartContainer { container: String, back_off: Option<BackOff> },
    /// A restart is due, but only `until` then: the container is shown as
    /// Waiting with reason CrashLoopBackOff. Wakes the loop at `until`.
    HoldBack { container: String, until: Time, delay: Duration },
    /// Run a hook; its end is observed later.
    RunHook { container: String, hook: HookKind },
    /// Look at a running container; the answer is observed later.
    Probe { container: String, probe: ProbeKind },
    /// Begin to stop a running container. Nothing is sent yet: this records
    /// why, since when, and how long it may take. For a container that is
    /// stopping already only the grace period changes; it still counts from
    /// the first Stop.
    Stop { container: String, reason: StopReason, grace: Duration },
    /// Send a signal to the container's first process.
    Signal { container: String, signal: Signal },
    /// The pod as a whole has failed: recorded in `Observed::failed`.
    Fail { reason: String, message: String },
    /// End the sandbox: no container is left to run or to restart.
    StopSandbox,
    /// Nothing to do before this time.
    Wake(Time),
}
// ANCHOR_END: action

/// The two signals that end a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Please end.
    Term,
    /// End.
    Kill,
}
