//! Task 4.4: who is killed.

use crate::real;
use crate::sim::{Scenario, Sim, of, scenario, word};
use podcheck::Result;

const LIVENESS: &str = "livenessProbe: { tcpSocket: { port: 80 } }";

fn pod(policy: &str, probes: &str, script: &str) -> Scenario {
    scenario(policy).container_with("app", probes, script)
}

fn run(policy: &str, probes: &str, script: &str, until: &str) -> Result<Sim> {
    pod(policy, probes, script).until(until).run()
}

/// Three in a row, unless the manifest says otherwise; then SIGTERM, and another run.
pub fn a_row_of_failures_kills() -> Result {
    let script = "liveness: [{}, { from: 25s, fails: no answer }]";
    let sim = run("Always", LIVENESS, script, "55s")?;
    let what = "app, with failures of liveness at 30, 40 and 50 s";
    sim.expect(what, "0 start, 50 SIGTERM, 50 exit 143, 50 start", sim.story("app"))?;
    sim.expect("event Killing", "Container app failed liveness probe, will be restarted", sim.told("Killing"))?;
    let three = ["Liveness probe failed: no answer"; 3].join(" / ");
    sim.expect("events Unhealthy", &three, sim.told("Unhealthy"))?;
    let probes = "livenessProbe: { tcpSocket: { port: 80 }, failureThreshold: 1, periodSeconds: 7 }";
    let sim = run("Always", probes, script, "30s")?;
    sim.expect("app, failureThreshold 1, period 7", "0 start, 28 SIGTERM, 28 exit 143, 28 start", sim.story("app"))
}

/// A probe ends a container; whether there is another run is for the restart policy to say.
pub fn the_policy_decides_what_is_next() -> Result {
    for (policy, on_term, runs, phase) in [
        ("Never", "exits: 1", 1, "Failed"),
        ("Never", "exits: 0", 1, "Succeeded"),
        ("OnFailure", "exits: 0", 1, "Succeeded"),
        ("OnFailure", "exits: 1", 2, "Running"),
        ("Always", "exits: 0", 2, "Running"),
    ] {
        let script = format!("onTerm: {{ {on_term} }}, liveness: [{{ fails: no }}]");
        let sim = run(policy, LIVENESS, &script, "40s")?;
        let last = sim.last();
        let shown = format!("{} runs, {}", sim.starts("app").split(", ").count(), word(&last["phase"]));
        let what = format!("runs and phase, with policy {policy}, and after SIGTERM the program {on_term}");
        sim.expect(&what, &format!("{runs} runs, {phase}"), shown)?;
    }
    Ok(())
}

/// A new run is alive until shown otherwise, and restarts are held back as always.
pub fn a_kill_begins_a_new_row() -> Result {
    let sim = run("Always", LIVENESS, "liveness: [{ fails: no }]", "145s")?;
    let what = "starts of a program whose liveness always fails, period 10";
    sim.expect(what, "0, 30, 70, 120", sim.starts("app"))?;
    let restarts = of(sim.last(), "app")["restartCount"].to_string();
    sim.expect("restartCount", "3", restarts)
}

/// A container that does not come up is killed, too.
pub fn a_failed_startup_kills() -> Result {
    let probes =
        "startupProbe: { tcpSocket: { port: 80 }, failureThreshold: 2, periodSeconds: 6 }, ".to_owned() + LIVENESS;
    let sim = run("Always", &probes, "startup: [{ fails: not yet }]", "25s")?;
    let expected = "0 start, 12 SIGTERM, 12 exit 143, 12 start, 24 SIGTERM, 24 exit 143";
    sim.expect("app, with failures of startup each 6 s, failureThreshold 2", expected, sim.story("app"))?;
    let told = sim.told("Killing");
    let ok = told.starts_with("Container app failed startup probe, will be restarted");
    sim.expect_that("event Killing", "Container app failed startup probe, will be restarted", ok, &told)?;
    sim.expect("started", "0 false", sim.started("app"))
}

/// The same answers: readiness only takes work away.
pub fn readiness_never_kills() -> Result {
    let probes = LIVENESS.replace("liveness", "readiness");
    let sim = run("Always", &probes, "readiness: [{}, { from: 25s, fails: no }]", "10m")?;
    sim.expect("app, whose readiness fails from 25 s on", "0 start", sim.story("app"))?;
    sim.expect("ready", "0 false, 0 true, 50 false", sim.ready("app"))?;
    sim.expect("the phase", "0 Pending, 0 Running", sim.phases())?;
    // Its control: the same for liveness.
    let sim = run("Always", LIVENESS, "liveness: [{}, { from: 25s, fails: no }]", "52s")?;
    sim.expect("starts with the same answers for liveness", "0, 50", sim.starts("app"))
}

