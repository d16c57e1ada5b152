//! Task 8.6: is there room?

use std::fs;
use std::time::Duration;

use crate::kit::{Pod, both, of_type, one, text_of};
use podcheck::{Cli, Failure, Result, Running, Signal, TempDir, Value, wait_until};

/// `resources` on a node with this allocatable, beside these pods.
fn judge(pod: &Pod, node: &str, beside: &[Pod], expected: std::result::Result<(), (&str, &str)>) -> Result {
    let dir = TempDir::new().map_err(|error| Failure::grader(format!("make a directory: {error}")))?;
    let mut options = vec!["--allocatable".to_owned(), node.to_owned()];
    for (n, other) in beside.iter().enumerate() {
        let file = dir.path().join(format!("{n}.yaml"));
        fs::write(&file, other.text())
            .map_err(|error| Failure::grader(format!("write {}: {error}", file.display())))?;
        options.extend(["--beside".to_owned(), file.display().to_string()]);
    }
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let seen = pod.seen_on(&options)?;
    let what = format!("whether a node with {node} takes the pod beside {} others", beside.len());
    let observed = match &seen.about["admission"] {
        Value::String(word) => word.clone(),
        rejected => format!("{}: {}", text_of(&rejected["reason"]), text_of(&rejected["message"])),
    };
    let (code, expected) = match expected {
        Ok(()) => (0, "admitted".to_owned()),
        Err((reason, rest)) => (1, format!("{reason}: Node didn't have enough resource: {rest}")),
    };
    seen.ran.expect(what, &expected, expected == observed, &observed)?;
    seen.ran.expect_code(code).map(|_| ())
}

const ROOMY: &str = "cpu=100,memory=1Ti,ephemeral-storage=1Ti";

pub fn up_to_the_last_bit() -> Result {
    judge(&one("{requests: {cpu: 2}}"), "cpu=2,memory=1Gi", &[], Ok(()))?;
    let too_much = "cpu, requested: 2001, used: 0, capacity: 2000";
    judge(&one("{requests: {cpu: 2001m}}"), "cpu=2,memory=1Gi", &[], Err(("OutOfcpu", too_much)))?;
    judge(&one("{requests: {memory: 1Gi}}"), "cpu=2,memory=1Gi", &[], Ok(()))?;
    let too_much = "memory, requested: 1073741825, used: 0, capacity: 1073741824";
    judge(&one("{requests: {memory: 1073741825}}"), "cpu=2,memory=1Gi", &[], Err(("OutOfmemory", too_much)))?;
    let too_much = "ephemeral-storage, requested: 11, used: 0, capacity: 10";
    let node = "ephemeral-storage=10,memory=1Gi";
    judge(&one("{requests: {ephemeral-storage: 11}}"), node, &[], Err(("OutOfephemeral-storage", too_much)))?;
    judge(&one("{requests: {ephemeral-storage: 10}}"), node, &[], Ok(()))?;
    // A limit asks for nothing but the request that is missing.
    judge(&one("{requests: {cpu: 1}, limits: {cpu: 50}}"), "cpu=2", &[], Ok(()))?;
    let by_limit = "cpu, requested: 50000, used: 0, capacity: 2000";
    judge(&one("{limits: {cpu: 50}}"), "cpu=2", &[], Err(("OutOfcpu", by_limit)))?;
    let init = one("{requests: {cpu: 1}}").init("first", "{requests: {cpu: 3}}");
    judge(&init, "cpu=2", &[], Err(("OutOfcpu", "cpu, requested: 3000, used: 0, capacity: 2000")))
}

pub fn beside_others() -> Result {
    let pod = || one("{requests: {cpu: 700m, memory: 10Mi}}");
    judge(&pod(), "cpu=2100m,memory=1Gi", &[pod(), pod()], Ok(()))?;
    let full = "cpu, requested: 700, used: 1400, capacity: 2099";
    judge(&pod(), "cpu=2099m,memory=1Gi", &[pod(), pod()], Err(("OutOfcpu", full)))?;
    let full = "memory, requested: 10485760, used: 10485760, capacity: 10485761";
    judge(&pod(), "cpu=100,memory=10485761", &[pod()], Err(("OutOfmemory", full)))?;
    // What an init container of another pod needed counts, as long as that pod is there.
    let other = one("{}").init("first", "{requests: {cpu: 2}}");
    judge(&pod(), "cpu=2", &[other], Err(("OutOfcpu", "cpu, requested: 700, used: 2000, capacity: 2000")))?;
    let full = "pods, requested: 1, used: 2, capacity: 2";
    judge(&pod(), &format!("{ROOMY},pods=2"), &[one("{}"), one("{}")], Err(("OutOfpods", full)))?;
    judge(&pod(), &format!("{ROOMY},pods=3"), &[one("{}"), one("{}")], Ok(()))
}

pub fn the_first_reason() -> Result {
    let pod = one("{requests: {cpu: 2, memory: 2Gi, ephemeral-storage: 2Gi}}");
    let cpu = "cpu, requested: 2000, used: 0, capacity: 1000";
    judge(&pod, "cpu=1,memory=1Gi,ephemeral-storage=1Gi", &[], Err(("OutOfcpu", cpu)))?;
    let memory = "memory, requested: 2147483648, used: 0, capacity: 1073741824";
    judge(&pod, "cpu=2,memory=1Gi,ephemeral-storage=1Gi", &[], Err(("OutOfmemory", memory)))?;
    let pods = "pods, requested: 1, used: 0, capacity: 0";
    judge(&pod, "cpu=1,memory=1Gi,ephemeral-storage=1Gi,pods=0", &[], Err(("OutOfpods", pods)))
}

