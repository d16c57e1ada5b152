//! Tasks 3.3 and 3.4: the pod in one word, and in five conditions.

use crate::sim::{condition, scenario, word};
use podcheck::Result;

/// Pending until every container has been started, then Running.
pub fn pending_then_running() -> Result {
    let sim = scenario("Never").container("app", "").container("two", "").until("5s").run()?;
    sim.expect("the phases", "0 Pending, 0 Running", sim.phases())
}

/// One container that has never been started makes the pod Pending, even beside one that runs.
pub fn one_that_waits_makes_it_pending() -> Result {
    for (first, second) in [("waits", "runs"), ("runs", "waits")] {
        let script = |name| if name == "waits" { "runs: [{ startFails: ErrImagePull }]" } else { "" };
        let pod = scenario("Never").container(first, script(first)).container(second, script(second));
        let sim = pod.until("5s").run()?;
        sim.expect("the container that has an image", "0 start", sim.story("runs"))?;
        let what = "the phases of a pod with one container Waiting for its image and one Running";
        sim.expect(what, "0 Pending", sim.phases())?;
    }
    Ok(())
}

/// The table of `may_restart`, as the phase shows it.
pub fn the_phase_by_policy_and_exit_code() -> Result {
    for (policy, exit, expected) in [
        ("Always", "exits: 0", ""),
        ("Always", "exits: 1", ""),
        ("OnFailure", "exits: 0", ", 2 Succeeded"),
        ("OnFailure", "exits: 1", ""),
        ("OnFailure", "signal: 15", ""),
        ("Never", "exits: 0", ", 2 Succeeded"),
        ("Never", "exits: 1", ", 2 Failed"),
    ] {
        let script = format!("runs: [{{ lasts: 2s, {exit} }}, {{ lasts: forever }}]");
        let sim = scenario(policy).container("app", &script).until("5s").run()?;
        let again = if expected.is_empty() { "it is to be started again" } else { "it is not started again" };
        let what =
            format!("the phases with policy {policy} and {exit} at 2 s ({again}; task 3.2's may_restart says so)");
        sim.expect(&what, &format!("0 Pending, 0 Running{expected}"), sim.phases())?;
    }
    Ok(())
}

/// A pod that never restarts runs until its last container has ended.
pub fn never_waits_for_the_last() -> Result {
    let sim = scenario("Never")
        .container("early", "runs: [{ lasts: 1s, exits: 1 }]")
        .container("late", "runs: [{ lasts: 5s, exits: 0 }]")
        .run()?;
    sim.expect(
        "phases with early failing at 1 s and late ending at 5 s",
        "0 Pending, 0 Running, 5 Failed",
        sim.phases(),
    )
}

/// Succeeded only if every container ended with 0.
pub fn succeeded_means_all_of_them() -> Result {
    let sim = scenario("Never")
        .container("one", "runs: [{ lasts: 1s, exits: 0 }]")
        .container("two", "runs: [{ lasts: 2s, exits: 0 }]")
        .run()?;
    sim.expect("both end with 0", "0 Pending, 0 Running, 2 Succeeded", sim.phases())?;
    let sim = scenario("Never")
        .container("one", "runs: [{ lasts: 1s, exits: 0 }]")
        .container("two", "runs: [{ lasts: 2s, signal: 9 }]")
        .run()?;
    sim.expect("one ends with 0, one with 137", "0 Pending, 0 Running, 2 Failed", sim.phases())
}

/// OnFailure: done when all have ended with 0, and not before.
pub fn on_failure_goes_on_until_all_is_well() -> Result {
    let sim = scenario("OnFailure").container("app", "runs: [{ lasts: 1s, exits: 0 }]").run()?;
    sim.expect("it ends with 0", "0 Pending, 0 Running, 1 Succeeded", sim.phases())?;
    let sim = scenario("OnFailure")
        .container("app", "runs: [{ lasts: 1s, exits: 1 }, { lasts: forever }]")
        .container("fine", "runs: [{ lasts: 2s, exits: 0 }]")
        .until("5s")
        .run()?;
    sim.expect("one fails and is to be restarted", "0 Pending, 0 Running", sim.phases())
}

