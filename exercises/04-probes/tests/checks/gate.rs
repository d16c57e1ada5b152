//! Task 4.2: when a container has started, and who is asked until then.

use crate::sim::{Sim, scenario};
use podcheck::Result;

const PROBES: &str = "startupProbe: { tcpSocket: { port: 80 }, failureThreshold: 30 }, \
                      readinessProbe: { tcpSocket: { port: 80 } }, livenessProbe: { tcpSocket: { port: 80 } }";

/// The times of the answers of a probe, as numbers.
fn times(sim: &Sim, probe: &str) -> Vec<f64> {
    sim.looks("app", probe).split(' ').filter_map(|it| it.parse().ok()).collect()
}

/// Nobody else is asked until the startup probe has succeeded, and it is never asked again.
pub fn startup_comes_first() -> Result {
    let script = "startup: [{ fails: not yet }, { from: 25s }]";
    let sim = scenario("Always").container_with("app", PROBES, script).until("65s").run()?;
    let expected = "10 failed, 20 failed, 30 succeeded";
    sim.expect("answers of the startup probe, which succeeds from 25 s on", expected, sim.answers("app", "startup"))?;
    for probe in ["readiness", "liveness"] {
        let times = times(&sim, probe);
        let ok = times.first().is_some_and(|first| *first >= 30.0) && times.len() > 1;
        let what = format!("times of the {probe} probe, with startup over at 30 s");
        sim.expect_that(&what, "30 or later", ok, sim.looks("app", probe))?;
    }
    sim.expect("started", "0 false, 30 true", sim.started("app"))
}

/// Since when it has started is the time of the startup probe's success, not that of the program's start: else liveness
/// would have been due long ago.
pub fn it_starts_with_the_probes_success() -> Result {
    let probes = PROBES.replacen("failureThreshold: 30", "failureThreshold: 30, periodSeconds: 3", 1);
    let script = "startup: [{ fails: not yet }, { from: 25s }]";
    let sim = scenario("Always").container_with("app", &probes, script).until("65s").run()?;
    sim.expect("started, with a startup probe each 3 s", "0 false, 27 true", sim.started("app"))?;
    let ok = times(&sim, "liveness").first().is_some_and(|first| *first > 27.0);
    let what = "times of the liveness probe, period 10; the program runs since 0 s and has started since 27 s";
    sim.expect_that(what, "later than 27: not due yet when startup is over", ok, sim.looks("app", "liveness"))
}

/// Without a readiness probe a container is ready when it has started.
pub fn nothing_is_ready_before_it_has_started() -> Result {
    let probe = "startupProbe: { tcpSocket: { port: 80 }, failureThreshold: 30 }";
    let script = "startup: [{ fails: not yet }, { from: 25s }]";
    let sim = scenario("Always").container_with("app", probe, script).until("65s").run()?;
    sim.expect("ready, without a readiness probe", "0 false, 30 true", sim.ready("app"))?;
    sim.expect("Ready", "0 False ContainersNotReady, 30 True", sim.condition("Ready"))?;
    sim.expect("the phase, which has nothing to do with it", "0 Pending, 0 Running", sim.phases())
}

/// What one run has shown says nothing about the next.
pub fn each_run_starts_anew() -> Result {
    let script = "startup: [{ fails: not yet }, { from: 15s }], runs: [{ lasts: 42s, exits: 1 }, { lasts: forever }]";
    let sim = scenario("Always").container_with("app", PROBES, script).until("90s").run()?;
    let changes = sim.started("app");
    let words: Vec<&str> = changes.split(", ").filter_map(|it| it.split(' ').nth(1)).collect();
    let what = format!("started, with a restart at 42 s ({changes})");
    sim.expect(&what, "false, true, false, true", words.join(", "))?;
    let between = |from: f64, to: f64| times(&sim, "liveness").iter().any(|at| *at >= from && *at < to);
    let ok = between(30.0, 42.0) && !between(42.0, 57.0) && between(57.0, 90.0);
    let what = "times of the liveness probe: run 0 starts up until 20 s, run 1 from 42 s to 57 s or later";
    sim.expect_that(what, "some before 42, none from 42 to 57, some after", ok, sim.looks("app", "liveness"))
}

/// A pod that is to end is not killed for being slow; but it must not get work.
pub fn only_readiness_is_asked_to_the_end() -> Result {
    let probes = PROBES.split_once("30 }, ").map_or("", |(_, rest)| rest);
    let sim = scenario("Always")
        .spec("terminationGracePeriodSeconds: 60")
        .container_with("app", probes, "onTerm: ignores, readiness: [{}, { from: 55s, fails: no }]")
        .event("at: 42s, delete: {}")
        .run()?;
    let late = |probe: &str| times(&sim, probe).iter().filter(|at| **at > 42.0).count();
    let shown = format!("liveness {}; readiness {}", sim.looks("app", "liveness"), sim.looks("app", "readiness"));
    let ok = late("liveness") == 0 && times(&sim, "liveness").len() == 4 && late("readiness") >= 5;
    let what = "times of both probes, period 10, with the pod deleted at 42 s (grace 60 s)";
    sim.expect_that(what, "liveness 10 20 30 40; readiness goes on, 50 60 70 80 90 100", ok, &shown)?;
    let ready = sim.ready("app");
    sim.expect_that("ready", "false from 80 s on", ready.ends_with("80 false"), &ready)
}

/// Startup, too, is no longer asked then.
pub fn a_startup_probe_stops_with_the_pod() -> Result {
    let sim = scenario("Always")
        .container_with("app", PROBES, "onTerm: ignores, startup: [{ fails: not yet }]")
        .event("at: 25s, delete: {}")
        .run()?;
    sim.expect("times of the startup probe, with the pod deleted at 25 s", "10 20", sim.looks("app", "startup"))
}
