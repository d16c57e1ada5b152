//! What the manifest says about restarts and times, as types. Given.

use std::time::Duration;

use podkit::pod::{Container, Pod};

/// When a container that has ended is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestartPolicy {
    Always,
    OnFailure,
    Never,
}

/// The container's own policy, else the pod's. Unset means Always.
pub fn restart_policy(pod: &Pod, container: &Container) -> RestartPolicy {
    let own = container.restart_policy.as_deref();
    match own.or(pod.spec.restart_policy.as_deref()) {
        Some("Never") => RestartPolicy::Never,
        Some("OnFailure") => RestartPolicy::OnFailure,
        _ => RestartPolicy::Always,
    }
}

/// `activeDeadlineSeconds`, counted from the pod's start.
pub fn active_deadline(pod: &Pod) -> Option<Duration> {
    pod.spec.active_deadline_seconds.map(seconds)
}

/// A time in the manifest. Less than nothing is nothing.
pub fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(seconds.max(0).unsigned_abs())
}

/// Has the container a postStart hook?
pub fn has_post_start(container: &Container) -> bool {
    container.lifecycle.as_ref().is_some_and(|hooks| hooks.post_start.is_some())
}

/// Has the container a preStop hook?
pub fn has_pre_stop(container: &Container) -> bool {
    container.lifecycle.as_ref().is_some_and(|hooks| hooks.pre_stop.is_some())
}
