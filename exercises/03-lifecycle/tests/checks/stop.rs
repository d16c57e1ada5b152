//! Task 3.8: how a container is ended.

use crate::sim::{of, scenario, state, word};
use podcheck::Result;

/// Restarted once, at 1 s: it is the plan of task 3.6 that ends this pod.
const TWICE: &str = "runs: [{ lasts: 1s, exits: 1 }, { lasts: forever }]";

/// SIGTERM at once; without a handler that is the end, and 143.
pub fn delete_sends_sigterm() -> Result {
    let sim = scenario("Always").container("app", TWICE).event("at: 5s, delete: {}").run()?;
    sim.expect("app", "0 start, 1 exit 1, 1 start, 5 SIGTERM, 5 exit 143", sim.story("app"))?;
    sim.expect("the sandbox", "0 started, 5 stopped", sim.sandbox())?;
    sim.expect("the phases", "0 Pending, 0 Running, 5 Failed", sim.phases())
}

/// SIGKILL when the grace period is over: the manifest's, 30 s by default, or the deletion's.
pub fn sigkill_ends_the_grace_period() -> Result {
    for (spec, delete, killed) in [
        ("dnsPolicy: Default", "delete: {}", 35),
        ("terminationGracePeriodSeconds: 7", "delete: {}", 12),
        ("terminationGracePeriodSeconds: 7", "delete: { grace: 20s }", 25),
        ("terminationGracePeriodSeconds: 7", "delete: { grace: 3s }", 8),
    ] {
        let sim = scenario("Always")
            .spec(spec)
            .container("app", &format!("{TWICE}, onTerm: ignores"))
            .event(&format!("at: 5s, {delete}"))
            .run()?;
        let expected = format!("0 start, 1 exit 1, 1 start, 5 SIGTERM, {killed} SIGKILL, {killed} exit 137");
        sim.expect(&format!("app, which ignores SIGTERM ({spec}; {delete})"), &expected, sim.story("app"))?;
    }
    Ok(())
}

/// A program that ends within the grace period is not killed.
pub fn who_ends_in_time_is_not_killed() -> Result {
    let sim = scenario("OnFailure")
        .spec("terminationGracePeriodSeconds: 10")
        .container("app", &format!("{TWICE}, onTerm: {{ takes: 10s, exits: 0 }}"))
        .event("at: 5s, delete: {}")
        .run()?;
    let expected = "0 start, 1 exit 1, 1 start, 5 SIGTERM, 15 exit 0";
    sim.expect("app, which needs all of the 10 s", expected, sim.story("app"))?;
    sim.expect("the phases", "0 Pending, 0 Running, 15 Succeeded", sim.phases())
}

/// However short the grace period, SIGKILL comes no sooner than 2 s after SIGTERM.
pub fn two_seconds_at_least() -> Result {
    for (spec, delete) in [
        ("terminationGracePeriodSeconds: 0", "delete: {}"),
        ("terminationGracePeriodSeconds: 1", "delete: {}"),
        ("terminationGracePeriodSeconds: -5", "delete: {}"),
        ("terminationGracePeriodSeconds: 2", "delete: {}"),
        ("terminationGracePeriodSeconds: 30", "delete: { grace: 0s }"),
        ("terminationGracePeriodSeconds: 30", "delete: { grace: 1s }"),
    ] {
        let sim = scenario("Always")
            .spec(spec)
            .container("app", "onTerm: ignores")
            .event(&format!("at: 5s, {delete}"))
            .run()?;
        let what = format!("app, which ignores SIGTERM ({spec}; {delete})");
        sim.expect(&what, "0 start, 5 SIGTERM, 7 SIGKILL, 7 exit 137", sim.story("app"))?;
    }
    Ok(())
}

/// The preStop hook runs before SIGTERM, and its time is part of the grace period.
pub fn pre_stop_takes_from_the_grace_period() -> Result {
    for (grace, takes, expected) in [
        (10, "5s", "5 preStop started, 10 preStop succeeded, 10 SIGTERM, 15 SIGKILL, 15 exit 137"),
        (30, "25s", "5 preStop started, 30 preStop succeeded, 30 SIGTERM, 35 SIGKILL, 35 exit 137"),
        (10, "9s", "5 preStop started, 14 preStop succeeded, 14 SIGTERM, 16 SIGKILL, 16 exit 137"),
        (10, "60s", "5 preStop started, 15 SIGTERM, 17 SIGKILL, 17 exit 137"),
        (10, "0s", "5 preStop started, 5 preStop succeeded, 5 SIGTERM, 15 SIGKILL, 15 exit 137"),
        (0, "60s", "5 preStop started, 6 SIGTERM, 8 SIGKILL, 8 exit 137"),
    ] {
        let sim = scenario("Always")
            .spec(&format!("terminationGracePeriodSeconds: {grace}"))
            .hooked("app", &["preStop"], &format!("onTerm: ignores, preStop: {{ takes: {takes} }}"))
            .event("at: 5s, delete: {}")
            .run()?;
        let what = format!("app, with a grace period of {grace} s and a preStop hook that takes {takes}");
        sim.expect(&what, &format!("0 start, {expected}"), sim.story("app"))?;
    }
    Ok(())
}

