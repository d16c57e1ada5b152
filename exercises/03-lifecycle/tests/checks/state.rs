//! Tasks 3.1 and 3.2: what a container is doing, and whether it comes back.

use crate::sim::{of, scenario, state, word};
use podcheck::Result;

/// Before its first start a container waits.
pub fn a_new_container_waits() -> Result {
    let sim = scenario("Never").container("app", "").until("5s").run()?;
    sim.expect("the states of app", "0 Waiting ContainerCreating, 0 Running", sim.states("app"))?;
    let first = of(sim.statuses().next().map_or(sim.last(), |it| it.1), "app");
    let shown =
        format!("{} {} {} {}", first["ready"], first["started"], first["restartCount"], state(&first["lastState"]));
    sim.expect("ready, started, restartCount and lastState before the start", "false false 0 none", shown)
}

/// A running container says since when; it is ready and started.
pub fn running_says_since_when() -> Result {
    let sim = scenario("Never").container("app", "").until("5s").run()?;
    let app = of(sim.last(), "app");
    let shown = format!("{}", app["state"]);
    sim.expect("the state of app", r#"{"running":{"startedAt":"2026-01-01T00:00:00Z"}}"#, shown)?;
    let shown = format!("{} {} {}", app["ready"], app["started"], app["image"]);
    sim.expect("ready, started and image", r#"true true "host""#, shown)
}

/// Terminated: exit code, reason, both times; 0 is Completed, anything else Error.
pub fn ended_says_how_and_when() -> Result {
    let sim = scenario("Never")
        .container("good", "runs: [{ lasts: 2s, exits: 0 }]")
        .container("bad", "runs: [{ lasts: 4s, exits: 3 }]")
        .run()?;
    sim.expect(
        "good's states",
        "0 Waiting ContainerCreating, 0 Running, 2 Terminated Completed 0",
        sim.states("good"),
    )?;
    sim.expect("bad's states", "0 Waiting ContainerCreating, 0 Running, 4 Terminated Error 3", sim.states("bad"))?;
    let end = &of(sim.last(), "bad")["state"]["terminated"];
    let times = format!("{} {}", end["startedAt"], end["finishedAt"]);
    sim.expect("bad's startedAt and finishedAt", r#""2026-01-01T00:00:00Z" "2026-01-01T00:00:04Z""#, times)?;
    let good = of(sim.last(), "good");
    let shown = format!("{} {} {}", good["ready"], good["started"], state(&good["lastState"]));
    sim.expect("ready, started and lastState of one that has ended", "false false none", shown)
}

/// A program that a signal ended has 128 + its number as exit code.
pub fn a_signal_is_128_plus_its_number() -> Result {
    let sim = scenario("Never")
        .container("killed", "runs: [{ lasts: 1s, signal: 9 }]")
        .container("asked", "runs: [{ lasts: 2s, signal: 15 }]")
        .run()?;
    sim.expect("killed", "Terminated Error 137", state(&of(sim.last(), "killed")["state"]))?;
    sim.expect("asked", "Terminated Error 143", state(&of(sim.last(), "asked")["state"]))
}

/// A program that could not be started has ended with 128, for a reason of its own.
pub fn a_failed_start_is_a_start_error() -> Result {
    let sim = scenario("Never").container("app", "runs: [{ startFails: RunContainerError }]").run()?;
    let app = of(sim.last(), "app");
    sim.expect("app, which is not tried again", "Terminated StartError 128", state(&app["state"]))?;
    sim.expect("its lastState", "none", state(&app["lastState"]))
}

/// A start that failed before there was an instance: Waiting, for the reason of that.
pub fn without_an_image_it_says_so() -> Result {
    let sim = scenario("Never").container("app", "runs: [{ startFails: ErrImagePull }]").until("5s").run()?;
    sim.expect("the states of app", "0 Waiting ContainerCreating, 0 Waiting ErrImagePull", sim.states("app"))?;
    sim.expect("its lastState", "none", state(&of(sim.last(), "app")["lastState"]))
}

/// The policy decides about a failed start, whose exit code is 128.
pub fn exit_code_128_is_a_failure() -> Result {
    for (policy, again) in [("Always", true), ("OnFailure", true), ("Never", false)] {
        let sim = scenario(policy)
            .container("app", "runs: [{ startFails: RunContainerError }, { lasts: forever }]")
            .until("5s")
            .run()?;
        let what = format!("is a container with policy {policy} and exit code 128 (its start failed) started again?");
        let seen = sim.states("app");
        if again {
            let expected =
                format!("yes: {policy} restarts exit code 128, so it is Waiting RunContainerError meanwhile");
            sim.expect_that(&what, &expected, seen.contains("Waiting RunContainerError"), &seen)?;
        } else {
            let ok = seen.ends_with("Terminated StartError 128") && !seen.contains("Waiting RunContainerError");
            sim.expect_that(&what, "no: Never restarts nothing, so it stays Terminated StartError 128", ok, &seen)?;
        }
    }
    Ok(())
}

/// What is to be started again waits, and its end moves to lastState.
pub fn a_wait_moves_the_end_to_last_state() -> Result {
    for policy in ["Always", "OnFailure"] {
        let sim = scenario(policy)
            .container("app", "runs: [{ startFails: RunContainerError }, { lasts: forever }]")
            .until("5s")
            .run()?;
        let waiting =
            sim.statuses().map(|it| of(it.1, "app")).find(|it| it["state"]["waiting"]["reason"] == "RunContainerError");
        let Some(app) = waiting else {
            let what = format!("{policy}: the states of app, whose start has failed");
            return sim.expect_that(&what, "among them Waiting RunContainerError", false, sim.states("app"));
        };
        // May_restart has said yes, or it would not wait: the rest is up to `states`.
        let what =
            format!("{policy}: lastState of a Waiting container that has ended (task 3.1, question 2: src/state.rs)");
        sim.expect(&what, "Terminated StartError 128", state(&app["lastState"]))?;
        let message = word(&app["state"]["waiting"]["message"]);
        let said = message.contains("fail to start");
        sim.expect_that("the wait's message", "what the world said about the failed start", said, message)?;
    }
    Ok(())
}

/// A container's own restart policy goes before the pod's, in both directions.
pub fn a_containers_policy_beats_the_pods() -> Result {
    for (pod, own, expected) in [
        ("Always", "Never", "Terminated StartError 128"),
        ("Never", "Always", "Waiting RunContainerError"),
        ("Never", "OnFailure", "Waiting RunContainerError"),
    ] {
        let sim = scenario(pod)
            .container_with(
                "app",
                &format!("restartPolicy: {own}"),
                "runs: [{ startFails: RunContainerError }, { lasts: forever }]",
            )
            .container("other", "")
            .until("5s")
            .run()?;
        let seen = sim.states("app");
        let what = format!("states of a container with policy {own} in a pod with policy {pod}");
        sim.expect_that(&what, &format!("after the failed start: {expected}"), seen.contains(expected), &seen)?;
    }
    Ok(())
}

/// Once the pod is to end nothing waits: a container shows how it has ended.
pub fn nothing_waits_in_a_pod_that_ends() -> Result {
    let sim = scenario("Always")
        .container("app", "runs: [{ startFails: RunContainerError }]")
        .hooked("other", &["preStop"], "preStop: { takes: 2s }")
        .event("at: 5s, delete: {}")
        .run()?;
    let expected = "0 start, 5 preStop started, 7 preStop succeeded, 7 SIGTERM, 7 exit 143";
    sim.expect("the other container of the pod", expected, sim.story("other"))?;
    let app = |at: f64| state(&of(sim.status_at(at), "app")["state"]);
    sim.expect("app before the deletion", "Waiting CrashLoopBackOff", app(4.0))?;
    sim.expect("app while the other one ends", "Terminated StartError 128", app(6.0))?;
    sim.expect("app at the end", "Terminated StartError 128", app(7.0))
}
