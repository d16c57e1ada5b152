//! Tasks 3.6 and 3.7: what is started when.

use crate::sim::{of, scenario, simulate, state, word};
use podcheck::Result;

/// The sandbox first, then the containers in the order of the manifest; restarts come after them.
pub fn in_the_order_of_the_manifest() -> Result {
    let sim = scenario("Always")
        .container("zeta", "runs: [{ lasts: 2s, exits: 1 }, { lasts: forever }]")
        .container("alpha", "")
        .container("mid", "runs: [{ lasts: 2s, exits: 1 }, { lasts: forever }]")
        .until("5s")
        .run()?;
    let what = "the order of the starts, with zeta and mid failing at 2 s";
    sim.expect(what, "zeta alpha mid zeta mid", sim.order())?;
    sim.expect("the sandbox", "0 started", sim.sandbox())
}

/// A container is restarted in place: at once the first time, with the next number.
pub fn the_first_restart_is_immediate() -> Result {
    let sim =
        scenario("Always").container("app", "runs: [{ lasts: 2s, exits: 1 }, { lasts: forever }]").until("9s").run()?;
    sim.expect("app", "0 start, 2 exit 1, 2 start", sim.story("app"))?;
    let app = of(sim.last(), "app");
    let shown = format!("{}, {}, restartCount {}", state(&app["state"]), state(&app["lastState"]), app["restartCount"]);
    sim.expect("app after its restart", "Running, Terminated Error 1, restartCount 1", shown)?;
    let since = format!("{}, {}", app["state"]["running"]["startedAt"], app["lastState"]["terminated"]["finishedAt"]);
    sim.expect("startedAt, and finishedAt of lastState", r#""2026-01-01T00:00:02Z", "2026-01-01T00:00:02Z""#, since)
}

/// Policy and exit code decide.
pub fn restarts_by_policy_and_exit_code() -> Result {
    for (policy, exit, expected) in [
        ("Always", "exits: 0", "0, 2"),
        ("Always", "exits: 1", "0, 2"),
        ("OnFailure", "exits: 0", "0"),
        ("OnFailure", "exits: 1", "0, 2"),
        ("OnFailure", "signal: 15", "0, 2"),
        ("Never", "exits: 0", "0"),
        ("Never", "exits: 1", "0"),
    ] {
        let script = format!("runs: [{{ lasts: 2s, {exit} }}, {{ lasts: forever }}]");
        let sim = scenario(policy).container("app", &script).container("other", "").until("9s").run()?;
        sim.expect(&format!("starts of app with policy {policy}, {exit}"), expected, sim.starts("app"))?;
    }
    Ok(())
}

/// When nothing runs and nothing is to be started the sandbox is stopped, and not before.
pub fn the_sandbox_ends_with_the_last_container() -> Result {
    let sim = scenario("OnFailure")
        .container("early", "runs: [{ lasts: 1s, exits: 0 }]")
        .container("late", "runs: [{ lasts: 3s, exits: 1 }, { lasts: 4s, exits: 0 }]")
        .run()?;
    sim.expect("the sandbox, with the last container ending at 7 s", "0 started, 7 stopped", sim.sandbox())?;
    let sim = scenario("Always").container("app", "runs: [{ lasts: 1s, exits: 0 }]").until("8s").run()?;
    sim.expect("the sandbox of a pod with policy Always", "0 started", sim.sandbox())
}

/// A running postStart hook holds up every start that comes after it.
pub fn post_start_holds_up_the_next() -> Result {
    let sim = scenario("Always")
        .hooked("first", &["postStart"], "postStart: { takes: 3s }")
        .container("second", "")
        .until("9s")
        .run()?;
    sim.expect("first", "0 start, 0 postStart started, 3 postStart succeeded", sim.story("first"))?;
    sim.expect("second", "3 start", sim.story("second"))?;
    sim.expect("the phases", "0 Pending, 3 Running", sim.phases())
}

/// Restarts are starts: they wait for a running hook too, also of a later container.
pub fn post_start_holds_up_restarts() -> Result {
    let sim = scenario("Always")
        .container("crashes", "runs: [{ lasts: 1s, exits: 1 }, { lasts: forever }]")
        .hooked("slow", &["postStart"], "postStart: { takes: 5s }")
        .until("9s")
        .run()?;
    sim.expect("starts of the container that crashes at 1 s, with a hook until 5 s", "0, 5", sim.starts("crashes"))
}

/// The hook runs for every run of its container, and once for each.
pub fn post_start_runs_for_every_run() -> Result {
    let sim = scenario("Always")
        .hooked("app", &["postStart"], "runs: [{ lasts: 4s, exits: 1 }, { lasts: forever }], postStart: { takes: 1s }")
        .until("9s")
        .run()?;
    let expected = "0 start, 0 postStart started, 1 postStart succeeded, 4 exit 1, \
                    4 start, 4 postStart started, 5 postStart succeeded";
    sim.expect("app", expected, sim.story("app"))
}

/// An error in one container does not keep the next from starting.
pub fn an_error_does_not_stop_the_next() -> Result {
    for (policy, error, broken, phases) in [
        ("Never", "RunContainerError", "0 start fails", "0 Pending, 0 Running, 2 Failed"),
        ("OnFailure", "RunContainerError", "0 start fails, 0 start, 3 exit 0", "0 Pending, 0 Running, 3 Succeeded"),
        ("Never", "ErrImagePull", "0 start fails, 10 start, 13 exit 0", "0 Pending, 10 Running, 13 Succeeded"),
    ] {
        let sim = scenario(policy)
            .container("broken", &format!("runs: [{{ startFails: {error} }}, {{ lasts: 3s, exits: 0 }}]"))
            .container("fine", "runs: [{ lasts: 2s, exits: 0 }]")
            .run()?;
        sim.expect(&format!("fine, beside a {error} (policy {policy})"), "0 start, 2 exit 0", sim.story("fine"))?;
        sim.expect(&format!("broken, with a {error} (policy {policy})"), broken, sim.story("broken"))?;
        sim.expect("the phases", phases, sim.phases())?;
    }
    Ok(())
}

/// activeDeadlineSeconds: the plan asks to be woken for it, and fails the pod then, not sooner or later.
pub fn the_deadline_wakes_the_plan() -> Result {
    let sim = scenario("Never")
        .spec("activeDeadlineSeconds: 4")
        .container("app", "runs: [{ startFails: ErrImagePull }]")
        .run()?;
    sim.expect("the phases, with a deadline of 4 s and a retry at 10 s", "0 Pending, 4 Failed", sim.phases())?;
    sim.expect("the sandbox", "0 started, 4 stopped", sim.sandbox())?;
    let last = sim.last();
    sim.expect("the pod's reason", "DeadlineExceeded", word(&last["reason"]))?;
    let message = "Pod was active on the node longer than the specified deadline";
    sim.expect("the pod's message", message, word(&last["message"]))?;
    let sim =
        scenario("Never").spec("activeDeadlineSeconds: 8").container("app", "runs: [{ lasts: 7s, exits: 0 }]").run()?;
    sim.expect("the phases of a pod that is done before", "0 Pending, 0 Running, 7 Succeeded", sim.phases())
}

/// A dead sandbox under which nothing runs: a new one if something is to be started, but with
/// policy Never only if no container has been started yet.
pub fn a_dead_sandbox_is_made_anew() -> Result {
    for (policy, sandbox, app, done) in [
        ("OnFailure", "0 started, 5 died, 5 started, 12 stopped", "0 start fails, 10 start, 12 exit 0", "0"),
        ("Never", "0 started, 5 died, 5 stopped", "0 start fails", "0"),
    ] {
        let sim = scenario(policy)
            .container("app", "runs: [{ startFails: ErrImagePull }, { lasts: 2s, exits: 0 }]")
            .container("done", "runs: [{ lasts: 1s, exits: 0 }]")
            .event("at: 5s, sandboxDies: true")
            .run()?;
        let what = format!("policy {policy}, one container done, one waiting for its image");
        sim.expect(&format!("the sandbox: {what}"), sandbox, sim.sandbox())?;
        sim.expect(&format!("app, which waits: {what}"), app, sim.story("app"))?;
        sim.expect(&format!("starts of done: {what}"), done, sim.starts("done"))?;
    }
    let sim = scenario("Never")
        .container("app", "runs: [{ startFails: ErrImagePull }, { lasts: 5s, exits: 0 }]")
        .event("at: 5s, sandboxDies: true")
        .run()?;
    let what = "the sandbox: policy Never, with no container started yet";
    sim.expect(what, "0 started, 5 died, 5 started, 15 stopped", sim.sandbox())
}

/// Without an image there is no instance: the container waits, the pod is Pending, and it is tried again.
pub fn without_an_image_the_pod_stays_pending() -> Result {
    let sim = scenario("Never")
        .container("app", "runs: [{ startFails: ErrImagePull }, { startFails: ErrImagePull }, { lasts: 5s, exits: 0 }]")
        .container("other", "runs: [{ lasts: 30s, exits: 0 }]")
        .run()?;
    sim.expect("app", "0 start fails, 10 start fails, 20 start, 25 exit 0", sim.story("app"))?;
    sim.expect("the phases, with other running from 0 to 30 s", "0 Pending, 20 Running, 30 Succeeded", sim.phases())?;
    let app = of(sim.status_at(5.0), "app");
    let shown = format!("{}, {}, restartCount {}", state(&app["state"]), state(&app["lastState"]), app["restartCount"]);
    sim.expect("app at 5 s", "Waiting ErrImagePull, none, restartCount 0", shown)?;
    sim.expect("restartCount at the end", "0", of(sim.last(), "app")["restartCount"].to_string())?;
    let sim = scenario("Never")
        .container("app", "runs: [{ startFails: ErrImagePull }, { lasts: 5s, exits: 0 }]")
        .container("other", "runs: [{ lasts: 3s, exits: 0 }]")
        .run()?;
    let what = "app, with nothing else running while it waits";
    sim.expect(what, "0 start fails, 10 start, 15 exit 0", sim.story("app"))
}

/// When the sandbox dies everything is stopped, and started again in a new one, at once.
pub fn a_dead_sandbox_moves_the_pod() -> Result {
    let sim = scenario("Always")
        .container("a", "runs: [{ lasts: 1s, exits: 1 }, { lasts: forever }]")
        .container("b", "onTerm: { takes: 2s, exits: 0 }")
        .event("at: 5s, sandboxDies: true")
        .until("9s")
        .run()?;
    let what = "the sandbox (plan's rule 4 in task 3.6: a new one when all have ended)";
    sim.expect(what, "0 started, 5 died, 7 started", sim.sandbox())?;
    sim.expect("b", "0 start, 5 SIGTERM, 7 exit 0, 7 start", sim.story("b"))?;
    let what = "a, whose second restart would have to wait if it had crashed (start_of's rule 5 in task 3.6)";
    sim.expect(what, "0 start, 1 exit 1, 1 start, 5 SIGTERM, 5 exit 143, 7 start", sim.story("a"))?;
    sim.expect(
        "PodReadyToStartContainers",
        "0 False, 0 True, 5 False, 7 True",
        sim.condition("PodReadyToStartContainers"),
    )
}

/// With OnFailure, what has succeeded stays ended; with nothing left to start there is no new sandbox.
pub fn a_dead_sandbox_starts_no_finished_container() -> Result {
    let sim = scenario("OnFailure")
        .container("done", "runs: [{ lasts: 1s, exits: 0 }]")
        .container("works", "runs: [{ lasts: forever }, { lasts: 4s, exits: 0 }], onTerm: { takes: 1s, exits: 1 }")
        .event("at: 5s, sandboxDies: true")
        .run()?;
    sim.expect("starts of done", "0", sim.starts("done"))?;
    sim.expect("works", "0 start, 5 SIGTERM, 6 exit 1, 6 start, 10 exit 0", sim.story("works"))?;
    let sim = scenario("OnFailure")
        .container("done", "runs: [{ lasts: 1s, exits: 0 }]")
        .container("last", "onTerm: { takes: 1s, exits: 0 }")
        .event("at: 5s, sandboxDies: true")
        .run()?;
    sim.expect(
        "the sandbox, with nothing left to start (is_done in task 3.6)",
        "0 started, 5 died, 6 stopped",
        sim.sandbox(),
    )
}

/// With Never there is no second sandbox once a container has been started.
pub fn never_gets_no_second_sandbox() -> Result {
    let sim = scenario("Never")
        .container("app", "onTerm: { takes: 1s, exits: 0 }")
        .event("at: 5s, sandboxDies: true")
        .run()?;
    sim.expect("app", "0 start, 5 SIGTERM, 6 exit 0", sim.story("app"))?;
    sim.expect("the sandbox", "0 started, 5 died, 6 stopped", sim.sandbox())?;
    let sim = scenario("Never")
        .hooked("app", &["postStart"], "onTerm: { takes: 1s, exits: 0 }, postStart: { takes: 1h }")
        .container("never-started", "")
        .event("at: 5s, sandboxDies: true")
        .run()?;
    sim.expect("the sandbox, with one container started and one not", "0 started, 5 died, 6 stopped", sim.sandbox())
}

const CRASHLOOP: &str = include_str!("../../pods/crashloop-scenario.yaml");

/// 10 s from the second restart on, doubled each time, 300 s at most.
pub fn restarts_at_0_0_10_30_70_150_310() -> Result {
    let sim = simulate("03-lifecycle/pods/crashloop-scenario.yaml", CRASHLOOP)?;
    sim.expect("starts of a program that crashes at once", "0, 0, 10, 30, 70, 150, 310, 610", sim.starts("app"))?;
    sim.expect("the phases of its pod", "0 Pending, 0 Running", sim.phases())
}

/// Never more than 300 s.
pub fn no_restart_waits_longer_than_300_s() -> Result {
    let sim = scenario("OnFailure").container("app", "runs: [{ lasts: 0s, exits: 1 }]").until("1300s").run()?;
    sim.expect("the starts", "0, 0, 10, 30, 70, 150, 310, 610, 910, 1210", sim.starts("app"))
}

/// The delay counts from the end of the run before.
pub fn the_delay_counts_from_the_end() -> Result {
    let sim = scenario("Always").container("app", "runs: [{ lasts: 5s, exits: 1 }]").until("150s").run()?;
    sim.expect("starts of a program that crashes after 5 s", "0, 5, 20, 45, 90", sim.starts("app"))
}

/// A program that ends well is held back like one that crashes.
pub fn exit_code_0_is_held_back_too() -> Result {
    let sim = scenario("Always").container("app", "runs: [{ lasts: 0s, exits: 0 }]").until("100s").run()?;
    sim.expect("starts of a program that ends with exit code 0 at once", "0, 0, 10, 30, 70", sim.starts("app"))
}

/// Each container has a back-off of its own.
pub fn each_container_has_its_own() -> Result {
    let sim = scenario("Always")
        .container("a", "runs: [{ lasts: 0s, exits: 1 }]")
        .container("b", "runs: [{ lasts: 7s, exits: 1 }]")
        .until("60s")
        .run()?;
    sim.expect("starts of a", "0, 0, 10, 30", sim.starts("a"))?;
    sim.expect("starts of b", "0, 7, 24, 51", sim.starts("b"))
}

/// A run that ends more than 600 s after the newest restart was decided begins anew.
pub fn ten_good_minutes_are_forgiven() -> Result {
    let pod = |lasts: &str| {
        let runs = format!(
            "runs: [{{ lasts: 0s, exits: 1 }}, {{ lasts: 0s, exits: 1 }}, {{ lasts: {lasts}, exits: 1 }}, {{ lasts: 0s, exits: 1 }}]"
        );
        scenario("Always").container("app", &runs).until("650s").run()
    };
    let sim = pod("600s")?;
    sim.expect("the third run lasts 600 s: 20 s to wait", "0, 0, 10, 630", sim.starts("app"))?;
    let sim = pod("600500ms")?;
    sim.expect("the third run lasts 600.5 s: forgiven", "0, 0, 10, 610.5, 620.5, 640.5", sim.starts("app"))
}

/// While it waits: a reason, not a phase.
pub fn crash_loop_back_off_is_a_reason() -> Result {
    let sim = simulate("03-lifecycle/pods/crashloop-scenario.yaml", CRASHLOOP)?;
    let app = of(sim.status_at(5.0), "app");
    sim.expect("app at 5 s", "Waiting CrashLoopBackOff", state(&app["state"]))?;
    sim.expect("its lastState", "Terminated Error 1", state(&app["lastState"]))?;
    sim.expect("its restartCount", "1", app["restartCount"].to_string())?;
    let message = word(&app["state"]["waiting"]["message"]);
    sim.expect_that("the message", "back-off 10s ...", message.starts_with("back-off 10s "), message)?;
    sim.expect("the phase at 5 s", "Running", word(&sim.status_at(5.0)["phase"]))?;
    sim.expect_that("the events", "BackOff, about app", sim.has_event("BackOff", "app"), "no such event")
}
