//! One grading in a process of its own.
//!
//! It is `cargo xtask grade` with the terminal for its report, and in a process group of its
//! own, so that a newer save can end it as Ctrl-C would: the compiler is killed, the
//! supervisors clean up after their checks. And whatever the reader's code does to its
//! grader, the watch and the open page outlive it.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value;

use crate::dirs;
use crate::grade::Request;

/// How often to look whether it has ended, or should.
const LOOK: Duration = Duration::from_millis(4);

/// How long one that is told to end may take to clean up.
const GRACE: Duration = Duration::from_secs(5);

/// Grades these chapters (or tasks). Null when it was given up.
pub fn grade(root: &Path, request: &Request, names: &BTreeSet<String>, give_up: impl Fn() -> bool) -> Result<Value> {
    let file = dirs::cache(root)?.join(format!("watch-{}.json", std::process::id()));
    let _ = std::fs::remove_file(&file);
    // This program, even if its file has been replaced meanwhile.
    let mut command = Command::new("/proc/self/exe");
    command.arg("--root").arg(root).arg("grade").args(names).arg("--json-to").arg(&file);
    if request.skip_ahead {
        command.arg("--skip-ahead");
    }
    if request.jobs > 0 {
        command.args(["--jobs", &request.jobs.to_string()]);
    }
    command.stdin(Stdio::null()).process_group(0);
    // If the watch is killed, nobody is left to read the report.
    let dies_with_the_watch = || Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGTERM)?);
    // SAFETY: prctl is one system call, which is all that is made between fork and exec.
    unsafe { command.pre_exec(dies_with_the_watch) };
    let status = wait(command.spawn().context("failed to start the grader")?, &give_up);
    let text = std::fs::read_to_string(&file);
    let _ = std::fs::remove_file(&file);
    if give_up() {
        return Ok(Value::Null);
    }
    match text {
        Ok(text) => serde_json::from_str(&text).context("the grader's report"),
        Err(_) => bail!("the grader ended early ({})", status?),
    }
}

/// Waits for its end; hastens it when it is of no use any more.
fn wait(mut child: Child, give_up: &impl Fn() -> bool) -> Result<ExitStatus> {
    let group = Pid::from_raw(child.id().cast_signed());
    let mut told: Option<Instant> = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        match told {
            None if give_up() => {
                told = Some(Instant::now());
                let _ = killpg(group, Signal::SIGTERM);
            }
            Some(since) if since.elapsed() > GRACE => {
                let _ = killpg(group, Signal::SIGKILL);
            }
            _ => {}
        }
        std::thread::sleep(LOOK);
    }
}
