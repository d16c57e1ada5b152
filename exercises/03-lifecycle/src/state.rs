//! What a container is doing: its state, and the one before it.

use podkit::engine::{Ended, HookState, Instance, Record};
use podkit::pod::{Container, ContainerState, Running, Terminated, Waiting};

use crate::message;

/// `state` and `lastState` of a container.
///
/// - no record, or nothing started yet: Waiting, reason ContainerCreating;
///   with the reason of `held_up` where there is one (the start failed);
/// - the newest instance runs: Running, and `lastState` is how the one before it ended;
/// - it has ended: Terminated, and `lastState` is how the one before it ended;
/// - it has ended, and is to be started again, but something holds it up
///   (`held_up`): Waiting with that reason, and its end *moves* to `lastState`.
///
/// [`terminated`] makes a Terminated state of an instance's end.
pub fn states(
    container: &Container,
    record: Option<&Record>,
    held_up: Option<Waiting>,
) -> (ContainerState, ContainerState) {
    // ANCHOR: task_3_1
    todo!("task 3.1: The state of a container")
    // ANCHOR_END: task_3_1
}

/// Running or Terminated.
fn state_of(container: &Container, instance: &Instance) -> ContainerState {
    match &instance.ended {
        None => ContainerState::Running(Running { started_at: instance.started_at.rfc3339() }),
        Some(ended) => ContainerState::Terminated(terminated(container, instance, ended)),
    }
}

fn creating() -> ContainerState {
    ContainerState::Waiting(Waiting { reason: "ContainerCreating".into(), message: None })
}

/// A Terminated state.
///
/// - `exitCode`: [`podkit::engine::Exit::code`];
/// - `reason`: the end's own where it has one (StartError: there was no program),
///   else Completed for exit code 0, Error for any other;
/// - `startedAt` and `finishedAt`: RFC 3339, [`podkit::time::Time::rfc3339`];
/// - `message`: task 3.5's [`message::message`].
pub fn terminated(container: &Container, instance: &Instance, ended: &Ended) -> Terminated {
    // ANCHOR: task_3_1_b
    todo!("task 3.1: The state of a container")
    // ANCHOR_END: task_3_1_b
}

/// Why a container is not started again now. Given.
///
/// The newest reason wins: what the loop recorded (a failed start,
/// CrashLoopBackOff), else a postStart hook that failed.
pub fn held_up(record: &Record) -> Option<Waiting> {
    if let Some(waiting) = &record.waiting {
        return Some(Waiting { reason: waiting.reason.clone(), message: Some(waiting.message.clone()) });
    }
    match &record.current.as_ref()?.post_start {
        HookState::Failed { message, .. } => {
            Some(Waiting { reason: "PostStartHookError".into(), message: Some(message.clone()) })
        }
        _ => None,
    }
}