/// A pod with policy Always never ends by itself, whatever the exit codes.
pub fn always_never_ends() -> Result {
    for code in [0, 1] {
        let script = format!("runs: [{{ lasts: 1s, exits: {code} }}]");
        let sim = scenario("Always").container("app", &script).until("8s").run()?;
        sim.expect(&format!("Always, exit code {code}"), "0 Pending, 0 Running", sim.phases())?;
    }
    Ok(())
}

/// A container that can never be started again makes its pod Failed.
pub fn a_failed_start_can_end_a_pod() -> Result {
    let sim = scenario("Never").container("app", "runs: [{ startFails: RunContainerError }]").run()?;
    sim.expect("the last phase", "Failed", word(&sim.last()["phase"]))
}

/// All five, in the kubelet's order.
pub fn five_conditions() -> Result {
    let sim = scenario("Never").container("app", "").until("5s").run()?;
    let all = sim.last()["conditions"].as_array().cloned().unwrap_or_default();
    let kinds: Vec<_> = all.iter().map(|it| word(&it["type"])).collect();
    let expected = "PodReadyToStartContainers Initialized Ready ContainersReady PodScheduled";
    sim.expect("the types of the conditions", expected, kinds.join(" "))?;
    for kind in expected.split(' ') {
        sim.expect(&format!("{kind} of a running pod"), "True", condition(sim.last(), kind))?;
    }
    Ok(())
}

/// PodReadyToStartContainers follows the sandbox.
pub fn ready_to_start_is_the_sandbox() -> Result {
    let sim = scenario("Never").container("app", "runs: [{ lasts: 3s, exits: 0 }]").run()?;
    sim.expect("PodReadyToStartContainers", "0 False, 0 True, 3 False", sim.condition("PodReadyToStartContainers"))?;
    sim.expect("PodScheduled", "0 True", sim.condition("PodScheduled"))
}

/// Ready is about every container, and is no matter of the phase.
pub fn ready_means_every_container() -> Result {
    let sim =
        scenario("Never").container("a", "").container("b", "runs: [{ lasts: 2s, exits: 1 }]").until("5s").run()?;
    let expected = "0 False ContainersNotReady, 0 True, 2 False ContainersNotReady";
    sim.expect("ContainersReady, with b ending at 2 s", expected, sim.condition("ContainersReady"))?;
    sim.expect("Ready, with b ending at 2 s", expected, sim.condition("Ready"))?;
    sim.expect("the phase all the while", "Running", word(&sim.last()["phase"]))?;
    let message = |at: usize, kind: &str| {
        let status = sim.statuses().nth(at).map_or(sim.last(), |it| it.1);
        let all = status["conditions"].as_array().cloned().unwrap_or_default();
        all.iter().find(|it| it["type"] == kind).map_or("none".into(), |it| word(&it["message"]).to_owned())
    };
    for kind in ["Ready", "ContainersReady"] {
        sim.expect(
            &format!("{kind}'s message before the start"),
            "containers with unready status: [a b]",
            message(0, kind),
        )?;
        let last = sim.statuses().count() - 1;
        sim.expect(
            &format!("{kind}'s message once b has ended"),
            "containers with unready status: [b]",
            message(last, kind),
        )?;
    }
    Ok(())
}

/// A pod that is over is not ready, and says why.
pub fn a_pod_that_is_over_is_not_ready() -> Result {
    for (code, phase, reason) in [(0, "Succeeded", "PodCompleted"), (1, "Failed", "PodFailed")] {
        let sim = scenario("Never").container("app", &format!("runs: [{{ lasts: 1s, exits: {code} }}]")).run()?;
        let last = sim.last();
        for kind in ["Ready", "ContainersReady"] {
            sim.expect(&format!("{kind} of a {phase} pod"), &format!("False {reason}"), condition(last, kind))?;
        }
        let initialized = if code == 0 { "True PodCompleted" } else { "True" };
        sim.expect(&format!("Initialized of a {phase} pod"), initialized, condition(last, "Initialized"))?;
    }
    Ok(())
}
