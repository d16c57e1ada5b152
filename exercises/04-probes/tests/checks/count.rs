//! Task 4.1: what an answer counts for. Readiness shows it: it is the result, and nothing else.

use crate::sim::{Sim, scenario};
use podcheck::Result;

/// A container that is asked every 5 s; thresholds as the inside of a mapping, and what the probe finds.
fn asked(thresholds: &str, finds: &str) -> Result<Sim> {
    let probe = format!("readinessProbe: {{ tcpSocket: {{ port: 80 }}, periodSeconds: 5{thresholds} }}");
    let sim = scenario("Always").container_with("app", &probe, &format!("readiness: [{finds}]")).until("62s").run()?;
    let at = sim.answers("app", "readiness");
    sim.expect_that("answers of the readiness probe", "one each 5 s, until 60 s", at.contains("60 "), at.clone())?;
    Ok(sim)
}

/// The default: one success is enough, in status, condition and from then on.
pub fn one_success_makes_it_ready() -> Result {
    let sim = asked("", "{ fails: no }, { from: 8s }")?;
    sim.expect("ready, with the first success at 10 s", "0 false, 10 true", sim.ready("app"))?;
    sim.expect("Ready", "0 False ContainersNotReady, 10 True", sim.condition("Ready"))?;
    let sim = asked(", successThreshold: 3", "{ fails: no }, { from: 8s }")?;
    let what = "ready, with successThreshold 3 and successes at 10, 15 and 20 s";
    sim.expect(what, "0 false, 20 true", sim.ready("app"))
}

/// The default: three failures in a row. Fewer change nothing.
pub fn a_row_of_failures_makes_it_unready() -> Result {
    for (threshold, at) in [("", 35), (", failureThreshold: 1", 25), (", failureThreshold: 2", 30)] {
        let sim = asked(threshold, "{ fails: no }, { from: 8s }, { from: 22s, fails: no }")?;
        let what = format!("ready, with failures from 25 s on{threshold}");
        sim.expect(&what, &format!("0 false, 10 true, {at} false"), sim.ready("app"))?;
    }
    let sim = asked("", "{ fails: no }, { from: 8s }, { from: 22s, fails: no }, { from: 32s }")?;
    sim.expect("ready, with failures at 25 and 30 s only", "0 false, 10 true", sim.ready("app"))
}

/// Consecutive means in a row.
pub fn any_other_answer_begins_a_new_row() -> Result {
    let finds = "{ fails: no }, { from: 8s }, { from: 22s, fails: no }, { from: 32s }, { from: 38s, fails: no }";
    let sim = asked("", finds)?;
    let what = "ready, with failures at 25, 30, 40, 45, 50 s and a success at 35 s";
    sim.expect(what, "0 false, 10 true, 50 false", sim.ready("app"))?;
    let sim = asked(", successThreshold: 2", "{ fails: no }, { from: 8s }, { from: 12s, fails: no }, { from: 18s }")?;
    let what = "ready, with successThreshold 2, successes at 10, 20, 25 s and a failure at 15 s";
    sim.expect(what, "0 false, 25 true", sim.ready("app"))
}

/// A question that could not be put is told, and neither counted nor a break in the row.
pub fn an_error_counts_as_nothing() -> Result {
    let finds =
        "{ fails: no }, { from: 8s }, { from: 22s, fails: no }, { from: 32s, errs: odd }, { from: 37s, fails: no }";
    let sim = asked("", finds)?;
    let what = "ready, with failures at 25, 30 and 40 s, and an error at 35 s";
    sim.expect(what, "0 false, 10 true, 40 false", sim.ready("app"))?;
    let told = sim.told("Unhealthy");
    let ok = told.contains("Readiness probe errored: odd") && told.contains("Readiness probe failed: no");
    sim.expect_that("events Unhealthy", "Readiness probe failed: no, and Readiness probe errored: odd", ok, told)?;
    let sim = asked(", successThreshold: 2", "{ fails: no }, { from: 8s }, { from: 12s, errs: odd }, { from: 17s }")?;
    let what = "ready, with successThreshold 2, successes at 10 and 20 s, and an error at 15 s";
    sim.expect(what, "0 false, 20 true", sim.ready("app"))
}

/// It is told, too.
pub fn a_warning_is_a_success() -> Result {
    let sim = asked(", successThreshold: 2", "{ fails: no }, { from: 8s, warns: moved }, { from: 12s }")?;
    let what = "ready, with successThreshold 2, a warning at 10 s and a success at 15 s";
    sim.expect(what, "0 false, 15 true", sim.ready("app"))?;
    sim.expect("events ProbeWarning", "Readiness probe warning: moved", sim.told("ProbeWarning"))
}

/// A new run is not ready; but the row of answers goes on.
pub fn a_row_goes_on_in_the_next_run() -> Result {
    let probe = "readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 5, successThreshold: 3 }";
    let script = "readiness: [{}], runs: [{ lasts: 32s, exits: 1 }, { lasts: forever }]";
    let sim = scenario("Always").container_with("app", probe, script).until("42s").run()?;
    let first = sim.answers("app", "readiness");
    let first = first.split(", ").find(|it| it.split(' ').next().and_then(|it| it.parse().ok()) >= Some(32.0));
    let first = first.unwrap_or("none").split(' ').next().unwrap_or("none").to_owned();
    let ready = sim.ready("app");
    let end: Vec<&str> = ready.split(", ").skip(2).collect();
    let what = "ready after a restart at 32 s, with successThreshold 3 and more than that before it";
    sim.expect(what, &format!("32 false, {first} true"), end.join(", "))
}
