//! Task 5.1: whose turn it is.

use crate::sim::{scenario, with_a_crashing_sidecar};
use podcheck::Result;

/// Each starts when the one before it has ended well; the app comes last.
pub fn one_after_another() -> Result {
    let sim = scenario("Always")
        .init("zeta", "runs: [{ lasts: 2s, exits: 0 }]")
        .init("alpha", "runs: [{ lasts: 3s, exits: 0 }]")
        .container("app", "")
        .container("other", "")
        .until("20s")
        .run()?;
    sim.expect("the order of the starts", "zeta alpha app other", sim.order())?;
    for (name, expected) in
        [("zeta", "0 start, 2 exit 0"), ("alpha", "2 start, 5 exit 0"), ("app", "5 start"), ("other", "5 start")]
    {
        sim.expect(name, expected, sim.story(name))?;
    }
    Ok(())
}

/// The one that has failed is tried again, with the back-off of any other container.
pub fn a_failed_one_is_tried_again() -> Result {
    for policy in ["Always", "OnFailure"] {
        let fails = "{ lasts: 1s, exits: 1 }";
        let sim = scenario(policy)
            .init("first", "runs: [{ lasts: 1s, exits: 0 }]")
            .init("flaky", &format!("runs: [{fails}, {fails}, {fails}, {{ lasts: 1s, exits: 0 }}]"))
            .init("third", "runs: [{ lasts: 1s, exits: 0 }]")
            .container("app", "")
            .until("2m")
            .run()?;
        // Ends at 2, 3, 14 and 35 s.
        for (name, expected) in [("first", "0"), ("flaky", "1, 2, 13, 34"), ("third", "35"), ("app", "36")] {
            sim.expect(&format!("starts of {name}, policy {policy}"), expected, sim.starts(name))?;
        }
    }
    Ok(())
}

/// A signal is a failure too, and Always does not mean to run it again after it has succeeded.
pub fn it_runs_until_it_succeeds() -> Result {
    let sim = scenario("Always")
        .init("setup", "runs: [{ lasts: 1s, signal: 9 }, { lasts: 1s, exits: 0 }, { lasts: 1s, exits: 1 }]")
        .container("app", "")
        .until("10m")
        .run()?;
    sim.expect("setup, ended by SIGKILL the first time", "0 start, 1 exit 137, 1 start, 2 exit 0", sim.story("setup"))?;
    sim.expect("app", "2 start", sim.story("app"))
}

/// Never is never: nothing else starts, and the sandbox ends.
pub fn never_tries_once() -> Result {
    let sim = scenario("Never")
        .init("first", "runs: [{ lasts: 1s, exits: 0 }]")
        .init("fails", "runs: [{ lasts: 2s, exits: 1 }, { lasts: 1s, exits: 0 }]")
        .init("third", "runs: [{ lasts: 1s, exits: 0 }]")
        .container("app", "")
        .until("10m")
        .run()?;
    sim.expect("the order of the starts", "first fails", sim.order())?;
    sim.expect("the sandbox, with the failure at 3 s", "0 started, 3 stopped", sim.sandbox())
}

/// What could not be started has not ended well; what has no image yet has not even failed.
pub fn a_start_that_fails() -> Result {
    for (policy, error, starts, app) in [
        ("OnFailure", "RunContainerError", "0 start fails, 0 start, 2 exit 0", "2"),
        ("Never", "RunContainerError", "0 start fails", ""),
        // Of an image that is missing the pod waits, also with policy Never.
        ("Never", "ErrImagePull", "0 start fails, 10 start, 12 exit 0", "12"),
    ] {
        let sim = scenario(policy)
            .init("setup", &format!("runs: [{{ startFails: {error} }}, {{ lasts: 2s, exits: 0 }}]"))
            .container("app", "")
            .until("1m")
            .run()?;
        sim.expect(&format!("setup, with a {error} (policy {policy})"), starts, sim.story("setup"))?;
        sim.expect(&format!("starts of app, with a {error} (policy {policy})"), app, sim.starts("app"))?;
    }
    Ok(())
}

/// A regular container that is started again does not bring the init containers back.
pub fn a_restart_of_the_app_runs_no_init() -> Result {
    for exit in ["exits: 0", "exits: 1", "signal: 9"] {
        let sim = scenario("Always")
            .init("setup", "runs: [{ lasts: 2s, exits: 0 }]")
            .container("app", &format!("runs: [{{ lasts: 3s, {exit} }}]"))
            .until("30s")
            .run()?;
        sim.expect(&format!("starts of app ({exit})"), "2, 5, 18", sim.starts("app"))?;
        sim.expect(&format!("starts of setup, with restarts of app ({exit})"), "0", sim.starts("setup"))?;
    }
    Ok(())
}

/// What was started last tells how far the pod has come. A sidecar before it that has crashed since, and is held back,
/// does not change that.
pub fn the_last_one_started_decides() -> Result {
    let sim = with_a_crashing_sidecar().run()?;
    for (name, expected) in [("one", "0"), ("two", "4"), ("app", "8")] {
        let what = format!("starts of {name}, after a sidecar that was up and has crashed at 1 s");
        sim.expect(&what, expected, sim.starts(name))?;
    }
    Ok(())
}
