//! Task 5.3: when the pod is done.

use crate::sim::{of, scenario, state};
use podcheck::Result;

/// When the last regular container has ended for good, the sidecar is ended.
pub fn a_sidecar_keeps_no_pod_alive() -> Result {
    for (policy, exit) in [("Never", 0), ("Never", 1), ("OnFailure", 0)] {
        let sim = scenario(policy)
            .sidecar("proxy", "onTerm: { takes: 1s, exits: 3 }")
            .container("short", "runs: [{ lasts: 2s, exits: 0 }]")
            .container("app", &format!("runs: [{{ lasts: 5s, exits: {exit} }}]"))
            .run()?;
        let what = format!("the sidecar, with app ending with {exit} at 5 s (policy {policy})");
        sim.expect(&what, "0 start, 5 SIGTERM, 6 exit 3", sim.story("proxy"))?;
        sim.expect("the sandbox", "0 started, 6 stopped", sim.sandbox())?;
    }
    Ok(())
}

/// While a regular container is to be started again, the pod is not done.
pub fn a_restart_to_come_keeps_it_alive() -> Result {
    let crash = "runs: [{ lasts: 1s, exits: 1 }, { lasts: 1s, exits: 1 }, { lasts: 1s, exits: 0 }]";
    let sim = scenario("OnFailure").sidecar("proxy", "").container("app", crash).run()?;
    sim.expect("app", "0 start, 1 exit 1, 1 start, 2 exit 1, 12 start, 13 exit 0", sim.story("app"))?;
    sim.expect("the sidecar", "0 start, 13 SIGTERM, 13 exit 143", sim.story("proxy"))?;
    let ends = "runs: [{ lasts: 1s, exits: 0 }]";
    let sim = scenario("Always").sidecar("proxy", "").container("app", ends).until("100s").run()?;
    sim.expect("the sidecar of a pod with policy Always", "0 start", sim.story("proxy"))
}

/// A sidecar that has crashed is not started again once the pod is done, nor does it wait for it.
pub fn no_restart_at_the_end() -> Result {
    let sim = scenario("Never")
        .sidecar("crashed", "runs: [{ lasts: 1s, exits: 1 }]")
        .sidecar("crashes", "onTerm: { takes: 30s, exits: 1 }, runs: [{ lasts: 9s, exits: 1 }]")
        .container("app", "runs: [{ lasts: 5s, exits: 0 }]")
        .run()?;
    // In its back-off since 2 s, and due at 12 s.
    sim.expect("starts of a sidecar in its back-off, with app ending at 5 s", "0, 1", sim.starts("crashed"))?;
    sim.expect(
        "a sidecar that crashes at 9 s, on its way to its end",
        "0 start, 5 SIGTERM, 9 exit 1",
        sim.story("crashes"),
    )?;
    sim.expect("the sandbox", "0 started, 9 stopped", sim.sandbox())?;
    let shown = state(&of(sim.last(), "crashed")["state"]);
    sim.expect("the state of the first one at the end", "Terminated Error 1", shown)
}

/// With policy Never a failed init container is the end, also for the sidecars before it.
pub fn a_failed_init_ends_the_sidecars() -> Result {
    let failing = |policy: &str| {
        scenario(policy)
            .sidecar("proxy", "")
            .init("setup", "runs: [{ lasts: 3s, exits: 1 }, { lasts: 1s, exits: 0 }]")
            .container("app", "runs: [{ lasts: 2s, exits: 0 }]")
            .run()
    };
    let sim = failing("Never")?;
    sim.expect(
        "the sidecar, policy Never, setup failing at 3 s",
        "0 start, 3 SIGTERM, 3 exit 143",
        sim.story("proxy"),
    )?;
    sim.expect("starts of setup", "0", sim.starts("setup"))?;
    sim.expect("starts of app", "", sim.starts("app"))?;
    sim.expect("the sandbox", "0 started, 3 stopped", sim.sandbox())?;
    let sim = failing("OnFailure")?;
    sim.expect("the sidecar, policy OnFailure", "0 start, 6 SIGTERM, 6 exit 143", sim.story("proxy"))
}

/// The container's own policy goes before the pod's, also for an init container.
pub fn an_init_containers_own_policy() -> Result {
    for (pod, own, starts, sandbox) in
        [("Always", "Never", "0", "0 started, 1 stopped"), ("Never", "OnFailure", "0, 1", "0 started, 4 stopped")]
    {
        let sim = scenario(pod)
            .sidecar("proxy", "")
            .init_with(
                "setup",
                &format!("restartPolicy: {own}"),
                "runs: [{ lasts: 1s, exits: 1 }, { lasts: 1s, exits: 0 }]",
            )
            .container_with("app", "restartPolicy: Never", "runs: [{ lasts: 2s, exits: 0 }]")
            .until("1m")
            .run()?;
        sim.expect(&format!("starts of setup, its policy {own}, the pod's {pod}"), starts, sim.starts("setup"))?;
        sim.expect("the sandbox", sandbox, sim.sandbox())?;
    }
    Ok(())
}
