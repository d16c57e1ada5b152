//! Task 5.4: who ends when.

use crate::sim::{Scenario, scenario};
use podcheck::Result;

const HOOK: &str = "lifecycle: { preStop: { exec: { command: [hook] } } }";

fn three(grace: u32) -> Scenario {
    scenario("Always").spec(&format!("terminationGracePeriodSeconds: {grace}")).event("at: 5s, delete: {}")
}

/// First the regular containers, together; then the sidecars, one by one, the last one first.
pub fn sidecars_end_last_and_in_reverse() -> Result {
    let sim = three(30)
        .sidecar("first", "onTerm: { takes: 1s, exits: 0 }")
        .sidecar("second", "onTerm: { takes: 2s, exits: 0 }")
        .sidecar("third", "onTerm: { takes: 3s, exits: 0 }")
        .container("app", "onTerm: { takes: 4s, exits: 0 }")
        .container("quick", "onTerm: { takes: 1s, exits: 0 }")
        .run()?;
    for (name, expected) in [
        ("app", "0 start, 5 SIGTERM, 9 exit 0"),
        ("quick", "0 start, 5 SIGTERM, 6 exit 0"),
        ("third", "0 start, 9 SIGTERM, 12 exit 0"),
        ("second", "0 start, 12 SIGTERM, 14 exit 0"),
        ("first", "0 start, 14 SIGTERM, 15 exit 0"),
    ] {
        sim.expect(name, expected, sim.story(name))?;
    }
    sim.expect("the sandbox", "0 started, 15 stopped", sim.sandbox())
}

/// The preStop hooks do not wait: all run at once.
pub fn every_pre_stop_runs_at_once() -> Result {
    let sim = three(30)
        .sidecar_with("proxy", HOOK, "preStop: { takes: 2s }")
        .sidecar_with("logger", HOOK, "preStop: { takes: 9s }")
        .container_with("app", HOOK, "preStop: { takes: 3s }, onTerm: { takes: 1s, exits: 0 }")
        .run()?;
    for (name, expected) in [
        ("app", "0 start, 5 preStop started, 8 preStop succeeded, 8 SIGTERM, 9 exit 0"),
        ("logger", "0 start, 5 preStop started, 14 preStop succeeded, 14 SIGTERM, 14 exit 143"),
        ("proxy", "0 start, 5 preStop started, 7 preStop succeeded, 14 SIGTERM, 14 exit 143"),
    ] {
        sim.expect(name, expected, sim.story(name))?;
    }
    Ok(())
}

/// One grace period for all. At its end whoever is left gets SIGTERM, and SIGKILL 2 s later.
pub fn they_share_one_grace_period() -> Result {
    let sim = three(10)
        .sidecar("stubborn", "onTerm: ignores")
        .sidecar("polite", "onTerm: { takes: 1s, exits: 0 }")
        .container("app", "onTerm: ignores")
        .run()?;
    for (name, expected) in [
        ("app", "0 start, 5 SIGTERM, 15 SIGKILL, 15 exit 137"),
        ("polite", "0 start, 15 SIGTERM, 16 exit 0"),
        ("stubborn", "0 start, 15 SIGTERM, 17 SIGKILL, 17 exit 137"),
    ] {
        sim.expect(&format!("{name}, with a grace period of 10 s from 5 s on"), expected, sim.story(name))?;
    }
    sim.expect("the sandbox", "0 started, 17 stopped", sim.sandbox())
}

/// A sidecar that gets its SIGTERM early has what is left of the period, not a new one.
pub fn a_sidecar_gets_what_is_left() -> Result {
    let sim =
        three(10).sidecar("proxy", "onTerm: ignores").container("app", "onTerm: { takes: 4s, exits: 0 }").run()?;
    sim.expect("app", "0 start, 5 SIGTERM, 9 exit 0", sim.story("app"))?;
    let what = "the sidecar, with a grace period of 10 s from 5 s on";
    sim.expect(what, "0 start, 9 SIGTERM, 15 SIGKILL, 15 exit 137", sim.story("proxy"))
}

/// A shorter period, asked for later, ends the waiting too.
pub fn a_shorter_period_ends_the_wait() -> Result {
    let sim = three(60)
        .sidecar("proxy", "onTerm: ignores")
        .container("app", "onTerm: ignores")
        .event("at: 7s, delete: { grace: 3s }")
        .run()?;
    sim.expect("app, deleted again at 7 s with 3 s", "0 start, 5 SIGTERM, 10 SIGKILL, 10 exit 137", sim.story("app"))?;
    sim.expect("the sidecar", "0 start, 10 SIGTERM, 12 SIGKILL, 12 exit 137", sim.story("proxy"))
}

/// Deleted while it initialises: only sidecars wait, and only for regular containers and later sidecars.
pub fn a_deletion_while_it_initialises() -> Result {
    let sim = three(30)
        .sidecar("proxy", "")
        .init("setup", "runs: [{ lasts: 60s, exits: 0 }], onTerm: { takes: 3s, exits: 0 }")
        .init("next", "")
        .container("app", "")
        .run()?;
    for (name, how, expected) in [
        ("setup", "deleted at 5 s while it runs", "0 start, 5 SIGTERM, 8 exit 0"),
        ("proxy", "deleted at 5 s while an init container after it runs", "0 start, 5 SIGTERM, 5 exit 143"),
        ("next", "deleted before its turn", ""),
        ("app", "deleted before its turn", ""),
    ] {
        sim.expect(&format!("{name}, {how}"), expected, sim.story(name))?;
    }
    sim.expect("the sandbox", "0 started, 8 stopped", sim.sandbox())
}

/// Nobody is started again meanwhile, and who has ended by itself is not waited for.
pub fn no_restart_while_it_ends() -> Result {
    let sim = three(30)
        .sidecar("first", "")
        .sidecar("second", "runs: [{ lasts: 6s, exits: 1 }]")
        .container("app", "onTerm: { takes: 3s, exits: 0 }")
        .run()?;
    sim.expect("a sidecar that crashes at 6 s", "0 start, 6 exit 1", sim.story("second"))?;
    sim.expect("the one before it", "0 start, 8 SIGTERM, 8 exit 143", sim.story("first"))
}

/// The same order when the pod is done, or its deadline is over.
pub fn the_same_order_at_every_end() -> Result {
    let pod = |deadline: &str, app: &str| {
        scenario("Never")
            .spec(&format!("activeDeadlineSeconds: {deadline}"))
            .sidecar("first", "onTerm: { takes: 1s, exits: 0 }")
            .sidecar("second", "onTerm: { takes: 1s, exits: 0 }")
            .container("app", &format!("onTerm: {{ takes: 2s, exits: 0 }}, {app}"))
            .run()
    };
    let sim = pod("3", "")?;
    sim.expect("app, with a deadline of 3 s", "0 start, 3 SIGTERM, 5 exit 0", sim.story("app"))?;
    sim.expect("the second sidecar", "0 start, 5 SIGTERM, 6 exit 0", sim.story("second"))?;
    sim.expect("the first sidecar", "0 start, 6 SIGTERM, 7 exit 0", sim.story("first"))?;
    let sim = pod("60", "runs: [{ lasts: 5s, exits: 0 }]")?;
    sim.expect("the second sidecar, with app ending at 5 s", "0 start, 5 SIGTERM, 6 exit 0", sim.story("second"))?;
    sim.expect("the first sidecar", "0 start, 6 SIGTERM, 7 exit 0", sim.story("first"))
}
