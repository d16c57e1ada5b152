//! Task 5.7: Ready and Initialized.

use crate::sim::{of, scenario, word};
use podcheck::Result;

const STARTUP: &str = "startupProbe: { exec: { command: [probe] }, periodSeconds: 1 }";
const READINESS: &str = "readinessProbe: { exec: { command: [probe] }, periodSeconds: 1, failureThreshold: 1 }";

/// An init container is ready once it has ended well, a sidecar while it works.
pub fn ready_means_ended_well() -> Result {
    let sim = scenario("OnFailure")
        .init("setup", "runs: [{ lasts: 2s, exits: 1 }, { lasts: 2s, exits: 0 }]")
        .sidecar("proxy", "")
        .container("app", "")
        .until("9s")
        .run()?;
    sim.expect("setup's ready, ending with 1 at 2 s and with 0 at 4 s", "0 false, 4 true", sim.ready("setup"))?;
    sim.expect("the sidecar's ready", "0 false, 4 true", sim.ready("proxy"))?;
    let started = [3.0, 9.0].map(|at| of(sim.status_at(at), "setup")["started"].to_string());
    sim.expect("setup's started at 3 s and at 9 s", "true, false", started.join(", "))?;
    sim.expect("the pod's Ready", "0 False ContainersNotReady, 4 True", sim.condition("Ready"))
}

/// The pod is ready if every regular container and every sidecar is.
pub fn a_sidecars_readiness_counts() -> Result {
    let sim = scenario("Always")
        .init("setup", "runs: [{ lasts: 1s, exits: 0 }]")
        .sidecar_with("proxy", READINESS, "readiness: [{ fails: no }, { from: 3s }, { from: 6s, fails: no }]")
        .container("app", "")
        .until("20s")
        .run()?;
    let expected = "0 False ContainersNotReady, 4 True, 7 False ContainersNotReady";
    sim.expect("ContainersReady, with the sidecar ready from 4 s to 7 s", expected, sim.condition("ContainersReady"))?;
    sim.expect("Ready", expected, sim.condition("Ready"))?;
    let conditions = sim.last()["conditions"].as_array();
    let ready = conditions.into_iter().flatten().find(|it| it["type"] == "Ready");
    let message = ready.map_or("", |it| word(&it["message"]));
    sim.expect("its message at the end", "containers with unready status: [proxy]", message)?;
    // It is asked as long as it runs, also in a pod that is to end.
    let sim = scenario("Always")
        .sidecar_with("proxy", READINESS, "readiness: [{}, { from: 7s, fails: no }]")
        .container("app", "onTerm: { takes: 9s, exits: 0 }")
        .event("at: 5s, delete: {}")
        .run()?;
    sim.expect(
        "the sidecar's ready, from the deletion at 5 s to its end",
        "0 false, 0 true, 7 false",
        sim.ready("proxy"),
    )
}

/// Initialized: when the last init container has ended well, and every sidecar has started.
pub fn initialized_when_all_are_over() -> Result {
    let sim = scenario("Never")
        .init("one", "runs: [{ lasts: 2s, exits: 0 }]")
        .sidecar_with("proxy", STARTUP, "startup: [{ fails: no }, { from: 3s }]")
        .init("two", "runs: [{ lasts: 1s, exits: 0 }]")
        .container("app", "runs: [{ lasts: 2s, exits: 0 }]")
        .run()?;
    let expected = "0 False ContainersNotInitialized, 6 True, 8 True PodCompleted";
    sim.expect("Initialized", expected, sim.condition("Initialized"))?;
    let names = [1.0, 3.0, 5.5].map(|at| {
        let conditions = sim.status_at(at)["conditions"].as_array();
        let found = conditions.into_iter().flatten().find(|it| it["type"] == "Initialized");
        found.map_or("", |it| word(&it["message"])).to_owned()
    });
    let expected = "containers with incomplete status: [one proxy two] / containers with incomplete status: [proxy two] / \
                    containers with incomplete status: [two]";
    sim.expect("its message at 1 s, at 3 s and at 5.5 s", expected, names.join(" / "))
}

/// Once a regular container was started, the pod stays initialized: a crash of a sidecar, or a new sandbox,
/// does not take it back.
pub fn it_stays_initialized() -> Result {
    let sim = scenario("Always")
        .init("setup", "runs: [{ lasts: 2s, exits: 0 }]")
        .sidecar_with(
            "proxy",
            STARTUP,
            "startup: [{ fails: no }, { from: 1s }], runs: [{ lasts: 4s, exits: 1 }, { lasts: forever }]",
        )
        .container("app", "")
        .event("at: 20s, sandboxDies: true")
        .until("40s")
        .run()?;
    sim.expect("starts of the sidecar", "2, 6, 22", sim.starts("proxy"))?;
    sim.expect("Initialized", "0 False ContainersNotInitialized, 3 True", sim.condition("Initialized"))
}

/// A pod that has failed before is not initialized.
pub fn a_failed_pod_was_not_initialized() -> Result {
    let sim = scenario("Never").init("setup", "runs: [{ lasts: 2s, exits: 1 }]").container("app", "").run()?;
    sim.expect("Initialized", "0 False ContainersNotInitialized", sim.condition("Initialized"))?;
    sim.expect("Ready", "0 False ContainersNotReady, 2 False PodFailed", sim.condition("Ready"))
}
