//! Real pods, and what is told of them.

use std::time::Duration;

use crate::sim::word;
use podcheck::{Cli, Result, Running, Value};

pub const LONG: Duration = Duration::from_secs(15);

/// A pod that stands in `exercises/`.
pub fn pod(path: &str, text: &str) -> Cli {
    Cli::new("run").manifest(path, text).args(["--format", "json"])
}

/// A pod that only the check has.
pub fn made(text: &str) -> Cli {
    Cli::new("run").manifest_text("pod.yaml", text).args(["--format", "json"])
}

/// The next event of a container with this reason.
pub fn event(running: &mut Running, container: &str, reason: &str) -> Result<Value> {
    let is = |it: &Value| it["type"] == "event" && it["reason"] == reason && it["container"] == container;
    running.wait_for_json(&format!("event {reason} of container {container}"), LONG, is)
}

/// Waits for a status of the pod.
pub fn wait_for(running: &mut Running, what: &str, is: impl Fn(&Value) -> bool) -> Result {
    running.wait_for_json(what, LONG, |it| it["type"] == "status" && is(&it["pod"])).map(|_| ())
}

/// All that was told so far.
pub fn told(running: &Running) -> Vec<Value> {
    running.stdout().lines().filter_map(|line| podcheck::serde_json::from_str(line).ok()).collect()
}

/// The lines that a container has printed.
pub fn log(lines: &[Value], container: &str) -> Vec<String> {
    let mine = lines.iter().filter(|it| it["type"] == "log" && it["container"] == container);
    mine.map(|it| word(&it["line"]).to_owned()).collect()
}
