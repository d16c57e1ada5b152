//! Task 5.5: a new sandbox.

use crate::sim::{of, scenario, state};
use podcheck::Result;

/// The sandbox dies: everything is ended, and begins anew, the init containers too.
pub fn a_new_sandbox_begins_anew() -> Result {
    let sim = scenario("Always")
        .init("one", "runs: [{ lasts: 1s, exits: 0 }]")
        .sidecar("proxy", "")
        .init("two", "runs: [{ lasts: 2s, exits: 0 }]")
        .container("app", "onTerm: { takes: 1s, exits: 0 }")
        .event("at: 10s, sandboxDies: true")
        .until("30s")
        .run()?;
    sim.expect("the sandbox", "0 started, 10 died, 11 started", sim.sandbox())?;
    sim.expect("the order of the starts", "one proxy two app one proxy two app", sim.order())?;
    for (name, expected) in [
        ("one", "0 start, 1 exit 0, 11 start, 12 exit 0"),
        ("proxy", "1 start, 11 SIGTERM, 11 exit 143, 12 start"),
        ("two", "1 start, 3 exit 0, 12 start, 14 exit 0"),
        ("app", "3 start, 10 SIGTERM, 11 exit 0, 14 start"),
    ] {
        sim.expect(name, expected, sim.story(name))?;
    }
    Ok(())
}

/// It dies while the pod initialises: from the first one on, whoever's turn it was.
pub fn from_the_first_one_on() -> Result {
    let sim = scenario("OnFailure")
        .init("one", "runs: [{ lasts: 1s, exits: 0 }]")
        .init("two", "runs: [{ lasts: 4s, exits: 0 }]")
        .container("app", "runs: [{ lasts: 5s, exits: 0 }]")
        .event("at: 3s, sandboxDies: true")
        .run()?;
    for (name, expected) in [
        ("one", "0 start, 1 exit 0, 3 start, 4 exit 0"),
        ("two", "1 start, 3 SIGTERM, 3 exit 143, 4 start, 8 exit 0"),
        ("app", "8 start, 13 exit 0"),
    ] {
        sim.expect(name, expected, sim.story(name))?;
    }
    Ok(())
}

/// A regular container that has succeeded under OnFailure stays so, and the pod can end.
pub fn what_has_succeeded_stays_so() -> Result {
    let sim = scenario("OnFailure")
        .init("setup", "runs: [{ lasts: 1s, exits: 0 }]")
        .sidecar("proxy", "")
        .container("done", "runs: [{ lasts: 2s, exits: 0 }]")
        .container("app", "runs: [{ lasts: 20s, exits: 0 }]")
        .event("at: 10s, sandboxDies: true")
        .run()?;
    sim.expect("starts of setup", "0, 10", sim.starts("setup"))?;
    sim.expect("starts of done, which ended with 0 at 3 s", "1", sim.starts("done"))?;
    sim.expect("starts of app", "1, 11", sim.starts("app"))?;
    sim.expect(
        "the sidecar",
        "1 start, 10 SIGTERM, 10 exit 143, 11 start, 31 SIGTERM, 31 exit 143",
        sim.story("proxy"),
    )?;
    sim.expect("the sandbox", "0 started, 10 died, 10 started, 31 stopped", sim.sandbox())
}

/// With policy Never a started container cannot run again: no new sandbox.
pub fn never_gets_no_second_sandbox() -> Result {
    let pod = |at: &str| {
        scenario("Never")
            .sidecar("proxy", "")
            .init("setup", "runs: [{ lasts: 4s, exits: 0 }]")
            .container("app", "")
            .event(&format!("at: {at}, sandboxDies: true"))
            .run()
    };
    let sim = pod("10s")?;
    sim.expect("the sandbox", "0 started, 10 died, 10 stopped", sim.sandbox())?;
    sim.expect("app", "4 start, 10 SIGTERM, 10 exit 143", sim.story("app"))?;
    sim.expect("starts of the sidecar", "0", sim.starts("proxy"))?;
    let sim = pod("2s")?;
    sim.expect("the sandbox, dying while the pod initialises", "0 started, 2 died, 2 stopped", sim.sandbox())?;
    sim.expect("setup", "0 start, 2 SIGTERM, 2 exit 143", sim.story("setup"))
}

/// The runs of an init container are counted over all sandboxes; until its turn it waits.
pub fn runs_are_counted_on() -> Result {
    let sim = scenario("Always")
        .init("one", "runs: [{ lasts: 2s, exits: 0 }]")
        .init("two", "runs: [{ lasts: 2s, exits: 0 }]")
        .container("app", "")
        .event("at: 10s, sandboxDies: true")
        .until("30s")
        .run()?;
    let shown = |at: f64, name: &str| {
        let status = of(sim.status_at(at), name);
        format!("{}, {}", state(&status["state"]), status["restartCount"])
    };
    sim.expect("two at 9 s, and its restartCount", "Terminated Completed 0, 0", shown(9.0, "two"))?;
    sim.expect(
        "two at 11 s, in the new sandbox, and its restartCount",
        "Waiting PodInitializing, 0",
        shown(11.0, "two"),
    )?;
    sim.expect("one at 11 s", "Running, 1", shown(11.0, "one"))?;
    sim.expect("two at 20 s", "Terminated Completed 0, 1", shown(20.0, "two"))
}

/// A missing image in the new sandbox is looked for every ten seconds, as ever.
pub fn a_missing_image_in_a_new_sandbox() -> Result {
    let sim = scenario("Always")
        .init("setup", "runs: [{ lasts: 2s, exits: 0 }, { startFails: ErrImagePull }, { lasts: 1s, exits: 0 }]")
        .container("app", "")
        .event("at: 10s, sandboxDies: true")
        .until("60s")
        .run()?;
    sim.expect("setup", "0 start, 2 exit 0, 10 start fails, 20 start, 21 exit 0", sim.story("setup"))?;
    sim.expect("starts of app", "2, 21", sim.starts("app"))
}
