//! The same rules on real processes: what the programs notice, and the exit status of `run`.

use std::time::Duration;

use crate::sim::{of, scenario, state, word};
use podcheck::{Cli, Ran, Result, Running, Signal, Value};

const LONG: Duration = Duration::from_secs(10);

fn pod(path: &str, text: &str) -> Cli {
    Cli::new("run").manifest(path, text).args(["--format", "json"])
}

/// The lines that a container has printed.
fn log(lines: &[Value], container: &str) -> String {
    let mine = lines.iter().filter(|it| it["type"] == "log" && it["container"] == container);
    mine.map(|it| word(&it["line"])).collect::<Vec<_>>().join(" / ")
}

/// The last status that was told.
fn last(lines: &[Value]) -> &Value {
    lines.iter().rfind(|it| it["type"] == "status").map_or(&Value::Null, |it| &it["pod"]["status"])
}

fn container_says(running: &mut Running, line: &str) -> Result {
    let is = |it: &Value| it["type"] == "log" && it["line"] == line;
    running.wait_for_json(&format!("the container's line {line:?}"), LONG, is).map(|_| ())
}

fn expect(ran: &Ran, what: &str, expected: &str, observed: &str) -> Result {
    ran.expect(what, expected, expected == observed, observed).map(|_| ())
}

/// `run` exits 1 if the pod Failed, 0 if it Succeeded.
pub fn the_exit_status_is_the_phase() -> Result {
    let text = include_str!("../../pods/two-ends.yaml");
    let ran = pod("03-lifecycle/pods/two-ends.yaml", text).run()?;
    ran.expect_code(1)?;
    let lines = ran.json_lines()?;
    expect(&ran, "the phase", "Failed", word(&last(&lines)["phase"]))?;
    expect(&ran, "bad's state", "Terminated Error 3", &state(&of(last(&lines), "bad")["state"]))?;
    let ran = Cli::new("run")
        .manifest_text("good.yaml", &text.replace("exit 3", "exit 0"))
        .args(["--format", "json"])
        .run()?;
    ran.expect_code(0)?;
    expect(&ran, "the phase", "Succeeded", word(&last(&ran.json_lines()?)["phase"]))
}

/// A program that fails once is run twice.
pub fn a_real_program_is_restarted() -> Result {
    let ran = pod("03-lifecycle/pods/retry.yaml", include_str!("../../pods/retry.yaml")).run()?;
    ran.expect_code(0)?;
    let lines = ran.json_lines()?;
    expect(&ran, "app's output", "run 0 / run 1", &log(&lines, "app"))?;
    let app = of(last(&lines), "app");
    let shown = format!("{}, {}, restartCount {}", state(&app["state"]), state(&app["lastState"]), app["restartCount"]);
    expect(&ran, "app at the end", "Terminated Completed 0, Terminated Error 1, restartCount 1", &shown)
}

/// The next container starts when the hook has run, and sees what it did.
pub fn a_real_hook_comes_first() -> Result {
    let text = include_str!("../../pods/first-things-first.yaml");
    let ran = pod("03-lifecycle/pods/first-things-first.yaml", text).run()?;
    ran.expect_code(0)?;
    expect(&ran, "output of the second container", "prepared", &log(&ran.json_lines()?, "uses"))
}

/// Real last words, from the file and from the log.
pub fn real_last_words() -> Result {
    let texts = [
        ("last-words", include_str!("../../pods/last-words.yaml")),
        ("broken-off", include_str!("../../pods/broken-off.yaml")),
    ];
    let [both, one] = texts.map(|(name, text)| pod(&format!("03-lifecycle/pods/{name}.yaml"), text).run());
    let left = [(&both, "writes", "disk is full"), (&both, "only-logs", "no such table\n"), (&one, "app", "no such")];
    for (ran, container, expected) in left {
        let ran = ran.as_ref().map_err(Clone::clone)?;
        ran.expect_code(1)?;
        let lines = ran.json_lines()?;
        let message = word(&of(last(&lines), container)["state"]["terminated"]["message"]);
        let what = format!("the termination message of {container}, with its newline if it wrote one");
        expect(ran, &what, &format!("{expected:?}"), &format!("{message:?}"))?;
    }
    Ok(())
}