/// Who is being killed for a probe is not asked by it again; readiness goes on.
pub fn on_hold_until_the_next_run() -> Result {
    let probes = format!("{LIVENESS}, {}", LIVENESS.replace("liveness", "readiness"));
    let sim = run("Always", &probes, "onTerm: ignores, liveness: [{ fails: no }]", "75s")?;
    let expected = "0 start, 30 SIGTERM, 60 SIGKILL, 60 exit 137, 60 start";
    sim.expect("app, which ignores SIGTERM", expected, sim.story("app"))?;
    sim.expect("times of the liveness probe", "10 20 30 70", sim.looks("app", "liveness"))?;
    let looks = sim.looks("app", "readiness");
    sim.expect_that("times of the readiness probe", "40 and 50 among them", looks.contains("40 50"), &looks)?;
    let probes = LIVENESS.replace("liveness", "startup");
    let sim = run("Always", &probes, "onTerm: ignores, startup: [{ fails: no }]", "75s")?;
    sim.expect("times of a startup probe, with the same", "10 20 30 70", sim.looks("app", "startup"))
}

/// The probe's own grace period goes before the pod's, be it shorter or longer.
pub fn the_probes_own_grace_period() -> Result {
    for (kind, own, pods, killed) in [
        ("liveness", "", 9, 39),
        ("liveness", ", terminationGracePeriodSeconds: 7", 30, 37),
        ("startup", ", terminationGracePeriodSeconds: 7", 30, 37),
        ("liveness", ", terminationGracePeriodSeconds: 20", 5, 50),
        ("liveness", ", terminationGracePeriodSeconds: 1", 30, 32),
    ] {
        let probe = format!("{kind}Probe: {{ tcpSocket: {{ port: 80 }}{own} }}");
        let script = format!("onTerm: ignores, {kind}: [{{ fails: no }}]");
        let sim = pod("Never", &probe, &script).spec(&format!("terminationGracePeriodSeconds: {pods}")).run()?;
        let expected = format!("0 start, 30 SIGTERM, {killed} SIGKILL, {killed} exit 137");
        let what = format!("app, {kind} probe with{own}, terminationGracePeriodSeconds {pods} in the pod");
        sim.expect(&what.replace("with,", "with"), &expected, sim.story("app"))?;
    }
    Ok(())
}

/// A pod that is to end has the pod's grace period, and its probes kill nobody.
pub fn a_deletion_has_the_last_word() -> Result {
    let script = "onTerm: ignores, liveness: [{ fails: no }]";
    let sim = pod("Always", LIVENESS, script).event("at: 31s, delete: { grace: 4s }").run()?;
    let what = "app, killed by its probe at 30 s, the pod deleted at 31 s with a grace period of 4 s";
    sim.expect(what, "0 start, 30 SIGTERM, 35 SIGKILL, 35 exit 137", sim.story("app"))?;
    let own = "livenessProbe: { tcpSocket: { port: 80 }, timeoutSeconds: 5, terminationGracePeriodSeconds: 1 }";
    let script = "onTerm: ignores, liveness: [{ takes: 4s, fails: no }]";
    let sim = pod("Always", own, script).event("at: 31s, delete: { grace: 20s }").run()?;
    let what = "app, whose third failure comes at 34 s, the pod deleted at 31 s with a grace period of 20 s";
    sim.expect(what, "0 start, 31 SIGTERM, 51 SIGKILL, 51 exit 137", sim.story("app"))
}

/// It is stopped as any other: with its preStop hook.
pub fn a_hook_runs_before_the_kill() -> Result {
    let probes = format!("{LIVENESS}, lifecycle: {{ preStop: {{ exec: {{ command: [hook] }} }} }}");
    let sim = run("Never", &probes, "preStop: { takes: 3s }, liveness: [{ fails: no }]", "1h")?;
    let expected = "0 start, 30 preStop started, 33 preStop succeeded, 33 SIGTERM, 33 exit 143";
    sim.expect("app, with a preStop hook of 3 s", expected, sim.story("app"))
}

/// Each for itself; those that fail together are killed together.
pub fn only_who_failed_is_killed() -> Result {
    let sim = pod("Always", LIVENESS, "onTerm: { takes: 5s }, liveness: [{ fails: no }]")
        .container_with("fine", LIVENESS, "")
        .container_with("also", LIVENESS, "onTerm: { takes: 5s }, liveness: [{ fails: no }]")
        .until("36s")
        .run()?;
    let expected = "0 start, 30 SIGTERM, 35 exit 0, 35 start";
    sim.expect("app, whose liveness fails", expected, sim.story("app"))?;
    sim.expect("also, whose liveness fails", expected, sim.story("also"))?;
    sim.expect("fine", "0 start", sim.story("fine"))
}

/// On a real process: the file it is asked for goes away.
pub fn a_real_program_is_killed_and_restarted() -> Result {
    let text = include_str!("../../pods/exec.yaml");
    let mut running = real::pod("04-probes/pods/exec.yaml", &text.replace("Never", "Always")).spawn()?;
    let event = real::event(&mut running, "app", "Killing")?;
    let told = word(&event["message"]);
    let expected = "Container app failed liveness probe, will be restarted";
    if told != expected {
        return Err(running.failure("event Killing", expected, told));
    }
    real::wait_for(&mut running, "restartCount 1 and a running container", |pod| {
        let app = of(&pod["status"], "app");
        app["restartCount"] == 1 && app["state"].get("running").is_some()
    })
}