/// A preStop hook that fails is told, and changes nothing.
pub fn a_failed_pre_stop_stops_nothing() -> Result {
    let sim = scenario("Always")
        .hooked("app", &["preStop"], "preStop: { takes: 3s, fails: no such file }")
        .event("at: 5s, delete: {}")
        .run()?;
    sim.expect("app", "0 start, 5 preStop started, 8 preStop failed, 8 SIGTERM, 8 exit 143", sim.story("app"))?;
    sim.expect_that(
        "the events",
        "FailedPreStopHook, about app",
        sim.has_event("FailedPreStopHook", "app"),
        "no such event",
    )
}

/// No hook for a container that has ended by itself, and no signal.
pub fn no_hook_after_an_end_of_its_own() -> Result {
    let sim = scenario("Never")
        .hooked("app", &["preStop"], "runs: [{ lasts: 2s, exits: 0 }]")
        .hooked("other", &["preStop"], "preStop: { takes: 1s }")
        .event("at: 5s, delete: {}")
        .run()?;
    sim.expect("app, which has ended before the deletion", "0 start, 2 exit 0", sim.story("app"))?;
    let expected = "0 start, 5 preStop started, 6 preStop succeeded, 6 SIGTERM, 6 exit 143";
    sim.expect("other, which has not", expected, sim.story("other"))
}

/// All containers are ended at the same time.
pub fn all_containers_in_parallel() -> Result {
    let sim = scenario("Always")
        .spec("terminationGracePeriodSeconds: 10")
        .hooked("a", &["preStop"], "preStop: { takes: 4s }, onTerm: ignores")
        .container("b", "onTerm: { takes: 3s, exits: 0 }")
        .container("c", "onTerm: ignores")
        .event("at: 5s, delete: {}")
        .run()?;
    let expected = "0 start, 5 preStop started, 9 preStop succeeded, 9 SIGTERM, 15 SIGKILL, 15 exit 137";
    sim.expect("a", expected, sim.story("a"))?;
    sim.expect("b", "0 start, 5 SIGTERM, 8 exit 0", sim.story("b"))?;
    sim.expect("c", "0 start, 5 SIGTERM, 15 SIGKILL, 15 exit 137", sim.story("c"))
}

/// Once the pod is to end nothing is started any more.
pub fn nothing_is_started_while_it_ends() -> Result {
    let sim = scenario("Always")
        .container("a", "onTerm: { takes: 1s, exits: 1 }")
        .container("b", "onTerm: { takes: 9s, exits: 0 }")
        .event("at: 5s, delete: {}")
        .run()?;
    sim.expect("a", "0 start, 5 SIGTERM, 6 exit 1", sim.story("a"))?;
    let sim =
        scenario("Always").container("app", "runs: [{ lasts: 0s, exits: 1 }]").event("at: 5s, delete: {}").run()?;
    sim.expect("a container deleted in its back-off", "0 start, 0 exit 1, 0 start, 0 exit 1", sim.story("app"))?;
    sim.expect("its sandbox", "0 started, 5 stopped", sim.sandbox())?;
    sim.expect("its state at the end", "Terminated Error 1", state(&of(sim.last(), "app")["state"]))
}

/// How a deleted pod is called depends on how its containers have ended, also with policy Always.
pub fn a_deleted_pod_succeeds_if_all_end_well() -> Result {
    let sim = scenario("Always")
        .container("a", "onTerm: { takes: 1s, exits: 0 }")
        .container("b", "onTerm: { takes: 2s, exits: 0 }")
        .event("at: 5s, delete: {}")
        .run()?;
    sim.expect(
        "the phases, both ending with 0 (rule 2 of task 3.3)",
        "0 Pending, 0 Running, 7 Succeeded",
        sim.phases(),
    )?;
    let sim = scenario("Always")
        .container("a", "onTerm: { takes: 1s, exits: 0 }")
        .container("b", "")
        .event("at: 5s, delete: {}")
        .run()?;
    sim.expect("the phases, b ending by SIGTERM (rule 2 of task 3.3)", "0 Pending, 0 Running, 6 Failed", sim.phases())?;
    let sim = scenario("Always")
        .hooked("a", &["postStart"], "postStart: { takes: 1h }, onTerm: { takes: 1s, exits: 0 }")
        .container("never-started", "")
        .event("at: 5s, delete: {}")
        .run()?;
    let what = "the phases, deleted while a container had not been started (rule 2 of task 3.3)";
    sim.expect(what, "0 Pending, 6 Failed", sim.phases())
}

