//! A program that is running, to be watched and signalled. Ended when dropped.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus, Output};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::cli::machine_factor;
use crate::output::{LIMIT, Stream};
use crate::ran::Ran;
use crate::report::{Failure, Result};
use crate::shown::last_lines;

/// A started program. Made by [`crate::Cli::spawn`].
pub struct Running {
    pub(crate) child: Child,
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
    pub(crate) reproduce: String,
    pub(crate) started: Instant,
    /// How much of stdout `wait_for_line` has looked at.
    pub(crate) seen: usize,
    /// Keeps the manifest's file in place while the program runs.
    pub(crate) _dir: Option<tempfile::TempDir>,
}

impl Running {
    /// The process the check started. It leads a process group of its own.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What stdout holds so far.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout.bytes()).into_owned()
    }

    /// What stderr holds so far.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.bytes()).into_owned()
    }

    /// A failure that says how to reproduce this run.
    pub fn failure(
        &self,
        what: impl std::fmt::Display,
        expected: impl std::fmt::Display,
        observed: impl std::fmt::Display,
    ) -> Failure {
        Failure::new(what, expected, observed).reproduce(&self.reproduce)
    }

    /// Waits for the next line of stdout (after those already waited for) that satisfies `is`.
    pub fn wait_for_line(&mut self, what: &str, timeout: Duration, is: impl Fn(&str) -> bool) -> Result<String> {
        let until = Instant::now() + timeout.mul_f64(machine_factor());
        loop {
            let (lines, end) = self.stdout.lines_from(self.seen);
            let mut at = self.seen;
            for line in lines {
                at += line.len() + 1;
                if is(&line) {
                    self.seen = at.min(end);
                    return Ok(line);
                }
            }
            self.seen = end;
            let ended = self.stdout.ended();
            if ended && self.stdout.lines_from(self.seen).0.is_empty() {
                self.expect_started()?;
                return Err(self.failure(
                    what,
                    "such a line on standard output",
                    self.tail("the runner ended before that"),
                ));
            }
            if Instant::now() >= until {
                let waited = format!("nothing after {} s", timeout.as_secs_f32());
                return Err(self.failure(what, "such a line on standard output", self.tail(&waited)));
            }
            self.stdout.wait_for_more(self.seen, until);
        }
    }

    /// Waits for the next JSON line that satisfies `is` (for `--format json`).
    pub fn wait_for_json(&mut self, what: &str, timeout: Duration, is: impl Fn(&Value) -> bool) -> Result<Value> {
        let line =
            self.wait_for_line(what, timeout, |line| serde_json::from_str(line).is_ok_and(|value| is(&value)))?;
        serde_json::from_str(&line).map_err(|error| self.failure(what, "JSON", error))
    }

    /// Sends a signal to the process that was started (not to its children).
    pub fn signal(&self, signal: Signal) -> Result {
        kill(self.pid(), signal).map_err(|errno| {
            let what = format!("send {signal} to the running program");
            self.failure(what, "a running program", errno)
        })
    }

    /// Whether it has ended, without waiting.
    pub fn try_wait(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until it ends by itself; longer than `timeout` is a failure.
    pub fn wait(mut self, timeout: Duration) -> Result<Ran> {
        let until = Instant::now() + timeout.mul_f64(machine_factor());
        let mut pause = Duration::from_micros(200);
        let status = loop {
            if self.stdout.over() || self.stderr.over() {
                let most = LIMIT >> 20;
                return Err(self.failure(
                    "the amount of output",
                    format!("less than {most} MiB"),
                    format!("more than {most} MiB; it was stopped"),
                ));
            }
            if let Some(status) = self.try_wait() {
                break status;
            }
            if Instant::now() >= until {
                return Err(self.failure(
                    "the program's end",
                    format!("within {} s", timeout.as_secs_f32()),
                    self.tail("still running; it was stopped"),
                ));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(10));
        };
        self.expect_started()?;
        let output = self.finish(status);
        Ok(Ran::new(output, self.started.elapsed(), self.reproduce.clone()))
    }

    /// Kills it and everything in its process group, and returns what it had printed.
    pub fn kill(mut self) -> Ran {
        let status = self.end();
        let output = self.finish(status);
        Ran::new(output, self.started.elapsed(), self.reproduce.clone())
    }

    fn finish(&self, status: ExitStatus) -> Output {
        let moment = Duration::from_millis(300);
        self.stdout.settle(moment);
        self.stderr.settle(moment);
        Output { status, stdout: self.stdout.bytes(), stderr: self.stderr.bytes() }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    fn end(&mut self) -> ExitStatus {
        if let Some(status) = self.try_wait() {
            return status;
        }
        // The process is not reaped yet, so its number cannot have gone to another one.
        let _ = nix::sys::signal::killpg(self.pid(), Signal::SIGKILL);
        let _ = self.child.kill();
        self.child.wait().unwrap_or_else(|_| ExitStatus::from_raw(Signal::SIGKILL as i32))
    }

    /// podkit's panic hook says which `todo!()` was met: that is the failure, whatever
    /// the check was waiting for.
    pub fn expect_started(&mut self) -> Result {
        self.stderr.settle(Duration::from_millis(100));
        let stderr = self.stderr();
        match crate::cli::not_started(&stderr) {
            Some(line) if self.try_wait().is_none_or(|it| it.code() == Some(70)) => Err(self.failure(line, "", "")),
            _ => Ok(()),
        }
    }

    /// `reason`, and the last lines of what was printed.
    pub fn tail(&self, reason: &str) -> String {
        let mut text = reason.to_string();
        for (name, printed) in [("stdout", self.stdout()), ("stderr", self.stderr())] {
            let last = last_lines(&printed, 5);
            if !last.is_empty() {
                text = format!("{text}\nlast on {name}:\n  {}", last.join("\n  "));
            }
        }
        text
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
