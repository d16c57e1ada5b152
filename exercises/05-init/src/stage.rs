//! How far the pod has come: which of its init containers' turn it is.

use podkit::engine::Observed;
use podkit::pod::{Container, Pod};
use probes::gate::started_since;

use crate::sandbox::of_sandbox;

/// Where a pod stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Init container number n, from 0, is to run or runs.
    Init(usize),
    /// All are over; sidecars run on.
    Main,
}

/// The stage, by what has been started in this sandbox ([`of_sandbox`]).
///
/// 1. A regular container was: Main.
/// 2. Else the *last* init container that was started decides, whatever became of those before
///    it: is it [`done`], it is the next one's turn (Main, if there is none), else still its own.
/// 3. None was: the first one's turn (Main, if there is none at all).
pub fn stage(pod: &Pod, seen: &Observed) -> Stage {
    // ANCHOR: task_5_1
    // As if there were no init containers, until you have written it.
    Stage::Main
    // ANCHOR_END: task_5_1
}

/// May the next container start? A sidecar must be [`up`]. Any other init container must have
/// ended with exit code 0.
pub fn done(container: &Container, seen: &Observed) -> bool {
    // ANCHOR: task_5_1_b
    // Never, until you have written it.
    false
    // ANCHOR_END: task_5_1_b
}

/// Is a sidecar up? It runs, and has started: [`started_since`] knows of startup probes.
///
/// Its postStart hook needs no word here. While a hook runs, chapter 3 starts nobody; and a
/// container whose hook has failed is being stopped.
pub fn up(container: &Container, seen: &Observed) -> bool {
    // ANCHOR: task_5_2
    // As soon as it runs, until you have written it.
    seen.running(&container.name).is_some()
    // ANCHOR_END: task_5_2
}