/// A second deletion can make the grace period shorter, never longer.
pub fn the_grace_period_only_shrinks() -> Result {
    let pod = |first: &str, second: &str| {
        scenario("Always")
            .container("app", "onTerm: ignores")
            .event(&format!("at: 5s, delete: {{ grace: {first} }}"))
            .event(&format!("at: 7s, delete: {{ grace: {second} }}"))
            .run()
    };
    let sim = pod("30s", "4s")?;
    sim.expect("30 s, and after 2 s 4 s", "0 start, 5 SIGTERM, 11 SIGKILL, 11 exit 137", sim.story("app"))?;
    let sim = pod("10s", "60s")?;
    sim.expect("10 s, and after 2 s 60 s", "0 start, 5 SIGTERM, 15 SIGKILL, 15 exit 137", sim.story("app"))?;
    let sim = scenario("Always")
        .hooked("app", &["preStop"], "onTerm: ignores, preStop: { takes: 60s }")
        .event("at: 5s, delete: { grace: 30s }")
        .event("at: 7s, delete: { grace: 4s }")
        .event("at: 8s, delete: { grace: 60s }")
        .run()?;
    let expected = "0 start, 5 preStop started, 11 SIGTERM, 13 SIGKILL, 13 exit 137";
    sim.expect("shrunk to 4 s in the middle of preStop", expected, sim.story("app"))
}

/// A container whose postStart hook fails is stopped with its grace period, then the policy decides.
pub fn a_failed_post_start_stops_its_container() -> Result {
    let run = "{ lasts: forever, postStart: { takes: 1s, fails: no } }";
    let script = format!("runs: [{run}, {{ lasts: forever }}], onTerm: {{ takes: 2s, exits: 0 }}");
    let sim = scenario("Always")
        .hooked("app", &["postStart", "preStop"], &script)
        .container("next", "")
        .until("20s")
        .run()?;
    let expected = "0 start, 0 postStart started, 1 postStart failed, 1 preStop started, 1 preStop succeeded, \
                    1 SIGTERM, 3 exit 0, 3 start, 3 postStart started, 3 postStart succeeded";
    sim.expect("app", expected, sim.story("app"))?;
    sim.expect("next, which waits for all of that", "3 start", sim.story("next"))?;
    sim.expect_that(
        "the events",
        "FailedPostStartHook, about app",
        sim.has_event("FailedPostStartHook", "app"),
        "no such event",
    )?;
    let waits =
        sim.statuses().map(|it| of(it.1, "app")).find(|it| it["state"]["waiting"]["reason"] == "PostStartHookError");
    let shown = waits.map_or("none".into(), |it| {
        format!("{} {}", word(&it["state"]["waiting"]["message"]), state(&it["lastState"]))
    });
    sim.expect("message and lastState of Waiting PostStartHookError", "no Terminated Completed 0", shown)?;
    let sim = scenario("Never")
        .spec("terminationGracePeriodSeconds: 4")
        .hooked("app", &["postStart"], "postStart: { takes: 1s, fails: no }, onTerm: ignores")
        .container("next", "runs: [{ lasts: 1s, exits: 0 }]")
        .run()?;
    let expected = "0 start, 0 postStart started, 1 postStart failed, 1 SIGTERM, 5 SIGKILL, 5 exit 137";
    sim.expect("app of a pod that restarts nothing", expected, sim.story("app"))?;
    sim.expect("the next one", "5 start, 6 exit 0", sim.story("next"))?;
    sim.expect("app's state", "Terminated Error 137", state(&of(sim.last(), "app")["state"]))
}

/// activeDeadlineSeconds: Failed at once, then every container is ended with its grace period.
pub fn the_deadline_fails_the_pod() -> Result {
    let sim = scenario("Always")
        .spec("activeDeadlineSeconds: 8")
        .container("app", "onTerm: { takes: 3s, exits: 0 }")
        .container("other", "runs: [{ lasts: 0s, exits: 1 }]")
        .run()?;
    sim.expect("app", "0 start, 8 SIGTERM, 11 exit 0", sim.story("app"))?;
    sim.expect("starts of a container in its back-off until 10 s", "0, 0", sim.starts("other"))?;
    sim.expect("the phases (plan's rules 1 and 2 in task 3.6)", "0 Pending, 0 Running, 8 Failed", sim.phases())?;
    sim.expect("the sandbox", "0 started, 11 stopped", sim.sandbox())?;
    let sim = scenario("Always")
        .spec("activeDeadlineSeconds: 4")
        .container("app", "runs: [{ lasts: 0s, exits: 1 }]")
        .run()?;
    sim.expect("the phases of a pod that only waits", "0 Pending, 0 Running, 4 Failed", sim.phases())
}
