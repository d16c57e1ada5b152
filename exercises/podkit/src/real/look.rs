//! Probes of real containers: a command in the container, or a question put from the node into
//! the pod's network.
//!
//! Each look is a process of its own. So a server that never answers, or answers a byte a
//! minute, or sends without end, costs nothing but that process: it is killed when its time is over.

use std::os::fd::{AsFd, OwnedFd};

use nix::sched::{CloneFlags, setns};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::capture::Capture;
use super::hooks::start_exec;
use super::program::Program;
use crate::cli::NOT_STARTED;
use crate::engine::{Answer, Exit, Happened, ProbeKind};
use crate::pod::{Container, Probe};
use crate::runner::{Probes, Question};
use crate::runtime::{Runtime, Sandbox};
use crate::sys;
use crate::time::Time;

/// As much of a message is kept as fits the pipe whole.
const MESSAGE: usize = 1 << 10;
/// A question that cannot be put is tried this often, at once.
const TRIES: usize = 3;

/// A look that is not over.
pub struct Look {
    pub container: String,
    pub kind: ProbeKind,
    pub attempt: u32,
    /// When its time is over.
    pub deadline: Time,
    run: Run,
}

enum Run {
    Command {
        pid: Pid,
        output: Capture,
    },
    Question {
        pid: Pid,
        output: Capture,
    },
    /// It could not even start.
    Not(String),
}

/// What a look needs to know of the pod.
pub struct Pod<'a> {
    pub runtime: Runtime,
    pub sandbox: Option<&'a Sandbox>,
    pub program: Option<&'a Program>,
    pub ip: &'a str,
    /// What an exec probe runs.
    pub command: Option<Vec<String>>,
}

impl Look {
    pub fn start(
        probes: Probes,
        pod: &Pod,
        container: &Container,
        (kind, probe): (ProbeKind, &Probe),
        (attempt, deadline): (u32, Time),
    ) -> Look {
        let started = match (pod.sandbox, pod.program, &pod.command) {
            (Some(sandbox), Some(program), Some(command)) => {
                let start = |_| start_exec(pod.runtime, sandbox, program, command);
                let mut tries = (0..TRIES - 1).map(start);
                let started = tries.find(Result::is_ok).unwrap_or_else(|| start(TRIES));
                started.map(|(pid, output)| Run::Command { pid, output })
            }
            (Some(sandbox), _, None) => ask(probes, sandbox, &Question { container, probe, pod_ip: pod.ip }),
            _ => Err("the container is not running".into()),
        };
        let run = started.unwrap_or_else(Run::Not);
        Look { container: container.name.clone(), kind, attempt, deadline, run }
    }

    /// When there is something to do about it without a process telling.
    pub fn due(&self, now: Time) -> Time {
        match self.run {
            Run::Not(_) => now,
            _ => self.deadline,
        }
    }

    pub fn output(&mut self) -> Option<&mut Capture> {
        match &mut self.run {
            Run::Command { output, .. } | Run::Question { output, .. } => Some(output),
            Run::Not(_) => None,
        }
    }

    pub fn fd(&self) -> Option<&OwnedFd> {
        match &self.run {
            Run::Command { output, .. } | Run::Question { output, .. } => output.is_open().then_some(output.fd()),
            Run::Not(_) => None,
        }
    }

    pub fn is_process(&self, wanted: Pid) -> bool {
        matches!(self.run, Run::Command { pid, .. } | Run::Question { pid, .. } if pid == wanted)
    }

    /// What it found. `exit` is that of its process; `None`: its time is over.
    pub fn answer(mut self, probes: Probes, exit: Option<Exit>) -> Happened {
        if exit.is_none() {
            self.end();
        }
        if let Some(output) = self.output() {
            output.read();
        }
        if let (Run::Question { .. }, Some(Exit::Code(NOT_STARTED))) = (&self.run, exit) {
            // It has said which task. A runner that is not written yet runs nothing.
            std::process::exit(NOT_STARTED);
        }
        let answer = match (self.run, exit) {
            (Run::Not(message), _) => Answer::Error(message),
            (Run::Command { output, .. }, exit) => (probes.exec)(exit, &output.text()),
            (Run::Question { .. }, None) => Answer::Failure("timeout: no answer in time".into()),
            (Run::Question { output, .. }, Some(exit)) => serde_json::from_str(&output.text())
                .unwrap_or_else(|_| Answer::Error(format!("the probe's process ended with {}", exit.code()))),
        };
        Happened::ProbeEnded { container: self.container, probe: self.kind, attempt: self.attempt, answer }
    }

    /// Ends it: nobody wants to know any more.
    pub fn end(&self) {
        if let Run::Command { pid, .. } = self.run {
            // What the command has started ends with it: a program in a container begins a session, and so a
            // group of its own. (containerd kills the command alone, and its children go on.)
            let _ = killpg(pid, Signal::SIGKILL);
        }
        if let Run::Command { pid, .. } | Run::Question { pid, .. } = self.run {
            let _ = kill(pid, Signal::SIGKILL);
        }
    }
}

/// Starts a child of the node that enters the pod's network and asks from there: no tool
/// inside the image is needed.
fn ask(probes: Probes, sandbox: &Sandbox, question: &Question) -> Result<Run, String> {
    let (output, writer) = Capture::create().map_err(|errno| errno.to_string())?;
    match sys::clone(CloneFlags::empty()) {
        Err(errno) => Err(format!("clone: {errno}")),
        Ok(Some(pid)) => Ok(Run::Question { pid, output }),
        Ok(None) => {
            let answer = match setns(sandbox.pidfd.as_fd(), CloneFlags::CLONE_NEWNET) {
                Ok(()) => {
                    let mut tries = (0..TRIES - 1).map(|_| (probes.ask)(question));
                    let put = tries.find(|answer| !matches!(answer, Answer::Error(_)));
                    put.unwrap_or_else(|| (probes.ask)(question))
                }
                Err(errno) => Answer::Error(format!("setns into the pod's network: {errno}")),
            };
            let text = serde_json::to_vec(&answer.cut(MESSAGE)).unwrap_or_default();
            let _ = nix::unistd::write(writer.as_fd(), &text);
            sys::exit_now(0)
        }
    }
}
