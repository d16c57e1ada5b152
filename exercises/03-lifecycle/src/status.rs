//! The pod's status: the answers of the other files, put together. Given.

use podkit::engine::Observed;
use podkit::pod::{Container, ContainerState, ContainerStatus, Pod, PodStatus, Waiting};

use crate::{conditions, message, phase, restart, state};

/// What to say about the pod.
pub fn status(pod: &Pod, seen: &Observed) -> PodStatus {
    let mut statuses: Vec<ContainerStatus> =
        pod.spec.containers.iter().map(|container| container_status(pod, container, seen)).collect();
    share_messages(&mut statuses);
    let phase = phase::phase(pod, seen, &statuses);
    PodStatus {
        phase,
        conditions: conditions::conditions(seen, phase, &statuses),
        reason: seen.failed.as_ref().map(|failed| failed.reason.clone()),
        message: seen.failed.as_ref().map(|failed| failed.message.clone()),
        container_statuses: statuses,
        ..PodStatus::default()
    }
}

/// What to say about one container. Without probes it is started and ready while it runs.
fn container_status(pod: &Pod, container: &Container, seen: &Observed) -> ContainerStatus {
    let record = seen.containers.get(&container.name);
    let (state, last_state) = state::states(container, record, held_up(pod, container, seen));
    let running = matches!(state, ContainerState::Running(_));
    ContainerStatus {
        name: container.name.clone(),
        state,
        last_state,
        ready: running,
        started: Some(running),
        restart_count: record.map_or(0, |record| record.restarts),
        image: container.image.clone().unwrap_or_default(),
        ..ContainerStatus::default()
    }
}

/// Why the container is not started (again) now: only a container that is to be started can wait.
fn held_up(pod: &Pod, container: &Container, seen: &Observed) -> Option<Waiting> {
    let record = seen.containers.get(&container.name)?;
    let waiting = state::held_up(record)?;
    let ended = record.current.as_ref().and_then(|instance| instance.ended.as_ref());
    // Once the pod is to end, no container is started any more.
    let starts = ended.is_none_or(|ended| restart::may_restart(pod, container, ended.exit.code()));
    (starts && !restart::is_ending(seen)).then_some(waiting)
}

/// All containers of a pod share 12 KiB for their messages.
fn share_messages(statuses: &mut [ContainerStatus]) {
    let count = statuses.len();
    for status in statuses {
        for state in [&mut status.state, &mut status.last_state] {
            if let ContainerState::Terminated(end) = state
                && let Some(text) = &mut end.message
            {
                message::cut(text, count);
            }
        }
    }
}
