//! Task 8.8: when memory is short.

use std::time::Duration;

use crate::kit::{Pod, both, of_type, one, text_of};
use podcheck::{Cli, Failure, Process, Result, Signal, Value};

const NODE: [&str; 2] = ["--allocatable", "cpu=100,memory=1000Mi"];

/// The scores of a pod's containers, on a node with 1000Mi.
fn scores(what: &str, pod: &Pod, expected: &[i64]) -> Result {
    let seen = pod.seen_on(&NODE)?;
    for (n, expected) in expected.iter().enumerate() {
        let at = format!("/containers/{n}");
        let name = seen.about.pointer(&format!("{at}/name")).map(text_of).unwrap_or_default();
        seen.expect(
            &format!("oom_score_adj of {name} on a node with 1000Mi, {what}"),
            &format!("{at}/oomScoreAdj"),
            *expected,
        )?;
    }
    Ok(())
}

fn memory(amount: &str) -> String {
    format!("{{requests: {{memory: {amount}}}}}")
}

pub fn who_goes_first() -> Result {
    scores(
        "in a Guaranteed pod",
        &one(&both("{cpu: 1, memory: 100Mi}")).init("first", &both("{cpu: 1, memory: 1Mi}")),
        &[-997, -997],
    )?;
    scores("in a BestEffort pod", &one("{}").app("other", "{}"), &[1000, 1000])?;
    scores("with a request of 100Mi", &one(&memory("100Mi")), &[900])?;
    scores(
        "with a request of 250Mi, beside one of 500Mi",
        &one(&memory("250Mi")).app("other", &memory("500Mi")),
        &[750, 500],
    )?;
    // Whole numbers: 1000 - 1, not 1000 - 1.5.
    scores("with a request of 1.5Mi", &one(&memory("1536Ki")), &[999])?;
    scores("with a request of 2.5Mi", &one(&memory("2560Ki")), &[998])?;
    scores("with a limit of 300Mi alone", &one("{limits: {memory: 300Mi}}"), &[700])
}

pub fn never_first_and_never_last() -> Result {
    scores("with all of the node's memory", &one(&memory("1000Mi")), &[3])?;
    scores("with more than the node's memory", &one(&memory("5000Mi")), &[3])?;
    scores("with 997Mi", &one(&memory("997Mi")), &[3])?;
    scores("with 996Mi", &one(&memory("996Mi")), &[4])?;
    scores("with nothing, beside one that asks", &one("{}").app("other", &memory("100Mi")), &[999, 900])?;
    scores("with one byte", &one(&memory("1")), &[999])
}

/// But an init container that is none, or a regular container with a policy of its own, is on its own.
pub fn a_sidecar_goes_with_its_pod() -> Result {
    let pod = |side: &str| Pod::default().sidecar("side", side).app("a", &memory("300Mi")).app("b", &memory("200Mi"));
    scores("a sidecar that asks for 10Mi", &pod(&memory("10Mi")), &[800, 700, 800])?;
    scores("a sidecar that asks for nothing", &pod("{}"), &[800, 700, 800])?;
    scores("a sidecar that asks for 400Mi", &pod(&memory("400Mi")), &[600, 700, 800])?;
    let init = Pod::default().init("first", &memory("10Mi")).app("a", &memory("300Mi"));
    scores("an init container that asks for 10Mi", &init, &[990, 700])?;
    let init = Pod::default().init("first", &memory("10Mi")).sidecar("side", "{}").app("a", &memory("300Mi"));
    scores("an init container that asks for 10Mi, and a sidecar", &init, &[990, 700, 700])?;
    let beside = Pod::default().sidecar("side", &memory("10Mi")).app("a", "{}").app("b", &memory("200Mi"));
    scores("a sidecar beside a container that asks for nothing", &beside, &[990, 999, 800])
}

