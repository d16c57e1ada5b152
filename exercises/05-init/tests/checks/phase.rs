//! Task 5.6: the phase.

use crate::sim::scenario;
use podcheck::Result;

const PROBE: &str = "startupProbe: { exec: { command: [probe] }, periodSeconds: 1 }";

/// Pending until the app runs, however long that takes; also while an init container is in its back-off.
pub fn pending_until_the_app_runs() -> Result {
    for policy in ["Always", "OnFailure"] {
        let fails = "{ lasts: 1s, exits: 1 }";
        let sim = scenario(policy)
            .sidecar("proxy", "")
            .init("setup", &format!("runs: [{fails}, {fails}, {{ lasts: 1s, exits: 0 }}]"))
            .container("app", "")
            .until("20s")
            .run()?;
        sim.expect(&format!("the phases (policy {policy})"), "0 Pending, 13 Running", sim.phases())?;
        sim.expect("setup's states", SETUP, sim.states("setup"))?;
    }
    let sim = scenario("Always").container("app", "").until("5s").run()?;
    sim.expect("app's states, without init containers", "0 Waiting ContainerCreating, 0 Running", sim.states("app"))
}

const SETUP: &str = "0 Waiting PodInitializing, 0 Running, 1 Terminated Error 1, 1 Running, 2 Terminated Error 1, \
                     2 Waiting CrashLoopBackOff, 12 Running, 13 Terminated Completed 0";

/// Never: the failed init container makes the pod Failed at once, not only when its sidecars have ended.
pub fn a_failed_init_fails_the_pod() -> Result {
    let sim = scenario("Never")
        .sidecar("proxy", "onTerm: { takes: 5s, exits: 0 }")
        .init("setup", "runs: [{ lasts: 2s, exits: 1 }]")
        .container("app", "")
        .run()?;
    sim.expect("the phases, with a sidecar that takes 5 s to end", "0 Pending, 2 Failed", sim.phases())?;
    sim.expect("app's states", "0 Waiting PodInitializing", sim.states("app"))?;
    let sim =
        scenario("Never").init("setup", "runs: [{ startFails: RunContainerError }]").container("app", "").run()?;
    sim.expect("the phases, with an init container that cannot be started", "0 Pending, 0 Failed", sim.phases())
}

/// How a sidecar ends, and how often it crashes, is none of the phase's business.
pub fn a_sidecars_exit_code_counts_for_nothing() -> Result {
    for (app, phase) in [(0, "Succeeded"), (1, "Failed")] {
        let sim = scenario("Never")
            .sidecar("crashes", "runs: [{ lasts: 1s, exits: 1 }]")
            .sidecar("proxy", "onTerm: { takes: 2s, exits: 7 }")
            .container("app", &format!("runs: [{{ lasts: 5s, exits: {app} }}]"))
            .run()?;
        let what = format!("the phases, with app ending with {app} at 5 s and a sidecar with 7 at 7 s");
        sim.expect(&what, &format!("0 Pending, 0 Running, 7 {phase}"), sim.phases())?;
    }
    Ok(())
}

/// Running while a sidecar runs, although every regular container has ended.
pub fn running_while_a_sidecar_runs() -> Result {
    let sim = scenario("OnFailure")
        .sidecar_with(
            "proxy",
            PROBE,
            "onTerm: { takes: 4s, exits: 0 }, runs: [{ lasts: 6s, exits: 1 }, { startup: [{ fails: no }] }]",
        )
        .container("app", "runs: [{ lasts: 7s, exits: 0 }]")
        .run()?;
    // The probe finds the first run started at 1 s; the second one never starts.
    sim.expect("the phases, with app from 1 s to 8 s", "0 Pending, 1 Running, 12 Succeeded", sim.phases())?;
    sim.expect("the sidecar", "0 start, 6 exit 1, 6 start, 8 SIGTERM, 12 exit 0", sim.story("proxy"))
}

/// A pod that is deleted before its app ran has failed; but not before everything has ended.
pub fn deleted_before_the_app_ran() -> Result {
    for (script, phases) in [
        ("runs: [{ lasts: 60s, exits: 0 }], onTerm: { takes: 3s, exits: 0 }", "0 Pending, 8 Failed"),
        ("runs: [{ startFails: ErrImagePull }]", "0 Pending, 5 Failed"),
    ] {
        let sim = scenario("Always").init("setup", script).container("app", "").event("at: 5s, delete: {}").run()?;
        sim.expect(&format!("the phases, deleted at 5 s, setup: {script}"), phases, sim.phases())?;
    }
    Ok(())
}

/// Deleted later on: the regular containers decide, when the last sidecar is gone.
pub fn a_deleted_pod() -> Result {
    for (code, phase) in [(0, "Succeeded"), (1, "Failed")] {
        let sim = scenario("Always")
            .sidecar("proxy", "onTerm: { takes: 2s, exits: 1 }")
            .container("app", &format!("onTerm: {{ takes: 1s, exits: {code} }}"))
            .event("at: 5s, delete: {}")
            .run()?;
        let what = format!("the phases, deleted at 5 s, with app ending with {code}");
        sim.expect(&what, &format!("0 Pending, 0 Running, 8 {phase}"), sim.phases())?;
    }
    let sim = scenario("Always")
        .spec("activeDeadlineSeconds: 3")
        .sidecar("proxy", "onTerm: { takes: 2s, exits: 0 }")
        .init("setup", "runs: [{ lasts: 60s, exits: 0 }]")
        .container("app", "")
        .run()?;
    sim.expect("the phases, with a deadline of 3 s", "0 Pending, 3 Failed", sim.phases())
}

/// In a new sandbox it is Pending again, until all has been started once more.
pub fn pending_again_in_a_new_sandbox() -> Result {
    let sim = scenario("Always")
        .init("setup", "runs: [{ lasts: 2s, exits: 0 }]")
        .sidecar_with("proxy", PROBE, "startup: [{ fails: no }, { from: 3s }]")
        .container("app", "onTerm: { takes: 1s, exits: 0 }")
        .event("at: 10s, sandboxDies: true")
        .until("30s")
        .run()?;
    sim.expect("starts of app", "5, 16", sim.starts("app"))?;
    sim.expect("the phases", "0 Pending, 5 Running, 11 Pending, 16 Running", sim.phases())
}
