//! The same rules on real processes: what the programs say, and when.

use std::fs::File;
use std::time::Duration;

use crate::sim::{of, state, word};
use podcheck::{Cli, Failure, Process, Ran, Result, Running, Signal, Value};

const LONG: Duration = Duration::from_secs(15);

fn pod(path: &str, text: &str) -> Cli {
    Cli::new("run").manifest(path, text).args(["--format", "json"]).timeout(LONG)
}

/// The lines that a container has printed.
fn log(lines: &[Value], container: &str) -> String {
    let mine = lines.iter().filter(|it| it["type"] == "log" && it["container"] == container);
    mine.map(|it| word(&it["line"])).collect::<Vec<_>>().join(" / ")
}

/// All lines, in the order in which they came.
fn logs(lines: &[Value]) -> String {
    let all = lines.iter().filter(|it| it["type"] == "log");
    all.map(|it| format!("{}: {}", word(&it["container"]), word(&it["line"]))).collect::<Vec<_>>().join(" / ")
}

/// The last status that was told.
fn last(lines: &[Value]) -> &Value {
    lines.iter().rfind(|it| it["type"] == "status").map_or(&Value::Null, |it| &it["pod"]["status"])
}

fn wait_for_log(running: &mut Running, container: &str, line: &str) -> Result {
    let is = |it: &Value| it["type"] == "log" && it["container"] == container && it["line"] == line;
    running.wait_for_json(&format!("the line {line:?} of {container}"), LONG, is).map(|_| ())
}

fn expect(ran: &Ran, what: &str, expected: &str, observed: &str) -> Result {
    ran.expect(what, expected, expected == observed, observed).map(|_| ())
}

/// The notes' pod, unchanged.
pub fn the_notes_pod_runs() -> Result {
    let text = include_str!("../../pods/pod-init.yaml");
    // The app ignores SIGTERM (a shell as PID 1): the speed shortens the 30 s until SIGKILL.
    let mut running = pod("05-init/pods/pod-init.yaml", text).args(["--speed", "30"]).spawn()?;
    wait_for_log(&mut running, "kubernetes-simple-pod", "The app is running!")?;
    running.signal(Signal::SIGINT)?;
    let ran = running.wait(LONG)?;
    ran.expect_code(130)?;
    let expected =
        "init-myservice: helloworld01 / init-mydb: helloworld02 / kubernetes-simple-pod: The app is running!";
    expect(&ran, "what the containers print, in this order", expected, &logs(&ran.json_lines()?))
}

/// Chapter 2's queue: all is produced before anything is consumed.
pub fn the_queue_in_order() -> Result {
    let text = include_str!("../../pods/queue-in-order.yaml");
    let ran = pod("05-init/pods/queue-in-order.yaml", text).run()?;
    ran.expect_code(0)?;
    let lines = ran.json_lines()?;
    let word = |verb: &str| (1..=5).map(|n| format!("{verb}: message {n}")).collect::<Vec<_>>().join(" / ");
    expect(&ran, "the producer's output", &word("Produced"), &log(&lines, "1st"))?;
    expect(&ran, "the consumer's output", &word("Consumed"), &log(&lines, "2nd"))?;
    let order: Vec<&str> =
        lines.iter().filter(|it| it["type"] == "log").map(|it| crate::sim::word(&it["container"])).collect();
    let expected = "1st 1st 1st 1st 1st 2nd 2nd 2nd 2nd 2nd";
    expect(&ran, "who prints, line by line", expected, &order.join(" "))
}

/// The app waits for something from outside.
pub fn it_waits_for_the_outside() -> Result {
    let mut running = pod("05-init/pods/wait.yaml", include_str!("../../pods/wait.yaml")).spawn()?;
    wait_for_log(&mut running, "wait-for-go", "waiting")?;
    let waits =
        Process(running.id()).wait_for("the waiting init container", |it| it.command().contains("until test -e"))?;
    // Long enough for an app that does not wait to have said so.
    std::thread::sleep(Duration::from_millis(500));
    let lines = running.stdout();
    let lines: Vec<Value> = lines.lines().filter_map(|line| podcheck::serde_json::from_str(line).ok()).collect();
    if !log(&lines, "app").is_empty() {
        return Err(running.failure("app's output before /dev/shm/go is there", "nothing yet", log(&lines, "app")));
    }
    let go = waits.inside("/dev/shm/go");
    File::create(&go).map_err(|error| Failure::grader(format!("make {}: {error}", go.display())))?;
    let ran = running.wait(LONG)?;
    ran.expect_code(0)?;
    let expected = "wait-for-go: waiting / wait-for-go: here it is / app: The app is running!";
    expect(&ran, "what the containers print", expected, &logs(&ran.json_lines()?))
}

/// A failing init container: tried again, or the end of the pod.
pub fn a_real_failure_by_policy() -> Result {
    let text = include_str!("../../pods/fails-once.yaml");
    let ran = pod("05-init/pods/fails-once.yaml", text).run()?;
    ran.expect_code(0)?;
    let expected = "setup: no luck / setup: it works / app: The app is running!";
    expect(&ran, "the output with policy OnFailure", expected, &logs(&ran.json_lines()?))?;
    let cli = Cli::new("run").manifest_text("never.yaml", &text.replace("OnFailure", "Never"));
    let ran = cli.args(["--format", "json"]).run()?;
    ran.expect_code(1)?;
    expect(&ran, "the output with policy Never", "setup: no luck", &logs(&ran.json_lines()?))
}