/// The first restart at once, the second 10 s later, of the pod's own time.
pub fn a_real_crash_loop_is_held_back() -> Result {
    let cli = pod("03-lifecycle/pods/crashloop.yaml", include_str!("../../pods/crashloop.yaml")).args(["--speed", "5"]);
    let mut running = cli.spawn()?;
    let mut times = Vec::new();
    for run in 0..3 {
        let started = |it: &Value| it["type"] == "event" && it["reason"] == "Started";
        let event = running.wait_for_json(&format!("the start of run {run}"), LONG, started)?;
        times.push(seconds(word(&event["time"])));
    }
    // Ctrl-C comes while nothing runs: there is nothing to stop.
    let held_back = |it: &Value| it["type"] == "event" && it["reason"] == "BackOff";
    running.wait_for_json("the event BackOff after run 2", LONG, held_back)?;
    running.signal(Signal::SIGINT)?;
    let ran = running.wait(LONG)?;
    ran.expect_code(130)?;
    let gaps = [times[1] - times[0], times[2] - times[1]];
    // Times are told to the second, and a busy machine is late, never early.
    let ok = gaps[0] < 9.0 && gaps[1] >= 9.0;
    let told = format!("{} s and {} s", gaps[0], gaps[1]);
    ran.expect("from run 0 to run 1, and from run 1 to run 2", "about 0 s and 10 s", ok, told)?;
    let app = of(last(&ran.json_lines()?), "app").clone();
    expect(&ran, "app after Ctrl-C", "Terminated Error 1", &state(&app["state"]))
}

/// Seconds of the day of an RFC 3339 time.
fn seconds(time: &str) -> f64 {
    let clock = time.split('T').nth(1).unwrap_or("").trim_end_matches('Z');
    clock.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().unwrap_or(0.0))
}

fn graceful() -> Result<Running> {
    let mut running = pod("03-lifecycle/pods/graceful.yaml", include_str!("../../pods/graceful.yaml")).spawn()?;
    container_says(&mut running, "ready")?;
    Ok(running)
}

/// Ctrl-C: preStop, then SIGTERM, and the program may end as it likes. Exit status 130.
pub fn ctrl_c_ends_the_pod_gracefully() -> Result {
    let running = graceful()?;
    running.signal(Signal::SIGINT)?;
    let ran = running.wait(LONG)?;
    ran.expect_code(130)?;
    let lines = ran.json_lines()?;
    expect(&ran, "app's output", "ready / asked to end, after: the hook", &log(&lines, "app"))?;
    expect(&ran, "app's state", "Terminated Completed 0", &state(&of(last(&lines), "app")["state"]))?;
    expect(&ran, "the phase", "Succeeded", word(&last(&lines)["phase"]))
}

/// SIGTERM to the runner does the same. Exit status 143.
pub fn sigterm_ends_the_pod_gracefully() -> Result {
    let running = graceful()?;
    running.signal(Signal::SIGTERM)?;
    let ran = running.wait(LONG)?;
    ran.expect_code(143)?;
    expect(&ran, "app's output", "ready / asked to end, after: the hook", &log(&ran.json_lines()?, "app"))
}

/// A container that ignores SIGTERM. First in the simulator, where the times are exact.
fn stubborn(speed: &str, event: &str, expected: &str) -> Result<Running> {
    let script = scenario("Always").spec("terminationGracePeriodSeconds: 1").container("app", "onTerm: ignores");
    let sim = script.event("at: 5s, delete: {}").event(event).run()?;
    sim.expect("the same in the simulator, with a grace period of 1 s", expected, sim.story("app"))?;
    let cli = pod("03-lifecycle/pods/stubborn.yaml", include_str!("../../pods/stubborn.yaml")).args(["--speed", speed]);
    let mut running = cli.spawn()?;
    container_says(&mut running, "ready")?;
    Ok(running)
}

/// PID 1 without a handler does not notice SIGTERM: it takes SIGKILL, and that is 137.
pub fn who_ignores_sigterm_is_killed() -> Result {
    // A second deletion that asks for more changes nothing.
    let event = "at: 5500ms, delete: { grace: 9s }";
    let running = stubborn("8", event, "0 start, 5 SIGTERM, 7 SIGKILL, 7 exit 137")?;
    running.signal(Signal::SIGINT)?;
    let ran = running.wait(LONG)?;
    ran.expect_code(130)?;
    let lines = ran.json_lines()?;
    expect(&ran, "app's state", "Terminated Error 137", &state(&of(last(&lines), "app")["state"]))?;
    expect(&ran, "the phase", "Failed", word(&last(&lines)["phase"]))
}

/// A second Ctrl-C ends everything at once.
pub fn a_second_ctrl_c_kills_at_once() -> Result {
    let event = "at: 6500ms, killNow: true";
    let mut running = stubborn("0.1", event, "0 start, 5 SIGTERM, 6.5 SIGKILL, 6.5 exit 137")?;
    running.signal(Signal::SIGINT)?;
    let killing = |it: &Value| it["type"] == "event" && it["reason"] == "Killing";
    running.wait_for_json("the event Killing", LONG, killing)?;
    // One press of Ctrl-C may come as two signals; two presses are further apart.
    std::thread::sleep(Duration::from_millis(600));
    running.signal(Signal::SIGINT)?;
    // The grace period is 40 s at this speed.
    let ran = running.wait(LONG)?;
    ran.expect_code(130)?;
    expect(&ran, "app's state", "Terminated Error 137", &state(&of(last(&ran.json_lines()?), "app")["state"]))
}
