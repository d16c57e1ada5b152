//! A new sandbox: the pod begins anew.

use podkit::engine::{Instance, Observed};
use podkit::pod::{Container, Pod};

/// The newest run of a container, if it began in the newest sandbox. What ran in an older one
/// says nothing any more.
pub fn of_sandbox<'a>(container: &Container, seen: &'a Observed) -> Option<&'a Instance> {
    // ANCHOR: task_5_5
    // STARTER: // As if there were one sandbox only, until you have written it.
    // STARTER: seen.current(&container.name)
    let sandbox = seen.sandbox.as_ref()?;
    seen.current(&container.name).filter(|instance| instance.sandbox == sandbox.attempt)
    // ANCHOR_END: task_5_5
}

/// What has been seen, as the plan is to see it.
///
/// An init container that has not run in the newest sandbox ([`of_sandbox`]) counts as never
/// started: `current` of its record is `None`. Regular containers keep theirs.
pub fn forget_old(pod: &Pod, seen: &Observed) -> Observed {
    // ANCHOR: task_5_5_b
    // STARTER: // Nothing is forgotten, until you have written it.
    // STARTER: seen.clone()
    let mut known = seen.clone();
    for container in &pod.spec.init_containers {
        if of_sandbox(container, seen).is_none()
            && let Some(record) = known.containers.get_mut(&container.name)
        {
            record.current = None;
        }
    }
    known
    // ANCHOR_END: task_5_5_b
}