/// The app finds what its sidecar has prepared; its end ends the sidecar, whose exit code counts for nothing.
pub fn a_real_job_ends() -> Result {
    let ran = pod("05-init/pods/job.yaml", include_str!("../../pods/job.yaml")).run()?;
    ran.expect_code(0)?;
    let lines = ran.json_lines()?;
    expect(&ran, "app's output", "here is your data", &log(&lines, "app"))?;
    expect(&ran, "the sidecar's output", "asked to end", &log(&lines, "helper"))?;
    expect(&ran, "the sidecar's state", "Terminated Error 3", &state(&of(last(&lines), "helper")["state"]))?;
    expect(&ran, "the phase", "Succeeded", word(&last(&lines)["phase"]))
}

/// The time in a line of `ends.yaml`: `asked at 123.45`.
fn time(ran: &Ran, lines: &[Value], container: &str, what: &str) -> Result<f64> {
    let printed = log(lines, container);
    let found = printed.split(" / ").find_map(|line| line.strip_prefix(what)?.trim().parse().ok());
    found.ok_or_else(|| ran.failure(format!("the output of {container}"), format!("a line `{what} SECONDS`"), printed))
}

/// In reverse, one after another, by the clock of the programs themselves.
pub fn a_real_end_in_order() -> Result {
    let mut running = pod("05-init/pods/ends.yaml", include_str!("../../pods/ends.yaml")).spawn()?;
    let started = |it: &Value| it["type"] == "log" && it["container"] == "app";
    running.wait_for_json("app's first line", LONG, started)?;
    running.signal(Signal::SIGINT)?;
    let ran = running.wait(LONG)?;
    ran.expect_code(130)?;
    let lines = ran.json_lines()?;
    for pair in [["app", "logger"], ["logger", "proxy"]] {
        let ended = time(&ran, &lines, pair[0], "ended at")?;
        let asked = time(&ran, &lines, pair[1], "asked at")?;
        let what = format!("when {} has ended, and when {} is asked to end", pair[0], pair[1]);
        let observed = format!("{ended} s and {asked} s after the machine's start");
        ran.expect(what, "in this order", ended <= asked, observed)?;
    }
    let starts = lines.iter().filter(|it| it["type"] == "event" && it["reason"] == "Started");
    let starts: Vec<&str> = starts.map(|it| word(&it["container"])).collect();
    expect(&ran, "the order of the starts", "proxy logger app", &starts.join(" "))?;
    expect(&ran, "the phase", "Succeeded", word(&last(&lines)["phase"]))
}

/// Ctrl-C while the pod initialises: the init container is ended, the app never starts.
pub fn a_real_deletion_while_it_initialises() -> Result {
    let mut running =
        pod("05-init/pods/wait.yaml", include_str!("../../pods/wait.yaml")).args(["--speed", "30"]).spawn()?;
    wait_for_log(&mut running, "wait-for-go", "waiting")?;
    running.signal(Signal::SIGINT)?;
    let ran = running.wait(LONG)?;
    ran.expect_code(130)?;
    let lines = ran.json_lines()?;
    expect(&ran, "what the containers print", "wait-for-go: waiting", &logs(&lines))?;
    expect(
        &ran,
        "the init container's state",
        "Terminated Error 137",
        &state(&of(last(&lines), "wait-for-go")["state"]),
    )?;
    expect(&ran, "the phase", "Failed", word(&last(&lines)["phase"]))
}

/// The pause process is killed: everything begins anew, also what the init container does.
pub fn a_real_sandbox_dies() -> Result {
    let mut running = pod("05-init/pods/ends.yaml", &with_init(include_str!("../../pods/ends.yaml"))).spawn()?;
    let app = |it: &Value| it["type"] == "log" && it["container"] == "app" && word(&it["line"]).starts_with("started");
    running.wait_for_json("app's first line", LONG, app)?;
    let pause = Process(running.id()).wait_for("a pause process", |it| it.name() == "pause")?;
    // As `kill -9` does. The number is still its own: it was just seen alive.
    kill(pause)?;
    running.wait_for_json("app's first line in the new sandbox", LONG, app)?;
    running.signal(Signal::SIGINT)?;
    let ran = running.wait(LONG)?;
    ran.expect_code(130)?;
    let lines = ran.json_lines()?;
    expect(&ran, "the output of the init container", "set up / set up", &log(&lines, "setup"))?;
    let counts = ["setup", "proxy", "app"].map(|name| of(last(&lines), name)["restartCount"].to_string());
    expect(&ran, "restartCount of setup, proxy and app", "1 1 1", &counts.join(" "))
}

fn kill(process: Process) -> Result {
    let ran = std::process::Command::new("kill").args(["-9", &process.0.to_string()]).status();
    match ran {
        Ok(status) if status.success() => Ok(()),
        ran => Err(Failure::grader(format!("kill -9 {}: {ran:?}", process.0))),
    }
}

/// The same pod with an init container before the sidecars.
fn with_init(text: &str) -> String {
    let setup = "initContainers:\n    - { name: setup, image: host, command: [sh, -c, 'echo set up'] }\n";
    text.replacen("initContainers:\n", setup, 1)
}

/// What `kubectl get pods` would show, in the words for people.
pub fn kubectl_shows_how_far() -> Result {
    let ran =
        Cli::new("run").manifest("05-init/pods/fails-once.yaml", include_str!("../../pods/fails-once.yaml")).run()?;
    ran.expect_code(0)?;
    let stderr = ran.stderr();
    let phases = stderr.lines().filter_map(|line| line.strip_prefix("fails-once: "));
    let expected =
        "Pending (Init:0/1), Pending (Init:Error), Pending (Init:0/1), Pending (PodInitializing), Running, Succeeded";
    expect(&ran, "the phases that are told", expected, &phases.collect::<Vec<_>>().join(", "))
}
