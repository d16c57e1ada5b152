//! Tasks 3.1 and 3.2: what a container is doing, and whether it comes back.

use crate::sim::{of, scenario, state};
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

/// What is to be started again waits, and its end moves to lastState.
pub fn a_wait_moves_the_end_to_last_state() -> Result {
    for policy in ["Always", "OnFailure"] {
        let sim = scenario(policy)
            .container("app", "runs: [{ startFails: RunContainerError }, { lasts: forever }]")
            .until("5s")
            .run()?;
        let waiting =
            sim.statuses().map(|it| of(it.1, "app")).find(|it| it["state"]["waiting"]["reason"] == "RunContainerError");
        let shown = waiting.map_or("none".into(), |it| format!("{}, {}", state(&it["state"]), state(&it["lastState"])));
        let what = format!("{policy}: state and lastState after a start that failed");
        sim.expect(&what, "Waiting RunContainerError, Terminated StartError 128", shown)?;
        let message = waiting.map_or("", |it| it["state"]["waiting"]["message"].as_str().unwrap_or(""));
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
        .event("at: 5s, delete: {}")
        .run()?;
    sim.expect("app after the deletion", "Terminated StartError 128", state(&of(sim.last(), "app")["state"]))
}
