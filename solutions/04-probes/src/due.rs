//! When a container is looked at.

use std::time::Duration;

use podkit::engine::{Instance, Observed, ProbeKind};
use podkit::pod::{Container, Probe};
use podkit::time::Time;

use crate::gate::started_since;
use crate::settings::{initial_delay, period};

/// When this probe of a container is due; `None`: not until something else happens.
///
/// Never while the container does not run, while an answer is still out (`is_asking`), while the
/// probe is on hold, or while it is shut ([`is_open`]). Else at the next tick ([`next_tick`]);
/// a readiness probe also in the moment in which the container has started ([`at_once`]).
pub fn due(container: &Container, kind: ProbeKind, seen: &Observed) -> Option<Time> {
    // ANCHOR: task_4_3
    let probe = kind.of(container)?;
    let instance = seen.running(&container.name)?;
    let probing = seen.probing(&container.name, kind);
    if probing.is_asking || probing.on_hold || !is_open(container, kind, instance, seen) {
        return None;
    }
    let opened = started_since(container, seen).unwrap_or(instance.started_at);
    let at_once = at_once(kind, probe, instance, opened);
    match (at_once, probing.asked_at) {
        (Some(moment), None) => Some(moment),
        (begin, asked_at) => {
            let begin = begin.unwrap_or(seen.started_at);
            let earliest = instance.started_at + initial_delay(probe);
            Some(next_tick(begin, period(probe), asked_at.unwrap_or(opened), earliest))
        }
    }
    // ANCHOR_END: task_4_3
}

/// Startup probes look until the container has started, the others from then on. Once the pod
/// is to end, or the container is being stopped, only readiness is still asked.
pub fn is_open(container: &Container, kind: ProbeKind, instance: &Instance, seen: &Observed) -> bool {
    // ANCHOR: task_4_3_b
    let started = started_since(container, seen).is_some();
    let ends = lifecycle::restart::is_ending(seen) || instance.stopping.is_some();
    match kind {
        ProbeKind::Startup => !started && !ends,
        ProbeKind::Liveness => started && !ends,
        ProbeKind::Readiness => started,
    }
    // ANCHOR_END: task_4_3_b
}

/// The first tick later than `after` and not before `earliest`. Ticks lie at `begin` and every
/// `period` after it.
pub fn next_tick(begin: Time, period: Duration, after: Time, earliest: Time) -> Time {
    // ANCHOR: task_4_3_c
    let ticks = |until: Duration| u32::try_from(until.as_nanos() / period.as_nanos()).unwrap_or(u32::MAX);
    let next = begin + period * (ticks(after.since(begin)) + 1);
    if next >= earliest {
        return next;
    }
    let late = earliest.since(begin);
    let full = period * ticks(late);
    begin + if full == late { full } else { full + period }
    // ANCHOR_END: task_4_3_c
}

/// Readiness is asked at once when the container has started, unless its delay is still on. Its
/// ticks count from there. Given.
fn at_once(kind: ProbeKind, probe: &Probe, instance: &Instance, started: Time) -> Option<Time> {
    let delayed = started < instance.started_at + initial_delay(probe);
    (kind == ProbeKind::Readiness && !delayed).then_some(started)
}
