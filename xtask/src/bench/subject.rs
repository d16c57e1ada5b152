//! What is measured: from the start of a command until both programs have said `up`.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

/// One way to run the pod.
pub trait Subject {
    fn name(&self) -> &str;

    /// Runs it once, and leaves nothing behind.
    fn once(&mut self) -> anyhow::Result<Duration>;
}

/// The runner of the newest chapter.
pub struct Runner {
    pub program: PathBuf,
    pub manifest: PathBuf,
    pub image: PathBuf,
}

impl Subject for Runner {
    fn name(&self) -> &str {
        "runner: run pod.yaml"
    }

    fn once(&mut self) -> anyhow::Result<Duration> {
        let image = format!("localhost/peas-bench:latest={}", self.image.display());
        let mut command = Command::new(&self.program);
        command.arg("run").arg(&self.manifest).args(["--image", &image]);
        until_both_up(command)
    }
}

/// The same system calls in a row, and nothing else.
pub struct Bare {
    pub program: PathBuf,
    pub image: PathBuf,
}

impl Subject for Bare {
    fn name(&self) -> &str {
        "bare: the same system calls"
    }

    fn once(&mut self) -> anyhow::Result<Duration> {
        let mut command = Command::new(&self.program);
        command.arg(&self.image);
        until_both_up(command)
    }
}

/// The least that starting any program costs here.
pub struct Floor;

impl Subject for Floor {
    fn name(&self) -> &str {
        "one fork, exec and wait"
    }

    fn once(&mut self) -> anyhow::Result<Duration> {
        let start = Instant::now();
        Command::new("/bin/true").status().context("starting /bin/true")?;
        Ok(start.elapsed())
    }
}

fn until_both_up(mut command: Command) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("starting {command:?}"))?;
    let stdout = child.stdout.take().context("the command has no output")?;
    let up = BufReader::new(stdout).lines().map_while(Result::ok).filter(|line| line.ends_with("up")).take(2).count();
    let time = start.elapsed();
    // Everything of the pod dies with it.
    child.kill().context("ending the command")?;
    child.wait().context("ending the command")?;
    ensure!(up == 2, "{command:?} ended before both programs ran");
    Ok(time)
}
