//! When a container is looked at.

use std::time::Duration;

use podkit::engine::{Instance, Observed, ProbeKind};
use podkit::pod::{Container, Probe};
use podkit::time::Time;

use crate::gate::{is_open, started_since};
use crate::settings::{initial_delay, period};

/// When this probe of a container is due; `None`: not until something else happens. Given.
///
/// Not while the container does not run, while an answer is still out, while the probe is on hold, or
/// while it may not be asked ([`is_open`]). Else [`next`] says when.
pub fn due(container: &Container, kind: ProbeKind, seen: &Observed) -> Option<Time> {
    let probe = kind.of(container)?;
    let instance = seen.running(&container.name)?;
    let probing = seen.probing(&container.name, kind);
    if probing.is_asking || probing.on_hold || !is_open(container, kind, seen) {
        return None;
    }
    let opened = started_since(container, seen).unwrap_or(instance.started_at);
    Some(next(kind, probe, instance, seen.started_at, opened, probing.asked_at))
}

/// The next tick of a probe.
///
/// Ticks are a period apart. Those of a startup or liveness probe are counted from the pod's
/// start (`pod_started`), and the first that counts lies after `opened`. Those of a readiness probe are
/// counted from `opened`, and that moment itself is the first: so a container is looked at as soon
/// as it has started.
///
/// The next tick lies after the newest question (`asked_at`), if there was one, and not before the
/// end of the initial delay, which counts from the start of this run (`instance.started_at`).
pub fn next(
    kind: ProbeKind,
    probe: &Probe,
    instance: &Instance,
    pod_started: Time,
    opened: Time,
    asked_at: Option<Time>,
) -> Time {
    // ANCHOR: task_4_3
    // A period after it may be asked, or after the newest question, until you have written it.
    asked_at.unwrap_or(opened) + period(probe)
    // ANCHOR_END: task_4_3
}

/// The first tick later than `after`. Ticks lie at `begin` and every `period` after it.
pub fn tick_after(begin: Time, period: Duration, after: Time) -> Time {
    // ANCHOR: task_4_3_b
    todo!("task 4.3: When to look")
    // ANCHOR_END: task_4_3_b
}

/// The first tick not before `earliest`: at it, or later.
pub fn tick_from(begin: Time, period: Duration, earliest: Time) -> Time {
    // ANCHOR: task_4_3_c
    todo!("task 4.3: When to look")
    // ANCHOR_END: task_4_3_c
}

/// So many periods; as long as can be said, if there are more. Given.
fn times(period: Duration, ticks: u128) -> Duration {
    period.saturating_mul(u32::try_from(ticks).unwrap_or(u32::MAX))
}