/// And whoever cannot hold the pod to its limits says so, or refuses.
pub fn the_process_has_its_score() -> Result {
    let pod = Pod::default().runs("app", &memory("100Mi"), "cat /proc/self/oom_score_adj");
    let pod = pod.runs("other", "{}", "sleep 0.2; cat /proc/self/oom_score_adj");
    let own: i64 = Process::me().read("oom_score_adj")?.trim().parse().unwrap_or(0);
    if own > 900 {
        return Err(Failure::not_here(format!(
            "the checks themselves run with oom_score_adj {own}, and nobody may go below it"
        )));
    }
    let run =
        |more: &[&str]| Cli::new("run").args(["-", "--format", "json"]).args(NODE).args(more).stdin(pod.text()).run();
    let ran = run(&[])?;
    ran.expect_code(0)?;
    let lines = ran.json_lines()?;
    for (name, expected) in [("app", "900"), ("other", "999")] {
        let said = of_type(&lines, "log").into_iter().find(|it| it["container"] == name);
        let said = said.map_or_else(|| "nothing".to_owned(), |it| text_of(&it["line"]));
        ran.expect(format!("/proc/self/oom_score_adj in {name}"), expected, said == expected, said)?;
    }
    let warnings = of_type(&lines, "event").into_iter().filter(|it| it["reason"] == "ResourcesNotEnforced").count();
    let strict = run(&["--strict"])?;
    match warnings {
        0 => strict.expect_code(0).map(|_| ()),
        _ => {
            ran.expect("how often it is said that requests are not enforced", 1, warnings == 1, warnings)?;
            strict.expect_code(2).map(|_| ())
        }
    }
}

/// The container statuses of a simulated pod, the last ones.
fn simulated(runs: &str) -> Result<(podcheck::Ran, Value)> {
    let scenario = format!(
        "pod:\n  apiVersion: v1\n  kind: Pod\n  metadata: {{name: peas}}\n  spec:\n    restartPolicy: Never\n    containers:\n      - {{name: app, image: host, command: [app], resources: {{limits: {{memory: 64Mi}}}}}}\ncontainers:\n  app:\n    runs:\n      - {runs}\n"
    );
    let ran = Cli::new("simulate").args(["-", "--format", "json"]).stdin(scenario).run()?;
    ran.expect_code(0)?;
    let statuses = of_type(&ran.json_lines()?, "status");
    let last = statuses.last().map(|it| it["status"]["containerStatuses"][0]["state"]["terminated"].clone());
    Ok((ran, last.unwrap_or_default()))
}

fn ends(what: &str, runs: &str, reason: &str, code: i64) -> Result {
    let (ran, end) = simulated(runs)?;
    ran.expect(
        format!("the reason of a container that ended: {what}"),
        reason,
        end["reason"] == reason,
        &end["reason"],
    )?;
    ran.expect(format!("the exit code: {what}"), code, end["exitCode"] == code, &end["exitCode"]).map(|_| ())
}

const KILLED: &str = "{low: 0, high: 0, max: 312, oom: 1, oom_kill: 1, oom_group_kill: 1}";

pub fn the_reason_is_oom_killed() -> Result {
    ends("killed for lack of memory", &format!("{{lasts: 1s, signal: 9, memoryEvents: {KILLED}}}"), "OOMKilled", 137)?;
    ends("two processes killed", "{lasts: 1s, signal: 9, memoryEvents: {oom: 1, oom_kill: 2}}", "OOMKilled", 137)?;
    ends("ten processes killed", "{lasts: 1s, signal: 9, memoryEvents: {oom: 1, oom_kill: 10}}", "OOMKilled", 137)?;
    ends("a child of it killed", "{lasts: 1s, exits: 3, memoryEvents: {oom: 1, oom_kill: 1}}", "OOMKilled", 3)
}