/// It fits even where others have more than there is.
pub fn who_asks_for_nothing() -> Result {
    let greedy = || one("{requests: {cpu: 4, memory: 4Gi}}");
    judge(&one("{}"), "cpu=1,memory=1Gi", &[greedy()], Ok(()))?;
    judge(&one("{requests: {memory: 1}}"), "cpu=1,memory=8Gi", &[greedy()], Ok(()))?;
    judge(
        &one("{requests: {cpu: 1m}}"),
        "cpu=1,memory=8Gi",
        &[greedy()],
        Err(("OutOfcpu", "cpu, requested: 1, used: 4000, capacity: 1000")),
    )
}

/// Nothing of it is started.
pub fn a_rejected_pod() -> Result {
    let run = |node: &str| {
        let pod = one("{requests: {cpu: 3}}");
        Cli::new("run").args(["-", "--format", "json", "--allocatable", node]).stdin(pod.text()).run()
    };
    run("cpu=3")?.expect_code(0)?;
    let ran = run("cpu=2")?;
    ran.expect_code(1)?;
    let lines = ran.json_lines()?;
    let statuses = of_type(&lines, "status");
    let status = statuses.last().map(|it| it["pod"]["status"].clone()).unwrap_or_default();
    ran.expect("status.phase", "Failed", status["phase"] == "Failed", &status["phase"])?;
    ran.expect("status.reason", "OutOfcpu", status["reason"] == "OutOfcpu", &status["reason"])?;
    let message = "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000";
    ran.expect("status.message", message, status["message"] == message, &status["message"])?;
    let reasons: Vec<String> = of_type(&lines, "event").iter().map(|it| text_of(&it["reason"])).collect();
    ran.expect("the events", "OutOfcpu, and none of a start", reasons == ["OutOfcpu"], reasons.join(", ")).map(|_| ())
}

/// A node with room for one and a half, and three pods; the second gets its chance when it is made anew after the first is gone.
pub fn a_full_node() -> Result {
    let made = TempDir::new().map_err(|error| Failure::grader(format!("make a directory: {error}")))?;
    let manifests = made.path().join("manifests");
    let done = |result: std::io::Result<()>| result.map_err(|error| Failure::grader(format!("a manifest: {error}")));
    done(fs::create_dir(&manifests))?;
    let resources = both("{cpu: 1, memory: 64Mi}");
    let pod = |name: &str| {
        let text = Pod::default().field("terminationGracePeriodSeconds: 1").runs("app", &resources, "sleep 100").text();
        text.replace("{name: peas, uid: u-1}", &format!("{{name: {name}}}"))
    };
    let put = |name: &str, text: &str| done(fs::write(manifests.join(name), text));
    put("a.yaml", &pod("a"))?;
    put("b.yaml", &pod("b"))?;
    // One that was rejected takes nothing away from the next.
    put("c.yaml", &pod("c").replace("cpu: 1,", "cpu: 500m,"))?;
    let state = made.path().join("state").display().to_string();
    let dir = manifests.display().to_string();
    let args = ["--manifests", &dir, "--state", &state, "--format", "json", "--allocatable", "cpu=1500m,memory=1Gi"];
    let mut kubelet = Cli::new("kubelet").args(args).spawn()?;
    shows(&mut kubelet, &state, "a-node", "Running", "")?;
    let used = "used: 1000, capacity: 1500";
    shows(&mut kubelet, &state, "b-node", "Failed", used)?;
    shows(&mut kubelet, &state, "c-node", "Running", "")?;
    done(fs::remove_file(manifests.join("a.yaml")))?;
    wait_until(Duration::from_secs(6), || phase(&state, "a-node").is_none());
    put("b.yaml", &pod("b").replace("sleep 100", "sleep 101"))?;
    shows(&mut kubelet, &state, "b-node", "Running", "")?;
    kubelet.signal(Signal::SIGINT)?;
    kubelet.wait(Duration::from_secs(8))?.expect_code(130).map(|_| ())
}

/// Phase and message of a pod that `get` shows.
fn phase(state: &str, name: &str) -> Option<(String, String)> {
    let ran = Cli::new("get").args(["pods", "-o", "json", "--state", state]).run().ok()?;
    let all = ran.json().ok()?["items"].as_array().cloned()?;
    let status = all.into_iter().find(|pod| pod["metadata"]["name"] == name)?["status"].clone();
    Some((text_of(&status["phase"]), text_of(&status["message"])))
}

fn shows(kubelet: &mut Running, state: &str, name: &str, wanted: &str, says: &str) -> Result {
    let mut seen = None;
    wait_until(Duration::from_secs(6), || {
        seen = phase(state, name);
        seen.as_ref().is_some_and(|(phase, message)| phase == wanted && message.contains(says))
            || kubelet.try_wait().is_some()
    });
    match seen {
        Some((phase, message)) if phase == wanted && message.contains(says) => Ok(()),
        seen => {
            kubelet.expect_started()?;
            let observed = seen.map_or("no such pod".to_owned(), |(phase, message)| format!("{phase} {message}"));
            Err(kubelet.failure(format!("pod {name} in `get pods`"), format!("{wanted} {says}"), observed))
        }
    }
}
