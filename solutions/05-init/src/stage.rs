//! How far the pod has come: which of its init containers' turn it is.

use podkit::engine::{HookState, Instance, Observed};
use podkit::pod::{Container, Pod};

use probes::gate::started_since;

/// Where a pod stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Init container number n, from 0, is to run or runs.
    Init(usize),
    /// All are over; sidecars run on.
    Main,
}

/// A sidecar: an init container with a restartPolicy of its own, Always. It is started in its
/// turn, and the next one does not wait for its end.
pub fn is_sidecar(container: &Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

/// The stage, by what has been started in this sandbox.
///
/// 1. A regular container was: Main.
/// 2. Else the *last* init container that was started decides, whatever became of those before
///    it: is it [`done`], it is the next one's turn (Main, if there is none), else still its own.
/// 3. None was: the first one's turn (Main, if there is none at all).
///
/// [`of_sandbox`] gives a container's newest run in this sandbox.
pub fn stage(pod: &Pod, seen: &Observed) -> Stage {
    // ANCHOR: task_5_1
    let init = &pod.spec.init_containers;
    if pod.spec.containers.iter().any(|container| of_sandbox(container, seen).is_some()) {
        return Stage::Main;
    }
    let last = init.iter().rposition(|container| of_sandbox(container, seen).is_some());
    let turn = match last {
        None => 0,
        Some(n) if done(&init[n], seen) => n + 1,
        Some(n) => n,
    };
    if turn < init.len() { Stage::Init(turn) } else { Stage::Main }
    // ANCHOR_END: task_5_1
}

/// May the next container start? An init container must have ended with exit code 0. A sidecar
/// must run and have started (its startup probe, if it has one, has succeeded:
/// [`started_since`]), and its postStart hook must be over.
pub fn done(container: &Container, seen: &Observed) -> bool {
    // ANCHOR: task_5_1_b
    let Some(instance) = of_sandbox(container, seen) else { return false };
    match &instance.ended {
        Some(ended) => !is_sidecar(container) && ended.exit.code() == 0,
        None => is_sidecar(container) && started_since(container, seen).is_some() && hook_is_over(container, instance),
    }
    // ANCHOR_END: task_5_1_b
}

fn hook_is_over(container: &Container, instance: &Instance) -> bool {
    let hook = container.lifecycle.as_ref().and_then(|hooks| hooks.post_start.as_ref());
    hook.is_none() || matches!(instance.post_start, HookState::Succeeded { .. })
}

/// The newest run of a container, if it began in the sandbox that there is now. Given.
///
/// With a new sandbox a pod begins anew: what ran in the old one says nothing any more.
pub fn of_sandbox<'a>(container: &Container, seen: &'a Observed) -> Option<&'a Instance> {
    let sandbox = seen.sandbox.as_ref()?;
    seen.current(&container.name).filter(|instance| instance.started_at >= sandbox.started_at)
}
