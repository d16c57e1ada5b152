//! Task 4.3: when a container is looked at.

use crate::sim::{Sim, scenario};
use podcheck::Result;

fn probe(kind: &str, settings: &str) -> String {
    format!("{kind}Probe: {{ tcpSocket: {{ port: 80 }}, failureThreshold: 30{settings} }}")
}

fn looks(kind: &str, settings: &str, script: &str, until: &str) -> Result<Sim> {
    scenario("Always").container_with("app", &probe(kind, settings), script).until(until).run()
}

const RESTARTS_AT_14: &str = "runs: [{ lasts: 14s, exits: 1 }, { lasts: forever }]";

/// The ticks are the pod's, whatever becomes of the container.
pub fn liveness_ticks_with_the_pod() -> Result {
    let sim = looks("liveness", "", RESTARTS_AT_14, "42s")?;
    let what = "times of the liveness probe, period 10, with a restart at 14 s";
    sim.expect(what, "10 20 30 40", sim.looks("app", "liveness"))?;
    let sim = looks("liveness", ", periodSeconds: 4", "runs: [{ lasts: 12s, exits: 1 }, { lasts: forever }]", "21s")?;
    let what = "times of the liveness probe, period 4, with a restart exactly at the tick of 12 s";
    sim.expect(what, "4 8 16 20", sim.looks("app", "liveness"))
}

/// Ticks of a readiness probe begin with the container.
pub fn readiness_is_asked_at_once() -> Result {
    let sim = looks("readiness", "", RESTARTS_AT_14, "42s")?;
    let what = "times of the readiness probe, period 10, with a restart at 14 s";
    sim.expect(what, "0 10 14 24 34", sim.looks("app", "readiness"))
}

/// A delay of 15 s does not mean 15 s.
pub fn the_first_tick_after_the_delay() -> Result {
    for (kind, delay, expected) in [
        ("liveness", 0, "10 20 30 40"),
        ("liveness", 10, "10 20 30 40"),
        ("liveness", 11, "20 30 40"),
        ("liveness", 15, "20 30 40"),
        ("liveness", 20, "20 30 40"),
        ("readiness", 0, "0 10 20 30 40"),
        ("readiness", 1, "10 20 30 40"),
        ("readiness", 10, "10 20 30 40"),
        ("readiness", 15, "20 30 40"),
    ] {
        let sim = looks(kind, &format!(", initialDelaySeconds: {delay}"), "", "41s")?;
        let what = format!("times of the {kind} probe, period 10, initialDelaySeconds {delay}");
        sim.expect(&what, expected, sim.looks("app", kind))?;
    }
    let sim = looks("startup", ", initialDelaySeconds: 25", "startup: [{ fails: no }]", "41s")?;
    sim.expect("times of the startup probe, initialDelaySeconds 25", "30 40", sim.looks("app", "startup"))
}

/// It begins anew with each run.
pub fn the_delay_is_for_every_run() -> Result {
    let runs = "runs: [{ lasts: 42s, exits: 1 }, { lasts: forever }]";
    for (kind, expected) in [("liveness", "20 30 40 60 70"), ("readiness", "20 30 40 62 72")] {
        let sim = looks(kind, ", initialDelaySeconds: 15", runs, "75s")?;
        let what = format!("times of the {kind} probe, delay 15, with a restart at 42 s");
        sim.expect(&what, expected, sim.looks("app", kind))?;
    }
    Ok(())
}

/// It is not kept waiting for a tick.
pub fn readiness_follows_startup_at_once() -> Result {
    let all = ["startup", "readiness", "liveness"]
        .map(|kind| probe(kind, if kind == "startup" { ", periodSeconds: 3" } else { "" }))
        .join(", ");
    let script = "startup: [{ fails: not yet }, { from: 25s }]";
    let sim = scenario("Always").container_with("app", &all, script).until("52s").run()?;
    sim.expect("times of readiness, with startup over at 27 s", "27 37 47", sim.looks("app", "readiness"))?;
    sim.expect("times of liveness", "30 40 50", sim.looks("app", "liveness"))?;
    sim.expect("ready", "0 false, 27 true", sim.ready("app"))?;
    let all = all.replace("periodSeconds: 3", "periodSeconds: 10");
    let sim = scenario("Always").container_with("app", &all, script).until("52s").run()?;
    let what = "times of liveness, with startup over at 30 s, which is a tick";
    sim.expect(what, "40 50", sim.looks("app", "liveness"))
}

/// One question at a time; a tick that was missed is made up for at once.
pub fn a_slow_answer_delays_the_next_question() -> Result {
    let settings = ", periodSeconds: 2, timeoutSeconds: 5";
    let sim = looks("readiness", settings, "readiness: [{ takes: 3s }]", "10s")?;
    let expected = "3 succeeded, 6 succeeded, 9 succeeded";
    sim.expect("answers that take 3 s, period 2", expected, sim.answers("app", "readiness"))?;
    let sim = looks("readiness", settings, "readiness: [{ takes: 5s }]", "11s")?;
    sim.expect("answers that take 5 s, timeout 5", "5 failed, 10 failed", sim.answers("app", "readiness"))
}