/// 137 is any SIGKILL.
pub fn not_every_137() -> Result {
    ends("SIGKILL from somebody", "{lasts: 1s, signal: 9, memoryEvents: {max: 0, oom: 0, oom_kill: 0}}", "Error", 137)?;
    ends("SIGKILL, and nobody counted", "{lasts: 1s, signal: 9}", "Error", 137)?;
    let reached = "{lasts: 1s, signal: 9, memoryEvents: {max: 312, oom: 2, oom_kill: 0, oom_group_kill: 0}}";
    ends("at its limit, and the kernel found memory", reached, "Error", 137)?;
    ends("SIGKILL, and no line counts kills", "{lasts: 1s, signal: 9, memoryEvents: {max: 3, oom: 1}}", "Error", 137)?;
    ends("exit code 1", "{lasts: 1s, exits: 1, memoryEvents: {oom_kill: 0}}", "Error", 1)?;
    ends("killed for lack of memory", &format!("{{lasts: 1s, signal: 9, memoryEvents: {KILLED}}}"), "OOMKilled", 137)
}

/// With a real cgroup. A neighbour in the same pod lives on.
pub fn too_much_memory() -> Result {
    crate::real::delegated()?;
    let eats = "head -c 200000000 /dev/zero | tail -c 200000000 >/dev/null; echo survived";
    let pod = Pod::default()
        .field("terminationGracePeriodSeconds: 1")
        .runs("app", &both("{cpu: 1, memory: 32Mi}"), &format!("sleep 0.2; {eats}"))
        .runs("other", &both("{cpu: 1, memory: 32Mi}"), "sleep 3; echo still here");
    let run = Cli::new("run").args(["-", "--format", "json", "--strict", "--allocatable", "cpu=8,memory=1Gi"]);
    let ran = run.timeout(Duration::from_secs(20)).stdin(pod.text()).run()?;
    ran.expect_code(1)?;
    let lines = ran.json_lines()?;
    let status = of_type(&lines, "status").last().map(|it| it["pod"]["status"].clone()).unwrap_or_default();
    let of = |name: &str| {
        let all = status["containerStatuses"].as_array().into_iter().flatten();
        all.clone().find(|it| it["name"] == name).map(|it| it["state"]["terminated"].clone()).unwrap_or_default()
    };
    ran.expect(
        "the reason of the container that needs 200 MB and may have 32Mi",
        "OOMKilled",
        of("app")["reason"] == "OOMKilled",
        of("app"),
    )?;
    ran.expect("its exit code", 137, of("app")["exitCode"] == 137, of("app"))?;
    ran.expect("the reason of its neighbour", "Completed", of("other")["reason"] == "Completed", of("other"))?;
    let said: Vec<String> = of_type(&lines, "log").iter().map(|it| text_of(&it["line"])).collect();
    ran.expect("what the two have printed", "still here", said == ["still here"], said.join(", "))?;
    // The control: somebody else's SIGKILL is none of this.
    let pod = Pod::default().runs("app", &both("{cpu: 1, memory: 64Mi}"), "sleep 100");
    let mut run = Cli::new("run")
        .args(["-", "--format", "json", "--strict", "--allocatable", "cpu=8,memory=1Gi"])
        .stdin(pod.text())
        .spawn()?;
    run.wait_for_json("a pod that runs", Duration::from_secs(5), |line| line["pod"]["status"]["phase"] == "Running")?;
    let sleep = Process(run.id()).wait_for("the container's sleep", |it| {
        it.command().contains("sleep 100") && !it.command().contains("resources")
    })?;
    let pid = i32::try_from(sleep.0).unwrap_or_default();
    crate::real::kill(pid, Signal::SIGKILL)?;
    let ran = run.wait(Duration::from_secs(10))?;
    let status = of_type(&ran.json_lines()?, "status")
        .last()
        .map(|it| it["pod"]["status"]["containerStatuses"][0]["state"]["terminated"].clone())
        .unwrap_or_default();
    ran.expect("the reason of a container that somebody has killed", "Error", status["reason"] == "Error", &status)
        .map(|_| ())
}
