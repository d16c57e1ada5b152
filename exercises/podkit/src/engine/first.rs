//! The plan and the status of a runner that has not come to chapter 3: start
//! every container once, wait for all of them, say little.

use std::time::Duration;

use super::{Action, Observed, Signal, StopReason};
use crate::pod::{ContainerState, ContainerStatus, Phase, Pod, PodStatus, Running, Terminated, Waiting};
use crate::time::Time;

/// Starts each container once, in order; on deletion sends SIGTERM, and
/// SIGKILL when the grace period is over. No restarts, no hooks.
pub fn first_plan(pod: &Pod, seen: &Observed, now: Time) -> Vec<Action> {
    if seen.sandbox.is_none() {
        return vec![Action::StartSandbox];
    }
    let mut actions = Vec::new();
    for container in &pod.spec.containers {
        // A start that failed before there was an instance was the one try it gets.
        let tried = seen.containers.get(&container.name).is_some_and(|record| record.failed_at.is_some());
        match seen.current(&container.name) {
            None if seen.deletion.is_none() && !tried => {
                actions.push(Action::StartContainer { container: container.name.clone(), back_off: None });
            }
            Some(instance) if instance.ended.is_none() && seen.deletion.is_some() => {
                actions.push(stop(pod, seen, &container.name, now));
            }
            _ => {}
        }
    }
    if actions.is_empty() && !seen.anything_runs() {
        actions.push(Action::StopSandbox);
    }
    actions
}

fn stop(pod: &Pod, seen: &Observed, name: &str, now: Time) -> Action {
    let container = name.to_owned();
    let Some(stopping) = seen.current(name).and_then(|instance| instance.stopping.as_ref()) else {
        let asked = seen.deletion.as_ref().and_then(|deletion| deletion.grace);
        let own = pod.spec.termination_grace_period_seconds.unwrap_or(30);
        let grace = asked.unwrap_or(Duration::from_secs(own.max(1).unsigned_abs()));
        return Action::Stop { container, reason: StopReason::Deletion, grace };
    };
    let deadline = stopping.asked_at + stopping.grace;
    match (stopping.term_sent_at, stopping.kill_sent_at) {
        (None, _) => Action::Signal { container, signal: Signal::Term },
        (Some(_), None) if now >= deadline => Action::Signal { container, signal: Signal::Kill },
        (Some(_), None) => Action::Wake(deadline),
        (Some(_), Some(at)) => Action::Wake(at + Duration::from_secs(60)),
    }
}

/// The phase, and each container's state.
pub fn first_status(pod: &Pod, seen: &Observed) -> PodStatus {
    let container_statuses: Vec<ContainerStatus> =
        pod.spec.containers.iter().map(|container| container_status(container, seen)).collect();
    let codes: Vec<Option<i32>> = container_statuses
        .iter()
        .map(|status| match &status.state {
            ContainerState::Terminated(end) => Some(end.exit_code),
            _ => None,
        })
        .collect();
    let waiting = container_statuses.iter().any(|s| matches!(s.state, ContainerState::Waiting(_)));
    let phase = match codes.iter().all(Option::is_some) {
        _ if waiting => Phase::Pending,
        false => Phase::Running,
        true if codes.iter().all(|code| *code == Some(0)) => Phase::Succeeded,
        true => Phase::Failed,
    };
    PodStatus { phase, container_statuses, ..PodStatus::default() }
}

fn container_status(container: &crate::pod::Container, seen: &Observed) -> ContainerStatus {
    let state = match seen.current(&container.name) {
        None => ContainerState::Waiting(Waiting { reason: "ContainerCreating".into(), message: None }),
        Some(instance) => match &instance.ended {
            None => ContainerState::Running(Running { started_at: instance.started_at.rfc3339() }),
            Some(ended) => ContainerState::Terminated(Terminated {
                exit_code: ended.exit.code(),
                signal: None,
                reason: if ended.exit.code() == 0 { "Completed".into() } else { "Error".into() },
                message: None,
                started_at: instance.started_at.rfc3339(),
                finished_at: ended.at.rfc3339(),
            }),
        },
    };
    let running = matches!(state, ContainerState::Running(_));
    ContainerStatus {
        name: container.name.clone(),
        state,
        ready: running,
        started: Some(running),
        image: container.image.clone().unwrap_or_default(),
        ..ContainerStatus::default()
    }
}
