//! Started and ready: what the results mean for a container, and which probe may be asked when.

use lifecycle::restart::is_ending;
use podkit::engine::{Instance, Observed, ProbeKind};
use podkit::pod::Container;
use podkit::time::Time;

/// Since when the running container counts as started: from the start of its program, or with a
/// startup probe, from that probe's success on. `None`: it does not run, or has not started yet.
pub fn started_since(container: &Container, seen: &Observed) -> Option<Time> {
    // ANCHOR: task_4_2
    // Without a look at the startup probe, until you have written it.
    Some(seen.running(&container.name)?.started_at)
    // ANCHOR_END: task_4_2
}

/// May a probe of this kind be asked now?
///
/// A startup probe until the container has started, the others from then on. Once the pod is to
/// end ([`is_ending`]), only readiness may still be asked.
pub fn is_open(container: &Container, kind: ProbeKind, seen: &Observed) -> bool {
    // ANCHOR: task_4_2_b
    // Always, until you have written it.
    true
    // ANCHOR_END: task_4_2_b
}

/// Is it ready? Once it has started; with a readiness probe, while that probe's result is a success. Given.
pub fn is_ready(container: &Container, seen: &Observed) -> bool {
    let started = started_since(container, seen).is_some();
    let asked = || matches!(seen.probing(&container.name, ProbeKind::Readiness).result, Some((true, _)));
    started && (container.readiness_probe.is_none() || asked())
}

/// Which probe says that this running container is to be killed, if any; none for one that is
/// being stopped already. Given.
pub fn failed(container: &Container, seen: &Observed, instance: &Instance) -> Option<ProbeKind> {
    let kinds = [ProbeKind::Startup, ProbeKind::Liveness].into_iter();
    let is_failed = |kind: &ProbeKind| {
        let probing = seen.probing(&container.name, *kind);
        kind.of(container).is_some() && matches!(probing.result, Some((false, _)))
    };
    kinds.filter(|_| instance.stopping.is_none()).find(is_failed)
}
