//! `bench --pods 1,10,100`: many pods at once, as a user starts them: `peapod apply` and `podman
//! kube play` of the same file, in turn. Time: from the command until every container's program
//! has started. Memory: what the machine has less while they run, the kernel's own share included.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::podman::{self, Podman, quiet};
use super::{POD, median};

/// How often each number of pods is started by each; many only once, since that takes minutes.
const ROUNDS: u32 = 3;
const MANY: u32 = 50;
/// How long the kernel may take to have all memory back.
const REST: Duration = Duration::from_secs(2);

/// What it cost to have the pods.
struct Cost {
    time: Duration,
    /// In KiB.
    memory: u64,
}

/// Starts so many pods with both, and prints a line for each number.
pub fn run(program: &Path, dir: &Path, image: &Path, podman: Option<&Podman>, numbers: &[u32]) -> anyhow::Result<()> {
    println!("\n{:<10} {:<8} {:>12} {:>14} {:>16}", "pods", "", "all run, s", "a pod, ms", "a pod, MB");
    for &number in numbers {
        let manifest = dir.join(format!("{number}.yaml"));
        fs::write(&manifest, manifests(number)).context("writing the manifests")?;
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for round in 0..if number < MANY { ROUNDS } else { 1 } {
            let state = dir.join(format!("state-{number}-{round}"));
            ours.push(cost(|| peapod(program, &state, &manifest, image, number))?);
            if let Some(podman) = podman {
                theirs.push(cost(|| podman.many(&manifest, number))?);
            }
        }
        let ours = tell(number, "peapod", ours);
        if podman.is_some() {
            let theirs = tell(number, "podman", theirs);
            print!("{:<10} {:<8} {:>12.1}", "", "ratio", theirs.0 / ours.0);
            // What one pod has is lost in what the rest of the machine does.
            match ours.1 > 1.0 {
                true => println!(" {:>31.1}", theirs.1 / ours.1),
                false => println!(),
            }
        }
    }
    Ok(())
}

/// Prints the medians, and returns them.
fn tell(number: u32, name: &str, costs: Vec<Cost>) -> (f64, f64) {
    let (mut times, mut memory): (Vec<_>, Vec<_>) = costs.iter().map(|cost| (cost.time, cost.memory)).unzip();
    times.sort();
    memory.sort();
    let seconds = median(&times).as_secs_f64();
    let megabytes = memory[memory.len() / 2] as f64 / 1024.0;
    let pods = f64::from(number);
    println!("{number:<10} {name:<8} {seconds:>12.2} {:>14.1} {:>16.2}", seconds / pods * 1e3, megabytes / pods);
    (seconds, megabytes)
}

/// As many of the benchmark's pod, each with a name of its own.
fn manifests(number: u32) -> String {
    let one = |n| POD.replace("name: peas-bench\n", &format!("name: {}\n", podman::pod(n)));
    (1..=number).map(one).collect::<Vec<_>>().join("---\n")
}

/// What the pods have while they run can be removed again.
pub type Remove<'a> = Box<dyn FnOnce() -> anyhow::Result<()> + 'a>;

fn cost<'a>(start: impl FnOnce() -> anyhow::Result<Remove<'a>>) -> anyhow::Result<Cost> {
    thread::sleep(REST);
    let before = available()?;
    let begin = Instant::now();
    let remove = start()?;
    let time = begin.elapsed();
    thread::sleep(REST);
    let memory = before.saturating_sub(available()?);
    remove()?;
    Ok(Cost { time, memory })
}

/// MemAvailable, in KiB.
fn available() -> anyhow::Result<u64> {
    let about = fs::read_to_string("/proc/meminfo").context("reading /proc/meminfo")?;
    let line = about.lines().find_map(|line| line.strip_prefix("MemAvailable:"));
    let text = line.and_then(|line| line.split_whitespace().next()).context("no MemAvailable in /proc/meminfo")?;
    text.parse().context("reading MemAvailable")
}

/// `apply` returns when the node has taken the pods; they run when `get` says so.
fn peapod<'a>(
    program: &'a Path,
    state: &Path,
    manifest: &Path,
    image: &Path,
    number: u32,
) -> anyhow::Result<Remove<'a>> {
    let state = state.to_owned();
    let command = move |state: &PathBuf| {
        let mut command = Command::new(program);
        command.env("PEAPOD_STATE", state).stdin(Stdio::null());
        command
    };
    let given = format!("localhost/peas-bench:latest={}", image.display());
    quiet(command(&state).arg("apply").arg("-f").arg(manifest).args(["--image", &given]))?;
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let output = command(&state).args(["get", "pods", "-o", "json"]).output().context("starting peapod get")?;
        let text = String::from_utf8_lossy(&output.stdout);
        if text.matches("\"startedAt\"").count() >= 2 * number as usize {
            break;
        }
        ensure!(Instant::now() < end, "after a minute not all pods run");
        thread::sleep(Duration::from_millis(2));
    }
    Ok(Box::new(move || quiet(command(&state).args(["delete", "pods", "--all", "--grace-period", "0"]))))
}
