//! Task 8.7 with real cgroups, where some are delegated.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::kit::{Pod, both, text_of};
use podcheck::{Cli, Failure, Process, Result, Running, Signal, wait_until};

/// Is there a cgroup that the runner can use? The runner itself says so: with `--strict` it refuses otherwise.
pub fn delegated() -> Result {
    let pod = Pod::default().app("app", &both("{cpu: 1, memory: 64Mi}"));
    let ran = Cli::new("run").args(["-", "--strict", "--allocatable", "cpu=8,memory=1Gi"]).stdin(pod.text()).run()?;
    let why = ran.stderr();
    match why.lines().find(|line| line.contains("asks for resources")) {
        Some(line) => Err(Failure::not_here(line)),
        None => ran.expect_code(0).map(|_| ()),
    }
}

/// For processes that nothing but their number is known of.
pub fn kill(pid: i32, signal: Signal) -> Result {
    let sent = Command::new("kill").args([format!("-{}", signal as i32), pid.to_string()]).status();
    match sent {
        Ok(status) if status.success() => Ok(()),
        other => Err(Failure::grader(format!("kill {pid}: {other:?}"))),
    }
}

/// Where version 2 is mounted.
fn mount() -> &'static Path {
    let unified = Path::new("/sys/fs/cgroup/unified");
    if unified.is_dir() { unified } else { Path::new("/sys/fs/cgroup") }
}

/// The cgroup of a process, as a directory.
fn cgroup(process: Process) -> Result<PathBuf> {
    let text = process.read("cgroup")?;
    let path = text.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    Ok(mount().join(path))
}

fn start(pod: &Pod, more: &[&str]) -> Result<Running> {
    let run =
        Cli::new("run").args(["-", "--format", "json", "--strict", "--allocatable", "cpu=8,memory=1Gi"]).args(more);
    let mut running = run.stdin(pod.text()).spawn()?;
    running
        .wait_for_json("a pod that runs", Duration::from_secs(5), |line| line["pod"]["status"]["phase"] == "Running")?;
    Ok(running)
}

/// The process of a container that sleeps for so long.
fn sleeper(running: &Running, seconds: &str) -> Result<Process> {
    let command = format!("sleep {seconds}");
    Process(running.id()).wait_for(&command, |it| it.command().trim() == command)
}

fn file(cgroup: &Path, name: &str, expected: &str) -> Result {
    let observed = fs::read_to_string(cgroup.join(name)).unwrap_or_else(|error| error.to_string());
    let what = format!("{name} of {}", cgroup.display());
    podcheck::expect(what, expected, observed.trim() == expected, observed.trim())
}

fn end(running: Running) -> Result {
    running.signal(Signal::SIGINT)?;
    running.wait(Duration::from_secs(10))?.expect_code(130).map(|_| ())
}

/// A pod of two that sleep, with other numbers than any other check.
fn two() -> Pod {
    Pod::default()
        .field("terminationGracePeriodSeconds: 1")
        .runs("app", "{requests: {cpu: 250m}, limits: {cpu: 500m, memory: 64Mi}}", "exec sleep 1071")
        .runs("other", "{requests: {cpu: 1}}", "exec sleep 1072")
}

pub fn in_the_kernels_files() -> Result {
    delegated()?;
    let running = start(&two(), &["--pod-pids-limit", "50"])?;
    let (app, other) = (cgroup(sleeper(&running, "1071")?)?, cgroup(sleeper(&running, "1072")?)?);
    let expected = "kubepods/burstable/podu-1/app";
    podcheck::expect("the cgroup of container app", format!(".../{expected}"), app.ends_with(expected), app.display())?;
    for (name, value) in
        [("cpu.weight", "35"), ("cpu.max", "50000 100000"), ("memory.max", "67108864"), ("memory.oom.group", "1")]
    {
        file(&app, name, value)?;
    }
    for (name, value) in
        [("cpu.weight", "100"), ("cpu.max", "max 100000"), ("memory.max", "max"), ("memory.oom.group", "1")]
    {
        file(&other, name, value)?;
    }
    let pod = app.parent().unwrap_or(&app);
    for (name, value) in [("cpu.weight", "49"), ("cpu.max", "max 100000"), ("memory.max", "max"), ("pids.max", "50")] {
        file(pod, name, value)?;
    }
    file(pod.parent().unwrap_or(pod), "cpu.weight", "49")?;
    end(running)
}

/// A tenth of a CPU for a program that would take all of one.
pub fn a_cpu_limit_slows_down() -> Result {
    delegated()?;
    let busy = "while :; do :; done & exec sleep 1073";
    let limited =
        Pod::default().field("terminationGracePeriodSeconds: 1").runs("app", &both("{cpu: 100m, memory: 64Mi}"), busy);
    let free = Pod::default().field("terminationGracePeriodSeconds: 1").runs("app", "{requests: {cpu: 100m}}", busy);
    let mut used = Vec::new();
    for pod in [&limited, &free] {
        let running = start(pod, &[])?;
        let cgroup = cgroup(sleeper(&running, "1073")?)?;
        let count = |word: &str| -> i64 {
            let text = fs::read_to_string(cgroup.join("cpu.stat")).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' ')?.parse().ok());
            line.unwrap_or(0)
        };
        let before = count("usage_usec");
        std::thread::sleep(Duration::from_millis(1500));
        used.push((count("usage_usec") - before, count("nr_throttled")));
        end(running)?;
    }
    let [(slow, throttled), (fast, never)] = used[..] else { return Err(Failure::grader("two runs")) };
    podcheck::expect("CPU time in 1.5 s with a limit of 100m, in ms", "200 at most", slow <= 200_000, slow / 1000)?;
    podcheck::expect("how often it was throttled", "at least 5 times", throttled >= 5, throttled)?;
    podcheck::expect(
        "CPU time in 1.5 s without a limit, in ms",
        "more than with it",
        fast > slow + 100_000,
        fast / 1000,
    )?;
    podcheck::expect("how often the one without was throttled", 0, never == 0, never)
}

/// Neither after an end, nor after SIGKILL and one more run.
pub fn no_cgroup_is_left() -> Result {
    delegated()?;
    let running = start(&two(), &[])?;
    let first = cgroup(sleeper(&running, "1071")?)?;
    podcheck::expect("the container's cgroup while it runs", "a directory", first.is_dir(), first.display())?;
    end(running)?;
    podcheck::expect("the container's cgroup afterwards", "no directory", !first.exists(), first.display())?;
    let root = first.ancestors().nth(4).unwrap_or(&first);
    podcheck::expect("what held all of the run's cgroups", "no directory", !root.exists(), root.display())?;
    let running = start(&two(), &[])?;
    let second = cgroup(sleeper(&running, "1071")?)?;
    let sleeper = sleeper(&running, "1071")?;
    kill(i32::try_from(running.id()).unwrap_or_default(), Signal::SIGKILL)?;
    let ran = running.wait(Duration::from_secs(5))?;
    ran.expect("the exit status of a runner that was killed", 137, ran.code() == 137, ran.code())?;
    wait_until(Duration::from_secs(3), || !sleeper.is_alive());
    podcheck::expect("a process of the pod whose runner was killed", "gone", !sleeper.is_alive(), sleeper.command())?;
    delegated()?;
    let gone = wait_until(Duration::from_secs(2), || !second.exists());
    podcheck::expect(
        "its cgroup, after one more run",
        "no directory",
        gone,
        text_of(&second.display().to_string().into()),
    )
}
