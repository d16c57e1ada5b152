//! Task 5.2: sidecars.

use crate::sim::{scenario, with_a_crashing_sidecar};
use podcheck::Result;

const PROBE: &str = "{ exec: { command: [probe] }, periodSeconds: 1, failureThreshold: 3 }";
const HOOK: &str = "lifecycle: { postStart: { exec: { command: [hook] } } }";

/// The next one does not wait for a sidecar's end; the sidecar runs on beside the app.
pub fn a_sidecar_runs_on() -> Result {
    let sim = scenario("Always")
        .init("setup", "runs: [{ lasts: 2s, exits: 0 }]")
        .sidecar("proxy", "")
        .init("fetch", "runs: [{ lasts: 3s, exits: 0 }]")
        .sidecar("logger", "")
        .container("app", "")
        .until("20s")
        .run()?;
    sim.expect("the order of the starts", "setup proxy fetch logger app", sim.order())?;
    for (name, expected) in
        [("proxy", "2 start"), ("fetch", "2 start, 5 exit 0"), ("logger", "5 start"), ("app", "5 start")]
    {
        sim.expect(name, expected, sim.story(name))?;
    }
    Ok(())
}

/// Its startup probe holds up whoever comes next.
pub fn a_startup_probe_holds_up_the_next() -> Result {
    let sim = scenario("Always")
        .sidecar_with("proxy", &format!("startupProbe: {PROBE}"), "startup: [{ fails: no }, { from: 2s }]")
        .init("fetch", "runs: [{ lasts: 1s, exits: 0 }]")
        .sidecar_with("logger", &format!("startupProbe: {PROBE}"), "startup: [{ fails: no }, { from: 2s }]")
        .container("app", "")
        .until("20s")
        .run()?;
    sim.expect("starts of fetch, after a sidecar that needs 2 s", "2", sim.starts("fetch"))?;
    sim.expect("starts of app, after another one", "5", sim.starts("app"))
}

/// Its readiness and liveness probes do not.
pub fn other_probes_hold_up_nobody() -> Result {
    for (kind, key) in [("readinessProbe", "readiness"), ("livenessProbe", "liveness")] {
        let sim = scenario("Always")
            .sidecar_with("proxy", &format!("{kind}: {PROBE}"), &format!("{key}: [{{ fails: no }}]"))
            .init("fetch", "runs: [{ lasts: 1s, exits: 0 }]")
            .container("app", "")
            .until("2500ms")
            .run()?;
        sim.expect(&format!("starts of fetch, beside a {kind} that fails"), "0", sim.starts("fetch"))?;
        sim.expect(&format!("starts of app, beside a {kind} that fails"), "1", sim.starts("app"))?;
    }
    Ok(())
}

/// Its postStart hook holds up the next one, and must succeed.
pub fn a_hook_holds_up_the_next() -> Result {
    let sim =
        scenario("Always").sidecar_with("proxy", HOOK, "postStart: { takes: 3s }").container("app", "").until("9s");
    let sim = sim.run()?;
    sim.expect("starts of app, with a hook of 3 s", "3", sim.starts("app"))?;
    let sim = scenario("Never")
        .sidecar_with("proxy", HOOK, "runs: [{ postStart: { takes: 1s, fails: no } }, { postStart: { takes: 1s } }]")
        .init("fetch", "runs: [{ lasts: 1s, exits: 0 }]")
        .container("app", "")
        .until("9s")
        .run()?;
    let expected = "0 start, 0 postStart started, 1 postStart failed, 1 SIGTERM, 1 exit 143, \
                    1 start, 1 postStart started, 2 postStart succeeded";
    sim.expect("a sidecar whose hook fails once", expected, sim.story("proxy"))?;
    sim.expect("starts of fetch, after it", "2", sim.starts("fetch"))
}

/// Whatever the pod's policy and its exit code: it is started again, with the usual back-off.
pub fn it_is_restarted_always() -> Result {
    for policy in ["Always", "OnFailure", "Never"] {
        for exit in ["exits: 0", "exits: 1"] {
            let runs = format!("runs: [{{ lasts: 1s, {exit} }}]");
            let sim = scenario(policy).sidecar("proxy", &runs).container("app", "").until("30s").run()?;
            sim.expect(&format!("starts of a sidecar, policy {policy}, {exit}"), "0, 1, 12", sim.starts("proxy"))?;
            sim.expect("starts of app", "0", sim.starts("app"))?;
        }
    }
    Ok(())
}

/// One that has been up and has crashed holds up nobody; it is restarted meanwhile.
pub fn a_crash_holds_up_nobody() -> Result {
    let sim = with_a_crashing_sidecar().run()?;
    sim.expect("starts of the sidecar, which crashes at 1 s and at 2 s", "0, 1, 12", sim.starts("proxy"))?;
    for (name, expected) in [("one", "0"), ("two", "4"), ("app", "8")] {
        sim.expect(&format!("starts of {name}, while the sidecar is in its back-off"), expected, sim.starts(name))?;
    }
    Ok(())
}

/// One that has not been up yet does hold up the next, also when it crashes.
pub fn it_must_come_up_once() -> Result {
    let early = "{ lasts: 1s, exits: 0, startup: [{ fails: no }] }";
    let sim = scenario("Always")
        .sidecar_with(
            "proxy",
            &format!("startupProbe: {PROBE}"),
            &format!("runs: [{early}, {early}, {{ lasts: forever }}]"),
        )
        .container("app", "")
        .until("30s")
        .run()?;
    sim.expect("starts of a sidecar that ends twice before it is up", "0, 1, 12", sim.starts("proxy"))?;
    sim.expect("starts of app", "13", sim.starts("app"))
}

/// A startup probe that fails for good kills it, and the next one goes on waiting.
pub fn a_failed_startup_probe_kills_it() -> Result {
    let sim = scenario("Never")
        .sidecar_with(
            "proxy",
            &format!("startupProbe: {PROBE}"),
            "runs: [{ startup: [{ fails: no }] }, { lasts: forever }]",
        )
        .container("app", "")
        .until("9s")
        .run()?;
    sim.expect("the sidecar", "0 start, 3 SIGTERM, 3 exit 143, 3 start", sim.story("proxy"))?;
    sim.expect("starts of app", "4", sim.starts("app"))
}

/// A liveness probe that fails kills it too; whoever has started stays.
pub fn a_failed_liveness_probe_kills_it() -> Result {
    let dies = "runs: [{ liveness: [{ from: 2500ms, fails: no }] }, { lasts: forever }]";
    let sim = scenario("Never")
        .sidecar_with("proxy", &format!("livenessProbe: {PROBE}"), dies)
        .init("fetch", "runs: [{ lasts: 7s, exits: 0 }]")
        .container("app", "")
        .until("20s")
        .run()?;
    sim.expect("the sidecar", "0 start, 5 SIGTERM, 5 exit 143, 5 start", sim.story("proxy"))?;
    sim.expect("fetch", "0 start, 7 exit 0", sim.story("fetch"))?;
    sim.expect("app", "7 start", sim.story("app"))
}
